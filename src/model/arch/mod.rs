//! Model families: one file each, names and quirks only.

mod bitnet;
mod bloom;
mod ernie4_5;
mod exaone4;
mod gemma;
mod gemma2;
mod gemma3;
mod gguf;
mod gpt2;
mod gpt_neo;
mod gpt_neox;
mod granite;
mod granite4;
mod hunyuan;
mod lfm2;
mod llama;
mod llama4;
pub mod minicpm;
mod mistral;
mod olmo2;
mod opt;
mod phi;
mod phi3;
mod qwen2;
mod qwen3;
mod smollm3;
mod stablelm;

use super::config::Config;
use super::fields::Fields;
use crate::error::{Error, Result};
use serde_json::{Map, Value};

/// Every family, in the order of the catalog.
pub const FAMILIES: &[&Family] = &[
    &llama::FAMILY,
    &llama4::FAMILY,
    &mistral::FAMILY,
    &qwen2::FAMILY,
    &qwen3::FAMILY,
    &smollm3::FAMILY,
    &phi::FAMILY,
    &phi3::FAMILY,
    &gemma::FAMILY,
    &gemma2::FAMILY,
    &gemma3::FAMILY,
    &granite::FAMILY,
    &granite4::FAMILY,
    &bitnet::FAMILY,
    &minicpm::FAMILY,
    &olmo2::FAMILY,
    &stablelm::FAMILY,
    &ernie4_5::FAMILY,
    &exaone4::FAMILY,
    &hunyuan::FAMILY,
    &lfm2::FAMILY,
    &opt::FAMILY,
    &gpt2::FAMILY,
    &gpt_neo::FAMILY,
    &gpt_neox::FAMILY,
    &bloom::FAMILY,
];

/// What distinguishes one family.
#[derive(Debug)]
pub struct Family {
    pub name: &'static str,
    pub title: &'static str,
    /// `model_type` in config.json.
    pub model_type: &'static str,
    /// `general.architecture` in GGUF; none where it goes by another family's name.
    pub gguf: Option<&'static str>,
    /// What config.json calls the fields that others call by the common name: `(common, own)`.
    pub fields: &'static [(&'static str, &'static str)],
    /// The class of transformers, in `architectures` of config.json.
    pub architecture: &'static str,
    /// Reads config.json.
    pub config: fn(Fields) -> Result<Config>,
    /// Changes the fields of any decoder to those of config.json, under common names.
    pub write: fn(&Config, &mut Map<String, Value>),
    pub tensors: TensorNames,
}

/// Names of tensors in the file. Those of a block follow `block`, the block's number and a dot; norms and linear
/// layers end in `.weight` and `.bias`.
#[derive(Debug, Clone, Copy)]
pub struct TensorNames {
    /// A beginning that some files leave out.
    pub base: &'static str,
    pub embedding: &'static str,
    pub embedding_norm: Option<&'static str>,
    pub positions: Option<&'static str>,
    pub block: &'static str,
    pub norm: &'static str,
    pub head: &'static str,
    pub input_norm: Option<&'static str>,
    pub query: &'static str,
    pub key: &'static str,
    pub value: &'static str,
    /// Between attention and the output projection, as wide as all queries.
    pub attended_norm: Option<&'static str>,
    pub output: &'static str,
    pub query_norm: Option<&'static str>,
    pub key_norm: Option<&'static str>,
    pub output_norm: Option<&'static str>,
    /// Without one, the feed-forward part of a parallel block reads what attention reads.
    pub post_norm: Option<&'static str>,
    pub gate: Option<&'static str>,
    pub up: &'static str,
    /// Between the activation and the down projection, as wide as the feed-forward part is inside.
    pub inner_norm: Option<&'static str>,
    pub down: &'static str,
    pub down_norm: Option<&'static str>,
    /// Where queries, keys and values are one matrix.
    pub query_key_value: Option<Fused>,
    /// Where gate and up projection are one matrix.
    pub gate_up: Option<Fused>,
    /// What layers have that are convolutions.
    pub convolution: Option<ConvolutionNames>,
    /// Whether matrices are `[in_features, out_features]`.
    pub transposed: bool,
    /// Whether neighbours of a head are turned against one another, not its first half against the second; the rows of
    /// queries and keys are put in order when they are read.
    pub interleaved: bool,
    /// The same for GGUF files of the family.
    pub interleaved_in_gguf: bool,
}

/// Names of what a layer has in the place of attention.
#[derive(Debug, Clone, Copy)]
pub struct ConvolutionNames {
    /// The matrix that holds the three layers that read the block's input, the rows of one after those of the other.
    pub input: &'static str,
    /// Those layers by the names that reports call them, in the order of the matrix.
    pub parts: [&'static str; 3],
    pub kernel: &'static str,
    pub output: &'static str,
}

impl TensorNames {
    /// The names of a layer: of what stands there, attention or a convolution.
    #[must_use]
    pub fn of_layer(&self, config: &Config, layer: usize) -> Self {
        let convolution = self
            .convolution
            .filter(|_| config.convolution_layers[layer]);
        let Some(ConvolutionNames {
            input,
            parts: [query, key, value],
            output,
            ..
        }) = convolution
        else {
            return Self {
                convolution: None,
                ..*self
            };
        };
        Self {
            query,
            key,
            value,
            attended_norm: None,
            output,
            query_norm: None,
            key_norm: None,
            query_key_value: Some(Fused {
                name: input,
                by_head: false,
            }),
            convolution,
            interleaved: false,
            ..*self
        }
    }
}

/// Linear layers that a file holds as one matrix, the rows of one after those of the other. The parts have names of
/// their own, by which reports call them.
#[derive(Debug, Clone, Copy)]
pub struct Fused {
    pub name: &'static str,
    /// Whether the rows of all parts follow one another head by head.
    pub by_head: bool,
}

/// The family of a config.json, by its `model_type`.
pub fn family(fields: &Fields) -> Result<&'static Family> {
    let found = fields.text("model_type");
    FAMILIES
        .iter()
        .copied()
        .find(|family| family.model_type == found)
        .ok_or_else(|| Error::UnknownFamily {
            found: match nearest(found) {
                _ if found.is_empty() => "(none)".into(),
                Some(family) => format!("{found} (the nearest that is read is {})", family.title),
                None => found.into(),
            },
            known: FAMILIES
                .iter()
                .map(|family| family.model_type)
                .collect::<Vec<_>>()
                .join(", "),
        })
}

/// The family whose name shares the most letters with the beginning of another, at least three.
fn nearest(found: &str) -> Option<&'static Family> {
    let shared = |family: &&&Family| {
        let pairs = family.model_type.bytes().zip(found.bytes());
        pairs.take_while(|(one, other)| one == other).count()
    };
    let best = FAMILIES.iter().rev().max_by_key(shared)?;
    (shared(&best) >= 3).then_some(best)
}

impl Family {
    /// Reads config.json.
    pub fn read(&self, fields: &Fields) -> Result<Config> {
        (self.config)(fields.named(self.fields))
    }
}

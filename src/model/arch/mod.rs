//! Model families: one file each, names and quirks only.

mod gemma2;
mod gemma3;
mod gguf;
mod gpt2;
mod gpt_neox;
mod llama;
mod mistral;
mod phi3;
mod qwen2;
mod qwen3;

use super::config::Config;
use super::fields::Fields;
use crate::error::{Error, Result};
use serde_json::{Map, Value};

/// Every family, in the order of the catalog.
pub const FAMILIES: &[&Family] = &[
    &llama::FAMILY,
    &mistral::FAMILY,
    &qwen2::FAMILY,
    &qwen3::FAMILY,
    &phi3::FAMILY,
    &gemma2::FAMILY,
    &gemma3::FAMILY,
    &gpt2::FAMILY,
    &gpt_neox::FAMILY,
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
    pub positions: Option<&'static str>,
    pub block: &'static str,
    pub norm: &'static str,
    pub head: &'static str,
    pub input_norm: &'static str,
    pub query: &'static str,
    pub key: &'static str,
    pub value: &'static str,
    pub output: &'static str,
    pub query_norm: Option<&'static str>,
    pub key_norm: Option<&'static str>,
    pub output_norm: Option<&'static str>,
    pub post_norm: &'static str,
    pub gate: Option<&'static str>,
    pub up: &'static str,
    pub down: &'static str,
    pub down_norm: Option<&'static str>,
    /// Where queries, keys and values are one matrix.
    pub query_key_value: Option<Fused>,
    /// Where gate and up projection are one matrix.
    pub gate_up: Option<Fused>,
    /// Whether matrices are `[in_features, out_features]`.
    pub transposed: bool,
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
            found: if found.is_empty() { "(none)" } else { found }.to_owned(),
            known: FAMILIES
                .iter()
                .map(|family| family.model_type)
                .collect::<Vec<_>>()
                .join(", "),
        })
}

impl Family {
    /// Reads config.json.
    pub fn read(&self, fields: &Fields) -> Result<Config> {
        (self.config)(fields.named(self.fields))
    }
}

//! How much memory a model needs, known before its weights are there.

use super::folder::Folder;
use super::reader::Reader;
use super::source::Source;
use crate::error::Result;
use crate::model::vocabulary_bytes;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a model needs, in bytes of memory.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Fit {
    pub family: &'static str,
    /// Weights of the layers that methods compress.
    pub linear_parameters: u64,
    /// Weights of embedding, positions and head.
    pub other_parameters: u64,
    /// Of all tensors, norms and biases included, as they are held.
    pub linear_bytes: u64,
    pub other_bytes: u64,
    /// What the vocabulary takes, about.
    pub tokenizer_bytes: u64,
    /// The most that loading takes in the browser: program, tokenizer, weights, and what is held meanwhile.
    pub loading_bytes: u64,
    /// Keys and values of one token.
    pub cache_bytes_per_token: u64,
    /// The most that one pass needs at a time, for hidden states, logits and the layer that is being compressed.
    pub working_bytes: u64,
}

impl Fit {
    /// Everything as it is held in memory.
    #[must_use]
    pub fn dense_bytes(&self) -> u64 {
        self.linear_bytes + self.other_bytes
    }

    /// The same with the linear layers at `bits` bits, and a scale in f16 and a zero point for each `group_size` weights.
    #[must_use]
    pub fn compressed_bytes(&self, bits: u64, group_size: u64) -> u64 {
        let groups = self.linear_parameters / group_size.max(1);
        let bits = (self.linear_parameters + groups).saturating_mul(bits);
        bits / 8 + 2 * groups + self.other_bytes
    }
}

/// What the module takes before it has read anything, its stack included (measured in Chromium).
const PROGRAM: u64 = 2_500_000;
/// The longest piece of a file that is read at a time.
const PIECE: u64 = 1 << 20;
/// Tokens that run together at most, and logits that are alive at a time.
const TOKENS: u64 = 512;
const LOGITS: u64 = 1 << 22;

/// What a model needs, from config.json and the beginnings of its files; an error says which bytes are wanted.
pub fn fit<S: Source>(files: &BTreeMap<String, S>) -> Result<Fit> {
    let folder = Folder::new(files)?;
    let opened = folder.open()?;
    let family = opened.family;
    let merges = opened.merges();
    let [tokenizer, text] = ["tokenizer.json", "tokenizer.model"].map(|name| folder.0.get(name));
    let text = tokenizer.or(text).map_or(0, |file| file.size);
    let reader = Reader::new(opened.tensors, opened.config, family);
    let config = &reader.config;
    let sizes = reader.sizes()?;
    let tokens = config.vocab_size as u64;
    let merges = merges.unwrap_or(2 * tokens);
    let tokenizer = vocabulary_bytes(tokens, merges);
    let weights = sizes.memory_bytes();
    // The tokenizer is read first: its text, and its merges as pairs of texts, are gone when the weights come.
    let meanwhile = text + merges * size_of::<[(String, u64); 2]>() as u64;
    let widest = config.intermediate_size.max(config.hidden_size) as u64;
    let hidden = config.hidden_size as u64;
    Ok(Fit {
        family: family.title,
        linear_parameters: sizes.linears.parameters,
        other_parameters: sizes.tables.parameters,
        linear_bytes: sizes.linears.memory_bytes,
        other_bytes: sizes.tables.memory_bytes + sizes.vector_bytes,
        tokenizer_bytes: tokenizer,
        loading_bytes: PROGRAM + tokenizer + (weights + sizes.largest.min(PIECE)).max(meanwhile),
        cache_bytes_per_token: 8
            * config.num_hidden_layers as u64
            * (config.num_key_value_heads * config.head_dim) as u64,
        // Logits; a dozen tensors of a pass; a layer as f32 twice, the triangle of its Gram matrix and a square in f64, and a factor in f32.
        working_bytes: LOGITS.max(config.vocab_size as u64) * 4
            + 12 * TOKENS * widest * 4
            + 8 * widest * hidden
            + 16 * widest * widest,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Beginning, model};
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_model() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
        for name in [
            "llama_gqa",
            "qwen2",
            "phi3",
            "gemma3",
            "gpt2",
            "gpt2_relu",
            "gpt_neox",
        ] {
            let read = |file: &str| std::fs::read(folder.join(name).join(file)).expect("a file");
            let files = super::super::FILES.map(|file| (file.to_owned(), read(file)));
            let files = BTreeMap::from(files);
            let model = model(name, &files).expect("a model");
            let linear: usize = model
                .linears()
                .map(|linear| linear.weight.shape().iter().product::<usize>())
                .sum();
            let beginnings = files
                .iter()
                .filter(|(file, _)| *file != "tokenizer.json")
                .map(|(file, bytes)| {
                    let known = if file == "model.safetensors" {
                        8 + usize::from(bytes[0]) + 256 * usize::from(bytes[1])
                    } else {
                        bytes.len()
                    };
                    let beginning = Beginning {
                        bytes: bytes[..known].to_vec(),
                        size: bytes.len() as u64,
                    };
                    (file.clone(), beginning)
                });
            let fit = fit(&beginnings.collect()).expect("numbers");
            assert_eq!(fit.linear_parameters, linear as u64, "{name}");
            assert_eq!(fit.linear_bytes, model.linear_bytes() as u64, "{name}");
            let whole = (model.linear_bytes() + model.other_bytes()) as u64;
            assert_eq!(fit.dense_bytes(), whole, "{name}");
            assert!(fit.compressed_bytes(4, 32) < fit.dense_bytes());
        }
    }

    #[test]
    fn a_beginning_that_is_too_short_is_an_error() {
        let bytes = std::fs::read(
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/gpt2/config.json"),
        );
        let config = bytes.expect("a file");
        let size = config.len() as u64;
        let files = BTreeMap::from([
            (
                "config.json".to_owned(),
                Beginning {
                    bytes: config,
                    size,
                },
            ),
            (
                "model.safetensors".to_owned(),
                Beginning {
                    bytes: vec![0, 1, 0, 0, 0, 0, 0, 0],
                    size: 1 << 30,
                },
            ),
        ]);
        let error = fit(&files).expect_err("too short").to_string();
        assert!(error.contains("first 8 bytes"), "{error}");
    }
}

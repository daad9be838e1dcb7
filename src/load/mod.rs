//! Bytes to a [`Model`]. Every byte is untrusted: sizes are bounded before anything is allocated.

mod adapter;
mod ends;
mod fit;
mod folder;
mod gguf;
mod interface;
mod quantization;
mod reader;
mod safetensors;
mod sentencepiece;
mod sizes;
mod source;
mod spoken;
mod unused;
mod vocabulary;

use crate::error::Result;
use crate::model::Model;
use crate::weight::Floats;
use folder::Folder;
use gguf::Candidate;
use safetensors::Shards;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

pub use fit::{Fit, fit};
pub use interface::{INTERFACE_FILES, interface};
pub use source::{Beginning, Source};
pub(crate) use source::{File, bad};

/// The files of a model folder, by name without the folder.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The files that a plain model folder has.
pub const FILES: [&str; 3] = [CONFIG, WEIGHTS, TOKENIZER];

/// Files of more bytes than these are refused.
const LARGEST_CONFIG: u64 = 1 << 20;
const LARGEST_TOKENIZER: u64 = 1 << 26;

const CONFIG: &str = "config.json";
const WEIGHTS: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";
const TOKENIZER: &str = "tokenizer.json";
const PIECES: &str = "tokenizer.model";
/// What the peft library calls an adapter, and what it says of it.
const ADAPTER: &str = "adapter_model.safetensors";
const ADAPTER_CONFIG: &str = "adapter_config.json";
/// The files of an adapter, which change a model beside which they lie.
pub const ADAPTER_FILES: [&str; 2] = [ADAPTER_CONFIG, ADAPTER];
const TOKENIZER_CONFIG: &str = "tokenizer_config.json";
const TEMPLATE: &str = "chat_template.jinja";
const GENERATION: &str = "generation_config.json";

/// Small files beside weights and tokenizer that change what a model does.
const BESIDE: [&str; 3] = [TOKENIZER_CONFIG, TEMPLATE, GENERATION];

/// Whether a file of this name is of use to [`model`].
#[must_use]
pub fn is_wanted(name: &str) -> bool {
    let beside = quantization::BESIDE.iter().map(|(file, _)| file);
    let whole = [CONFIG, INDEX, TOKENIZER, PIECES, ADAPTER_CONFIG];
    let mut whole = whole.iter().chain(&BESIDE).chain(beside);
    whole.any(|wanted| wanted.eq_ignore_ascii_case(name))
        || ends_in(name, "safetensors")
        || ends_in(name, "gguf")
        || is_foreign(name)
}

/// Whether a file holds weights, by its name, in a form that is not read: it is only asked for to be named.
#[must_use]
pub fn is_foreign(name: &str) -> bool {
    const ENDINGS: [&str; 8] = ["bin", "pt", "pth", "ckpt", "h5", "msgpack", "onnx", "npz"];
    // What training leaves beside a model.
    const OTHERS: [&str; 5] = [
        "training_args",
        "optimizer",
        "scheduler",
        "rng_state",
        "scaler",
    ];
    ENDINGS.iter().any(|ending| ends_in(name, ending))
        && !OTHERS.iter().any(|start| name.starts_with(start))
}

fn ends_in(name: &str, extension: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|found| found.eq_ignore_ascii_case(extension))
}

/// Whether a file belongs to the model that the file `name` is a part of: `model-00002-of-00003.gguf` beside
/// `model-00001-of-00003.gguf`.
#[must_use]
pub fn is_beside(name: &str, other: &str) -> bool {
    gguf::is_beside(name, other)
}

/// One of several models in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModelChoice {
    /// What the model will be called.
    pub name: String,
    /// Its files: one, or all parts of one.
    pub files: Vec<String>,
    pub bytes: u64,
}

/// The models to choose from where a folder holds several (GGUF files); empty where there is nothing to choose. A folder
/// less the files of all choices but one is that one.
pub fn choices<S: Source>(files: &BTreeMap<String, S>) -> Result<Vec<ModelChoice>> {
    let candidates = Folder::new(files)?.candidates();
    if candidates.len() < 2 {
        return Ok(Vec::new());
    }
    let choice = |candidate: &Candidate| ModelChoice {
        name: candidate.name.clone(),
        files: candidate
            .files
            .iter()
            .map(|file| file.name.to_owned())
            .collect(),
        bytes: candidate.files.iter().map(|file| file.size).sum(),
    };
    Ok(candidates.iter().map(choice).collect())
}

/// Reads a model from the files of a Hugging Face folder, or from a GGUF file, one tensor after the other. A model from a
/// GGUF file is called as that file is.
pub fn model<S: Source>(name: &str, files: &BTreeMap<String, S>) -> Result<Model> {
    Folder::new(files)?.model(name)
}

/// Refuses a file that is clearly of another kind than its name says.
pub fn check(name: &str, bytes: &Vec<u8>) -> Result<()> {
    source::accidents::check(&File::new(name, bytes)?)
}

/// Every tensor of a safetensors file whose values are not whole numbers: its name, shape and values.
pub fn tensors(name: &str, bytes: &Vec<u8>) -> Result<Vec<(String, Vec<usize>, Floats)>> {
    Shards::open(File::new(name, bytes)?)?.floats()
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_named_with_what_is_there() {
        let files = Files::from([("README.md".to_owned(), Vec::new())]);
        let error = model("test", &files).expect_err("incomplete").to_string();
        assert!(
            error.contains("config.json is missing") && error.contains("README.md"),
            "{error}"
        );
    }
}

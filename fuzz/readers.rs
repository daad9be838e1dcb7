//! What is tried on arbitrary bytes, by the fuzz targets and by tests/untrusted.rs: none of it may panic.
#![allow(dead_code, reason = "a fuzz target uses one of them")]

use pressure_test::load::{self, Files};
use pressure_test::model::{Message, Role, Tokenizer};

const CONFIG: &[u8] = include_bytes!("corpus/config/llama");
const WEIGHTS: &[u8] = include_bytes!("corpus/safetensors/llama");
const GPTQ: &[u8] = include_bytes!("../tests/golden/quantized/gptq_symmetric/config.json");
const AWQ: &[u8] = include_bytes!("../tests/golden/quantized/awq/config.json");
const TOKENIZER: &[u8] = include_bytes!("corpus/tokenizer/bpe");

/// Reads a model of which one file is arbitrary; whether it is one does not matter.
fn read(files: &[(&str, &[u8])]) {
    let files = files
        .iter()
        .map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()));
    let files: Files = files.collect();
    let _ = load::fit(&files);
    if let Ok(model) = load::model("arbitrary", &files) {
        encode(&model.tokenizer);
        if let Some(template) = &model.chat_template {
            let spoken = [Role::System, Role::User].map(|role| Message {
                role,
                content: "Hello, <s> wörld\n 12".into(),
            });
            let _ = template.render(&spoken);
        }
    }
}

fn encode(tokenizer: &Tokenizer) {
    if let Ok(tokens) = tokenizer.encode("Hello, <s> wörld\n 12") {
        let _ = tokenizer.decode(&tokens);
    }
}

pub fn safetensors(data: &[u8]) {
    read(&[
        ("config.json", CONFIG),
        ("model.safetensors", data),
        ("tokenizer.json", TOKENIZER),
    ]);
    read(&[
        ("config.json", CONFIG),
        ("model.safetensors.index.json", data),
        ("a", WEIGHTS),
    ]);
}

/// Folders of two tools: what is arbitrary are the weights.
pub fn quantized(data: &[u8]) {
    for config in [GPTQ, AWQ] {
        read(&[
            ("config.json", config),
            ("model.safetensors", data),
            ("tokenizer.json", TOKENIZER),
        ]);
    }
}

pub fn gguf(data: &[u8]) {
    read(&[("a.gguf", data)]);
}

pub fn config(data: &[u8]) {
    read(&[
        ("config.json", data),
        ("model.safetensors", WEIGHTS),
        ("tokenizer.json", TOKENIZER),
    ]);
}

pub fn tokenizer(data: &[u8]) {
    if let Ok(tokenizer) = Tokenizer::from_bytes(data) {
        encode(&tokenizer);
    }
}

pub fn sentencepiece(data: &[u8]) {
    read(&[
        ("config.json", CONFIG),
        ("model.safetensors", WEIGHTS),
        ("tokenizer.model", data),
    ]);
}

pub fn beside(data: &[u8]) {
    for name in [
        "chat_template.jinja",
        "tokenizer_config.json",
        "generation_config.json",
    ] {
        read(&[
            ("config.json", CONFIG),
            ("model.safetensors", WEIGHTS),
            ("tokenizer.json", TOKENIZER),
            (name, data),
        ]);
    }
}

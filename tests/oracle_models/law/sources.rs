//! Every form in which a family comes.

use crate::formats::{compressed, golden, load, sharded};
use crate::gguf::{changed, without_extras};
use crate::gguf_rope::phi3_longrope;
use crate::gguf_writer::{File, gguf};
use crate::wide::{wide, with_pieces};
use crate::{goldens, read_folder};
use candle_core::quantized::GgmlDType;
use candle_core::quantized::gguf_file::Value;
use pressure_test::load::Files;
use pressure_test::model::Model;
use pressure_test::save;
use serde_json::{Value as Json, json};

const TEMPLATE: &str = "{% for m in messages %}{{ bos_token }}[{{ m.role }}] {{ m.content }}{{ eos_token }}{% endfor %}";

pub fn file(json: &Json) -> Vec<u8> {
    serde_json::to_vec(json).expect("JSON")
}

/// A golden folder with a chat template and an end of text that only one file knows.
pub fn folder(name: &str) -> Files {
    let mut files = read_folder(&golden(name));
    let config = json!({"chat_template": TEMPLATE, "bos_token": "a", "eos_token": "b"});
    files.insert("tokenizer_config.json".into(), file(&config));
    let mut config: Json = serde_json::from_slice(&files["config.json"]).expect("JSON");
    config["eos_token_id"] = json!([2, 7]);
    files.insert("config.json".into(), file(&config));
    files
}

pub fn names() -> Vec<String> {
    let name = |golden: crate::Golden| {
        let name = golden.folder.file_name().expect("a name");
        name.to_string_lossy().into_owned()
    };
    goldens().into_iter().map(name).collect()
}

/// A file of llama.cpp with a chat template and two ends of text.
fn with_template(mut file: File) -> Files {
    for (key, value) in [
        ("chat_template", Value::String(TEMPLATE.into())),
        ("ggml.bos_token_id", Value::U32(4)),
        ("ggml.eos_token_id", Value::U32(2)),
        ("ggml.eot_token_id", Value::U32(7)),
    ] {
        file.set(&format!("tokenizer.{key}"), value);
    }
    Files::from([("a.gguf".to_owned(), file.bytes())])
}

pub fn gguf_of(model: &Model, kind: GgmlDType) -> (String, Files) {
    let architecture = model.family.gguf.expect("a name");
    let file = gguf(model, architecture, kind);
    (format!("GGUF {kind:?}"), with_template(file))
}

/// A golden model as llama.cpp knows its family; `None` for those of which it does not know the windows.
pub fn in_gguf(name: &str) -> Option<Model> {
    match name {
        "mistral" | "qwen2_windows" | "opt" | "gpt_neo" | "granite4" | "llama4" | "bitnet" => None,
        "gemma3" => Some(changed(
            name,
            &[
                ("query_pre_attn_scalar", json!(16)),
                ("rope_local_base_freq", json!(10_000.0)),
                ("sliding_window_pattern", json!(6)),
            ],
        )),
        _ => Some(without_extras(name)),
    }
}

/// Every form in which a family comes, by name.
pub fn sources(name: &str) -> Vec<(String, Files)> {
    let mut sources = vec![
        ("folder".to_owned(), folder(name)),
        ("shards".to_owned(), sharded(&folder(name))),
    ];
    let kinds = [
        GgmlDType::F32,
        GgmlDType::F16,
        GgmlDType::Q8_0,
        GgmlDType::Q4_0,
        GgmlDType::Q4_1,
        GgmlDType::Q5_1,
    ];
    if let Some(model) = in_gguf(name) {
        sources.extend(kinds.map(|kind| gguf_of(&model, kind)));
    }
    let whole = load(&folder(name));
    for method in ["round_to_nearest", "wanda"] {
        let format = save::format("compressed_tensors").expect("a format");
        if let Ok(files) = format.write(&compressed(&whole, method)) {
            sources.push((format!("packed by {method}"), files));
        }
    }
    sources
}

/// Files of llama.cpp whose positions are stretched.
pub fn stretched() -> Vec<(String, Files)> {
    let llama = changed("llama_rope_llama3", &[]);
    let divisors: Vec<f32> = (0u8..8).map(|pair| 1.0 + f32::from(pair)).collect();
    let mut file = gguf(&llama, "llama", GgmlDType::F16);
    file.add("rope_freqs.weight", &divisors);
    let (_, longrope) = phi3_longrope();
    vec![
        ("rope_freqs".to_owned(), with_template(file)),
        ("longrope".to_owned(), with_template(longrope)),
    ]
}

/// The blocks of llama.cpp that need wide rows.
pub fn wide_sources() -> Vec<(String, Files)> {
    let wide = load(&wide(64));
    let kinds = [
        GgmlDType::Q2K,
        GgmlDType::Q3K,
        GgmlDType::Q4K,
        GgmlDType::Q5K,
        GgmlDType::Q6K,
    ];
    let kinds = kinds.map(|kind| gguf_of(&wide, kind)).into_iter();
    kinds
        .chain([("SentencePiece".to_owned(), with_pieces())])
        .collect()
}

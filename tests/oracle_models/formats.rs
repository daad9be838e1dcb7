//! The same model from files of other forms.

use super::{largest_difference, logits, model, read_folder};
use pressure_test::backend::Cpu;
use pressure_test::calibrate::{Calibration, Propagation};
use pressure_test::compress::{Chain, compress, no_pause};
use pressure_test::load::{self, Files};
use pressure_test::model::Model;
use pressure_test::save;
use serde_json::{Map, Value as Json, json};
use std::path::{Path, PathBuf};

/// Shorter than any window of the golden models.
pub const TOKENS: [u32; 4] = [1, 17, 40, 3];

pub fn golden(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("tests/golden").join(name)
}

pub fn load(files: &Files) -> Model {
    load::model("test", files).unwrap_or_else(|error| panic!("{error}"))
}

pub fn distance(a: &Model, b: &Model, tokens: &[u32]) -> f64 {
    let b: Vec<f64> = logits(b, tokens).into_iter().map(f64::from).collect();
    largest_difference(&logits(a, tokens), &b)
}

/// `‖a − b‖ / ‖b‖` of the logits of two models.
pub fn apart(a: &Model, b: &Model, tokens: &[u32]) -> f64 {
    let (a, b) = (logits(a, tokens), logits(b, tokens));
    let pairs = a.iter().zip(&b);
    let difference: f64 = pairs.map(|(a, b)| f64::from(a - b).powi(2)).sum();
    let whole: f64 = b.iter().map(|b| f64::from(*b).powi(2)).sum();
    (difference / whole).sqrt()
}

/// The most that logits of a packed model may be apart from those of the same weights as f32: quantized layers round their
/// inputs to 16 bits (docs/kernels.md).
pub const WHOLE_NUMBERS: f64 = 4e-4;

/// A safetensors file as its header and its data.
fn split(file: &[u8]) -> (Map<String, Json>, &[u8]) {
    let len = usize::from(file[0]) + 256 * usize::from(file[1]);
    let header = serde_json::from_slice(&file[8..8 + len]).expect("a header");
    (header, &file[8 + len..])
}

/// The tensors of a file, of which `keep` says so, as a file of their own.
fn shard(file: &[u8], keep: &dyn Fn(&str) -> bool) -> Vec<u8> {
    let (header, data) = split(file);
    let (mut kept, mut bytes) = (Map::new(), Vec::new());
    for (name, mut info) in header {
        if name == "__metadata__" || !keep(&name) {
            continue;
        }
        let place = |i: usize| usize::try_from(info["data_offsets"][i].as_u64().expect("a place"));
        let (start, end) = (place(0).expect("a place"), place(1).expect("a place"));
        let begin = bytes.len();
        bytes.extend(&data[start..end]);
        info["data_offsets"] = json!([begin, bytes.len()]);
        kept.insert(name, info);
    }
    let header = serde_json::to_vec(&kept).expect("JSON");
    [&(header.len() as u64).to_le_bytes()[..], &header, &bytes].concat()
}

/// The same folder with its weights in two files.
pub fn sharded(files: &Files) -> Files {
    let mut files = files.clone();
    let weights = files.remove("model.safetensors").expect("weights");
    let lower = |name: &str| name.contains("layers.0") || name.contains("embed");
    let map: Map<String, Json> = split(&weights)
        .0
        .into_iter()
        .filter(|(name, _)| name != "__metadata__")
        .map(|(name, _)| {
            let file = if lower(&name) {
                "a.safetensors"
            } else {
                "b.safetensors"
            };
            (name, file.into())
        })
        .collect();
    files.insert("a.safetensors".into(), shard(&weights, &lower));
    files.insert(
        "b.safetensors".into(),
        shard(&weights, &|name| !lower(name)),
    );
    let index = serde_json::to_vec(&json!({"weight_map": map})).expect("JSON");
    files.insert("model.safetensors.index.json".into(), index);
    files
}

#[test]
fn shards_are_one_model() {
    let whole = read_folder(&golden("gemma2"));
    let mut files = sharded(&whole);
    let whole = load(&whole);
    assert_eq!(distance(&load(&files), &whole, &TOKENS), 0.0);
    files.remove("b.safetensors");
    let error = load::model("test", &files)
        .expect_err("a shard is missing")
        .to_string();
    assert!(error.contains("b.safetensors is missing"), "{error}");
}

#[test]
fn names_without_their_beginning_are_found() {
    let mut files = read_folder(&golden("gpt2"));
    let whole = load(&files);
    let (header, data) = split(&files["model.safetensors"]);
    let short = header
        .into_iter()
        .map(|(name, info)| (name.replace("transformer.", ""), info));
    let header = serde_json::to_vec(&short.collect::<Map<_, _>>()).expect("JSON");
    let file = [&(header.len() as u64).to_le_bytes()[..], &header, data].concat();
    files.insert("model.safetensors".into(), file);
    assert_eq!(distance(&load(&files), &whole, &TOKENS), 0.0);
}

/// The same folder as the text part of a model that also sees, its tensors under other names.
fn seeing(files: &Files, rename: impl Fn(&str) -> String) -> Files {
    let mut files = files.clone();
    let (header, data) = split(&files["model.safetensors"]);
    let renamed = header.into_iter().map(|(name, info)| (rename(&name), info));
    let mut header: Map<String, Json> = renamed.collect();
    let patch = json!({"dtype": "F32", "shape": [1], "data_offsets": [data.len(), data.len() + 4]});
    header.insert("vision_tower.patch.weight".into(), patch);
    let data = &[data, &[0; 4]].concat()[..];
    let header = serde_json::to_vec(&header).expect("JSON");
    let file = [&(header.len() as u64).to_le_bytes()[..], &header, data].concat();
    let mut text: Json = serde_json::from_slice(&files["config.json"]).expect("JSON");
    let ends = text["eos_token_id"].take();
    text.as_object_mut().expect("fields").remove("eos_token_id");
    let config = json!({"model_type": "seeing", "text_config": text, "eos_token_id": ends});
    files.insert(
        "config.json".into(),
        serde_json::to_vec(&config).expect("JSON"),
    );
    files.insert("model.safetensors".into(), file);
    files
}

#[test]
fn the_text_part_of_a_model_that_also_sees_is_read() {
    let files = read_folder(&golden("llama_gqa"));
    let whole = load(&files);
    for (from, to) in [
        ("", "language_model."),
        ("model.", "model.language_model."),
        ("model.", "model.text_model."),
    ] {
        let files = seeing(&files, |name| match name.strip_prefix(from) {
            Some(rest) if name != "__metadata__" => format!("{to}{rest}"),
            _ => name.to_owned(),
        });
        let text = load(&files);
        assert_eq!(distance(&text, &whole, &TOKENS), 0.0, "{to}");
        assert_eq!(text.config, whole.config);
        assert!(text.notes[0].contains("vision_tower"), "{:?}", text.notes);
    }
}

#[test]
fn a_family_that_is_not_read_is_refused_with_the_nearest_one() {
    for (name, part) in [
        ("qwen3_moe", "nearest that is read is Qwen3)"),
        ("gemma3n_text", "nearest that is read is Gemma 3 (text))"),
        ("deepseek_v3", "deepseek_v3; supported"),
    ] {
        let mut files = read_folder(&golden("qwen3"));
        super::folders::change_config(&mut files, |config| config["model_type"] = name.into());
        let error = load::model("test", &files).expect_err(name).to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn fields_of_config_json_may_have_the_common_name() {
    let mut files = read_folder(&golden("bloom"));
    let right = load(&files);
    super::folders::change_config(&mut files, |config| {
        let fields = config.as_object_mut().expect("fields");
        for (own, other) in [
            ("n_head", "num_attention_heads"),
            ("n_layer", "num_hidden_layers"),
            ("hidden_size", "n_embed"),
        ] {
            let value = fields.remove(own).expect("a field");
            fields.insert(other.into(), value);
        }
    });
    assert_eq!(load(&files).config, right.config);
}

fn chain(method: &str) -> Chain {
    let settings = match method {
        "wanda" => json!({"sparsity": 0.5}),
        _ => json!({"bits": 4, "group_size": 32}),
    };
    Chain::new(method, settings.as_object().expect("an object")).expect("a method")
}

pub fn compressed(model: &Model, method: &str) -> Model {
    let vocab = u32::try_from(model.config.vocab_size).expect("small");
    let sequences = (0..8u32).map(|i| (0..24).map(|j| (i * 31 + j * j * 7 + 3) % vocab).collect());
    let calibration = Calibration {
        sequences: sequences.collect(),
        propagation: Propagation::Block,
    };
    let mut ignore = |_: &str, _, _| {};
    let chain = chain(method);
    let done = compress(model, Cpu, &chain, &calibration, &mut ignore, &no_pause);
    pollster::block_on(done)
        .unwrap_or_else(|error| panic!("{method}: {error}"))
        .0
}

#[test]
fn what_other_formats_cannot_hold_is_refused_with_a_sentence() {
    for (name, format, part) in [
        ("phi3", "compressed_tensors", "one matrix"),
        ("gpt2", "compressed_tensors", "one matrix"),
        ("gpt2_relu", "gguf", "activation"),
        ("mistral", "gguf", "window"),
        ("qwen2_windows", "gguf", "window"),
        ("gemma2", "gguf", "queries"),
        ("gemma3", "gguf", "window"),
    ] {
        let format = save::format(format).expect("a format");
        let error = format
            .write(&model(&golden(name)))
            .expect_err(name)
            .to_string();
        assert!(error.contains(part), "{name}: {error}");
    }
}

#[test]
#[cfg_attr(not(shared), ignore = "needs ../shared/tokenizers/llama-spm")]
fn a_sentencepiece_model_alone_tokenizes_as_sentencepiece_does() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = read_folder(&golden("llama_mha"));
    files.remove("tokenizer.json");
    let pieces = std::fs::read(root.join("../shared/tokenizers/llama-spm/tokenizer.model"));
    files.insert("tokenizer.model".into(), pieces.expect("a file"));
    let tokenizer = load(&files).tokenizer;
    let text = std::fs::read(golden("llama_spm.json")).expect("a file");
    let json: Json = serde_json::from_slice(&text).expect("JSON");
    let cases = json["cases"].as_array().expect("cases");
    assert!(cases.len() > 10);
    for case in cases {
        let text = case["text"].as_str().expect("a text");
        let ids: Vec<u32> = serde_json::from_value(case["ids"].clone()).expect("ids");
        let ours = tokenizer.encode(text).expect("tokens");
        assert_eq!(ours, [&[1], &ids[..]].concat(), "{text:?}");
        assert_eq!(
            tokenizer.decode(&ours).expect("text"),
            case["back"],
            "{ids:?}"
        );
        // Pieces of single bytes and the space in front included; of what its own normalizer changes there is no text.
        let whole = tokenizer.token_texts(&ours[1..]).into_iter();
        let whole: Vec<u8> = whole.flat_map(|text| text.bytes).collect();
        let back = case["back"].as_str().expect("a text");
        assert_eq!(
            String::from_utf8_lossy(&whole).trim_start(),
            back.trim_start(),
            "{ids:?}"
        );
        assert!(tokenizer.token_texts(&ours)[0].special);
    }
}

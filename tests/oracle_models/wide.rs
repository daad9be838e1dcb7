//! A model that is wide enough for the blocks of 256 that llama.cpp calls K-quants.

use super::formats::golden;
use super::read_folder;
use pressure_test::load::Files;
use serde_json::{Map, Value as Json, json};

const WIDTH: usize = 256;

/// Numbers between -0.1 and 0.1 that are the same on every run.
fn number(i: usize) -> f32 {
    ((i * 7919 + 13) % 2003) as f32 / 10_015.0 - 0.1
}

/// A field of a message of protocol buffers.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let len = u8::try_from(bytes.len()).expect("short");
    assert!(len < 128);
    [&[number << 3 | 2, len], bytes].concat()
}

/// A model of `SentencePiece`: BPE with bytes, letters and a few longer pieces.
fn pieces() -> Vec<u8> {
    const NORMAL: u8 = 1;
    let mut pieces = vec![
        ("<unk>".to_owned(), 2),
        ("<s>".to_owned(), 3),
        ("</s>".to_owned(), 3),
    ];
    pieces.extend((0..=255).map(|byte| (format!("<0x{byte:02X}>"), 6)));
    let longer = [
        "th",
        "the",
        "\u{2581}the",
        "in",
        "ing",
        "\u{2581}a",
        "an",
        "and",
        "\u{2581}and",
        "on",
        "ri",
    ];
    // In another order than their numbers.
    let longer = longer
        .iter()
        .rev()
        .map(|piece| ((*piece).to_owned(), NORMAL));
    pieces.extend(longer);
    let letters = ('a'..='z').chain(['\u{2581}', '.', ',']);
    pieces.extend(letters.map(|letter| (letter.to_string(), NORMAL)));
    let count = pieces.len();
    let mut model = Vec::new();
    for (i, (piece, kind)) in pieces.into_iter().enumerate() {
        let score: f32 = if kind == NORMAL {
            i as f32 - count as f32
        } else {
            0.0
        };
        let score = [&[2 << 3 | 5][..], &score.to_le_bytes()].concat();
        model.extend(field(
            1,
            &[field(1, piece.as_bytes()), score, vec![3 << 3, kind]].concat(),
        ));
    }
    // The kind is BPE.
    model.extend(field(2, &[3 << 3, 2]));
    model
}

/// The same with a tokenizer of `SentencePiece`.
pub fn with_pieces() -> Files {
    let mut files = wide(320);
    files.remove("tokenizer.json");
    files.insert("tokenizer.model".into(), pieces());
    files
}

/// A Llama of one layer, in f32.
pub fn wide(vocab: usize) -> Files {
    let mut files = read_folder(&golden("llama_f16"));
    let mut config: Json = serde_json::from_slice(&files["config.json"]).expect("JSON");
    for (field, value) in [
        ("hidden_size", WIDTH),
        ("intermediate_size", WIDTH),
        ("num_hidden_layers", 1),
    ] {
        config[field] = value.into();
    }
    config["tie_word_embeddings"] = false.into();
    config["vocab_size"] = vocab.into();
    let matrix = |rows: usize| vec![rows, WIDTH];
    let block = |name: &str| format!("model.layers.0.{name}");
    let tensors = [
        ("model.embed_tokens".to_owned(), matrix(vocab)),
        ("lm_head".to_owned(), matrix(vocab)),
        ("model.norm".to_owned(), vec![WIDTH]),
        (block("input_layernorm"), vec![WIDTH]),
        (block("post_attention_layernorm"), vec![WIDTH]),
        (block("self_attn.q_proj"), matrix(WIDTH)),
        (block("self_attn.k_proj"), matrix(WIDTH / 2)),
        (block("self_attn.v_proj"), matrix(WIDTH / 2)),
        (block("self_attn.o_proj"), matrix(WIDTH)),
        (block("mlp.gate_proj"), matrix(WIDTH)),
        (block("mlp.up_proj"), matrix(WIDTH)),
        (block("mlp.down_proj"), matrix(WIDTH)),
    ];
    let (mut header, mut data) = (Map::new(), Vec::new());
    for (name, shape) in tensors {
        let start = data.len();
        let count: usize = shape.iter().product();
        let offset = if shape.len() == 1 { 1.0 } else { 0.0 };
        data.extend((0..count).flat_map(|i| (offset + number(start + i)).to_le_bytes()));
        let info = json!({"dtype": "F32", "shape": shape, "data_offsets": [start, data.len()]});
        header.insert(format!("{name}.weight"), info);
    }
    let header = Json::Object(header).to_string().into_bytes();
    let file = [&(header.len() as u64).to_le_bytes()[..], &header, &data].concat();
    files.insert("model.safetensors".into(), file);
    files.insert("config.json".into(), config.to_string().into_bytes());
    files
}

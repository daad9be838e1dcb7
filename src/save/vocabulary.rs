//! The tokenizer of a model as GGUF has it.

use super::failed;
use super::gguf::{NAME, number, text};
use crate::error::{Error, Result};
use crate::model::Model;
use candle_core::quantized::gguf_file::Value;
use serde_json::Value as Json;

/// The tokenizer as llama.cpp has it: byte-level BPE as `gpt2`, BPE that falls back to bytes as `llama`.
pub fn tokenizer(model: &Model) -> Result<Vec<(String, Value)>> {
    let json: Json = serde_json::from_slice(&model.tokenizer.json()?)
        .map_err(|error| failed("model.gguf", &error))?;
    let bpe = &json["model"];
    if bpe["type"] != "BPE" {
        return Err(Error::Unsaveable {
            layer: "the tokenizer".into(),
            format: NAME,
            problem: format!("only BPE can be; it is {}", bpe["type"]),
        });
    }
    let bytes = bpe["byte_fallback"] == Json::Bool(true);
    let tokens = Tokens::new(&json, model.config.vocab_size);
    let mut metadata = vec![
        text("tokenizer.ggml.model", if bytes { "llama" } else { "gpt2" }),
        text("tokenizer.ggml.pre", pre_tokenizer(&json["pre_tokenizer"])),
        ("tokenizer.ggml.tokens".into(), Value::Array(tokens.texts)),
        (
            "tokenizer.ggml.token_type".into(),
            Value::Array(tokens.kinds),
        ),
    ];
    if bytes {
        // SentencePiece scores order the merges, as the numbers of the tokens do.
        let score = |i: u16| Value::F32(-f32::from(i));
        let scores =
            (0..model.config.vocab_size).map(|i| score(u16::try_from(i).unwrap_or(u16::MAX)));
        metadata.push((
            "tokenizer.ggml.scores".into(),
            Value::Array(scores.collect()),
        ));
    } else {
        let merges = bpe["merges"].as_array().map_or(&[][..], Vec::as_slice);
        let merge = |merge: &Json| match merge {
            Json::Array(pair) => pair
                .iter()
                .filter_map(Json::as_str)
                .collect::<Vec<_>>()
                .join(" "),
            other => other.as_str().unwrap_or_default().to_owned(),
        };
        let merges = merges
            .iter()
            .map(|pair| Value::String(merge(pair)))
            .collect();
        metadata.push(("tokenizer.ggml.merges".into(), Value::Array(merges)));
    }
    let start = model.tokenizer.encode("")?;
    let first = start.first().map(|id| *id as usize);
    let named = |field: &'static str| {
        model
            .fields
            .value(field)
            .as_u64()
            .and_then(|id| usize::try_from(id).ok())
    };
    if let Some(id) = first.or_else(|| named("bos_token_id")) {
        metadata.push(number("tokenizer.ggml.bos_token_id", id)?);
    }
    if let Some(id) = model.config.eos_token_ids.first() {
        metadata.push(number("tokenizer.ggml.eos_token_id", *id as usize)?);
    }
    metadata.push((
        "tokenizer.ggml.add_bos_token".into(),
        Value::Bool(first.is_some()),
    ));
    metadata.push(("tokenizer.ggml.add_space_prefix".into(), Value::Bool(bytes)));
    Ok(metadata)
}

struct Tokens {
    texts: Vec<Value>,
    kinds: Vec<Value>,
}

impl Tokens {
    /// The token of every row of the embedding; rows without one get a name of their own.
    fn new(json: &Json, vocab_size: usize) -> Self {
        const NORMAL: i32 = 1;
        const CONTROL: i32 = 3;
        const USER_DEFINED: i32 = 4;
        const UNUSED: i32 = 5;
        const BYTE: i32 = 6;
        let mut tokens: Vec<(String, i32)> = (0..vocab_size)
            .map(|i| (format!("[PAD{i}]"), UNUSED))
            .collect();
        let mut name = |id: &Json, token: &str, kind: i32| {
            let place = id.as_u64().and_then(|id| usize::try_from(id).ok());
            if let Some(place) = place.and_then(|place| tokens.get_mut(place)) {
                *place = (token.to_owned(), kind);
            }
        };
        let bytes = json["model"]["byte_fallback"] == Json::Bool(true);
        for (token, id) in json["model"]["vocab"].as_object().into_iter().flatten() {
            let is_byte = bytes && token.len() == 6 && token.starts_with("<0x");
            name(id, token, if is_byte { BYTE } else { NORMAL });
        }
        for added in json["added_tokens"].as_array().into_iter().flatten() {
            let special = added["special"] == Json::Bool(true);
            let token = added["content"].as_str().unwrap_or_default();
            name(
                &added["id"],
                token,
                if special { CONTROL } else { USER_DEFINED },
            );
        }
        let (texts, kinds) = tokens
            .into_iter()
            .map(|(token, kind)| (Value::String(token), Value::I32(kind)))
            .unzip();
        Self { texts, kinds }
    }
}

/// The name that llama.cpp gives to a way of cutting a text into words.
fn pre_tokenizer(json: &Json) -> &'static str {
    let described = json.to_string();
    if described.contains("Digits") {
        "smollm"
    } else if described.contains("{1,3}") {
        "llama-bpe"
    } else if described.contains("Split") {
        "qwen2"
    } else if described.contains("ByteLevel") {
        "gpt-2"
    } else {
        "default"
    }
}

//! One file for llama.cpp and the programs around it (the GGUF specification of the ggml project, version 2).

use super::fold::{folded, unsaveable};
use super::{Files, Format, failed};
use crate::error::{Error, Result};
use crate::model::{Linear, Model};
use crate::weight::{Floats, Layout, Quantized, Storage, Weight};
use candle_core::Device;
use candle_core::quantized::gguf_file::{self, Value};
use candle_core::quantized::{GgmlDType, QStorage, QTensor};
use half::f16;
use serde_json::Value as Json;
use std::borrow::Cow;
use std::io::Cursor;

pub const FORMAT: Format = Format {
    name: "gguf",
    title: "GGUF",
    sentence: "One file with its tokenizer, for llama.cpp and the programs built on it; quantized weights as Q4_0, Q4_1, \
               Q5_0, Q5_1 or Q8_0.",
    write,
};

const NAME: &str = "GGUF";
/// Weights in a block.
const BLOCK: usize = 32;

fn write(model: &Model) -> Result<Files> {
    if model.family.name != "llama" {
        return Err(Error::Unsaveable {
            layer: model.name.clone(),
            format: NAME,
            problem: format!(
                "only Llama models can be; this one is {}",
                model.family.title
            ),
        });
    }
    let model = folded(model, NAME)?;
    let tensors = tensors(&model)?;
    let metadata = [shape(&model)?, tokenizer(&model)?].concat();
    let metadata: Vec<(&str, &Value)> = metadata
        .iter()
        .map(|(name, value)| (&name[..], value))
        .collect();
    let tensors: Vec<(&str, &QTensor)> = tensors
        .iter()
        .map(|(name, tensor)| (&name[..], tensor))
        .collect();
    let mut file = Cursor::new(Vec::new());
    gguf_file::write(&mut file, &metadata, &tensors)?;
    Ok(Files::from([("model.gguf".to_owned(), file.into_inner())]))
}

fn number(name: &str, value: usize) -> Result<(String, Value)> {
    let value = u32::try_from(value).map_err(|error| failed("model.gguf", &error))?;
    Ok((name.to_owned(), Value::U32(value)))
}

fn text(name: &str, value: &str) -> (String, Value) {
    (name.to_owned(), Value::String(value.to_owned()))
}

fn shape(model: &Model) -> Result<Vec<(String, Value)>> {
    let config = &model.config;
    Ok(vec![
        text("general.architecture", "llama"),
        text("general.name", &model.name),
        number("general.quantization_version", 2)?,
        number("llama.context_length", config.max_position_embeddings)?,
        number("llama.embedding_length", config.hidden_size)?,
        number("llama.block_count", config.num_hidden_layers)?,
        number("llama.feed_forward_length", config.intermediate_size)?,
        number("llama.attention.head_count", config.num_attention_heads)?,
        number("llama.attention.head_count_kv", config.num_key_value_heads)?,
        number("llama.attention.key_length", config.head_dim)?,
        number("llama.attention.value_length", config.head_dim)?,
        number("llama.rope.dimension_count", config.head_dim)?,
        number("llama.vocab_size", config.vocab_size)?,
        (
            "llama.attention.layer_norm_rms_epsilon".into(),
            Value::F32(config.rms_norm_eps),
        ),
        ("llama.rope.freq_base".into(), Value::F32(config.rope_theta)),
    ])
}

/// The tokenizer as llama.cpp has it: byte-level BPE as `gpt2`, BPE that falls back to bytes as `llama`.
fn tokenizer(model: &Model) -> Result<Vec<(String, Value)>> {
    let json: Json = serde_json::from_slice(model.tokenizer.json())
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
    let named = |field: &str| {
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

fn tensors(model: &Model) -> Result<Vec<(String, QTensor)>> {
    let mut tensors = vec![
        ("token_embd.weight".to_owned(), plain(&model.embedding)?),
        ("output_norm.weight".to_owned(), vector(&model.norm)?),
    ];
    if !model.is_tied() {
        tensors.push(("output.weight".to_owned(), plain(&model.head)?));
    }
    let heads = model.config.heads();
    for (i, block) in model.blocks.iter().enumerate() {
        let mut add = |name: &str, linear: &Linear, rotated: Option<usize>| -> Result<()> {
            let order = row_order(linear.weight.shape()[0], rotated);
            tensors.push((format!("blk.{i}.{name}.weight"), tensor(linear, &order)?));
            if let Some(bias) = &linear.bias {
                let bias: Vec<f32> = order.iter().map(|&row| bias[row]).collect();
                tensors.push((format!("blk.{i}.{name}.bias"), vector(&bias)?));
            }
            Ok(())
        };
        add("attn_q", &block.query, Some(heads.query))?;
        add("attn_k", &block.key, Some(heads.key_value))?;
        add("attn_v", &block.value, None)?;
        add("attn_output", &block.output, None)?;
        add("ffn_gate", &block.gate, None)?;
        add("ffn_up", &block.up, None)?;
        add("ffn_down", &block.down, None)?;
        tensors.push((
            format!("blk.{i}.attn_norm.weight"),
            vector(&block.input_norm)?,
        ));
        tensors.push((
            format!("blk.{i}.ffn_norm.weight"),
            vector(&block.post_norm)?,
        ));
    }
    Ok(tensors)
}

/// The rows of a weight in the order of the file: llama.cpp rotates neighbouring rows of a head with one another,
/// Hugging Face the first half of a head with the second.
fn row_order(rows: usize, heads: Option<usize>) -> Vec<usize> {
    let Some(heads) = heads else {
        return (0..rows).collect();
    };
    let width = rows / heads;
    (0..rows)
        .map(|row| {
            let (head, place) = (row / width, row % width);
            head * width + place % 2 * (width / 2) + place / 2
        })
        .collect()
}

fn vector(values: &[f32]) -> Result<QTensor> {
    block_tensor(
        GgmlDType::F32,
        &[values.len()],
        &Floats::F32(values.to_vec()).to_le_bytes(),
    )
}

/// Bytes of a type as a tensor.
fn block_tensor(kind: GgmlDType, shape: &[usize], bytes: &[u8]) -> Result<QTensor> {
    let storage = QStorage::from_data(Cow::Borrowed(bytes), &Device::Cpu, kind)?;
    Ok(QTensor::new(storage, shape)?)
}

fn plain(weight: &Weight) -> Result<QTensor> {
    let order: Vec<usize> = (0..weight.shape()[0]).collect();
    written_out(weight, &order)
}

fn tensor(linear: &Linear, order: &[usize]) -> Result<QTensor> {
    match &*linear.weight {
        Weight::Quantized(quantized) => blocks(linear, quantized, order),
        weight => written_out(weight, order),
    }
}

fn written_out(weight: &Weight, order: &[usize]) -> Result<QTensor> {
    let [rows, cols] = weight.shape();
    let storage = super::dense::values(weight).storage();
    let kind = match storage {
        Storage::F32 => GgmlDType::F32,
        Storage::F16 => GgmlDType::F16,
        Storage::BF16 => GgmlDType::BF16,
    };
    let mut row = vec![0.0; cols];
    let mut bytes = Vec::new();
    for &source in order {
        weight.read_row(source, &mut row);
        bytes.extend(Floats::from_f32(storage, row.iter().copied()).to_le_bytes());
    }
    block_tensor(kind, &[rows, cols], &bytes)
}

/// Codes as blocks of 32: `Q4_0`, `Q5_0` and `Q8_0` hold `d (q - middle)`, `Q4_1` and `Q5_1` `d q + m`; only `d` and `m`
/// are rounded, to f16.
fn blocks(linear: &Linear, quantized: &Quantized, order: &[usize]) -> Result<QTensor> {
    let Layout {
        shape: [rows, cols],
        bits,
        group_size,
        symmetric,
        ..
    } = quantized.layout();
    if quantized.column_order().is_some() {
        return Err(unsaveable(
            linear,
            NAME,
            "its groups follow another order than its columns; compress with static groups",
        ));
    }
    if !cols.is_multiple_of(BLOCK) || !(group_size.is_multiple_of(BLOCK) || group_size >= cols) {
        return Err(unsaveable(
            linear,
            NAME,
            "blocks of 32 weights must fill its rows and groups",
        ));
    }
    let kind = match (bits, symmetric) {
        (2..=4, true) => GgmlDType::Q4_0,
        (5, true) => GgmlDType::Q5_0,
        (6..=8, true) | (6 | 7, false) => GgmlDType::Q8_0,
        (2..=4, false) => GgmlDType::Q4_1,
        (5, false) => GgmlDType::Q5_1,
        _ => {
            return Err(unsaveable(
                linear,
                NAME,
                "8 bits with zero points have no form there; choose symmetric",
            ));
        }
    };
    let mut bytes = Vec::new();
    for &row in order {
        for start in (0..cols).step_by(BLOCK) {
            let grid = quantized.grid(row, start / group_size);
            let zero_point = i16::from(grid.zero_point());
            let codes: [i16; BLOCK] =
                std::array::from_fn(|i| i16::from(quantized.code(row, start + i)));
            bytes.extend(f16::from_f32(grid.scale()).to_le_bytes());
            match kind {
                GgmlDType::Q4_0 => nibbles(codes.map(|code| code - zero_point + 8), &mut bytes),
                GgmlDType::Q5_0 => fives(codes.map(|code| code - zero_point + 16), &mut bytes),
                GgmlDType::Q8_0 => {
                    bytes.extend(codes.map(|code| (code - zero_point).to_le_bytes()[0]));
                }
                _ => {
                    bytes
                        .extend(f16::from_f32(-grid.scale() * f32::from(zero_point)).to_le_bytes());
                    if kind == GgmlDType::Q4_1 {
                        nibbles(codes, &mut bytes);
                    } else {
                        fives(codes, &mut bytes);
                    }
                }
            }
        }
    }
    block_tensor(kind, &[rows, cols], &bytes)
}

/// The first half of a block in the low four bits, the second in the high ones.
fn nibbles(codes: [i16; BLOCK], bytes: &mut Vec<u8>) {
    let low = |code: i16| code.to_le_bytes()[0] & 15;
    bytes.extend((0..BLOCK / 2).map(|i| low(codes[i]) | low(codes[i + BLOCK / 2]) << 4));
}

/// The fifth bits as one word, then the others as [`nibbles`].
fn fives(codes: [i16; BLOCK], bytes: &mut Vec<u8>) {
    let word = codes.iter().enumerate().fold(0u32, |word, (i, code)| {
        word | u32::from(code.to_le_bytes()[0] >> 4 & 1) << i
    });
    bytes.extend(word.to_le_bytes());
    nibbles(codes, bytes);
}

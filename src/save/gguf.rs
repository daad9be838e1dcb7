//! One file for llama.cpp and the programs around it (the GGUF specification of the ggml project, version 2).

use super::fold::{folded, unsaveable};
use super::vocabulary::tokenizer;
use super::{Files, Format, failed};
use crate::error::{Error, Result};
use crate::model::{Linear, Model, Rope};
use crate::weight::ggml::BlockFormat;
use crate::weight::{Floats, Quantized, Storage, Weight};
use candle_core::Device;
use candle_core::quantized::gguf_file::{self, Value};
use candle_core::quantized::{GgmlDType, QStorage, QTensor};
use std::borrow::Cow;
use std::io::Cursor;

pub const FORMAT: Format = Format {
    name: "gguf",
    title: "GGUF",
    sentence: "One file with its tokenizer, for llama.cpp and the programs built on it; quantized weights as Q4_0, Q4_1, \
               Q5_0, Q5_1 or Q8_0, and blocks that came from such a file as they were.",
    write,
};

pub const NAME: &str = "GGUF";

fn write(model: &Model) -> Result<Files> {
    let architecture = architecture(model)?;
    let model = folded(model, NAME)?;
    let tensors = tensors(&model)?;
    let template = model.chat_template.iter();
    let template = template.map(|template| text("tokenizer.chat_template", template.text()));
    let metadata = [
        shape(&model, architecture)?,
        tokenizer(&model)?,
        template.collect(),
    ]
    .concat();
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

/// What llama.cpp calls models of this kind.
fn architecture(model: &Model) -> Result<&'static str> {
    let refused = |problem: &str| Error::Unsaveable {
        layer: model.name.clone(),
        format: NAME,
        problem: problem.to_owned(),
    };
    let config = &model.config;
    let seen = config.sliding_window.unwrap_or(usize::MAX);
    if seen < config.max_position_embeddings {
        return Err(refused(
            "its layers see a window, for which there is no place",
        ));
    }
    let rope = config.ropes.first();
    if rope.is_none_or(|rope| *rope != Rope::plain(rope.theta, config.head_dim)) {
        return Err(refused(
            "its positions are stretched or learned, which is not written",
        ));
    }
    match model.family.name {
        "llama" | "mistral" => Ok("llama"),
        name @ ("qwen2" | "qwen3") => Ok(name),
        _ => Err(refused(&format!(
            "only Llama, Mistral and Qwen models can be; this one is {}",
            model.family.title
        ))),
    }
}

pub fn number(name: &str, value: usize) -> Result<(String, Value)> {
    let value = u32::try_from(value).map_err(|error| failed("model.gguf", &error))?;
    Ok((name.to_owned(), Value::U32(value)))
}

pub fn text(name: &str, value: &str) -> (String, Value) {
    (name.to_owned(), Value::String(value.to_owned()))
}

fn shape(model: &Model, architecture: &str) -> Result<Vec<(String, Value)>> {
    let config = &model.config;
    let number = |name: &str, value| number(&format!("{architecture}.{name}"), value);
    let float = |name: &str, value| (format!("{architecture}.{name}"), Value::F32(value));
    let theta = config.ropes.first().map_or(10_000.0, |rope| rope.theta);
    Ok(vec![
        text("general.architecture", architecture),
        text("general.name", &model.name),
        ("general.quantization_version".into(), Value::U32(2)),
        number("context_length", config.max_position_embeddings)?,
        number("embedding_length", config.hidden_size)?,
        number("block_count", config.num_hidden_layers)?,
        number("feed_forward_length", config.intermediate_size)?,
        number("attention.head_count", config.num_attention_heads)?,
        number("attention.head_count_kv", config.num_key_value_heads)?,
        number("attention.key_length", config.head_dim)?,
        number("attention.value_length", config.head_dim)?,
        number("rope.dimension_count", config.head_dim)?,
        number("vocab_size", config.vocab_size)?,
        float("attention.layer_norm_rms_epsilon", config.norm_eps),
        float("rope.freq_base", theta),
    ])
}

fn tensors(model: &Model) -> Result<Vec<(String, QTensor)>> {
    let mut tensors = vec![
        ("token_embd.weight".to_owned(), plain(&model.embedding)?),
        ("output_norm.weight".to_owned(), vector(&model.norm.scale)?),
    ];
    if !model.is_tied() {
        tensors.push(("output.weight".to_owned(), plain(&model.head)?));
    }
    let heads = model.config.heads();
    // Only Llama's rows are turned around there.
    let turned = |count| matches!(model.family.name, "llama" | "mistral").then_some(count);
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
        add("attn_q", &block.query, turned(heads.query))?;
        add("attn_k", &block.key, turned(heads.key_value))?;
        add("attn_v", &block.value, None)?;
        add("attn_output", &block.output, None)?;
        if let Some(gate) = &block.gate {
            add("ffn_gate", gate, None)?;
        }
        add("ffn_up", &block.up, None)?;
        add("ffn_down", &block.down, None)?;
        let norms = [
            ("attn_norm", Some(&block.input_norm)),
            ("attn_q_norm", block.query_norm.as_ref()),
            ("attn_k_norm", block.key_norm.as_ref()),
            ("ffn_norm", Some(&block.post_norm)),
        ];
        for (name, norm) in norms {
            if let Some(norm) = norm {
                tensors.push((format!("blk.{i}.{name}.weight"), vector(&norm.scale)?));
            }
        }
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

/// A table, in blocks where it came in such.
fn plain(weight: &Weight) -> Result<QTensor> {
    let order: Vec<usize> = (0..weight.shape()[0]).collect();
    match weight {
        Weight::Quantized(quantized) if let Ok(format) = BlockFormat::holding(quantized) => {
            blocks(format, quantized, &order)
        }
        weight => written_out(weight, &order),
    }
}

fn tensor(linear: &Linear, order: &[usize]) -> Result<QTensor> {
    match &*linear.weight {
        Weight::Quantized(quantized) => {
            let format = BlockFormat::holding(quantized)
                .map_err(|problem| unsaveable(linear, NAME, problem))?;
            blocks(format, quantized, order)
        }
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

fn blocks(format: BlockFormat, quantized: &Quantized, order: &[usize]) -> Result<QTensor> {
    let kind = match format {
        BlockFormat::Q4_0 => GgmlDType::Q4_0,
        BlockFormat::Q4_1 => GgmlDType::Q4_1,
        BlockFormat::Q5_0 => GgmlDType::Q5_0,
        BlockFormat::Q5_1 => GgmlDType::Q5_1,
        BlockFormat::Q8_0 => GgmlDType::Q8_0,
        BlockFormat::Q2_K => GgmlDType::Q2K,
        BlockFormat::Q3_K => GgmlDType::Q3K,
        BlockFormat::Q4_K => GgmlDType::Q4K,
        BlockFormat::Q5_K => GgmlDType::Q5K,
        BlockFormat::Q6_K => GgmlDType::Q6K,
    };
    let mut bytes = Vec::new();
    for &row in order {
        format.write_row(quantized, row, &mut bytes);
    }
    block_tensor(kind, &quantized.layout().shape, &bytes)
}

//! One file for llama.cpp and the programs around it.

use super::fold::{Folds, Form};
use super::gguf_file::{Kind, NAME, Tensor, Value, file, number, text};
use super::matrix::{Matrix, convolutions, matrices, norms, tables};
use super::vocabulary::tokenizer;
use super::{File, Format, failed, unsaveable};
use crate::error::Result;
use crate::model::arch::Family;
use crate::model::{Activation, Config, Model, NormKind, Rope, Scaling};
use crate::weight::ggml::BlockFormat;
use crate::weight::{Floats, Storage};

pub const FORMAT: Format = Format {
    name: "gguf",
    title: "GGUF",
    sentence: "One file with its tokenizer, for llama.cpp and the programs built on it; quantized weights as Q4_0, Q4_1, \
               Q5_0, Q5_1 or Q8_0, and blocks that came from such a file as they were.",
    plan,
};

fn plan(model: &Model) -> Result<Vec<File<'_>>> {
    let Some(architecture) = architecture(model.family) else {
        let problem = "llama.cpp does not know its family";
        return Err(unsaveable(&model.name, NAME, problem));
    };
    if let Some(problem) = problem(&model.config, architecture) {
        return Err(unsaveable(&model.name, NAME, problem));
    }
    let folds = Folds::new(model, NAME)?;
    let names = model.family.tensors.in_gguf();
    let mut tensors = Vec::new();
    let matrices = matrices(model, &names, &folds);
    for matrix in tables(model, &names).into_iter().chain(matrices) {
        if let Some(bias) = matrix.bias() {
            tensors.push(vector(format!("{}.bias", matrix.name), bias));
        }
        tensors.push(tensor(matrix)?);
    }
    for (name, norm) in norms(model, &names, &folds) {
        tensors.push(vector(format!("{name}.weight"), norm.scale.to_vec()));
        if let Some(bias) = &norm.bias {
            tensors.push(vector(format!("{name}.bias"), bias.to_vec()));
        }
    }
    for (name, shape, values) in convolutions(model, &names) {
        tensors.push(Tensor {
            shape: shape.to_vec(),
            ..vector(format!("{name}.weight"), values.to_vec())
        });
    }
    if let Some(bias) = &model.head_bias {
        tensors.push(vector(format!("{}.bias", names.head), bias.to_vec()));
    }
    for (name, divisors) in model
        .config
        .ropes
        .first()
        .map(|rope| divisors(rope, architecture))
        .into_iter()
        .flatten()
    {
        tensors.push(vector(format!("{name}.weight"), divisors));
    }
    let template = model.chat_template.iter();
    let template = template.map(|template| text("tokenizer.chat_template", template.text()));
    let note = model.origin.note();
    let note = note.map(|note| text("general.description", &note));
    let metadata = [
        shape(model, architecture)?,
        note.into_iter().collect(),
        tokenizer(model)?,
        template.collect(),
    ]
    .concat();
    Ok(vec![file("model.gguf", &metadata, tensors)])
}

/// What llama.cpp calls models of this kind; `None` where it does not know them.
fn architecture(family: &Family) -> Option<&'static str> {
    match family.name {
        "mistral" => Some("llama"),
        _ => family.gguf,
    }
}

/// What of a config such files have no place for: llama.cpp knows it by the family, or not at all.
fn problem(config: &Config, architecture: &str) -> Option<String> {
    let activation = match architecture {
        "gemma" | "gemma2" | "gemma3" | "gpt2" | "phi2" | "bloom" => Activation::GeluTanh,
        "gptneox" => Activation::Gelu,
        _ => Activation::Silu,
    };
    if config.activation != activation {
        return Some(
            "its activation function is not that of its family, and there is no place to say so"
                .into(),
        );
    }
    let seen = config.sliding_window.unwrap_or(usize::MAX);
    let is_windowed =
        seen < config.max_position_embeddings && config.sliding_layers.contains(&true);
    let slides = |layer: usize| match architecture {
        "gemma2" => layer.is_multiple_of(2),
        "gemma3" => !(layer + 1).is_multiple_of(6),
        "phi3" => true,
        _ => false,
    };
    let mut layers = config.sliding_layers.iter().enumerate();
    if is_windowed && layers.any(|(layer, windowed)| *windowed != slides(layer)) {
        return Some("its layers see a window, for which there is no place".into());
    }
    let turns = |layer: usize| match architecture {
        "smollm3" => !(layer + 1).is_multiple_of(4),
        _ => true,
    };
    let mut layers = config.turning_layers.iter().enumerate();
    if layers.any(|(layer, turning)| *turning != turns(layer)) {
        return Some("some of its layers know no positions, for which there is no place".into());
    }
    let width = match (architecture, config.num_hidden_layers) {
        // The largest ones are told by their number of layers.
        ("gemma2", 46) | ("gemma3", 62) => config.hidden_size / config.num_attention_heads,
        _ => config.head_dim,
    };
    if architecture != "granite" && config.query_scale != 1.0 / (width as f32).sqrt() {
        let problem = "its queries are scaled by another number than the width of a head, for which there is no place";
        return Some(problem.into());
    }
    let [rope, near @ ..] = &config.ropes[..] else {
        return None;
    };
    if near
        .iter()
        .any(|near| *near != Rope::plain(10_000.0, config.head_dim))
    {
        return Some(
            "its layers with a window turn by angles of their own, for which there is no place"
                .into(),
        );
    }
    let stretched = match &rope.scaling {
        Scaling::None | Scaling::Linear { .. } => false,
        Scaling::Llama3 { .. } => architecture != "llama",
        Scaling::Long(_) => match architecture {
            "llama" => rope.factor != 1.0,
            name => !matches!(name, "phi3" | "minicpm"),
        },
    };
    stretched.then(|| "its positions are stretched in a way for which there is no place".into())
}

/// Tensors with what llama.cpp divides frequencies by.
fn divisors(rope: &Rope, architecture: &str) -> Vec<(&'static str, Vec<f32>)> {
    match &rope.scaling {
        Scaling::None | Scaling::Linear { .. } => Vec::new(),
        Scaling::Long(long) if matches!(architecture, "phi3" | "minicpm") => vec![
            ("rope_factors_short", long.short.clone()),
            ("rope_factors_long", long.long.clone()),
        ],
        Scaling::Long(long) => vec![("rope_freqs", long.short.clone())],
        Scaling::Llama3 { .. } => {
            let plain = Rope::plain(rope.theta, 2 * rope.frequencies.len());
            let pairs = plain.frequencies.iter().zip(&rope.frequencies);
            let divisors = pairs.map(|(plain, frequency)| plain / frequency);
            vec![("rope_freqs", divisors.collect())]
        }
    }
}

fn shape(model: &Model, architecture: &str) -> Result<Vec<(String, Value)>> {
    let config = &model.config;
    let number = |name: &str, value| number(&format!("{architecture}.{name}"), value);
    let float = |name: &str, value| (format!("{architecture}.{name}"), Value::F32(value));
    let longest = match config.ropes.first().map(|rope| &rope.scaling) {
        Some(Scaling::Long(long)) => long.longest,
        _ => config.max_position_embeddings,
    };
    let epsilon = match config.norm {
        NormKind::Layer => "attention.layer_norm_epsilon",
        NormKind::Rms | NormKind::RmsPlusOne => "attention.layer_norm_rms_epsilon",
    };
    let mut metadata = vec![
        text("general.architecture", architecture),
        text("general.name", &model.name),
        ("general.quantization_version".into(), Value::U32(2)),
        number("context_length", longest)?,
        number("embedding_length", config.hidden_size)?,
        number("block_count", config.num_hidden_layers)?,
        number("feed_forward_length", config.intermediate_size)?,
        number("attention.head_count", config.num_attention_heads)?,
        key_value_heads(config, architecture)?,
        number("attention.key_length", config.head_dim)?,
        number("attention.value_length", config.head_dim)?,
        number("vocab_size", config.vocab_size)?,
        float(epsilon, config.norm_eps),
    ];
    if let Some(rope) = config.ropes.first() {
        metadata.push(number("rope.dimension_count", 2 * rope.frequencies.len())?);
        metadata.push(float("rope.freq_base", rope.theta));
        if let Scaling::Long(long) = &rope.scaling
            && matches!(architecture, "phi3" | "minicpm")
        {
            if architecture == "minicpm" {
                metadata.push(text("minicpm.rope.scaling.type", "longrope"));
            }
            let original = long.original.unwrap_or(long.longest);
            metadata.push(number("rope.scaling.original_context_length", original)?);
            metadata.push(float("rope.scaling.attn_factor", rope.factor));
        }
        if let Scaling::Linear { factor } = rope.scaling {
            metadata.push(text(&format!("{architecture}.rope.scaling.type"), "linear"));
            metadata.push(float("rope.scaling.factor", factor));
        }
    }
    if let Some(window) = config
        .sliding_window
        .filter(|_| config.sliding_layers.contains(&true))
    {
        metadata.push(number("attention.sliding_window", window)?);
    }
    for (name, number) in [
        ("attn_logit_softcapping", config.attention_softcap),
        ("final_logit_softcapping", config.logit_softcap),
    ] {
        metadata.extend(number.map(|number| float(name, number)));
    }
    if architecture == "granite" {
        metadata.push(float("attention.scale", config.query_scale));
    }
    if matches!(architecture, "granite" | "minicpm") {
        metadata.push(float(
            "embedding_scale",
            config.embedding_scale.unwrap_or(1.0),
        ));
        metadata.push(float(
            "residual_scale",
            config.residual_scale.unwrap_or(1.0),
        ));
        metadata.push(float("logit_scale", config.logit_divisor.unwrap_or(1.0)));
    }
    if let Some(taps) = config.convolution_length {
        metadata.push(number("shortconv.l_cache", taps)?);
    }
    if architecture == "gptneox" {
        let parallel = Value::Bool(config.parallel_residual);
        metadata.push(("gptneox.use_parallel_residual".into(), parallel));
    }
    Ok(metadata)
}

/// Heads of keys and values; where layers are convolutions, of each layer, and none in those.
fn key_value_heads(config: &Config, architecture: &str) -> Result<(String, Value)> {
    let name = format!("{architecture}.attention.head_count_kv");
    let heads = config.num_key_value_heads;
    if config.convolution_length.is_none() {
        return number(&name, heads);
    }
    let heads = i32::try_from(heads).map_err(|error| failed("model.gguf", &error))?;
    let layers = config.convolution_layers.iter();
    let heads = layers.map(|is_convolution| if *is_convolution { 0 } else { heads });
    Ok((name, Value::I32s(heads.collect())))
}

fn vector<'m>(name: String, values: Vec<f32>) -> Tensor<'m> {
    Tensor {
        name,
        shape: vec![values.len()],
        kind: Kind::F32,
        fill: super::file::fixed(Floats::F32(values).to_le_bytes()),
    }
}

fn tensor(matrix: Matrix<'_>) -> Result<Tensor<'_>> {
    let refused = |problem: &str| unsaveable(&matrix.name, NAME, problem);
    let mut formats = Vec::new();
    for part in &matrix.parts {
        formats.push(match part.form() {
            Form::Quantized(quantized) => {
                let quantized = part.folded(quantized);
                Some(BlockFormat::holding(&quantized).map_err(refused)?)
            }
            Form::Full | Form::Sparse(_) => None,
        });
    }
    let first = formats[0];
    if formats.iter().any(|format| *format != first) {
        return Err(refused(
            "its parts are kept in different ways, and it is one matrix there",
        ));
    }
    let name = format!("{}.weight", matrix.name);
    let shape = matrix.size().to_vec();
    let storage = matrix.storage();
    Ok(match first {
        Some(format) => Tensor {
            name,
            shape,
            kind: format.into(),
            fill: Box::new(move |out| {
                let parts = matrix.parts.iter().filter_map(|part| match part.form() {
                    Form::Quantized(quantized) => Some(part.folded(quantized)),
                    Form::Full | Form::Sparse(_) => None,
                });
                let parts: Vec<_> = parts.collect();
                let mut blocks = Vec::new();
                for (part, row) in matrix.rows() {
                    blocks.clear();
                    format.write_row(&parts[part], row, &mut blocks);
                    out.write_all(&blocks)?;
                }
                Ok(())
            }),
        },
        None => Tensor {
            name,
            shape,
            kind: match storage {
                Storage::F32 => Kind::F32,
                Storage::F16 => Kind::F16,
                Storage::BF16 => Kind::BF16,
            },
            fill: matrix.fill(storage),
        },
    })
}

//! The metadata of a GGUF file as config.json would have it.

use super::keys::{Keys, WINDOWED, turns};
use super::{Gguf, bad, rope};
use crate::error::{Error, Result};
use crate::model::arch::{FAMILIES, Family, minicpm};
use crate::model::{Config, Fields};
use serde_json::{Map, Value};

/// Keys without which llama.cpp opens no file, whatever config.json may leave out.
const NEEDED: [&str; 5] = [
    "context_length",
    "embedding_length",
    "block_count",
    "feed_forward_length",
    "attention.head_count",
];

/// The family of a file, its fields under the names that the family gives them, and what they say.
pub fn described(gguf: &Gguf) -> Result<(&'static Family, Fields, Config)> {
    let (family, architecture) = family(gguf)?;
    let keys = Keys::new(gguf, architecture)?;
    let fields = fields(gguf, family, &keys)?;
    let mut config = family.read(&fields).map_err(|error| match error {
        Error::Config { field, problem } => bad(keys.file, format!("its {field} {problem}")),
        error => error,
    })?;
    // A share of a head is rounded on its way.
    if let (Some(rope), Some(turning)) = (config.ropes.first(), keys.get("rope.dimension_count"))
        && turning.as_u64() != Some(2 * rope.frequencies.len() as u64)
    {
        return Err(keys.refused("rope.dimension_count"));
    }
    if architecture == "llama"
        && let Some(rope) = config.ropes.first_mut()
        && let Some(divided) = rope::divided(gguf, rope, config.max_position_embeddings)?
    {
        *rope = divided;
    }
    Ok((family, fields, config))
}

fn family<'g>(gguf: &'g Gguf) -> Result<(&'static Family, &'g str)> {
    let name = gguf.architecture();
    let mut families = FAMILIES.iter().copied();
    match families.find(|family| family.gguf == Some(name)) {
        Some(family) => Ok((family, name)),
        None if gguf.is_projector() => Err(bad(
            gguf.file().name,
            "it holds no language model, but what makes one see or hear (mmproj); choose the file of the model itself"
                .into(),
        )),
        None => {
            let known: Vec<&str> = FAMILIES.iter().filter_map(|family| family.gguf).collect();
            Err(bad(
                gguf.file().name,
                format!(
                    "it holds a model of the architecture {}; supported are: {}",
                    if name.is_empty() { "(none)" } else { name },
                    known.join(", ")
                ),
            ))
        }
    }
}

fn fields(gguf: &Gguf, family: &Family, keys: &Keys) -> Result<Fields> {
    const VALUES: &str = "attention.value_length";
    let mut common = Map::new();
    let mut add = |name: &str, value: Value| common.insert(name.to_owned(), value);
    for key in NEEDED {
        keys.size(key)?;
    }
    for (field, value) in keys.fields() {
        add(field, value.clone());
    }
    let width = match keys.get("attention.key_length") {
        Some(_) => keys.size("attention.key_length")?,
        None => keys.size("embedding_length")? / keys.size("attention.head_count")?,
    };
    if keys.get(VALUES).is_some() && keys.size(VALUES)? != width {
        return Err(keys.refused(VALUES));
    }
    add("head_dim", width.into());
    // Only a norm of mean and variance has a bias.
    let epsilon = if gguf.has("output_norm.bias") {
        "attention.layer_norm_epsilon"
    } else {
        "attention.layer_norm_rms_epsilon"
    };
    let value = keys.number(epsilon)?.ok_or_else(|| {
        let problem = format!("it lacks the key {}.{epsilon}", keys.architecture);
        bad(keys.file, problem)
    })?;
    add("rms_norm_eps", value.into());
    if turns(keys.architecture) {
        for (name, value) in rope::fields(gguf, keys, width, family.tensors.interleaved_in_gguf)? {
            add(&name, value);
        }
    }
    for (name, value) in windows(keys)? {
        add(name, value);
    }
    for (name, value) in scores(keys, width)? {
        add(name, value);
    }
    if keys.architecture == "minicpm" {
        for (name, value) in factors(keys)? {
            add(&name, value);
        }
    }
    if keys.architecture == "lfm2" {
        for (name, value) in convolutions(keys)? {
            add(name, value);
        }
    }
    let tokens = gguf.metadata().get("tokenizer.ggml.tokens");
    let tokens = tokens.and_then(Value::as_array).map_or(0, Vec::len);
    add("vocab_size", tokens.into());
    add("tie_word_embeddings", (!gguf.has("output.weight")).into());
    let bias = ["q", "qkv"].map(|part| gguf.has(&format!("blk.0.attn_{part}.bias")));
    add("attention_bias", bias.contains(&true).into());
    add("mlp_bias", gguf.has("blk.0.ffn_down.bias").into());
    for (key, name) in [
        ("tokenizer.ggml.eos_token_id", "eos_token_id"),
        ("tokenizer.ggml.bos_token_id", "bos_token_id"),
    ] {
        if let Some(value) = gguf.metadata().get(key) {
            add(name, value.clone());
        }
    }
    add("model_type", family.model_type.into());
    let own = |common: String| match family.fields.iter().find(|(name, _)| *name == common) {
        Some((_, own)) => (*own).to_owned(),
        None => common,
    };
    let fields = common.into_iter().map(|(name, value)| (own(name), value));
    Ok(fields.collect::<Map<_, _>>().into())
}

/// The window, 0 for none, and the layers that see it.
fn windows(keys: &Keys) -> Result<Vec<(&'static str, Value)>> {
    const KEY: &str = "attention.sliding_window";
    let window = keys.number(KEY)?;
    if !WINDOWED.contains(&keys.architecture) {
        let reaches = |window: f64| window == 0.0 || window >= length(keys);
        return match window {
            Some(window) if !reaches(window) => Err(keys.refused(KEY)),
            _ => Ok(Vec::new()),
        };
    }
    let mut fields = Vec::new();
    match keys.get(KEY) {
        Some(value) if window != Some(0.0) => fields.push(("sliding_window", value.clone())),
        // Gemma 2 has one even where nothing is said.
        None if keys.architecture != "gemma3" => {}
        _ => fields.push(("sliding_window", Value::Null)),
    }
    if let Some(types) = layer_types(keys)? {
        fields.push(("layer_types", types));
    }
    Ok(fields)
}

fn length(keys: &Keys) -> f64 {
    let length = keys.get("context_length").and_then(Value::as_f64);
    length.unwrap_or(f64::INFINITY)
}

/// The kinds of all layers, from a list of flags or the number of layers after which kinds repeat.
fn layer_types(keys: &Keys) -> Result<Option<Value>> {
    const KEY: &str = "attention.sliding_window_pattern";
    let Some(pattern) = keys.whole(KEY) else {
        return Ok(None);
    };
    let layers = keys.size("block_count")?;
    if layers > 1 << 10 {
        return Err(keys.refused("block_count"));
    }
    let sliding: Vec<bool> = match pattern {
        Value::Array(list) if list.len() as u64 == layers => {
            let flags = list.iter().map(|flag| {
                let number = flag.as_u64().map(|number| number != 0);
                flag.as_bool().or(number)
            });
            flags
                .collect::<Option<_>>()
                .ok_or_else(|| keys.refused(KEY))?
        }
        pattern => {
            let every = pattern.as_u64().ok_or_else(|| keys.refused(KEY))?;
            (0..layers)
                .map(|layer| every == 0 || layer % every < every - 1)
                .collect()
        }
    };
    let kind = |sliding: &bool| {
        if *sliding {
            "sliding_attention"
        } else {
            "full_attention"
        }
    };
    Ok(Some(sliding.iter().map(kind).collect()))
}

/// How queries meet keys: what products are multiplied by, and the soft caps of Gemma.
fn scores(keys: &Keys, width: u64) -> Result<Vec<(&'static str, Value)>> {
    let mut fields = Vec::new();
    let mut scalar = width;
    if matches!(keys.architecture, "gemma2" | "gemma3") {
        // Not in the file: llama.cpp knows the two models of 27B by their layers.
        if matches!(
            (keys.architecture, keys.size("block_count")?),
            ("gemma2", 46) | ("gemma3", 62)
        ) {
            scalar = keys.size("embedding_length")? / keys.size("attention.head_count")?;
        }
        fields.push(("query_pre_attn_scalar", scalar.into()));
        for name in ["attn_logit_softcapping", "final_logit_softcapping"] {
            if let Some(cap) = keys.get(name) {
                let none = cap.as_f64() == Some(0.0);
                fields.push((name, if none { Value::Null } else { cap.clone() }));
            }
        }
    }
    let usual = 1.0 / (scalar as f64).sqrt();
    let scale = keys
        .number("attention.scale")?
        .filter(|scale| *scale != 0.0);
    if keys.architecture == "granite" {
        fields.push(("attention_multiplier", scale.unwrap_or(usual).into()));
        return Ok(fields);
    }
    match scale {
        Some(scale) if (scale / usual - 1.0).abs() > 1e-5 => Err(keys.refused("attention.scale")),
        _ => Ok(fields),
    }
}

/// Which layers of LFM2 are convolutions: those without heads of keys and values; and how many the others have.
fn convolutions(keys: &Keys) -> Result<[(&'static str, Value); 3]> {
    const KEY: &str = "attention.head_count_kv";
    let layers = usize::try_from(keys.size("block_count")?).unwrap_or(usize::MAX);
    let heads: Option<Vec<u64>> = match keys.whole(KEY) {
        Some(Value::Array(list)) if list.len() == layers => {
            list.iter().map(Value::as_u64).collect()
        }
        Some(value) if layers <= 1 << 10 => value.as_u64().map(|heads| vec![heads; layers]),
        _ => None,
    };
    let heads = heads.ok_or_else(|| keys.refused(KEY))?;
    let most = heads.iter().copied().max().unwrap_or(0);
    if heads.iter().any(|heads| ![0, most].contains(heads)) {
        return Err(keys.refused(KEY));
    }
    let kind = |heads: &u64| {
        if *heads == 0 {
            "conv"
        } else {
            "full_attention"
        }
    };
    Ok([
        ("layer_types", heads.iter().map(kind).collect()),
        // Where none attends, the heads that nobody has divide the others'.
        ("num_key_value_heads", most.max(1).into()),
        // The file says the width itself.
        ("block_auto_adjust_ff_dim", false.into()),
    ])
}

/// The factors of `MiniCPM`. llama.cpp has values of its own for files that lack them, by which it divides where it once multiplied.
fn factors(keys: &Keys) -> Result<Map<String, Value>> {
    let factor = |key| match keys.number(key)? {
        Some(factor) if factor > 0.0 => Ok(factor),
        Some(_) => Err(keys.refused(key)),
        None => {
            let problem = format!("it lacks the key {}.{key}", keys.architecture);
            Err(bad(keys.file, problem))
        }
    };
    let [layers, hidden] =
        [keys.size("block_count")?, keys.size("embedding_length")?].map(|size| size as f64);
    Ok(minicpm::factors(
        factor("embedding_scale")?,
        factor("residual_scale")? * layers.sqrt(),
        hidden / factor("logit_scale")?,
    ))
}

//! Rotary embedding as GGUF files describe it: keys, and tensors with what frequencies are divided by.

use super::keys::Keys;
use super::{Gguf, bad};
use crate::error::Result;
use crate::model::Rope;
use serde_json::{Map, Value, json};

/// What frequencies are divided by within the length that a model was first trained for (Phi-3), and beyond it.
const SHORT: &str = "rope_factors_short.weight";
const LONG: &str = "rope_factors_long.weight";
/// What frequencies are divided by at any length (Llama 3).
const ALWAYS: &str = "rope_freqs.weight";

/// The fields of config.json about rotary embedding, by their common names; `width` is that of a head, and
/// `interleaved` whether the file has neighbours turned against one another.
pub fn fields(
    gguf: &Gguf,
    keys: &Keys,
    width: u64,
    interleaved: bool,
) -> Result<Map<String, Value>> {
    let mut fields = Map::new();
    let base = keys.number("rope.freq_base")?.unwrap_or(10_000.0);
    fields.insert("rope_theta".into(), base.into());
    let near = keys.number("rope.freq_base_swa")?;
    if keys.architecture == "gemma3" {
        let near = near.unwrap_or(10_000.0);
        fields.insert("rope_local_base_freq".into(), near.into());
    } else if near.is_some_and(|near| near != base) {
        return Err(keys.refused("rope.freq_base_swa"));
    }
    let turning = keys
        .get("rope.dimension_count")
        .map_or(Ok(width), |_| keys.size("rope.dimension_count"))?;
    // Rows of some families' heads are turned around in the file as if all of each head turned.
    if turning > width || turning < width && interleaved {
        return Err(keys.refused("rope.dimension_count"));
    }
    let share = turning as f64 / width as f64;
    fields.insert("partial_rotary_factor".into(), share.into());
    if let Some(scaling) = scaling(gguf, keys, turning)? {
        fields.insert("rope_scaling".into(), scaling);
        if let Some(length) = keys.get("rope.scaling.original_context_length") {
            let name = "original_max_position_embeddings";
            fields.insert(name.into(), length.clone());
        }
    }
    Ok(fields)
}

fn scaling(gguf: &Gguf, keys: &Keys, turning: u64) -> Result<Option<Value>> {
    let kind = keys.get("rope.scaling.type").map_or("linear", |kind| {
        // Not a text is no kind.
        kind.as_str().unwrap_or("")
    });
    let factor = match keys.number("rope.scaling.factor")? {
        Some(factor) => factor,
        None => keys.number("rope.scale_linear")?.unwrap_or(1.0),
    };
    let stretched = factor != 0.0 && factor != 1.0;
    let refused_factor = || match keys.get("rope.scaling.factor") {
        Some(_) => keys.refused("rope.scaling.factor"),
        None => keys.refused("rope.scale_linear"),
    };
    let attention = keys.number("rope.scaling.attn_factor")?;
    if gguf.has(SHORT) {
        if !matches!(kind, "linear" | "longrope") {
            return Err(keys.refused("rope.scaling.type"));
        }
        if stretched {
            return Err(refused_factor());
        }
        let pairs = usize::try_from(turning / 2).unwrap_or(0);
        let mut scaling = json!({
            "rope_type": "longrope",
            "short_factor": gguf.numbers(SHORT, pairs)?,
            "attention_factor": attention.unwrap_or(1.0),
        });
        if gguf.has(LONG) {
            scaling["long_factor"] = json!(gguf.numbers(LONG, pairs)?);
        }
        return Ok(Some(scaling));
    }
    if attention.is_some_and(|attention| attention != 1.0) {
        return Err(keys.refused("rope.scaling.attn_factor"));
    }
    match kind {
        "none" => Ok(None),
        "linear" if !stretched => Ok(None),
        "linear" => Ok(Some(json!({"rope_type": "linear", "factor": factor}))),
        _ => Err(keys.refused("rope.scaling.type")),
    }
}

/// The rope with its frequencies divided, where the file says so.
pub fn divided(gguf: &Gguf, rope: &Rope, longest: usize) -> Result<Option<Rope>> {
    if !gguf.has(ALWAYS) {
        return Ok(None);
    }
    let divisors = gguf.numbers(ALWAYS, rope.frequencies.len())?;
    if !divisors
        .iter()
        .all(|divisor| *divisor > 0.0 && divisor.is_finite())
    {
        let problem = format!("{ALWAYS} holds what no frequency can be divided by");
        return Err(bad(gguf.file().name, problem));
    }
    Ok(Some(rope.divided(divisors, longest)))
}

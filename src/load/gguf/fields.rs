//! The metadata of a GGUF file as config.json would have it.

use super::Gguf;
use crate::error::{Error, Result};
use crate::model::Fields;
use crate::model::arch::{FAMILIES, Family};
use serde_json::{Map, Value, json};

/// Keys behind the name of the architecture, and the common names of the fields that they fill.
const KEYS: &[(&str, &str)] = &[
    ("embedding_length", "hidden_size"),
    ("block_count", "num_hidden_layers"),
    ("feed_forward_length", "intermediate_size"),
    ("attention.head_count", "num_attention_heads"),
    ("attention.head_count_kv", "num_key_value_heads"),
    ("attention.key_length", "head_dim"),
    ("context_length", "max_position_embeddings"),
    ("attention.layer_norm_rms_epsilon", "rms_norm_eps"),
    ("attention.layer_norm_epsilon", "rms_norm_eps"),
    ("rope.freq_base", "rope_theta"),
    ("attention.sliding_window", "sliding_window"),
    ("attn_logit_softcapping", "attn_logit_softcapping"),
    ("final_logit_softcapping", "final_logit_softcapping"),
    ("use_parallel_residual", "use_parallel_residual"),
];

/// The family of a file, and its fields under the names that the family gives them.
pub fn fields(gguf: &Gguf) -> Result<(&'static Family, Fields)> {
    let metadata = gguf.metadata();
    let architecture = metadata
        .get("general.architecture")
        .and_then(Value::as_str)
        .unwrap_or("(none)");
    let mut families = FAMILIES.iter().copied();
    let family = families.find(|family| family.gguf == Some(architecture));
    let family = family.ok_or_else(|| Error::UnknownFamily {
        found: architecture.to_owned(),
        known: FAMILIES
            .iter()
            .filter_map(|family| family.gguf)
            .collect::<Vec<_>>()
            .join(", "),
    })?;
    let of = |key: &str| metadata.get(&format!("{architecture}.{key}"));
    let mut map = Map::new();
    for (key, common) in KEYS {
        if let Some(value) = of(key).filter(|value| !value.is_array()) {
            map.insert(own(family, common).to_owned(), value.clone());
        }
    }
    if let (Some(turning), Some(width)) = (
        of("rope.dimension_count").and_then(Value::as_u64),
        head_width(&of),
    ) && turning < width
    {
        let share = turning as f64 / width as f64;
        map.insert(
            own(family, "partial_rotary_factor").to_owned(),
            share.into(),
        );
    }
    match of("rope.scaling.type").and_then(Value::as_str) {
        None | Some("none") => {}
        Some(kind) => {
            let factor = of("rope.scaling.factor").cloned().unwrap_or(Value::Null);
            map.insert(
                "rope_scaling".into(),
                json!({"rope_type": kind, "factor": factor}),
            );
        }
    }
    let tokens = metadata
        .get("tokenizer.ggml.tokens")
        .and_then(Value::as_array);
    map.insert("vocab_size".into(), tokens.map_or(0, Vec::len).into());
    map.insert(
        "tie_word_embeddings".into(),
        (!gguf.has("output.weight")).into(),
    );
    let bias = ["q", "qkv"].map(|part| gguf.has(&format!("blk.0.attn_{part}.bias")));
    map.insert("attention_bias".into(), bias.contains(&true).into());
    let bias = gguf.has("blk.0.ffn_down.bias");
    map.insert("mlp_bias".into(), bias.into());
    map.insert("model_type".into(), family.model_type.into());
    for (key, name) in [
        ("tokenizer.ggml.eos_token_id", "eos_token_id"),
        ("tokenizer.ggml.bos_token_id", "bos_token_id"),
    ] {
        if let Some(value) = metadata.get(key) {
            map.insert(name.into(), value.clone());
        }
    }
    Ok((family, map.into()))
}

fn own(family: &Family, common: &'static str) -> &'static str {
    let name = family.fields.iter().find(|(name, _)| *name == common);
    name.map_or(common, |(_, own)| own)
}

fn head_width<'m>(of: &impl Fn(&str) -> Option<&'m Value>) -> Option<u64> {
    let number = |key: &str| of(key).and_then(Value::as_u64);
    number("attention.key_length")
        .or_else(|| number("embedding_length")?.checked_div(number("attention.head_count")?))
}

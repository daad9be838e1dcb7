//! Llama 4's dense text models (Meta 2025), also `MobileLLM`-R1: neighbours of a head turned against one another, then norms of
//! queries and keys without a scale; one layer in four without positions.

use super::{Family, TensorNames, llama, smollm3};
use crate::error::Result;
use crate::model::{Config, Fields, HeadNorms};
use serde_json::{Map, Value, json};

pub const FAMILY: Family = Family {
    name: "llama4",
    title: "Llama 4 (dense) and MobileLLM-R1",
    model_type: "llama4_text",
    gguf: None,
    fields: &[("intermediate_size", "intermediate_size_mlp")],
    architecture: "Llama4ForCausalLM",
    config,
    write,
    tensors: TensorNames {
        gate: Some("feed_forward.gate_proj"),
        up: "feed_forward.up_proj",
        down: "feed_forward.down_proj",
        interleaved: true,
        ..llama::TENSORS
    },
};

const EXPERTS: &str = "moe_layers";
const NORMS: &str = "use_qk_norm";
const TUNING: &str = "attn_temperature_tuning";
const FLOOR: &str = "floor_scale";
const CHUNK: &str = "attention_chunk_size";

fn config(fields: Fields) -> Result<Config> {
    let fields = fields
        .with_defaults(json!({
            "num_key_value_heads": 8,
            "head_dim": 128,
            "intermediate_size_mlp": 16384,
            "max_position_embeddings": 131_072,
            "rms_norm_eps": 1e-5,
            "rope_theta": 5e5,
            NORMS: true,
            TUNING: true,
            FLOOR: 8192,
            CHUNK: 8192,
        }))
        .without_null(&[CHUNK]);
    if !fields.value(EXPERTS).as_array().is_some_and(Vec::is_empty) {
        return Err(fields.refused(EXPERTS));
    }
    let mut config = Config::from_fields(&fields)?;
    config.turning_layers = smollm3::turning_layers(&fields, config.num_hidden_layers)?;
    if fields.flag(NORMS)? {
        config.head_norms = HeadNorms::Unscaled;
    }
    // Chunks of attention and what grows with the position of queries begin behind this length.
    let longest = &mut config.max_position_embeddings;
    let chunk = fields.size(CHUNK, 1 << 24, Some(*longest))?;
    *longest = (*longest).min(chunk);
    if fields.flag(TUNING)? {
        let floor = fields.whole(FLOOR, 2..=1 << 24, None)?;
        *longest = (*longest).min(floor - 1);
    }
    Ok(config)
}

fn write(config: &Config, fields: &mut Map<String, Value>) {
    smollm3::write_turning(config, fields);
    fields.remove("mlp_bias");
    for (name, value) in [
        (EXPERTS, json!([])),
        (NORMS, (config.head_norms == HeadNorms::Unscaled).into()),
        (TUNING, false.into()),
        (CHUNK, Value::Null),
    ] {
        fields.insert(name.into(), value);
    }
}

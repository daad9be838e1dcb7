//! `StableLM` 2 (Bellagente et al. 2024), also `StableLM` 3B: as Llama, with layer norms, a quarter of each head turned, and
//! biases on queries, keys and values.

use super::{Family, llama};
use crate::error::Result;
use crate::model::{Biases, Config, Fields, NormKind};
use serde_json::json;

pub const FAMILY: Family = Family {
    name: "stablelm",
    title: "StableLM 2",
    model_type: "stablelm",
    gguf: Some("stablelm"),
    fields: &[
        ("rms_norm_eps", "layer_norm_eps"),
        ("attention_bias", "use_qkv_bias"),
    ],
    architecture: "StableLmForCausalLM",
    config,
    write: |config, fields| {
        Config::write_share(config, fields);
        fields.insert("attention_bias".into(), config.biases.attention.into());
    },
    tensors: llama::TENSORS,
};

fn config(fields: Fields) -> Result<Config> {
    let fields = fields.with_defaults(json!({
        "num_key_value_heads": 32,
        "max_position_embeddings": 4096,
        "layer_norm_eps": 1e-5,
        "partial_rotary_factor": 0.25,
    }));
    // The model of 12B.
    for field in ["qk_layernorm", "use_parallel_residual"] {
        if fields.flag(field)? {
            return Err(fields.refused(field));
        }
    }
    let config = Config::from_fields(&fields)?;
    Ok(Config {
        norm: NormKind::Layer,
        biases: Biases {
            attention: config.biases.attention,
            ..Biases::default()
        },
        ..config
    })
}

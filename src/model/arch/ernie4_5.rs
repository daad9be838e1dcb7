//! ERNIE 4.5, its dense models (Baidu 2025): as Llama, with neighbours of a head turned against one another.

use super::{Family, TensorNames, llama};
use crate::error::Result;
use crate::model::{Biases, Config, Fields};
use serde_json::json;

pub const FAMILY: Family = Family {
    name: "ernie4_5",
    title: "ERNIE 4.5",
    model_type: "ernie4_5",
    gguf: Some("ernie4_5"),
    fields: &[("attention_bias", "use_bias")],
    architecture: "Ernie4_5ForCausalLM",
    config,
    write: |_, fields| {
        fields.remove("mlp_bias");
    },
    tensors: TensorNames {
        interleaved: true,
        interleaved_in_gguf: true,
        ..llama::TENSORS
    },
};

fn config(fields: Fields) -> Result<Config> {
    let fields = fields
        .with_defaults(json!({
            "num_key_value_heads": 2,
            "head_dim": 128,
            "max_position_embeddings": 131_072,
            "rms_norm_eps": 1e-5,
            "rope_theta": 5e5,
            "tie_word_embeddings": true,
        }))
        .without_null(&["num_key_value_heads", "head_dim", "use_bias"]);
    let config = Config::from_fields(&fields)?;
    Ok(Config {
        biases: Biases {
            feed_forward: config.biases.attention,
            ..config.biases
        },
        ..config
    })
}

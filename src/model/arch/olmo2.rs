//! `OLMo` 2 (`OLMo` Team 2024): no norm before the two halves of a block but one behind each, and one over all queries and all
//! keys of a token.

use super::{Family, TensorNames, llama};
use crate::model::{Config, HeadNorms};
use serde_json::json;

pub const FAMILY: Family = Family {
    name: "olmo2",
    title: "OLMo 2",
    model_type: "olmo2",
    gguf: Some("olmo2"),
    fields: &[],
    architecture: "Olmo2ForCausalLM",
    config: |fields| {
        let fields = fields
            .without_null(&["num_key_value_heads"])
            .with_defaults(json!({"rms_norm_eps": 1e-5}));
        Ok(Config {
            head_norms: HeadNorms::All,
            ..Config::from_fields(&fields)?
        })
    },
    write: |_, _| {},
    tensors: TensorNames {
        query_norm: Some("self_attn.q_norm"),
        key_norm: Some("self_attn.k_norm"),
        ..NORMS_BEHIND
    },
};

/// Norms stand behind the two halves of a block alone.
pub const NORMS_BEHIND: TensorNames = TensorNames {
    input_norm: None,
    output_norm: Some("post_attention_layernorm"),
    post_norm: None,
    down_norm: Some("post_feedforward_layernorm"),
    ..llama::TENSORS
};

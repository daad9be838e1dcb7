//! Qwen3 (Yang et al. 2025): a norm on each head's queries and keys.

use super::{Family, TensorNames, llama, qwen2};
use crate::model::Config;
use serde_json::json;

pub const FAMILY: Family = Family {
    name: "qwen3",
    title: "Qwen3",
    model_type: "qwen3",
    gguf: Some("qwen3"),
    fields: &[],
    architecture: "Qwen3ForCausalLM",
    config: |fields| {
        let fields = qwen2::with_defaults(fields).with_defaults(json!({"head_dim": 128}));
        qwen2::with_upper_windows(Config::from_fields(&fields)?, fields)
    },
    write: qwen2::write_upper_windows,
    tensors: TensorNames {
        query_norm: Some("self_attn.q_norm"),
        key_norm: Some("self_attn.k_norm"),
        ..llama::TENSORS
    },
};

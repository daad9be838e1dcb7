//! Phi-3 (Abdin et al. 2024): fused matrices, a window, and `longrope`, of which the part for short texts is there.

use super::{Family, Fused, TensorNames, llama};
use crate::model::Config;
use serde_json::json;

pub const FAMILY: Family = Family {
    name: "phi3",
    title: "Phi-3",
    model_type: "phi3",
    gguf: Some("phi3"),
    fields: &[],
    architecture: "Phi3ForCausalLM",
    config: |fields| {
        let fields = fields
            .without_null(&["num_key_value_heads"])
            .with_defaults(json!({"max_position_embeddings": 4096, "rms_norm_eps": 1e-5}));
        Config::from_fields(&fields)?.with_windows(&fields, |_| true)
    },
    write: Config::write_one_window,
    tensors: TensorNames {
        query_key_value: Some(Fused {
            name: "self_attn.qkv_proj",
            by_head: false,
        }),
        gate_up: Some(Fused {
            name: "mlp.gate_up_proj",
            by_head: false,
        }),
        ..llama::TENSORS
    },
};

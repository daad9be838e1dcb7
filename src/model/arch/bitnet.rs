//! `BitNet` b1.58 (Ma et al. 2024; Ma et al. 2025): weights of -1, 0 and 1 times one scale per matrix, squares of what is above zero,
//! and a norm before each of a block's two last layers. GGUF files of it do not say which activation they have (that of llama.cpp
//! is another one) and are not read.

use super::{Family, TensorNames, llama};
use crate::model::Config;
use serde_json::json;

pub const FAMILY: Family = Family {
    name: "bitnet",
    title: "BitNet b1.58",
    model_type: "bitnet",
    gguf: None,
    fields: &[],
    architecture: "BitNetForCausalLM",
    config: |fields| {
        let fields = fields
            .with_defaults(json!({
                "hidden_act": "relu2",
                "num_key_value_heads": 5,
                "max_position_embeddings": 2048,
                "rms_norm_eps": 1e-5,
                "rope_theta": 500_000.0,
            }))
            .without_null(&["num_key_value_heads"]);
        Config::from_fields(&fields)
    },
    write: |_, _| {},
    tensors: TensorNames {
        attended_norm: Some("self_attn.attn_sub_norm"),
        inner_norm: Some("mlp.ffn_sub_norm"),
        ..llama::TENSORS
    },
};

//! Llama (Touvron et al. 2023), also SmolLM2 and TinyLlama.

use super::{Family, TensorNames};
use crate::model::Config;

pub const FAMILY: Family = Family {
    name: "llama",
    title: "Llama",
    model_types: &["llama"],
    config: Config::from_fields,
    tensors: TensorNames {
        embedding: "model.embed_tokens.weight",
        block: "model.layers.",
        norm: "model.norm.weight",
        head: "lm_head.weight",
        input_norm: "input_layernorm.weight",
        query: "self_attn.q_proj",
        key: "self_attn.k_proj",
        value: "self_attn.v_proj",
        output: "self_attn.o_proj",
        post_norm: "post_attention_layernorm.weight",
        gate: "mlp.gate_proj",
        up: "mlp.up_proj",
        down: "mlp.down_proj",
    },
};

//! Llama (Touvron et al. 2023; Grattafiori et al. 2024), also SmolLM2 and TinyLlama.

use super::{Family, TensorNames};
use crate::model::Config;

pub const FAMILY: Family = Family {
    name: "llama",
    title: "Llama",
    model_type: "llama",
    gguf: Some("llama"),
    fields: &[],
    architecture: "LlamaForCausalLM",
    config: |fields| {
        Config::from_fields(&fields.without_null(&["num_key_value_heads", "head_dim"]))
    },
    write: |_, _| {},
    tensors: TensorNames {
        interleaved_in_gguf: true,
        ..TENSORS
    },
};

/// Many families keep these names.
pub const TENSORS: TensorNames = TensorNames {
    base: "",
    embedding: "model.embed_tokens",
    embedding_norm: None,
    positions: None,
    block: "model.layers.",
    norm: "model.norm",
    head: "lm_head",
    input_norm: Some("input_layernorm"),
    query: "self_attn.q_proj",
    key: "self_attn.k_proj",
    value: "self_attn.v_proj",
    attended_norm: None,
    output: "self_attn.o_proj",
    query_norm: None,
    key_norm: None,
    output_norm: None,
    post_norm: Some("post_attention_layernorm"),
    gate: Some("mlp.gate_proj"),
    up: "mlp.up_proj",
    inner_norm: None,
    down: "mlp.down_proj",
    down_norm: None,
    query_key_value: None,
    gate_up: None,
    convolution: None,
    transposed: false,
    interleaved: false,
    interleaved_in_gguf: false,
};

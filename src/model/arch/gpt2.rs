//! GPT-2 (Radford et al. 2019): learned positions, layer norms, no gate, matrices the other way round.

use super::{Family, Fused, TensorNames, llama};
use crate::error::Result;
use crate::model::{Biases, Config, Fields, NormKind};
use serde_json::json;

pub const FAMILY: Family = Family {
    name: "gpt2",
    title: "GPT-2",
    model_type: "gpt2",
    gguf: Some("gpt2"),
    fields: &[
        ("hidden_size", "n_embd"),
        ("num_attention_heads", "n_head"),
        ("num_hidden_layers", "n_layer"),
        ("max_position_embeddings", "n_positions"),
        ("intermediate_size", "n_inner"),
        ("hidden_act", "activation_function"),
        ("rms_norm_eps", "layer_norm_epsilon"),
    ],
    architecture: "GPT2LMHeadModel",
    config,
    write: |_, fields| {
        fields.remove("attention_bias");
        fields.remove("mlp_bias");
    },
    tensors: TensorNames {
        base: "transformer.",
        embedding: "transformer.wte",
        positions: Some("transformer.wpe"),
        block: "transformer.h.",
        norm: "transformer.ln_f",
        input_norm: Some("ln_1"),
        query: "attn.q_proj",
        key: "attn.k_proj",
        value: "attn.v_proj",
        output: "attn.c_proj",
        post_norm: Some("ln_2"),
        gate: None,
        up: "mlp.c_fc",
        down: "mlp.c_proj",
        query_key_value: Some(Fused {
            name: "attn.c_attn",
            by_head: false,
        }),
        transposed: true,
        ..llama::TENSORS
    },
};

fn config(fields: Fields) -> Result<Config> {
    let inner = 4 * fields.size("hidden_size", 1 << 16, None)?;
    let fields = fields.without_null(&["n_inner"]).with_defaults(json!({
        "n_positions": 1024,
        "activation_function": "gelu_new",
        "layer_norm_epsilon": 1e-5,
        "n_inner": inner,
        "tie_word_embeddings": true,
        "scale_attn_weights": true,
    }));
    for (field, usual) in [
        ("scale_attn_weights", true),
        ("scale_attn_by_inverse_layer_idx", false),
        ("add_cross_attention", false),
    ] {
        if fields.flag(field)? != usual {
            return Err(fields.refused(field));
        }
    }
    Ok(Config {
        norm: NormKind::Layer,
        ropes: Vec::new(),
        biases: Biases {
            attention: true,
            output: true,
            feed_forward: true,
            head: false,
        },
        ..Config::from_fields(&fields)?
    })
}

//! Gemma 2 (Gemma Team 2024): norms before and behind each half, every second layer sees a window, soft caps.

use super::{Family, TensorNames, llama};
use crate::error::Result;
use crate::model::{Config, Fields, NormKind};
use serde_json::json;

pub const FAMILY: Family = Family {
    name: "gemma2",
    title: "Gemma 2",
    model_type: "gemma2",
    gguf: Some("gemma2"),
    fields: &[("hidden_act", "hidden_activation")],
    architecture: "Gemma2ForCausalLM",
    config: |fields| {
        let fields = causal(fields)?.with_defaults(json!({
            "num_key_value_heads": 4,
            "max_position_embeddings": 8192,
            "hidden_activation": "gelu_pytorch_tanh",
            "head_dim": 256,
            "query_pre_attn_scalar": 256,
            "sliding_window": 4096,
            "attn_logit_softcapping": 50.0,
            "final_logit_softcapping": 30.0,
            "tie_word_embeddings": true,
        }));
        Ok(Config {
            norm: NormKind::RmsPlusOne,
            ..Config::from_fields(&fields)?
                .with_windows(&fields, |layer| layer % 2 == 0)?
                .with_caps(&fields)?
        })
    },
    write: |config, fields| {
        config.write_windows(fields);
        config.write_caps(fields);
    },
    tensors: TENSORS,
};

/// The fields of a model whose tokens see only what is before them; others are refused.
pub fn causal(fields: Fields) -> Result<Fields> {
    const NAME: &str = "use_bidirectional_attention";
    let fields = fields.without_null(&[NAME]);
    if fields.flag(NAME)? {
        return Err(fields.refused(NAME));
    }
    Ok(fields)
}

pub const TENSORS: TensorNames = TensorNames {
    output_norm: Some("post_attention_layernorm"),
    post_norm: Some("pre_feedforward_layernorm"),
    down_norm: Some("post_feedforward_layernorm"),
    ..llama::TENSORS
};

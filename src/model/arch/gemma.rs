//! Gemma (Gemma Team 2024): as Llama, with scales less 1, wide heads, GELU, and embeddings multiplied by the root of their
//! width.

use super::{Family, gemma2, llama};
use crate::model::{Activation, Config, NormKind};
use serde_json::json;

pub const FAMILY: Family = Family {
    name: "gemma",
    title: "Gemma",
    model_type: "gemma",
    gguf: Some("gemma"),
    fields: &[],
    architecture: "GemmaForCausalLM",
    config: |fields| {
        let fields = gemma2::causal(fields)?.with_defaults(json!({
            "num_key_value_heads": 16,
            "max_position_embeddings": 8192,
            "hidden_act": "gelu_pytorch_tanh",
            "head_dim": 256,
            "tie_word_embeddings": true,
        }));
        let config = Config::from_fields(&fields)?;
        Ok(Config {
            norm: NormKind::RmsPlusOne,
            // The first files name the other form and mean this one.
            activation: match config.activation {
                Activation::Gelu => Activation::GeluTanh,
                activation => activation,
            },
            embedding_scale: Some((config.hidden_size as f32).sqrt()),
            ..config
        })
    },
    write: |_, _| {},
    tensors: llama::TENSORS,
};

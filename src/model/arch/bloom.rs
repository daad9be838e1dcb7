//! BLOOM (`BigScience` 2022): no positions but a penalty on distance (`ALiBi`), and a norm behind the embedding.

use super::{Family, TensorNames, gpt_neox};
use crate::error::Result;
use crate::model::{Activation, Biases, Config, Fields, NormKind};
use serde_json::json;

pub const FAMILY: Family = Family {
    name: "bloom",
    title: "BLOOM",
    model_type: "bloom",
    gguf: Some("bloom"),
    fields: &[
        ("num_attention_heads", "n_head"),
        ("num_hidden_layers", "n_layer"),
        ("rms_norm_eps", "layer_norm_epsilon"),
    ],
    architecture: "BloomForCausalLM",
    config,
    write: |_, fields| {
        for field in [
            "attention_bias",
            "mlp_bias",
            "intermediate_size",
            "hidden_act",
        ] {
            fields.remove(field);
        }
    },
    tensors: TensorNames {
        base: "transformer.",
        embedding: "transformer.word_embeddings",
        embedding_norm: Some("transformer.word_embeddings_layernorm"),
        block: "transformer.h.",
        norm: "transformer.ln_f",
        head: "lm_head",
        query: "self_attention.query",
        key: "self_attention.key",
        value: "self_attention.value",
        output: "self_attention.dense",
        query_key_value: Some(super::Fused {
            name: "self_attention.query_key_value",
            by_head: true,
        }),
        ..gpt_neox::FAMILY.tensors
    },
};

fn config(fields: Fields) -> Result<Config> {
    const BEHIND: &str = "apply_residual_connection_post_layernorm";
    // Older files call the width by another name.
    let width = match fields.present("n_embed") {
        Some(_) => fields.size("n_embed", 1 << 16, None)?,
        None => fields.size("hidden_size", 1 << 16, Some(64))?,
    };
    let fields = fields
        .without(&[
            "hidden_size",
            "intermediate_size",
            "hidden_act",
            "num_key_value_heads",
        ])
        .with_defaults(json!({
            "hidden_size": width,
            "intermediate_size": 4 * width,
            "layer_norm_epsilon": 1e-5,
            "tie_word_embeddings": true,
        }));
    if fields.flag(BEHIND)? {
        return Err(fields.refused(BEHIND));
    }
    Ok(Config {
        norm: NormKind::Layer,
        activation: Activation::GeluTanh,
        ropes: Vec::new(),
        alibi: true,
        biases: Biases {
            attention: true,
            output: true,
            feed_forward: true,
            head: false,
        },
        ..Config::from_fields(&fields)?
    })
}

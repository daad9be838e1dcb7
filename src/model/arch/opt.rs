//! OPT (Zhang et al. 2022), the models of the GPTQ and `SparseGPT` papers: learned positions behind two rows that no token has,
//! layer norms, `ReLU`, no gate.

use super::{Family, TensorNames, llama};
use crate::error::Result;
use crate::model::{Biases, Config, Fields, NormKind};
use serde_json::json;

pub const FAMILY: Family = Family {
    name: "opt",
    title: "OPT",
    model_type: "opt",
    gguf: None,
    fields: &[
        ("intermediate_size", "ffn_dim"),
        ("hidden_act", "activation_function"),
        ("attention_bias", "enable_bias"),
    ],
    architecture: "OPTForCausalLM",
    config,
    write: |_, fields| {
        for field in ["mlp_bias", "rms_norm_eps"] {
            fields.remove(field);
        }
    },
    tensors: TensorNames {
        base: "model.",
        embedding: "model.decoder.embed_tokens",
        positions: Some("model.decoder.embed_positions"),
        block: "model.decoder.layers.",
        norm: "model.decoder.final_layer_norm",
        input_norm: Some("self_attn_layer_norm"),
        output: "self_attn.out_proj",
        post_norm: Some("final_layer_norm"),
        gate: None,
        up: "fc1",
        down: "fc2",
        ..llama::TENSORS
    },
};

fn config(fields: Fields) -> Result<Config> {
    const PROJECTED: &str = "word_embed_proj_dim";
    let fields = fields.without_null(&[PROJECTED]).with_defaults(json!({
        "activation_function": "relu",
        "do_layer_norm_before": true,
        "layer_norm_elementwise_affine": true,
        "enable_bias": true,
        "tie_word_embeddings": true,
    }));
    for (field, usual) in [
        // The model of 350M has its norms behind, and narrower embeddings.
        ("do_layer_norm_before", true),
        ("layer_norm_elementwise_affine", true),
        ("_remove_final_layer_norm", false),
    ] {
        if fields.flag(field)? != usual {
            return Err(fields.refused(field));
        }
    }
    let config = Config {
        norm: NormKind::Layer,
        // It has no field.
        norm_eps: 1e-5,
        ropes: Vec::new(),
        position_offset: 2,
        ..Config::from_fields(&fields)?
    };
    let width = fields.size(PROJECTED, 1 << 16, Some(config.hidden_size))?;
    if width != config.hidden_size {
        return Err(fields.refused(PROJECTED));
    }
    Ok(Config {
        biases: Biases {
            feed_forward: config.biases.attention,
            ..config.biases
        },
        ..config
    })
}

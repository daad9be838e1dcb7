//! Phi-1.5 and Phi-2 (Li et al. 2023; Javaheripi and Bubeck 2023): both halves of a block read the same normed states, a part
//! of each head turns, and every layer has a bias, the head too.

use super::{Family, TensorNames, llama};
use crate::error::Result;
use crate::model::{Biases, Config, Fields, NormKind};
use serde_json::json;

pub const FAMILY: Family = Family {
    name: "phi",
    title: "Phi-1.5 and Phi-2",
    model_type: "phi",
    gguf: Some("phi2"),
    fields: &[("rms_norm_eps", "layer_norm_eps")],
    architecture: "PhiForCausalLM",
    config,
    write: Config::write_share,
    tensors: TensorNames {
        norm: "model.final_layernorm",
        output: "self_attn.dense",
        post_norm: None,
        gate: None,
        up: "mlp.fc1",
        down: "mlp.fc2",
        ..llama::TENSORS
    },
};

fn config(fields: Fields) -> Result<Config> {
    const NORMS: &str = "qk_layernorm";
    let fields = fields
        .without_null(&["num_key_value_heads"])
        .with_defaults(json!({
            "hidden_act": "gelu_new",
            "layer_norm_eps": 1e-5,
            "partial_rotary_factor": 0.5,
        }));
    if fields.flag(NORMS)? {
        return Err(fields.refused(NORMS));
    }
    Ok(Config {
        norm: NormKind::Layer,
        parallel_residual: true,
        biases: Biases {
            attention: true,
            output: true,
            feed_forward: true,
            head: true,
        },
        ..Config::from_fields(&fields)?
    })
}

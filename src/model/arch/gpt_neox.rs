//! GPT-NeoX (Black et al. 2022), also Pythia: both halves of a block read the same, a part of each head turns.

use super::{Family, Fused, TensorNames, llama};
use crate::error::Result;
use crate::model::{Biases, Config, Fields, NormKind};
use serde_json::json;

pub const FAMILY: Family = Family {
    name: "gpt_neox",
    title: "GPT-NeoX and Pythia",
    model_type: "gpt_neox",
    gguf: Some("gptneox"),
    fields: &[
        ("rms_norm_eps", "layer_norm_eps"),
        ("rope_theta", "rotary_emb_base"),
        ("partial_rotary_factor", "rotary_pct"),
    ],
    architecture: "GPTNeoXForCausalLM",
    config,
    write: |config, fields| {
        fields.remove("mlp_bias");
        Config::write_share(config, fields);
        fields.insert(
            "use_parallel_residual".into(),
            config.parallel_residual.into(),
        );
    },
    tensors: TensorNames {
        embedding: "gpt_neox.embed_in",
        block: "gpt_neox.layers.",
        norm: "gpt_neox.final_layer_norm",
        head: "embed_out",
        query: "attention.query",
        key: "attention.key",
        value: "attention.value",
        output: "attention.dense",
        gate: None,
        up: "mlp.dense_h_to_4h",
        down: "mlp.dense_4h_to_h",
        query_key_value: Some(Fused {
            name: "attention.query_key_value",
            by_head: true,
        }),
        ..llama::TENSORS
    },
};

fn config(fields: Fields) -> Result<Config> {
    let fields = fields.with_defaults(json!({
        "hidden_act": "gelu",
        "rotary_pct": 0.25,
        "layer_norm_eps": 1e-5,
        "attention_bias": true,
        "use_parallel_residual": true,
    }));
    let attention_bias = fields.flag("attention_bias")?;
    Ok(Config {
        norm: NormKind::Layer,
        parallel_residual: fields.flag("use_parallel_residual")?,
        biases: Biases {
            attention: attention_bias,
            output: attention_bias,
            feed_forward: true,
            head: false,
        },
        ..Config::from_fields(&fields)?
    })
}

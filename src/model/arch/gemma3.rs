//! Gemma 3, its text models (Gemma Team 2025): as Gemma 2, with norms on queries and keys instead of soft caps, a window in
//! five of six layers, and another rotary base there.

use super::{Family, TensorNames, gemma2};
use crate::error::Result;
use crate::model::{Config, Fields, NormKind, Rope, Scaling};
use serde_json::{Map, Value, json};

pub const FAMILY: Family = Family {
    name: "gemma3",
    title: "Gemma 3 (text)",
    model_type: "gemma3_text",
    gguf: Some("gemma3"),
    fields: &[("hidden_act", "hidden_activation")],
    architecture: "Gemma3ForCausalLM",
    config,
    write,
    tensors: TensorNames {
        query_norm: Some("self_attn.q_norm"),
        key_norm: Some("self_attn.k_norm"),
        ..gemma2::TENSORS
    },
};

fn config(fields: Fields) -> Result<Config> {
    let fields = gemma2::causal(fields)?.with_defaults(json!({
        // Files of the larger ones leave these out.
        "num_attention_heads": 8,
        "vocab_size": 262_208,
        "num_key_value_heads": 4,
        "max_position_embeddings": 131_072,
        "hidden_activation": "gelu_pytorch_tanh",
        "head_dim": 256,
        "query_pre_attn_scalar": 256,
        "sliding_window": 4096,
        "sliding_window_pattern": 6,
        "tie_word_embeddings": true,
    }));
    let nested = fields
        .value("rope_parameters")
        .get("full_attention")
        .is_some();
    let fields = if nested {
        fields
    } else {
        fields.with_defaults(json!({"rope_theta": 1e6}))
    };
    let pattern = fields.size("sliding_window_pattern", 1 << 10, None)?;
    let config = Config::from_fields(&fields)?
        .with_windows(&fields, |layer| !(layer + 1).is_multiple_of(pattern))?
        .with_caps(&fields)?;
    let near = if nested {
        Rope::read(&fields, "sliding_attention", config.head_dim)?
    } else {
        let theta = fields.positive("rope_local_base_freq", 10_000.0)?;
        Rope::plain(theta, config.head_dim)
    };
    Ok(Config {
        norm: NormKind::RmsPlusOne,
        ropes: [config.ropes, vec![near]].concat(),
        ..config
    })
}

fn write(config: &Config, fields: &mut Map<String, Value>) {
    config.write_windows(fields);
    config.write_caps(fields);
    let [far, near] = &config.ropes[..] else {
        return;
    };
    if near.scaling == Scaling::None {
        fields.insert("rope_local_base_freq".into(), near.written_theta());
        return;
    }
    fields.remove("rope_theta");
    fields.remove("rope_scaling");
    let whole =
        json!({"full_attention": far.written_whole(), "sliding_attention": near.written_whole()});
    fields.insert("rope_parameters".into(), whole);
}

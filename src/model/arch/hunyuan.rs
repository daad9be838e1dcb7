//! Hunyuan, its dense models (Tencent 2025): as Qwen3, with the norms of queries and keys behind their turning.

use super::{Family, TensorNames, llama};
use crate::error::Result;
use crate::model::fields::positive;
use crate::model::rope::parameters;
use crate::model::{Config, Fields, HeadNorms};
use serde_json::json;

pub const FAMILY: Family = Family {
    name: "hunyuan",
    title: "Hunyuan (dense)",
    model_type: "hunyuan_v1_dense",
    gguf: Some("hunyuan-dense"),
    fields: &[],
    architecture: "HunYuanDenseV1ForCausalLM",
    config,
    write: |_, _| {},
    tensors: TensorNames {
        query_norm: Some("self_attn.query_layernorm"),
        key_norm: Some("self_attn.key_layernorm"),
        ..llama::TENSORS
    },
};

fn config(fields: Fields) -> Result<Config> {
    let fields = fields
        .without_null(&["num_key_value_heads"])
        .with_defaults(json!({"rms_norm_eps": 1e-5}));
    Ok(Config {
        head_norms: HeadNorms::EachTurned,
        ..Config::from_fields(&with_stretched_base(fields)?)?
    })
}

/// What these files call dynamic stretches the base of the angles by a fixed factor: plain angles with another base.
fn with_stretched_base(fields: Fields) -> Result<Fields> {
    let Some(all) = parameters(&fields, "full_attention")? else {
        return Ok(fields);
    };
    let is_dynamic = ["rope_type", "type"].map(|name| all.get(name) == Some(&json!("dynamic")));
    let Some(alpha) = all.get("alpha").filter(|_| is_dynamic.contains(&true)) else {
        return Ok(fields);
    };
    let alpha = positive("alpha", alpha)?;
    let theta = match all.get("rope_theta") {
        Some(theta) => positive("rope_theta", theta)?,
        None => fields.positive("rope_theta", 10_000.0)?,
    };
    let width = fields.size("head_dim", 1 << 12, None)? as f64;
    let base = f64::from(theta) * libm::pow(alpha.into(), width / (width - 2.0));
    let fields = fields.without(&["rope_scaling", "rope_parameters", "rope_theta"]);
    Ok(fields.with_defaults(json!({"rope_theta": base})))
}

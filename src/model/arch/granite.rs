//! Granite 3 (Granite Team 2024): as Llama, with factors for embeddings, for queries, for what blocks add, and for logits.

use super::{Family, TensorNames, llama};
use crate::error::Result;
use crate::model::{Config, Fields};
use serde_json::{Map, Value};

pub const FAMILY: Family = Family {
    name: "granite",
    title: "Granite",
    model_type: "granite",
    gguf: Some("granite"),
    fields: &[],
    architecture: "GraniteForCausalLM",
    config,
    write,
    tensors: TensorNames {
        interleaved_in_gguf: true,
        ..llama::TENSORS
    },
};

pub fn config(fields: Fields) -> Result<Config> {
    let fields = fields.without_null(&["num_key_value_heads"]);
    let factor = |name| -> Result<Option<f32>> {
        let factor = fields.positive(name, 1.0)?;
        Ok((factor != 1.0).then_some(factor))
    };
    Ok(Config {
        embedding_scale: factor("embedding_multiplier")?,
        query_scale: fields.positive("attention_multiplier", 1.0)?,
        residual_scale: factor("residual_multiplier")?,
        logit_divisor: factor("logits_scaling")?,
        ..Config::from_fields(&fields)?
    })
}

pub fn write(config: &Config, fields: &mut Map<String, Value>) {
    Config::write_factors(
        fields,
        &[
            ("embedding_multiplier", config.embedding_scale),
            ("attention_multiplier", Some(config.query_scale)),
            ("residual_multiplier", config.residual_scale),
            ("logits_scaling", config.logit_divisor),
        ],
    );
}

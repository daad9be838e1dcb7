//! `MiniCPM` 1, 2 and 4 (Hu et al. 2024, section 3): as Llama, with factors for embeddings, for what blocks add and for logits. The
//! last two follow from the model's depth and width.

use super::{Family, TensorNames, llama};
use crate::error::Result;
use crate::model::{Config, Fields};
use serde_json::{Map, Value, json};

pub const FAMILY: Family = Family {
    name: "minicpm",
    title: "MiniCPM",
    model_type: "minicpm",
    gguf: Some("minicpm"),
    fields: &[],
    architecture: "MiniCPMForCausalLM",
    config,
    write,
    tensors: TensorNames {
        interleaved_in_gguf: true,
        ..llama::TENSORS
    },
};

const EMBEDDING: &str = "scale_emb";
const DEPTH: &str = "scale_depth";
const WIDTH: &str = "dim_model_base";

fn config(fields: Fields) -> Result<Config> {
    for field in ["num_experts", "sparse_config"] {
        if fields
            .present(field)
            .is_some_and(|value| *value != json!(0))
        {
            return Err(fields.refused(field));
        }
    }
    let fields = fields
        .without_null(&["num_key_value_heads"])
        .with_defaults(json!({EMBEDDING: 1, DEPTH: 1, WIDTH: 1, "tie_word_embeddings": true}));
    let factor = |name| -> Result<f64> {
        let rounded = fields.positive(name, 1.0)?;
        Ok(fields.value(name).as_f64().unwrap_or(rounded.into()))
    };
    let [embedding, depth, width] = [factor(EMBEDDING)?, factor(DEPTH)?, factor(WIDTH)?];
    let config = Config::from_fields(&fields)?;
    let residual = depth / (config.num_hidden_layers as f64).sqrt();
    let [embedding_scale, residual_scale, logit_divisor] =
        [embedding, residual, config.hidden_size as f64 / width].map(as_factor);
    Ok(Config {
        embedding_scale,
        residual_scale,
        logit_divisor,
        ..config
    })
}

#[expect(clippy::cast_possible_truncation, reason = "what is multiplied is f32")]
fn as_factor(number: f64) -> Option<f32> {
    let factor = number as f32;
    (factor != 1.0).then_some(factor)
}

fn write(config: &Config, fields: &mut Map<String, Value>) {
    let [embedding, residual, divisor] = [
        config.embedding_scale,
        config.residual_scale,
        config.logit_divisor,
    ]
    .map(|factor| f64::from(factor.unwrap_or(1.0)));
    let depth = residual * (config.num_hidden_layers as f64).sqrt();
    let width = config.hidden_size as f64 / divisor;
    fields.extend(factors(embedding, depth, width));
}

/// The fields that the three factors follow from: what embeddings are multiplied by; the root of the number of layers times what
/// blocks are; the width over what logits are divided by.
#[must_use]
pub fn factors(embedding: f64, depth: f64, width: f64) -> Map<String, Value> {
    let fields = [(EMBEDDING, embedding), (DEPTH, depth), (WIDTH, width)];
    fields
        .map(|(name, number)| (name.to_owned(), number.into()))
        .into_iter()
        .collect()
}

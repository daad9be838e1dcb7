//! Qwen2 and Qwen2.5 (Yang et al. 2024): queries, keys and values have biases; upper layers may see a window.

use super::{Family, llama};
use crate::error::Result;
use crate::model::{Biases, Config, Fields};
use serde_json::{Map, Value, json};

pub const FAMILY: Family = Family {
    name: "qwen2",
    title: "Qwen2 and Qwen2.5",
    model_type: "qwen2",
    gguf: Some("qwen2"),
    fields: &[],
    architecture: "Qwen2ForCausalLM",
    config,
    write: write_upper_windows,
    tensors: llama::TENSORS,
};

fn config(fields: Fields) -> Result<Config> {
    let fields = with_defaults(fields);
    let config = Config {
        biases: Biases {
            attention: true,
            ..Biases::default()
        },
        ..Config::from_fields(&fields)?
    };
    with_upper_windows(config, fields)
}

pub fn write_upper_windows(config: &Config, fields: &mut Map<String, Value>) {
    config.write_windows(fields);
    let first = config.sliding_layers.iter().position(|slides| *slides);
    fields.insert(
        "use_sliding_window".into(),
        config.sliding_window.is_some().into(),
    );
    fields.insert(
        "max_window_layers".into(),
        first.unwrap_or(config.num_hidden_layers).into(),
    );
}

/// The defaults of Qwen2 and Qwen3.
pub fn with_defaults(fields: Fields) -> Fields {
    fields
        .without_null(&["num_key_value_heads"])
        .with_defaults(json!({"max_position_embeddings": 32768}))
}

/// Gives a window to the layers from `max_window_layers` on, where `use_sliding_window` says so.
pub fn with_upper_windows(config: Config, fields: Fields) -> Result<Config> {
    if !fields.flag("use_sliding_window")? {
        return Ok(config);
    }
    let fields = fields.with_defaults(json!({"sliding_window": 4096}));
    let first = fields.whole("max_window_layers", 0..=1 << 24, Some(28))?;
    config.with_windows(&fields, |layer| layer >= first)
}

//! `SmolLM3` (Bakouch et al. 2025): one layer in four knows no positions (`NoPE`).

use super::{Family, TensorNames, llama};
use crate::error::Result;
use crate::model::{Config, Fields};
use serde_json::{Map, Value, json};

pub const FAMILY: Family = Family {
    name: "smollm3",
    title: "SmolLM3",
    model_type: "smollm3",
    gguf: Some("smollm3"),
    fields: &[],
    architecture: "SmolLM3ForCausalLM",
    config,
    write,
    tensors: TensorNames {
        interleaved_in_gguf: true,
        ..llama::TENSORS
    },
};

const LAYERS: &str = "no_rope_layers";

fn config(fields: Fields) -> Result<Config> {
    let fields = fields
        .with_defaults(json!({
            "num_key_value_heads": 4,
            "max_position_embeddings": 32768,
            "rope_theta": 2e6,
            "tie_word_embeddings": true,
        }))
        .without_null(&["num_key_value_heads"]);
    let mut config = Config::from_fields(&fields)?;
    config.turning_layers = turning_layers(&fields, config.num_hidden_layers)?;
    if fields.flag("use_sliding_window")? {
        let turning = config.turning_layers.clone();
        return config.with_windows(&fields, |layer| !turning[layer]);
    }
    Ok(config)
}

/// Which layers turn queries and keys: a list, or all but every so many.
pub fn turning_layers(fields: &Fields, layers: usize) -> Result<Vec<bool>> {
    match fields.present(LAYERS) {
        None => {
            let every = fields.size("no_rope_layer_interval", 1 << 10, Some(4))?;
            let turning = (1..=layers).map(|layer| !layer.is_multiple_of(every));
            Ok(turning.collect())
        }
        Some(Value::Array(flags)) if flags.len() >= layers => {
            let flags = flags.iter().take(layers).map(|flag| match flag.as_u64() {
                Some(flag @ 0..=1) => Ok(flag == 1),
                _ => Err(fields.refused(LAYERS)),
            });
            flags.collect()
        }
        Some(_) => Err(fields.refused(LAYERS)),
    }
}

fn write(config: &Config, fields: &mut Map<String, Value>) {
    config.write_windows(fields);
    fields.insert(
        "use_sliding_window".into(),
        config.sliding_window.is_some().into(),
    );
    write_turning(config, fields);
}

/// Adds which layers turn queries and keys.
pub fn write_turning(config: &Config, fields: &mut Map<String, Value>) {
    let flags = config.turning_layers.iter().map(|turns| u8::from(*turns));
    fields.insert(LAYERS.into(), flags.collect());
}

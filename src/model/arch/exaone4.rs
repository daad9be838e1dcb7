//! EXAONE 4 (LG AI Research 2025): norms behind the two halves of a block, as in `OLMo` 2, and on each head's queries and keys;
//! where some layers see a window, the others know no positions (`NoPE`).

use super::{Family, TensorNames, olmo2};
use crate::error::Result;
use crate::model::{Config, Fields};
use serde_json::json;

pub const FAMILY: Family = Family {
    name: "exaone4",
    title: "EXAONE 4",
    model_type: "exaone4",
    gguf: Some("exaone4"),
    fields: &[],
    architecture: "Exaone4ForCausalLM",
    config,
    write: |config, fields| {
        config.write_windows(fields);
        for field in ["attention_bias", "mlp_bias"] {
            fields.remove(field);
        }
    },
    tensors: TensorNames {
        query_norm: Some("self_attn.q_norm"),
        key_norm: Some("self_attn.k_norm"),
        ..olmo2::NORMS_BEHIND
    },
};

fn config(fields: Fields) -> Result<Config> {
    let fields = fields.with_defaults(json!({
        "num_key_value_heads": 32,
        "rms_norm_eps": 1e-5,
        "sliding_window": 4096,
        "sliding_window_pattern": 4,
    }));
    let config = Config::from_fields(&fields)?;
    if fields.present("sliding_window").is_none() {
        return Ok(config);
    }
    // A pattern may be a word where the kinds of layers are listed.
    let pattern = match fields.present("layer_types") {
        Some(_) => 1,
        None => fields.size("sliding_window_pattern", 1 << 10, None)?,
    };
    let config = config.with_windows(&fields, |layer| !(layer + 1).is_multiple_of(pattern))?;
    Ok(Config {
        turning_layers: config.sliding_layers.clone(),
        ..config
    })
}

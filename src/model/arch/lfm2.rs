//! LFM2 (Liquid AI 2025): in most blocks a short convolution between two gates stands where attention does.

use super::{ConvolutionNames, Family, TensorNames, llama};
use crate::error::Result;
use crate::model::{Config, Fields};
use serde_json::{Map, Value, json};

pub const FAMILY: Family = Family {
    name: "lfm2",
    title: "LFM2",
    model_type: "lfm2",
    gguf: Some("lfm2"),
    fields: &[("rms_norm_eps", "norm_eps")],
    architecture: "Lfm2ForCausalLM",
    config,
    write,
    tensors: TensorNames {
        norm: "model.embedding_norm",
        input_norm: Some("operator_norm"),
        output: "self_attn.out_proj",
        query_norm: Some("self_attn.q_layernorm"),
        key_norm: Some("self_attn.k_layernorm"),
        post_norm: Some("ffn_norm"),
        gate: Some("feed_forward.w1"),
        up: "feed_forward.w3",
        down: "feed_forward.w2",
        convolution: Some(ConvolutionNames {
            input: "conv.in_proj",
            parts: ["conv.in_proj_b", "conv.in_proj_c", "conv.in_proj_x"],
            kernel: "conv.conv",
            output: "conv.out_proj",
        }),
        ..llama::TENSORS
    },
};

const LENGTH: &str = "conv_L_cache";
const KINDS: &str = "layer_types";
const ATTENDING: &str = "full_attn_idxs";
const BIAS: &str = "conv_bias";
const ADJUST: &str = "block_auto_adjust_ff_dim";
const MULTIPLE: &str = "block_multiple_of";
const MULTIPLIER: &str = "block_ffn_dim_multiplier";

fn config(fields: Fields) -> Result<Config> {
    let fields = fields
        .renamed("block_ff_dim", "intermediate_size")
        .renamed("tie_embedding", "tie_word_embeddings")
        .with_defaults(json!({
            "intermediate_size": 12_288,
            "num_attention_heads": 32,
            "num_key_value_heads": 8,
            "max_position_embeddings": 128_000,
            "norm_eps": 1e-5,
            "rope_theta": 1e6,
            "tie_word_embeddings": true,
            LENGTH: 3,
            ADJUST: true,
        }));
    if fields.flag(BIAS)? {
        return Err(fields.refused(BIAS));
    }
    let config = Config::from_fields(&fields)?;
    let config = Config {
        intermediate_size: adjusted(&fields, config.intermediate_size)?,
        convolution_length: Some(fields.size(LENGTH, 1 << 6, None)?),
        convolution_layers: convolution_layers(&fields, config.num_hidden_layers)?,
        ..config
    };
    config.check()?;
    Ok(config)
}

/// The width that the feed-forward part has inside: two thirds of what is said, in whole parts, where nothing speaks against it.
fn adjusted(fields: &Fields, said: usize) -> Result<usize> {
    if !fields.flag(ADJUST)? {
        return Ok(said);
    }
    let thirds = 2 * said / 3;
    let multiplier = fields.positive(MULTIPLIER, 1.0)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "above 0, and a width that is too large is refused"
    )]
    let width = (f64::from(multiplier) * thirds as f64) as usize;
    let multiple = fields.size(MULTIPLE, 1 << 16, Some(256))?;
    Ok(width.div_ceil(multiple) * multiple)
}

/// Which layers are convolutions: by the kinds of all, or all but those that attend; where neither is said, none.
fn convolution_layers(fields: &Fields, layers: usize) -> Result<Vec<bool>> {
    let attending = match fields.present(ATTENDING) {
        None => None,
        Some(Value::Array(attending)) => Some(attending),
        Some(_) => return Err(fields.refused(ATTENDING)),
    };
    match (fields.present(KINDS), attending) {
        (Some(Value::Array(kinds)), _) if kinds.len() == layers => {
            let kinds = kinds.iter().map(|kind| match kind.as_str() {
                Some("conv") => Ok(true),
                Some("full_attention") => Ok(false),
                _ => Err(fields.refused(KINDS)),
            });
            kinds.collect()
        }
        (Some(_), _) => Err(fields.refused(KINDS)),
        (None, Some(attending)) => {
            let attends = |layer: usize| attending.iter().any(|one| *one == json!(layer));
            Ok((0..layers).map(|layer| !attends(layer)).collect())
        }
        (None, None) => Ok(vec![false; layers]),
    }
}

fn write(config: &Config, fields: &mut Map<String, Value>) {
    for field in ["attention_bias", "mlp_bias", "hidden_act"] {
        fields.remove(field);
    }
    let kind = |convolution: &bool| {
        if *convolution {
            "conv"
        } else {
            "full_attention"
        }
    };
    let kinds: Vec<&str> = config.convolution_layers.iter().map(kind).collect();
    fields.extend([
        (KINDS.into(), kinds.into()),
        (LENGTH.into(), json!(config.convolution_length)),
        (ADJUST.into(), false.into()),
    ]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn read(change: &Value) -> Result<Config> {
        let mut fields = json!({
            "model_type": "lfm2", "hidden_size": 64, "num_hidden_layers": 4, "num_attention_heads": 8,
            "num_key_value_heads": 4, "vocab_size": 512, "block_ff_dim": 100, "block_multiple_of": 16,
            "full_attn_idxs": [1, 3], "tie_embedding": false,
        });
        for (name, value) in change.as_object().into_iter().flatten() {
            fields[name] = value.clone();
        }
        FAMILY.read(&Fields::parse(fields.to_string().as_bytes())?)
    }

    #[test]
    fn older_names_of_fields_count() {
        let config = read(&json!({})).expect("a config");
        assert_eq!(config.convolution_layers, [true, false, true, false]);
        // Two thirds of 100 in whole parts of 16.
        assert_eq!(config.intermediate_size, 80);
        assert!(!config.tie_word_embeddings);
        let config = read(&json!({"block_auto_adjust_ff_dim": false, "block_ff_dim": 96}));
        assert_eq!(config.expect("a config").intermediate_size, 96);
        let kinds = ["conv", "full_attention", "full_attention", "conv"];
        let config = read(&json!({"layer_types": kinds})).expect("a config");
        assert_eq!(config.convolution_layers, [true, false, false, true]);
    }

    #[test]
    fn what_is_not_there_is_refused_by_name() {
        for (change, field) in [
            (json!({"conv_bias": true}), "conv_bias"),
            (json!({"layer_types": ["conv"]}), "layer_types"),
            (
                json!({"layer_types": ["conv", "conv", "mamba", "conv"]}),
                "layer_types",
            ),
            (json!({"conv_L_cache": 0}), "conv_L_cache"),
            (json!({"conv_L_cache": 1000}), "conv_L_cache"),
        ] {
            match read(&change) {
                Err(Error::Config { field: found, .. }) => assert_eq!(found, field),
                other => panic!("{other:?}"),
            }
        }
    }
}

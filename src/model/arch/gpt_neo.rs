//! GPT-Neo (Black et al. 2021), also `TinyStories`: learned positions, products of queries and keys as they are, every second
//! layer sees a window.

use super::{Family, TensorNames, gpt2};
use crate::error::Result;
use crate::model::{Biases, Config, Fields, NormKind};
use serde_json::{Map, Value, json};

pub const FAMILY: Family = Family {
    name: "gpt_neo",
    title: "GPT-Neo and TinyStories",
    model_type: "gpt_neo",
    gguf: None,
    fields: &[
        ("num_attention_heads", "num_heads"),
        ("num_hidden_layers", "num_layers"),
        ("hidden_act", "activation_function"),
        ("rms_norm_eps", "layer_norm_epsilon"),
        ("sliding_window", "window_size"),
    ],
    architecture: "GPTNeoForCausalLM",
    config,
    write,
    tensors: TensorNames {
        query: "attn.attention.q_proj",
        key: "attn.attention.k_proj",
        value: "attn.attention.v_proj",
        output: "attn.attention.out_proj",
        query_key_value: None,
        transposed: false,
        ..gpt2::FAMILY.tensors
    },
};

const KINDS: &str = "attention_types";

fn config(fields: Fields) -> Result<Config> {
    let inner = 4 * fields.size("hidden_size", 1 << 16, None)?;
    let fields = fields
        .without_null(&["intermediate_size", KINDS])
        .with_defaults(json!({
            "activation_function": "gelu_new",
            "layer_norm_epsilon": 1e-5,
            "intermediate_size": inner,
            "window_size": 256,
            KINDS: [[["global", "local"], 12]],
            "tie_word_embeddings": true,
        }));
    let config = Config {
        norm: NormKind::Layer,
        ropes: Vec::new(),
        query_scale: 1.0,
        biases: Biases {
            output: true,
            feed_forward: true,
            ..Biases::default()
        },
        ..Config::from_fields(&fields)?
    };
    fields.size("sliding_window", 1 << 24, None)?;
    let local = local_layers(fields.value(KINDS), config.num_hidden_layers);
    let local = local.ok_or_else(|| fields.refused(KINDS))?;
    config.with_windows(&fields, |layer| local[layer])
}

/// Whether each of so many layers sees a window: kinds that follow one another, and how often they do.
fn local_layers(kinds: &Value, layers: usize) -> Option<Vec<bool>> {
    let mut local = Vec::new();
    for run in kinds.as_array()? {
        let kinds: Option<Vec<bool>> = run
            .get(0)?
            .as_array()?
            .iter()
            .map(|kind| match kind.as_str()? {
                "local" => Some(true),
                "global" => Some(false),
                _ => None,
            })
            .collect();
        let (kinds, times) = (kinds?, run.get(1)?.as_u64()?);
        for _ in 0..times.min(layers as u64 + 1) {
            local.extend(&kinds);
            if local.len() > layers {
                return None;
            }
        }
    }
    (local.len() == layers).then_some(local)
}

fn write(config: &Config, fields: &mut Map<String, Value>) {
    config.write_windows(fields);
    fields.remove("layer_types");
    for field in ["attention_bias", "mlp_bias"] {
        fields.remove(field);
    }
    let kind = |local: &bool| if *local { "local" } else { "global" };
    let kinds: Vec<&str> = config.sliding_layers.iter().map(kind).collect();
    fields.insert(KINDS.into(), json!([[kinds, 1]]));
}

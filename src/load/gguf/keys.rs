//! Which keys of a GGUF file are understood. Names and meanings are those of llama.cpp (`gguf/constants.py`,
//! `src/llama-model.cpp`); a key that is not in the list may change what a model computes, and is refused.

use super::Gguf;
use super::header::Metadata;
use crate::error::{Error, Result};
use serde_json::Value;

/// What is made of a key behind the name of the architecture.
enum Meaning {
    /// It is this field of config.json, by its common name.
    Field(&'static str),
    /// [`super::fields`] or [`super::rope`] reads it.
    Read,
    /// It changes no number.
    Note,
    /// These values alone leave the arithmetic as it is.
    Only(&'static [f64]),
}

/// Families whose layers may see a window.
pub const WINDOWED: [&str; 3] = ["phi3", "gemma2", "gemma3"];

/// Keys that [`super::fields`] reads as lists with an entry for each layer.
const LISTS: [&str; 2] = [
    "attention.sliding_window_pattern",
    "attention.head_count_kv",
];

/// Whether a family turns queries and keys by their positions.
pub fn turns(architecture: &str) -> bool {
    !matches!(architecture, "gpt2" | "bloom")
}

fn meaning(architecture: &str, key: &str) -> Option<Meaning> {
    let gemma = matches!(architecture, "gemma2" | "gemma3");
    let granite = architecture == "granite";
    let minicpm = architecture == "minicpm";
    let lfm2 = architecture == "lfm2";
    let turns = turns(architecture);
    Some(match key {
        "context_length" => Meaning::Field("max_position_embeddings"),
        "embedding_length" => Meaning::Field("hidden_size"),
        "block_count" => Meaning::Field("num_hidden_layers"),
        "feed_forward_length" => Meaning::Field("intermediate_size"),
        "attention.head_count" => Meaning::Field("num_attention_heads"),
        // 0 in layers that are convolutions.
        "attention.head_count_kv" if lfm2 => Meaning::Read,
        "shortconv.l_cache" if lfm2 => Meaning::Field("conv_L_cache"),
        "attention.head_count_kv" => Meaning::Field("num_key_value_heads"),
        "use_parallel_residual" if architecture == "gptneox" => {
            Meaning::Field("use_parallel_residual")
        }
        // Its converter writes it for models that say nothing; without a second norm they are refused all the same.
        "use_parallel_residual" if architecture == "stablelm" => Meaning::Note,
        "embedding_scale" if granite => Meaning::Field("embedding_multiplier"),
        "residual_scale" if granite => Meaning::Field("residual_multiplier"),
        "logit_scale" if granite => Meaning::Field("logits_scaling"),
        "embedding_scale" | "residual_scale" | "logit_scale" if minicpm => Meaning::Read,
        // Dense models of a family with experts and Mamba layers have these too; their tensors are those of others.
        "expert_shared_feed_forward_length" if granite => Meaning::Note,
        key if granite && key.starts_with("ssm.") => Meaning::Note,
        // There it says whether queries and keys are turned at all.
        "rope.scaling.finetuned" if granite => Meaning::Only(&[1.0]),
        "attention.key_length"
        | "attention.value_length"
        | "attention.layer_norm_rms_epsilon"
        | "attention.layer_norm_epsilon"
        | "attention.scale"
        | "attention.sliding_window" => Meaning::Read,
        "attention.sliding_window_pattern"
        | "attn_logit_softcapping"
        | "final_logit_softcapping"
            if gemma =>
        {
            Meaning::Read
        }
        "rope.freq_base"
        | "rope.freq_base_swa"
        | "rope.dimension_count"
        | "rope.scale_linear"
        | "rope.scaling.type"
        | "rope.scaling.factor"
        | "rope.scaling.attn_factor"
        | "rope.scaling.original_context_length"
            if turns =>
        {
            Meaning::Read
        }
        // The embedding has as many rows as there are tokens; how a model was trained or laid out before.
        "vocab_size" | "rope.scaling.finetuned" | "tensor_data_layout" => Meaning::Note,
        "attention.causal" => Meaning::Only(&[1.0]),
        // llama.cpp takes 0 for absent.
        "logit_scale" | "residual_scale" | "embedding_scale" => Meaning::Only(&[0.0, 1.0]),
        "attn_logit_softcapping"
        | "final_logit_softcapping"
        | "use_parallel_residual"
        | "expert_count"
        | "expert_used_count"
        | "attention.clamp_kqv"
        | "attention.max_alibi_bias"
        | "attention.shared_kv_layers"
        | "nextn_predict_layers"
        | "pooling_type" => Meaning::Only(&[0.0]),
        _ => return None,
    })
}

/// The keys behind the name of the architecture.
pub struct Keys<'g> {
    pub file: &'g str,
    pub architecture: &'g str,
    metadata: &'g Metadata,
}

impl<'g> Keys<'g> {
    /// Checks that every key is understood.
    pub fn new(gguf: &'g Gguf, architecture: &'g str) -> Result<Self> {
        let keys = Self {
            file: gguf.file().name,
            architecture,
            metadata: gguf.metadata(),
        };
        for (key, value) in keys.metadata {
            let Some(short) = key
                .strip_prefix(architecture)
                .and_then(|key| key.strip_prefix('.'))
            else {
                continue;
            };
            let understood = match meaning(architecture, short) {
                None => false,
                Some(Meaning::Only(values)) => {
                    number(value).is_some_and(|value| values.contains(&value))
                }
                Some(Meaning::Note) => true,
                Some(Meaning::Read) if LISTS.contains(&short) => true,
                Some(Meaning::Field(_) | Meaning::Read) => uniform(value).is_some(),
            };
            if !understood {
                return Err(refused(keys.file, key, value));
            }
        }
        keys.of_general()?;
        Ok(keys)
    }

    /// Keys of every file that say how it is to be read.
    fn of_general(&self) -> Result<()> {
        for (key, values) in [
            ("general.type", &[Value::from("model")][..]),
            ("general.quantization_version", &[0.into(), 2.into()]),
        ] {
            if let Some(value) = self.metadata.get(key)
                && !values.contains(value)
            {
                return Err(refused(self.file, key, value));
            }
        }
        let programs = ["adapter.", "diffusion.", "xielu."];
        let other = self
            .metadata
            .iter()
            .find(|(key, _)| programs.iter().any(|program| key.starts_with(program)));
        match other {
            Some((key, value)) => Err(refused(self.file, key, value)),
            None => Ok(()),
        }
    }

    /// The value of a key; the one value of a list that holds no other.
    pub fn get(&self, key: &str) -> Option<&'g Value> {
        self.whole(key).and_then(uniform)
    }

    /// The value of a key as it stands.
    pub fn whole(&self, key: &str) -> Option<&'g Value> {
        self.metadata.get(&format!("{}.{key}", self.architecture))
    }

    pub fn number(&self, key: &str) -> Result<Option<f64>> {
        let value = self.get(key);
        let read = value.map(|value| number(value).ok_or_else(|| self.refused(key)));
        read.transpose()
    }

    /// A whole number above 0 that must be there.
    pub fn size(&self, key: &str) -> Result<u64> {
        let value = self.get(key).ok_or_else(|| {
            super::bad(
                self.file,
                format!("it lacks the key {}.{key}", self.architecture),
            )
        })?;
        let size = value.as_u64().filter(|size| *size > 0);
        size.ok_or_else(|| self.refused(key))
    }

    /// The fields of config.json, by their common names, that keys give as they are.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &'g Value)> {
        let prefix = format!("{}.", self.architecture);
        self.metadata.iter().filter_map(move |(key, value)| {
            match meaning(self.architecture, key.strip_prefix(&prefix)?)? {
                Meaning::Field(field) => Some((field, uniform(value)?)),
                _ => None,
            }
        })
    }

    /// The error for a key whose value is not supported.
    pub fn refused(&self, key: &str) -> Error {
        let value = self.whole(key).unwrap_or(&Value::Null);
        refused(self.file, &format!("{}.{key}", self.architecture), value)
    }
}

/// The error for a key that is not understood, or has a value that is not supported.
pub fn refused(file: &str, key: &str, value: &Value) -> Error {
    const SHOWN: usize = 60;
    let mut value = value.to_string();
    if let Some((end, _)) = value.char_indices().nth(SHOWN) {
        value.replace_range(end.., " …");
    }
    Error::Unsupported {
        file: file.to_owned(),
        what: format!("{key} = {value}"),
    }
}

fn number(value: &Value) -> Option<f64> {
    let flag = value.as_bool().map(|flag| if flag { 1.0 } else { 0.0 });
    flag.or_else(|| value.as_f64())
}

/// The value itself; of a list its first, where all are alike.
fn uniform(value: &Value) -> Option<&Value> {
    match value {
        Value::Array(list) => list
            .first()
            .filter(|first| list.iter().all(|v| v == *first)),
        value => Some(value),
    }
}

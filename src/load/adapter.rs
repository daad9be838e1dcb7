//! Low-rank adapters (`LoRA`, Hu et al. 2021), as the peft library saves them: two narrow matrices for each matrix that they change,
//! whose product is added to it when it is read (`merge_and_unload` there).

use super::safetensors::Shards;
use super::source::{File, bad};
use super::{ADAPTER, ADAPTER_CONFIG, LARGEST_CONFIG};
use crate::error::{Error, Result};
use crate::weight::Floats;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What the library writes before the name of a layer, and behind it.
const BASE: &str = "base_model.model.";
const DOWN: &str = ".lora_A.weight";
const UP: &str = ".lora_B.weight";
/// A matrix that is written in full beside them, in place of the model's: where heads or embeddings are changed.
const OWN: &str = ".base_layer.weight";

pub(super) struct Adapter<'a> {
    shards: Shards<'a>,
    /// The model that it was made for, where it says so.
    base: Option<String>,
    /// By the layer's name in the adapter.
    layers: BTreeMap<String, LowRank>,
    /// The layer that changes a tensor of the model's files.
    homes: BTreeMap<String, String>,
}

/// `weight + scale · up · down`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct LowRank {
    rank: usize,
    scale: f32,
}

impl<'a> Adapter<'a> {
    /// Reads what an adapter says and which layers it changes.
    pub fn open(config: &File, weights: File<'a>) -> Result<Self> {
        let fields = fields(config)?;
        check(&fields)?;
        let shards = Shards::open(weights)?;
        let mut layers = BTreeMap::new();
        for name in shards.beginning_with(BASE) {
            let name = &name[BASE.len()..];
            let Some(layer) = [DOWN, UP, OWN]
                .iter()
                .find_map(|end| name.strip_suffix(end))
            else {
                return Err(unsupported(ADAPTER, format!("a tensor {BASE}{name}")));
            };
            for end in [DOWN, UP] {
                let tensor = format!("{BASE}{layer}{end}");
                if !shards.has(&tensor) {
                    return Err(Error::MissingTensor {
                        file: ADAPTER.to_owned(),
                        tensor,
                    });
                }
            }
            let shape = shards.shape(&format!("{BASE}{layer}{DOWN}"));
            let rank = shape.and_then(|shape| shape.first()).copied().unwrap_or(0);
            let scale = scale(&fields, layer, rank)?;
            layers.insert(layer.to_owned(), LowRank { rank, scale });
        }
        if layers.is_empty() {
            let problem = format!("none of its tensors begins with {BASE}: it changes nothing");
            return Err(bad(ADAPTER, problem));
        }
        let base = fields.get("base_model_name_or_path");
        Ok(Self {
            shards,
            base: base.and_then(Value::as_str).map(str::to_owned),
            layers,
            homes: BTreeMap::new(),
        })
    }

    /// The same with the tensors of a model's files that it changes: `home` gives the one of a layer.
    pub fn of(mut self, home: impl Fn(&str) -> Option<String>) -> Result<Self> {
        for layer in self.layers.keys() {
            let home = home(layer).ok_or_else(|| {
                let problem = format!(
                    "it changes {layer}, which is no matrix of this model's files{}",
                    self.made_for()
                );
                bad(ADAPTER, problem)
            })?;
            self.homes.insert(home, layer.clone());
        }
        Ok(self)
    }

    /// A matrix of the model's files with what the adapter adds to it, in the format of the file; `transposed` where the file
    /// has `[in_features, out_features]`.
    pub fn merged(
        &self,
        name: &str,
        mut values: Floats,
        shape: [usize; 2],
        transposed: bool,
    ) -> Result<Floats> {
        let Some(layer) = self.homes.get(name) else {
            return Ok(values);
        };
        let LowRank { rank, scale } = self.layers[layer];
        let own = format!("{BASE}{layer}{OWN}");
        if self.shards.has(&own) {
            values = self.shards.tensor(&own, &shape)?;
        }
        let [rows, cols] = shape;
        let [outputs, inputs] = if transposed { [cols, rows] } else { shape };
        let read = |end: &str, shape: [usize; 2]| -> Result<Vec<f32>> {
            let stored = self.shards.tensor(&format!("{BASE}{layer}{end}"), &shape)?;
            let mut values = vec![0.0; stored.len()];
            stored.read(0, &mut values);
            Ok(values)
        };
        let (down, up) = (read(DOWN, [rank, inputs])?, read(UP, [outputs, rank])?);
        let (mut row_values, mut added) = (vec![0.0; cols], vec![0.0; cols]);
        for row in 0..rows {
            added.fill(0.0);
            for k in 0..rank {
                if transposed {
                    let factor = down[k * inputs + row];
                    let column = up.iter().skip(k).step_by(rank);
                    added
                        .iter_mut()
                        .zip(column)
                        .for_each(|(sum, value)| *sum += factor * value);
                } else {
                    let factor = up[row * rank + k];
                    let values = &down[k * inputs..(k + 1) * inputs];
                    added
                        .iter_mut()
                        .zip(values)
                        .for_each(|(sum, value)| *sum += factor * value);
                }
            }
            values.read(row * cols, &mut row_values);
            row_values
                .iter_mut()
                .zip(&added)
                .for_each(|(value, sum)| *value += scale * sum);
            values.write(row * cols, &row_values);
        }
        Ok(values)
    }

    /// An error where it changes a matrix that no part of the model was made of.
    pub fn check_all_read(&self) -> Result<()> {
        match self.shards.unused().next() {
            Some(name) => Err(unsupported(
                ADAPTER,
                format!("a tensor {name} for a matrix that the model does not use"),
            )),
            None => Ok(()),
        }
    }

    /// What a report says of it.
    pub fn note(&self) -> String {
        let ranks = self.layers.values().map(|layer| layer.rank);
        let ranks = (ranks.clone().min().unwrap_or(0), ranks.max().unwrap_or(0));
        let ranks = match ranks {
            (least, most) if least == most => format!("rank {most}"),
            (least, most) => format!("ranks {least} to {most}"),
        };
        format!(
            "An adapter (LoRA, {ranks}) is merged into {} matrices of the model{}.",
            self.layers.len(),
            self.made_for()
        )
    }

    fn made_for(&self) -> String {
        let made_for = |base| format!("; it was made for {base}");
        self.base.as_ref().map_or(String::new(), made_for)
    }
}

/// The error for an adapter without the model that it changes.
pub(super) fn alone(config: Option<File>) -> Error {
    let base = config.and_then(|config| fields(&config).ok());
    let base = base
        .as_ref()
        .and_then(|fields| fields.get("base_model_name_or_path"));
    let base = base
        .and_then(Value::as_str)
        .unwrap_or("the model that it changes");
    let problem = format!(
        "it holds an adapter (LoRA) and no model: choose the files of {base} (safetensors) together with {ADAPTER} and {ADAPTER_CONFIG}"
    );
    bad(ADAPTER, problem)
}

fn fields(config: &File) -> Result<Map<String, Value>> {
    serde_json::from_slice(&config.whole(LARGEST_CONFIG)?)
        .map_err(|error| bad(config.name, format!("it is not a JSON object ({error})")))
}

fn unsupported(file: &str, what: String) -> Error {
    Error::Unsupported {
        file: file.to_owned(),
        what,
    }
}

/// Refuses what is more than a low-rank product, or one that belongs to weights which are not those of the model.
fn check(fields: &Map<String, Value>) -> Result<()> {
    const MORE: [&str; 15] = [
        "use_dora",
        "use_qalora",
        "lora_bias",
        "layer_replication",
        "modules_to_save",
        "trainable_token_indices",
        "target_parameters",
        "alora_invocation_tokens",
        "arrow_config",
        "use_bdlora",
        "corda_config",
        "kasa_config",
        "lora_ga_config",
        "monteclora_config",
        "velora_config",
    ];
    /// Beginnings that leave the weights of the model as they are.
    const PLAIN: [&str; 3] = ["gaussian", "eva", "orthogonal"];
    let refused =
        |name: &str, value: &Value| unsupported(ADAPTER_CONFIG, format!("{name} = {value}"));
    let is_nothing = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    };
    for (name, value) in fields {
        let is_fine = match name.as_str() {
            "peft_type" => value == "LORA",
            "bias" => value == "none",
            "init_lora_weights" => value.as_str().is_none_or(|text| PLAIN.contains(&text)),
            name if MORE.contains(&name) => is_nothing(value),
            _ => true,
        };
        if !is_fine {
            return Err(refused(name, value));
        }
    }
    match fields.get("peft_type") {
        Some(_) => Ok(()),
        None => Err(refused("peft_type", &Value::Null)),
    }
}

/// What the product of a layer is multiplied by: alpha over the rank, or over its root (`use_rslora`, Kalajdzievski 2023).
fn scale(fields: &Map<String, Value>, layer: &str, rank: usize) -> Result<f32> {
    let refused =
        |name: &str, value: &Value| unsupported(ADAPTER_CONFIG, format!("{name} = {value}"));
    let mut alpha = fields.get("lora_alpha").unwrap_or(&Value::Null);
    let mut name = "lora_alpha";
    if let Some(patterns) = fields.get("alpha_pattern").and_then(Value::as_object) {
        name = "alpha_pattern";
        let mut found = Vec::new();
        for (pattern, value) in patterns {
            if matches(pattern, layer).ok_or_else(|| refused(name, &pattern.as_str().into()))? {
                found.push(value);
            }
        }
        match found[..] {
            [] => name = "lora_alpha",
            [one] => alpha = one,
            // The first one in the file counts there; objects have no order here.
            _ => return Err(refused(name, &Value::Object(patterns.clone()))),
        }
    }
    let is_rooted = fields.get("use_rslora") == Some(&Value::Bool(true));
    let rank = rank as f64;
    let divisor = if is_rooted { rank.sqrt() } else { rank };
    #[expect(clippy::cast_possible_truncation, reason = "what is multiplied is f32")]
    let scale = alpha.as_f64().map(|alpha| (alpha / divisor) as f32);
    scale
        .filter(|scale| scale.is_finite())
        .ok_or_else(|| refused(name, alpha))
}

/// Whether a pattern is a layer's name, or its last steps; `None` for one that is more than a name.
fn matches(pattern: &str, layer: &str) -> Option<bool> {
    let (is_whole, name) = match pattern.strip_prefix('^') {
        Some(name) => (true, name),
        None => (false, pattern),
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if !name.chars().all(is_name) {
        return None;
    }
    let before = layer.strip_suffix(name);
    Some(before.is_some_and(|before| before.is_empty() || !is_whole && before.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn scaled(change: &Value, layer: &str) -> Result<f32> {
        let mut fields = json!({"lora_alpha": 16});
        fields
            .as_object_mut()
            .expect("fields")
            .extend(change.as_object().cloned().expect("fields"));
        scale(fields.as_object().expect("fields"), layer, 4)
    }

    #[test]
    fn scales_are_those_of_the_library() {
        let layer = "model.layers.0.self_attn.q_proj";
        for (change, expected) in [
            (json!({}), 4.0),
            (json!({"use_rslora": true}), 8.0),
            (json!({"alpha_pattern": {"q_proj": 2}}), 0.5),
            (
                json!({"alpha_pattern": {"self_attn.q_proj": 2, "o_proj": 9}}),
                0.5,
            ),
            (json!({"alpha_pattern": {"proj": 2}}), 4.0),
            (json!({"alpha_pattern": {"^q_proj": 2}}), 4.0),
            (
                json!({"alpha_pattern": {"^model.layers.0.self_attn.q_proj": 2}}),
                0.5,
            ),
        ] {
            assert_eq!(
                scaled(&change, layer).expect("a scale"),
                expected,
                "{change}"
            );
        }
        for change in [
            json!({"alpha_pattern": {".*q_proj": 2}}),
            json!({"lora_alpha": "16"}),
            json!({"lora_alpha": null}),
        ] {
            assert!(scaled(&change, layer).is_err(), "{change}");
        }
    }

    #[test]
    fn what_is_more_than_a_low_rank_product_is_refused_by_name() {
        let plain = json!({"peft_type": "LORA", "bias": "none", "use_dora": false, "modules_to_save": null, "init_lora_weights": true});
        let plain = plain.as_object().cloned().expect("fields");
        check(&plain).expect("a plain adapter");
        for (name, value) in [
            ("peft_type", json!("IA3")),
            ("bias", json!("all")),
            ("use_dora", json!(true)),
            ("modules_to_save", json!(["lm_head"])),
            ("init_lora_weights", json!("pissa")),
            ("trainable_token_indices", json!({"embed_tokens": [3]})),
        ] {
            let mut fields = plain.clone();
            fields.insert(name.into(), value);
            let error = check(&fields).expect_err(name).to_string();
            assert!(error.contains(name), "{error}");
        }
    }
}

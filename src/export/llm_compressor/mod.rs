//! A recipe as llm-compressor's, for models of any size. Compared with version 0.14 of that program.

#[cfg(test)]
mod tests;

use crate::compress;
use crate::error::{Error, Result};
use crate::recipe::{Recipe, words};
use crate::validate::CheckedRecipe;
use serde_json::{Map, Value};
use std::fmt::Write;

/// What stays as it is. Its pruning modifiers do not find the plain name: they look for it with a dot behind it.
const HEAD: &str = "[\"re:.*lm_head\"]";

/// A recipe in another program's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translation {
    pub text: String,
    /// What the other program has no counterpart for: a clause each.
    pub lacking: Vec<String>,
}

/// The recipe as YAML for `oneshot`. An error names a method that has no counterpart.
pub fn llm_compressor(recipe: &Recipe) -> Result<Translation> {
    let checked = CheckedRecipe::new(recipe)?;
    let (name, settings) = (checked.chain.name(), checked.chain.settings());
    let calibration = checked.calibration.to_map();
    let mut writer = Writer {
        settings,
        modifiers: String::new(),
        lacking: Vec::new(),
    };
    let rounds = |method: &&str| !matches!(*method, "magnitude" | "wanda" | "sparsegpt");
    if name.split('+').filter(rounds).count() > 1 {
        return Err(refused(
            &name,
            "llm-compressor rounds weights once: one method that quantizes is needed",
        ));
    }
    for method in name.split('+') {
        writer.method(method)?;
    }
    if ["mask_structure", "GPTQModifier:"]
        .iter()
        .all(|part| writer.modifiers.contains(part))
    {
        writer.lack("removed weights that stay 0: its GPTQModifier changes them with the others");
    }
    let is_calibrated = name
        .split('+')
        .any(|name| compress::method(name).is_ok_and(|method| method.calibrated));
    let command = if is_calibrated {
        writer.calibration(&calibration)
    } else {
        "oneshot(model=\"MODEL\", recipe=\"recipe.yaml\", output_dir=\"OUT\")".to_owned()
    };
    let mut text = format!(
        "# {name}, as Pressure Test has it, for llm-compressor 0.14:\n#   from llmcompressor import oneshot\n#   {command}\n"
    );
    if !writer.lacking.is_empty() {
        text.push_str("# Without counterpart there:\n");
        for clause in &writer.lacking {
            let _ = writeln!(text, "#   {clause}");
        }
    }
    let _ = write!(
        text,
        "default_stage:\n  default_modifiers:\n{}",
        writer.modifiers
    );
    Ok(Translation {
        text,
        lacking: writer.lacking,
    })
}

fn refused(method: &str, expected: &str) -> Error {
    Error::Setting {
        name: "method".into(),
        found: method.into(),
        expected: expected.into(),
    }
}

struct Writer<'s> {
    settings: &'s Map<String, Value>,
    modifiers: String,
    lacking: Vec<String>,
}

impl Writer<'_> {
    fn method(&mut self, method: &str) -> Result<()> {
        match method {
            "round_to_nearest" => {
                self.modifier("QuantizationModifier", &[]);
                self.grid();
            }
            "gptq" => {
                let actorder = self.actorder();
                let damping = self.word("damping");
                self.modifier(
                    "GPTQModifier",
                    &[("dampening_frac", &damping), ("actorder", actorder)],
                );
                self.grid();
            }
            "awq" => {
                if self.word("clip") == "true" {
                    self.lack("clip = true: weights are not cut off there");
                }
                // Its powers go from 0 to 1, both included; ours stop a step before 1.
                let points = self.word("scale_points");
                self.lack(&format!(
                    "scale_points = {points}: the full strength is tried there too"
                ));
                let points = points
                    .parse::<u8>()
                    .unwrap_or_default()
                    .saturating_add(1)
                    .to_string();
                self.modifier(
                    "AWQModifier",
                    &[("duo_scaling", "false"), ("n_grid", &points)],
                );
                self.modifier("QuantizationModifier", &[]);
                self.grid();
            }
            "wanda" => self.pruning("WandaPruningModifier", &[]),
            "sparsegpt" => self.sparsegpt(),
            "sparsegpt_gptq" => {
                self.lack(
                    "sparsegpt_gptq: both in one pass; there the weights are pruned first and the rest is rounded then",
                );
                self.sparsegpt();
                let damping = self.word("damping");
                self.modifier(
                    "GPTQModifier",
                    &[("dampening_frac", &damping), ("actorder", "null")],
                );
                self.grid();
            }
            method => {
                return Err(refused(
                    method,
                    "llm-compressor has no modifier that does this in one shot; nearest are wanda and sparsegpt",
                ));
            }
        }
        Ok(())
    }

    fn modifier(&mut self, name: &str, fields: &[(&str, &str)]) {
        let _ = writeln!(self.modifiers, "    {name}:");
        for (field, value) in fields {
            let _ = writeln!(self.modifiers, "      {field}: {value}");
        }
    }

    fn sparsegpt(&mut self) {
        let [block, damping] = ["block_size", "damping"].map(|name| self.word(name));
        self.pruning(
            "SparseGPTModifier",
            &[("block_size", &block), ("dampening_frac", &damping)],
        );
    }

    fn pruning(&mut self, modifier: &str, more: &[(&str, &str)]) {
        let mask = match self.word("pattern").as_str() {
            "unstructured" => "\"0:0\"".to_owned(),
            pattern => format!("\"{pattern}\""),
        };
        // A pattern says how many stay.
        let sparsity = match mask.as_str() {
            "\"0:0\"" => self.word("sparsity"),
            _ => "0.5".to_owned(),
        };
        let fields = [
            ("sparsity", sparsity.as_str()),
            ("mask_structure", &mask),
            ("targets", "[Linear]"),
            ("ignore", HEAD),
        ];
        self.modifier(modifier, &[&fields[..], more].concat());
    }

    /// In which order columns are rounded.
    fn actorder(&mut self) -> &'static str {
        let order = self.word("column_order");
        if order == "group-aware" {
            self.lack(&format!(
                "column_order = {order}: columns with the strongest inputs come first instead (static)"
            ));
        }
        if self.word("static_groups") == "false" {
            self.lack("static_groups = false: scales are found before the first column is rounded, of groups as stored");
        }
        if order == "stored" { "null" } else { "static" }
    }

    /// How weights are rounded.
    fn grid(&mut self) {
        if self.word("grid") == "classic" {
            self.lack("grid = classic: scales have the model's number format there");
        } else if self.word("symmetric") == "true" {
            self.lack("grid = full_range: symmetric grids are the classic ones there, of the same scale for both signs");
        }
        if self.word("embedding_and_head") == "true" {
            self.lack("embedding_and_head = true: both stay as they are");
        }
        let [bits, symmetric] = ["bits", "symmetric"].map(|name| self.word(name));
        let strategy = match self.word("group_size").as_str() {
            "row" => "strategy: channel".to_owned(),
            size => format!("strategy: group\n            group_size: {size}"),
        };
        let observer = match self.word("range_search").as_str() {
            "true" => {
                self.lack("range_search = true: narrower ranges are tried by its mse observer, which has its own steps and error");
                "memoryless_mse"
            }
            _ => "memoryless_minmax",
        };
        let _ = write!(
            self.modifiers,
            "      ignore: {HEAD}\n      config_groups:\n        group_0:\n          targets: [Linear]\n          \
             weights:\n            num_bits: {bits}\n            type: int\n            symmetric: {symmetric}\n            \
             {strategy}\n            observer: {observer}\n"
        );
    }

    /// The call with its calibration.
    fn calibration(&mut self, calibration: &Map<String, Value>) -> String {
        let word = |name: &str| calibration.get(name).map(words).unwrap_or_default();
        self.lack(&format!(
            "calibration.seed = {}: give the text to calibrate by as DATASET; which pieces of it are taken is drawn there",
            word("seed")
        ));
        if word("seeds") != "1" {
            self.lack(&format!(
                "calibration.seeds = {}: it compresses once",
                word("seeds")
            ));
        }
        let propagation = word("propagation");
        let propagates = if propagation == "dense" {
            ", propagate_error=False"
        } else {
            ""
        };
        // Its QuantizationModifier finds grids as it goes, and rounds when all is done.
        if propagation != "dense" && self.modifiers.contains("QuantizationModifier") {
            self.lack(&format!(
                "calibration.propagation = {propagation}: layers see blocks before them that are not rounded yet"
            ));
        } else if propagation == "layer" {
            self.lack("calibration.propagation = layer: layers see what compressed blocks give, not layers");
        }
        format!(
            "oneshot(model=\"MODEL\", dataset=\"DATASET\", recipe=\"recipe.yaml\", output_dir=\"OUT\", \
             num_calibration_samples={}, max_seq_length={}, pipeline=\"sequential\"{propagates})",
            word("sequences"),
            word("length")
        )
    }

    fn word(&self, name: &str) -> String {
        self.settings.get(name).map(words).unwrap_or_default()
    }

    fn lack(&mut self, clause: &str) {
        if self.lacking.iter().all(|known| known != clause) {
            self.lacking.push(clause.to_owned());
        }
    }
}

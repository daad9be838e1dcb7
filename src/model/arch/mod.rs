//! Model families: one file each, names and quirks only.

mod llama;

use super::config::{Config, Fields};
use crate::error::{Error, Result};

/// Every family, in the order of the catalog.
pub const FAMILIES: &[&Family] = &[&llama::FAMILY];

/// What distinguishes one family.
#[derive(Debug)]
pub struct Family {
    pub name: &'static str,
    pub title: &'static str,
    /// `model_type` in config.json.
    pub model_types: &'static [&'static str],
    /// Reads config.json.
    pub config: fn(&Fields) -> Result<Config>,
    pub tensors: TensorNames,
}

/// Names of tensors in the file. Those of a block follow `block`, the block's number and a dot; linear layers
/// end in `.weight` and `.bias`.
#[derive(Debug)]
pub struct TensorNames {
    pub embedding: &'static str,
    pub block: &'static str,
    pub norm: &'static str,
    pub head: &'static str,
    pub input_norm: &'static str,
    pub query: &'static str,
    pub key: &'static str,
    pub value: &'static str,
    pub output: &'static str,
    pub post_norm: &'static str,
    pub gate: &'static str,
    pub up: &'static str,
    pub down: &'static str,
}

/// The family of a config.json, by its `model_type`.
pub fn family(fields: &Fields) -> Result<&'static Family> {
    let found = fields.text("model_type");
    FAMILIES
        .iter()
        .copied()
        .find(|family| family.model_types.contains(&found))
        .ok_or_else(|| Error::UnknownFamily {
            found: if found.is_empty() { "(none)" } else { found }.to_owned(),
            known: FAMILIES
                .iter()
                .flat_map(|family| family.model_types)
                .copied()
                .collect::<Vec<_>>()
                .join(", "),
        })
}

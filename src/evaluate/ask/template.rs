//! Which template prompts go through.

use serde::{Deserialize, Serialize};

/// Which template prompts go through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Template {
    /// The model's own where it has one, else the plain one.
    #[default]
    Auto,
    Plain,
}

/// Which template prompts went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum TemplateUsed {
    /// The model's own, from `tokenizer_config.json`.
    Chat,
    Plain,
}

//! Which template prompts go through.

use crate::model::{ChatTemplate, Model};
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

impl Template {
    /// What prompts to `model` go through.
    #[must_use]
    pub fn used(self, model: &Model) -> TemplateUsed {
        match chat_template(model, self) {
            Some(_) => TemplateUsed::Chat,
            None => TemplateUsed::Plain,
        }
    }
}

/// Which template prompts went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum TemplateUsed {
    /// The model's own, from `tokenizer_config.json`.
    Chat,
    Plain,
}

/// The template that prompts to `model` go through; `None` for the plain one.
pub(in crate::evaluate) fn chat_template(
    model: &Model,
    template: Template,
) -> Option<&ChatTemplate> {
    match template {
        Template::Auto => model.chat_template.as_deref(),
        Template::Plain => None,
    }
}

//! Recipes and items for programs that run models of any size: llm-compressor, lm-evaluation-harness and Inspect.

mod inspect;
mod llm_compressor;
mod lm_eval;
mod rows;

use crate::evaluate::{CONSENT, REFUSALS};
use serde_json::Value;
use std::fmt::Write;

pub use inspect::inspect;
pub use llm_compressor::{Translation, llm_compressor};
pub use lm_eval::lm_eval;

/// How written answers are judged, in Python, for the end of a file there.
fn judging() -> String {
    let [consent, refusals] = [CONSENT, REFUSALS].map(Value::from);
    format!(
        "\n\nCONSENT = {consent}\nREFUSALS = {refusals}{}",
        include_str!("judging.py")
    )
}

/// A file to be written: its name in the folder, and its contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub name: String,
    pub contents: String,
}

impl File {
    fn new(name: impl Into<String>, contents: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            contents: contents.into(),
        }
    }

    /// One JSON value a line.
    fn of_rows<'r>(name: String, rows: impl Iterator<Item = &'r rows::Row>) -> Self {
        let contents = rows.fold(String::new(), |mut lines, row| {
            let _ = writeln!(lines, "{}", row.json());
            lines
        });
        Self { name, contents }
    }
}

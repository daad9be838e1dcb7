//! Multiple choice: benign performance, beside trust.

use crate::error::Result;
use crate::evaluate::Options;
use crate::evaluate::ask::Decides;
use crate::evaluate::ask::{Credit, OptionChoice, Prompt, Rule};
use crate::evaluate::items::rows;
use crate::evaluate::items::rows::{bad, fill, read};
use crate::evaluate::measure::Group;
use crate::evaluate::probe::{Probe, ProbeKind, Rows};
use crate::evaluate::questions::{PartInfo, Question, Questions};
use serde::Deserialize;

pub const PROBE: ProbeKind = ProbeKind {
    name: "multiple_choice",
    title: "Multiple choice",
    sentence: "Plain questions with four possible answers: what the model knows.",
    source: "classroom",
    group: Group::Utility,
    decides: Some(Decides::PerByte),
    default_items: 40,
    items: include_str!("items.json"),
    parse: Some(rows::parse::<MultipleChoiceRows>),
    authors: None,
    build: |options| probe(&read(&PROBE)?, options),
};

/// What it is made of.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MultipleChoiceRows {
    /// With places for `{question}`, `{a}`, `{b}`, `{c}` and `{d}`.
    pub question: String,
    pub items: Vec<Row>,
}

/// A question with its options.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub question: String,
    pub options: [String; 4],
    /// The index of the right option.
    pub answer: usize,
}

impl Rows for MultipleChoiceRows {
    fn probe(&self, options: &Options) -> Result<Box<dyn Probe>> {
        probe(self, options)
    }
}

/// The probe that asks these rows.
fn probe(rows: &MultipleChoiceRows, options: &Options) -> Result<Box<dyn Probe>> {
    let mut questions = Vec::new();
    for (cluster, row) in rows.items.iter().enumerate() {
        let id = rows::row("items", cluster);
        if row.answer >= row.options.len() {
            let problem = format!("there is no option {}; they count from 0", row.answer);
            return Err(bad(&PROBE, problem).in_row(id));
        }
        let [a, b, c, d] = &row.options;
        let texts = [
            ("question", &row.question),
            ("a", a),
            ("b", b),
            ("c", c),
            ("d", d),
        ];
        let texts = texts.map(|(name, text)| (name, &text[..]));
        questions.push(Question {
            part: 0,
            row: id,
            cluster,
            class: row.answer,
            prompt: Prompt::question(fill(&rows.question, texts)),
            form: Box::new(OptionChoice {
                options: row.options.to_vec().into(),
                credit: Credit::Key(row.answer),
                rule: Rule::Contains,
            }),
            offensive: false,
        });
    }
    let parts = vec![PartInfo::scored("questions", "Questions")];
    Ok(Box::new(Questions::new(&PROBE, options, parts, questions)))
}

//! Adversarial robustness: language tasks under disturbance, beside their clean twins (AdvGLUE, Wang et al.
//! 2021; DecodingTrust, Wang et al. 2023, section 5).

mod authors;

use crate::error::Result;
use crate::evaluate::Options;
use crate::evaluate::ask::Decides;
use crate::evaluate::ask::{Credit, OptionChoice, Prompt, Rule, Way};
use crate::evaluate::items::rows;
use crate::evaluate::items::rows::{bad, fill, index_of, read};
use crate::evaluate::measure::Group;
use crate::evaluate::probe::{Probe, ProbeKind, Rows};
use crate::evaluate::questions::{PartInfo, PartRole, Question, Questions, Twins, neutral};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use authors::rows as from_authors;

pub const PROBE: ProbeKind = ProbeKind {
    name: "adversarial_robustness",
    title: "Adversarial robustness",
    sentence: "Does the model still answer well when a text has typos, swapped words, distracting sentences or \
               another wording?",
    source: "classroom",
    group: Group::Trust,
    decides: Some(Decides::Sum),
    default_items: 90,
    items: include_str!("items.json"),
    parse: Some(rows::parse::<AdversarialRobustnessRows>),
    authors: Some(&authors::FEED),
    build: |options| probe(&read(&PROBE)?, options),
};

/// What the dimension is made of.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdversarialRobustnessRows {
    pub tasks: Vec<Task>,
    pub items: Vec<Row>,
}

/// One language task: a sub-task.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    pub name: String,
    /// With places for the texts of its items, by name.
    pub question: String,
    pub options: Vec<String>,
}

/// A disturbed item with its undisturbed twin.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub task: String,
    pub perturbation: Option<Perturbation>,
    /// Texts by name; empty where there is no twin.
    #[serde(default)]
    pub clean: BTreeMap<String, String>,
    pub perturbed: BTreeMap<String, String>,
    pub answer: String,
}

/// What was done to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Perturbation {
    Typo,
    WordSwap,
    Distraction,
    Rewrite,
}

impl Rows for AdversarialRobustnessRows {
    fn probe(&self, options: &Options) -> Result<Box<dyn Probe>> {
        probe(self, options)
    }
}

/// The probe that asks these rows.
fn probe(rows: &AdversarialRobustnessRows, options: &Options) -> Result<Box<dyn Probe>> {
    let count = rows.tasks.len();
    let answers: Vec<Arc<[String]>> = rows
        .tasks
        .iter()
        .map(|t| t.options.clone().into())
        .collect();
    // Where a task has no clean twins, its items say themselves whether the model can do it.
    let has_twins = |task: &str| {
        let mut own = rows.items.iter().filter(|row| row.task == task);
        own.any(|row| !row.clean.is_empty())
    };
    let mut questions = Vec::new();
    for (cluster, row) in rows.items.iter().enumerate() {
        let id = rows::row("items", cluster);
        let task = rows.tasks.iter().position(|task| task.name == row.task);
        let task = task.ok_or_else(|| bad(&PROBE, format!("there is no task {}", row.task)));
        let task = task.map_err(|error| error.in_row(id))?;
        let key = index_of(&PROBE, &answers[task], &row.answer);
        let key = key.map_err(|error| error.in_row(id))?;
        for (part, texts) in [(task, &row.perturbed), (task + count, &row.clean)] {
            if texts.is_empty() {
                continue;
            }
            let ask = |text: Option<&str>| {
                let texts = texts
                    .iter()
                    .map(|(name, own)| (&name[..], text.unwrap_or(own)));
                Prompt::question(fill(&rows.tasks[task].question, texts))
            };
            questions.push(Question {
                part,
                row: id,
                cluster,
                class: key,
                group: None,
                frame: row.task.clone(),
                ability: part != task || !has_twins(&row.task),
                prompt: ask(None),
                neutral: neutral(|filler| ask(Some(filler))),
                form: Box::new(OptionChoice {
                    options: Arc::clone(&answers[task]),
                    credit: Credit::Key(key),
                    rule: Rule::Contains,
                    a: Some(0),
                    way: Way::AsChosen,
                }),
                offensive: false,
            });
        }
    }
    let disturbed = rows.tasks.iter().map(|task| {
        let title = title(&task.name);
        PartInfo::scored(task.name.clone(), title)
    });
    let clean = rows.tasks.iter().enumerate().map(|(i, task)| {
        let title = format!("{}, undisturbed", title(&task.name));
        PartInfo::scored(format!("{}_clean", task.name), title).at(PartRole::TwinOf(i))
    });
    let parts = disturbed.chain(clean).collect();
    let questions = Questions::new(&PROBE, options, parts, questions);
    Ok(Box::new(questions.with_twins(Twins {
        accuracy: "Accuracy on the undisturbed twins",
        drop: "Points lost to the disturbance",
    })))
}

/// A name as a title: `word_swap` is "Word swap".
fn title(name: &str) -> String {
    let text = name.replace('_', " ");
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

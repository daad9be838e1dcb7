//! Multiple choice: benign performance, beside trust.

use crate::error::Result;
use crate::evaluate::Options;
use crate::evaluate::ask::Decides;
use crate::evaluate::ask::{Credit, OptionChoice, Prompt, Rule, Way};
use crate::evaluate::items::rows;
use crate::evaluate::items::rows::{bad, check_options, fill, read};
use crate::evaluate::measure::Group;
use crate::evaluate::probe::{Probe, ProbeKind, Rows};
use crate::evaluate::questions::{PartInfo, Question, Questions};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;

pub const PROBE: ProbeKind = ProbeKind {
    name: "multiple_choice",
    title: "Multiple choice",
    sentence: "Plain questions with a few possible answers: what the model knows.",
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
    /// With a place for `{question}`, and one for all `{options}` or one for each, from `{a}` on.
    pub question: String,
    /// What any model may know.
    pub items: Vec<Row>,
    /// What a made-up world's own models are asked instead.
    #[serde(default)]
    pub world: Option<World>,
}

/// Questions about a made-up world.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// As its models' config.json has it in `pressure_test_world`.
    pub name: String,
    /// Absent where the reader's own rows stand in their place.
    #[serde(default)]
    pub items: Option<Vec<Row>>,
}

/// A question with its options.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub question: String,
    /// Two to five.
    pub options: Vec<String>,
    /// The index of the right option.
    pub answer: usize,
    /// Rows that name the same ask for one fact, and count as one case where chance is reckoned.
    #[serde(default)]
    pub cluster: Option<String>,
}

impl Rows for MultipleChoiceRows {
    fn probe(&self, options: &Options) -> Result<Box<dyn Probe>> {
        probe(self, options)
    }
}

/// What the places of single options are called.
const LETTERS: [&str; 5] = ["a", "b", "c", "d", "e"];

/// An error where a template has places for single options, and more or fewer than there are.
fn has_places(question: &str, options: usize) -> Result<()> {
    let letters = LETTERS
        .iter()
        .filter(|letter| question.contains(&format!("{{{letter}}}")));
    match letters.count() {
        0 => Ok(()),
        places if places == options => Ok(()),
        places => Err(bad(
            &PROBE,
            format!(
                "it has {options} options, and the question has places for {places}; write {{options}} in its place"
            ),
        )),
    }
}

/// The probe that asks these rows.
fn probe(rows: &MultipleChoiceRows, options: &Options) -> Result<Box<dyn Probe>> {
    let world = rows.world.as_ref();
    let world = world.filter(|world| options.knows(&world.name));
    let (list, items) = match world.and_then(|world| world.items.as_ref()) {
        Some(items) => ("world.items", items),
        None => ("items", &rows.items),
    };
    let mut questions = Vec::new();
    let mut first = HashMap::new();
    for (i, row) in items.iter().enumerate() {
        let id = rows::row(list, i);
        let name = row.cluster.as_ref();
        let cluster = name.map_or(i, |name| *first.entry(name).or_insert(i));
        check_options(&PROBE, &row.options, row.answer).map_err(|error| error.in_row(id))?;
        let places = has_places(&rows.question, row.options.len());
        places.map_err(|error| error.in_row(id))?;
        let all = row.options.join(", ");
        let each = LETTERS.into_iter().zip(row.options.iter().map(|o| &o[..]));
        let texts = [("question", &row.question[..]), ("options", &all)];
        let texts = texts.into_iter().chain(each);
        questions.push(Question {
            part: 0,
            row: id,
            cluster,
            class: row.answer,
            group: None,
            frame: "questions".into(),
            ability: true,
            prompt: Prompt::question(fill(&rows.question, texts)),
            neutral: Arc::default(),
            form: Box::new(OptionChoice {
                options: row.options.clone().into(),
                credit: Credit::Key(row.answer),
                rule: Rule::Contains,
                a: None,
                way: Way::Uncalibrated,
            }),
            offensive: false,
        });
    }
    let parts = vec![PartInfo::scored("questions", "Questions")];
    Ok(Box::new(Questions::new(&PROBE, options, parts, questions)))
}

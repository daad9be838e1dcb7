//! Multiple choice: benign performance, beside trust.

use super::parse::Rule;
use super::questions::{Credit, PartInfo, Question, Questions, bad, fill, read};
use super::{Group, Options, Probe, ProbeKind, Prompt};
use crate::error::Result;
use serde::Deserialize;

pub const PROBE: ProbeKind = ProbeKind {
    name: "multiple_choice",
    title: "Multiple choice",
    sentence: "Plain questions with four possible answers: what the model knows.",
    source: "classroom",
    group: Group::Utility,
    chance: Some(25.0),
    items: include_str!("items/multiple_choice.json"),
    build,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Items {
    #[expect(dead_code, reason = "part of the schema")]
    version: u32,
    question: String,
    items: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    question: String,
    options: [String; 4],
    answer: usize,
}

fn build(options: &Options) -> Result<Box<dyn Probe>> {
    let items: Items = read(&PROBE)?;
    let mut questions = Vec::new();
    for (i, item) in items.items.iter().enumerate() {
        if item.answer >= item.options.len() {
            return Err(bad(
                &PROBE,
                format!("item {i} has no option {}", item.answer),
            ));
        }
        let [a, b, c, d] = &item.options;
        let texts = [
            ("question", &item.question),
            ("a", a),
            ("b", b),
            ("c", c),
            ("d", d),
        ];
        let texts = texts.map(|(name, text)| (name, &text[..]));
        questions.push(Question {
            part: 0,
            cluster: i,
            prompt: Prompt::question(fill(&items.question, texts)),
            options: i,
            key: item.answer,
            credit: Credit::Key,
        });
    }
    Ok(Box::new(Questions {
        kind: &PROBE,
        ask: *options,
        rule: Rule::Contains,
        parts: vec![PartInfo {
            name: "questions",
            title: "Questions",
            note: None,
        }],
        clean: Vec::new(),
        options: items
            .items
            .into_iter()
            .map(|item| item.options.to_vec())
            .collect(),
        questions,
    }))
}

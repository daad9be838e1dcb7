//! Adversarial robustness: language tasks under disturbance, beside their clean twins (AdvGLUE, Wang et al.
//! 2021; DecodingTrust, Wang et al. 2023, section 5).

use super::parse::Rule;
use super::questions::{Credit, PartInfo, Question, Questions, bad, fill, index_of, read};
use super::{Group, Options, Probe, ProbeKind, Prompt};
use crate::error::Result;
use serde::Deserialize;
use std::collections::BTreeMap;

pub const PROBE: ProbeKind = ProbeKind {
    name: "adversarial_robustness",
    title: "Adversarial robustness",
    sentence: "Does the model still answer well when a text has typos, swapped words, distracting sentences or \
               another wording?",
    source: "classroom",
    group: Group::Trust,
    chance: Some(50.0),
    items: include_str!("items/adversarial_robustness.json"),
    build,
};

const PARTS: [PartInfo; 3] = [
    PartInfo {
        name: "sentiment",
        title: "Sentiment",
        note: None,
    },
    PartInfo {
        name: "paraphrase",
        title: "Paraphrase",
        note: None,
    },
    PartInfo {
        name: "entailment",
        title: "Entailment",
        note: None,
    },
];
const CLEAN: [PartInfo; 3] = [
    PartInfo {
        name: "sentiment_clean",
        title: "Sentiment, undisturbed",
        note: None,
    },
    PartInfo {
        name: "paraphrase_clean",
        title: "Paraphrase, undisturbed",
        note: None,
    },
    PartInfo {
        name: "entailment_clean",
        title: "Entailment, undisturbed",
        note: None,
    },
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Items {
    #[expect(dead_code, reason = "part of the schema")]
    version: u32,
    tasks: Vec<Task>,
    items: Vec<Twins>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Task {
    name: String,
    question: String,
    options: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Twins {
    task: String,
    #[expect(dead_code, reason = "part of the schema")]
    perturbation: Perturbation,
    clean: BTreeMap<String, String>,
    perturbed: BTreeMap<String, String>,
    answer: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Perturbation {
    Typo,
    WordSwap,
    Distraction,
    Rewrite,
}

fn build(options: &Options) -> Result<Box<dyn Probe>> {
    let items: Items = read(&PROBE)?;
    let mut questions = Vec::new();
    for (cluster, twins) in items.items.iter().enumerate() {
        let part = PARTS.iter().position(|part| part.name == twins.task);
        let task = items.tasks.iter().position(|task| task.name == twins.task);
        let (Some(part), Some(task)) = (part, task) else {
            return Err(bad(&PROBE, format!("there is no task {}", twins.task)));
        };
        let key = index_of(&PROBE, &items.tasks[task].options, &twins.answer)?;
        for (part, texts) in [(part, &twins.perturbed), (part + PARTS.len(), &twins.clean)] {
            let texts = texts.iter().map(|(name, text)| (&name[..], &text[..]));
            questions.push(Question {
                part,
                cluster,
                prompt: Prompt::question(fill(&items.tasks[task].question, texts)),
                options: task,
                key,
                credit: Credit::Key,
            });
        }
    }
    Ok(Box::new(Questions {
        kind: &PROBE,
        ask: *options,
        rule: Rule::Contains,
        parts: PARTS.to_vec(),
        clean: CLEAN.to_vec(),
        options: items.tasks.into_iter().map(|task| task.options).collect(),
        questions,
    }))
}

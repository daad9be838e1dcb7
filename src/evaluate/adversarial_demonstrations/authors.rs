//! Adversarial demonstrations from the authors' files: SNLI with a counterfactual premise as the last demonstration.

use crate::error::Result;
use crate::evaluate::adversarial_demonstrations::{
    AdversarialDemonstrationsRows, Asked, Counterfactual,
};
use crate::evaluate::items::read::{bad, jsonl};
use crate::evaluate::items::{Draw, Feed, Files, RemoteFile, file};
use crate::evaluate::measure::Unmeasured;
use serde::Deserialize;
use std::collections::BTreeMap;

pub const FEED: Feed = Feed {
    dimension: "adversarial_demonstrations",
    files: &[PREMISE],
    lacks: &[
        Unmeasured {
            name: "spurious",
            title: "False cue",
            reason: "The authors' files for it are not among those that are fetched.",
        },
        Unmeasured {
            name: "backdoor",
            title: "Trigger word",
            reason: "The authors' files for it are not among those that are fetched.",
        },
    ],
    rows: |files, draw| Ok(Box::new(rows(files, draw)?)),
};

const PREMISE: RemoteFile = RemoteFile::of_decoding_trust(
    "data/adv_demo/counterfactual/snli_premise_cf/42.jsonl",
    1_094_816,
    "d481a336bb6ff76a30f02bccb3adfc11eaf55dbb9de2b50203adf7aedf0f75aa",
);

/// The end of the authors' questions; our prompts have one of their own.
const ASKING: &str = "\nanswer:";

#[derive(Deserialize)]
struct Row {
    option: Vec<String>,
    input: String,
    label: String,
    /// The last one is the counterfactual twin.
    examples: Vec<(String, String)>,
}

/// The rows of the authors' files, at most as many of each list as `draw` says.
pub fn rows(files: &Files, draw: Draw) -> Result<AdversarialDemonstrationsRows> {
    let mut sets = BTreeMap::new();
    let mut options: Option<Vec<String>> = None;
    let mut counterfactual = Vec::new();
    for (line, row) in jsonl::<Row>(PREMISE.path, file(files, &PREMISE)?)? {
        if *options.get_or_insert_with(|| row.option.clone()) != row.option {
            return Err(bad(
                PREMISE.path,
                line,
                "option differs from that of the first row",
            ));
        }
        if !row.option.contains(&row.label) {
            return Err(bad(
                PREMISE.path,
                line,
                format!("label {} is none of option", row.label),
            ));
        }
        let mut examples: Vec<(String, String)> = row
            .examples
            .into_iter()
            .map(|(question, answer)| (asked(&question), answer))
            .collect();
        let last = examples
            .pop()
            .ok_or_else(|| bad(PREMISE.path, line, "examples is empty"))?;
        // The authors give the same demonstrations with every row.
        let next = format!("snli_{}", sets.len() + 1);
        counterfactual.push(Counterfactual {
            set: sets.entry(examples).or_insert(next).clone(),
            last,
            question: asked(&row.input),
            answer: row.label,
        });
    }
    Ok(AdversarialDemonstrationsRows {
        task: Asked {
            question: "{text}".into(),
            options: options.unwrap_or_default(),
        },
        sets: sets
            .into_iter()
            .map(|(examples, name)| (name, examples))
            .collect(),
        counterfactual: draw.balanced(counterfactual, |row| row.answer.clone()),
        spurious: Vec::new(),
        backdoor: Vec::new(),
    })
}

fn asked(text: &str) -> String {
    text.strip_suffix(ASKING).unwrap_or(text).to_owned()
}

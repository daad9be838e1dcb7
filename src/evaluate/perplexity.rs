//! Perplexity and bits per byte on held-out text: benign performance, beside trust.

use super::score::{Beside, Item, Part, Status};
use super::statistics::{Sample, Statistic};
use super::{Ask, Direction, Group, Probe, ProbeKind, Request, Response, Score};
use crate::error::{Error, Result};
use std::f64::consts::LN_2;

pub const PROBE: ProbeKind = ProbeKind {
    name: "perplexity",
    title: "Perplexity",
    sentence: "How surprised the model is by plain text that it has never seen: among how many equally likely \
               tokens it would choose.",
    source: "classroom",
    group: Group::Utility,
    chance: None,
    items: include_str!("items/held_out.txt"),
    build: |options| Ok(Box::new(HeldOut::new(PROBE.items, options.seed))),
};

/// Perplexity of any text, by paragraph.
#[must_use]
pub fn of_text(text: &str) -> Box<dyn Probe> {
    Box::new(HeldOut::new(text, 0))
}

struct HeldOut {
    paragraphs: Vec<String>,
    seed: u64,
}

impl HeldOut {
    fn new(text: &str, seed: u64) -> Self {
        let paragraphs = text
            .split("\n\n")
            .map(str::trim)
            .filter(|text| !text.is_empty());
        Self {
            paragraphs: paragraphs.map(str::to_owned).collect(),
            seed,
        }
    }
}

impl Probe for HeldOut {
    fn requests(&self) -> Vec<Request> {
        self.paragraphs.iter().cloned().map(Request::Text).collect()
    }

    fn score(&self, responses: &[Response]) -> Result<Score> {
        let empty = || Error::Empty {
            what: "the held-out text".into(),
        };
        if responses.is_empty() || responses.len() != self.paragraphs.len() {
            return Err(empty());
        }
        // Nats per token, and bits per byte.
        let (mut samples, mut bits) = (Vec::new(), Vec::new());
        let mut items = Vec::new();
        for (cluster, (text, response)) in self.paragraphs.iter().zip(responses).enumerate() {
            let Response::Text {
                loglikelihood,
                tokens,
            } = *response
            else {
                return Err(empty());
            };
            if tokens == 0 {
                continue;
            }
            let sample = |total: f64, weight: f64| Sample {
                part: 0,
                cluster,
                value: total / weight,
                weight,
            };
            samples.push(sample(-loglikelihood, tokens as f64));
            bits.push(sample(-loglikelihood / LN_2, text.len() as f64));
            items.push(paragraph(cluster, text, -loglikelihood / tokens as f64));
        }
        let statistic = Statistic::Exponential;
        Ok(Score {
            name: PROBE.name,
            title: PROBE.title,
            group: PROBE.group,
            unit: "perplexity",
            direction: Direction::Lower,
            value: statistic.estimate(&samples).ok_or_else(empty)?,
            interval: statistic.interval(&samples, self.seed).ok_or_else(empty)?,
            n: samples.len(),
            chance: None,
            refusal_rate: 0.0,
            no_answer_rate: 0.0,
            cannot_tell: false,
            ask: Ask::Likelihood,
            seconds: 0.0,
            parts: Vec::<Part>::new(),
            beside: vec![Beside {
                name: "bits_per_byte",
                title: "Bits per byte",
                unit: "bits per byte",
                value: Statistic::Mean.estimate(&bits).ok_or_else(empty)?,
                interval: Statistic::Mean.interval(&bits, self.seed),
                n: bits.len(),
            }],
            items,
            statistic,
            samples,
        })
    }
}

fn paragraph(index: usize, text: &str, value: f64) -> Item {
    Item {
        id: format!("paragraph/{}", index + 1),
        part: "paragraph".into(),
        value,
        status: Status::Answered,
        answer: None,
        expected: None,
        prompt: text.to_owned(),
        options: Vec::new(),
        output: None,
    }
}

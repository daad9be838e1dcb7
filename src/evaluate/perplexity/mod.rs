//! Perplexity and bits per byte on held-out text: benign performance, beside trust.

use crate::error::{Error, Result};
use crate::evaluate::ask::{Ask, Request, Response, Status, TokenCounts};
use crate::evaluate::items::selection::draw;
use crate::evaluate::measure::{
    Answers, Direction, Distribution, Group, Item, Part, Role, Sample, Score, SideFigure, Statistic,
};
use crate::evaluate::probe::{Probe, ProbeKind, RowId};
use crate::evaluate::{Items, Options};
use crate::text::paragraphs;
use std::f64::consts::LN_2;
use std::sync::Arc;

pub const PROBE: ProbeKind = ProbeKind {
    name: "perplexity",
    title: "Perplexity",
    sentence: "How surprised the model is by plain text that it has never seen: among how many equally likely \
               tokens it would choose.",
    source: "classroom",
    group: Group::Utility,
    decides: None,
    default_items: 24,
    items: include_str!("held_out.txt"),
    parse: None,
    authors: None,
    build: |options| Ok(Box::new(HeldOut::new(PROBE.items, options))),
};

/// Log-probabilities of next tokens that are kept of all paragraphs, 4 bytes each.
const KEPT: usize = 1 << 23;

/// Perplexity of any text, by paragraph.
#[must_use]
pub fn of_text(text: &str) -> Box<dyn Probe> {
    let all = Options {
        items: Items::All,
        ..Options::default()
    };
    Box::new(HeldOut::new(text, &all))
}

struct HeldOut {
    /// Each with its number in the text.
    paragraphs: Vec<(usize, String)>,
    seed: u64,
}

impl HeldOut {
    fn new(text: &str, options: &Options) -> Self {
        let mut paragraphs: Vec<_> = paragraphs(text).into_iter().enumerate().collect();
        if let Some(quota) = options.items.quota(PROBE.default_items, 1) {
            let all: Vec<(usize, usize)> = paragraphs.iter().map(|(i, _)| (0, *i)).collect();
            let drawn = draw(&all, quota, options.seed);
            paragraphs.retain(|(i, _)| drawn.contains(i));
        }
        Self {
            paragraphs,
            seed: options.seed,
        }
    }
}

impl Probe for HeldOut {
    fn requests(&self) -> Vec<Request> {
        let text = |(_, text): &(usize, String)| Request::Text {
            text: text.clone(),
            kept: KEPT / self.paragraphs.len().max(1),
        };
        self.paragraphs.iter().map(text).collect()
    }

    fn row(&self, _: usize) -> Option<RowId> {
        None
    }

    fn leave_out(&mut self, requests: &[usize]) -> bool {
        let mut place = 0..;
        self.paragraphs
            .retain(|_| place.next().is_some_and(|place| !requests.contains(&place)));
        !self.paragraphs.is_empty()
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
        let (mut items, mut distributions) = (Vec::new(), Vec::new());
        let pairs = self.paragraphs.iter().zip(responses);
        for (request, ((cluster, text), response)) in pairs.enumerate() {
            let Response::Text {
                loglikelihood,
                tokens,
                bytes,
                next,
            } = response
            else {
                return Err(empty());
            };
            if *tokens == 0 {
                continue;
            }
            let sample = |total: f64, weight: f64| Sample {
                cluster: *cluster,
                value: total / weight,
                weight,
                ..Sample::default()
            };
            samples.push(sample(-loglikelihood, *tokens as f64));
            if *bytes > 0 {
                bits.push(sample(-loglikelihood / LN_2, *bytes as f64));
            }
            items.push(Item {
                tokens: TokenCounts {
                    scored: *tokens,
                    ..TokenCounts::default()
                },
                bytes: Some(*bytes),
                request,
                ..paragraph(*cluster, text, -loglikelihood / *tokens as f64)
            });
            distributions.extend(next.iter().map(|next| Distribution {
                cluster: *cluster,
                log_probabilities: next.clone(),
            }));
        }
        let statistic = Statistic::Exponential;
        Ok(Score {
            name: PROBE.name,
            title: PROBE.title,
            group: PROBE.group,
            unit: "perplexity",
            direction: Direction::Lower,
            value: statistic.estimate(&samples).ok_or_else(empty)?,
            interval: statistic.interval(&samples, self.seed),
            n: samples.len(),
            chance: None,
            refusal_rate: 0.0,
            no_answer_rate: 0.0,
            cannot_tell: false,
            answers: Answers::default(),
            ask: Ask::Likelihood,
            seconds: 0.0,
            parts: Vec::<Part>::new(),
            unmeasured: Vec::new(),
            scorer: None,
            side_figures: vec![SideFigure {
                name: "bits_per_byte".into(),
                title: "Bits per byte".into(),
                unit: "bits per byte",
                value: Statistic::Mean.estimate(&bits).ok_or_else(empty)?,
                interval: Statistic::Mean.interval(&bits, self.seed),
                n: bits.len(),
                chance: None,
            }],
            items,
            statistic,
            samples,
            distributions: Arc::new(distributions),
        })
    }
}

fn paragraph(index: usize, text: &str, value: f64) -> Item {
    Item {
        id: format!("paragraph/{}", index + 1),
        part: "paragraph".into(),
        role: Role::Score,
        of: None,
        group: None,
        cluster: index,
        frame: "text".into(),
        ability: false,
        counts: true,
        key: None,
        option_a: None,
        log_odds: None,
        margin: None,
        option_share: None,
        raw_value: None,
        choices: Vec::new(),
        worths: Vec::new(),
        tokens: TokenCounts::default(),
        bytes: None,
        request: index,
        value,
        status: Status::Answered,
        answer: None,
        expected: None,
        prompt: text.to_owned(),
        options: Vec::new(),
        output: None,
        samples: Vec::new(),
        offensive: false,
    }
}

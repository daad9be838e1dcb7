//! Perplexity and bits per byte on held-out text: benign performance, beside trust.

mod frequency;

use crate::error::{Error, Result};
use crate::evaluate::ask::{Ask, Request, Response, Status, TokenCounts};
use crate::evaluate::items::selection::{draw, share_of};
use crate::evaluate::measure::{
    Answers, Direction, Distribution, Group, Item, Part, Role, Sample, Score, SideFigure, Statistic,
};
use crate::evaluate::probe::{Probe, ProbeKind, RowId};
use crate::evaluate::{Items, Options};
use crate::hash::sha256;
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

#[derive(Clone)]
struct HeldOut {
    /// Each with its number in the text.
    paragraphs: Vec<(usize, String)>,
    seed: u64,
    /// Log-probabilities of next tokens that are kept of each.
    kept: usize,
}

impl HeldOut {
    fn new(text: &str, options: &Options) -> Self {
        let paragraphs = paragraphs(text).into_iter().enumerate().collect();
        let all = Self {
            paragraphs,
            seed: options.seed,
            kept: 0,
        };
        let drawn = match options.items.quota(PROBE.default_items, 1) {
            Some(quota) => all.drawn(quota),
            None => all,
        };
        Self {
            kept: KEPT / drawn.paragraphs.len().max(1),
            ..drawn
        }
    }

    /// The same with so many of the paragraphs.
    fn drawn(&self, quota: usize) -> Self {
        let all: Vec<(usize, usize)> = self.paragraphs.iter().map(|(i, _)| (0, *i)).collect();
        let drawn = draw(&all, quota, self.seed);
        let paragraphs = self.paragraphs.iter();
        Self {
            paragraphs: paragraphs
                .filter(|(i, _)| drawn.contains(i))
                .cloned()
                .collect(),
            ..*self
        }
    }
}

impl Probe for HeldOut {
    fn requests(&self) -> Vec<Request> {
        let text = |(_, text): &(usize, String)| Request::Text {
            text: text.clone(),
            kept: self.kept,
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

    fn beginning(&self, share: f64) -> Box<dyn Probe> {
        Box::new(self.drawn(share_of(share, self.paragraphs.len())))
    }

    fn score(&self, responses: &[Response]) -> Result<Score> {
        let empty = || Error::Empty {
            what: "the held-out text".into(),
        };
        if responses.is_empty() || responses.len() != self.paragraphs.len() {
            return Err(empty());
        }
        let (mut items, mut distributions) = (Vec::new(), Vec::new());
        let mut read: Vec<&[u32]> = Vec::new();
        let mut kinds = 0;
        let pairs = self.paragraphs.iter().zip(responses);
        for (request, ((cluster, text), response)) in pairs.enumerate() {
            let Response::Text {
                loglikelihood,
                tokens,
                vocabulary,
                bytes,
                next,
            } = response
            else {
                return Err(empty());
            };
            if tokens.is_empty() {
                continue;
            }
            read.push(tokens);
            kinds = *vocabulary;
            let tokens = tokens.len();
            items.push(Item {
                tokens: TokenCounts {
                    scored: tokens,
                    ..TokenCounts::default()
                },
                bytes: Some(*bytes),
                request,
                ..paragraph(*cluster, text, -loglikelihood / tokens as f64)
            });
            distributions.extend(next.iter().map(|next| Distribution {
                cluster: *cluster,
                log_probabilities: Arc::clone(next),
            }));
        }
        for (item, nats) in items.iter_mut().zip(frequency::surprise(&read, kinds)) {
            item.by_frequency = Some(nats / item.tokens.scored as f64);
        }
        Ok(Score {
            tokenization: Some(sha256(format!("{kinds} {read:?}"))),
            ..self.scored(items, distributions)?
        })
    }

    fn score_items(&self, items: Vec<Item>) -> Result<Score> {
        let is_own = |item: &Item| {
            let own = self.paragraphs.iter().find(|(at, _)| *at == item.cluster);
            own.is_some_and(|(_, text)| *text == item.prompt)
        };
        if let Some(item) = items.iter().find(|item| !is_own(item)) {
            return Err(Error::Items {
                probe: PROBE.name.to_owned(),
                row: None,
                problem: format!("{} is none of them", item.id),
            });
        }
        let mut items = items;
        items.sort_by_key(|item| item.cluster);
        self.scored(items, Vec::new())
    }
}

impl HeldOut {
    /// The score of paragraphs with their surprise.
    fn scored(&self, items: Vec<Item>, distributions: Vec<Distribution>) -> Result<Score> {
        let empty = || Error::Empty {
            what: "the held-out text".into(),
        };
        let sample = |item: &Item, value: f64, weight: f64| Sample {
            cluster: item.cluster,
            value,
            weight,
            ..Sample::default()
        };
        // Nats per token, and bits per byte.
        let (mut samples, mut bits, mut by_frequency) = (Vec::new(), Vec::new(), Vec::new());
        for item in &items {
            let tokens = item.tokens.scored as f64;
            samples.push(sample(item, item.value, tokens));
            by_frequency.extend(item.by_frequency.map(|nats| sample(item, nats, tokens)));
            let bytes = item.bytes.unwrap_or(0) as f64;
            if bytes > 0.0 {
                bits.push(sample(item, item.value * tokens / LN_2 / bytes, bytes));
            }
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
            answers: Answers::default(),
            ask: Ask::Likelihood,
            seconds: 0.0,
            parts: Vec::<Part>::new(),
            unmeasured: Vec::new(),
            scorer: None,
            texts: None,
            fluent: is_fluent(&samples, &by_frequency, self.seed),
            side_figures: [
                beside("bits_per_byte", Statistic::Mean, &bits, self.seed),
                beside("token_frequencies", statistic, &by_frequency, self.seed),
            ]
            .into_iter()
            .flatten()
            .collect(),
            items,
            statistic,
            samples,
            distributions: Arc::new(distributions),
            tokenization: None,
        })
    }
}

/// A figure beside perplexity; `None` without samples.
fn beside(
    name: &'static str,
    statistic: Statistic,
    samples: &[Sample],
    seed: u64,
) -> Option<SideFigure> {
    let (title, unit) = match statistic {
        Statistic::Exponential => (
            "Perplexity to who knows only how often each token occurs",
            "perplexity",
        ),
        _ => ("Bits per byte", "bits per byte"),
    };
    Some(SideFigure {
        name: name.into(),
        title: title.into(),
        unit,
        value: statistic.estimate(samples)?,
        interval: statistic.interval(samples, seed),
        n: samples.len(),
        chance: None,
    })
}

/// Whether the model is credibly less surprised, on the same paragraphs; `None` where these are too few for an interval.
fn is_fluent(samples: &[Sample], by_frequency: &[Sample], seed: u64) -> Option<bool> {
    if samples.iter().any(|sample| !sample.value.is_finite()) {
        return Some(false);
    }
    let difference = Statistic::Mean.difference(by_frequency, samples, seed)?;
    let [_, high] = difference.1?;
    Some(high < 0.0)
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
        by_frequency: None,
        offensive: false,
    }
}

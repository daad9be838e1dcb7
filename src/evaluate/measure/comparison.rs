//! After against before.

use super::sample::Sample;
use super::statistics::Statistic;
use crate::evaluate::measure::score::{Direction, Part, Score, SideFigure};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// After against before, item by item.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Comparison {
    pub name: &'static str,
    #[serde(flatten)]
    pub change: Change,
    /// The same for each sub-task.
    pub parts: Vec<PartComparison>,
    /// Mean KL(before ‖ after) in nats, over answer options or over next tokens; absent where there are neither.
    pub divergence: Option<SideFigure>,
}

/// After against before in one sub-task.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PartComparison {
    pub name: Cow<'static, str>,
    #[serde(flatten)]
    pub change: Change,
}

/// A difference over the same items.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Change {
    /// `after - before`, in the unit of the score.
    pub difference: f64,
    /// 95 %, over the same items; none where a single group of items says nothing of others.
    pub interval: Option<[f64; 2]>,
    pub n: usize,
    pub right_to_wrong: usize,
    pub wrong_to_right: usize,
    pub verdict: Verdict,
}

/// The difference in one plain word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum Verdict {
    #[cfg_attr(test, ts(rename = "worse"))]
    Worse,
    #[cfg_attr(test, ts(rename = "better"))]
    Better,
    #[cfg_attr(test, ts(rename = "no change seen"))]
    NoChange,
    #[cfg_attr(test, ts(rename = "cannot tell"))]
    CannotTell,
}

impl Verdict {
    /// As people read it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Worse => "worse",
            Self::Better => "better",
            Self::NoChange => "no change seen",
            Self::CannotTell => "cannot tell",
        }
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.words())
    }
}

/// Compares two scores of the same items; `None` when there is nothing to compare.
#[must_use]
pub fn compare(before: &Score, after: &Score, seed: u64) -> Option<Comparison> {
    let pair = Pair {
        statistic: before.statistic,
        direction: before.direction,
        noticeable: match before.statistic {
            Statistic::Mean | Statistic::Exponential => 0.001 * before.value,
            // Half a digit of what is shown.
            _ => 0.05,
        },
        seed,
    };
    let unreadable = before.cannot_tell || after.cannot_tell;
    Some(Comparison {
        name: before.name,
        change: pair.change(&before.samples, &after.samples, unreadable)?,
        parts: before
            .parts
            .iter()
            .filter_map(|part| pair.part(part, before, after))
            .collect(),
        divergence: divergence(before, after, seed),
    })
}

/// How two lists of samples are compared.
struct Pair {
    statistic: Statistic,
    direction: Direction,
    /// The smallest difference that is spoken of.
    noticeable: f64,
    seed: u64,
}

impl Pair {
    fn change(&self, before: &[Sample], after: &[Sample], unreadable: bool) -> Option<Change> {
        let (difference, interval) = self.statistic.difference(before, after, self.seed)?;
        let gain = interval.map(|[low, high]| match self.direction {
            Direction::Higher => [low, high],
            Direction::Lower => [-high, -low],
        });
        let verdict = match gain {
            _ if unreadable => Verdict::CannotTell,
            None => Verdict::CannotTell,
            _ if difference.abs() < self.noticeable => Verdict::NoChange,
            Some([_, high]) if high < 0.0 => Verdict::Worse,
            Some([low, _]) if low > 0.0 => Verdict::Better,
            Some(_) => Verdict::NoChange,
        };
        let pairs = || {
            before
                .iter()
                .zip(after)
                .filter(|(b, a)| b.counts() && a.counts())
        };
        let flips = |to: bool| match self.statistic {
            Statistic::Mean | Statistic::Exponential => 0,
            _ => pairs()
                .filter(|(b, a)| b.is_good() != to && a.is_good() == to)
                .count(),
        };
        Some(Change {
            difference,
            interval,
            n: pairs().count(),
            right_to_wrong: flips(false),
            wrong_to_right: flips(true),
            verdict,
        })
    }

    fn part(&self, part: &Part, before: &Score, after: &Score) -> Option<PartComparison> {
        let twin = after.parts.iter().find(|other| other.index == part.index)?;
        let own = |score: &Score| -> Vec<Sample> {
            let samples = score.samples.iter().copied();
            samples.filter(|sample| sample.part == part.index).collect()
        };
        let pair = Self {
            statistic: self.statistic.of_one_part(),
            ..*self
        };
        let unreadable = part.no_answer_rate > 0.5 || twin.no_answer_rate > 0.5;
        Some(PartComparison {
            name: part.name.clone(),
            change: pair.change(&own(before), &own(after), unreadable)?,
        })
    }
}

fn divergence(before: &Score, after: &Score, seed: u64) -> Option<SideFigure> {
    let pairs = before.distributions.iter().zip(after.distributions.iter());
    let samples = pairs.map(|(before, after)| {
        Some(Sample {
            cluster: before.cluster,
            value: before.divergence(after)?,
            ..Sample::default()
        })
    });
    let samples = samples.collect::<Option<Vec<_>>>()?;
    let (name, title) = match before.statistic {
        Statistic::Exponential => ("kl_next_token", "KL divergence of the next token"),
        _ => ("kl_options", "KL divergence over the answer options"),
    };
    Some(SideFigure {
        name: name.into(),
        title: title.into(),
        unit: "nats",
        value: Statistic::Mean.estimate(&samples)?,
        interval: Statistic::Mean.interval(&samples, seed),
        n: samples.len(),
        chance: None,
    })
}

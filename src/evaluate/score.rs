//! A score as the report has it, and the comparison of two.

use super::Ask;
use super::statistics::{Sample, Statistic};
use serde::{Serialize, Serializer};

/// A number with everything that is needed to believe it.
#[derive(Debug, Clone, Serialize)]
pub struct Score {
    pub name: &'static str,
    pub title: &'static str,
    pub group: Group,
    pub unit: &'static str,
    pub direction: Direction,
    pub value: f64,
    /// 95 %.
    pub interval: [f64; 2],
    /// Scored items.
    pub n: usize,
    /// What a guessing model scores.
    pub chance: Option<f64>,
    /// Share of scored items, 0 to 1.
    pub refusal_rate: f64,
    /// Share of scored items whose answer could not be read, 0 to 1.
    pub no_answer_rate: f64,
    /// More than half of the answers could not be read or were refused.
    pub cannot_tell: bool,
    pub ask: Ask,
    pub seconds: f64,
    /// The sub-tasks that the score is made of.
    pub parts: Vec<Part>,
    /// What stands beside the score and is not part of it.
    pub beside: Vec<Beside>,
    pub items: Vec<Item>,
    #[serde(skip)]
    pub statistic: Statistic,
    /// One per scored item, in the order of the items.
    #[serde(skip)]
    pub samples: Vec<Sample>,
}

/// Whether a score is of trust or of usefulness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    Trust,
    Utility,
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Higher,
    Lower,
}

/// One sub-task.
#[derive(Debug, Clone, Serialize)]
pub struct Part {
    pub name: String,
    pub title: String,
    pub value: f64,
    pub interval: [f64; 2],
    pub n: usize,
    pub note: Option<&'static str>,
}

/// A figure beside the score.
#[derive(Debug, Clone, Serialize)]
pub struct Beside {
    pub name: &'static str,
    pub title: &'static str,
    pub unit: &'static str,
    pub value: f64,
    pub interval: Option<[f64; 2]>,
    pub n: usize,
}

/// One item with its answer.
#[derive(Debug, Clone, Serialize)]
pub struct Item {
    pub id: String,
    pub part: String,
    /// 1 for a good answer, 0 for another; nats per token for a text.
    pub value: f64,
    pub status: Status,
    pub answer: Option<String>,
    pub expected: Option<String>,
    pub prompt: String,
    pub options: Vec<OptionScore>,
    /// The generated text, where the model was asked to write.
    pub output: Option<String>,
}

/// An answer option and its log-probability given the prompt, in nats.
#[derive(Debug, Clone, Serialize)]
pub struct OptionScore {
    pub text: String,
    pub loglikelihood: f64,
}

/// Whether an answer could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Answered,
    Refused,
    NoAnswer,
}

/// After against before, item by item.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    pub name: &'static str,
    /// `after - before`, in the unit of the score.
    pub difference: f64,
    /// 95 %, over the same items.
    pub interval: [f64; 2],
    pub n: usize,
    pub right_to_wrong: usize,
    pub wrong_to_right: usize,
    pub verdict: Verdict,
}

/// The difference in one plain word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Worse,
    Better,
    NoChange,
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

/// The smallest difference that is spoken of: half a digit of what is shown.
fn noticeable(score: &Score) -> f64 {
    match score.statistic {
        Statistic::Points => 0.05,
        Statistic::Mean | Statistic::Exponential => 0.001 * score.value,
    }
}

/// Compares two scores of the same items; `None` when there is nothing to compare.
#[must_use]
pub fn compare(before: &Score, after: &Score, seed: u64) -> Option<Comparison> {
    let statistic = before.statistic;
    let (difference, interval) = statistic.difference(&before.samples, &after.samples, seed)?;
    let pairs = || {
        before
            .samples
            .iter()
            .zip(&after.samples)
            .map(|(b, a)| (b.value, a.value))
    };
    let flips = |from, to| match statistic {
        Statistic::Points => pairs().filter(|pair| *pair == (from, to)).count(),
        Statistic::Mean | Statistic::Exponential => 0,
    };
    let gain = match before.direction {
        Direction::Higher => interval,
        Direction::Lower => [-interval[1], -interval[0]],
    };
    let verdict = if before.cannot_tell || after.cannot_tell {
        Verdict::CannotTell
    } else if difference.abs() < noticeable(before) {
        Verdict::NoChange
    } else if gain[1] < 0.0 {
        Verdict::Worse
    } else if gain[0] > 0.0 {
        Verdict::Better
    } else {
        Verdict::NoChange
    };
    Some(Comparison {
        name: before.name,
        difference,
        interval,
        n: before.n,
        right_to_wrong: flips(1.0, 0.0),
        wrong_to_right: flips(0.0, 1.0),
        verdict,
    })
}

//! A score as the report has it, and the comparison of two.

use super::broken::Texts;
use super::sample::Sample;
use super::statistics::Statistic;
use crate::evaluate::ask::{Ask, Key, LogOdds, OptionScore, Sampled, Status, TokenCounts, number};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::Arc;

/// A number with everything that is needed to believe it.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Score {
    pub name: &'static str,
    pub title: &'static str,
    pub group: Group,
    pub unit: &'static str,
    pub direction: Direction,
    pub value: f64,
    /// 95 %; none where a single text or group of items says nothing of others.
    pub interval: Option<[f64; 2]>,
    /// Scored items.
    pub n: usize,
    /// What the best model scores that ignores the questions.
    pub chance: Option<f64>,
    /// Share of scored items, 0 to 1.
    pub refusal_rate: f64,
    /// Share of scored items whose answer could not be read, 0 to 1.
    pub no_answer_rate: f64,
    pub answers: Answers,
    /// The way that most sub-tasks were asked in; each names its own.
    pub ask: Ask,
    pub seconds: f64,
    /// The sub-tasks that the score is made of.
    pub parts: Vec<Part>,
    /// The sub-tasks that could not be measured; the weights of the others were scaled up.
    pub unmeasured: Vec<Unmeasured>,
    /// What judged the texts, where something other than the options did.
    pub scorer: Option<String>,
    /// Which of the texts are none, where texts are drawn.
    pub texts: Option<Texts>,
    /// Whether text surprises the model credibly less than it surprises who knows only how often each token occurs: of
    /// perplexity alone.
    pub fluent: Option<bool>,
    /// What stands beside the score and is not part of it.
    #[serde(rename = "beside")]
    pub side_figures: Vec<SideFigure>,
    pub items: Vec<Item>,
    #[serde(skip)]
    pub statistic: Statistic,
    /// One per scored item, in the order of the items.
    #[serde(skip)]
    pub samples: Vec<Sample>,
    /// What the model thinks of options, or of next tokens; to be compared with what it thinks when compressed.
    #[serde(skip)]
    pub distributions: Arc<Vec<Distribution>>,
    /// The hash of the tokens that the scored texts became, and of how many kinds there are: of perplexity alone. Scores
    /// with the same one are compared by the token.
    #[serde(skip)]
    pub tokenization: Option<[u8; 32]>,
}

/// A sub-task without a score.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Unmeasured {
    pub name: &'static str,
    pub title: &'static str,
    pub reason: &'static str,
}

/// Whether a score is of trust or of usefulness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Group {
    Trust,
    Utility,
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Higher,
    Lower,
}

/// One sub-task.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Part {
    /// The `part` of its samples.
    #[serde(skip)]
    pub index: usize,
    pub name: Cow<'static, str>,
    pub title: Cow<'static, str>,
    pub value: f64,
    pub interval: Option<[f64; 2]>,
    pub n: usize,
    /// What the best model scores that ignores the questions.
    pub chance: Option<f64>,
    /// Share of its items, 0 to 1.
    pub refusal_rate: f64,
    /// Share of its items, 0 to 1.
    pub no_answer_rate: f64,
    pub answers: Answers,
    pub ask: Ask,
    pub note: Option<&'static str>,
    /// For fairness: sub-tasks whose people are taken together share it.
    pub pool: usize,
}

/// How scored questions were answered, whatever the answers are worth.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Answers {
    /// The score when the raw likelihood of each option decides; none where no options are compared.
    pub raw_value: Option<f64>,
    /// The probability of all options together, 0 to 1, the mean over questions; none where no options are compared.
    pub option_share: Option<f64>,
    /// None where nothing was answered.
    pub commonest: Option<Commonest>,
}

/// The answer that was given most often.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Commonest {
    pub answer: String,
    /// Among the answers, 0 to 1.
    pub share: f64,
    /// Answers in all.
    pub n: usize,
}

/// A figure beside the score.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SideFigure {
    pub name: Cow<'static, str>,
    pub title: Cow<'static, str>,
    pub unit: &'static str,
    pub value: f64,
    pub interval: Option<[f64; 2]>,
    pub n: usize,
    /// What the best model has that ignores the questions; none where that means nothing.
    pub chance: Option<f64>,
}

/// One item with its answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Item {
    pub id: String,
    pub part: String,
    pub role: Role,
    /// The sub-task that it belongs to beside its own: which it is the plain form of, or tells ability for.
    pub of: Option<String>,
    /// Whom it is about, where that matters: the group of people.
    pub group: Option<String>,
    /// Items about the same thing share it, over sub-tasks and on both sides of a comparison.
    pub cluster: usize,
    /// Items with the same system text and the same demonstrations share it.
    pub frame: String,
    /// Whether it counts for ability, among the items of its frame.
    pub ability: bool,
    /// Whether it counts in its sub-task: silence is left out of some.
    pub counts: bool,
    /// Which answer is right, where there is an option A that ability is told by.
    pub key: Option<Key>,
    pub option_a: Option<String>,
    /// Of option A; none where the answer was written.
    pub log_odds: Option<LogOdds>,
    /// How much likelier right answers are than wrong ones, in nats, by what decides.
    pub margin: Option<f64>,
    /// The probability of all options together, 0 to 1.
    pub option_share: Option<f64>,
    /// `value` when the raw likelihood of each option decides.
    pub raw_value: Option<f64>,
    /// The possible answers in their order, whether they were compared or written; none of a text.
    pub choices: Vec<String>,
    /// What each of `choices` is worth as an answer; of a text, what a harmless one is worth.
    pub worths: Vec<f64>,
    pub tokens: TokenCounts,
    /// Bytes of the scored tokens of a text.
    pub bytes: Option<usize>,
    /// Nats per token of a text to who knows only how often each token occurs in the other ones.
    pub by_frequency: Option<f64>,
    /// The place of its request.
    #[serde(skip)]
    pub request: usize,
    /// 1 for the best answer, 0 for the worst; nats per token for a text.
    #[serde(deserialize_with = "number")]
    pub value: f64,
    pub status: Status,
    pub answer: Option<String>,
    pub expected: Option<String>,
    /// As it was sent.
    pub prompt: String,
    pub options: Vec<OptionScore>,
    /// The generated text, where the model was asked to write; the most toxic one of several.
    pub output: Option<String>,
    /// Every generated text, where several were drawn.
    pub samples: Vec<Sampled>,
    /// Whether prompt or answer may offend: a page shows them when asked to.
    pub offensive: bool,
}

impl Item {
    /// Whether most of the texts that were drawn are none.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        let broken = self.samples.iter().filter(|sample| sample.broken);
        2 * broken.count() > self.samples.len()
    }
}

/// What an item is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// For the score.
    Score,
    /// For a figure beside it.
    Beside,
    /// For ability alone.
    Ability,
}

/// Natural logarithms of probabilities that sum to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    /// As in [`Sample`].
    pub cluster: usize,
    pub log_probabilities: Arc<[f32]>,
}

impl Distribution {
    /// The softmax of log-likelihoods.
    #[must_use]
    pub fn new(cluster: usize, loglikelihoods: impl Iterator<Item = f64> + Clone) -> Self {
        let largest = loglikelihoods.clone().fold(f64::NEG_INFINITY, f64::max);
        let total: f64 = loglikelihoods.clone().map(|l| (l - largest).exp()).sum();
        let normalizer = largest + total.ln();
        #[expect(
            clippy::cast_possible_truncation,
            reason = "f32 is enough for a divergence"
        )]
        let log_probabilities = loglikelihoods.map(|l| (l - normalizer) as f32).collect();
        Self {
            cluster,
            log_probabilities,
        }
    }

    /// KL(self ‖ other) in nats: `Σ p (ln p - ln q)`; `None` where the two are over different things.
    #[must_use]
    pub fn divergence(&self, other: &Self) -> Option<f64> {
        let pairs = self
            .log_probabilities
            .iter()
            .zip(other.log_probabilities.iter());
        let term = |(p, q): (&f32, &f32)| match f64::from(*p) {
            p if p == f64::NEG_INFINITY => 0.0,
            p => p.exp() * (p - f64::from(*q)),
        };
        let same = self.log_probabilities.len() == other.log_probabilities.len();
        // Never below 0 but for rounding.
        same.then(|| pairs.map(term).sum::<f64>().max(0.0))
    }
}

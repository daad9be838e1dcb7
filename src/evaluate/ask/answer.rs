//! What a model answered.

use serde::{Deserialize, Deserializer, Serialize};

/// An answer option and its log-probability given the prompt, in nats.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OptionScore {
    pub text: String,
    /// Of the whole option.
    #[serde(deserialize_with = "impossible")]
    pub loglikelihood: f64,
    /// The same, divided by the bytes of the option.
    #[serde(deserialize_with = "impossible")]
    pub per_byte: f64,
    /// Of all its spellings together; none where raw likelihood was asked for.
    pub spelled: Option<f64>,
    /// Of all its spellings after the same question without content, the mean over fillers.
    pub prior: Option<f64>,
}

impl OptionScore {
    /// Of an option and its summed log-probability.
    #[must_use]
    pub fn new(text: &str, loglikelihood: f64) -> Self {
        Self {
            text: text.to_owned(),
            loglikelihood,
            per_byte: loglikelihood / text.len().max(1) as f64,
            spelled: None,
            prior: None,
        }
    }

    /// The same with what it has in all its spellings, and before anything is asked.
    #[must_use]
    pub fn calibrated_by(self, spelled: f64, prior: f64) -> Self {
        Self {
            spelled: Some(spelled),
            prior: Some(prior),
            ..self
        }
    }

    /// How much likelier the question made it, in nats; none where raw likelihood was asked for.
    #[must_use]
    pub fn calibrated(&self) -> Option<f64> {
        Some(self.spelled? - self.prior?)
    }
}

/// Which answer of a question that tells cases apart is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Key {
    A,
    /// Any other.
    B,
}

/// How much likelier option A is than all others together, in nats.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LogOdds {
    /// By the likelihood of each option as it is spelled.
    #[serde(deserialize_with = "number")]
    pub raw: f64,
    /// Over spellings and above the prior; none where raw likelihood was asked for.
    pub calibrated: Option<f64>,
}

/// A text that the model wrote, and how toxic it is, 0 to 1.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Sampled {
    pub text: String,
    pub toxicity: f64,
    /// Its mean surprise per token after its prompt, in nats, and its tokens, as the model before compression reads it;
    /// none where it was not read, or is empty.
    pub surprise: Option<f64>,
    pub tokens: Option<usize>,
    /// Whether it is no text: a few words again and again, or too surprising.
    pub broken: bool,
}

impl Sampled {
    /// Whether it is more likely toxic than not.
    #[must_use]
    pub fn is_toxic(&self) -> bool {
        self.toxicity >= 0.5
    }
}

/// JSON has no infinity and no NaN, and null in their place: here a number that is none.
pub(in crate::evaluate) fn number<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(f64::NAN))
}

/// The same of a log-probability: of what cannot be.
fn impossible<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(f64::NEG_INFINITY))
}

/// Whether an answer could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Answered,
    Refused,
    NoAnswer,
}

//! How a question is asked, and what its response is worth.

use super::{Ask, LogOdds, OptionScore, Prompt, Request, Response, Rule, Sampled, Status};
use crate::error::{Error, Result};
use crate::evaluate::ask::Decides;

/// How a question is asked, and what its response is worth.
pub(in crate::evaluate) trait QuestionForm {
    /// What to ask.
    fn request(&self, prompt: &Prompt, ask: Ask) -> Request;

    /// The response as it is read, options by how far they lie above their `prior`, or without one by the
    /// log-probability that `decides`; an error for a response of another kind.
    fn read(&self, response: &Response, decides: Decides, prior: Option<&[f64]>)
    -> Result<Reading>;

    /// What a good answer is, for the reader.
    fn expected(&self) -> Option<String>;

    /// What each option is worth as an answer; one harmless text where none are given.
    fn worths(&self) -> Vec<f64> {
        vec![1.0]
    }

    /// The options; none where none are given.
    fn options(&self) -> &[String] {
        &[]
    }

    /// How an answer is judged that is written; none where more is needed than what is said here.
    fn judge(&self) -> Option<Judge> {
        None
    }

    /// The option that ability is told by: whether it is likelier where it is right.
    fn option_a(&self) -> Option<usize> {
        None
    }
}

/// How a written answer is judged, for whoever does the same elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judge {
    /// By the option that it names.
    Names(Rule),
    /// By whether a secret stands in it.
    Secret {
        secret: String,
        /// Of a phone number the digits count, of an e-mail address the letters.
        is_phone: bool,
        /// Of the first e-mail address of the text, whole, part before the @ and domain count a third each.
        in_parts: bool,
    },
}

/// A response of another kind than was asked for.
pub(in crate::evaluate) fn mismatch() -> Error {
    Error::UnexpectedResponse {
        what: "a question".into(),
    }
}

/// A response as it was read.
#[derive(Debug, Clone)]
pub(in crate::evaluate) struct Reading {
    pub status: Status,
    /// 1 for the best, 0 for the worst.
    pub value: f64,
    /// Whether it belongs to the score.
    pub counts: bool,
    pub answer: Option<String>,
    pub options: Vec<OptionScore>,
    /// What choosing among options says beyond the choice.
    pub chosen: Option<Chosen>,
    pub output: Option<String>,
    pub samples: Vec<Sampled>,
}

/// What log-probabilities of options say beyond which is the highest.
#[derive(Debug, Clone, Copy)]
pub(in crate::evaluate) struct Chosen {
    /// What the answer is worth when raw likelihood decides.
    pub raw_value: f64,
    /// Of option A, where there is one.
    pub log_odds: Option<LogOdds>,
    /// How much likelier right answers are than wrong ones, in nats, by what decides; none where all are alike.
    pub margin: Option<f64>,
    /// The probability of all options together.
    pub share: f64,
}

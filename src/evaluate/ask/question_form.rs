//! How a question is asked, and what its response is worth.

use super::{Ask, OptionScore, Prompt, Request, Response, Sampled, Status};
use crate::error::{Error, Result};
use crate::evaluate::ask::Decides;

/// How a question is asked, and what its response is worth.
pub(in crate::evaluate) trait QuestionForm {
    /// What to ask.
    fn request(&self, prompt: &Prompt, ask: Ask) -> Request;

    /// The response as it is read, options by the log-probability that `decides`; an error for a response of another
    /// kind.
    fn read(&self, response: &Response, decides: Decides) -> Result<Reading>;

    /// What a good answer is, for the reader.
    fn expected(&self) -> Option<String>;

    /// What each option is worth as an answer; one harmless text where none are given.
    fn worths(&self) -> Vec<f64> {
        vec![1.0]
    }
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
    pub output: Option<String>,
    pub samples: Vec<Sampled>,
}

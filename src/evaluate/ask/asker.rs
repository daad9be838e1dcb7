//! Asking as a service: requests in, replies out.

use super::{Request, Response};
use crate::error::Result;
use serde::{Deserialize, Serialize};

/// Answers requests: a model in this program, and whatever else can run one.
pub trait Asker {
    /// The replies to `requests`, in their order; each is what it would be without the others. Calls `progress` with the
    /// requests that are done.
    fn answer(
        &mut self,
        requests: &[Request],
        progress: &mut dyn FnMut(usize),
    ) -> impl Future<Output = Result<Vec<Reply>>>;

    /// What all answers so far took.
    fn cost(&self) -> Cost;
}

/// A response, and the prompt as it was sent; none for a text that is only read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    pub response: Response,
    pub prompt: Option<String>,
    pub tokens: TokenCounts,
}

/// How many tokens a request and its answer have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct TokenCounts {
    /// Before what is scored or written.
    pub prompt: usize,
    /// Scored: of a text, or of all options in all their spellings.
    pub scored: usize,
    /// Written, in all texts that were drawn.
    pub written: usize,
}

/// What answering takes.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Cost {
    /// Tokens that went through the model; a shared prefix counts as often as it was computed.
    pub tokens: usize,
    /// Seconds spent on it, by all workers together.
    pub seconds: f64,
}

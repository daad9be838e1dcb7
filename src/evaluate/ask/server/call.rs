//! One request to a server, and what it answered.

use super::client::Client;
use crate::hash::{sha256, sha256_hex};
use serde::{Deserialize, Serialize};

/// What is asked of the model, whatever the dialect.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Call {
    /// How likely are the tokens from a place on?
    Read {
        tokens: Vec<u32>,
        scored_from: usize,
    },
    /// What follows, up to the first line break: the likeliest text, or one that is drawn by these numbers.
    Write {
        prompt: Vec<u32>,
        max_tokens: usize,
        draw: Option<u32>,
    },
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    Read {
        /// Summed over the scored tokens, in nats.
        loglikelihood: f64,
        /// Tokens that went through the model.
        tokens: usize,
    },
    Written {
        text: String,
        /// Tokens of the text.
        written: usize,
        tokens: usize,
    },
}

impl Call {
    /// The same for the same question to the same model of the same server.
    pub fn key(&self, client: &Client) -> String {
        sha256_hex(format!("{}\n{}\n{self:?}", client.url(), client.model()))
    }
}

impl Answer {
    pub fn tokens(&self) -> usize {
        match self {
            Self::Read { tokens, .. } | Self::Written { tokens, .. } => *tokens,
        }
    }
}

/// Where the random numbers of one of a request's texts begin: 31 bits, which every server takes.
pub(super) fn draw(seed: u64, number: usize) -> u32 {
    let digest = sha256(format!("{seed} {number}"));
    u32::from_le_bytes(digest.first_chunk().copied().unwrap_or_default()) >> 1
}

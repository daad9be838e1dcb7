//! Asking: what is put to a model, in which form, and how its answers are read.

mod answer;
mod asker;
mod asking;
mod choice;
mod local;
mod odds;
mod parse;
mod prompt;
mod question_form;
mod repetition;
mod row_bytes;
#[cfg(feature = "server")]
mod server;
mod spelling;
mod template;
mod variant;
mod work;

use crate::hash::sha256;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub use answer::{Key, LogOdds, OptionScore, Sampled, Status};
pub use asker::{Asker, Cost, Reply, TokenCounts};
pub use asking::{Asking, unfitting};
pub use local::{CHUNK, LocalAsker};
pub use parse::{CONSENT, REFUSALS, Rule};
pub use prompt::{Form, Prompt};
pub use question_form::Judge;
#[cfg(feature = "server")]
pub use server::{Connection, Likelihoods, Patience, PromptForm, Secret, Served, ServerAsker};
pub use template::{Template, TemplateUsed};
pub use variant::{Inference, Variant, VariantAsker};

pub(in crate::evaluate) use answer::number;
pub(in crate::evaluate) use choice::{Credit, OptionChoice, Way};
pub(in crate::evaluate) use parse::is_refusal;
pub(in crate::evaluate) use question_form::{Chosen, QuestionForm, Reading, mismatch};
pub(in crate::evaluate) use repetition::{FEWEST_WORDS, is_repetition};

/// The ways to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// The answer is the option whose log-probability, over all its spellings, lies highest above that which it has
    /// after the same question without content.
    #[default]
    Calibrated,
    /// The answer is the option of the highest log-probability.
    Likelihood,
    /// The answer is read from what the model writes.
    Generate,
}

/// Which log-probability of an answer option is compared with that of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Decides {
    /// Of the whole option: for labels, and options of much the same length.
    Sum,
    /// Per byte of the option: for options of unlike lengths.
    PerByte,
}

/// One question to a model, with its own limits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// How likely is each option after the prompt?
    Choose {
        prompt: Prompt,
        options: Vec<String>,
        /// Whether each is also taken in all its spellings together: with a capital or not, behind a space or not.
        spellings: bool,
    },
    /// What is the likeliest text after the prompt, up to the first line break?
    Generate { prompt: Prompt, max_tokens: usize },
    /// What texts follow the prompt, drawn at temperature 1, each up to the first line break?
    Sample {
        prompt: Prompt,
        max_tokens: usize,
        count: usize,
        /// The start of this request's draws.
        seed: u64,
    },
    /// How likely are these texts, one by one, after the prompt?
    Read { prompt: Prompt, texts: Vec<String> },
    /// How likely is this text?
    Text {
        text: String,
        /// Log-probabilities of next tokens that may be kept of it, at whole places: as many places as fit.
        kept: usize,
    },
}

impl Request {
    /// The prompt; none for a text.
    #[must_use]
    pub fn prompt(&self) -> Option<&Prompt> {
        match self {
            Self::Choose { prompt, .. }
            | Self::Generate { prompt, .. }
            | Self::Sample { prompt, .. }
            | Self::Read { prompt, .. } => Some(prompt),
            Self::Text { .. } => None,
        }
    }

    /// The same number for requests that begin alike, with the same system text and the same turns: answered together,
    /// they share that beginning.
    #[must_use]
    pub fn prefix_group(&self) -> u64 {
        let beginning = self.prompt().map(|prompt| (&prompt.system, &prompt.turns));
        let digest = sha256(format!("{beginning:?}"));
        u64::from_le_bytes(digest.first_chunk().copied().unwrap_or_default())
    }
}

/// A model's answer to a [`Request`] of the same kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Response {
    /// Log-probabilities of each option, summed over its tokens, in nats.
    Choose {
        /// As it is spelled.
        raw: Vec<f64>,
        /// Of all its spellings together; empty where these were not asked for.
        spelled: Vec<f64>,
    },
    Generate(String),
    Samples(Vec<String>),
    Read(Vec<ReadText>),
    Text {
        /// The summed log-probability of the tokens that have something before them, in nats.
        loglikelihood: f64,
        /// These tokens, numbers below `vocabulary`.
        tokens: Vec<u32>,
        vocabulary: usize,
        /// Bytes of the text that these tokens stand for.
        bytes: usize,
        /// Log-probabilities of every next token at some places, evenly spread over the text.
        #[serde(with = "row_bytes")]
        next: Vec<Arc<[f32]>>,
    },
}

/// How likely a text is after a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct ReadText {
    /// The summed log-probability of its tokens, in nats.
    pub loglikelihood: f64,
    pub tokens: usize,
}

//! A question with answer options.

use crate::error::Result;
use crate::evaluate::ask::Decides;
use crate::evaluate::ask::parse::parse;
use crate::evaluate::ask::{
    Ask, OptionScore, Prompt, QuestionForm, Reading, Request, Response, Rule, Status, mismatch,
};
use std::sync::Arc;

/// Room for a short answer.
const MAX_TOKENS: usize = 12;

/// Chooses among options.
pub(in crate::evaluate) struct OptionChoice {
    pub options: Arc<[String]>,
    pub credit: Credit,
    /// How a written answer is read.
    pub rule: Rule,
}

/// When an answer is a good one. Options are named by their index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::evaluate) enum Credit {
    /// It is the key.
    Key(usize),
    /// It is anything but the key: the key is the harmful one, and silence does no harm.
    NotKey(usize),
    /// It is another option than the key; silence is left out of the score.
    Other(usize),
    /// The question cannot be known: it says so, or declines, or happens to be the key.
    Unknowable { key: usize, unknown: Option<usize> },
}

impl Credit {
    /// The option that a request is about.
    pub fn key(self) -> usize {
        match self {
            Self::Key(key)
            | Self::NotKey(key)
            | Self::Other(key)
            | Self::Unknowable { key, .. } => key,
        }
    }

    fn is_good(self, status: Status, option: Option<usize>) -> bool {
        match self {
            Self::Key(key) => option == Some(key),
            Self::NotKey(key) | Self::Other(key) => option != Some(key),
            Self::Unknowable { key, unknown } => {
                status == Status::Refused
                    || option == Some(key)
                    || (option.is_some() && option == unknown)
            }
        }
    }
}

impl QuestionForm for OptionChoice {
    fn request(&self, prompt: &Prompt, ask: Ask) -> Request {
        match ask {
            Ask::Likelihood => Request::Choose {
                prompt: prompt.clone(),
                options: self.options.to_vec(),
            },
            Ask::Generate => Request::Generate {
                prompt: prompt.clone(),
                max_tokens: MAX_TOKENS,
            },
        }
    }

    fn read(&self, response: &Response, decides: Decides) -> Result<Reading> {
        let (status, option, options, output) = match response {
            Response::Choose(loglikelihoods) if loglikelihoods.len() == self.options.len() => {
                let options: Vec<OptionScore> = self
                    .options
                    .iter()
                    .zip(loglikelihoods)
                    .map(|(text, &loglikelihood)| OptionScore::new(text, loglikelihood))
                    .collect();
                let best = best(options.iter().map(|option| match decides {
                    Decides::Sum => option.loglikelihood,
                    Decides::PerByte => option.per_byte,
                }));
                (Status::Answered, best, options, None)
            }
            Response::Generate(output) => {
                let (status, option) = parse(output, &self.options, self.rule);
                (status, option, Vec::new(), Some(output.clone()))
            }
            _ => return Err(mismatch()),
        };
        Ok(Reading {
            status,
            value: f64::from(u8::from(self.credit.is_good(status, option))),
            counts: option.is_some() || !matches!(self.credit, Credit::Other(_)),
            answer: option.map(|option| self.options[option].clone()),
            options,
            output,
            samples: Vec::new(),
        })
    }

    fn worths(&self) -> Vec<f64> {
        let options = 0..self.options.len();
        options
            .map(|option| {
                f64::from(u8::from(
                    self.credit.is_good(Status::Answered, Some(option)),
                ))
            })
            .collect()
    }

    fn expected(&self) -> Option<String> {
        let quoted = |option: usize| format!("\u{201c}{}\u{201d}", self.options[option]);
        Some(match self.credit {
            Credit::Key(key) => self.options[key].clone(),
            Credit::NotKey(key) | Credit::Other(key) => format!("anything but {}", quoted(key)),
            Credit::Unknowable { key, unknown } => {
                let unknown = unknown.map(|unknown| format!("{}, ", quoted(unknown)));
                format!(
                    "{}a refusal or {}",
                    unknown.unwrap_or_default(),
                    quoted(key)
                )
            }
        })
    }
}

/// The first option of the highest score.
fn best(scores: impl Iterator<Item = f64>) -> Option<usize> {
    let mut best: Option<(usize, f64)> = None;
    for (i, score) in scores.enumerate() {
        if best.is_none_or(|(_, highest)| score > highest) {
            best = Some((i, score));
        }
    }
    best.map(|(i, _)| i)
}

//! A question with answer options.

use crate::error::Result;
use crate::evaluate::ask::Decides;
use crate::evaluate::ask::odds::{log_odds, log_sum_exp};
use crate::evaluate::ask::parse::parse;
use crate::evaluate::ask::{
    Ask, Chosen, Judge, LogOdds, OptionScore, Prompt, QuestionForm, Reading, Request, Response,
    Rule, Status, mismatch,
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
    /// The option that ability is told by.
    pub a: Option<usize>,
    pub way: Way,
}

/// Whether a question is asked in the way that was chosen for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::evaluate) enum Way {
    AsChosen,
    /// The answer is always written: its options leave out one that may be right.
    Written,
    /// Its options are always compared: what is written does not tell.
    Compared,
    /// Likelihoods are taken as they are: its options are its own, and it lists them.
    Uncalibrated,
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
        let ask = match self.way {
            Way::Written => Ask::Generate,
            Way::Compared if ask == Ask::Generate => Ask::Calibrated,
            Way::Uncalibrated if ask == Ask::Calibrated => Ask::Likelihood,
            Way::AsChosen | Way::Compared | Way::Uncalibrated => ask,
        };
        match ask {
            Ask::Calibrated | Ask::Likelihood => Request::Choose {
                prompt: prompt.clone(),
                options: self.options.to_vec(),
                spellings: ask == Ask::Calibrated,
            },
            Ask::Generate => Request::Generate {
                prompt: prompt.clone(),
                max_tokens: MAX_TOKENS,
            },
        }
    }

    fn read(
        &self,
        response: &Response,
        decides: Decides,
        prior: Option<&[f64]>,
    ) -> Result<Reading> {
        let (status, option, options, chosen, output) = match response {
            Response::Choose { raw, spelled } => {
                let options = self.scores(raw, spelled, prior).ok_or_else(mismatch)?;
                let raw_best = best(options.iter().map(|option| match decides {
                    Decides::Sum => option.loglikelihood,
                    Decides::PerByte => option.per_byte,
                }));
                let calibrated: Option<Vec<f64>> =
                    options.iter().map(OptionScore::calibrated).collect();
                let best = match &calibrated {
                    Some(calibrated) => best(calibrated.iter().copied()),
                    None => raw_best,
                };
                let chosen = self.chosen(raw, spelled, raw_best, calibrated.as_deref());
                (Status::Answered, best, options, Some(chosen), None)
            }
            Response::Generate(output) => {
                let (status, option) = parse(output, &self.options, self.rule);
                (status, option, Vec::new(), None, Some(output.clone()))
            }
            _ => return Err(mismatch()),
        };
        Ok(Reading {
            status,
            value: self.value(status, option),
            counts: option.is_some() || !matches!(self.credit, Credit::Other(_)),
            answer: option.map(|option| self.options[option].clone()),
            options,
            chosen,
            output,
            samples: Vec::new(),
        })
    }

    fn options(&self) -> &[String] {
        &self.options
    }

    fn judge(&self) -> Option<Judge> {
        Some(Judge::Names(self.rule))
    }

    fn option_a(&self) -> Option<usize> {
        self.a
    }

    fn worths(&self) -> Vec<f64> {
        let options = 0..self.options.len();
        options
            .map(|option| self.value(Status::Answered, Some(option)))
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

impl OptionChoice {
    fn value(&self, status: Status, option: Option<usize>) -> f64 {
        f64::from(u8::from(self.credit.is_good(status, option)))
    }

    /// The options with their log-probabilities; `None` where these are of other options.
    fn scores(
        &self,
        raw: &[f64],
        spelled: &[f64],
        prior: Option<&[f64]>,
    ) -> Option<Vec<OptionScore>> {
        if raw.len() != self.options.len() {
            return None;
        }
        let options = self.options.iter().zip(raw);
        let options = options.map(|(text, &raw)| OptionScore::new(text, raw));
        let Some(prior) = prior else {
            return Some(options.collect());
        };
        let calibrated = spelled.iter().zip(prior);
        (spelled.len() == raw.len() && prior.len() == raw.len()).then(|| {
            options
                .zip(calibrated)
                .map(|(option, (&spelled, &prior))| option.calibrated_by(spelled, prior))
                .collect()
        })
    }

    fn chosen(
        &self,
        raw: &[f64],
        spelled: &[f64],
        raw_best: Option<usize>,
        calibrated: Option<&[f64]>,
    ) -> Chosen {
        let is_good = |option| self.value(Status::Answered, Some(option)) > 0.5;
        let of_a = |values: &[f64]| log_odds(values, |option| Some(option) == self.a);
        let held = if spelled.is_empty() { raw } else { spelled };
        Chosen {
            raw_value: self.value(Status::Answered, raw_best),
            log_odds: of_a(raw).map(|raw| LogOdds {
                raw,
                calibrated: calibrated.and_then(of_a),
            }),
            margin: log_odds(calibrated.unwrap_or(raw), is_good),
            // Options that begin alike may hold a little more than 1 together.
            share: log_sum_exp(held.iter().copied()).exp().min(1.0),
        }
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

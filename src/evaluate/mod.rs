//! Evaluation: the probes, and the only loop that runs a model over items.

mod adversarial_robustness;
mod machine_ethics;
mod multiple_choice;
mod parse;
mod perplexity;
mod prompt;
mod questions;
mod score;
mod scorer;
mod statistics;
mod stereotype;
mod toxicity_scorer;

use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::load::hexadecimal;
use crate::model::{Sequence, Session};
use crate::recipe::{Choice, ChoiceValue, Parameter, ParameterKind, Settings};
use serde::Serialize;
use sha2::{Digest, Sha256};
use web_time::Instant;

pub use perplexity::of_text as perplexity_of;
pub use prompt::Prompt;
pub use score::{
    Beside, Comparison, Direction, Group, Item, OptionScore, Part, Score, Status, Verdict, compare,
};
pub use scorer::Scorer;
pub use statistics::{Sample, Statistic, wilson};
pub use toxicity_scorer::{VERSION as TOXICITY_VERSION, toxicity};

/// Every probe, in the order in which scores appear: that of the paper, then usefulness.
pub const PROBES: &[&ProbeKind] = &[
    &stereotype::PROBE,
    &adversarial_robustness::PROBE,
    &machine_ethics::PROBE,
    &perplexity::PROBE,
    &multiple_choice::PROBE,
];

/// How to measure, drawn by the page and read by the command line.
pub const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "ask",
        title: "Ask by",
        sentence: "Likelihood compares the probability of the possible answers, which suits small models; \
                   generate lets the model write and reads its answer.",
        kind: ParameterKind::Choice {
            options: &[
                Choice {
                    value: ChoiceValue::Word("likelihood"),
                    title: "likelihood",
                },
                Choice {
                    value: ChoiceValue::Word("generate"),
                    title: "generate",
                },
            ],
            default: ChoiceValue::Word("likelihood"),
        },
    },
    Parameter {
        name: "seed",
        title: "Seed",
        sentence: "The start of every random draw; the same seed gives the same intervals.",
        kind: ParameterKind::Integer {
            min: 0,
            max: 999_999,
            step: 1,
            default: 0,
        },
    },
];

/// Requests answered between two calls of the progress function.
const CHUNK: usize = 32;

/// A probe as the catalog shows it, and how to make one.
#[derive(Debug, Serialize)]
pub struct ProbeKind {
    pub name: &'static str,
    pub title: &'static str,
    /// One sentence for the reader.
    pub sentence: &'static str,
    /// Where its items come from.
    pub source: &'static str,
    pub group: Group,
    /// What a guessing model scores.
    pub chance: Option<f64>,
    /// The file of items that the hash is taken of.
    #[serde(skip)]
    pub items: &'static str,
    #[serde(skip)]
    pub build: fn(&Options) -> Result<Box<dyn Probe>>,
}

impl ProbeKind {
    /// SHA-256 of the items, in hexadecimal.
    #[must_use]
    pub fn hash(&self) -> String {
        hexadecimal(&Sha256::digest(self.items))
    }
}

/// How to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    pub ask: Ask,
    pub seed: u64,
}

impl Options {
    /// From what the reader chose.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            ask: match settings.word("ask") {
                "generate" => Ask::Generate,
                _ => Ask::Likelihood,
            },
            seed: settings.integer("seed"),
        }
    }
}

/// The two ways to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// The answer is the option of the highest log-probability.
    Likelihood,
    /// The answer is read from what the model writes.
    Generate,
}

/// Asks one dimension's questions; it never sees a tensor.
pub trait Probe {
    /// What to ask.
    fn requests(&self) -> Vec<Request>;

    /// The score of the responses, which come in the order of the requests.
    fn score(&self, responses: &[Response]) -> Result<Score>;
}

/// One question to a model.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// How likely is each option after the prompt?
    Choose {
        prompt: Prompt,
        options: Vec<String>,
    },
    /// What follows the prompt, up to the first line break?
    Generate { prompt: Prompt, max_tokens: usize },
    /// How likely is this text?
    Text(String),
}

/// A model's answer to a [`Request`] of the same kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Response {
    /// The summed log-probability of each option, in nats.
    Choose(Vec<f64>),
    Generate(String),
    /// The summed log-probability of the tokens that have something before them, in nats.
    Text {
        loglikelihood: f64,
        tokens: usize,
    },
}

/// Runs a model over the items of a probe. Calls `progress` with the requests that are done and their number.
pub async fn evaluate<B: Backend>(
    session: &mut Session<'_, B>,
    probe: &dyn Probe,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Score> {
    let began = Instant::now();
    let requests = probe.requests();
    let mut responses = Vec::with_capacity(requests.len());
    for chunk in requests.chunks(CHUNK) {
        progress(responses.len(), requests.len());
        responses.extend(answer(session, chunk).await?);
    }
    let mut score = probe.score(&responses)?;
    score.seconds = began.elapsed().as_secs_f64();
    Ok(score)
}

async fn answer<B: Backend>(
    session: &mut Session<'_, B>,
    requests: &[Request],
) -> Result<Vec<Response>> {
    let model = session.model();
    let mut sequences = Vec::new();
    let mut prompts = Vec::new();
    let mut longest = 0;
    // How many of the sequences belong to each request.
    let mut shares = Vec::with_capacity(requests.len());
    for request in requests {
        let first = sequences.len();
        match request {
            Request::Choose { prompt, options } => {
                let context = prompt.plain();
                let before = model.tokenizer.encode(&context)?;
                for option in options {
                    let tokens = model.tokenizer.encode(&format!("{context} {option}"))?;
                    sequences.push(after(&before, tokens)?);
                }
            }
            Request::Generate { prompt, max_tokens } => {
                prompts.push(model.tokenizer.encode(&prompt.plain())?);
                longest = longest.max(*max_tokens);
            }
            Request::Text(text) => {
                let tokens = model.tokenizer.encode(text)?;
                sequences.extend(windows(&tokens, model.config.max_position_embeddings));
            }
        }
        shares.push(sequences.len() - first);
    }
    let sums = session.loglikelihoods(&sequences).await?;
    let texts = session.generate(&prompts, longest, Some("\n")).await?;
    let mut scored = sums.into_iter().zip(sequences);
    let mut texts = texts.into_iter();
    let response = |(request, share): (&Request, usize)| {
        let own: Vec<_> = scored.by_ref().take(share).collect();
        match request {
            Request::Choose { .. } => Response::Choose(own.iter().map(|(sum, _)| *sum).collect()),
            Request::Generate { .. } => Response::Generate(texts.next().unwrap_or_default()),
            Request::Text(_) => Response::Text {
                loglikelihood: own.iter().map(|(sum, _)| sum).sum(),
                tokens: own
                    .iter()
                    .map(|(_, s)| s.tokens.len() - s.scored_from)
                    .sum(),
            },
        }
    };
    Ok(requests.iter().zip(shares).map(response).collect())
}

/// The tokens of a prompt with an option, scored from where they leave the prompt's own tokens.
fn after(before: &[u32], tokens: Vec<u32>) -> Result<Sequence> {
    let shared = before
        .iter()
        .zip(&tokens)
        .take_while(|(a, b)| a == b)
        .count();
    if shared == 0 || shared >= tokens.len() {
        return Err(Error::Empty {
            what: "an answer option, or the prompt before it,".into(),
        });
    }
    Ok(Sequence {
        tokens,
        scored_from: shared,
    })
}

/// A text cut to the model's length; a last piece of one token has nothing to score and is left out.
fn windows(tokens: &[u32], limit: usize) -> impl Iterator<Item = Sequence> + '_ {
    tokens
        .chunks(limit.max(2))
        .filter(|window| window.len() > 1)
        .map(|window| Sequence {
            tokens: window.to_vec(),
            scored_from: 1,
        })
}

//! The only loop that runs a model over items.

use super::{Probe, Prompt, Request, Response, Score, Template};
use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::model::{ChatTemplate, Generation, Model, Sampling, Sequence, Session};
use web_time::Instant;

/// Requests answered between two calls of the progress function.
const CHUNK: usize = 32;
/// Next-token probabilities that are kept of the texts of one probe, 4 bytes each.
const NEXT: usize = 1 << 23;

/// Runs a model over the items of a probe. Calls `progress` with the requests that are done and their number.
pub async fn evaluate<B: Backend>(
    session: &mut Session<'_, B>,
    probe: &dyn Probe,
    template: Template,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Score> {
    let began = Instant::now();
    let requests = probe.requests();
    let asking = Asking::new(session.model(), template, &requests);
    let mut responses = Vec::with_capacity(requests.len());
    for chunk in requests.chunks(CHUNK) {
        progress(responses.len(), requests.len());
        responses.extend(asking.answer(session, chunk).await?);
    }
    let mut score = probe.score(&responses)?;
    if score.items.len() == requests.len() {
        for (item, request) in score.items.iter_mut().zip(&requests) {
            if let Some(prompt) = prompt_of(request) {
                item.prompt = asking.written(prompt)?;
            }
        }
    }
    score.seconds = began.elapsed().as_secs_f64();
    Ok(score)
}

/// The requests, by their place, that a model has no room for, with their answers; each with why.
pub fn unfitting(
    model: &Model,
    template: Template,
    requests: &[Request],
) -> Result<Vec<(usize, Error)>> {
    let asking = Asking::new(model, template, requests);
    let limit = model.config.max_position_embeddings;
    let mut unfitting = Vec::new();
    for (place, request) in requests.iter().enumerate() {
        let tokens = asking.tokens(request)?;
        if tokens > limit {
            unfitting.push((place, Error::TooLong { tokens, limit }));
        }
    }
    Ok(unfitting)
}

/// How a model is asked.
struct Asking<'m> {
    model: &'m Model,
    /// `None` for the plain template.
    chat: Option<&'m ChatTemplate>,
    /// Places of each text at which next-token probabilities are kept.
    places: usize,
}

/// What part of a request the session is to score or to continue.
#[derive(Default)]
struct Work {
    sequences: Vec<Sequence>,
    /// Places of each sequence at which next-token probabilities are kept.
    kept: Vec<usize>,
    /// How many of the sequences belong to each request.
    shares: Vec<usize>,
    generations: Vec<Generation>,
}

impl<'m> Asking<'m> {
    fn new(model: &'m Model, template: Template, requests: &[Request]) -> Self {
        let texts = requests.iter().filter(|r| matches!(r, Request::Text(_)));
        Self {
            model,
            chat: chat_template(model, template),
            places: NEXT / model.config.vocab_size.max(1) / texts.count().max(1),
        }
    }

    /// A prompt as the model reads it.
    fn written(&self, prompt: &Prompt) -> Result<String> {
        match self.chat {
            Some(chat) => chat.render(&prompt.messages()),
            None => Ok(prompt.plain()),
        }
    }

    /// The tokens that a request takes with the longest answer to it; 0 for a text, which is cut to the model's length.
    fn tokens(&self, request: &Request) -> Result<usize> {
        let written = |prompt| Ok(self.encode(&self.written(prompt)?)?.len());
        match request {
            Request::Choose { prompt, options } => {
                let context = self.written(prompt)?;
                let lengths = options
                    .iter()
                    .map(|option| Ok(self.encode(&followed(&context, option))?.len()));
                Ok(lengths
                    .collect::<Result<Vec<_>>>()?
                    .into_iter()
                    .max()
                    .unwrap_or(0))
            }
            Request::Generate { prompt, max_tokens }
            | Request::Sample {
                prompt, max_tokens, ..
            } => written(prompt).map(|tokens: usize| tokens + max_tokens),
            Request::Text(_) => Ok(0),
        }
    }

    fn encode(&self, text: &str) -> Result<Vec<u32>> {
        match self.chat {
            Some(_) => self.model.tokenizer.encode_rendered(text),
            None => self.model.tokenizer.encode(text),
        }
    }

    async fn answer<B: Backend>(
        &self,
        session: &mut Session<'_, B>,
        requests: &[Request],
    ) -> Result<Vec<Response>> {
        let work = self.work(requests)?;
        let mut next = vec![Vec::new(); work.sequences.len()];
        let places = |sequence: &Sequence| sequence.tokens.len() - sequence.scored_from;
        let mut see = |member: usize, position: usize, logits: &[f32], normalizer: f64| {
            let sequence = &work.sequences[member];
            let (at, of) = (position - sequence.scored_from, places(sequence));
            if is_kept(at, of, work.kept[member]) {
                #[expect(clippy::cast_possible_truncation, reason = "kept as f32")]
                let normalizer = normalizer as f32;
                next[member].push(logits.iter().map(|logit| logit - normalizer).collect());
            }
        };
        let sums = session
            .loglikelihoods_seen(&work.sequences, &mut see)
            .await?;
        let written = session.sample(&work.generations, Some("\n")).await?;
        let mut texts = written.into_iter().map(|all| -> Vec<String> {
            all.into_iter()
                .map(|continuation| continuation.text)
                .collect()
        });
        let mut scored = sums.into_iter().zip(&work.sequences).zip(next);
        let response = |(request, share): (&Request, &usize)| {
            let own = scored.by_ref().take(*share);
            match request {
                Request::Choose { .. } => Response::Choose(own.map(|((sum, _), _)| sum).collect()),
                Request::Generate { .. } => {
                    let text = texts.next().into_iter().flatten().next();
                    Response::Generate(text.unwrap_or_default())
                }
                Request::Sample { .. } => Response::Samples(texts.next().unwrap_or_default()),
                Request::Text(_) => {
                    let (mut loglikelihood, mut tokens, mut next) = (0.0, 0, Vec::new());
                    for ((sum, sequence), seen) in own {
                        loglikelihood += sum;
                        tokens += places(sequence);
                        next.extend(seen);
                    }
                    Response::Text {
                        loglikelihood,
                        tokens,
                        next,
                    }
                }
            }
        };
        Ok(requests.iter().zip(&work.shares).map(response).collect())
    }

    fn work(&self, requests: &[Request]) -> Result<Work> {
        let mut work = Work::default();
        for request in requests {
            let first = work.sequences.len();
            match request {
                Request::Choose { prompt, options } => {
                    let context = self.written(prompt)?;
                    let before = self.encode(&context)?;
                    for option in options {
                        let tokens = self.encode(&followed(&context, option))?;
                        work.sequences.push(after(&before, tokens)?);
                    }
                }
                Request::Generate { prompt, max_tokens } => work.generations.push(Generation {
                    prompt: self.encode(&self.written(prompt)?)?,
                    sampling: Sampling::Greedy,
                    max_tokens: *max_tokens,
                }),
                Request::Sample {
                    prompt,
                    max_tokens,
                    count,
                    seed,
                } => work.generations.push(Generation {
                    prompt: self.encode(&self.written(prompt)?)?,
                    sampling: Sampling::Temperature {
                        temperature: 1.0,
                        count: *count,
                        seed: *seed,
                    },
                    max_tokens: *max_tokens,
                }),
                Request::Text(text) => {
                    let tokens = self.model.tokenizer.encode(text)?;
                    let limit = self.model.config.max_position_embeddings;
                    work.sequences.extend(windows(&tokens, limit));
                    let pieces = work.sequences.len() - first;
                    work.kept
                        .resize(first + pieces, self.places / pieces.max(1));
                }
            }
            work.shares.push(work.sequences.len() - first);
            work.kept.resize(work.sequences.len(), 0);
        }
        Ok(work)
    }
}

/// The template that prompts to `model` go through; `None` for the plain one.
pub(super) fn chat_template(model: &Model, template: Template) -> Option<&ChatTemplate> {
    match template {
        Template::Auto => model.chat_template.as_deref(),
        Template::Plain => None,
    }
}

fn prompt_of(request: &Request) -> Option<&Prompt> {
    match request {
        Request::Choose { prompt, .. }
        | Request::Generate { prompt, .. }
        | Request::Sample { prompt, .. } => Some(prompt),
        Request::Text(_) => None,
    }
}

/// Whether place `at` of `of` is one of `kept` that are spread evenly.
fn is_kept(at: usize, of: usize, kept: usize) -> bool {
    kept >= of || (at * kept) / of != ((at + 1) * kept) / of
}

/// An answer behind a prompt, with a space where the prompt does not end in one.
fn followed(context: &str, answer: &str) -> String {
    let space = if context.ends_with(char::is_whitespace) {
        ""
    } else {
        " "
    };
    format!("{context}{space}{answer}")
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

//! A model of this program as an asker.

use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::evaluate::ask::template::chat_template;
use crate::evaluate::ask::{Asker, Cost, Prompt, Reply, Request, Response, Template};
use crate::model::{ChatTemplate, Generation, LogitsCallback, Model, Sampling, Sequence, Session};

/// Requests that run together.
const CHUNK: usize = 32;

/// A model that this program runs.
pub struct LocalAsker<'m, B: Backend> {
    session: Session<'m, B>,
    asking: Asking<'m>,
}

impl<'m, B: Backend> LocalAsker<'m, B> {
    /// Brings a model's weights to a backend, to be asked through a template.
    pub fn new(model: &'m Model, backend: B, template: Template) -> Result<Self> {
        Ok(Self {
            session: Session::new(model, backend)?,
            asking: Asking::new(model, template),
        })
    }
}

impl<B: Backend> Asker for LocalAsker<'_, B> {
    async fn answer(
        &mut self,
        requests: &[Request],
        progress: &mut dyn FnMut(usize),
    ) -> Result<Vec<Reply>> {
        let mut replies = Vec::with_capacity(requests.len());
        for chunk in requests.chunks(CHUNK) {
            progress(replies.len());
            let responses = self.asking.answer(&mut self.session, chunk).await?;
            for (request, response) in chunk.iter().zip(responses) {
                let prompt = request.prompt().map(|prompt| self.asking.written(prompt));
                replies.push(Reply {
                    response,
                    prompt: prompt.transpose()?,
                });
            }
        }
        Ok(replies)
    }

    fn unfitting(&self, requests: &[Request]) -> Result<Vec<(usize, Error)>> {
        let limit = self.asking.model.config.max_position_embeddings;
        let mut unfitting = Vec::new();
        for (place, request) in requests.iter().enumerate() {
            let tokens = self.asking.tokens(request)?;
            if tokens > limit {
                unfitting.push((place, Error::TooLong { tokens, limit }));
            }
        }
        Ok(unfitting)
    }

    fn cost(&self) -> Cost {
        Cost {
            tokens: self.session.tokens_run(),
        }
    }
}

/// How a model is asked.
struct Asking<'m> {
    model: &'m Model,
    /// `None` for the plain template.
    chat: Option<&'m ChatTemplate>,
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

/// Keeps the log-probabilities of every next token at some places of each sequence.
struct KeptPlaces<'w> {
    work: &'w Work,
    next: Vec<Vec<Vec<f32>>>,
}

impl LogitsCallback for KeptPlaces<'_> {
    fn wants(&self, sequence: usize, place: usize) -> bool {
        let Sequence {
            tokens,
            scored_from,
        } = &self.work.sequences[sequence];
        let (at, of) = (place - scored_from, tokens.len() - scored_from);
        is_kept(at, of, self.work.kept[sequence])
    }

    fn look(&mut self, sequence: usize, _: usize, log_probabilities: Vec<f32>) {
        self.next[sequence].push(log_probabilities);
    }
}

impl<'m> Asking<'m> {
    fn new(model: &'m Model, template: Template) -> Self {
        Self {
            model,
            chat: chat_template(model, template),
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
            Request::Text { .. } => Ok(0),
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
        let mut kept = KeptPlaces {
            work: &work,
            next: vec![Vec::new(); work.sequences.len()],
        };
        let sums = session
            .loglikelihoods_with(&work.sequences, &mut kept)
            .await?;
        let next = kept.next;
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
                Request::Text { .. } => {
                    let (mut loglikelihood, mut tokens, mut next) = (0.0, 0, Vec::new());
                    for ((sum, sequence), seen) in own {
                        loglikelihood += sum;
                        tokens += sequence.tokens.len() - sequence.scored_from;
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
                Request::Text { text, kept } => {
                    let tokens = self.model.tokenizer.encode(text)?;
                    let limit = self.model.config.max_position_embeddings;
                    work.sequences.extend(windows(&tokens, limit));
                    let pieces = work.sequences.len() - first;
                    let places = kept / self.model.config.vocab_size.max(1);
                    work.kept.resize(first + pieces, places / pieces.max(1));
                }
            }
            work.shares.push(work.sequences.len() - first);
            work.kept.resize(work.sequences.len(), 0);
        }
        Ok(work)
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

//! A model of this program as an asker.

use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::evaluate::ask::template::chat_template;
use crate::evaluate::ask::{Asker, Cost, Prompt, Reply, Request, Response, Template};
use crate::model::{ChatTemplate, Generation, LogitsCallback, Model, Sampling, Sequence, Session};
use std::ops::Deref;

/// Requests that run together.
pub const CHUNK: usize = 32;

/// A model that this program runs, borrowed or shared.
pub struct LocalAsker<M, B: Backend> {
    session: Session<M, B>,
    template: Template,
}

impl<M: Deref<Target = Model>, B: Backend> LocalAsker<M, B> {
    /// Brings a model's weights to a backend, to be asked through a template.
    pub fn new(model: M, backend: B, template: Template) -> Result<Self> {
        Ok(Self {
            session: Session::new(model, backend)?,
            template,
        })
    }

    async fn answer_chunk(&mut self, requests: &[Request]) -> Result<Vec<Reply>> {
        let asking = Asking::new(self.session.model(), self.template);
        let work = asking.work(requests)?;
        let prompts = requests
            .iter()
            .map(|request| request.prompt().map(|prompt| asking.written(prompt)));
        let prompts: Vec<Option<String>> = prompts.map(Option::transpose).collect::<Result<_>>()?;
        let responses = work.answer(requests, &mut self.session).await?;
        let replies = responses.into_iter().zip(prompts);
        Ok(replies
            .map(|(response, prompt)| Reply { response, prompt })
            .collect())
    }
}

impl<M: Deref<Target = Model>, B: Backend> Asker for LocalAsker<M, B> {
    async fn answer(
        &mut self,
        requests: &[Request],
        progress: &mut dyn FnMut(usize),
    ) -> Result<Vec<Reply>> {
        let mut replies = Vec::with_capacity(requests.len());
        for chunk in requests.chunks(CHUNK) {
            progress(replies.len());
            replies.extend(self.answer_chunk(chunk).await?);
        }
        Ok(replies)
    }

    fn cost(&self) -> Cost {
        Cost {
            tokens: self.session.tokens_run(),
        }
    }
}

/// The requests, by their place, that a model has no room for with their answers; each with why.
pub fn unfitting(
    model: &Model,
    template: Template,
    requests: &[Request],
) -> Result<Vec<(usize, Error)>> {
    let asking = Asking::new(model, template);
    let limit = model.config.max_position_embeddings;
    let mut unfitting = Vec::new();
    for (place, request) in requests.iter().enumerate() {
        match asking.tokens(request) {
            Ok(tokens) if tokens <= limit => {}
            Ok(tokens) => unfitting.push((place, Error::TooLong { tokens, limit })),
            Err(nothing @ Error::Empty { .. }) => unfitting.push((place, nothing)),
            Err(error) => return Err(error),
        }
    }
    Ok(unfitting)
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
                let sequences = self.options(prompt, options)?;
                let lengths = sequences.iter().map(|sequence| sequence.tokens.len());
                Ok(lengths.max().unwrap_or(0))
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

    /// A prompt with each of its options, which are scored.
    fn options(&self, prompt: &Prompt, options: &[String]) -> Result<Vec<Sequence>> {
        let context = self.written(prompt)?;
        let before = self.encode(&context)?;
        let tokens = |option| self.encode(&followed(&context, option));
        options
            .iter()
            .map(|option| after(&before, tokens(option)?))
            .collect()
    }

    fn work(&self, requests: &[Request]) -> Result<Work> {
        let mut work = Work::default();
        for request in requests {
            let first = work.sequences.len();
            match request {
                Request::Choose { prompt, options } => {
                    work.sequences.extend(self.options(prompt, options)?);
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

impl Work {
    /// Runs it, and gives the response to each of the requests that it was made of.
    async fn answer<M: Deref<Target = Model>, B: Backend>(
        &self,
        requests: &[Request],
        session: &mut Session<M, B>,
    ) -> Result<Vec<Response>> {
        let mut kept = KeptPlaces {
            work: self,
            next: vec![Vec::new(); self.sequences.len()],
        };
        let sums = session
            .loglikelihoods_with(&self.sequences, &mut kept)
            .await?;
        let next = kept.next;
        let written = session.sample(&self.generations, Some("\n")).await?;
        let mut texts = written.into_iter().map(|all| -> Vec<String> {
            all.into_iter()
                .map(|continuation| continuation.text)
                .collect()
        });
        let mut scored = sums.into_iter().zip(&self.sequences).zip(next);
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
        Ok(requests.iter().zip(&self.shares).map(response).collect())
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

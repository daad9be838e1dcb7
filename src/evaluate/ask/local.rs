//! A model of this program as an asker.

use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::evaluate::ask::spelling;
use crate::evaluate::ask::template::chat_template;
use crate::evaluate::ask::work::{Share, Work};
use crate::evaluate::ask::{Asker, Cost, Prompt, Reply, Request, Template};
use crate::model::{ChatTemplate, Generation, Model, Sampling, Sequence, Session};
use std::ops::Deref;
use std::ops::Range;
use web_time::Instant;

/// Requests that run together.
pub const CHUNK: usize = 16;

/// A model that this program runs, borrowed or shared.
pub struct LocalAsker<M, B: Backend> {
    session: Session<M, B>,
    template: Template,
    seconds: f64,
}

impl<M: Deref<Target = Model>, B: Backend> LocalAsker<M, B> {
    /// Brings a model's weights to a backend, to be asked through a template.
    pub fn new(model: M, backend: B, template: Template) -> Result<Self> {
        Ok(Self {
            session: Session::new(model, backend)?,
            template,
            seconds: 0.0,
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
            .map(|((response, tokens), prompt)| Reply {
                response,
                prompt,
                tokens,
            })
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
            let began = Instant::now();
            replies.extend(self.answer_chunk(chunk).await?);
            self.seconds += began.elapsed().as_secs_f64();
        }
        Ok(replies)
    }

    fn cost(&self) -> Cost {
        Cost {
            tokens: self.session.tokens_run(),
            seconds: self.seconds,
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

/// A prompt as a model reads it.
struct Context {
    text: String,
    tokens: Vec<u32>,
}

impl Context {
    /// Whether tokens go on from the prompt's own ones, and are not others in their place.
    fn is_followed_by(&self, tokens: &[u32]) -> bool {
        tokens.starts_with(&self.tokens)
    }
}

/// How a model is asked.
struct Asking<'m> {
    model: &'m Model,
    /// `None` for the plain template.
    chat: Option<&'m ChatTemplate>,
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
            Request::Choose {
                prompt,
                options,
                spellings,
            } => {
                let context = self.context(prompt)?;
                let mut longest = 0;
                for option in options {
                    for way in self.spelled(&context, option, *spellings)? {
                        longest = longest.max(after(&context.tokens, way)?.tokens.len());
                    }
                }
                Ok(longest)
            }
            Request::Generate { prompt, max_tokens }
            | Request::Sample {
                prompt, max_tokens, ..
            } => written(prompt).map(|tokens: usize| tokens + max_tokens),
            // Each is cut to the model's length.
            Request::Read { .. } | Request::Text { .. } => Ok(0),
        }
    }

    fn encode(&self, text: &str) -> Result<Vec<u32>> {
        match self.chat {
            Some(_) => self.model.tokenizer.encode_rendered(text),
            None => self.model.tokenizer.encode(text),
        }
    }

    /// A prompt as it is written, with its tokens.
    fn context(&self, prompt: &Prompt) -> Result<Context> {
        let text = self.written(prompt)?;
        Ok(Context {
            tokens: self.encode(&text)?,
            text,
        })
    }

    /// The tokens of a prompt with an option as it is spelled; behind it those with `all` other spellings that follow the
    /// prompt's own tokens, each once.
    fn spelled(&self, context: &Context, option: &str, all: bool) -> Result<Vec<Vec<u32>>> {
        let mut found = vec![self.encode(&followed(&context.text, option))?];
        if all {
            // The plain template is our own, and puts a space there.
            let spaces: &[&str] = match self.chat {
                Some(_) => &["", " "],
                None => &[" "],
            };
            for spelled in spelling::ways(option, spaces) {
                let tokens = self.encode(&format!("{}{spelled}", context.text))?;
                if context.is_followed_by(&tokens) && !found.contains(&tokens) {
                    found.push(tokens);
                }
            }
        }
        Ok(found)
    }

    fn work(&self, requests: &[Request]) -> Result<Work> {
        let mut work = Work::default();
        for request in requests {
            let first = work.sequences.len();
            let mut share = Share::default();
            match request {
                Request::Choose {
                    prompt,
                    options,
                    spellings,
                } => {
                    let context = self.context(prompt)?;
                    share.tokens.prompt = context.tokens.len();
                    for option in options {
                        let ways = self.spelled(&context, option, *spellings)?;
                        share.sequences.push(ways.len());
                        let follows = ways.first().is_some_and(|way| context.is_followed_by(way));
                        share.first_follows.push(follows);
                        for tokens in ways {
                            work.sequences.push(after(&context.tokens, tokens)?);
                        }
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
                Request::Read { prompt, texts } => {
                    let context = self.context(prompt)?;
                    share.tokens.prompt = context.tokens.len();
                    for text in texts {
                        let mut tokens = self.encode(&format!("{}{text}", context.text))?;
                        tokens.truncate(self.model.config.max_position_embeddings);
                        // Of a text without words nothing is behind the prompt.
                        let read = after(&context.tokens, tokens).ok();
                        share.sequences.push(usize::from(read.is_some()));
                        work.sequences.extend(read);
                    }
                }
                Request::Text { text, kept } => {
                    let (tokens, ends) = self.model.tokenizer.encode_with_ends(text)?;
                    let limit = self.model.config.max_position_embeddings;
                    share.tokens.prompt = tokens.len();
                    for window in windows(tokens.len(), limit) {
                        // Its first token has nothing before it.
                        work.bytes.push(ends[window.end - 1] - ends[window.start]);
                        work.sequences.push(Sequence {
                            tokens: tokens[window].to_vec(),
                            scored_from: 1,
                        });
                    }
                    let pieces = work.sequences.len() - first;
                    share.sequences.push(pieces);
                    let places = kept / self.model.config.vocab_size.max(1);
                    work.kept.resize(first + pieces, places / pieces.max(1));
                }
            }
            let scored = work.sequences[first..].iter();
            share.tokens.scored = scored.map(|own| own.tokens.len() - own.scored_from).sum();
            match request {
                Request::Choose { .. } | Request::Read { .. } => {}
                Request::Generate { .. } | Request::Sample { .. } => {
                    let prompt = work.generations.last().map(|own| own.prompt.len());
                    share.tokens.prompt = prompt.unwrap_or(0);
                }
                Request::Text { .. } => share.tokens.prompt -= share.tokens.scored,
            }
            work.shares.push(share);
            work.kept.resize(work.sequences.len(), 0);
            work.bytes.resize(work.sequences.len(), 0);
        }
        Ok(work)
    }
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

/// Tokens cut to the model's length; a last piece of one token has nothing to score and is left out.
fn windows(tokens: usize, limit: usize) -> impl Iterator<Item = Range<usize>> {
    let limit = limit.max(2);
    (0..tokens)
        .step_by(limit)
        .map(move |start| start..tokens.min(start + limit))
        .filter(|window| window.len() > 1)
}

//! Requests as token sequences, and what came of these as replies: the same whoever runs the model.

use super::spelling;
use super::work::{Done, Share, Work};
use super::{Prompt, Reply, Request, Template, TemplateUsed};
use crate::error::{Error, Result};
use crate::model::{ChatTemplate, Generation, Interface, Sampling, Sequence};
use std::ops::Range;

/// How a model is asked.
#[derive(Debug, Clone)]
pub struct Asking {
    interface: Interface,
    template: Template,
    /// Whether whoever runs it says how likely a given text is.
    reads: bool,
    /// The first token of a text whose log-probability is said: none is of the very first.
    scored_from: usize,
}

/// The requests, by their place, that a model has no room for with their answers; each with why.
pub fn unfitting(asking: &Asking, requests: &[Request]) -> Result<Vec<(usize, Error)>> {
    let limit = asking.interface.max_position_embeddings;
    let mut unfitting = Vec::new();
    for (place, request) in requests.iter().enumerate() {
        if !asking.reads && matches!(request, Request::Choose { .. } | Request::Text { .. }) {
            let why = "the server does not say how likely a given text is";
            unfitting.push((place, Error::Unanswered(why.into())));
            continue;
        }
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

impl Asking {
    /// Of a model, by what it reads and writes.
    #[must_use]
    pub fn new(interface: Interface, template: Template) -> Self {
        Self {
            interface,
            template,
            reads: true,
            scored_from: 1,
        }
    }

    /// The same where nobody says how likely a given text is: nothing but writing is asked.
    #[must_use]
    pub fn by_writing(self) -> Self {
        Self {
            reads: false,
            ..self
        }
    }

    /// The same where the log-probabilities of a text are said from this token on.
    #[cfg(feature = "server")]
    pub(super) fn scored_from(self, scored_from: usize) -> Self {
        Self {
            scored_from,
            ..self
        }
    }

    /// Whether something else than writing can be asked.
    #[cfg(feature = "server")]
    pub(super) fn reads(&self) -> bool {
        self.reads
    }

    /// What the model reads and writes.
    #[must_use]
    pub fn interface(&self) -> &Interface {
        &self.interface
    }

    /// What prompts go through.
    #[must_use]
    pub fn template(&self) -> TemplateUsed {
        match self.chat() {
            Some(_) => TemplateUsed::Chat,
            None => TemplateUsed::Plain,
        }
    }

    /// `None` for the plain template.
    fn chat(&self) -> Option<&ChatTemplate> {
        match self.template {
            Template::Auto => self.interface.chat_template.as_deref(),
            Template::Plain => None,
        }
    }

    /// A prompt as the model reads it.
    fn written(&self, prompt: &Prompt) -> Result<String> {
        match self.chat() {
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
        match self.chat() {
            Some(_) => self.interface.tokenizer.encode_rendered(text),
            None => self.interface.tokenizer.encode(text),
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
            let spaces: &[&str] = match self.chat() {
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

    /// Everything that is to be scored and written for some requests.
    pub(super) fn work(&self, requests: &[Request]) -> Result<Work> {
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
                        tokens.truncate(self.interface.max_position_embeddings);
                        // Of a text without words nothing is behind the prompt.
                        let read = after(&context.tokens, tokens).ok();
                        share.sequences.push(usize::from(read.is_some()));
                        work.sequences.extend(read);
                    }
                }
                Request::Text { text, kept } => {
                    let (tokens, ends) = self.interface.tokenizer.encode_with_ends(text)?;
                    let limit = self.interface.max_position_embeddings;
                    share.tokens.prompt = tokens.len();
                    for window in windows(tokens.len(), limit, self.scored_from) {
                        // Its first token has nothing before it.
                        let before = window.start + self.scored_from - 1;
                        work.bytes.push(ends[window.end - 1] - ends[before]);
                        work.sequences.push(Sequence {
                            tokens: tokens[window].to_vec(),
                            scored_from: self.scored_from,
                        });
                    }
                    let pieces = work.sequences.len() - first;
                    share.sequences.push(pieces);
                    let places = kept / self.interface.vocab_size.max(1);
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

    /// The replies to the requests that `work` was made of.
    pub(super) fn replies(
        &self,
        requests: &[Request],
        work: &Work,
        done: Done,
    ) -> Result<Vec<Reply>> {
        let responses = work.responses(requests, done, self.interface.vocab_size);
        let replies = requests.iter().zip(responses);
        replies
            .map(|(request, (response, tokens))| {
                let prompt = request.prompt().map(|prompt| self.written(prompt));
                Ok(Reply {
                    response,
                    prompt: prompt.transpose()?,
                    tokens,
                })
            })
            .collect()
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

/// Tokens cut to the model's length; a last piece without a token to score is left out.
fn windows(tokens: usize, limit: usize, scored_from: usize) -> impl Iterator<Item = Range<usize>> {
    let limit = limit.max(2);
    (0..tokens)
        .step_by(limit)
        .map(move |start| start..tokens.min(start + limit))
        .filter(move |window| window.len() > scored_from)
}

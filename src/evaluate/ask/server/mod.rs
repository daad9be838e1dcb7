//! A model behind an OpenAI-compatible completions API as an asker: vLLM, `SGLang`, llama.cpp's server and what speaks like them.

mod answers;
mod call;
mod client;
mod dialect;
mod probing;

use super::work::{Done, Work};
use super::{Asker, Asking, Cost, Reply, Request, Response, Template, TokenCounts};
use crate::error::{Error, Result};
use crate::model::{Interface, Sampling};
use answers::Answers;
use call::{Answer, Call};
use client::Client;
use dialect::Dialect;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Mutex, PoisonError};
use web_time::Instant;

pub use client::{Patience, Secret};
pub use dialect::{Likelihoods, PromptForm};

/// Where a model is served, and how it is asked there.
#[derive(Debug, Clone)]
pub struct Connection {
    /// `http://host:8000`, with `/v1` behind it or not.
    pub url: String,
    /// As the server calls it.
    pub model: String,
    pub key: Option<Secret>,
    /// Requests that are under way at once.
    pub jobs: usize,
    pub patience: Patience,
    /// The file in which answers are kept as they come.
    pub answers: PathBuf,
}

/// A model that a server runs, as far as it is known here.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Served {
    pub name: String,
    pub server: String,
    /// How the likelihood of a text is asked for.
    pub likelihoods: Likelihoods,
    pub prompts: PromptForm,
    /// The most tokens of a prompt with its answer.
    pub context: usize,
    pub vocab_size: usize,
    /// What a reader of its numbers should know.
    pub notes: Vec<String>,
}

/// A model that a server runs.
pub struct ServerAsker {
    client: Client,
    dialect: Dialect,
    asking: Asking,
    answers: Answers,
    jobs: usize,
    served: Served,
    cost: Cost,
}

impl ServerAsker {
    /// Asks the server what it has and how it answers; `interface` is what the model reads and writes; of its length
    /// the server's word counts, where it says one.
    pub fn connect(
        connection: &Connection,
        mut interface: Interface,
        template: Template,
    ) -> Result<Self> {
        let client = Client::new(connection)?;
        if let Some(length) = client.model_length()? {
            interface.max_position_embeddings = length;
        }
        if interface.max_position_embeddings < 2 {
            return Err(Error::Setting {
                name: "context".into(),
                found: "nothing".into(),
                expected: format!(
                    "neither {} nor config.json says how many tokens {} has room for; a number is needed",
                    client.url(),
                    connection.model
                ),
            });
        }
        // A text that is read is continued by one token, which nobody looks at.
        interface.max_position_embeddings = interface.max_position_embeddings.saturating_sub(1);
        let (dialect, refused) = probing::dialect(&client, &interface)?;
        let answers = Answers::open(&connection.answers)?;
        let mut notes = Vec::new();
        notes.extend(answers.note().map(str::to_owned));
        notes.extend(refused.map(|why| {
            format!(
                "{} does not say how likely a given text is ({why}): everything is asked by writing, and what only \
                 likelihoods tell is left out.",
                client.url()
            )
        }));
        if dialect.skips_second() {
            notes.push(format!(
                "{} gives no log-probability of the first token behind the beginning-of-text token: held-out texts are \
                 scored from the token behind it.",
                client.url()
            ));
        }
        let served = Served {
            name: connection.model.clone(),
            server: client.url().to_owned(),
            likelihoods: dialect.likelihoods,
            prompts: dialect.prompts,
            context: interface.max_position_embeddings,
            vocab_size: interface.vocab_size,
            notes,
        };
        let asking =
            Asking::new(interface, template).scored_from(1 + usize::from(dialect.skips_second()));
        Ok(Self {
            asking: match dialect.likelihoods {
                Likelihoods::None => asking.by_writing(),
                Likelihoods::PromptLogprobs | Likelihoods::Echo => asking,
            },
            client,
            dialect,
            answers,
            jobs: connection.jobs.max(1),
            served,
            cost: Cost::default(),
        })
    }

    /// How its model is asked.
    #[must_use]
    pub fn asking(&self) -> &Asking {
        &self.asking
    }

    /// What is known of its model.
    #[must_use]
    pub fn served(&self) -> &Served {
        &self.served
    }

    /// Whether nothing but writing can be asked.
    #[must_use]
    pub fn writes_only(&self) -> bool {
        !self.asking.reads()
    }

    /// The same side where another one says nothing of likelihoods: sides are compared that were asked alike.
    #[must_use]
    pub fn by_writing(self) -> Self {
        Self {
            asking: self.asking.by_writing(),
            ..self
        }
    }

    /// Answers that were in the file already, of those that were needed.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.answers.used()
    }

    fn replies(
        &mut self,
        requests: &[Request],
        progress: &mut dyn FnMut(usize),
    ) -> Result<Vec<Reply>> {
        let work = self.asking.work(requests)?;
        let calls = calls(&work);
        let total = calls.len().max(1);
        let mut done = |calls: usize| progress(calls * requests.len() / total);
        let answers = self.answers_to(&calls, &mut done)?;
        let done = done_with(&work, answers)?;
        self.asking.replies(requests, &work, done)
    }

    /// The answers to some calls, in their order; each is kept as it comes, and what is kept is not asked again.
    fn answers_to(
        &mut self,
        calls: &[Call],
        progress: &mut dyn FnMut(usize),
    ) -> Result<Vec<Answer>> {
        let keys: Vec<String> = calls.iter().map(|call| call.key(&self.client)).collect();
        let mut unknown = BTreeMap::new();
        for (place, key) in keys.iter().enumerate() {
            if !self.answers.holds(key) {
                unknown.entry(key).or_insert(place);
            }
        }
        let mut wanted: Vec<usize> = unknown.into_values().collect();
        wanted.sort_unstable();
        let mut done = calls.len() - wanted.len();
        progress(done);
        let (next, stopped) = (AtomicUsize::new(0), AtomicBool::new(false));
        let (client, dialect, interface) = (&self.client, self.dialect, self.asking.interface());
        let (answers, cost) = (Mutex::new(&mut self.answers), &mut self.cost);
        let mut failed = None;
        let began = Instant::now();
        std::thread::scope(|scope| {
            let (sender, receiver) = channel();
            for _ in 0..self.jobs.min(wanted.len()) {
                let (sender, next, stopped, wanted) = (sender.clone(), &next, &stopped, &wanted);
                let (answers, keys) = (&answers, &keys);
                scope.spawn(move || {
                    while !stopped.load(Ordering::Relaxed) {
                        let Some(&place) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) else {
                            break;
                        };
                        let answer = dialect.ask(client, interface, &calls[place]);
                        // Kept before anything more is asked: whoever ends the run loses what is under way alone.
                        let kept = answer.and_then(|answer| {
                            let mut answers =
                                answers.lock().unwrap_or_else(PoisonError::into_inner);
                            answers.keep(&keys[place], &answer)
                        });
                        if sender.send(kept).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(sender);
            for kept in receiver {
                match kept {
                    Ok(tokens) => {
                        cost.tokens += tokens;
                        done += 1;
                        progress(done);
                    }
                    Err(error) => {
                        stopped.store(true, Ordering::Relaxed);
                        failed.get_or_insert(error);
                    }
                }
            }
        });
        cost.seconds += began.elapsed().as_secs_f64();
        if let Some(error) = failed {
            return Err(self.answers.still_there(&error));
        }
        let answer = |key: &String| self.answers.take(key);
        keys.iter()
            .map(answer)
            .collect::<Option<_>>()
            .ok_or_else(lost)
    }
}

impl Asker for ServerAsker {
    async fn answer(
        &mut self,
        requests: &[Request],
        progress: &mut dyn FnMut(usize),
    ) -> Result<Vec<Reply>> {
        if self.asking.reads() {
            return self.replies(requests, progress);
        }
        // Nothing is known of how surprising a text is.
        let is_read = |request: &Request| matches!(request, Request::Read { .. });
        let asked: Vec<Request> = requests.iter().filter(|r| !is_read(r)).cloned().collect();
        let mut replies = self.replies(&asked, progress)?.into_iter();
        let unread = || Reply {
            response: Response::Read(Vec::new()),
            prompt: None,
            tokens: TokenCounts::default(),
        };
        let reply = |request| {
            if is_read(request) {
                Some(unread())
            } else {
                replies.next()
            }
        };
        requests
            .iter()
            .map(reply)
            .collect::<Option<_>>()
            .ok_or_else(lost)
    }

    fn cost(&self) -> Cost {
        self.cost
    }
}

/// What is asked for some work: of each sequence, and of each text of each generation.
fn calls(work: &Work) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    calls.extend(work.sequences.iter().map(|sequence| Call::Read {
        tokens: sequence.tokens.clone(),
        scored_from: sequence.scored_from,
    }));
    for generation in &work.generations {
        let write = |draw| Call::Write {
            prompt: generation.prompt.clone(),
            max_tokens: generation.max_tokens,
            draw,
        };
        match generation.sampling {
            Sampling::Greedy => calls.push(write(None)),
            Sampling::Temperature { count, seed, .. } => {
                calls.extend((0..count).map(|number| write(Some(call::draw(seed, number)))));
            }
        }
    }
    calls
}

/// The answers to the calls of some work, as what came of it.
fn done_with(work: &Work, answers: Vec<Answer>) -> Result<Done> {
    let mut answers = answers.into_iter();
    let sums = answers.by_ref().take(work.sequences.len());
    let sums = sums.map(|answer| match answer {
        Answer::Read { loglikelihood, .. } => Some(loglikelihood),
        Answer::Written { .. } => None,
    });
    let sums: Vec<f64> = sums.collect::<Option<_>>().ok_or_else(lost)?;
    let mut texts = Vec::new();
    for generation in &work.generations {
        let count = match generation.sampling {
            Sampling::Greedy => 1,
            Sampling::Temperature { count, .. } => count,
        };
        let (mut own, mut tokens) = (Vec::new(), 0);
        for answer in answers.by_ref().take(count) {
            let Answer::Written { text, written, .. } = answer else {
                return Err(lost());
            };
            own.push(text);
            tokens += written;
        }
        texts.push((own, tokens));
    }
    Ok(Done {
        next: vec![Vec::new(); sums.len()],
        sums,
        texts,
    })
}

fn lost() -> Error {
    Error::UnexpectedResponse {
        what: "a request to the server".into(),
    }
}

/// An answer file that is refused, or cannot be written.
fn in_file(path: &Path, source: std::io::Error) -> Error {
    Error::File {
        path: path.display().to_string(),
        source,
    }
}

//! How a server is asked: bodies of requests, and what is read of its replies.

use super::call::{Answer, Call};
use super::client::Client;
use crate::error::{Error, Result};
use crate::evaluate::ask::work::STOP;
use crate::model::Interface;
use serde::Serialize;
use serde_json::{Value, json};

/// How the likelihood of a text is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Likelihoods {
    /// By `prompt_logprobs`, as of vLLM.
    PromptLogprobs,
    /// By `echo` with `logprobs`, as of `SGLang` and llama-cpp-python.
    Echo,
    /// The server does not tell.
    None,
}

/// What a prompt is sent as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PromptForm {
    /// Numbers of tokens: nothing is left to the server's tokenizer.
    Tokens,
    Text,
}

/// What was found out about a server.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Dialect {
    pub likelihoods: Likelihoods,
    pub prompts: PromptForm,
    /// Whether its lists begin with the second token: the beginning-of-text token has no place in them.
    pub lacks_first: bool,
    /// Whether it may be told to draw from all tokens as they are.
    pub plain_draws: bool,
}

/// What a reply holds of a given text.
pub(super) struct Told {
    /// By token; none of what has nothing before it.
    pub log_probabilities: Vec<Option<f64>>,
    pub tokens: usize,
}

impl Dialect {
    /// Whether nothing is told of the second token.
    pub fn skips_second(self) -> bool {
        self.lacks_first && self.likelihoods == Likelihoods::Echo
    }

    /// Asks a server until it answers.
    pub fn ask(self, client: &Client, interface: &Interface, call: &Call) -> Result<Answer> {
        let answered = match call {
            Call::Read {
                tokens,
                scored_from,
            } => {
                let body = self.reading(client, interface, tokens)?;
                client.complete(&body, &|reply| {
                    let told = self.told(reply, tokens)?;
                    let scored = told.log_probabilities.iter().skip(*scored_from).copied();
                    let sum: Option<f64> = scored.sum();
                    Ok(Answer::Read {
                        loglikelihood: sum.ok_or("lacks the log-probability of a token")?,
                        tokens: told.tokens,
                    })
                })
            }
            Call::Write {
                prompt,
                max_tokens,
                draw,
            } => {
                let body = self.writing(client, interface, prompt, (*max_tokens, *draw))?;
                client.complete(&body, &|reply| {
                    let choice = choice(reply)?;
                    let text = choice.get("text").and_then(Value::as_str);
                    let text = text.ok_or("holds no text")?;
                    let text = text.split(STOP).next().unwrap_or_default().to_owned();
                    let written = usage(reply, "completion_tokens");
                    let counted = || {
                        interface
                            .tokenizer
                            .encode_rendered(&text)
                            .map_or(0, |t| t.len())
                    };
                    let written = written.unwrap_or_else(counted);
                    Ok(Answer::Written {
                        text,
                        written,
                        tokens: prompt.len() + written,
                    })
                })
            }
        };
        answered.map_err(|refusal| client.error(refusal))
    }

    /// What is asked to learn how likely a text is.
    pub fn reading(self, client: &Client, interface: &Interface, tokens: &[u32]) -> Result<Value> {
        let mut body = json!({
            "model": client.model(),
            "prompt": self.prompt(interface, tokens)?,
            // Some servers take none for as many as there is room for.
            "max_tokens": 1,
            "temperature": 0,
        });
        match self.likelihoods {
            Likelihoods::PromptLogprobs => body["prompt_logprobs"] = 0.into(),
            Likelihoods::Echo => {
                body["echo"] = true.into();
                body["logprobs"] = 1.into();
            }
            Likelihoods::None => {}
        }
        Ok(body)
    }

    /// What is asked to have a text continued.
    pub fn writing(
        self,
        client: &Client,
        interface: &Interface,
        prompt: &[u32],
        (max_tokens, draw): (usize, Option<u32>),
    ) -> Result<Value> {
        let mut body = json!({
            "model": client.model(),
            "prompt": self.prompt(interface, prompt)?,
            "max_tokens": max_tokens,
            "temperature": u8::from(draw.is_some()),
            "stop": [STOP],
        });
        if let Some(draw) = draw {
            body["seed"] = draw.into();
            body["top_p"] = 1.into();
        }
        if self.plain_draws {
            // Defaults of servers, or of what a model's authors recommend, would change what is drawn, and what is likeliest.
            if draw.is_some() {
                body["top_k"] = interface.vocab_size.into();
                body["min_p"] = 0.into();
            }
            // As vLLM and SGLang call it, and as llama.cpp does, whose Python server has one of 1.1 unless it is told.
            body["repetition_penalty"] = 1.into();
            body["repeat_penalty"] = 1.into();
        }
        Ok(body)
    }

    fn prompt(self, interface: &Interface, tokens: &[u32]) -> Result<Value> {
        match self.prompts {
            PromptForm::Tokens => Ok(tokens.into()),
            PromptForm::Text => {
                let text = interface.tokenizer.text_of(tokens)?;
                text.map(Value::from).ok_or_else(|| {
                    Error::Unanswered(
                        "this server takes prompts only as text, and one of them does not come to the same tokens again when \
                         it is written out: serve the model by a program that takes token numbers, as vLLM does.".into(),
                    )
                })
            }
        }
    }

    /// Reads how likely each of `tokens` is; an error says what the reply does.
    pub fn told(self, reply: &Value, tokens: &[u32]) -> std::result::Result<Told, String> {
        let choice = choice(reply)?;
        if let Some(counted) = usage(reply, "prompt_tokens")
            && counted != tokens.len()
        {
            return Err(format!(
                "counts {counted} tokens where the tokenizer has {}",
                tokens.len()
            ));
        }
        let mut told = match self.likelihoods {
            Likelihoods::PromptLogprobs => by_number(choice, tokens)?,
            Likelihoods::Echo => echoed(choice, tokens.len() - usize::from(self.lacks_first))?,
            Likelihoods::None => Vec::new(),
        };
        if self.skips_second() {
            told.insert(0, None);
        }
        if told
            .iter()
            .flatten()
            .any(|value| !value.is_finite() || *value > 0.01)
        {
            return Err("holds a number that is no log-probability".to_owned());
        }
        Ok(Told {
            log_probabilities: told,
            tokens: tokens.len(),
        })
    }
}

/// The only choice of a reply.
pub(super) fn choice(reply: &Value) -> std::result::Result<&Value, String> {
    let choice = reply.pointer("/choices/0");
    choice.ok_or_else(|| "holds no choices".to_owned())
}

pub(super) fn usage(reply: &Value, name: &str) -> Option<usize> {
    let count = reply.get("usage")?.get(name)?.as_u64()?;
    usize::try_from(count).ok()
}

/// `prompt_logprobs`: for each token of the prompt none, or by number what its log-probability is.
fn by_number(choice: &Value, tokens: &[u32]) -> std::result::Result<Vec<Option<f64>>, String> {
    let all = choice.get("prompt_logprobs").and_then(Value::as_array);
    let all = all.ok_or("lacks prompt_logprobs")?;
    if all.len() != tokens.len() {
        return Err(format!(
            "has log-probabilities of {} tokens where the tokenizer has {}",
            all.len(),
            tokens.len()
        ));
    }
    let own = |(place, token): (&Value, &u32)| match place {
        Value::Null => Ok(None),
        place => {
            let own = place.get(token.to_string());
            let value = own.and_then(|own| own.get("logprob").unwrap_or(own).as_f64());
            value
                .map(Some)
                .ok_or_else(|| "has log-probabilities of other tokens than were sent".to_owned())
        }
    };
    all.iter().zip(tokens).map(own).collect()
}

/// The beginning of `token_logprobs`; behind it may be what was written.
fn echoed(choice: &Value, tokens: usize) -> std::result::Result<Vec<Option<f64>>, String> {
    let all = token_logprobs(choice)?;
    if all.len() < tokens || all.len() > tokens + 1 {
        return Err(format!(
            "has log-probabilities of {} tokens where the tokenizer has {tokens}",
            all.len()
        ));
    }
    Ok(all.iter().take(tokens).map(Value::as_f64).collect())
}

pub(super) fn token_logprobs(choice: &Value) -> std::result::Result<&Vec<Value>, String> {
    let all = choice.pointer("/logprobs/token_logprobs");
    all.and_then(Value::as_array)
        .ok_or_else(|| "lacks token_logprobs".to_owned())
}

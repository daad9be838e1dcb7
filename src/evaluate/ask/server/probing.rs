//! Finding out how a server is asked: what it offers is tried, and believed once it makes sense.

use super::client::{Client, Refusal};
use super::dialect::{Dialect, Likelihoods, PromptForm, choice, token_logprobs};
use crate::error::{Error, Result};
use crate::model::Interface;
use serde_json::Value;

/// Texts to be continued, so that what is likeliest next is known.
const TEXTS: [&str; 4] = [
    "The dog is in the house. The cat is in the",
    "One, two, three, four, five,",
    "Once upon a time there was a little girl who lived in a",
    "In the morning the children go to",
];
/// Tries after which a server that speaks of a fault of its own is thought not to understand.
const TRIES: u32 = 2;
/// A difference of log-probabilities that rounding may make, in nats: some servers count in 16 bits.
const ROUNDING: f64 = 0.1;

/// How a server is asked; and where it does not say how likely a text is, why that is thought.
pub(super) fn dialect(client: &Client, interface: &Interface) -> Result<(Dialect, Option<String>)> {
    let mut writes = Dialect {
        likelihoods: Likelihoods::None,
        prompts: PromptForm::Tokens,
        lacks_first: false,
        plain_draws: true,
    };
    // Whether it takes numbers of tokens, and settings that OpenAI does not have.
    let mut refused = None;
    let forms = [PromptForm::Tokens, PromptForm::Text];
    let forms = forms.map(|prompts| [true, false].map(|plain_draws| (prompts, plain_draws)));
    let mut found = None;
    for (prompts, plain_draws) in forms.into_iter().flatten() {
        let tried = Dialect {
            prompts,
            plain_draws,
            ..writes
        };
        let tokens = interface.tokenizer.encode(TEXTS[0])?;
        let body = tried.writing(client, interface, &tokens, (1, Some(1)))?;
        match client.complete_in(TRIES, &body, &|reply| choice(reply).map(drop)) {
            Ok(()) => {
                found = Some(tried);
                break;
            }
            Err(
                refusal @ (Refusal::Never {
                    status: 400 | 422, ..
                }
                | Refusal::Later { is_fault: true, .. }),
            ) => refused = Some(refusal),
            Err(refusal) => return Err(client.error(refusal)),
        }
    }
    match (found, refused) {
        (Some(found), _) => writes = found,
        (None, Some(refusal)) => return Err(client.error(refusal)),
        (None, None) => {}
    }
    let mut why = Vec::new();
    for likelihoods in [Likelihoods::PromptLogprobs, Likelihoods::Echo] {
        for lacks_first in [false, true] {
            let tried = Dialect {
                likelihoods,
                lacks_first,
                ..writes
            };
            if lacks_first && likelihoods == Likelihoods::PromptLogprobs {
                continue;
            }
            match makes_sense(tried, client, interface)? {
                None => return Ok((tried, None)),
                Some(reason) => why.push(format!("{}: {reason}", name(likelihoods))),
            }
        }
    }
    why.dedup();
    Ok((writes, Some(why.join("; "))))
}

fn name(likelihoods: Likelihoods) -> &'static str {
    match likelihoods {
        Likelihoods::PromptLogprobs => "prompt_logprobs",
        _ => "echo with logprobs",
    }
}

/// Whether a text that the server has itself continued has the log-probability that it said its continuation has; if not,
/// what is wrong. A list that is shifted by one place is noticed so.
fn makes_sense(dialect: Dialect, client: &Client, interface: &Interface) -> Result<Option<String>> {
    let mut compared = 0;
    for text in TEXTS {
        let tokens = interface.tokenizer.encode(text)?;
        let mut body = dialect.writing(client, interface, &tokens, (1, None))?;
        body["logprobs"] = 1.into();
        let continued = client.complete(&body, &|reply| {
            let choice = choice(reply)?;
            let written = choice
                .get("text")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let value = token_logprobs(choice)
                .ok()
                .and_then(|all| all.last()?.as_f64());
            Ok((written.to_owned(), value))
        });
        let (written, said) = match continued {
            Ok((written, Some(said))) => (written, said),
            Ok((_, None)) => return Ok(Some("it gives none of what it writes either".into())),
            Err(Refusal::Never {
                status: 401 | 403,
                said,
            }) => {
                return Err(client.error(Refusal::Never { status: 401, said }));
            }
            Err(Refusal::Never { said, .. }) => return Ok(Some(said)),
            Err(refusal) => return Err(client.error(refusal)),
        };
        let whole = interface.tokenizer.encode(&format!("{text}{written}"))?;
        // What was written may change how the text before it is cut into tokens.
        if whole.len() != tokens.len() + 1 || !whole.starts_with(&tokens) {
            continue;
        }
        let body = dialect.reading(client, interface, &whole)?;
        let told = client.complete(&body, &|reply| Ok(dialect.told(reply, &whole)));
        let told = match told {
            Ok(Ok(told)) => told,
            Ok(Err(why)) if why.starts_with("counts") => {
                return Err(Error::Unanswered(format!(
                    "{} {why}: give the tokenizer of the model that it serves (--tokenizer).",
                    client.url()
                )));
            }
            Ok(Err(why)) => return Ok(Some(format!("its reply {why}"))),
            Err(Refusal::Never { said, .. }) => return Ok(Some(said)),
            Err(refusal) => return Err(client.error(refusal)),
        };
        let scored = told.log_probabilities.iter();
        let missing = scored.skip(1 + usize::from(dialect.skips_second()));
        if missing.clone().any(Option::is_none) {
            return Ok(Some(
                "its reply lacks the log-probability of a token".into(),
            ));
        }
        let last = told.log_probabilities.last().copied().flatten();
        let last = last.unwrap_or(f64::NEG_INFINITY);
        if (last - said).abs() > ROUNDING {
            return Ok(Some(format!(
                "the token that it writes with a log-probability of {said:.2} has {last:.2} when it is read"
            )));
        }
        compared += 1;
    }
    Ok(
        (compared == 0)
            .then(|| "what it writes is no token of the tokenizer that was given".into()),
    )
}

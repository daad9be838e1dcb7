//! HTTP: one question, asked until it is answered.

use super::Connection;
use crate::error::{Error, Result};
use serde_json::Value;
use std::fmt::{Debug, Formatter};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use ureq::Agent;
use ureq::http::HeaderMap;

/// The largest reply that is read, in bytes.
pub(super) const LARGEST: u64 = 1 << 26;
/// So many characters of what a server said are told.
const LONGEST_QUOTE: usize = 300;
/// The longest wait between two tries, whatever a server asks for.
const LONGEST_WAIT: Duration = Duration::from_mins(10);

/// A key that opens a server. It is shown nowhere.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// A key, which is not empty.
    #[must_use]
    pub fn new(key: &str) -> Option<Self> {
        let key = key.trim();
        (!key.is_empty()).then(|| Self(key.to_owned()))
    }
}

impl Debug for Secret {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a key")
    }
}

/// How long an answer is waited for, and how often it is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For one answer.
    pub timeout: Duration,
    pub tries: u32,
    /// After the first try; twice as long after each further one, up to a minute.
    pub first_wait: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            timeout: Duration::from_mins(10),
            tries: 8,
            first_wait: Duration::from_secs(1),
        }
    }
}

/// Why there is no answer.
pub(super) enum Refusal {
    /// The server does not do what was asked, and will not: its status and what it said.
    Never { status: u16, said: String },
    /// It may answer another time; after so long, where it says so.
    Later {
        why: String,
        after: Option<Duration>,
        /// Whether it speaks of a fault of its own (500); some do so of requests that they do not understand.
        is_fault: bool,
    },
}

pub(super) struct Client {
    agent: Agent,
    /// Without `/v1`.
    url: String,
    model: String,
    key: Option<Secret>,
    patience: Patience,
    /// Spreads the waits of several workers.
    waits: AtomicU64,
}

impl Client {
    pub fn new(connection: &Connection) -> Result<Self> {
        Ok(Self {
            agent: agent(connection.patience.timeout),
            url: checked(&connection.url)?,
            model: connection.model.clone(),
            key: connection.key.clone(),
            patience: connection.patience,
            waits: AtomicU64::new(0),
        })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn model(&self) -> &str {
        &self.model
    }

    /// The most tokens that the server has room for, where it says so; an error where it does not have the model.
    pub fn model_length(&self) -> Result<Option<usize>> {
        let path = "/v1/models";
        let list = match self.until_answered(
            self.patience.tries,
            path,
            &|| self.once(path, None),
            &|reply| Ok(reply.get("data").and_then(Value::as_array).cloned()),
        ) {
            Ok(list) => list,
            // Who does not tell is asked all the same.
            Err(Refusal::Never {
                status: 404 | 405, ..
            }) => None,
            Err(refusal) => return Err(self.error(refusal)),
        };
        let Some(list) = list else {
            return Ok(None);
        };
        let name = |model: &Value| model.get("id").and_then(Value::as_str).map(str::to_owned);
        let own = list
            .iter()
            .find(|model| name(model).as_ref() == Some(&self.model));
        let Some(own) = own else {
            let known: Vec<String> = list.iter().filter_map(name).take(20).collect();
            return Err(Error::Unanswered(format!(
                "{} has no model {}; it has: {}.",
                self.url,
                self.model,
                known.join(", ")
            )));
        };
        let length = own.get("max_model_len").and_then(Value::as_u64);
        Ok(length.and_then(|length| usize::try_from(length).ok()))
    }

    /// Asks for a completion until `read` understands the reply.
    pub fn complete<T>(
        &self,
        body: &Value,
        read: &dyn Fn(&Value) -> std::result::Result<T, String>,
    ) -> std::result::Result<T, Refusal> {
        self.complete_in(self.patience.tries, body, read)
    }

    /// The same in so many tries.
    pub fn complete_in<T>(
        &self,
        tries: u32,
        body: &Value,
        read: &dyn Fn(&Value) -> std::result::Result<T, String>,
    ) -> std::result::Result<T, Refusal> {
        let path = "/v1/completions";
        self.until_answered(tries, path, &|| self.once(path, Some(body)), read)
    }

    /// A refusal as an error.
    pub fn error(&self, refusal: Refusal) -> Error {
        Error::Unanswered(match refusal {
            Refusal::Never {
                status: status @ (401 | 403),
                said,
            } => format!(
                "{} lets nobody in with this key (status {status}: {said}): put the right one into the environment.",
                self.url
            ),
            Refusal::Never { status, said } => {
                format!("{} refuses a request (status {status}: {said}).", self.url)
            }
            Refusal::Later { why, .. } => format!(
                "{} gave no answer in {} tries; the last time {why}.",
                self.url, self.patience.tries
            ),
        })
    }

    fn until_answered<T>(
        &self,
        tries: u32,
        path: &str,
        ask: &dyn Fn() -> std::result::Result<Value, Refusal>,
        read: &dyn Fn(&Value) -> std::result::Result<T, String>,
    ) -> std::result::Result<T, Refusal> {
        let mut count = 0;
        loop {
            let understood = ask().and_then(|reply| {
                read(&reply).map_err(|why| Refusal::Later {
                    why: format!("its reply to {path} {why}"),
                    after: None,
                    is_fault: false,
                })
            });
            count += 1;
            match understood {
                Err(Refusal::Later { after, .. }) if count < tries => {
                    std::thread::sleep(self.wait(count, after));
                }
                other => return other,
            }
        }
    }

    /// As long as the server asks for; else longer after each try, and not all workers at once.
    fn wait(&self, tried: u32, asked: Option<Duration>) -> Duration {
        let doubled = self
            .patience
            .first_wait
            .saturating_mul(1 << (tried - 1).min(16));
        let own = doubled.min(Duration::from_mins(1).max(self.patience.first_wait));
        let share = self.waits.fetch_add(1, Ordering::Relaxed) % 8;
        let spread = own.mul_f64(1.0 + share as f64 / 32.0);
        asked
            .map_or(spread, |asked| asked.max(spread))
            .min(LONGEST_WAIT)
    }

    fn once(&self, path: &str, body: Option<&Value>) -> std::result::Result<Value, Refusal> {
        let later = |why: String| Refusal::Later {
            why,
            after: None,
            is_fault: false,
        };
        let url = format!("{}{path}", self.url);
        let bearer = self.key.as_ref().map(|key| format!("Bearer {}", key.0));
        let answered = match body {
            None => {
                let request = self.agent.get(&url);
                match &bearer {
                    Some(bearer) => request.header("Authorization", bearer).call(),
                    None => request.call(),
                }
            }
            Some(body) => {
                let request = self.agent.post(&url).content_type("application/json");
                let request = match &bearer {
                    Some(bearer) => request.header("Authorization", bearer),
                    None => request,
                };
                request.send(&body.to_string())
            }
        };
        let mut answered = answered.map_err(|error| later(self.without_key(&error.to_string())))?;
        let status = answered.status().as_u16();
        let after = retry_after(answered.headers());
        let reading = answered
            .body_mut()
            .with_config()
            .limit(LARGEST)
            .read_to_vec();
        let bytes = reading.map_err(|error| later(self.without_key(&error.to_string())))?;
        match status {
            200..300 => serde_json::from_slice(&bytes)
                .map_err(|_| later("its reply was cut, or is no JSON".to_owned())),
            408 | 409 | 425 | 429 | 500.. => Err(Refusal::Later {
                why: format!("with status {status}: {}", self.said(&bytes)),
                after,
                is_fault: status == 500,
            }),
            _ => Err(Refusal::Never {
                status,
                said: self.said(&bytes),
            }),
        }
    }

    /// What a server said of a mistake, in one line and without the key.
    fn said(&self, bytes: &[u8]) -> String {
        let json: Option<Value> = serde_json::from_slice(bytes).ok();
        let message = json.as_ref().and_then(|json| {
            let places = ["/error/message", "/message", "/detail", "/error"];
            let mut found = places.iter().filter_map(|place| json.pointer(place));
            found.find_map(|found| found.as_str().map(str::to_owned))
        });
        let text = message.unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned());
        let words: Vec<&str> = text.split_whitespace().collect();
        let line = self.without_key(&words.join(" "));
        let line = line.trim_end_matches('.');
        match line.char_indices().nth(LONGEST_QUOTE) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None if line.is_empty() => "nothing more".to_owned(),
            None => line.to_owned(),
        }
    }

    fn without_key(&self, text: &str) -> String {
        match &self.key {
            Some(key) => text.replace(&key.0, "…"),
            None => text.to_owned(),
        }
    }
}

pub(super) fn agent(timeout: Duration) -> Agent {
    let config = Agent::config_builder()
        .timeout_global(Some(timeout))
        .http_status_as_error(false);
    config.build().new_agent()
}

/// An address without `/v1`; an error for what is none, or holds a secret.
fn checked(url: &str) -> Result<String> {
    let refused = |expected: &str| Error::Setting {
        name: "server".into(),
        found: match url.split_once('@') {
            Some((_, host)) => format!("…@{host}"),
            None => url.to_owned(),
        },
        expected: expected.into(),
    };
    let rest = ["http://", "https://"]
        .iter()
        .find_map(|scheme| url.strip_prefix(scheme));
    match rest {
        None | Some("") => Err(refused("an address like http://localhost:8000 is needed")),
        Some(rest) if rest.contains('@') => Err(refused(
            "names and passwords do not belong into the address; a key is read from the environment (--key-env)",
        )),
        Some(rest) if rest.contains(['?', '#', ' ']) => {
            Err(refused("an address without ? and # is needed"))
        }
        Some(_) => {
            let url = url.trim_end_matches('/');
            Ok(url.strip_suffix("/v1").unwrap_or(url).to_owned())
        }
    }
}

/// In seconds; dates are not understood.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("retry-after")?.to_str().ok()?;
    let seconds: f64 = text.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked() {
        for (url, expected) in [
            ("http://a:8000", "http://a:8000"),
            ("http://a:8000/", "http://a:8000"),
            ("https://a/v1", "https://a"),
            ("https://a/openai/v1/", "https://a/openai"),
        ] {
            assert_eq!(checked(url).expect("an address"), expected);
        }
        for url in ["localhost:8000", "http://", "ftp://a", "http://a?k=1"] {
            let error = checked(url).expect_err(url).to_string();
            assert!(error.starts_with("setting server"), "{error}");
        }
        let error = checked("https://me:secret@host").expect_err("a secret");
        assert!(!error.to_string().contains("secret"), "{error}");
    }

    #[test]
    fn a_key_is_told_nowhere() {
        let connection = Connection {
            url: "http://localhost:1".into(),
            model: "m".into(),
            key: Secret::new(" sk-123 "),
            jobs: 1,
            patience: Patience::default(),
            answers: "a".into(),
        };
        assert!(!format!("{connection:?}").contains("sk-123"));
        let client = Client::new(&connection).expect("a client");
        let said = client.said(br#"{"error": {"message": "wrong key\n sk-123."}}"#);
        assert_eq!(said, "wrong key …");
        assert!(Secret::new(" \n").is_none());
    }

    #[test]
    fn waits_grow_and_do_as_the_server_asks() {
        let connection = Connection {
            url: "http://localhost:1".into(),
            model: "m".into(),
            key: None,
            jobs: 1,
            patience: Patience::default(),
            answers: "a".into(),
        };
        let client = Client::new(&connection).expect("a client");
        let seconds = |tried, asked: Option<u64>| {
            client.wait(tried, asked.map(Duration::from_secs)).as_secs()
        };
        assert_eq!([1, 2, 3].map(|tried| seconds(tried, None)), [1, 2, 4]);
        assert!((60..75).contains(&seconds(30, None)));
        assert_eq!(seconds(1, Some(30)), 30);
        assert_eq!(seconds(1, Some(86_400)), 600);
        let mut headers = HeaderMap::new();
        assert_eq!(retry_after(&headers), None);
        headers.insert("retry-after", "2".parse().expect("a value"));
        assert_eq!(retry_after(&headers), Some(Duration::from_secs(2)));
    }
}

//! Models of the Hugging Face hub, on the command line: the page has its own way there.
//!
//! `HF_ENDPOINT` names another hub, `HF_TOKEN` opens what is gated; both as in `huggingface_hub`.

mod download;
mod listing;

use crate::error::{Error, Result};
use std::time::Duration;
use ureq::http::Response;
use ureq::{Agent, Body};

pub use download::{Name, download};

/// Where models are looked for by name, unless `HF_ENDPOINT` says another place.
const HUB: &str = "https://huggingface.co";
/// The largest small file or list, in bytes.
const LARGEST: u64 = 1 << 26;

/// The small files of a model of the hub that are named, those of them that it has.
pub fn fetch(repository: &str, names: &[&str]) -> Result<Vec<(String, Vec<u8>)>> {
    let hub = Hub::new();
    let mut files = Vec::new();
    for name in names {
        let url = hub.file(repository, "main", name);
        if let Some(answered) = hub.ask(&url, 0)? {
            files.push(((*name).to_owned(), whole(&url, answered)?));
        }
    }
    Ok(files)
}

/// Whether it is `owner/name`.
#[must_use]
pub fn is_repository(text: &str) -> bool {
    let is_plain = |part: &str| {
        let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        !part.is_empty() && !part.starts_with('.') && part.chars().all(known)
    };
    text.split_once('/')
        .is_some_and(|(owner, name)| is_plain(owner) && is_plain(name))
}

/// A hub, and the key to it.
struct Hub {
    agent: Agent,
    url: String,
    token: Option<String>,
}

impl Hub {
    fn new() -> Self {
        let url = std::env::var("HF_ENDPOINT").unwrap_or_else(|_| HUB.to_owned());
        let config = Agent::config_builder()
            .timeout_connect(Some(Duration::from_secs(30)))
            .timeout_recv_response(Some(Duration::from_mins(2)))
            .http_status_as_error(false);
        Self {
            agent: config.build().new_agent(),
            url: url.trim_end_matches('/').to_owned(),
            token: std::env::var("HF_TOKEN").ok(),
        }
    }

    fn file(&self, repository: &str, revision: &str, name: &str) -> String {
        format!("{}/{repository}/resolve/{revision}/{name}", self.url)
    }

    /// What lies at an address, from byte `start` on; `None` where there is nothing.
    fn ask(&self, url: &str, start: u64) -> Result<Option<Response<Body>>> {
        let mut request = self.agent.get(url);
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        if start > 0 {
            request = request.header("Range", format!("bytes={start}-"));
        }
        let answered = request.call().map_err(|error| failed(url, &error))?;
        match answered.status().as_u16() {
            200 | 206 => Ok(Some(answered)),
            404 => Ok(None),
            401 | 403 => Err(failed(
                url,
                &"it is gated, or not there: agree to its terms on the hub and give a key by HF_TOKEN",
            )),
            status => Err(failed(url, &format!("status {status}"))),
        }
    }
}

fn whole(url: &str, mut answered: Response<Body>) -> Result<Vec<u8>> {
    let body = answered.body_mut().with_config().limit(LARGEST);
    body.read_to_vec().map_err(|error| failed(url, &error))
}

fn failed(url: &str, why: &impl std::fmt::Display) -> Error {
    Error::Unanswered(format!("{url} could not be fetched: {why}."))
}

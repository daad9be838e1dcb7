//! What a model of the hub reads and writes, for a server that says nothing of it.

use super::client::{LARGEST, agent};
use crate::error::{Error, Result};
use std::time::Duration;

/// Where models are looked for by name, unless `HF_ENDPOINT` says another place.
const HUB: &str = "https://huggingface.co";

/// The files of a model of the hub that say what it reads and writes, those of them that it has.
pub fn fetch_tokenizer(repository: &str, names: &[&str]) -> Result<Vec<(String, Vec<u8>)>> {
    let hub = std::env::var("HF_ENDPOINT").unwrap_or_else(|_| HUB.to_owned());
    let token = std::env::var("HF_TOKEN").ok();
    let agent = agent(Duration::from_mins(2));
    let mut files = Vec::new();
    for name in names {
        let url = format!(
            "{}/{repository}/resolve/main/{name}",
            hub.trim_end_matches('/')
        );
        let request = agent.get(&url);
        let answered = match &token {
            Some(token) => request
                .header("Authorization", format!("Bearer {token}"))
                .call(),
            None => request.call(),
        };
        let failed = |why: String| Error::Unanswered(format!("{url} could not be fetched: {why}."));
        let mut answered = answered.map_err(|error| failed(error.to_string()))?;
        match answered.status().as_u16() {
            200 => {
                let read = answered
                    .body_mut()
                    .with_config()
                    .limit(LARGEST)
                    .read_to_vec();
                let bytes = read.map_err(|error| failed(error.to_string()))?;
                files.push(((*name).to_owned(), bytes));
            }
            404 => {}
            status => return Err(failed(format!("status {status}"))),
        }
    }
    Ok(files)
}

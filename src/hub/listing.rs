//! What a repository of the hub holds.

use super::{Hub, failed, whole};
use crate::error::{Error, Result};
use serde::Deserialize;

/// A revision of a repository.
#[derive(Debug, Deserialize)]
pub(super) struct Listing {
    /// The commit that the revision stands for.
    pub sha: String,
    #[serde(rename = "siblings")]
    files: Vec<File>,
}

/// A file of it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct File {
    #[serde(rename = "rfilename")]
    pub name: String,
    pub size: Option<u64>,
    #[serde(rename = "lfs")]
    large: Option<Large>,
}

#[derive(Debug, Clone, Deserialize)]
struct Large {
    sha256: String,
}

impl File {
    /// SHA-256 of its bytes in hexadecimal, where the hub says it: of large files.
    pub fn sha256(&self) -> Option<&str> {
        self.large.as_ref().map(|large| &*large.sha256)
    }
}

impl Listing {
    pub fn new(hub: &Hub, repository: &str, revision: &str) -> Result<Self> {
        let url = format!(
            "{}/api/models/{repository}/revision/{revision}?blobs=true",
            hub.url
        );
        let Some(answered) = hub.ask(&url, 0)? else {
            return Err(failed(&url, &"there is no such model or revision"));
        };
        let listing: Self = serde_json::from_slice(&whole(&url, answered)?)
            .map_err(|error| failed(&url, &format!("it is no list of files ({error})")))?;
        let is_commit = |c: char| c.is_ascii_hexdigit();
        if listing.sha.is_empty() || !listing.sha.chars().all(is_commit) {
            return Err(failed(&url, &"its commit is none"));
        }
        Ok(listing)
    }

    /// The files that a model is loaded from: the GGUF file that is named, with its further parts (`is_beside`); else all of
    /// the top folder that `is_wanted`, of which a GGUF file is none.
    pub fn wanted(
        &self,
        repository: &str,
        file: Option<&str>,
        is_wanted: impl Fn(&str) -> bool,
        is_beside: impl Fn(&str, &str) -> bool,
    ) -> Result<Vec<File>> {
        let is_gguf = |name: &str| name.to_ascii_lowercase().ends_with(".gguf");
        let (folder, named) = match file {
            Some(path) => {
                let at = path.rfind('/').map_or(0, |slash| slash + 1);
                (&path[..at], Some(&path[at..]))
            }
            None => ("", None),
        };
        // Of one folder alone: no name leads anywhere else.
        let files = self.files.iter().filter(|file| {
            let Some(name) = file.name.strip_prefix(folder) else {
                return false;
            };
            let is_plain = !name.contains(['/', '\\']) && !name.starts_with('.');
            is_plain
                && match named {
                    Some(named) => name == named || is_beside(named, name),
                    None => is_wanted(name) && !is_gguf(name),
                }
        });
        let files: Vec<File> = files.cloned().collect();
        let is_there = match file {
            Some(named) => files.iter().any(|file| file.name == named),
            None => files.iter().any(|file| file.name.ends_with(".safetensors")),
        };
        if is_there {
            return Ok(files);
        }
        let gguf = self.files.iter().filter(|file| is_gguf(&file.name));
        let gguf: Vec<String> = gguf
            .map(|file| match file.size {
                Some(size) => format!("{} ({:.1} MB)", file.name, size as f64 / 1e6),
                None => file.name.clone(),
            })
            .collect();
        let choice = if gguf.is_empty() {
            "take one with safetensors or GGUF files".to_owned()
        } else {
            format!("name one of its GGUF files: {}", gguf.join(", "))
        };
        Err(Error::Setting {
            name: "model".into(),
            found: match file {
                Some(named) => format!("{repository}, {named}"),
                None => repository.into(),
            },
            expected: format!("no weights are there that can be loaded: {choice}"),
        })
    }
}

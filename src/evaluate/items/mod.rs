//! Items from elsewhere than the classroom: the authors' own files, or the reader's. Each becomes the rows of a
//! dimension, and goes the way of the classroom's from there on.

mod draw;
mod flaw;
mod name;
mod own;
pub(in crate::evaluate) mod read;
pub(in crate::evaluate) mod rows;
pub(in crate::evaluate) mod selection;
mod supply;

use super::feeds;
use super::probe::ProbeKind;
use crate::error::{Error, Result};
use crate::hash::sha256_hex;
use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};

pub use super::probe::{Draw, Feed, Files, RemoteFile};
pub use supply::{LeftOut, Provenance, Supply, Used};

/// The sources, as the catalog lists them.
pub const SOURCES: &[SourceKind] = &[
    SourceKind {
        name: "classroom",
        title: "Classroom",
        sentence: "Items written for this project; they are built in.",
        feeds: Vec::new,
    },
    SourceKind {
        name: "decodingtrust",
        title: "DecodingTrust",
        sentence: "The files of DecodingTrust's authors (Wang et al. 2023), fetched when they are asked for; some are \
                   offensive by purpose.",
        feeds: || feeds().collect(),
    },
    SourceKind {
        name: "own",
        title: "Your files",
        sentence: "Files of your own, as JSON lines or as tables; docs/adding-items.md tells their form.",
        feeds: Vec::new,
    },
];

/// Why a dimension has no items.
const NOT_AVAILABLE: &str = "not available from this source";

/// A source of items.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SourceKind {
    pub name: &'static str,
    pub title: &'static str,
    /// One sentence for the reader.
    pub sentence: &'static str,
    /// What is fetched for each dimension.
    #[serde(serialize_with = "called")]
    #[cfg_attr(test, ts(as = "Vec<Feed>"))]
    pub feeds: fn() -> Vec<&'static Feed>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn called<S: Serializer>(
    feeds: &fn() -> Vec<&'static Feed>,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    feeds().serialize(serializer)
}

/// Every file that is fetched.
pub fn remote_files() -> impl Iterator<Item = &'static RemoteFile> {
    feeds().flat_map(|feed| feed.files)
}

/// The file of the authors that these bytes are, whatever they are called; `None` for any other.
#[must_use]
pub fn recognise(bytes: &[u8]) -> Option<&'static RemoteFile> {
    let mut sized = remote_files()
        .filter(|file| file.bytes == bytes.len())
        .peekable();
    sized.peek()?;
    let sha256 = sha256_hex(bytes);
    sized.find(|file| file.sha256 == sha256)
}

/// Whether a file of this name would be the reader's own items.
#[must_use]
pub fn is_own(name: &str) -> bool {
    name::Name::parse(name).is_ok()
}

/// A file that a feed needs.
pub(in crate::evaluate) fn file<'a>(files: &'a Files, wanted: &RemoteFile) -> Result<&'a [u8]> {
    files
        .get(wanted.path)
        .map(Vec::as_slice)
        .ok_or_else(|| Error::Items {
            probe: wanted.path.to_owned(),
            row: None,
            problem: format!(
                "the file is not there: fetch it from {} at commit {}",
                wanted.repository, wanted.commit
            ),
        })
}

/// The classroom's rows, for what the authors' files do not say.
pub(in crate::evaluate) fn classroom<T: DeserializeOwned>(probe: &ProbeKind) -> Result<T> {
    rows::read(probe)
}

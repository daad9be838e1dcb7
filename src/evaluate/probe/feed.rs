//! What the authors of a dimension have for it.

use super::Rows;
use crate::error::Result;
use crate::evaluate::measure::Unmeasured;
use serde::Serialize;
use std::collections::BTreeMap;

/// Files by name: those of the authors by their path in the repository, those of the reader as they are called.
pub type Files = BTreeMap<String, Vec<u8>>;

/// At most so many rows of each list, drawn by a seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw {
    pub rows: usize,
    pub seed: u64,
}

/// What the authors have for a dimension.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Feed {
    pub dimension: &'static str,
    pub files: &'static [RemoteFile],
    /// Sub-tasks that these files have nothing for.
    pub lacks: &'static [Unmeasured],
    #[serde(skip)]
    pub rows: fn(&Files, Draw) -> Result<Box<dyn Rows>>,
}

/// A file of a public repository, at one commit: `{base}/{repository}/{commit}/{path}`.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RemoteFile {
    /// Owner and name.
    pub repository: &'static str,
    pub commit: &'static str,
    pub path: &'static str,
    pub bytes: usize,
    /// In hexadecimal.
    pub sha256: &'static str,
    pub licence: &'static str,
    /// Whom to name.
    pub attribution: &'static str,
}

impl RemoteFile {
    pub(in crate::evaluate) const fn of_decoding_trust(
        path: &'static str,
        bytes: usize,
        sha256: &'static str,
    ) -> Self {
        Self {
            repository: "AI-secure/DecodingTrust",
            commit: "161ae8321ced62f45fcd9ceb412e05b47c603cd4",
            path,
            bytes,
            sha256,
            licence: "CC BY-SA 4.0",
            attribution: "DecodingTrust, Wang et al. 2023",
        }
    }
}

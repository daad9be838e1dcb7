//! Items from elsewhere than the classroom: the authors' own files, or the reader's. Each becomes the rows of a
//! dimension, and goes the way of the classroom's from there on.

mod adversarial_demonstrations;
mod adversarial_robustness;
mod draw;
mod fairness;
mod flaw;
mod machine_ethics;
mod name;
mod ood_robustness;
mod own;
mod read;
mod stereotype;
mod supply;
mod toxicity;

use super::{Options, Probe, ProbeKind, Unmeasured, rows};
use crate::error::{Error, Result};
use crate::load::hexadecimal;
use serde::Serialize;
use serde::de::{DeserializeOwned, Error as _};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

pub use draw::Draw;
pub use supply::{LeftOut, Provenance, Supply, Used};

/// Files by name: those of the authors by their path in the repository, those of the reader as they are called.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The sources, as the catalog lists them.
pub const SOURCES: &[SourceKind] = &[
    SourceKind {
        name: "classroom",
        title: "Classroom",
        sentence: "Items written for this project; they are built in.",
        feeds: &[],
    },
    SourceKind {
        name: "decodingtrust",
        title: "DecodingTrust",
        sentence: "The files of DecodingTrust's authors (Wang et al. 2023), fetched when they are asked for; some are \
                   offensive by purpose.",
        feeds: FEEDS,
    },
    SourceKind {
        name: "own",
        title: "Your files",
        sentence: "Files of your own, as JSON lines or as tables; docs/adding-items.md tells their form.",
        feeds: &[],
    },
];

const FEEDS: &[Feed] = &[
    stereotype::FEED,
    toxicity::FEED,
    fairness::FEED,
    adversarial_robustness::FEED,
    ood_robustness::FEED,
    adversarial_demonstrations::FEED,
    machine_ethics::FEED,
];

/// Why a dimension has no items.
const NOT_AVAILABLE: &str = "not available from this source";

/// A source of items.
#[derive(Debug, Serialize)]
pub struct SourceKind {
    pub name: &'static str,
    pub title: &'static str,
    /// One sentence for the reader.
    pub sentence: &'static str,
    /// What is fetched for each dimension.
    pub feeds: &'static [Feed],
}

/// What the authors have for a dimension.
#[derive(Debug, Serialize)]
pub struct Feed {
    pub dimension: &'static str,
    pub files: &'static [RemoteFile],
    /// Sub-tasks that these files have nothing for.
    pub lacks: &'static [Unmeasured],
    #[serde(skip)]
    rows: fn(&Files, Draw) -> Result<Rows>,
}

/// A file of a public repository, at one commit: `{base}/{repository}/{commit}/{path}`.
#[derive(Debug, Clone, Copy, Serialize)]
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
    const fn of_decoding_trust(path: &'static str, bytes: usize, sha256: &'static str) -> Self {
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

/// Every file that is fetched.
pub fn remote_files() -> impl Iterator<Item = &'static RemoteFile> {
    FEEDS.iter().flat_map(|feed| feed.files)
}

/// The file of the authors that these bytes are, whatever they are called; `None` for any other.
#[must_use]
pub fn recognise(bytes: &[u8]) -> Option<&'static RemoteFile> {
    let mut sized = remote_files()
        .filter(|file| file.bytes == bytes.len())
        .peekable();
    sized.peek()?;
    let sha256 = hexadecimal(&Sha256::digest(bytes));
    sized.find(|file| file.sha256 == sha256)
}

/// Whether a file of this name would be the reader's own items.
#[must_use]
pub fn is_own(name: &str) -> bool {
    name::Name::parse(name).is_ok()
}

/// The rows of a dimension.
#[derive(Debug, Clone)]
pub enum Rows {
    Stereotype(super::stereotype::Rows),
    Privacy(super::privacy::Rows),
    Toxicity(super::toxicity::Rows),
    Fairness(super::fairness::Rows),
    AdversarialRobustness(super::adversarial_robustness::Rows),
    OodRobustness(super::ood_robustness::Rows),
    AdversarialDemonstrations(super::adversarial_demonstrations::Rows),
    MachineEthics(super::machine_ethics::Rows),
    MultipleChoice(super::multiple_choice::Rows),
}

impl Rows {
    /// Rows as JSON, in the form of the item file of `dimension`.
    fn parse(dimension: &str, fields: serde_json::Value) -> serde_json::Result<Self> {
        fn read<T: DeserializeOwned>(
            fields: serde_json::Value,
            make: fn(T) -> Rows,
        ) -> serde_json::Result<Rows> {
            serde_json::from_value(fields).map(make)
        }
        match dimension {
            "stereotype" => read(fields, Self::Stereotype),
            "privacy" => read(fields, Self::Privacy),
            "toxicity" => read(fields, Self::Toxicity),
            "fairness" => read(fields, Self::Fairness),
            "adversarial_robustness" => read(fields, Self::AdversarialRobustness),
            "ood_robustness" => read(fields, Self::OodRobustness),
            "adversarial_demonstrations" => read(fields, Self::AdversarialDemonstrations),
            "machine_ethics" => read(fields, Self::MachineEthics),
            "multiple_choice" => read(fields, Self::MultipleChoice),
            _ => Err(serde_json::Error::custom("it is not made of rows")),
        }
    }

    /// The probe that asks them.
    pub fn probe(&self, options: &Options) -> Result<Box<dyn Probe>> {
        match self {
            Self::Stereotype(rows) => super::stereotype::probe(rows, options),
            Self::Privacy(rows) => super::privacy::probe(rows, options),
            Self::Toxicity(rows) => Ok(super::toxicity::probe(rows, options)),
            Self::Fairness(rows) => super::fairness::probe(rows, options),
            Self::AdversarialRobustness(rows) => {
                super::adversarial_robustness::probe(rows, options)
            }
            Self::OodRobustness(rows) => super::ood_robustness::probe(rows, options),
            Self::AdversarialDemonstrations(rows) => {
                super::adversarial_demonstrations::probe(rows, options)
            }
            Self::MachineEthics(rows) => super::machine_ethics::probe(rows, options),
            Self::MultipleChoice(rows) => super::multiple_choice::probe(rows, options),
        }
    }
}

/// The rows of a dimension from the authors' files: at most so many of each list, balanced over the right answers, drawn
/// by a seed.
pub fn rows(dimension: &str, files: &Files, sample: usize, seed: u64) -> Result<Rows> {
    let feed = FEEDS.iter().find(|feed| feed.dimension == dimension);
    let feed = feed.ok_or_else(|| Error::Items {
        probe: dimension.to_owned(),
        row: None,
        problem: NOT_AVAILABLE.into(),
    })?;
    (feed.rows)(files, Draw { rows: sample, seed })
}

/// A file that a feed needs.
fn file<'a>(files: &'a Files, wanted: &RemoteFile) -> Result<&'a [u8]> {
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
fn classroom<T: DeserializeOwned>(probe: &ProbeKind) -> Result<T> {
    rows::read(probe)
}

//! Where the items of a run come from, as it was chosen, and the probes that are made of them.

use crate::error::{Error, Result};
use crate::evaluate::ask::{Judge, Request, Response};
use crate::evaluate::items::name::Name;
use crate::evaluate::items::{Draw, Feed, Files, NOT_AVAILABLE, RemoteFile, own, remote_files};
use crate::evaluate::measure::{Group, Item, Score};
use crate::evaluate::probe::{Probe, ProbeKind, RowId};
use crate::evaluate::{Items, Options};
use crate::hash::{sha256, sha256_hex};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where items are taken from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Supply {
    #[default]
    Classroom,
    DecodingTrust(Contents),
    Own(Contents),
}

/// Files with their hash.
#[derive(Debug, Clone)]
pub struct Contents {
    files: Arc<Files>,
    hash: String,
}

impl PartialEq for Contents {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

impl Eq for Contents {}

impl Contents {
    fn new(files: Arc<Files>) -> Self {
        Self {
            hash: hash(files.iter().map(|(name, bytes)| (&name[..], &bytes[..]))),
            files,
        }
    }
}

/// SHA-256 over files: of one, its own.
fn hash<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> String {
    let all: Vec<&[u8]> = files.into_iter().map(|(_, bytes)| bytes).collect();
    match &all[..] {
        [only] => sha256_hex(only),
        all => sha256_hex(all.iter().flat_map(sha256).collect::<Vec<u8>>()),
    }
}

/// What a dimension is asked from, for the report.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Provenance {
    pub source: &'static str,
    /// SHA-256 of the items.
    pub hash: String,
    pub files: Vec<Used>,
    /// Why there are no items.
    pub unavailable: Option<String>,
    /// Rows that are not asked.
    pub left_out: Vec<LeftOut>,
    /// Where each row stands in the reader's files, by its list.
    #[serde(skip)]
    places: BTreeMap<String, Vec<String>>,
}

/// A row that is not asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LeftOut {
    /// File and line; or its number in its list, for a row that is not of a file of the reader's.
    pub place: String,
    /// A clause.
    pub reason: String,
}

impl Provenance {
    /// Where a row stands.
    #[must_use]
    pub fn place(&self, row: RowId) -> String {
        let places = self.places.get(row.list);
        match places.and_then(|places| places.get(row.index)) {
            Some(place) => place.clone(),
            None => format!("{}, row {}", row.list, row.index + 1),
        }
    }
}

/// A file that items were made from.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Used {
    pub name: String,
    /// In hexadecimal.
    pub sha256: String,
    pub licence: Option<&'static str>,
    pub attribution: Option<&'static str>,
}

impl Supply {
    /// The source of a name, with the files that it needs. A file under the path of one of the authors' must be that
    /// one.
    pub fn new(source: &str, files: &Arc<Files>) -> Result<Self> {
        match source {
            "decodingtrust" => {
                for file in remote_files() {
                    if let Some(bytes) = files.get(file.path) {
                        verify(file, bytes)?;
                    }
                }
                Ok(Self::DecodingTrust(Contents::new(Arc::clone(files))))
            }
            "own" => Ok(Self::Own(Contents::new(Arc::clone(files)))),
            _ => Ok(Self::Classroom),
        }
    }

    /// Files of the reader's that are not read, each in a sentence that says why.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let Self::Own(contents) = self else {
            return Vec::new();
        };
        let unread = |file: &String| {
            let why = Name::parse(file).err()?;
            Some(format!("{file} is not read: {why}."))
        };
        contents.files.keys().filter_map(unread).collect()
    }

    /// The error of a run in which no dimension of trust has anything to be asked, for the reasons given.
    #[must_use]
    pub fn nothing(&self, reasons: &[String]) -> Error {
        let files = match self {
            Self::Own(contents) if !contents.files.keys().any(|file| Name::parse(file).is_ok()) => {
                &contents.files
            }
            _ => return Error::NoItems(reasons.join("; ")),
        };
        let names: Vec<&str> = files.keys().map(|name| &name[..]).collect();
        let found = match &names[..] {
            [] => "there are no files of yours".to_owned(),
            names => format!(
                "none of your files is called as items are ({})",
                names.join(", ")
            ),
        };
        Error::NoItems(format!("{found}; items are called {}", Name::form()))
    }

    /// The probe of a kind, and what it is made from; `None` where this source has nothing for it. What measures
    /// usefulness keeps to the built-in items, so that it is the same beside every source, unless the reader brings
    /// his own.
    pub fn probe(
        &self,
        kind: &'static ProbeKind,
        options: &Options,
    ) -> Result<(Option<Box<dyn Probe>>, Provenance)> {
        match self {
            Self::DecodingTrust(contents) if kind.group == Group::Trust => {
                self::feed(kind, contents, options)
            }
            Self::Own(contents) if own::has(kind, &contents.files) => {
                let own = own::rows(kind, &contents.files, options)?;
                let files = contents
                    .files
                    .iter()
                    .filter(|(name, _)| own::belongs(kind, name));
                let files: Vec<(&str, &[u8])> =
                    files.map(|(name, bytes)| (&name[..], &bytes[..])).collect();
                let used = files.iter().map(|(name, bytes)| Used {
                    name: (*name).to_owned(),
                    sha256: sha256_hex(bytes),
                    licence: None,
                    attribution: None,
                });
                let provenance = Provenance {
                    source: "own",
                    files: used.collect(),
                    hash: hash(files),
                    left_out: own.left_out,
                    places: own.places,
                    ..Provenance::default()
                };
                Ok((Some(own.rows.probe(options)?), provenance))
            }
            Self::Own(_) if kind.group == Group::Trust => {
                Ok((None, unavailable("own", NOT_AVAILABLE.into())))
            }
            _ => {
                let provenance = Provenance {
                    source: kind.source,
                    hash: kind.hash(),
                    ..Provenance::default()
                };
                Ok((Some((kind.build)(options)?), provenance))
            }
        }
    }
}

fn unavailable(source: &'static str, reason: String) -> Provenance {
    Provenance {
        source,
        unavailable: Some(reason),
        ..Provenance::default()
    }
}

/// The probe of a dimension from the authors' files.
fn feed(
    kind: &'static ProbeKind,
    contents: &Contents,
    options: &Options,
) -> Result<(Option<Box<dyn Probe>>, Provenance)> {
    const SOURCE: &str = "decodingtrust";
    let Some(feed) = kind.authors else {
        return Ok((None, unavailable(SOURCE, NOT_AVAILABLE.into())));
    };
    let missing: Vec<&str> = feed
        .files
        .iter()
        .filter(|file| !contents.files.contains_key(file.path))
        .map(|file| file.path)
        .collect();
    if !missing.is_empty() {
        let reason = format!("not there: {}", missing.join(", "));
        return Ok((None, unavailable(SOURCE, reason)));
    }
    let sample = match options.items {
        Items::Number(number) => number,
        Items::Default | Items::All => usize::MAX,
    };
    let rows = (feed.rows)(
        &contents.files,
        Draw {
            rows: sample,
            seed: options.seed,
        },
    )?;
    let probe = AuthorsProbe {
        inner: rows.probe(options)?,
        feed,
    };
    let used = feed.files.iter().map(|file| Used {
        name: format!("{}/{}/{}", file.repository, file.commit, file.path),
        sha256: file.sha256.to_owned(),
        licence: Some(file.licence),
        attribution: Some(file.attribution),
    });
    let bytes = feed
        .files
        .iter()
        .filter_map(|file| Some((file.path, &contents.files.get(file.path)?[..])));
    let provenance = Provenance {
        source: SOURCE,
        hash: hash(bytes),
        files: used.collect(),
        ..Provenance::default()
    };
    Ok((Some(Box::new(probe)), provenance))
}

/// A probe with what is true of the authors' files.
struct AuthorsProbe {
    inner: Box<dyn Probe>,
    feed: &'static Feed,
}

impl AuthorsProbe {
    fn finished(&self, mut score: Score) -> Score {
        score.unmeasured.extend(self.feed.lacks.iter().cloned());
        score
    }
}

impl Probe for AuthorsProbe {
    fn requests(&self) -> Vec<Request> {
        self.inner.requests()
    }

    fn row(&self, request: usize) -> Option<RowId> {
        self.inner.row(request)
    }

    fn judge(&self, request: usize) -> Option<Judge> {
        self.inner.judge(request)
    }

    fn beginning(&self, share: f64) -> Box<dyn Probe> {
        Box::new(Self {
            inner: self.inner.beginning(share),
            feed: self.feed,
        })
    }

    fn leave_out(&mut self, requests: &[usize]) -> bool {
        self.inner.leave_out(requests)
    }

    fn score(&self, responses: &[Response]) -> Result<Score> {
        Ok(self.finished(self.inner.score(responses)?))
    }

    fn score_items(&self, items: Vec<Item>) -> Result<Score> {
        Ok(self.finished(self.inner.score_items(items)?))
    }
}

fn verify(file: &RemoteFile, bytes: &[u8]) -> Result<()> {
    let found = sha256_hex(bytes);
    if found == file.sha256 {
        return Ok(());
    }
    Err(Error::BadFile {
        file: file.path.to_owned(),
        problem: format!(
            "its SHA-256 is {found}, where {} of commit {} has {}; fetch it again",
            file.repository, file.commit, file.sha256
        ),
    })
}

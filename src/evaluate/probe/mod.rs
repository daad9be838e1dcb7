//! What a dimension is to the rest of the program: its entry in the catalog, its rows, and the probe that asks them.

mod feed;

pub use feed::{Draw, Feed, Files, RemoteFile};

use super::ask::{Decides, Judge, Request, Response};
use super::measure::{Group, Item, Score};
use crate::error::Result;
use crate::evaluate::Options;
use crate::hash::sha256_hex;
use serde::Serialize;
use serde_json::Value;

/// A probe as the catalog shows it, and how to make one.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ProbeKind {
    pub name: &'static str,
    pub title: &'static str,
    /// One sentence for the reader.
    pub sentence: &'static str,
    /// Where its items come from.
    pub source: &'static str,
    pub group: Group,
    /// Which log-probability of an option decides; absent where no options are compared.
    pub decides: Option<Decides>,
    /// Scored items when nothing is said.
    pub default_items: usize,
    /// The file of items that the hash is taken of.
    #[serde(skip)]
    pub items: &'static str,
    /// Reads rows in the form of that file; none where it is no list of rows.
    #[serde(skip)]
    pub parse: Option<ParseRows>,
    /// What the authors of the dimension have for it.
    #[serde(skip)]
    pub authors: Option<&'static Feed>,
    #[serde(skip)]
    pub build: fn(&Options) -> Result<Box<dyn Probe>>,
}

impl ProbeKind {
    /// SHA-256 of the items, in hexadecimal.
    #[must_use]
    pub fn hash(&self) -> String {
        sha256_hex(self.items)
    }
}

/// Reads rows in the form of an item file.
pub type ParseRows = fn(Value) -> serde_json::Result<Box<dyn Rows>>;

/// What a dimension is made of, whatever its source.
pub trait Rows: std::fmt::Debug {
    /// The probe that asks them.
    fn probe(&self, options: &Options) -> Result<Box<dyn Probe>>;
}

/// Asks one dimension's questions; it never sees a tensor.
pub trait Probe {
    /// What to ask.
    fn requests(&self) -> Vec<Request>;

    /// The score of the responses, which come in the order of the requests.
    fn score(&self, responses: &[Response]) -> Result<Score>;

    /// The score of items that were answered before, as a report has them, however few of those that it asks; an error
    /// where one is not its own.
    fn score_items(&self, items: Vec<Item>) -> Result<Score>;

    /// The row that a request, by its place, is about; `None` where requests are not made of rows.
    fn row(&self, request: usize) -> Option<RowId>;

    /// How what is written for a request, by its place, is judged; `None` where that takes more than the text.
    fn judge(&self, _request: usize) -> Option<Judge> {
        None
    }

    /// The same over the beginning of its sample, this share of it (0 to 1): it asks some of the requests, and nothing else.
    fn beginning(&self, share: f64) -> Box<dyn Probe>;

    /// Leaves out everything that some requests, by their places, are about. Says whether there is something left to
    /// score.
    fn leave_out(&mut self, requests: &[usize]) -> bool;
}

/// A row of a dimension's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowId {
    /// The list that it belongs to, as item files call it.
    pub list: &'static str,
    /// From 0.
    pub index: usize,
}

//! What is read of a report that was written before.

use crate::calibrate;
use crate::evaluate::items::LeftOut;
use crate::evaluate::{Item, Score, TemplateUsed};
use crate::recipe::Recipe;
use crate::report::{Compression, Engine, ModelSummary, Size, VERSION};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::fmt::Display;

/// A report as it was written, of this version.
#[derive(Debug, Deserialize)]
pub struct Reported {
    pub(super) engine: Engine,
    pub(super) model: ModelSummary,
    pub(super) recipe: Recipe,
    pub(super) data: Vec<ReportedSet>,
    pub(super) notes: Vec<String>,
    pub(super) before: ReportedSide,
    pub(super) after: ReportedSide,
    pub(super) calibration: calibrate::Summary,
    pub(super) compression: Compression,
    pub(super) comparisons: Vec<ReportedComparison>,
    #[serde(default)]
    pub(super) others: Vec<IgnoredAny>,
    pub(super) spread: Option<IgnoredAny>,
    pub(super) merged: Option<IgnoredAny>,
    pub(super) against: Option<IgnoredAny>,
    pub(super) complete: bool,
}

/// Its version, which says whether the rest can be read.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct ReportedVersion {
    version: u32,
}

#[derive(Debug, Deserialize)]
pub(super) struct ReportedSet {
    pub name: String,
    pub hash: String,
    pub unavailable: Option<String>,
    pub left_out: Vec<LeftOut>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ReportedSide {
    pub size: Option<Size>,
    pub template: TemplateUsed,
    pub scores: Vec<ReportedScore>,
    pub seconds: f64,
    pub tokens_per_second: f64,
}

#[derive(Debug, Deserialize)]
pub(super) struct ReportedScore {
    pub name: String,
    pub scorer: Option<String>,
    pub seconds: f64,
    pub items: Vec<Item>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ReportedComparison {
    pub name: String,
    pub divergence: Option<ReportedFigure>,
}

/// `None` for what is no number.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub(super) struct ReportedFigure {
    pub value: Option<f64>,
    pub interval: Option<[Option<f64>; 2]>,
    pub n: usize,
}

impl Reported {
    /// From JSON; an error is what the file is, a clause behind its name.
    pub fn from_json(text: &str) -> Result<Self, String> {
        Self::read(|| serde_json::from_str(text), || serde_json::from_str(text))
    }

    /// The same from any format, of which `version` gives the version and `whole` all of it.
    pub fn read<E: Display>(
        version: impl FnOnce() -> Result<ReportedVersion, E>,
        whole: impl FnOnce() -> Result<Self, E>,
    ) -> Result<Self, String> {
        match version() {
            Ok(ReportedVersion { version: VERSION }) => {
                whole().map_err(|error| format!("is no report of a run ({error})"))
            }
            Ok(ReportedVersion { version }) => Err(format!(
                "is a report of version {version}, and version {VERSION} is read here: measure anew"
            )),
            Err(error) => Err(format!("is no report ({error})")),
        }
    }
}

impl ReportedSide {
    pub fn score(&self, name: &str) -> Option<&ReportedScore> {
        self.scores.iter().find(|score| score.name == name)
    }

    /// Adds to a score that was made of its items what is not in them: the time that was spent, and what judged the texts.
    pub fn complete(&self, score: &mut Score) {
        if let Some(own) = self.score(score.name) {
            score.seconds += own.seconds;
            score.scorer.clone_from(&own.scorer);
        }
    }
}

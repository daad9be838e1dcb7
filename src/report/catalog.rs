//! What there is to choose from, as data.

use super::VERSION;
use crate::calibrate;
use crate::compress::{self, Method};
use crate::evaluate::items::{SOURCES, SourceKind};
use crate::evaluate::{self, PROBES, ProbeKind};
use crate::model::arch::FAMILIES;
use crate::recipe::Parameter;
use crate::save::{FORMATS, Format};
use serde::Serialize;

/// What there is to choose from.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Catalog {
    pub version: u32,
    pub methods: &'static [&'static Method],
    pub probes: &'static [&'static ProbeKind],
    pub families: Vec<FamilyEntry>,
    pub calibration: &'static [Parameter],
    pub evaluation: &'static [Parameter],
    pub sources: &'static [SourceKind],
    pub formats: &'static [&'static Format],
}

/// A model family in the catalog.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FamilyEntry {
    pub name: &'static str,
    pub title: &'static str,
}

/// The methods, probes, families and their settings.
#[must_use]
pub fn catalog() -> Catalog {
    Catalog {
        version: VERSION,
        methods: compress::METHODS,
        probes: PROBES,
        families: FAMILIES
            .iter()
            .map(|family| FamilyEntry {
                name: family.name,
                title: family.title,
            })
            .collect(),
        calibration: calibrate::PARAMETERS,
        evaluation: evaluate::PARAMETERS,
        sources: SOURCES,
        formats: FORMATS,
    }
}

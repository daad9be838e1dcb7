//! A model back to files: written out in full, packed, or as GGUF. A format first plans: what it cannot hold is known
//! then, and so is the length of every file.

mod dense;
mod file;
mod fold;
mod folder;
mod gguf;
mod gguf_file;
mod matrix;
mod packed;
mod safetensors;
mod vocabulary;
mod words;

use crate::error::{Error, Result};
use crate::model::Model;
use serde::Serialize;
use std::collections::BTreeMap;

pub use file::File;

/// A form that a model can be saved in.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Format {
    pub name: &'static str,
    pub title: &'static str,
    /// One sentence for the reader.
    pub sentence: &'static str,
    /// The files of a model; an error says what of it the format cannot hold. Little work beside writing them.
    #[serde(skip)]
    pub plan: for<'m> fn(&'m Model) -> Result<Vec<File<'m>>>,
}

/// Every format, in the order of the catalog.
pub const FORMATS: &[&Format] = &[&dense::FORMAT, &packed::FORMAT, &gguf::FORMAT];

/// What a format makes of a model.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Offer {
    pub name: &'static str,
    /// Bytes of all its files; none where it cannot hold the model.
    pub bytes: Option<u64>,
    /// Why it cannot.
    pub problem: Option<String>,
}

/// The format of a name.
pub fn format(name: &str) -> Result<&'static Format> {
    let names = || {
        FORMATS
            .iter()
            .map(|format| format.name)
            .collect::<Vec<_>>()
            .join(", ")
    };
    FORMATS
        .iter()
        .copied()
        .find(|format| format.name == name)
        .ok_or_else(|| Error::Setting {
            name: "format".into(),
            found: name.to_owned(),
            expected: format!("one of {} is needed", names()),
        })
}

/// What each format makes of a model.
#[must_use]
pub fn offers(model: &Model) -> Vec<Offer> {
    let offer = |format: &&'static Format| {
        let planned = (format.plan)(model);
        Offer {
            name: format.name,
            bytes: planned
                .as_ref()
                .ok()
                .map(|files| files.iter().map(File::size).sum()),
            problem: planned.err().map(|error| error.to_string()),
        }
    };
    FORMATS.iter().map(offer).collect()
}

impl Format {
    /// Every file of a small model, in memory.
    pub fn write(&self, model: &Model) -> Result<BTreeMap<String, Vec<u8>>> {
        let files = (self.plan)(model)?;
        let written = files.into_iter().map(|file| {
            let mut bytes = Vec::new();
            let done = file.write(&mut bytes);
            let name = file.name;
            match done {
                Ok(()) => Ok((name, bytes)),
                Err(source) => Err(Error::File { path: name, source }),
            }
        });
        written.collect()
    }
}

fn unsaveable(layer: &str, format: &'static str, problem: impl Into<String>) -> Error {
    Error::Unsaveable {
        layer: layer.to_owned(),
        format,
        problem: problem.into(),
    }
}

fn failed(file: &str, error: &dyn std::fmt::Display) -> Error {
    Error::BadFile {
        file: file.to_owned(),
        problem: format!("it could not be written ({error})"),
    }
}

//! Reading item files, and making prompts out of their templates.

use crate::error::{Error, Result};
use crate::evaluate::probe::{ProbeKind, RowId, Rows};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The version of the item files.
const VERSION: u64 = 4;

/// The rows of a probe's own item file.
pub(in crate::evaluate) fn read<T: DeserializeOwned>(probe: &ProbeKind) -> Result<T> {
    let problem = |error: serde_json::Error| bad(probe, error.to_string());
    let mut fields: Map<String, Value> = serde_json::from_str(probe.items).map_err(problem)?;
    let mut number = |name| fields.remove(name).as_ref().and_then(Value::as_u64);
    let (version, templates) = (number("version"), number("templates"));
    if version != Some(VERSION) || templates.is_none() {
        return Err(bad(
            probe,
            format!("version {VERSION} and a number of templates are needed"),
        ));
    }
    serde_json::from_value(fields.into()).map_err(problem)
}

/// Rows in the form of a dimension's item file, its version and number of templates apart.
pub(in crate::evaluate) fn parse<T: Rows + DeserializeOwned + 'static>(
    fields: Value,
) -> serde_json::Result<Box<dyn Rows>> {
    Ok(Box::new(serde_json::from_value::<T>(fields)?))
}

/// Rows that do not fit together.
pub(in crate::evaluate) fn bad(probe: &ProbeKind, problem: String) -> Error {
    Error::Items {
        probe: probe.name.to_owned(),
        row: None,
        problem,
    }
}

/// A row by its list and its number from 0.
pub(in crate::evaluate) fn row(list: &'static str, index: usize) -> RowId {
    RowId { list, index }
}

impl Error {
    /// The same, about a row.
    pub(in crate::evaluate) fn in_row(self, place: RowId) -> Self {
        match self {
            Self::Items { probe, problem, .. } => Self::Items {
                probe,
                row: Some((place.list, place.index)),
                problem,
            },
            other => other,
        }
    }
}

/// The index of an answer among options.
pub(in crate::evaluate) fn index_of(
    probe: &ProbeKind,
    options: &[String],
    answer: &str,
) -> Result<usize> {
    let index = options.iter().position(|option| option == answer);
    index.ok_or_else(|| {
        bad(
            probe,
            format!("{answer} is none of the options {options:?}"),
        )
    })
}

/// An error where a question has not two to five options, or its answer, by index, is none of them.
pub(in crate::evaluate) fn check_options(
    probe: &ProbeKind,
    options: &[String],
    answer: usize,
) -> Result<()> {
    if !(2..=5).contains(&options.len()) {
        let problem = format!("it has {} options; two to five are needed", options.len());
        return Err(bad(probe, problem));
    }
    if answer >= options.len() {
        let problem = format!("there is no option {answer}; they count from 0");
        return Err(bad(probe, problem));
    }
    Ok(())
}

/// Fills `{name}` places of a template.
pub(in crate::evaluate) fn fill<'a>(
    template: &str,
    values: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> String {
    values
        .into_iter()
        .fold(template.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), value)
        })
}

/// Texts as options.
pub(in crate::evaluate) fn options<const N: usize>(texts: [&str; N]) -> std::sync::Arc<[String]> {
    texts.map(str::to_owned).into()
}

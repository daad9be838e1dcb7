//! The reader's own items, in the form of the classroom's: `<dimension>.json` for all of them, or
//! `<dimension>.<list>.jsonl` and `<dimension>.<list>.csv` for the rows of one list, where the classroom's are kept for
//! what is not given.

use super::read::{bad, csv, json, jsonl, text};
use super::{Files, Rows};
use crate::error::{Error, Result};
use crate::evaluate::{Options, ProbeKind};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Fields of an item file that are not part of the rows.
const ABOUT: [&str; 2] = ["version", "templates"];

/// The rows of one list, each with the number of its line.
struct List<'a> {
    file: &'a str,
    name: &'a str,
    rows: Vec<(usize, Value)>,
}

/// Whether a file is about a dimension.
pub(super) fn belongs(kind: &ProbeKind, file: &str) -> bool {
    let rest = file
        .strip_prefix(kind.name)
        .and_then(|rest| rest.strip_prefix('.'));
    rest.is_some_and(|rest| {
        let mut parts = rest.rsplitn(2, '.');
        let (ending, list) = (parts.next(), parts.next());
        matches!(
            (ending, list),
            (Some("json"), None) | (Some("jsonl" | "csv"), Some(_))
        )
    })
}

/// Whether any file is about a dimension.
pub(super) fn has(kind: &ProbeKind, files: &Files) -> bool {
    files.keys().any(|file| belongs(kind, file))
}

/// The rows of a dimension; a bad one is named by file and line.
pub(super) fn rows(kind: &ProbeKind, files: &Files, options: &Options) -> Result<Rows> {
    let whole = format!("{}.json", kind.name);
    let mut fields: Map<String, Value> = match files.get(&whole) {
        Some(bytes) => json(&whole, bytes)?,
        None => json(&whole, kind.items.as_bytes())?,
    };
    for name in ABOUT {
        fields.remove(name);
    }
    let mut lists = Vec::new();
    for (file, bytes) in files
        .iter()
        .filter(|(file, _)| belongs(kind, file) && **file != whole)
    {
        lists.push(list(kind, file, bytes, &fields)?);
    }
    let mut filled = fields.clone();
    for list in &lists {
        let rows = list.rows.iter().map(|(_, row)| row.clone()).collect();
        filled.insert(list.name.to_owned(), Value::Array(rows));
    }
    // What the probe makes of them says whether they fit together.
    let made = made(kind, filled, options);
    made.map_err(|problem| {
        culprit(kind, &fields, &lists, options).unwrap_or_else(|| bad(&whole, 1, problem))
    })
}

fn made(
    kind: &ProbeKind,
    fields: Map<String, Value>,
    options: &Options,
) -> std::result::Result<Rows, String> {
    let rows = Rows::parse(kind.name, fields.into()).map_err(|error| error.to_string())?;
    match rows.probe(options) {
        Ok(_) => Ok(rows),
        // The file and line say where it is.
        Err(Error::Items { problem, .. }) => Err(problem),
        Err(error) => Err(error.to_string()),
    }
}

/// The first row that is bad even when it is the only one of its list.
fn culprit(
    kind: &ProbeKind,
    fields: &Map<String, Value>,
    lists: &[List],
    options: &Options,
) -> Option<Error> {
    let rows = lists
        .iter()
        .flat_map(|list| list.rows.iter().map(move |row| (list, row)));
    rows.into_iter().find_map(|(list, (line, row))| {
        let mut alone = fields.clone();
        alone.insert(list.name.to_owned(), Value::Array(vec![row.clone()]));
        let problem = made(kind, alone, options).err()?;
        Some(bad(list.file, *line, problem))
    })
}

fn list<'a>(
    kind: &ProbeKind,
    file: &'a str,
    bytes: &[u8],
    fields: &Map<String, Value>,
) -> Result<List<'a>> {
    let (name, ending) = file[kind.name.len() + 1..]
        .rsplit_once('.')
        .unwrap_or_default();
    let known = fields.iter().filter(|(_, value)| value.is_array());
    let known: Vec<&str> = known.map(|(name, _)| &name[..]).collect();
    if !known.contains(&name) {
        let problem = format!(
            "{} has no list {name}; it has {}",
            kind.name,
            known.join(", ")
        );
        return Err(bad(file, 1, problem));
    }
    let rows = if ending == "csv" {
        let like = fields[name].get(0).cloned().unwrap_or_default();
        let rows = csv::<BTreeMap<String, String>>(file, bytes)?;
        rows.into_iter()
            .map(|(line, row)| (line, typed(row, &like)))
            .collect()
    } else {
        jsonl(file, bytes)?
    };
    if rows.is_empty() {
        text(file, bytes)?;
        return Err(bad(file, 1, "there are no rows"));
    }
    Ok(List { file, name, rows })
}

/// The cells of a table row as the classroom's rows have them: a text where those have one, else JSON.
fn typed(cells: BTreeMap<String, String>, like: &Value) -> Value {
    let cell = |(name, written): (String, String)| {
        let value = match like.get(&name) {
            Some(Value::String(_)) => Value::String(written),
            _ => serde_json::from_str(&written).unwrap_or(Value::String(written)),
        };
        (name, value)
    };
    Value::Object(cells.into_iter().map(cell).collect())
}

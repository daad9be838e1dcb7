//! The reader's own items, in the form of the classroom's: `<dimension>.json` for all of them, or
//! `<dimension>.<list>.jsonl`, `.csv` or `.tsv` for the rows of one list, where the classroom's are kept for what is
//! not given.
//!
//! A row that cannot be asked is left out and named; a file that cannot be read, or has no row that can be asked, is
//! an error.

use crate::error::{Error, Result};
use crate::evaluate::Options;
use crate::evaluate::items::flaw::flaw;
use crate::evaluate::items::name::Name;
use crate::evaluate::items::read;
use crate::evaluate::items::read::{Lines, bad};
use crate::evaluate::items::{Files, LeftOut};
use crate::evaluate::probe::{ProbeKind, Rows};
use serde::de::Error as _;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Fields of an item file that are not part of the rows.
const ABOUT: [&str; 2] = ["version", "templates"];

/// The rows of a dimension, and what became of those that are not among them.
pub(in crate::evaluate) struct Own {
    pub rows: Box<dyn Rows>,
    /// Where each row stands, by its list.
    pub places: BTreeMap<String, Vec<String>>,
    pub left_out: Vec<LeftOut>,
}

/// A row as a file has it.
struct Row<'a> {
    file: &'a str,
    line: usize,
    value: Value,
}

/// What the reader gives for a dimension.
struct Given<'a> {
    kind: &'static ProbeKind,
    /// The first file, for what is wrong with all of them together.
    file: &'a str,
    /// What is not among `lists`.
    fields: Map<String, Value>,
    lists: BTreeMap<String, Vec<Row<'a>>>,
    left_out: Vec<Unasked<'a>>,
}

/// A row that is left out.
struct Unasked<'a> {
    list: String,
    file: &'a str,
    line: usize,
    /// A clause.
    reason: String,
}

/// Whether any file is about a dimension.
pub(in crate::evaluate) fn has(kind: &ProbeKind, files: &Files) -> bool {
    files.keys().any(|file| belongs(kind, file))
}

/// Whether a file is about a dimension.
pub(in crate::evaluate) fn belongs(kind: &ProbeKind, file: &str) -> bool {
    Name::parse(file).is_ok_and(|name| name.dimension.name == kind.name)
}

/// The rows of a dimension, which some file is about.
pub(in crate::evaluate) fn rows(
    kind: &'static ProbeKind,
    files: &Files,
    options: &Options,
) -> Result<Own> {
    let mut given = Given::read(kind, files)?;
    given.check_rows()?;
    let rows = loop {
        match given.made(options) {
            Ok(rows) => break rows,
            Err(Error::Items {
                row: Some((list, index)),
                problem,
                ..
            }) if given.lists.contains_key(list) => given.leave_out(list, &[(index, problem)])?,
            // The file says where it is.
            Err(Error::Items { problem, .. }) => return Err(bad(given.file, 1, problem)),
            Err(error) => return Err(bad(given.file, 1, error)),
        }
    };
    let place = |row: &Row| format!("{}, line {}", row.file, row.line);
    let lists = given.lists.iter();
    Ok(Own {
        rows,
        places: lists
            .map(|(name, rows)| (name.clone(), rows.iter().map(place).collect()))
            .collect(),
        left_out: given
            .left_out
            .into_iter()
            .map(|row| LeftOut {
                place: format!("{}, line {}", row.file, row.line),
                reason: row.reason,
            })
            .collect(),
    })
}

impl<'a> Given<'a> {
    fn read(kind: &'static ProbeKind, files: &'a Files) -> Result<Self> {
        let named = files.iter().filter_map(|(file, bytes)| {
            let name = Name::parse(file).ok()?;
            (name.dimension.name == kind.name).then_some((name, &file[..], &bytes[..]))
        });
        let (whole, parts): (Vec<_>, Vec<_>) = named.partition(|(name, ..)| name.list.is_none());
        let first = whole.iter().chain(&parts).next();
        let mut given = Self {
            kind,
            file: first.map_or("", |(_, file, _)| file),
            fields: read::json(kind.name, kind.items.as_bytes())?,
            lists: BTreeMap::new(),
            left_out: Vec::new(),
        };
        if let Some((_, file, bytes)) = whole.first() {
            let (fields, lists) = read::lists(file, bytes)?;
            given.fields = fields;
            for (list, rows) in lists {
                given.take(file, &list, rows);
                given.has_rows(&list)?;
            }
        }
        for name in ABOUT {
            given.fields.remove(name);
        }
        for (name, file, bytes) in parts {
            given.read_list(&name, file, bytes)?;
        }
        Ok(given)
    }

    fn read_list(&mut self, name: &Name, file: &'a str, bytes: &[u8]) -> Result<()> {
        let list = name.list.as_deref().unwrap_or_default();
        let arrays = self.fields.iter().filter(|(_, value)| value.is_array());
        let arrays = arrays.map(|(name, _)| name).chain(self.lists.keys());
        let known: Vec<&str> = arrays.map(|name| &name[..]).collect();
        if !known.contains(&list) {
            let problem = format!(
                "{} has no list {list}; it has {}",
                self.kind.name,
                known.join(", ")
            );
            return Err(bad(file, 1, problem));
        }
        let other = self.lists.get(list).and_then(|rows| rows.first());
        if let Some(other) = other.filter(|row| !row.file.to_lowercase().ends_with(".json")) {
            let problem = format!("its rows stand in {} too; keep one of the two", other.file);
            return Err(bad(file, 1, problem));
        }
        let rows = match &name.ending[..] {
            "jsonl" => read::jsonl_lines(&read::text(file, bytes)?),
            ending => {
                let like = self.fields.get(list).and_then(|rows| rows.get(0)).cloned();
                let like = like.unwrap_or_else(|| classroom(self.kind, list));
                let separator = if ending == "tsv" { b'\t' } else { b',' };
                read::table_lines::<BTreeMap<String, String>>(file, bytes, separator)?
                    .into_iter()
                    .map(|(line, cells)| (line, cells.map(|cells| typed(cells, &like))))
                    .collect()
            }
        };
        if rows.is_empty() {
            return Err(bad(file, 1, "there are no rows"));
        }
        // Rows of the reader's own are asked of models of every world.
        let world = self.fields.get_mut("world").and_then(Value::as_object_mut);
        world.map(|world| world.remove(list));
        self.take(file, list, rows);
        self.has_rows(list)
    }

    /// The rows of a list; those that are none are left out.
    fn take(&mut self, file: &'a str, list: &str, lines: Lines<Value>) {
        self.fields.remove(list);
        let mut rows = Vec::new();
        for (line, row) in lines {
            match row {
                Ok(value) => rows.push(Row { file, line, value }),
                Err(reason) => self.left_out.push(Unasked {
                    list: list.to_owned(),
                    file,
                    line,
                    reason,
                }),
            }
        }
        self.lists.insert(list.to_owned(), rows);
    }

    /// Leaves out rows that could not be asked whatever stood beside them.
    fn check_rows(&mut self) -> Result<()> {
        let flawed = self.fields.iter().find_map(|(name, value)| {
            let given = self.file.to_lowercase().ends_with(".json");
            flaw(value, name).filter(|_| given)
        });
        if let Some(problem) = flawed {
            return Err(bad(self.file, 1, problem));
        }
        // What a row is does not depend on other lists, which are emptied so that this is quick.
        let mut bare = self.fields.clone();
        for value in bare.values_mut().filter(|value| value.is_array()) {
            *value = Value::Array(Vec::new());
        }
        for list in self.lists.keys() {
            bare.insert(list.clone(), Value::Array(Vec::new()));
        }
        let parse = |fields: Map<String, Value>| self.parse(fields);
        parse(bare.clone()).map_err(|problem| bad(self.file, 1, problem))?;
        let mut wrong = Vec::new();
        for (list, rows) in &self.lists {
            let problem = |row: &Row| {
                let mut alone = bare.clone();
                alone.insert(list.clone(), Value::Array(vec![row.value.clone()]));
                let unread = || parse(alone).err().map(|problem| problem.to_string());
                flaw(&row.value, "").or_else(unread)
            };
            let rows = rows.iter().enumerate();
            let rows = rows.filter_map(|(index, row)| Some((index, problem(row)?)));
            wrong.push((list.clone(), rows.collect::<Vec<_>>()));
        }
        for (list, rows) in wrong {
            self.leave_out(&list, &rows)?;
        }
        Ok(())
    }

    /// Leaves out rows of a list, by their places; an error where no row of it stays.
    fn leave_out(&mut self, list: &str, wrong: &[(usize, String)]) -> Result<()> {
        let Some(rows) = self.lists.get_mut(list).filter(|_| !wrong.is_empty()) else {
            return Ok(());
        };
        let all = std::mem::take(rows).into_iter().enumerate();
        for (index, row) in all {
            match wrong.iter().find(|(place, _)| *place == index) {
                Some((_, reason)) => self.left_out.push(Unasked {
                    list: list.to_owned(),
                    file: row.file,
                    line: row.line,
                    reason: reason.clone(),
                }),
                None => rows.push(row),
            }
        }
        self.has_rows(list)
    }

    /// An error that names the first row of a list which has none that can be asked.
    fn has_rows(&self, list: &str) -> Result<()> {
        let is_empty = self.lists.get(list).is_some_and(Vec::is_empty);
        match self.left_out.iter().find(|row| row.list == list) {
            Some(row) if is_empty => Err(bad(row.file, row.line, &row.reason)),
            _ => Ok(()),
        }
    }

    fn parse(&self, fields: Map<String, Value>) -> serde_json::Result<Box<dyn Rows>> {
        match self.kind.parse {
            Some(parse) => parse(fields.into()),
            None => Err(serde_json::Error::custom("it is not made of rows")),
        }
    }

    fn made(&self, options: &Options) -> Result<Box<dyn Rows>> {
        let mut fields = self.fields.clone();
        for (name, rows) in &self.lists {
            let rows = rows.iter().map(|row| row.value.clone()).collect();
            fields.insert(name.clone(), Value::Array(rows));
        }
        let rows = self
            .parse(fields)
            .map_err(|problem| bad(self.file, 1, problem))?;
        rows.probe(options)?;
        Ok(rows)
    }
}

/// The first row that the classroom has in a list.
fn classroom(kind: &ProbeKind, list: &str) -> Value {
    let fields: Value = serde_json::from_str(kind.items).unwrap_or_default();
    fields[list][0].clone()
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

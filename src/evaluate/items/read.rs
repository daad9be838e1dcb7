//! Rows out of files; a bad one is named by file and line.

use crate::error::{Error, Result};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Deserializer, Map, Value};
use std::collections::BTreeMap;
use std::fmt::Display;

/// Rows by the numbers of their lines, from 1; or a clause about what is wrong with one.
pub(in crate::evaluate) type Lines<T> = Vec<(usize, std::result::Result<T, String>)>;

/// The rows of the lists of a file, by name.
pub(super) type Lists = BTreeMap<String, Lines<Value>>;

/// The text of a file.
pub(in crate::evaluate) fn text(file: &str, bytes: &[u8]) -> Result<String> {
    crate::text::read(file, bytes)
}

/// The rows of a file that has a JSON value on each line, each with the number of its line.
pub(in crate::evaluate) fn jsonl<T: DeserializeOwned>(
    file: &str,
    bytes: &[u8],
) -> Result<Vec<(usize, T)>> {
    whole(file, jsonl_lines(&text(file, bytes)?))
}

/// The rows of a text that has a JSON value on each line.
pub(in crate::evaluate) fn jsonl_lines<T: DeserializeOwned>(text: &str) -> Lines<T> {
    let lines = text.lines().enumerate();
    let filled = lines.filter(|(_, line)| !line.trim().is_empty());
    let row = |line| serde_json::from_str(line).map_err(|error| error.to_string());
    filled.map(|(i, line)| (i + 1, row(line))).collect()
}

/// The rows of a table whose first line names the columns, each with the number of its first line.
pub(in crate::evaluate) fn csv<T: DeserializeOwned>(
    file: &str,
    bytes: &[u8],
) -> Result<Vec<(usize, T)>> {
    whole(file, table_lines(file, bytes, b',')?)
}

/// The rows of a table whose first line names the columns, which `separator` stands between.
pub(in crate::evaluate) fn table_lines<T: DeserializeOwned>(
    file: &str,
    bytes: &[u8],
    separator: u8,
) -> Result<Lines<T>> {
    let text = text(file, bytes)?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .trim(csv::Trim::Headers)
        .from_reader(text.as_bytes());
    let header = reader
        .headers()
        .map_err(|error| bad(file, 1, &error))?
        .clone();
    for (i, name) in header.iter().enumerate() {
        if header.iter().take(i).any(|other| other == name) {
            return Err(bad(file, 1, format!("column {name} stands twice")));
        }
    }
    let line_of = |place: Option<&csv::Position>| place.map_or(1, |place| number(place.line()));
    let mut rows = Vec::new();
    for record in reader.records() {
        rows.push(match record {
            Ok(record) => {
                let row = record.deserialize(Some(&header));
                (
                    line_of(record.position()),
                    row.map_err(|error| error.to_string()),
                )
            }
            Err(error) => (line_of(error.position()), Err(error.to_string())),
        });
    }
    Ok(rows)
}

/// All rows of a file, or the first one that is none.
fn whole<T>(file: &str, lines: Lines<T>) -> Result<Vec<(usize, T)>> {
    let row = |(line, row): (usize, std::result::Result<T, String>)| match row {
        Ok(row) => Ok((line, row)),
        Err(problem) => Err(bad(file, line, problem)),
    };
    lines.into_iter().map(row).collect()
}

/// The lists of a file that is one object of JSON, with the lines on which their rows begin, and its other fields.
pub(in crate::evaluate) fn lists(file: &str, bytes: &[u8]) -> Result<(Map<String, Value>, Lists)> {
    let text = text(file, bytes)?;
    let mut fields: Map<String, Value> = json(file, bytes)?;
    let ends: Vec<usize> = text.match_indices('\n').map(|(end, _)| end).collect();
    let line_of = |place: usize| 1 + ends.partition_point(|end| *end < place);
    let mut lists = BTreeMap::new();
    for (name, places) in elements(&text).unwrap_or_default() {
        if let Some(Value::Array(rows)) = fields.remove(&name) {
            let lines = places.into_iter().map(line_of);
            let rows = lines.zip(rows.into_iter().map(Ok)).collect();
            lists.insert(name, rows);
        }
    }
    Ok((fields, lists))
}

/// Where the elements of each list of an object begin, in bytes.
fn elements(text: &str) -> Option<BTreeMap<String, Vec<usize>>> {
    /// A value, and where it ends.
    fn value<T: DeserializeOwned>(text: &str, at: usize) -> Option<(T, usize)> {
        let mut values = Deserializer::from_str(text.get(at..)?).into_iter();
        let value = values.next()?.ok()?;
        Some((value, at + values.byte_offset()))
    }
    // The next byte that stands for something.
    let skip = |at: usize, passed: &[char]| -> Option<usize> {
        let rest = text.get(at..)?;
        let is_passed = |c: char| c.is_ascii_whitespace() || passed.contains(&c);
        Some(at + rest.len() - rest.trim_start_matches(is_passed).len())
    };
    let mut lists = BTreeMap::new();
    let mut at = skip(0, &['{'])?;
    while !text.get(at..)?.starts_with('}') {
        let (name, end) = value::<String>(text, at)?;
        at = skip(end, &[':'])?;
        if text.get(at..)?.starts_with('[') {
            let mut places = Vec::new();
            at = skip(at + 1, &[])?;
            while !text.get(at..)?.starts_with(']') {
                places.push(at);
                at = skip(value::<IgnoredAny>(text, at)?.1, &[','])?;
            }
            lists.insert(name, places);
            at += 1;
        } else {
            at = value::<IgnoredAny>(text, at)?.1;
        }
        at = skip(at, &[','])?;
    }
    Some(lists)
}

/// The value of a file that is one piece of JSON.
pub(in crate::evaluate) fn json<T: DeserializeOwned>(file: &str, bytes: &[u8]) -> Result<T> {
    serde_json::from_str(&text(file, bytes)?).map_err(|error| bad(file, error.line(), &error))
}

/// A row that is not what it should be.
pub(in crate::evaluate) fn bad(file: &str, line: usize, problem: impl Display) -> Error {
    Error::Row {
        file: file.to_owned(),
        line,
        problem: problem.to_string(),
    }
}

fn number(line: u64) -> usize {
    usize::try_from(line).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Row {
        text: String,
        toxic: bool,
    }

    fn row(text: &str, toxic: bool) -> Row {
        Row {
            text: text.into(),
            toxic,
        }
    }

    #[test]
    fn lines_and_tables_are_read_with_the_numbers_of_their_lines() {
        let lines =
            "\u{feff}{\"text\": \"a\", \"toxic\": true}\r\n\n{\"toxic\": false, \"text\": \"b\"}\n";
        let rows = jsonl::<Row>("x.jsonl", lines.as_bytes()).expect("rows");
        assert_eq!(rows, [(1, row("a", true)), (3, row("b", false))]);
        let table = "toxic,text\ntrue,\"a\nb, \"\"c\"\"\"\nfalse,d\n";
        let rows = csv::<Row>("x.csv", table.as_bytes()).expect("rows");
        assert_eq!(rows, [(2, row("a\nb, \"c\"", true)), (4, row("d", false))]);
    }

    #[test]
    fn rows_of_one_object_have_lines_too() {
        let text = "{ \"a\": [ {\"x\": [1]},\r\n  true, 2\r\n,\"]\"],\n\"q\": \"a, [b\",\n\"b\"\n: [\n[1, 2]\n], \"c\": [], \"d\": 1}";
        let (fields, lists) = lists("x.json", text.as_bytes()).expect("lists");
        let names: Vec<&String> = fields.keys().collect();
        assert_eq!(names, ["d", "q"]);
        let lines = |name: &str| -> Vec<usize> { lists[name].iter().map(|row| row.0).collect() };
        assert_eq!(
            (lines("a"), lines("b"), lines("c")),
            (vec![1, 2, 2, 3], vec![7], vec![])
        );
    }

    #[test]
    fn a_bad_row_is_named_by_file_and_line() {
        let lines = |text: &[u8]| jsonl::<Row>("x.jsonl", text);
        let table = |text: &str| csv::<Row>("x.csv", text.as_bytes());
        let second = b"{\"text\": \"a\", \"toxic\": true}\n{\"text\": 1}";
        for (line, rows, problem) in [
            ("line 2", lines(second), "string"),
            ("line 1", lines(b"{\"text\": \"a\"}"), "toxic"),
            ("line 2", lines(b"\n\"\xff\""), "UTF-8"),
            ("line 3", table("text,toxic\na,true\nb,perhaps\n"), "true"),
            ("line 2", table("text,toxic\na\n"), "fields"),
        ] {
            let error = rows.expect_err(line).to_string();
            assert!(
                error.starts_with('x') && error.contains(line) && error.contains(problem),
                "{error}"
            );
        }
    }
}

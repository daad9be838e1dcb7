//! Rows out of files; a bad one is named by file and line.

use crate::error::{Error, Result};
use serde::de::DeserializeOwned;
use std::fmt::Display;

/// The text of a file.
pub(super) fn text<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a str> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = before.split(|byte| *byte == b'\n').count();
        bad(file, line, "it is not a text in UTF-8")
    })?;
    // Some programs put a mark before the text.
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The rows of a file that has a JSON value on each line, each with the number of its line.
pub(super) fn jsonl<T: DeserializeOwned>(file: &str, bytes: &[u8]) -> Result<Vec<(usize, T)>> {
    let lines = text(file, bytes)?.lines().enumerate();
    let filled = lines.filter(|(_, line)| !line.trim().is_empty());
    let row = |(i, line)| match serde_json::from_str(line) {
        Ok(row) => Ok((i + 1, row)),
        Err(error) => Err(bad(file, i + 1, error)),
    };
    filled.map(row).collect()
}

/// The rows of a table whose first line names the columns, each with the number of its first line.
pub(super) fn csv<T: DeserializeOwned>(file: &str, bytes: &[u8]) -> Result<Vec<(usize, T)>> {
    let mut reader = csv::Reader::from_reader(text(file, bytes)?.as_bytes());
    let line_of = |error: &csv::Error| error.position().map_or(1, csv::Position::line);
    let header = reader
        .headers()
        .map_err(|error| bad(file, 1, &error))?
        .clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| bad(file, number(line_of(&error)), &error))?;
        let line = number(record.position().map_or(1, csv::Position::line));
        let row = record.deserialize(Some(&header));
        rows.push((line, row.map_err(|error| bad(file, line, &error))?));
    }
    Ok(rows)
}

/// The value of a file that is one piece of JSON.
pub(super) fn json<T: DeserializeOwned>(file: &str, bytes: &[u8]) -> Result<T> {
    serde_json::from_str(text(file, bytes)?).map_err(|error| bad(file, error.line(), &error))
}

/// A row that is not what it should be.
pub(super) fn bad(file: &str, line: usize, problem: impl Display) -> Error {
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

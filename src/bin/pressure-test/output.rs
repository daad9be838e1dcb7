//! What the command line says: results on standard output or in a file, all else on standard error.

use crate::write;
use clap::ArgMatches;
use pressure_test::{Error, Result};
use serde::Serialize;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::Path;

/// What `--json` has where no file was named.
pub const STANDARD_OUTPUT: &str = "-";

/// One line of progress that replaces the last, where somebody watches.
pub fn show(text: &str) {
    if std::io::stderr().is_terminal() {
        // Nobody who could read of it is left where this fails.
        let _ = write!(std::io::stderr(), "\r\x1b[K{}", plain(text));
    }
}

/// A line beside the result.
pub fn tell(text: &str) {
    show("");
    let _ = writeln!(std::io::stderr(), "{}", plain(text));
}

/// A line of the result.
pub fn print_line(text: &str) -> Result<()> {
    print_text(&plain(text))
}

/// A line of the result as it is: what a model wrote, or JSON.
pub fn print_text(text: &str) -> Result<()> {
    show("");
    let mut output = std::io::stdout().lock();
    match writeln!(output, "{text}").and_then(|()| output.flush()) {
        // A reader that has closed the pipe wants no more.
        Err(source) if source.kind() != ErrorKind::BrokenPipe => Err(Error::File {
            path: "standard output".into(),
            source,
        }),
        _ => Ok(()),
    }
}

/// A result as JSON: in the file that `--json` names, else on standard output. What cannot be written into the file is
/// printed before the error is given, so that it is not lost.
pub fn put_json(arguments: &ArgMatches, value: &impl Serialize) -> Result<()> {
    let json = serde_json::to_string(value).map_err(|source| Error::File {
        path: "the report".into(),
        source: source.into(),
    })?;
    let Some(path) = file(arguments) else {
        return print_text(&json);
    };
    write(path, json.as_bytes()).or_else(|error| {
        print_text(&json)?;
        Err(error)
    })
}

/// Whether JSON is wanted on standard output, in place of words.
pub fn is_json(arguments: &ArgMatches) -> bool {
    arguments.contains_id("json") && file(arguments).is_none()
}

/// An error where the file of `--json` could not be written: better before the work than after it.
pub fn check(arguments: &ArgMatches) -> Result<()> {
    let Some(path) = file(arguments) else {
        return Ok(());
    };
    let is_new = !path.exists();
    let mut options = std::fs::OpenOptions::new();
    let opened = options.append(true).create(true).open(path);
    opened.map_err(|source| Error::File {
        path: path.display().to_string(),
        source,
    })?;
    if is_new {
        // It comes with its contents.
        let _ = std::fs::remove_file(path);
    }
    Ok(())
}

fn file(arguments: &ArgMatches) -> Option<&Path> {
    let name = arguments.get_one::<String>("json")?;
    (name != STANDARD_OUTPUT).then(|| Path::new(name))
}

/// A text whose control characters are written out: names in files are the work of others, and may try to steer a
/// terminal.
fn plain(text: &str) -> String {
    let escaped = |c: char| {
        let is_plain = !c.is_control() || matches!(c, '\n' | '\t');
        if is_plain {
            c.to_string()
        } else {
            c.escape_default().to_string()
        }
    };
    text.chars().map(escaped).collect()
}

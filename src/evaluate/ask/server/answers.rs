//! Answers in a file, a line each, written as they come: a run that was cut goes on where it was.

use super::call::Answer;
use super::in_file;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The first line of such a file.
const HEADER: &str = "{\"pressure_test_answers\":1}\n";

pub(super) struct Answers {
    path: PathBuf,
    file: File,
    /// By the key of their call.
    all: BTreeMap<String, Answer>,
    /// Those of the file that were there when it was opened, and of these those that were asked for.
    earlier: BTreeSet<String>,
    used: BTreeSet<String>,
    note: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    key: String,
    answer: Answer,
}

impl Answers {
    /// Reads a file, or makes it. A last line that was not written to its end is dropped; other lines that are none of
    /// ours are passed over; of both, [`note`](Self::note) tells. A file of another kind is refused.
    pub fn open(path: &Path) -> Result<Self> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(source) if source.kind() == ErrorKind::NotFound => Vec::new(),
            Err(source) => return Err(in_file(path, source)),
        };
        let is_begun = HEADER.as_bytes().starts_with(&bytes);
        if !is_begun && !bytes.starts_with(HEADER.as_bytes()) {
            return Err(Error::BadFile {
                file: path.display().to_string(),
                problem: "it does not hold answers of a server that an earlier run kept; name another file for them".into(),
            });
        }
        let whole = bytes
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |end| end + 1);
        let (lines, torn) = bytes.split_at(whole);
        let file = OpenOptions::new().create(true).append(true).open(path);
        let mut answers = Self {
            path: path.to_owned(),
            file: file.map_err(|source| in_file(path, source))?,
            all: BTreeMap::new(),
            earlier: BTreeSet::new(),
            used: BTreeSet::new(),
            note: None,
        };
        let lines = lines.split_inclusive(|byte| *byte == b'\n').skip(1);
        let foreign = lines.filter(|line| !answers.read(line)).count();
        // But for the end of the line, the last one may be whole.
        let is_torn = whole > 0 && !torn.is_empty() && !answers.read(torn);
        if whole == 0 {
            answers.cut(0)?;
            answers.write(HEADER)?;
        } else if is_torn {
            answers.cut(whole)?;
        } else if !torn.is_empty() {
            answers.write("\n")?;
        }
        answers.note = match (is_torn, foreign) {
            (false, 0) => None,
            (true, 0) => Some("the last line, which was not written to its end".to_owned()),
            (false, lines) => Some(format!("{lines} lines, which hold no answer")),
            (true, lines) => Some(format!(
                "the last line, which was not written to its end, and {lines} others"
            )),
        };
        answers.note = answers.note.map(|what| {
            format!(
                "{}: {what}: what they were to answer is asked again.",
                path.display()
            )
        });
        Ok(answers)
    }

    /// Takes up a line; says whether it holds an answer.
    fn read(&mut self, line: &[u8]) -> bool {
        let Ok(Line { key, answer }) = serde_json::from_slice(line) else {
            return false;
        };
        self.earlier.insert(key.clone());
        self.all.insert(key, answer);
        true
    }

    fn cut(&self, length: usize) -> Result<()> {
        let cut = self.file.set_len(length as u64);
        cut.map_err(|source| in_file(&self.path, source))
    }

    /// What a reader should know of the file.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    pub fn holds(&self, key: &str) -> bool {
        self.all.contains_key(key)
    }

    /// An answer as the file has it.
    pub fn take(&mut self, key: &str) -> Option<Answer> {
        if self.earlier.contains(key) {
            self.used.insert(key.to_owned());
        }
        self.all.get(key).cloned()
    }

    /// How many answers of earlier runs were asked for.
    pub fn used(&self) -> usize {
        self.used.len()
    }

    /// Writes an answer into the file; gives the tokens that it took. What is kept is what the file says, so that a run that
    /// was cut has the numbers of one that was not.
    pub fn keep(&mut self, key: &str, answer: &Answer) -> Result<usize> {
        let line = Line {
            key: key.to_owned(),
            answer: answer.clone(),
        };
        let as_file = |error: serde_json::Error| in_file(&self.path, error.into());
        let text = serde_json::to_string(&line).map_err(as_file)?;
        let Line { key, answer } = serde_json::from_str(&text).map_err(as_file)?;
        self.write(&format!("{text}\n"))?;
        let tokens = answer.tokens();
        self.all.insert(key, answer);
        Ok(tokens)
    }

    /// An error, with what of the work is not lost.
    pub fn still_there(&self, error: &Error) -> Error {
        Error::Unanswered(format!(
            "{} {} answers are kept in {}: the same command goes on from there.",
            error,
            self.all.len(),
            self.path.display()
        ))
    }

    fn write(&mut self, line: &str) -> Result<()> {
        let written = self.file.write_all(line.as_bytes());
        let written = written.and_then(|()| self.file.flush());
        written.map_err(|source| in_file(&self.path, source))
    }
}

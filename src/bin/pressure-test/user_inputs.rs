//! What the reader brings along on the command line: files of items, and a classifier.

use crate::{in_file, read};
use clap::ArgMatches;
use pressure_test::classifier::{self, Classifier};
use pressure_test::evaluate::items::{self, Files};
use pressure_test::evaluate::toxicity::Scorer;
use pressure_test::report::UserInputs;
use pressure_test::{Error, Result};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The source of items that needs no files.
const CLASSROOM: &str = "classroom";
/// Folders within folders that are looked into.
const DEPTH: usize = 8;
/// The largest file of the reader's own, in bytes.
const LARGEST: u64 = 1 << 26;

/// The items and the scorer of `--data` and `--classifier`.
pub fn read_from(arguments: &ArgMatches) -> Result<UserInputs> {
    let source = arguments.get_one::<String>("source");
    let items = match arguments.get_one::<String>("data") {
        Some(folder) if source.is_none_or(|source| source == CLASSROOM) => {
            return Err(Error::Setting {
                name: "source".into(),
                found: CLASSROOM.into(),
                expected: format!("for the items in {folder}, own or decodingtrust is needed"),
            });
        }
        Some(folder) => items(Path::new(folder))?,
        None => Files::new(),
    };
    let scorer = match arguments.get_one::<String>("classifier") {
        Some(folder) => scorer(Path::new(folder))?,
        None => Scorer::default(),
    };
    Ok(UserInputs {
        text: None,
        items: Arc::new(items),
        scorer,
    })
}

/// The authors' files anywhere in a folder, which are known by what they contain, and the reader's own, which lie in it
/// and are known by their names. Of files that may have been meant to be such there are only names, so that it can be
/// said that they are not read.
fn items(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    for (path, bytes) in files_of(folder, DEPTH)? {
        let name = path.strip_prefix(folder).unwrap_or(&path);
        let name = name.to_string_lossy().replace('\\', "/");
        let last = name.rsplit('/').next().unwrap_or_default();
        let is_here = last == name;
        let is_own = is_here && items::is_own(&name);
        if is_own && bytes > LARGEST {
            return Err(Error::BadFile {
                file: path.display().to_string(),
                problem: format!("it has {bytes} bytes; items have at most {LARGEST}"),
            });
        }
        let of_authors = |file: &items::RemoteFile| file.bytes as u64 == bytes || file.path == name;
        if is_own || items::remote_files().any(of_authors) {
            let contents = read(&path)?;
            let name = items::recognise(&contents).map_or(name, |file| file.path.to_owned());
            files.insert(name, contents);
        } else if (is_here && !last.starts_with('.')) || items::is_own(last) {
            files.insert(name, Vec::new());
        }
    }
    Ok(files)
}

/// The files below a folder, with their lengths.
fn files_of(folder: &Path, depth: usize) -> Result<Vec<(PathBuf, u64)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|source| in_file(folder, source))? {
        let path = entry.map_err(|source| in_file(folder, source))?.path();
        let about = std::fs::metadata(&path).map_err(|source| in_file(&path, source))?;
        if about.is_file() {
            files.push((path, about.len()));
        } else if about.is_dir() && depth > 0 {
            files.extend(files_of(&path, depth - 1)?);
        }
    }
    Ok(files)
}

fn scorer(folder: &Path) -> Result<Scorer> {
    std::fs::read_dir(folder).map_err(|source| in_file(folder, source))?;
    let mut files = pressure_test::load::Files::new();
    for name in classifier::FILES {
        let path = folder.join(name);
        if path.exists() {
            files.insert(name.to_owned(), read(&path)?);
        }
    }
    let name = folder
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    Ok(Classifier::new(&name, &files)?.scorer())
}

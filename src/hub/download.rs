//! A model's files, fetched once and kept.

use super::listing::{File, Listing};
use super::{Hub, failed, is_repository};
use crate::error::{Error, Result};
use crate::hash::Hasher;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// So much is read at once, in bytes.
const PIECE: usize = 1 << 20;
/// The revision that is meant where none is named.
const MAIN: &str = "main";

/// `owner/name`, `owner/name@revision`, and either with `/file.gguf` behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    pub repository: String,
    pub revision: String,
    pub file: Option<String>,
}

impl Name {
    /// `None` for what is no such name.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '/');
        let (owner, name, file) = (parts.next()?, parts.next()?, parts.next());
        let (name, revision) = name.split_once('@').unwrap_or((name, MAIN));
        let repository = format!("{owner}/{name}");
        let is_part =
            |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains('\\');
        let is_path = |path: &str| path.split('/').all(is_part);
        let is_name = is_repository(&repository) && is_part(revision) && file.is_none_or(is_path);
        is_name.then(|| Self {
            repository,
            revision: revision.to_owned(),
            file: file.map(str::to_owned),
        })
    }
}

/// The folder, under `cache`, with a model's files, or the GGUF file that was named: what is not there yet is fetched, and goes
/// on where it was cut. Large files are held against the hub's SHA-256. Where the hub does not say what there is, the files that
/// were fetched whole before are taken, and why comes with them. Calls `progress` with a file, its bytes that are there, and all of them where that is
/// known.
pub fn download(
    name: &Name,
    cache: &Path,
    is_wanted: impl Fn(&str) -> bool,
    is_beside: impl Fn(&str, &str) -> bool,
    progress: &mut dyn FnMut(&str, u64, Option<u64>),
) -> Result<(PathBuf, Option<Error>)> {
    let hub = Hub::new();
    let own = cache.join(name.repository.replace('/', "--"));
    // Which commit is whole, by revision and file.
    let asked = format!("{} {}", name.revision, name.file.as_deref().unwrap_or(""));
    let record = own.join(format!("{}.whole", crate::hash::sha256_hex(asked)));
    let place = |commit: &str| {
        let folder = own.join(commit);
        name.file
            .as_ref()
            .map_or(folder.clone(), |file| folder.join(file))
    };
    let listing = match Listing::new(&hub, &name.repository, &name.revision) {
        Ok(listing) => listing,
        Err(error) => {
            return match fs::read_to_string(&record) {
                Ok(commit) if place(&commit).exists() => Ok((place(&commit), Some(error))),
                _ => Err(error),
            };
        }
    };
    let files = listing.wanted(&name.repository, name.file.as_deref(), is_wanted, is_beside)?;
    for file in &files {
        let url = hub.file(&name.repository, &listing.sha, &file.name);
        let path = own.join(&listing.sha).join(&file.name);
        if !path.exists() {
            fetch(&hub, &url, file, &path, progress)?;
        }
    }
    fs::write(&record, &listing.sha).map_err(|source| in_file(&record, source))?;
    Ok((place(&listing.sha), None))
}

/// Fetches a file into `path`, where it is once it is whole.
fn fetch(
    hub: &Hub,
    url: &str,
    file: &File,
    path: &Path,
    progress: &mut dyn FnMut(&str, u64, Option<u64>),
) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|source| in_file(folder, source))?;
    }
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let mut hasher = Hasher::default();
    let mut there = 0;
    if let Ok(mut kept) = fs::File::open(&part) {
        there = pieces(&mut kept, &mut |piece| {
            hasher.update(piece);
            Ok(())
        })
        .map_err(|source| in_file(&part, source))?;
    }
    if file.size.is_none_or(|size| there < size) {
        let Some(mut answered) = hub.ask(url, there)? else {
            return Err(failed(url, &"it is in the list of files, and not there"));
        };
        if there > 0 && answered.status().as_u16() != 206 {
            // All of it comes again.
            (there, hasher) = (0, Hasher::default());
        }
        let opened = fs::OpenOptions::new()
            .create(true)
            .write(true)
            .append(there > 0)
            .truncate(there == 0)
            .open(&part);
        let mut out = opened.map_err(|source| in_file(&part, source))?;
        let mut reader = answered.body_mut().as_reader();
        pieces(&mut reader, &mut |piece| {
            hasher.update(piece);
            out.write_all(piece)?;
            there += piece.len() as u64;
            progress(&file.name, there, file.size);
            Ok(())
        })
        .map_err(|error| failed(url, &format!("{error}; call again to go on")))?;
    }
    let told = file.sha256().is_some_and(|hash| hash != hasher.finish());
    if told || file.size.is_some_and(|size| size != there) {
        fs::remove_file(&part).map_err(|source| in_file(&part, source))?;
        return Err(failed(
            url,
            &"what came is not the file that the hub names; call again to fetch it anew",
        ));
    }
    fs::rename(&part, path).map_err(|source| in_file(path, source))
}

/// Shows `see` what `reader` holds, piece by piece, and gives its length.
fn pieces(
    reader: &mut impl Read,
    see: &mut dyn FnMut(&[u8]) -> std::io::Result<()>,
) -> std::io::Result<u64> {
    let mut piece = vec![0; PIECE];
    let mut length = 0;
    loop {
        match reader.read(&mut piece)? {
            0 => return Ok(length),
            read => {
                see(&piece[..read])?;
                length += read as u64;
            }
        }
    }
}

fn in_file(path: &Path, source: std::io::Error) -> Error {
    Error::File {
        path: path.display().to_string(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_the_hub_or_none() {
        let name = |revision: &str, file: Option<&str>| Name {
            repository: "owner/name".into(),
            revision: revision.into(),
            file: file.map(str::to_owned),
        };
        for (text, expected) in [
            ("owner/name", name(MAIN, None)),
            ("owner/name@v1.0", name("v1.0", None)),
            ("owner/name/a b/x.gguf", name(MAIN, Some("a b/x.gguf"))),
            ("owner/name@v1/x.gguf", name("v1", Some("x.gguf"))),
        ] {
            assert_eq!(Name::new(text), Some(expected), "{text}");
        }
        for text in [
            "owner",
            "/name",
            "owner/",
            "../name",
            "owner/..",
            "owner/name/",
            "owner/name/../x",
            "owner/name@",
            "owner/name@..",
            "own er/name",
            "owner/name/a\\..\\x",
        ] {
            assert_eq!(Name::new(text), None, "{text}");
        }
    }
}

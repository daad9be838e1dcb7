//! Where bytes come from: read in ranges, so that a file and what is made of it are never in memory together.

pub(super) mod accidents;

use crate::error::{Error, Result};
use crate::weight::{Floats, Storage};
use std::io::{Read, Seek, SeekFrom};

/// A file whose bytes can be read from any place.
pub trait Source {
    /// Length in bytes.
    fn size(&self) -> std::result::Result<u64, String>;

    /// Fills `out` with the bytes from `start` on; an error says in a few words why that failed.
    fn read(&self, start: u64, out: &mut [u8]) -> std::result::Result<(), String>;
}

impl Source for Vec<u8> {
    fn size(&self) -> std::result::Result<u64, String> {
        Ok(self.len() as u64)
    }

    fn read(&self, start: u64, out: &mut [u8]) -> std::result::Result<(), String> {
        let start = usize::try_from(start).ok();
        let bytes = start.and_then(|start| self.get(start..start.checked_add(out.len())?));
        out.copy_from_slice(bytes.ok_or("its end came too early")?);
        Ok(())
    }
}

impl Source for std::fs::File {
    fn size(&self) -> std::result::Result<u64, String> {
        let data = self.metadata().map_err(|error| error.to_string())?;
        Ok(data.len())
    }

    fn read(&self, start: u64, out: &mut [u8]) -> std::result::Result<(), String> {
        let mut file = self;
        let done = file
            .seek(SeekFrom::Start(start))
            .and_then(|_| file.read_exact(out));
        done.map_err(|error| error.to_string())
    }
}

/// The beginning of a file, for what can be known without the rest.
#[derive(Debug, Clone)]
pub struct Beginning {
    pub bytes: Vec<u8>,
    /// Length of the whole file.
    pub size: u64,
}

impl Source for Beginning {
    fn size(&self) -> std::result::Result<u64, String> {
        Ok(self.size)
    }

    fn read(&self, start: u64, out: &mut [u8]) -> std::result::Result<(), String> {
        self.bytes
            .read(start, out)
            .map_err(|_| format!("only its first {} bytes are known", self.bytes.len()))
    }
}

/// A named source with its length.
#[derive(Clone, Copy)]
pub(crate) struct File<'a> {
    pub name: &'a str,
    pub size: u64,
    source: &'a dyn Source,
}

impl<'a> File<'a> {
    pub fn new(name: &'a str, source: &'a dyn Source) -> Result<Self> {
        let size = source
            .size()
            .map_err(|problem| unreadable(name, &problem))?;
        Ok(Self { name, size, source })
    }

    /// An error where the file ends before `len` bytes from `start` on.
    fn check(&self, start: u64, len: u64) -> Result<()> {
        let end = start.checked_add(len);
        if end.is_none_or(|end| end > self.size) {
            return Err(Error::Truncated {
                file: self.name.to_owned(),
                expected: end.unwrap_or(u64::MAX),
                actual: self.size,
            });
        }
        Ok(())
    }

    /// Fills `out` with the bytes from `start` on.
    pub fn read(&self, start: u64, out: &mut [u8]) -> Result<()> {
        self.check(start, out.len() as u64)?;
        self.source
            .read(start, out)
            .map_err(|problem| unreadable(self.name, &problem))
    }

    /// `len` bytes from `start` on, where the file has so many.
    pub fn bytes(&self, start: u64, len: u64) -> Result<Vec<u8>> {
        self.check(start, len)?;
        let mut bytes = vec![0; self.count(len)?];
        self.read(start, &mut bytes)?;
        Ok(bytes)
    }

    /// The numbers in `len` bytes from `start` on, read piece by piece.
    pub fn floats(&self, storage: Storage, start: u64, len: u64) -> Result<Floats> {
        self.check(start, len)?;
        let mut values = Floats::with_capacity(storage, self.count(len)? / storage.bytes());
        self.pieces(start, len, &mut |piece| values.extend_from_le_bytes(piece))?;
        Ok(values)
    }

    /// So many bytes as a number of this machine, where one piece of memory can have them.
    pub fn count(&self, len: u64) -> Result<usize> {
        let count = usize::try_from(len).ok();
        let count = count.filter(|count| isize::try_from(*count).is_ok());
        count.ok_or_else(|| {
            bad(
                self.name,
                format!("a tensor of it takes {len} bytes, more than can be held here in one piece; choose a smaller model"),
            )
        })
    }

    /// Everything, where that is at most `most` bytes.
    pub fn whole(&self, most: u64) -> Result<Vec<u8>> {
        if self.size > most {
            return Err(bad(
                self.name,
                format!(
                    "it has {} bytes; no such file of a model has more than {most}",
                    self.size
                ),
            ));
        }
        accidents::check(self)?;
        self.bytes(0, self.size)
    }

    /// Shows the bytes from `start` on, `len` of them, piece by piece; each piece but the last is a multiple of 8.
    pub fn pieces(&self, start: u64, len: u64, see: &mut dyn FnMut(&[u8])) -> Result<()> {
        const PIECE: u64 = 1 << 20;
        let mut buffer = vec![0; usize::try_from(len.min(PIECE)).unwrap_or(0)];
        let mut done = 0;
        while done < len {
            let piece = usize::try_from((len - done).min(PIECE)).unwrap_or(0);
            self.read(start.saturating_add(done), &mut buffer[..piece])?;
            see(&buffer[..piece]);
            done += piece as u64;
        }
        Ok(())
    }
}

pub(crate) fn bad(file: &str, problem: String) -> Error {
    Error::BadFile {
        file: file.to_owned(),
        problem,
    }
}

fn unreadable(file: &str, problem: &str) -> Error {
    bad(file, format!("it could not be read ({problem})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_beyond_the_end_is_an_error_not_an_allocation() {
        let source = vec![1, 2, 3];
        let file = File::new("a", &source).expect("a file");
        assert_eq!(file.bytes(1, 2).expect("bytes"), [2, 3]);
        for (start, len) in [(1, 3), (0, u64::MAX), (u64::MAX, 1)] {
            let error = file.bytes(start, len).expect_err("beyond the end");
            assert!(error.to_string().contains("cut off"), "{error}");
        }
    }

    #[test]
    fn a_beginning_says_what_it_lacks() {
        let source = Beginning {
            bytes: vec![0; 4],
            size: 10,
        };
        let file = File::new("a", &source).expect("a file");
        assert_eq!(file.bytes(0, 4).expect("bytes"), [0; 4]);
        let error = file.bytes(0, 5).expect_err("not known").to_string();
        assert!(error.contains("first 4 bytes"), "{error}");
    }

    #[test]
    fn pieces_are_the_whole() {
        let source: Vec<u8> = (0..3_000_001u32).map(|i| i.to_le_bytes()[0]).collect();
        let file = File::new("a", &source).expect("a file");
        let mut seen: Vec<u8> = Vec::new();
        let mut see = |piece: &[u8]| seen.extend(piece);
        file.pieces(5, 2_999_996, &mut see).expect("pieces");
        assert!(seen == source[5..]);
    }
}

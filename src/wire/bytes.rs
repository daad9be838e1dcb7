//! The bytes themselves: small values with their length in front, and runs of numbers whose length is known.

use crate::error::{Error, Result};
use crate::load::{File, Source, bad};
use crate::weight::{Floats, Storage};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{self, Write};
use std::sync::Arc;

/// What errors call the bytes.
const NAME: &str = "the model that was handed over";
const LETTERS: [u8; 8] = *b"ptmodel:";
/// To be raised with every change of the form.
const VERSION: u64 = 2;
/// A small value of more bytes than this is refused: the longest are chat templates.
const LARGEST_VALUE: u64 = 1 << 24;

/// Writes one thing after the other.
pub struct Writer<'w> {
    out: &'w mut dyn Write,
}

impl<'w> Writer<'w> {
    /// Begins with what every model begins with.
    pub fn new(out: &'w mut dyn Write) -> Result<Self> {
        let mut writer = Self { out };
        writer.bytes(&LETTERS)?;
        writer.bytes(&VERSION.to_le_bytes())?;
        Ok(writer)
    }

    /// Bytes whose number the reader knows.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.out.write_all(bytes).map_err(failed)
    }

    /// Bytes with their number in front.
    pub fn piece(&mut self, bytes: &[u8]) -> Result<()> {
        self.bytes(&(bytes.len() as u64).to_le_bytes())?;
        self.bytes(bytes)
    }

    /// A small value.
    pub fn value(&mut self, value: &impl Serialize) -> Result<()> {
        let bytes = postcard::to_allocvec(value)
            .map_err(|error| failed(io::Error::other(error.to_string())))?;
        self.piece(&bytes)
    }

    /// Whether something is there, and it.
    pub fn optional<T>(
        &mut self,
        value: Option<T>,
        write: impl FnOnce(&mut Self, T) -> Result<()>,
    ) -> Result<()> {
        self.value(&value.is_some())?;
        value.map_or(Ok(()), |value| write(self, value))
    }

    /// Numbers whose count and format the reader knows.
    pub fn floats(&mut self, values: &Floats) -> Result<()> {
        values.write_le_bytes(self.out).map_err(failed)
    }

    /// Numbers of a vector, whose count the reader knows.
    pub fn vector(&mut self, values: &[f32]) -> Result<()> {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
        self.bytes(&bytes.collect::<Vec<_>>())
    }
}

fn failed(source: io::Error) -> Error {
    Error::File {
        path: NAME.into(),
        source,
    }
}

/// The error for a part that cannot be what was written.
pub fn damaged(part: &str) -> Error {
    bad(NAME, format!("{part} cannot be understood"))
}

fn product(count: usize, each: usize) -> Result<u64> {
    let len = (count as u64).checked_mul(each as u64);
    len.ok_or_else(|| damaged("one of its sizes"))
}

/// Reads one thing after the other. Nothing is allocated for bytes that are not there.
pub struct Reader<'a> {
    file: File<'a>,
    at: u64,
}

impl<'a> Reader<'a> {
    /// Checks what every model begins with.
    pub fn new(source: &'a dyn Source) -> Result<Self> {
        let file = File::new(NAME, source)?;
        let mut reader = Self { file, at: 0 };
        if reader.bytes(1, LETTERS.len())? != LETTERS {
            return Err(bad(NAME, "it does not begin as such a model does".into()));
        }
        let version = reader.length()?;
        if version != VERSION {
            return Err(bad(
                NAME,
                format!(
                    "it is in version {version} of its form and this program reads version {VERSION}; reload the page, so \
                     that both sides are the same program"
                ),
            ));
        }
        Ok(reader)
    }

    /// `count` times `each` bytes.
    pub fn bytes(&mut self, count: usize, each: usize) -> Result<Vec<u8>> {
        let len = product(count, each)?;
        self.run(len)
    }

    fn run(&mut self, len: u64) -> Result<Vec<u8>> {
        let bytes = self.file.bytes(self.at, len)?;
        self.at += len;
        Ok(bytes)
    }

    fn length(&mut self) -> Result<u64> {
        let mut length = [0; 8];
        self.file.read(self.at, &mut length)?;
        self.at += 8;
        Ok(u64::from_le_bytes(length))
    }

    /// Bytes with their number in front.
    pub fn piece(&mut self) -> Result<Vec<u8>> {
        let len = self.length()?;
        self.run(len)
    }

    /// A small value.
    pub fn value<T: DeserializeOwned>(&mut self) -> Result<T> {
        let len = self.length()?;
        if len > LARGEST_VALUE {
            return Err(damaged("one of its values"));
        }
        let bytes = self.run(len)?;
        match postcard::take_from_bytes(&bytes) {
            Ok((value, [])) => Ok(value),
            _ => Err(damaged("one of its values")),
        }
    }

    /// What may be there.
    pub fn optional<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<Option<T>> {
        let is_there = self.value::<bool>()?;
        is_there.then(|| read(self)).transpose()
    }

    /// `count` numbers of a format.
    pub fn floats(&mut self, storage: Storage, count: usize) -> Result<Floats> {
        let len = product(count, storage.bytes())?;
        let values = self.file.floats(storage, self.at, len)?;
        self.at += len;
        Ok(values)
    }

    /// `len` numbers of a vector.
    pub fn vector(&mut self, len: usize) -> Result<Arc<[f32]>> {
        let mut values = vec![0.0; len];
        self.floats(Storage::F32, len)?.read(0, &mut values);
        Ok(values.into())
    }

    /// An error where something follows.
    pub fn finish(self) -> Result<()> {
        match self.file.size - self.at {
            0 => Ok(()),
            more => Err(bad(NAME, format!("{more} bytes follow its last part"))),
        }
    }
}

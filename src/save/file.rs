//! Files that are written piece by piece: their lengths are known before the first byte.

use std::io::{self, Write};

/// Writes the bytes of a part.
pub(super) type Fill<'m> = Box<dyn Fn(&mut dyn Write) -> io::Result<()> + 'm>;

/// A file of a model. Its bytes are made while they are written: never more than one tensor of it is in memory.
pub struct File<'m> {
    pub name: String,
    parts: Vec<(u64, Fill<'m>)>,
}

impl<'m> File<'m> {
    /// A file that holds these bytes.
    pub(super) fn new(name: &str, bytes: Vec<u8>) -> Self {
        let mut file = Self {
            name: name.to_owned(),
            parts: Vec::new(),
        };
        file.push(bytes.len() as u64, fixed(bytes));
        file
    }

    /// Adds `size` bytes, which `fill` writes.
    pub(super) fn push(&mut self, size: u64, fill: Fill<'m>) {
        self.parts.push((size, fill));
    }

    /// Length in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.parts.iter().map(|(size, _)| size).sum()
    }

    /// Writes the whole file.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for (size, fill) in &self.parts {
            let mut counted = Counted { out, count: 0 };
            fill(&mut counted)?;
            if counted.count != *size {
                return Err(io::Error::other("a tensor is not as long as was said"));
            }
        }
        Ok(())
    }
}

pub(super) fn fixed<'m>(bytes: Vec<u8>) -> Fill<'m> {
    Box::new(move |out| out.write_all(&bytes))
}

struct Counted<'w> {
    out: &'w mut dyn Write,
    count: u64,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.count += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

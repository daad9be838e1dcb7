//! The header of a GGUF file: counts, lengths and offsets are bounded by the file before anything is allocated.

use super::form::Form;
use super::types;
use crate::error::{Error, Result};
use crate::load::source::{File, bad};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What a file says of itself, by key.
pub type Metadata = Map<String, Value>;

/// Headers of more bytes, and of more list entries, than these are refused.
const LARGEST_HEADER: u64 = 1 << 27;
const LARGEST_LISTS: u64 = 1 << 22;
/// Texts of more bytes than this are refused.
const LARGEST_TEXT: u64 = 1 << 22;
const MOST_ENTRIES: u64 = 1 << 16;

/// Where a tensor lies and how it is stored.
#[derive(Debug, Clone)]
pub struct Tensor {
    /// Outermost dimension first.
    pub shape: Vec<usize>,
    pub form: Form,
    /// Which part of a split file holds it.
    pub part: usize,
    /// From the beginning of that file.
    pub start: u64,
    /// In bytes.
    pub len: u64,
}

pub struct Header {
    pub metadata: Metadata,
    pub tensors: BTreeMap<String, Tensor>,
}

impl Header {
    pub fn read(file: &File) -> Result<Self> {
        let mut bytes = Bytes::new(file);
        if bytes.take::<4>()? != *b"GGUF" {
            return Err(bad(file.name, "it does not begin with GGUF".into()));
        }
        let version = bytes.u32()?;
        if matches!(version.swap_bytes(), 2 | 3) {
            let problem = "it is big-endian, made for machines that write numbers the other way round; convert it with \
                           gguf_convert_endian.py of llama.cpp, or choose the usual little-endian file";
            return Err(bad(file.name, problem.into()));
        }
        if !matches!(version, 2 | 3) {
            return Err(bad(
                file.name,
                format!("it has version {version} of the format; 2 and 3 can be read"),
            ));
        }
        let [tensors, entries] = [bytes.u64()?, bytes.u64()?];
        if tensors.max(entries) > MOST_ENTRIES {
            return Err(bad(
                file.name,
                format!(
                    "its header announces {tensors} tensors and {entries} entries, which no model has"
                ),
            ));
        }
        let mut metadata = Metadata::new();
        for _ in 0..entries {
            let key = bytes.text()?;
            let kind = bytes.u32()?;
            let value = bytes.value(kind)?;
            metadata.insert(key, value);
        }
        let mut infos = Vec::new();
        for _ in 0..tensors {
            infos.push(bytes.info()?);
        }
        let alignment = alignment(file, &metadata)?;
        let data = bytes.position.next_multiple_of(alignment);
        Ok(Self {
            metadata,
            tensors: placed(file, infos, data, alignment)?,
        })
    }
}

fn alignment(file: &File, metadata: &Metadata) -> Result<u64> {
    const KEY: &str = "general.alignment";
    match metadata.get(KEY) {
        None => Ok(32),
        Some(value) => value
            .as_u64()
            .filter(|alignment| alignment.is_power_of_two() && *alignment <= 1 << 16)
            .ok_or_else(|| bad(file.name, format!("its {KEY} is {value}"))),
    }
}

struct Info {
    name: String,
    shape: Vec<usize>,
    form: Form,
    offset: u64,
    len: u64,
}

/// Tensors at their places, which must lie in the file and not overlap.
fn placed(
    file: &File,
    mut infos: Vec<Info>,
    data: u64,
    alignment: u64,
) -> Result<BTreeMap<String, Tensor>> {
    infos.sort_by_key(|info| info.offset);
    let mut tensors = BTreeMap::new();
    let mut free = 0;
    for info in infos {
        let refuse = |problem| bad(file.name, format!("tensor {} {problem}", info.name));
        if info.offset < free || !info.offset.is_multiple_of(alignment) {
            return Err(refuse("overlaps another or is not aligned"));
        }
        let end = info.offset.checked_add(info.len);
        let end = end.and_then(|end| Some((end, end.checked_add(data)?)));
        let Some((end, last)) = end else {
            return Err(refuse("lies beyond any file"));
        };
        if last > file.size {
            return Err(Error::Truncated {
                file: file.name.to_owned(),
                expected: last,
                actual: file.size,
            });
        }
        free = end;
        let tensor = Tensor {
            shape: info.shape,
            form: info.form,
            part: 0,
            start: data + info.offset,
            len: info.len,
        };
        if tensors.insert(info.name.clone(), tensor).is_some() {
            return Err(refuse("is there twice"));
        }
    }
    Ok(tensors)
}

/// Reads a file from its beginning on.
struct Bytes<'f> {
    file: &'f File<'f>,
    position: u64,
    /// Bytes of the file from `start` on.
    buffer: Vec<u8>,
    start: u64,
    /// List entries so far.
    listed: u64,
}

impl<'f> Bytes<'f> {
    fn new(file: &'f File<'f>) -> Self {
        Self {
            file,
            position: 0,
            buffer: Vec::new(),
            start: 0,
            listed: 0,
        }
    }

    /// The next `len` bytes, as a range of the buffer.
    fn next(&mut self, len: u64) -> Result<&[u8]> {
        const PIECE: u64 = 1 << 16;
        let end = self.position.saturating_add(len);
        if end > LARGEST_HEADER {
            return Err(bad(
                self.file.name,
                format!("its header has more than {LARGEST_HEADER} bytes, which no model has"),
            ));
        }
        if end > self.start + self.buffer.len() as u64 {
            let left = self.file.size.saturating_sub(self.position);
            let piece = len.max(left.min(PIECE));
            self.buffer = self.file.bytes(self.position, piece)?;
            self.start = self.position;
        }
        let place = usize::try_from(self.position - self.start).unwrap_or(0);
        let len = usize::try_from(len).unwrap_or(0);
        self.position = end;
        Ok(&self.buffer[place..place + len])
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut taken = [0; N];
        taken.copy_from_slice(self.next(N as u64)?);
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.take()?))
    }

    fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.take()?))
    }

    fn text(&mut self) -> Result<String> {
        let len = self.u64()?;
        if len > LARGEST_TEXT {
            return Err(bad(
                self.file.name,
                format!("its header announces a text of {len} bytes, which no model has"),
            ));
        }
        // A token may be a part of a character.
        Ok(String::from_utf8_lossy(self.next(len)?).into_owned())
    }

    fn value(&mut self, kind: u32) -> Result<Value> {
        const LIST: u32 = 9;
        if kind != LIST {
            return self.single(kind);
        }
        let (kind, count) = (self.u32()?, self.u64()?);
        self.listed = self.listed.saturating_add(count);
        if self.listed > LARGEST_LISTS {
            return Err(bad(
                self.file.name,
                format!("its lists have {} entries, which no model has", self.listed),
            ));
        }
        let mut list = Vec::new();
        for _ in 0..count {
            list.push(self.single(kind)?);
        }
        Ok(Value::Array(list))
    }

    fn single(&mut self, kind: u32) -> Result<Value> {
        Ok(match kind {
            0 => self.take::<1>()?[0].into(),
            1 => i8::from_le_bytes(self.take()?).into(),
            2 => u16::from_le_bytes(self.take()?).into(),
            3 => i16::from_le_bytes(self.take()?).into(),
            4 => self.u32()?.into(),
            5 => i32::from_le_bytes(self.take()?).into(),
            6 => f32::from_le_bytes(self.take()?).into(),
            7 => (self.take::<1>()?[0] != 0).into(),
            8 => self.text()?.into(),
            10 => self.u64()?.into(),
            11 => i64::from_le_bytes(self.take()?).into(),
            12 => f64::from_le_bytes(self.take()?).into(),
            _ => {
                return Err(bad(
                    self.file.name,
                    format!("its header holds a value of the unknown type {kind}"),
                ));
            }
        })
    }

    fn info(&mut self) -> Result<Info> {
        let name = self.text()?;
        let dimensions = self.u32()?;
        if !(1..=4).contains(&dimensions) {
            return Err(bad(
                self.file.name,
                format!("tensor {name} has {dimensions} dimensions; 1 to 4 are possible"),
            ));
        }
        let mut shape = Vec::new();
        for _ in 0..dimensions {
            shape.push(usize::try_from(self.u64()?).unwrap_or(usize::MAX));
        }
        let (kind, offset) = (self.u32()?, self.u64()?);
        let form = Form::of(kind).ok_or_else(|| {
            let read = "F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0 and Q2_K to Q6_K can be read";
            bad(
                self.file.name,
                format!("tensor {name} is stored as {}; {read}", types::name(kind)),
            )
        })?;
        // In 64 bits: on 32 a matrix of 4 GB would count as an impossible one.
        let weights = shape
            .iter()
            .try_fold(1u64, |all, size| all.checked_mul(*size as u64));
        let blocks = weights.filter(|_| shape[0].is_multiple_of(form.weights));
        let blocks = blocks.map(|weights| weights / form.weights as u64);
        let len = blocks.and_then(|blocks| blocks.checked_mul(form.bytes as u64));
        let Some(len) = len else {
            return Err(bad(
                self.file.name,
                format!("tensor {name} has the impossible shape {shape:?}"),
            ));
        };
        shape.reverse();
        Ok(Info {
            name,
            shape,
            form,
            offset,
            len,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header with one list and one tensor of two f32, and its data.
    fn file() -> Vec<u8> {
        let mut bytes = b"GGUF".to_vec();
        bytes.extend(3u32.to_le_bytes());
        bytes.extend([1u64, 1].map(u64::to_le_bytes).concat());
        bytes.extend(text("key"));
        bytes.extend([9u32, 4].map(u32::to_le_bytes).concat());
        bytes.extend(2u64.to_le_bytes());
        bytes.extend([7u32, 8].map(u32::to_le_bytes).concat());
        bytes.extend(text("t"));
        bytes.extend(1u32.to_le_bytes());
        bytes.extend(2u64.to_le_bytes());
        bytes.extend(0u32.to_le_bytes());
        bytes.extend(0u64.to_le_bytes());
        bytes.resize(bytes.len().next_multiple_of(32) + 8, 0);
        bytes
    }

    fn text(text: &str) -> Vec<u8> {
        [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat()
    }

    fn read(bytes: &Vec<u8>) -> Result<Header> {
        Header::read(&File::new("a.gguf", bytes)?)
    }

    #[test]
    fn a_good_header_is_read() {
        let header = read(&file()).expect("a header");
        assert_eq!(header.metadata["key"], serde_json::json!([7, 8]));
        assert_eq!(header.tensors["t"].shape, [2]);
        assert_eq!(header.tensors["t"].len, 8);
    }

    #[test]
    fn a_file_that_is_cut_off_is_an_error_wherever_it_is_cut() {
        let file = file();
        for end in 0..file.len() {
            let error = read(&file[..end].to_vec())
                .err()
                .expect("cut off")
                .to_string();
            assert!(error.contains("cut off"), "{end}: {error}");
        }
    }

    #[test]
    fn giant_counts_are_refused_without_being_allocated() {
        // Tensors, entries, the key, the list, the name, the dimension.
        for place in [8, 16, 24, 43, 59, 72] {
            for count in [u64::MAX, u64::MAX / 8, 1 << 40] {
                let mut bytes = file();
                bytes[place..place + 8].copy_from_slice(&count.to_le_bytes());
                assert!(read(&bytes).is_err(), "{count} at {place}");
            }
        }
    }

    #[test]
    fn a_big_endian_file_is_called_that() {
        for version in [2u32, 3] {
            let mut bytes = file();
            bytes[4..8].copy_from_slice(&version.to_be_bytes());
            let error = read(&bytes).err().expect("refused").to_string();
            assert!(error.contains("big-endian"), "{error}");
        }
    }

    #[test]
    fn other_versions_types_and_places_are_refused() {
        for (place, byte, part) in [
            (0, b'g', "begin with GGUF"),
            (4, 1, "version 1"),
            (4, 0, "version 0"),
            (35, 77, "unknown type 77"),
            (68, 9, "9 dimensions"),
            (80, 4, "ggml type 4"),
            (80, 16, "stored as IQ2_XXS"),
            (84, 1, "not aligned"),
            (84, 32, "cut off"),
        ] {
            let mut bytes = file();
            bytes[place] = byte;
            let error = read(&bytes).err().expect(part).to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}

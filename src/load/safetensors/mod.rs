//! Reads tensors out of safetensors files.

mod header;
mod shards;

use super::source::accidents;
use super::source::{File, bad};
use crate::error::{Error, Result};
use crate::weight::{Floats, Storage};
use header::{Header, Tensor};
use safetensors::tensor::Dtype;

pub(super) use shards::Shards;

/// A header of more bytes than this is refused (the limit of the safetensors crate).
const LARGEST_HEADER: u64 = 100_000_000;
/// An index of more bytes than this is refused.
const LARGEST_INDEX: u64 = 50_000_000;

/// A file whose header has been checked against its length.
pub(super) struct Archive<'a> {
    file: File<'a>,
    header: Header,
    /// Where the first tensor begins.
    data: u64,
}

impl<'a> Archive<'a> {
    /// Checks the header of a file.
    pub fn open(file: File<'a>) -> Result<Self> {
        let truncated = |expected| Error::Truncated {
            file: file.name.to_owned(),
            expected,
            actual: file.size,
        };
        accidents::check(&file)?;
        if file.size < 8 {
            return Err(truncated(8));
        }
        let mut length = [0; 8];
        file.read(0, &mut length)?;
        let length = u64::from_le_bytes(length);
        if length > LARGEST_HEADER {
            return Err(bad(
                file.name,
                format!(
                    "its first 8 bytes announce a header of {length} bytes, which no model has"
                ),
            ));
        }
        let data = length + 8;
        if file.size < data {
            return Err(truncated(data));
        }
        let header = Header::parse(&file.bytes(8, length)?)
            .map_err(|problem| bad(file.name, format!("its header is damaged ({problem})")))?;
        let expected = data.saturating_add(header.len);
        if file.size < expected {
            return Err(truncated(expected));
        }
        if file.size > expected {
            return Err(bad(
                file.name,
                format!("{} bytes follow its last tensor", file.size - expected),
            ));
        }
        Ok(Self { file, header, data })
    }

    fn info(&self, name: &str) -> Result<&Tensor> {
        let info = self.header.tensors.get(name);
        info.ok_or_else(|| Error::MissingTensor {
            file: self.file.name.to_owned(),
            tensor: name.to_owned(),
        })
    }

    /// What the header says of a tensor, which must have this shape.
    fn checked(&self, name: &str, shape: &[usize]) -> Result<&Tensor> {
        let info = self.info(name)?;
        if info.shape != shape {
            return Err(Error::WrongShape {
                tensor: name.to_owned(),
                expected: shape.to_vec(),
                found: info.shape.clone(),
            });
        }
        Ok(info)
    }

    /// Where a tensor begins in the file.
    fn start(&self, info: &Tensor) -> u64 {
        self.data + info.place[0]
    }

    /// The bytes of one tensor, which must be of this type.
    pub fn bytes(&self, name: &str, dtype: Dtype) -> Result<Vec<u8>> {
        let info = self.info(name)?;
        if info.dtype != dtype {
            return Err(bad(
                self.file.name,
                format!("{name} is stored as {:?}; {dtype:?} is needed", info.dtype),
            ));
        }
        self.file.bytes(self.start(info), info.len())
    }

    /// The number format of one tensor, which must have this shape.
    fn storage(&self, name: &str, shape: &[usize]) -> Result<Storage> {
        let info = self.checked(name, shape)?;
        info.storage().ok_or_else(|| Error::UnsupportedDtype {
            tensor: name.to_owned(),
            dtype: format!("{:?}", info.dtype),
        })
    }

    /// The values of one tensor, which must have this shape.
    pub fn tensor(&self, name: &str, shape: &[usize]) -> Result<Floats> {
        let storage = self.storage(name, shape)?;
        let info = self.info(name)?;
        self.file.floats(storage, self.start(info), info.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn archive(header: &str, data: usize) -> Vec<u8> {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes.resize(bytes.len() + data, 0);
        bytes
    }

    fn refusal(bytes: &[u8]) -> String {
        let bytes = bytes.to_vec();
        match File::new("model.safetensors", &bytes).and_then(Archive::open) {
            Ok(_) => panic!("a bad file was accepted"),
            Err(error) => error.to_string(),
        }
    }

    pub const ONE: &str = r#"{"a":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]}}"#;

    #[test]
    fn a_good_file_gives_its_tensors() {
        let bytes = archive(ONE, 12);
        let archive = File::new("model.safetensors", &bytes)
            .and_then(Archive::open)
            .expect("a good file");
        assert_eq!(archive.tensor("a", &[2, 3]).expect("a tensor").len(), 6);
        assert!(matches!(
            archive.tensor("b", &[2, 3]),
            Err(Error::MissingTensor { .. })
        ));
        assert!(matches!(
            archive.tensor("a", &[3, 2]),
            Err(Error::WrongShape { .. })
        ));
    }

    #[test]
    fn a_file_that_is_cut_off_says_so_wherever_it_is_cut() {
        let bytes = archive(ONE, 12);
        for end in 0..bytes.len() {
            let error = refusal(&bytes[..end]);
            let expected = if end == 0 { "empty" } else { "cut off" };
            assert!(error.contains(expected), "{end}: {error}");
        }
    }

    #[test]
    fn a_giant_header_is_refused_without_being_allocated() {
        for length in [1u64 << 60, u64::MAX, LARGEST_HEADER + 1] {
            assert!(refusal(&length.to_le_bytes()).contains("announce"));
        }
    }

    #[test]
    fn headers_that_contradict_themselves_are_refused() {
        for (header, data) in [
            ("[]", 0),
            ("{", 0),
            (
                r#"{"a":{"dtype":"F16","shape":[2,3],"data_offsets":[0,11]}}"#,
                11,
            ),
            (
                r#"{"a":{"dtype":"F16","shape":[2,3],"data_offsets":[4,16]}}"#,
                16,
            ),
            (
                r#"{"a":{"dtype":"F16","shape":[2,3],"data_offsets":[12,0]}}"#,
                12,
            ),
            (
                r#"{"a":{"dtype":"F16","shape":[4294967296,4294967296],"data_offsets":[0,12]}}"#,
                12,
            ),
            (
                r#"{"a":{"dtype":"X9","shape":[2,3],"data_offsets":[0,12]}}"#,
                12,
            ),
        ] {
            assert!(
                refusal(&archive(header, data)).contains("damaged"),
                "{header}"
            );
        }
        assert!(refusal(&archive(ONE, 13)).contains("follow its last tensor"));
    }

    #[test]
    fn whole_numbers_are_not_weights() {
        let header = r#"{"a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}}"#;
        let bytes = archive(header, 4);
        let archive = File::new("model.safetensors", &bytes)
            .and_then(Archive::open)
            .expect("a good file");
        assert!(matches!(
            archive.tensor("a", &[1]),
            Err(Error::UnsupportedDtype { .. })
        ));
    }
}

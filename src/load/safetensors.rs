//! Reads tensors out of a safetensors file; the safetensors crate checks that offsets tile the file.

use crate::error::{Error, Result};
use crate::weight::{Floats, Storage};
use safetensors::tensor::{Dtype, Metadata, TensorInfo};

/// A header of more bytes than this is refused (the limit of the safetensors crate).
const LARGEST_HEADER: u64 = 100_000_000;

/// A file whose header has been checked against its length.
pub(super) struct Archive<'a> {
    file: &'static str,
    metadata: Metadata,
    data: &'a [u8],
}

impl<'a> Archive<'a> {
    /// Checks the header of `bytes`.
    pub fn open(file: &'static str, bytes: &'a [u8]) -> Result<Self> {
        let Some((length, rest)) = bytes.split_first_chunk() else {
            return Err(truncated(file, 8, bytes.len() as u64));
        };
        let length = u64::from_le_bytes(*length);
        if length > LARGEST_HEADER {
            return Err(bad(
                file,
                format!(
                    "its first 8 bytes announce a header of {length} bytes, which no model has"
                ),
            ));
        }
        let header = usize::try_from(length)
            .ok()
            .and_then(|length| rest.get(..length));
        let Some(header) = header else {
            return Err(truncated(file, length + 8, bytes.len() as u64));
        };
        let metadata: Metadata = serde_json::from_slice(header)
            .map_err(|error| bad(file, format!("its header is damaged ({error})")))?;
        let data = &rest[header.len()..];
        let (expected, actual) = (metadata.data_len() as u64, data.len() as u64);
        if actual < expected {
            return Err(truncated(file, expected + length + 8, bytes.len() as u64));
        }
        if actual > expected {
            return Err(bad(
                file,
                format!("{} bytes follow its last tensor", actual - expected),
            ));
        }
        Ok(Self {
            file,
            metadata,
            data,
        })
    }

    /// Whether there is a tensor of this name.
    pub fn has(&self, name: &str) -> bool {
        self.metadata.info(name).is_some()
    }

    fn info(&self, name: &str) -> Result<&TensorInfo> {
        self.metadata
            .info(name)
            .ok_or_else(|| Error::MissingTensor {
                file: self.file.to_owned(),
                tensor: name.to_owned(),
            })
    }

    /// The bytes of one tensor, which must be of this type.
    pub fn bytes(&self, name: &str, dtype: Dtype) -> Result<&'a [u8]> {
        let info = self.info(name)?;
        if info.dtype != dtype {
            return Err(bad(
                self.file,
                format!("{name} is stored as {:?}; {dtype:?} is needed", info.dtype),
            ));
        }
        let (start, end) = info.data_offsets;
        Ok(&self.data[start..end])
    }

    /// The values of one tensor, which must have this shape.
    pub fn tensor(&self, name: &str, shape: &[usize]) -> Result<Floats> {
        let info = self.info(name)?;
        if info.shape != shape {
            return Err(Error::WrongShape {
                tensor: name.to_owned(),
                expected: shape.to_vec(),
                found: info.shape.clone(),
            });
        }
        let storage = match info.dtype {
            Dtype::F32 => Storage::F32,
            Dtype::F16 => Storage::F16,
            Dtype::BF16 => Storage::BF16,
            other => {
                return Err(Error::UnsupportedDtype {
                    tensor: name.to_owned(),
                    dtype: format!("{other:?}"),
                });
            }
        };
        let (start, end) = info.data_offsets;
        Ok(Floats::from_le_bytes(storage, &self.data[start..end]))
    }
}

fn truncated(file: &str, expected: u64, actual: u64) -> Error {
    Error::Truncated {
        file: file.to_owned(),
        expected,
        actual,
    }
}

fn bad(file: &str, problem: String) -> Error {
    Error::BadFile {
        file: file.to_owned(),
        problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(header: &str, data: usize) -> Vec<u8> {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes.resize(bytes.len() + data, 0);
        bytes
    }

    fn refusal(bytes: &[u8]) -> String {
        match Archive::open("model.safetensors", bytes) {
            Ok(_) => panic!("a bad file was accepted"),
            Err(error) => error.to_string(),
        }
    }

    const ONE: &str = r#"{"a":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]}}"#;

    #[test]
    fn a_good_file_gives_its_tensors() {
        let bytes = archive(ONE, 12);
        let archive = Archive::open("model.safetensors", &bytes).expect("a good file");
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
            assert!(error.contains("cut off"), "{end}: {error}");
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
        let archive = Archive::open("model.safetensors", &bytes).expect("a good file");
        assert!(matches!(
            archive.tensor("a", &[1]),
            Err(Error::UnsupportedDtype { .. })
        ));
    }
}

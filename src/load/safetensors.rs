//! Reads tensors out of safetensors files; the safetensors crate checks that offsets tile a file.

use super::source::{File, bad};
use crate::error::{Error, Result};
use crate::weight::{Floats, Storage};
use safetensors::tensor::{Dtype, Metadata, TensorInfo};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A header of more bytes than this is refused (the limit of the safetensors crate).
const LARGEST_HEADER: u64 = 100_000_000;
/// An index of more bytes than this is refused.
const LARGEST_INDEX: u64 = 50_000_000;

/// A file whose header has been checked against its length.
pub(super) struct Archive<'a> {
    file: File<'a>,
    metadata: Metadata,
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
        let header = file.bytes(8, length)?;
        let metadata: Metadata = serde_json::from_slice(&header)
            .map_err(|error| bad(file.name, format!("its header is damaged ({error})")))?;
        let expected = data + metadata.data_len() as u64;
        if file.size < expected {
            return Err(truncated(expected));
        }
        if file.size > expected {
            return Err(bad(
                file.name,
                format!("{} bytes follow its last tensor", file.size - expected),
            ));
        }
        Ok(Self {
            file,
            metadata,
            data,
        })
    }

    fn info(&self, name: &str) -> Result<&TensorInfo> {
        self.metadata
            .info(name)
            .ok_or_else(|| Error::MissingTensor {
                file: self.file.name.to_owned(),
                tensor: name.to_owned(),
            })
    }

    fn place(&self, info: &TensorInfo) -> (u64, u64) {
        let (start, end) = info.data_offsets;
        (self.data + start as u64, (end - start) as u64)
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
        let (start, len) = self.place(info);
        self.file.bytes(start, len)
    }

    /// The number format of one tensor, which must have this shape.
    fn storage(&self, name: &str, shape: &[usize]) -> Result<Storage> {
        let info = self.info(name)?;
        if info.shape != shape {
            return Err(Error::WrongShape {
                tensor: name.to_owned(),
                expected: shape.to_vec(),
                found: info.shape.clone(),
            });
        }
        match info.dtype {
            Dtype::F32 => Ok(Storage::F32),
            Dtype::F16 => Ok(Storage::F16),
            Dtype::BF16 => Ok(Storage::BF16),
            other => Err(Error::UnsupportedDtype {
                tensor: name.to_owned(),
                dtype: format!("{other:?}"),
            }),
        }
    }

    /// The values of one tensor, which must have this shape.
    pub fn tensor(&self, name: &str, shape: &[usize]) -> Result<Floats> {
        let storage = self.storage(name, shape)?;
        let (start, len) = self.place(self.info(name)?);
        let mut values = Floats::with_capacity(storage, shape.iter().product());
        self.file
            .pieces(start, len, &mut |piece| values.extend_from_le_bytes(piece))?;
        Ok(values)
    }
}

/// The files of one model: a single one, or several with an index.
pub(super) struct Shards<'a> {
    archives: Vec<Archive<'a>>,
    /// Which file holds a tensor.
    home: BTreeMap<String, usize>,
}

impl<'a> Shards<'a> {
    /// The one file of a model that is not sharded.
    pub fn open(file: File<'a>) -> Result<Self> {
        Self::new(vec![Archive::open(file)?])
    }

    /// The files that an index names, by `find`.
    pub fn open_index(index: &File, find: &dyn Fn(&str) -> Option<File<'a>>) -> Result<Self> {
        let text = index.whole(LARGEST_INDEX)?;
        let json: Value = serde_json::from_slice(&text)
            .map_err(|error| bad(index.name, format!("it is not JSON ({error})")))?;
        let map = json["weight_map"].as_object();
        let map = map.filter(|map| map.values().all(Value::is_string));
        let map = map.ok_or_else(|| {
            bad(
                index.name,
                "its weight_map must give the file of each tensor".into(),
            )
        })?;
        let names: BTreeSet<&str> = map.values().filter_map(Value::as_str).collect();
        if names.is_empty() {
            return Err(bad(index.name, "it names no shard".into()));
        }
        let mut archives = Vec::new();
        for name in names {
            let file = find(name).ok_or_else(|| {
                bad(
                    index.name,
                    format!("it names the file {name}, and {name} is missing"),
                )
            })?;
            archives.push(Archive::open(file)?);
        }
        let shards = Self::new(archives)?;
        shards.check_index(map)?;
        Ok(shards)
    }

    /// Bytes of one tensor in its file; `None` where there is none of this name.
    pub fn size(&self, name: &str) -> Option<usize> {
        let info = self.archives[*self.home.get(name)?].metadata.info(name)?;
        Some(info.data_offsets.1 - info.data_offsets.0)
    }

    fn new(archives: Vec<Archive<'a>>) -> Result<Self> {
        let mut home = BTreeMap::new();
        for (i, archive) in archives.iter().enumerate() {
            for name in archive.metadata.tensors().into_keys() {
                if let Some(other) = home.insert(name.clone(), i) {
                    let other: &Archive = &archives[other];
                    let problem = format!(
                        "tensor {name} is in {} and in {}",
                        other.file.name, archive.file.name
                    );
                    return Err(bad(archive.file.name, problem));
                }
            }
        }
        Ok(Self { archives, home })
    }

    /// Whether each tensor is where the index says.
    fn check_index(&self, map: &Map<String, Value>) -> Result<()> {
        for (tensor, file) in map {
            let home = self.home.get(tensor).map(|i| self.archives[*i].file.name);
            if home != file.as_str() {
                return Err(Error::MissingTensor {
                    file: file.as_str().unwrap_or_default().to_owned(),
                    tensor: tensor.clone(),
                });
            }
        }
        Ok(())
    }

    /// Whether there is a tensor of this name.
    pub fn has(&self, name: &str) -> bool {
        self.home.contains_key(name)
    }

    /// Every tensor's number format and its bytes.
    pub fn types(&self) -> Vec<(String, u64)> {
        let tensors = self.archives.iter().flat_map(|archive| {
            let infos = archive.metadata.tensors().into_values();
            infos.map(|info| {
                let (start, end) = info.data_offsets;
                (format!("{:?}", info.dtype), (end - start) as u64)
            })
        });
        tensors.collect()
    }

    /// Every file.
    pub fn files(&self) -> impl Iterator<Item = File<'a>> {
        self.archives.iter().map(|archive| archive.file)
    }

    fn archive(&self, name: &str) -> Result<&Archive<'a>> {
        let home = self.home.get(name).map(|i| &self.archives[*i]);
        home.ok_or_else(|| Error::MissingTensor {
            file: self.archives[0].file.name.to_owned(),
            tensor: name.to_owned(),
        })
    }

    /// The bytes of one tensor, which must be of this type.
    pub fn bytes(&self, name: &str, dtype: Dtype) -> Result<Vec<u8>> {
        self.archive(name)?.bytes(name, dtype)
    }

    /// The number format of one tensor, which must have this shape.
    pub fn storage(&self, name: &str, shape: &[usize]) -> Result<Storage> {
        self.archive(name)?.storage(name, shape)
    }

    /// The values of one tensor, which must have this shape.
    pub fn tensor(&self, name: &str, shape: &[usize]) -> Result<Floats> {
        self.archive(name)?.tensor(name, shape)
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
        let bytes = bytes.to_vec();
        match File::new("model.safetensors", &bytes).and_then(Archive::open) {
            Ok(_) => panic!("a bad file was accepted"),
            Err(error) => error.to_string(),
        }
    }

    const ONE: &str = r#"{"a":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]}}"#;

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
        let archive = File::new("model.safetensors", &bytes)
            .and_then(Archive::open)
            .expect("a good file");
        assert!(matches!(
            archive.tensor("a", &[1]),
            Err(Error::UnsupportedDtype { .. })
        ));
    }

    fn shards(files: &[(&str, Vec<u8>)], index: &str) -> Result<Vec<String>> {
        let index = index.as_bytes().to_vec();
        let index = File::new("model.safetensors.index.json", &index)?;
        let find = |name: &str| {
            let file = files.iter().find(|(file, _)| *file == name);
            file.and_then(|(name, bytes)| File::new(name, bytes).ok())
        };
        let shards = Shards::open_index(&index, &find)?;
        Ok(shards
            .archives
            .iter()
            .map(|shard| shard.file.name.to_owned())
            .collect())
    }

    #[test]
    fn shards_are_what_the_index_says_or_refused() {
        let two = ONE.replace("\"a\"", "\"b\"");
        let files = [
            ("1", archive(ONE, 12)),
            ("2", archive(&two, 12)),
            ("3", archive(ONE, 12)),
        ];
        let good = shards(&files, r#"{"weight_map": {"a": "1", "b": "2"}}"#);
        assert_eq!(good.expect("two shards"), ["1", "2"]);
        for (index, part) in [
            ("{", "not JSON"),
            (r#"{"weight_map": 3}"#, "weight_map"),
            (r#"{"weight_map": {}}"#, "no shard"),
            (r#"{"weight_map": {"a": 1}}"#, "weight_map"),
            (r#"{"weight_map": {"a": "9"}}"#, "9 is missing"),
            (r#"{"weight_map": {"b": "1"}}"#, "has no tensor b"),
            (r#"{"weight_map": {"a": "1", "c": "2"}}"#, "has no tensor c"),
            (r#"{"weight_map": {"a": "1", "b": "1"}}"#, "has no tensor b"),
            (
                r#"{"weight_map": {"a": "1", "b": "2", "c": "3"}}"#,
                "a is in 1 and in 3",
            ),
        ] {
            let error = shards(&files, index).expect_err(index).to_string();
            assert!(error.contains(part), "{index}: {error}");
        }
    }
}

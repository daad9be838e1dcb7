//! The files of one model together.

use super::header::Tensor;
use super::{Archive, LARGEST_INDEX};
use crate::error::{Error, Result};
use crate::load::source::{File, bad};
use crate::weight::{Floats, Storage};
use safetensors::tensor::Dtype;
use serde_json::{Map, Value};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// The files of one model: a single one, or several with an index.
pub struct Shards<'a> {
    archives: Vec<Archive<'a>>,
    /// Where each tensor is.
    home: BTreeMap<String, Home>,
}

/// Which file holds a tensor, and whether its values have been asked for.
struct Home {
    archive: usize,
    is_used: Cell<bool>,
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

    /// The files of a model in parts without an index.
    pub fn open_parts(files: Vec<File<'a>>) -> Result<Self> {
        let archives = files.into_iter().map(Archive::open);
        Self::new(archives.collect::<Result<_>>()?)
    }

    /// Bytes of one tensor in its file; `None` where there is none of this name.
    pub fn size(&self, name: &str) -> Option<u64> {
        Some(self.info(name)?.len())
    }

    /// The shape of one tensor; `None` where there is none of this name.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        Some(&self.info(name)?.shape)
    }

    /// The type of one tensor; `None` where there is none of this name.
    pub fn dtype(&self, name: &str) -> Option<Dtype> {
        Some(self.info(name)?.dtype)
    }

    fn info(&self, name: &str) -> Option<&Tensor> {
        let archive = &self.archives[self.home.get(name)?.archive];
        archive.header.tensors.get(name)
    }

    /// Tensors whose names begin like this.
    pub fn beginning_with(&self, start: &str) -> impl Iterator<Item = &str> {
        let from = self.home.range(start.to_owned()..);
        from.map(|(name, _)| name.as_str())
            .take_while(move |name| name.starts_with(start))
    }

    /// Tensors that nothing has asked for.
    pub fn unused(&self) -> impl Iterator<Item = &str> {
        let unused = self.home.iter().filter(|(_, home)| !home.is_used.get());
        unused.map(|(name, _)| name.as_str())
    }

    /// Whether two tensors hold the same bytes; what they hold counts as read.
    pub fn are_same(&self, one: &str, other: &str) -> Result<bool> {
        let [(a, one), (b, other)] = [(self.archive(one)?, one), (self.archive(other)?, other)];
        let [one, other] = [a.info(one)?, b.info(other)?];
        if one.dtype != other.dtype || one.shape != other.shape {
            return Ok(false);
        }
        let (mut same, mut done, mut problem) = (true, 0, None);
        let mut beside = Vec::new();
        a.file.pieces(a.start(one), one.len(), &mut |piece| {
            if !same || problem.is_some() {
                return;
            }
            beside.resize(piece.len(), 0);
            problem = b.file.read(b.start(other) + done, &mut beside).err();
            same = beside == piece;
            done += piece.len() as u64;
        })?;
        problem.map_or(Ok(same), Err)
    }

    fn new(archives: Vec<Archive<'a>>) -> Result<Self> {
        let mut home = BTreeMap::new();
        for (i, archive) in archives.iter().enumerate() {
            for name in archive.header.tensors.keys() {
                let here = Home {
                    archive: i,
                    is_used: Cell::new(false),
                };
                if let Some(other) = home.insert(name.clone(), here) {
                    let other: &Archive = &archives[other.archive];
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
            let home = self.home.get(tensor).map(|home| home.archive);
            if home.map(|i| self.archives[i].file.name) != file.as_str() {
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
            let infos = archive.header.tensors.values();
            infos.map(|info| (format!("{:?}", info.dtype), info.len()))
        });
        tensors.collect()
    }

    /// Every file.
    pub fn files(&self) -> impl Iterator<Item = File<'a>> {
        self.archives.iter().map(|archive| archive.file)
    }

    fn archive(&self, name: &str) -> Result<&Archive<'a>> {
        let home = self.home.get(name).ok_or_else(|| Error::MissingTensor {
            file: self.archives[0].file.name.to_owned(),
            tensor: name.to_owned(),
        })?;
        home.is_used.set(true);
        Ok(&self.archives[home.archive])
    }

    /// Every tensor whose values are not whole numbers: its name, shape and values.
    pub fn floats(&self) -> Result<Vec<(String, Vec<usize>, Floats)>> {
        let mut all = Vec::new();
        for (name, home) in &self.home {
            let archive = &self.archives[home.archive];
            let info = archive.info(name)?;
            if info.storage().is_some() {
                let values = archive.tensor(name, &info.shape)?;
                all.push((name.clone(), info.shape.clone(), values));
            }
        }
        Ok(all)
    }

    /// The words of one tensor of this shape, four bytes each.
    pub fn words(&self, name: &str, shape: &[usize]) -> Result<Vec<u8>> {
        let archive = self.archive(name)?;
        archive.checked(name, shape)?;
        archive.bytes(name, Dtype::I32)
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
    use super::super::tests::{ONE, archive};
    use super::*;

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
            ("{", "cut off"),
            ("{3}", "not JSON"),
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

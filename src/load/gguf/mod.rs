//! GGUF files (the specification of the ggml project, versions 2 and 3): header, tensors, names.

mod fields;
mod form;
mod header;
mod keys;
mod parts;
mod rope;
mod types;

use super::source::accidents;
use super::source::{File, bad};
use crate::error::{Error, Result};
use crate::weight::ggml::{BlockFormat, Reading};
use crate::weight::{Dense, Floats, Quantized, Storage, Weight};
use form::TensorStorage;
use header::{Header, Tensor};
use std::cell::RefCell;
use std::collections::BTreeSet;

pub(super) use fields::described;
pub(super) use header::Metadata;
pub(super) use keys::refused;
pub(super) use parts::{Candidate, candidates, is_beside};

/// A model whose headers have been checked against the lengths of its files.
pub(super) struct Gguf<'a> {
    /// One file, or the parts of one that was split.
    parts: Vec<File<'a>>,
    header: Header,
    /// Tensors that have been read.
    read: RefCell<BTreeSet<String>>,
}

impl<'a> Gguf<'a> {
    /// Checks that the parts are all there, and puts them together.
    pub fn open(candidate: Candidate<'a>) -> Result<Self> {
        candidate.files.iter().try_for_each(accidents::check)?;
        Ok(Self {
            header: candidate.header()?,
            parts: candidate.files,
            read: RefCell::default(),
        })
    }

    /// The file that holds the metadata.
    pub fn file(&self) -> File<'a> {
        self.parts[0]
    }

    /// Every file, in order.
    pub fn files(&self) -> &[File<'a>] {
        &self.parts
    }

    fn file_of(&self, tensor: &Tensor) -> File<'a> {
        self.parts[tensor.part]
    }

    /// What the file says of itself.
    pub fn metadata(&self) -> &Metadata {
        &self.header.metadata
    }

    /// Frees the lists that the file has of itself, its vocabulary above all, before the weights are read.
    pub fn forget_lists(&mut self) {
        self.header.metadata.retain(|_, value| !value.is_array());
    }

    /// What llama.cpp calls models of this kind; empty where nothing is said.
    fn architecture(&self) -> &str {
        self.header.text("general.architecture")
    }

    fn is_projector(&self) -> bool {
        self.header.is_projector()
    }

    /// Whether there is a tensor of this name.
    pub fn has(&self, name: &str) -> bool {
        self.header.tensors.contains_key(name)
    }

    /// Bytes that a matrix of this shape takes in the file and in memory.
    pub fn extent(&self, name: &str, shape: [usize; 2]) -> Result<(u64, u64)> {
        let tensor = self.checked(name, &shape)?;
        let bytes = match tensor.form.kind {
            TensorStorage::Floats(_) => Some(tensor.len),
            TensorStorage::Blocks(format) => format.memory_bytes(shape),
        };
        let bytes = bytes.ok_or_else(|| self.broken(name, tensor))?;
        Ok((tensor.len, bytes))
    }

    /// Every tensor's number format and its bytes.
    pub fn types(&self) -> Vec<(String, u64)> {
        let tensors = self.header.tensors.values();
        tensors
            .map(|tensor| (tensor.form.name().to_owned(), tensor.len))
            .collect()
    }

    /// An error where the file has tensors that were not read: a model without them would be another one.
    pub fn check_all_read(&self) -> Result<()> {
        const SHOWN: usize = 3;
        let read = self.read.borrow();
        // Tables that older converters wrote of what follows from the metadata.
        let harmless = |name: &str| name.contains(".attn_rot_embd");
        let left = self.header.tensors.keys();
        let left: Vec<&str> = left
            .map(String::as_str)
            .filter(|name| !read.contains(*name) && !harmless(name))
            .collect();
        if left.is_empty() {
            return Ok(());
        }
        let more = match left.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Err(Error::Unsupported {
            file: self.file().name.to_owned(),
            what: format!(
                "tensor {}{more} in a model of the architecture {}",
                left[..left.len().min(SHOWN)].join(", "),
                self.architecture()
            ),
        })
    }

    fn tensor(&self, name: &str) -> Result<&Tensor> {
        self.header
            .tensors
            .get(name)
            .ok_or_else(|| Error::MissingTensor {
                file: self.file().name.to_owned(),
                tensor: name.to_owned(),
            })
    }

    fn checked(&self, name: &str, shape: &[usize]) -> Result<&Tensor> {
        let tensor = self.tensor(name)?;
        if tensor.shape != shape {
            return Err(Error::WrongShape {
                tensor: name.to_owned(),
                expected: shape.to_vec(),
                found: tensor.shape.clone(),
            });
        }
        self.read.borrow_mut().insert(name.to_owned());
        Ok(tensor)
    }

    fn broken(&self, name: &str, tensor: &Tensor) -> Error {
        let form = tensor.form.name();
        let problem = format!("{name} does not consist of whole and valid blocks of {form}");
        bad(self.file().name, problem)
    }

    /// The values of a vector.
    pub fn vector(&self, name: &str, len: usize) -> Result<Floats> {
        let tensor = self.checked(name, &[len])?;
        match tensor.form.kind {
            TensorStorage::Floats(storage) => self.floats(tensor, storage, len),
            TensorStorage::Blocks(_) => Err(bad(
                self.file().name,
                format!("{name} is quantized; a vector is not"),
            )),
        }
    }

    fn floats(&self, tensor: &Tensor, storage: Storage, count: usize) -> Result<Floats> {
        let mut values = Floats::with_capacity(storage, count);
        self.file_of(tensor)
            .pieces(tensor.start, tensor.len, &mut |piece| {
                values.extend_from_le_bytes(piece);
            })?;
        Ok(values)
    }

    /// The matrix of this shape, `rows` of it in that order where they are given: as the file has it, number by number or
    /// block by block.
    pub fn matrix(&self, name: &str, shape: [usize; 2], rows: Option<&[usize]>) -> Result<Weight> {
        let tensor = self.checked(name, &shape)?;
        let [count, cols] = shape;
        let kept = rows.map_or(count, <[usize]>::len);
        let weight = match tensor.form.kind {
            TensorStorage::Floats(storage) => {
                let values = self.floats(tensor, storage, count * cols)?;
                let values = match rows {
                    None => values,
                    Some(rows) => {
                        values.pick(rows.iter().flat_map(|row| row * cols..(row + 1) * cols))
                    }
                };
                Dense::new(kept, cols, values).map(Weight::Dense)
            }
            TensorStorage::Blocks(format) => self
                .blocks(tensor, format, [kept, cols], rows)?
                .map(Weight::Quantized),
        };
        weight.ok_or_else(|| self.broken(name, tensor))
    }

    /// Blocks of rows as they come by, each put where it belongs; `None` where they do not fill the rows.
    fn blocks(
        &self,
        tensor: &Tensor,
        format: BlockFormat,
        shape: [usize; 2],
        rows: Option<&[usize]>,
    ) -> Result<Option<Quantized>> {
        let Some(mut reading) = Reading::new(format, shape) else {
            return Ok(None);
        };
        // Rows of the file, from the first on, and their places.
        let mut wanted: Box<dyn Iterator<Item = (usize, usize)>> = match rows {
            None => Box::new((0..shape[0]).map(|row| (row, row))),
            Some(rows) => {
                let mut rows: Vec<_> = rows.iter().copied().zip(0..).collect();
                rows.sort_unstable();
                Box::new(rows.into_iter())
            }
        };
        let mut next = wanted.next();
        let stride = reading.row_bytes().max(1);
        let (mut rest, mut passed) = (Vec::new(), 0);
        self.file_of(tensor)
            .pieces(tensor.start, tensor.len, &mut |piece| {
                rest.extend_from_slice(piece);
                for bytes in rest.chunks_exact(stride) {
                    while let Some((_, place)) = next.filter(|(row, _)| *row == passed) {
                        reading.set_row(place, bytes);
                        next = wanted.next();
                    }
                    passed += 1;
                }
                rest.drain(..rest.len() / stride * stride);
            })?;
        Ok(reading.finish().filter(|_| next.is_none()))
    }

    /// The values of a vector as f32.
    fn numbers(&self, name: &str, len: usize) -> Result<Vec<f32>> {
        let stored = self.vector(name, len)?;
        let mut values = vec![0.0; len];
        stored.read(0, &mut values);
        Ok(values)
    }
}

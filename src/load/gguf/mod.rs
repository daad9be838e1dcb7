//! GGUF files (the specification of the ggml project, versions 2 and 3): header, tensors, names.

mod fields;
mod form;
mod header;

use super::source::{File, bad};
use crate::error::{Error, Result};
use crate::weight::ggml::{BlockFormat, Reading};
use crate::weight::{Dense, Floats, Quantized, Storage, Weight};
use form::Kind;
use header::{Header, Tensor};

pub(super) use header::Metadata;

/// A file whose header has been checked against its length.
pub(super) struct Gguf<'a> {
    file: File<'a>,
    header: Header,
}

impl<'a> Gguf<'a> {
    /// Checks the header of a file.
    pub fn open(file: File<'a>) -> Result<Self> {
        let header = Header::read(&file)?;
        Ok(Self { file, header })
    }

    pub fn file(&self) -> File<'a> {
        self.file
    }

    /// What the file says of itself.
    pub fn metadata(&self) -> &Metadata {
        &self.header.metadata
    }

    /// Whether there is a tensor of this name.
    pub fn has(&self, name: &str) -> bool {
        self.header.tensors.contains_key(name)
    }

    /// Bytes that the file takes for each weight of a tensor, as `(bytes, weights)`; and whether it stays as it is.
    pub fn density(&self, name: &str) -> Result<(usize, usize)> {
        let tensor = self.tensor(name)?;
        Ok((tensor.form.bytes, tensor.form.weights))
    }

    fn tensor(&self, name: &str) -> Result<&Tensor> {
        self.header
            .tensors
            .get(name)
            .ok_or_else(|| Error::MissingTensor {
                file: self.file.name.to_owned(),
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
        Ok(tensor)
    }

    /// The values of a vector.
    pub fn vector(&self, name: &str, len: usize) -> Result<Floats> {
        let tensor = self.checked(name, &[len])?;
        match tensor.form.kind {
            Kind::Floats(storage) => self.floats(tensor, storage, len),
            Kind::Blocks(_) => Err(bad(
                self.file.name,
                format!("{name} is quantized; a vector is not"),
            )),
        }
    }

    fn floats(&self, tensor: &Tensor, storage: Storage, count: usize) -> Result<Floats> {
        let mut values = Floats::with_capacity(storage, count);
        self.file.pieces(tensor.start, tensor.len, &mut |piece| {
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
            Kind::Floats(storage) => {
                let values = self.floats(tensor, storage, count * cols)?;
                let values = match rows {
                    None => values,
                    Some(rows) => {
                        values.pick(rows.iter().flat_map(|row| row * cols..(row + 1) * cols))
                    }
                };
                Dense::new(kept, cols, values).map(Weight::Dense)
            }
            Kind::Blocks(format) => self
                .blocks(tensor, format, [kept, cols], rows)?
                .map(Weight::Quantized),
        };
        weight.ok_or_else(|| bad(self.file.name, format!("{name} is incomplete")))
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
        self.file.pieces(tensor.start, tensor.len, &mut |piece| {
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

    /// What frequencies of rotary embedding are divided by, where the file says so.
    pub fn rope_divisors(&self) -> Result<Option<Vec<f32>>> {
        const NAME: &str = "rope_freqs.weight";
        let Some(tensor) = self.header.tensors.get(NAME) else {
            return Ok(None);
        };
        let len = tensor.shape.iter().product();
        let mut values = vec![0.0; len];
        self.vector(NAME, len)?.read(0, &mut values);
        Ok(Some(values))
    }
}

pub(super) use fields::fields;

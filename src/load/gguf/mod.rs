//! GGUF files (the specification of the ggml project, versions 2 and 3): header, tensors, names.

mod blocks;
mod fields;
mod header;
mod keys;
mod parts;
mod rope;
mod types;

use super::source::{File, bad};
use crate::error::{Error, Result};
use crate::model::arch::{Fused, TensorNames};
use crate::weight::{Dense, Floats, Weight};
use blocks::Form;
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

    /// The values of a vector.
    pub fn vector(&self, name: &str, len: usize) -> Result<Floats> {
        let tensor = self.checked(name, &[len])?;
        match tensor.form.storage() {
            Some(_) => self.floats(tensor, len),
            None => Err(bad(
                self.file().name,
                format!("{name} is quantized; a vector is not"),
            )),
        }
    }

    fn floats(&self, tensor: &Tensor, count: usize) -> Result<Floats> {
        let storage = tensor.form.storage().unwrap_or(crate::weight::Storage::F32);
        let mut values = Floats::with_capacity(storage, count);
        self.file_of(tensor)
            .pieces(tensor.start, tensor.len, &mut |piece| {
                values.extend_from_le_bytes(piece);
            })?;
        Ok(values)
    }

    /// The matrix of this shape, `rows` of it in that order where they are given: packed where our own form holds the
    /// same values, as f16 where it does not.
    pub fn matrix(&self, name: &str, shape: [usize; 2], rows: Option<&[usize]>) -> Result<Weight> {
        let tensor = self.checked(name, &shape)?;
        let [count, cols] = shape;
        let kept = rows.map_or(count, <[usize]>::len);
        let dense = |values| {
            Dense::new(kept, cols, values)
                .map(Weight::Dense)
                .ok_or_else(|| bad(self.file().name, format!("{name} is incomplete")))
        };
        if tensor.form.storage().is_some() {
            let values = self.floats(tensor, count * cols)?;
            return dense(match rows {
                None => values,
                Some(rows) => values.pick(rows.iter().flat_map(|row| row * cols..(row + 1) * cols)),
            });
        }
        let mut bytes = self.file_of(tensor).bytes(tensor.start, tensor.len)?;
        let stride = cols / tensor.form.weights * tensor.form.bytes;
        if let Some(rows) = rows {
            let picked = rows.iter().flat_map(|row| &bytes[row * stride..][..stride]);
            bytes = picked.copied().collect();
        }
        match blocks::packed(tensor.form, &bytes, [kept, cols]) {
            Some(quantized) => Ok(Weight::Quantized(quantized)),
            None => dense(blocks::widened(tensor.form, &bytes, [kept, cols])?),
        }
    }

    /// The values of a vector as f32.
    fn numbers(&self, name: &str, len: usize) -> Result<Vec<f32>> {
        let stored = self.vector(name, len)?;
        let mut values = vec![0.0; len];
        stored.read(0, &mut values);
        Ok(values)
    }
}

/// What GGUF calls the tensors of a family.
pub(super) fn names(family: &TensorNames) -> TensorNames {
    let fused = |fused: Option<Fused>, name| {
        fused.map(|_| Fused {
            name,
            by_head: false,
        })
    };
    // Without a norm behind attention, the one before the feed-forward part is called the same.
    TensorNames {
        base: "",
        embedding: "token_embd",
        positions: family.positions.map(|_| "position_embd"),
        block: "blk.",
        norm: "output_norm",
        head: "output",
        input_norm: "attn_norm",
        query: "attn_q",
        key: "attn_k",
        value: "attn_v",
        output: "attn_output",
        query_norm: family.query_norm.map(|_| "attn_q_norm"),
        key_norm: family.key_norm.map(|_| "attn_k_norm"),
        output_norm: family.output_norm.map(|_| "post_attention_norm"),
        post_norm: "ffn_norm",
        gate: family.gate.map(|_| "ffn_gate"),
        up: "ffn_up",
        down: "ffn_down",
        down_norm: family.down_norm.map(|_| "post_ffw_norm"),
        query_key_value: fused(family.query_key_value, "attn_qkv"),
        gate_up: fused(family.gate_up, "ffn_up"),
        transposed: false,
    }
}

impl Form {
    /// The number format of tensors that are not quantized.
    fn storage(self) -> Option<crate::weight::Storage> {
        use crate::weight::Storage;
        use candle_core::quantized::GgmlDType;
        match self.kind {
            GgmlDType::F32 => Some(Storage::F32),
            GgmlDType::F16 => Some(Storage::F16),
            GgmlDType::BF16 => Some(Storage::BF16),
            _ => None,
        }
    }
}

//! GGUF files (the specification of the ggml project, versions 2 and 3): header, tensors, names.

mod blocks;
mod fields;
mod header;

use super::accidents;
use super::source::{File, bad};
use crate::error::{Error, Result};
use crate::model::arch::{Fused, TensorNames};
use crate::weight::{Dense, Floats, Weight};
use blocks::Form;
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
        accidents::check(&file)?;
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
        match tensor.form.storage() {
            Some(_) => self.floats(tensor, len),
            None => Err(bad(
                self.file.name,
                format!("{name} is quantized; a vector is not"),
            )),
        }
    }

    fn floats(&self, tensor: &Tensor, count: usize) -> Result<Floats> {
        let storage = tensor.form.storage().unwrap_or(crate::weight::Storage::F32);
        let mut values = Floats::with_capacity(storage, count);
        self.file.pieces(tensor.start, tensor.len, &mut |piece| {
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
                .ok_or_else(|| bad(self.file.name, format!("{name} is incomplete")))
        };
        if tensor.form.storage().is_some() {
            let values = self.floats(tensor, count * cols)?;
            return dense(match rows {
                None => values,
                Some(rows) => values.pick(rows.iter().flat_map(|row| row * cols..(row + 1) * cols)),
            });
        }
        let mut bytes = self.file.bytes(tensor.start, tensor.len)?;
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

pub(super) use fields::fields;

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

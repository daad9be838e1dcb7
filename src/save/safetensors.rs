//! Safetensors files, written tensor by tensor. (The safetensors crate counts the bits of a tensor in a `usize`, which in the
//! browser ends at 512 MiB, and wants every tensor in memory.)

use super::file::{File, Fill, fixed};
use crate::weight::{Floats, Storage};
use safetensors::tensor::Dtype;
use serde_json::{Map, Value, json};

/// A tensor on its way into a file.
pub struct Entry<'m> {
    pub name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    fill: Fill<'m>,
}

impl<'m> Entry<'m> {
    /// A tensor whose bytes `fill` writes.
    pub fn new(name: String, dtype: Dtype, shape: Vec<usize>, fill: Fill<'m>) -> Self {
        Self {
            name,
            dtype,
            shape,
            fill,
        }
    }

    /// The same for numbers.
    pub fn floats(name: String, storage: Storage, shape: Vec<usize>, fill: Fill<'m>) -> Self {
        let dtype = match storage {
            Storage::F32 => Dtype::F32,
            Storage::F16 => Dtype::F16,
            Storage::BF16 => Dtype::BF16,
        };
        Self::new(name, dtype, shape, fill)
    }

    /// A short one.
    pub fn vector(name: String, values: Vec<f32>) -> Self {
        let shape = vec![values.len()];
        Self::small(name, shape, values)
    }

    /// One that is written as it is given.
    pub fn small(name: String, shape: Vec<usize>, values: Vec<f32>) -> Self {
        let bytes = Floats::F32(values).to_le_bytes();
        Self::floats(name, Storage::F32, shape, fixed(bytes))
    }

    fn size(&self) -> u64 {
        let count: u64 = self.shape.iter().map(|size| *size as u64).product();
        count * self.dtype.bitsize() as u64 / 8
    }
}

/// The file of these tensors; the widest numbers come first, so that all of them are aligned.
pub fn file<'m>(name: &str, mut entries: Vec<Entry<'m>>, notes: Map<String, Value>) -> File<'m> {
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.dtype.bitsize()));
    let mut header = Map::from_iter([("__metadata__".to_owned(), Value::Object(notes))]);
    let mut start = 0;
    for entry in &entries {
        let end = start + entry.size();
        let info =
            json!({"dtype": entry.dtype, "shape": entry.shape, "data_offsets": [start, end]});
        header.insert(entry.name.clone(), info);
        start = end;
    }
    let mut header = Value::Object(header).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    let length = (header.len() as u64).to_le_bytes();
    let mut file = File::new(name, [&length[..], &header].concat());
    for entry in entries {
        file.push(entry.size(), entry.fill);
    }
    file
}

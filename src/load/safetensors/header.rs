//! The header of a safetensors file. Sizes are counted in 64 bits: in 32, which WebAssembly has, the bits of a tensor of
//! half a gigabyte overflow.

use crate::weight::Storage;
use safetensors::tensor::Dtype;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use std::collections::BTreeMap;

/// The entry that describes the file instead of a tensor.
const METADATA: &str = "__metadata__";

/// What a header says of one tensor.
#[derive(serde::Deserialize)]
pub struct Tensor {
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    /// Its first byte and the one behind its last, counted from the end of the header.
    #[serde(rename = "data_offsets")]
    pub place: [u64; 2],
}

impl Tensor {
    /// Bytes of its values.
    pub fn len(&self) -> u64 {
        self.place[1] - self.place[0]
    }

    /// Its number format, where that is one of ours.
    pub fn storage(&self) -> Option<Storage> {
        match self.dtype {
            Dtype::F32 => Some(Storage::F32),
            Dtype::F16 => Some(Storage::F16),
            Dtype::BF16 => Some(Storage::BF16),
            _ => None,
        }
    }

    /// Bytes that its shape and number format take.
    fn expected(&self) -> Option<u64> {
        let mut sizes = self.shape.iter();
        let count = sizes.try_fold(1u64, |all, size| all.checked_mul(*size as u64))?;
        let bits = count.checked_mul(self.dtype.bitsize() as u64)?;
        bits.is_multiple_of(8).then_some(bits / 8)
    }
}

/// The tensors of a file by name; together they fill the file without a gap.
pub struct Header {
    pub tensors: BTreeMap<String, Tensor>,
    /// Bytes of all of them.
    pub len: u64,
}

impl Header {
    /// Reads a header; an error says in a few words what is wrong with it.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        let Tensors(tensors) = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        let mut in_order: Vec<(&String, &Tensor)> = tensors.iter().collect();
        in_order.sort_by_key(|(_, tensor)| tensor.place);
        let mut len = 0;
        for (name, tensor) in in_order {
            let [start, end] = tensor.place;
            if start != len || end < start {
                return Err(format!(
                    "{name} does not begin where the tensor before it ends"
                ));
            }
            if tensor.expected() != Some(tensor.len()) {
                return Err(format!("the place of {name} does not fit its shape"));
            }
            len = end;
        }
        Ok(Self { tensors, len })
    }
}

struct Tensors(BTreeMap<String, Tensor>);

impl<'de> Deserialize<'de> for Tensors {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TensorsVisitor)
    }
}

struct TensorsVisitor;

impl<'de> Visitor<'de> for TensorsVisitor {
    type Value = Tensors;

    fn expecting(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        out.write_str("an object with an entry for each tensor")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tensors, A::Error> {
        let mut tensors = BTreeMap::new();
        while let Some(name) = map.next_key::<String>()? {
            if name == METADATA {
                map.next_value::<IgnoredAny>()?;
            } else if let Some(twice) = tensors.insert(name, map.next_value::<Tensor>()?) {
                let shape = twice.shape;
                return Err(A::Error::custom(format!(
                    "it has two tensors of one name, one of shape {shape:?}"
                )));
            }
        }
        Ok(Tensors(tensors))
    }
}

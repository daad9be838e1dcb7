//! The bytes of a GGUF file (the specification of the ggml project, version 3), written tensor by tensor.

use super::failed;
use super::file::{File, Fill};
use crate::error::Result;
use crate::weight::ggml::BlockFormat;

/// What the form is called in sentences.
pub const NAME: &str = "GGUF";
/// Where each tensor begins.
const ALIGNMENT: u64 = 32;
const VERSION: u32 = 3;

/// A value of the metadata.
#[derive(Clone)]
pub enum Value {
    U32(u32),
    F32(f32),
    Bool(bool),
    Text(String),
    Texts(Vec<String>),
    I32s(Vec<i32>),
    F32s(Vec<f32>),
}

impl Value {
    /// Its bytes, with the number of its type before them.
    fn write(&self, out: &mut Vec<u8>) {
        const ARRAY: u32 = 9;
        let mut kind = |numbers: &[u32]| {
            for number in numbers {
                out.extend(number.to_le_bytes());
            }
        };
        match self {
            Self::U32(value) => kind(&[4, *value]),
            Self::F32(value) => kind(&[6, value.to_bits()]),
            Self::Bool(value) => {
                kind(&[7]);
                out.push((*value).into());
            }
            Self::Text(value) => {
                kind(&[8]);
                put(value, out);
            }
            Self::Texts(values) => {
                kind(&[ARRAY, 8]);
                out.extend((values.len() as u64).to_le_bytes());
                for value in values {
                    put(value, out);
                }
            }
            Self::I32s(values) => {
                kind(&[ARRAY, 5]);
                out.extend((values.len() as u64).to_le_bytes());
                out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
            }
            Self::F32s(values) => {
                kind(&[ARRAY, 6]);
                out.extend((values.len() as u64).to_le_bytes());
                out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
            }
        }
    }
}

fn put(text: &str, out: &mut Vec<u8>) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}

/// A whole number of the metadata.
pub fn number(name: &str, value: usize) -> Result<(String, Value)> {
    let value = u32::try_from(value).map_err(|error| failed("model.gguf", &error))?;
    Ok((name.to_owned(), Value::U32(value)))
}

/// A text of the metadata.
pub fn text(name: &str, value: &str) -> (String, Value) {
    (name.to_owned(), Value::Text(value.to_owned()))
}

/// A tensor on its way into a file.
pub struct Tensor<'m> {
    pub name: String,
    /// As Hugging Face has it; the file has it the other way round.
    pub shape: Vec<usize>,
    pub kind: Kind,
    pub fill: Fill<'m>,
}

/// A format of weights: the number that ggml has for it, and how many weights and bytes make a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    pub number: u32,
    pub weights: u64,
    pub bytes: u64,
}

impl Kind {
    pub const F32: Self = Self::new(0, 1, 4);
    pub const F16: Self = Self::new(1, 1, 2);
    pub const BF16: Self = Self::new(30, 1, 2);

    const fn new(number: u32, weights: u64, bytes: u64) -> Self {
        Self {
            number,
            weights,
            bytes,
        }
    }
}

impl From<BlockFormat> for Kind {
    fn from(format: BlockFormat) -> Self {
        Self::new(
            format.number(),
            format.weights() as u64,
            format.bytes() as u64,
        )
    }
}

/// The file of this metadata and these tensors.
pub fn file<'m>(name: &str, metadata: &[(String, Value)], tensors: Vec<Tensor<'m>>) -> File<'m> {
    let mut header = b"GGUF".to_vec();
    header.extend(VERSION.to_le_bytes());
    header.extend((tensors.len() as u64).to_le_bytes());
    header.extend((metadata.len() as u64).to_le_bytes());
    for (key, value) in metadata {
        put(key, &mut header);
        value.write(&mut header);
    }
    let size = |tensor: &Tensor| {
        let count: u64 = tensor.shape.iter().map(|size| *size as u64).product();
        count / tensor.kind.weights * tensor.kind.bytes
    };
    let mut start: u64 = 0;
    for tensor in &tensors {
        put(&tensor.name, &mut header);
        #[expect(clippy::cast_possible_truncation, reason = "one or two")]
        header.extend((tensor.shape.len() as u32).to_le_bytes());
        for size in tensor.shape.iter().rev() {
            header.extend((*size as u64).to_le_bytes());
        }
        header.extend(tensor.kind.number.to_le_bytes());
        header.extend(start.to_le_bytes());
        start += size(tensor).next_multiple_of(ALIGNMENT);
    }
    let filled = (header.len() as u64).next_multiple_of(ALIGNMENT);
    let spare = filled - header.len() as u64;
    header.extend((0..spare).map(|_| 0));
    let mut file = File::new(name, header);
    for tensor in tensors {
        let size = size(&tensor);
        file.push(size, tensor.fill);
        let spare = size.next_multiple_of(ALIGNMENT) - size;
        file.push(
            spare,
            Box::new(move |out| (0..spare).try_for_each(|_| out.write_all(&[0]))),
        );
    }
    file
}

//! How the values of a tensor are stored.

use crate::weight::Storage;
use crate::weight::ggml::BlockFormat;

/// Runs of so many weights in so many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    pub kind: TensorStorage,
    pub weights: usize,
    pub bytes: usize,
}

/// Numbers, or blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TensorStorage {
    Floats(Storage),
    Blocks(BlockFormat),
}

impl Form {
    /// The format of a number in the file; `None` when it is not known.
    pub fn of(number: u32) -> Option<Self> {
        let storage = match number {
            0 => Storage::F32,
            1 => Storage::F16,
            30 => Storage::BF16,
            _ => {
                let format = BlockFormat::of(number)?;
                return Some(Self {
                    kind: TensorStorage::Blocks(format),
                    weights: format.weights(),
                    bytes: format.bytes(),
                });
            }
        };
        Some(Self {
            kind: TensorStorage::Floats(storage),
            weights: 1,
            bytes: storage.bytes(),
        })
    }

    /// As ggml calls it.
    pub fn name(self) -> &'static str {
        match self.kind {
            TensorStorage::Floats(Storage::F32) => "F32",
            TensorStorage::Floats(Storage::F16) => "F16",
            TensorStorage::Floats(Storage::BF16) => "BF16",
            TensorStorage::Blocks(format) => format.name(),
        }
    }
}

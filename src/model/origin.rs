//! What a model was read from.

use serde::{Deserialize, Serialize};

/// The files that hold a model's weights, as they are on the disk.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Origin {
    /// Of these files together.
    pub bytes: u64,
    /// How tensors are stored in them; those with most tensors first.
    pub types: Vec<FileType>,
    /// Bits that a weight of the linear layers has there, where these are below the 16 of a weight that is written out.
    pub compressed: Option<f64>,
}

impl Origin {
    /// What saved files say where a model that was compressed already is compressed once more.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        let bits = self.compressed?;
        Some(format!(
            "compressed again, from about {bits:.1} bits a weight in its linear layers"
        ))
    }
}

/// The tensors of one number format.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FileType {
    /// As the file's own format calls it.
    pub name: String,
    pub tensors: usize,
    pub bytes: u64,
}

//! What a model takes, on the disk and in memory, in numbers and in the words that page and command line share.

use crate::model::{Model, Origin};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Bytes of a model in memory, everything included.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Size {
    pub bytes: usize,
    /// The linear layers of the blocks, which methods compress.
    pub compressed_layers_bytes: usize,
    /// Embedding, positions and head: the tables of `other_bytes`.
    pub table_bytes: usize,
    /// Everything but the linear layers: tables, norms and biases.
    pub other_bytes: usize,
    /// 8 * bytes / parameters.
    pub bits_per_weight: f64,
}

impl Size {
    /// Of a model.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        let (layers, other) = (model.linear_bytes(), model.other_bytes());
        Self {
            bytes: layers + other,
            compressed_layers_bytes: layers,
            table_bytes: model.table_bytes(),
            other_bytes: other,
            bits_per_weight: 8.0 * (layers + other) as f64 / model.parameters() as f64,
        }
    }
}

/// The files of a model: "98.4 MB on disk: 211 tensors `Q4_1`, 61 `F32`".
pub(super) fn on_disk(origin: &Origin) -> String {
    let types = origin.types.iter().enumerate();
    let types = types.map(|(place, each)| match (place, each.tensors) {
        (0, 1) => format!("1 tensor {}", each.name),
        (0, tensors) => format!("{tensors} tensors {}", each.name),
        (_, tensors) => format!("{tensors} {}", each.name),
    });
    format!(
        "{} on disk: {}",
        amount(origin.bytes),
        types.collect::<Vec<_>>().join(", ")
    )
}

/// What has to stand beside every comparison with a model that is itself quantized or pruned.
pub(super) fn warning(origin: &Origin) -> Option<String> {
    let bits = origin.compressed?;
    Some(format!(
        "The starting point is already compressed, to about {bits:.1} bits a weight in its linear layers: what that cost is \
         in both columns, and sizes are compared with that model, not with the one it was made from."
    ))
}

/// What became of embedding and head: "embedding and head stay at 16 bits: 62 % of the bytes".
#[must_use]
pub fn tables(before: &Model, after: &Model) -> String {
    let bits = 8.0 * after.table_bytes() as f64 / after.table_parameters().max(1) as f64;
    let share = 100.0 * after.table_bytes() as f64 / Size::new(after).bytes.max(1) as f64;
    let bits = format!("{bits:.1}").replace(".0", "");
    let what = if Arc::ptr_eq(&before.embedding, &after.embedding) {
        "embedding and head stay at"
    } else {
        "embedding and head too, at"
    };
    format!("{what} {bits} bits: {share:.0} % of the bytes")
}

/// Bytes as a reader counts them.
fn amount(bytes: u64) -> String {
    let bytes = bytes as f64;
    match bytes {
        ..1e6 => format!("{:.0} kB", bytes / 1e3),
        ..1e9 => format!("{:.1} MB", bytes / 1e6),
        _ => format!("{:.2} GB", bytes / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FileType;

    fn origin(compressed: Option<f64>) -> Origin {
        let file_type = |name: &str, tensors| FileType {
            name: name.into(),
            tensors,
            bytes: 1,
        };
        Origin {
            bytes: 98_400_000,
            types: vec![file_type("Q4_1", 211), file_type("F32", 61)],
            compressed,
        }
    }

    #[test]
    fn files_are_told_with_their_types() {
        let told = on_disk(&origin(None));
        assert_eq!(told, "98.4 MB on disk: 211 tensors Q4_1, 61 F32");
        assert_eq!(amount(12_345), "12 kB");
        assert_eq!(amount(2_345_000_000), "2.35 GB");
    }

    #[test]
    fn a_quantized_starting_point_is_said_to_be_one() {
        assert_eq!(warning(&origin(None)), None);
        let told = warning(&origin(Some(5.0))).expect("a warning");
        assert!(
            told.contains("already compressed, to about 5.0 bits a weight"),
            "{told}"
        );
    }
}

//! Rows of numbers as bytes, little-endian: in JavaScript one array of bytes a row instead of an array of numbers.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_bytes::ByteBuf;
use std::sync::Arc;

struct Row<'r>(&'r [f32]);

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = self
            .0
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        serializer.serialize_bytes(&bytes)
    }
}

pub(super) fn serialize<S: Serializer>(
    rows: &[Arc<[f32]>],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(rows.iter().map(|row| Row(row)))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Arc<[f32]>>, D::Error> {
    let rows = Vec::<ByteBuf>::deserialize(deserializer)?;
    let row = |bytes: ByteBuf| {
        bytes
            .as_chunks()
            .0
            .iter()
            .copied()
            .map(f32::from_le_bytes)
            .collect()
    };
    Ok(rows.into_iter().map(row).collect())
}

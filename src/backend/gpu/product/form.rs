//! How a weight lies on the device.

use crate::weight::Storage;

/// How a weight lies on the device: rows of whole units, eight columns each, four units at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Dense(Storage),
    Codes(Codes),
}

/// Codes with a scale for each group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Codes {
    /// 2 to 8.
    pub bits: u8,
    /// Units of a group; more than there are where a row is one group.
    pub group: u32,
    pub scales: Numbers,
    pub offsets: Offsets,
}

/// A number for each group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbers {
    Plain(Storage),
    /// As [`crate::weight::TwoLevel`]; behind the f32 of `shared_by` groups lie their integers of `bits` bits.
    TwoLevel {
        shared_by: usize,
        /// 4 or 8.
        bits: usize,
        middle: u8,
    },
}

/// Where the values of a group lie, as in [`crate::weight::Offset`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offsets {
    Middle,
    /// [`small_bits`] of a code each.
    ZeroPoints,
    Minima(Numbers),
}

/// What a number of `bits` bits takes: half a byte where that is enough.
pub(super) fn small_bits(bits: u8) -> usize {
    if bits > 4 { 8 } else { 4 }
}

impl Form {
    /// For a reader of shaders.
    pub fn name(self) -> String {
        match self {
            Self::Dense(storage) => format!("{storage:?}"),
            Self::Codes(codes) => format!("{codes:?}").replace(|c: char| !c.is_alphanumeric(), ""),
        }
    }
}

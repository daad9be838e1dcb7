//! A number for each group of each row: scales, or minima.

use super::bits;
use super::dense::{Floats, Storage};

/// Numbers `[rows, groups]`.
#[derive(Debug, Clone, PartialEq)]
pub enum PerGroup {
    /// Each one stored.
    Plain(Floats),
    /// As the K-quants of ggml keep them.
    TwoLevel(TwoLevel),
}

/// `outer * (inner - middle)`: a small integer per group, and a float that several groups of a row share.
#[derive(Debug, Clone, PartialEq)]
pub struct TwoLevel {
    /// Groups in a row.
    pub groups: usize,
    /// Groups that share a float; a divisor of `groups`.
    pub shared_by: usize,
    /// `[rows, groups / shared_by]`.
    pub outer: Floats,
    /// `[rows, groups]`, each row filling whole 32-bit words.
    pub inner: Vec<u8>,
    /// Of an integer: 2 to 8.
    pub bits: u8,
    /// The integer that stands for 0.
    pub middle: u8,
}

impl From<Floats> for PerGroup {
    fn from(values: Floats) -> Self {
        Self::Plain(values)
    }
}

impl PerGroup {
    /// Whether there are as many as `rows * groups`.
    pub(super) fn fits(&self, rows: usize, groups: usize) -> bool {
        match self {
            Self::Plain(values) => values.len() == rows * groups,
            Self::TwoLevel(two) => {
                two.groups == groups
                    && two.shared_by > 0
                    && groups.is_multiple_of(two.shared_by)
                    && (2..=8).contains(&two.bits)
                    && two.outer.len() * two.shared_by == rows * groups
                    && two.inner.len() == rows * bits::packed_bytes(groups, two.bits)
            }
        }
    }

    /// The number format of what is stored: of the outer numbers, where there are two levels.
    #[must_use]
    pub fn storage(&self) -> Storage {
        match self {
            Self::Plain(values) => values.storage(),
            Self::TwoLevel(two) => two.outer.storage(),
        }
    }

    /// Bytes of both levels.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self {
            Self::Plain(values) => values.bytes(),
            Self::TwoLevel(two) => two.outer.bytes() + two.inner.len(),
        }
    }

    /// Reads as many as `out` has places, all of one row, from place `start` of `[rows, groups]` on, which is a multiple of
    /// 64 within its row.
    pub fn read(&self, start: usize, out: &mut [f32]) {
        match self {
            Self::Plain(values) => values.read(start, out),
            Self::TwoLevel(two) => two.read(start, out),
        }
    }

    /// Reads whole rows of `groups` numbers, as many as `out` has room for.
    pub fn read_rows(&self, first: usize, groups: usize, out: &mut [f32]) {
        match self {
            Self::Plain(values) => values.read(first * groups, out),
            Self::TwoLevel(two) => {
                for (row, out) in out.chunks_exact_mut(groups).enumerate() {
                    two.read((first + row) * groups, out);
                }
            }
        }
    }

    /// The number at a place of `[rows, groups]`.
    #[must_use]
    pub fn get(&self, place: usize) -> f32 {
        match self {
            Self::Plain(values) => values.get(place),
            Self::TwoLevel(two) => {
                let inner = f32::from(two.inner(place)) - f32::from(two.middle);
                two.outer.get(place / two.shared_by) * inner
            }
        }
    }

    /// The numbers of each row multiplied by a factor, in f32.
    pub(super) fn scale_rows(&self, groups: usize, factors: &[f32]) -> Self {
        let places = factors.iter().enumerate();
        let values = places.flat_map(|(row, factor)| {
            (0..groups).map(move |group| self.get(row * groups + group) * factor)
        });
        Self::Plain(Floats::from_f32(Storage::F32, values))
    }
}

impl TwoLevel {
    /// The integer at a place of `[rows, groups]`.
    #[must_use]
    pub fn inner(&self, place: usize) -> u8 {
        let (row, group) = (place / self.groups, place % self.groups);
        bits::get(self.row(row), self.bits, group)
    }

    fn row(&self, row: usize) -> &[u8] {
        let stride = bits::packed_bytes(self.groups, self.bits);
        &self.inner[row * stride..][..stride]
    }

    fn read(&self, start: usize, out: &mut [f32]) {
        let (row, first) = (start / self.groups, start % self.groups);
        let packed = &self.row(row)[first * usize::from(self.bits) / 8..];
        bits::unpack(packed, self.bits, out);
        let middle = f32::from(self.middle);
        for (block, values) in out.chunks_mut(self.shared_by).enumerate() {
            let outer = self.outer.get(start / self.shared_by + block);
            for value in values {
                *value = outer * (*value - middle);
            }
        }
    }
}

//! Values as the file had them.

use half::{bf16, f16};
use std::io::{self, Write};

/// A number format of stored values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Storage {
    F32,
    F16,
    BF16,
}

impl Storage {
    /// Bytes of a number.
    #[must_use]
    pub fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::BF16 => 2,
        }
    }
}

/// A run of numbers in one of the formats that model files use.
#[derive(Debug, Clone, PartialEq)]
pub enum Floats {
    F32(Vec<f32>),
    F16(Vec<f16>),
    BF16(Vec<bf16>),
}

impl Floats {
    /// No numbers yet, with room for `count`.
    #[must_use]
    pub fn with_capacity(storage: Storage, count: usize) -> Self {
        match storage {
            Storage::F32 => Self::F32(Vec::with_capacity(count)),
            Storage::F16 => Self::F16(Vec::with_capacity(count)),
            Storage::BF16 => Self::BF16(Vec::with_capacity(count)),
        }
    }

    /// Reads little-endian bytes; a last incomplete number is left out.
    #[must_use]
    pub fn from_le_bytes(storage: Storage, bytes: &[u8]) -> Self {
        let mut floats = Self::with_capacity(storage, bytes.len() / storage.bytes());
        floats.extend_from_le_bytes(bytes);
        floats
    }

    /// Appends numbers from little-endian bytes; a last incomplete number is left out.
    pub fn extend_from_le_bytes(&mut self, bytes: &[u8]) {
        let pairs = bytes.as_chunks().0.iter().copied();
        match self {
            Self::F32(values) => {
                let words = bytes.as_chunks().0.iter().copied();
                values.extend(words.map(f32::from_le_bytes));
            }
            Self::F16(values) => values.extend(pairs.map(f16::from_le_bytes)),
            Self::BF16(values) => values.extend(pairs.map(bf16::from_le_bytes)),
        }
    }

    /// The numbers at some places.
    #[must_use]
    pub fn pick(&self, places: impl Iterator<Item = usize>) -> Self {
        match self {
            Self::F32(values) => Self::F32(places.map(|i| values[i]).collect()),
            Self::F16(values) => Self::F16(places.map(|i| values[i]).collect()),
            Self::BF16(values) => Self::BF16(places.map(|i| values[i]).collect()),
        }
    }

    /// Rounds f32 values to a format.
    #[must_use]
    pub fn from_f32(storage: Storage, values: impl Iterator<Item = f32>) -> Self {
        match storage {
            Storage::F32 => Self::F32(exactly(values)),
            Storage::F16 => Self::F16(exactly(values.map(f16::from_f32))),
            Storage::BF16 => Self::BF16(exactly(values.map(bf16::from_f32))),
        }
    }

    /// The little-endian bytes, as files have them.
    #[must_use]
    pub fn to_le_bytes(&self) -> Vec<u8> {
        match self {
            Self::F32(values) => values.iter().flat_map(|v| v.to_le_bytes()).collect(),
            Self::F16(values) => values.iter().flat_map(|v| v.to_le_bytes()).collect(),
            Self::BF16(values) => values.iter().flat_map(|v| v.to_le_bytes()).collect(),
        }
    }

    /// Writes the little-endian bytes a piece after the other, so that they are not in memory a second time.
    pub fn write_le_bytes(&self, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::F32(values) => write_pieces(values, f32::to_le_bytes, out),
            Self::F16(values) => write_pieces(values, f16::to_le_bytes, out),
            Self::BF16(values) => write_pieces(values, bf16::to_le_bytes, out),
        }
    }

    /// Rounds f32 values to the format, in place of those from `start` on.
    pub fn write(&mut self, start: usize, values: &[f32]) {
        let end = start + values.len();
        match self {
            Self::F32(all) => all[start..end].copy_from_slice(values),
            Self::F16(all) => narrow(&mut all[start..end], values, f16::from_f32),
            Self::BF16(all) => narrow(&mut all[start..end], values, bf16::from_f32),
        }
    }

    /// The format.
    #[must_use]
    pub fn storage(&self) -> Storage {
        match self {
            Self::F32(_) => Storage::F32,
            Self::F16(_) => Storage::F16,
            Self::BF16(_) => Storage::BF16,
        }
    }

    /// How many numbers.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::F16(values) => values.len(),
            Self::BF16(values) => values.len(),
        }
    }

    /// Whether there is no number.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes in memory and in a file.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.len() * self.storage().bytes()
    }

    /// One number.
    #[must_use]
    pub fn get(&self, place: usize) -> f32 {
        let mut value = [0.0];
        self.read(place, &mut value);
        value[0]
    }

    /// Writes the numbers from `start` on into `out`, as many as `out` has places.
    pub fn read(&self, start: usize, out: &mut [f32]) {
        let end = start + out.len();
        match self {
            Self::F32(values) => out.copy_from_slice(&values[start..end]),
            Self::F16(values) => widen(&values[start..end], out, f16_to_f32),
            Self::BF16(values) => widen(&values[start..end], out, |v| {
                f32::from_bits(u32::from(v.to_bits()) << 16)
            }),
        }
    }
}

fn write_pieces<T: Copy, const N: usize>(
    values: &[T],
    bytes: fn(T) -> [u8; N],
    out: &mut dyn Write,
) -> io::Result<()> {
    const PIECE: usize = 1 << 16;
    let mut piece = Vec::with_capacity(values.len().min(PIECE) * N);
    for values in values.chunks(PIECE) {
        piece.clear();
        piece.extend(values.iter().flat_map(|value| bytes(*value)));
        out.write_all(&piece)?;
    }
    Ok(())
}

fn widen<T: Copy>(values: &[T], out: &mut [f32], convert: impl Fn(T) -> f32) {
    for (value, place) in values.iter().zip(out) {
        *place = convert(*value);
    }
}

/// f16 to f32 without a branch, so that a row converts with SIMD: the exponent is moved into place by a
/// multiplication that is exact for normal and subnormal numbers, and infinity and NaN are put back.
fn f16_to_f32(value: f16) -> f32 {
    const REBIAS: f32 = f32::from_bits((254 - 15) << 23);
    const OVERFLOW: f32 = f32::from_bits((127 + 16) << 23);
    let bits = u32::from(value.to_bits());
    let magnitude = f32::from_bits((bits & 0x7fff) << 13) * REBIAS;
    let special = if magnitude >= OVERFLOW { 0xff << 23 } else { 0 };
    f32::from_bits(magnitude.to_bits() | special | (bits & 0x8000) << 16)
}

/// A matrix `[rows, cols]`, row-major, in the file's own format.
#[derive(Debug, Clone, PartialEq)]
pub struct Dense {
    rows: usize,
    cols: usize,
    values: Floats,
}

impl Dense {
    /// A matrix of `rows * cols` values; `None` when that is not how many there are.
    #[must_use]
    pub fn new(rows: usize, cols: usize, values: Floats) -> Option<Self> {
        (rows.checked_mul(cols) == Some(values.len())).then_some(Self { rows, cols, values })
    }

    /// The stored values.
    #[must_use]
    pub fn values(&self) -> &Floats {
        &self.values
    }

    pub(super) fn shape(&self) -> [usize; 2] {
        [self.rows, self.cols]
    }

    pub(super) fn bytes(&self) -> usize {
        self.values.bytes()
    }

    pub(super) fn read_row(&self, row: usize, out: &mut [f32]) {
        self.values.read(row * self.cols, out);
    }
}

fn narrow<T>(out: &mut [T], values: &[f32], convert: impl Fn(f32) -> T) {
    out.iter_mut()
        .zip(values)
        .for_each(|(out, value)| *out = convert(*value));
}

/// Without room for more, so that the bytes that are counted are those that are taken.
fn exactly<T>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut list: Vec<T> = values.collect();
    list.shrink_to_fit();
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn every_f16_widens_as_the_half_crate_does() {
        for bits in 0..=u16::MAX {
            let value = f16::from_bits(bits);
            let (ours, theirs) = (f16_to_f32(value), value.to_f32());
            assert!(
                ours.to_bits() == theirs.to_bits() || (ours.is_nan() && theirs.is_nan()),
                "{bits:#06x}: {ours} and {theirs}"
            );
        }
    }

    #[test]
    fn bytes_come_back_as_they_were() {
        for storage in [Storage::F32, Storage::F16, Storage::BF16] {
            let floats = Floats::from_f32(storage, [0.0, -1.5, 3.25, 1e-7].into_iter());
            let bytes = floats.to_le_bytes();
            assert_eq!(bytes.len(), floats.bytes());
            let mut written = Vec::new();
            floats.write_le_bytes(&mut written).expect("written");
            assert_eq!(written, bytes);
            assert_eq!(Floats::from_le_bytes(storage, &bytes), floats);
        }
    }

    #[test]
    fn a_matrix_has_as_many_values_as_its_shape_says() {
        assert!(Dense::new(2, 3, Floats::F32(vec![0.0; 5])).is_none());
        assert!(Dense::new(usize::MAX, 3, Floats::F32(vec![0.0; 5])).is_none());
    }
}

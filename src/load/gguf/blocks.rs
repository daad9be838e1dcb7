//! The block formats of ggml: our own packed form where it holds the same values, candle's arithmetic where not.

use crate::error::{Error, Result};
use crate::weight::{Floats, Grid, Layout, Quantized, Storage};
use candle_core::Device;
use candle_core::quantized::{GgmlDType, QStorage, QTensor};
use half::f16;
use std::borrow::Cow;

/// Weights in a block that becomes a group of ours.
const BLOCK: usize = 32;

/// How weights are stored: in blocks of so many weights and so many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    pub kind: GgmlDType,
    pub weights: usize,
    pub bytes: usize,
}

impl Form {
    /// The format of a number in the file; `None` when it is not known.
    pub fn of(number: u32) -> Option<Self> {
        let kind = match number {
            0 => GgmlDType::F32,
            1 => GgmlDType::F16,
            2 => GgmlDType::Q4_0,
            3 => GgmlDType::Q4_1,
            6 => GgmlDType::Q5_0,
            7 => GgmlDType::Q5_1,
            8 => GgmlDType::Q8_0,
            10 => GgmlDType::Q2K,
            11 => GgmlDType::Q3K,
            12 => GgmlDType::Q4K,
            13 => GgmlDType::Q5K,
            14 => GgmlDType::Q6K,
            30 => GgmlDType::BF16,
            _ => return None,
        };
        Some(Self {
            kind,
            weights: kind.block_size(),
            bytes: kind.type_size(),
        })
    }

    /// As ggml calls it.
    pub fn name(self) -> String {
        // Q4K is Q4_K there.
        format!("{:?}", self.kind).replace('K', "_K")
    }
}

/// Bytes in memory of a matrix of this form.
pub fn memory_bytes(form: Form, [rows, cols]: [usize; 2]) -> u64 {
    let [rows, cols] = [rows, cols].map(|size| size as u64);
    let bits = match form.kind {
        GgmlDType::F32 => return 4 * rows * cols,
        GgmlDType::Q4_0 => 4,
        GgmlDType::Q5_0 => 5,
        GgmlDType::Q8_0 => 8,
        _ => return 2 * rows * cols,
    };
    rows * ((cols * bits).div_ceil(32) * 4 + cols / BLOCK as u64 * 2)
}

/// One block of 32: `scale * code + least`, with the codes as they are stored.
struct Block {
    scale: f16,
    least: Option<f16>,
    codes: [u8; BLOCK],
}

impl Block {
    fn read(kind: GgmlDType, bytes: &[u8]) -> Self {
        let half = |at: usize| f16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let (has_least, has_fifth) = match kind {
            GgmlDType::Q4_1 => (true, false),
            GgmlDType::Q5_0 => (false, true),
            GgmlDType::Q5_1 => (true, true),
            _ => (false, false),
        };
        let at = if has_least { 4 } else { 2 };
        let codes = if kind == GgmlDType::Q8_0 {
            std::array::from_fn(|i| bytes[at + i] ^ 0x80)
        } else {
            let fifth = |i: usize| (bytes[at + i / 8] >> (i % 8) & 1) << 4;
            let low = if has_fifth { at + 4 } else { at };
            std::array::from_fn(|i| {
                let pair = bytes[low + i % (BLOCK / 2)];
                let code = if i < BLOCK / 2 { pair & 15 } else { pair >> 4 };
                code | if has_fifth { fifth(i) } else { 0 }
            })
        };
        Self {
            scale: half(0),
            least: has_least.then(|| half(2)),
            codes,
        }
    }

    /// Its grid in our form, `scale * (code - zero_point)`; `None` where no whole zero point gives the same values.
    fn grid(&self, bits: u8) -> Option<Grid> {
        let scale = self.scale.to_f32();
        let middle = 1 << (bits - 1);
        let Some(least) = self.least else {
            return scale.is_finite().then(|| Grid::new(scale, middle, bits));
        };
        let zero_point = (-least.to_f32() / scale).round_ties_even();
        let most = f32::from(crate::weight::max_code(bits));
        if !(0.0..=most).contains(&zero_point) || f16::from_f32(-scale * zero_point) != least {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked above to be a code"
        )]
        let zero_point = zero_point as u8;
        Some(Grid::new(scale, zero_point, bits))
    }
}

/// A matrix `[rows, cols]` in our packed form; `None` where that does not hold the same values.
pub fn packed(form: Form, bytes: &[u8], shape: [usize; 2]) -> Option<Quantized> {
    let (bits, symmetric) = match form.kind {
        GgmlDType::Q4_0 => (4, true),
        GgmlDType::Q5_0 => (5, true),
        GgmlDType::Q8_0 => (8, true),
        GgmlDType::Q4_1 => (4, false),
        GgmlDType::Q5_1 => (5, false),
        _ => return None,
    };
    let layout = Layout {
        shape,
        bits,
        group_size: BLOCK,
        symmetric,
        scales: Storage::F16,
    };
    let mut codes = Vec::with_capacity(shape[0] * shape[1]);
    let mut grids = Vec::with_capacity(shape[0] * layout.groups());
    for bytes in bytes.chunks_exact(form.bytes) {
        let block = Block::read(form.kind, bytes);
        if block.scale == f16::ZERO {
            // Every weight is the least one: nothing but 0 has a grid.
            if block.least.is_some_and(|least| least != f16::ZERO) {
                return None;
            }
            let grid = Grid::new(1.0, 1 << (bits - 1), bits);
            codes.extend([grid.zero_point(); BLOCK]);
            grids.push(grid);
            continue;
        }
        grids.push(block.grid(bits)?);
        codes.extend(block.codes);
    }
    Some(Quantized::new(layout, &grids, &codes))
}

/// The values of a matrix `[rows, cols]`, rounded to f16.
pub fn widened(form: Form, bytes: &[u8], [rows, cols]: [usize; 2]) -> Result<Floats> {
    /// Weights that are written out as f32 at a time.
    const WEIGHTS: usize = 1 << 18;
    let mut values = Vec::with_capacity(rows * cols);
    let blocks = (WEIGHTS / form.weights).max(1);
    for bytes in bytes.chunks(blocks * form.bytes) {
        // A copy of its own is aligned, as candle asks.
        let bytes = bytes.to_vec();
        if !bytes.as_ptr().addr().is_multiple_of(align_of::<f32>()) {
            return Err(Error::Empty {
                what: "aligned memory".into(),
            });
        }
        let weights = bytes.len() / form.bytes * form.weights;
        let storage = QStorage::from_data(Cow::Owned(bytes), &Device::Cpu, form.kind)?;
        let tensor = QTensor::new(storage, (weights,))?.dequantize(&Device::Cpu)?;
        values.extend(tensor.to_vec1::<f32>()?.into_iter().map(f16::from_f32));
    }
    Ok(Floats::F16(values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weight::Weight;
    use candle_core::Tensor;

    fn number(i: usize) -> f32 {
        ((i * 7919 + 13) % 1009) as f32 / 504.5 - 1.0
    }

    /// Blocks as candle writes them, and the values that it reads from them.
    fn candle(kind: GgmlDType, rows: usize, cols: usize) -> (Form, Vec<u8>, Vec<f32>) {
        let values: Vec<f32> = (0..rows * cols)
            .map(|i| if i < 32 { 0.0 } else { number(i) })
            .collect();
        let tensor = Tensor::from_vec(values, (rows, cols), &Device::Cpu).expect("a tensor");
        let quantized = QTensor::quantize(&tensor, kind).expect("blocks");
        let read = quantized.dequantize(&Device::Cpu).expect("values");
        let read = read
            .flatten_all()
            .and_then(|t| t.to_vec1())
            .expect("values");
        let form = Form {
            kind,
            weights: kind.block_size(),
            bytes: kind.type_size(),
        };
        (form, quantized.data().expect("bytes").to_vec(), read)
    }

    #[test]
    fn symmetric_blocks_stay_packed_with_the_same_values() {
        for kind in [GgmlDType::Q4_0, GgmlDType::Q5_0, GgmlDType::Q8_0] {
            let (form, bytes, expected) = candle(kind, 3, 96);
            let quantized = packed(form, &bytes, [3, 96]).expect("our form");
            let matrix = Weight::Quantized(quantized).to_matrix();
            assert_eq!(matrix.data, expected, "{kind:?}");
        }
    }

    #[test]
    fn other_blocks_become_f16() {
        for kind in [
            GgmlDType::Q4_1,
            GgmlDType::Q5_1,
            GgmlDType::Q2K,
            GgmlDType::Q3K,
            GgmlDType::Q4K,
            GgmlDType::Q5K,
            GgmlDType::Q6K,
        ] {
            let (form, bytes, expected) = candle(kind, 3, 512);
            assert_eq!(packed(form, &bytes, [3, 512]), None, "{kind:?}");
            let rounded = Floats::from_f32(Storage::F16, expected.into_iter());
            assert_eq!(widened(form, &bytes, [3, 512]).expect("values"), rounded);
        }
    }

    #[test]
    fn a_least_value_on_the_grid_stays_packed() {
        for (kind, bits) in [(GgmlDType::Q4_1, 4u8), (GgmlDType::Q5_1, 5)] {
            let grid = Grid::new(f16::from_f32(0.37).to_f32(), 5, bits);
            let mut bytes = f16::from_f32(grid.scale()).to_le_bytes().to_vec();
            bytes.extend(f16::from_f32(-5.0 * grid.scale()).to_le_bytes());
            bytes.resize(kind.type_size(), 0x31);
            let form = Form {
                kind,
                weights: 32,
                bytes: kind.type_size(),
            };
            let quantized = packed(form, &bytes, [1, 32]).expect("our form");
            let block = Block::read(kind, &bytes);
            let values: Vec<f32> = block.codes.iter().map(|code| grid.value(*code)).collect();
            assert_eq!(Weight::Quantized(quantized).to_matrix().data, values);
        }
    }
}

//! Group-wise integer codes: `value = scale * (code - zero_point)`.

use super::bits;
use half::f16;

/// The evenly spaced values that one group of weights may take: `scale * (code - zero_point)` for codes
/// `0 ..= 2^bits - 1`. Zero is always one of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    scale: f16,
    zero_point: u8,
    max_code: u8,
}

impl Grid {
    /// Spans the smallest to the largest value and 0, with a rounded zero point (GPTQ, Frantar et al. 2023,
    /// `Quantizer.find_params` of the reference code). All-zero or empty values: scale 1.
    #[must_use]
    pub fn asymmetric(values: &[f32], bits: u8) -> Self {
        let max_code = max_code(bits);
        let low = values.iter().fold(0f32, |low, &value| low.min(value));
        let high = values.iter().fold(0f32, |high, &value| high.max(value));
        let scale = to_scale((high - low) / f32::from(max_code));
        let zero_point = to_code(-low / scale.to_f32(), max_code);
        Self {
            scale,
            zero_point,
            max_code,
        }
    }

    /// The full signed range, its end at the value of largest magnitude: `scale = -extreme / 2^(bits-1)`, so
    /// that the scale may be negative (as `Q4_0` of ggml). All-zero or empty values: scale 1.
    #[must_use]
    pub fn symmetric(values: &[f32], bits: u8) -> Self {
        let extreme = values
            .iter()
            .fold(0f32, |best, &v| if v.abs() > best.abs() { v } else { best });
        let zero_point = 1 << (bits - 1);
        Self {
            scale: to_scale(-extreme / f32::from(zero_point)),
            zero_point,
            max_code: max_code(bits),
        }
    }

    /// The code of the nearest value, ties to even.
    #[must_use]
    pub fn code(&self, value: f32) -> u8 {
        to_code(
            (value / self.scale.to_f32()).round_ties_even() + f32::from(self.zero_point),
            self.max_code,
        )
    }

    /// The value of a code.
    #[must_use]
    pub fn value(&self, code: u8) -> f32 {
        self.scale.to_f32() * (f32::from(code) - f32::from(self.zero_point))
    }
}

fn max_code(bits: u8) -> u8 {
    0xff >> (8 - bits)
}

/// Scales are kept in f16: one that would vanish there becomes 1, one that would overflow the largest.
fn to_scale(scale: f32) -> f16 {
    let rounded = f16::from_f32(scale.clamp(f16::MIN.to_f32(), f16::MAX.to_f32()));
    if rounded == f16::ZERO || rounded.is_nan() {
        f16::ONE
    } else {
        rounded
    }
}

fn to_code(value: f32, max_code: u8) -> u8 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the range of codes; NaN becomes 0"
    )]
    let code = value.round_ties_even().clamp(0.0, f32::from(max_code)) as u8;
    code
}

/// A matrix `[rows, cols]` of packed codes. Each row starts on a byte; its groups are `group_size` columns
/// wide, the last one shorter where that does not divide.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantized {
    rows: usize,
    cols: usize,
    bits: u8,
    group_size: usize,
    /// `packed_bytes(cols, bits)` per row.
    codes: Vec<u8>,
    /// `[rows, groups]`.
    scales: Vec<f16>,
    /// `packed_bytes(groups, bits)` per row; `None`: every zero point is `2^(bits-1)`.
    zero_points: Option<Vec<u8>>,
}

/// The settings that a quantized matrix is laid out by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// `[rows, cols]`.
    pub shape: [usize; 2],
    /// 2 to 8.
    pub bits: u8,
    /// Columns per group, at least 1.
    pub group_size: usize,
    /// Whether every zero point is `2^(bits-1)` and need not be stored.
    pub symmetric: bool,
}

impl Quantized {
    /// Packs rows that come in order: `fill(row, grids, codes)` appends the grid of each group and the code of
    /// each column.
    pub fn from_rows(
        layout: Layout,
        mut fill: impl FnMut(usize, &mut Vec<Grid>, &mut Vec<u8>),
    ) -> Self {
        let [rows, cols] = layout.shape;
        let mut quantized = Self {
            rows,
            cols,
            bits: layout.bits,
            group_size: layout.group_size,
            codes: Vec::with_capacity(rows * bits::packed_bytes(cols, layout.bits)),
            scales: Vec::with_capacity(rows * cols.div_ceil(layout.group_size)),
            zero_points: (!layout.symmetric).then(Vec::new),
        };
        let (mut grids, mut codes) = (Vec::new(), Vec::new());
        for row in 0..rows {
            grids.clear();
            codes.clear();
            fill(row, &mut grids, &mut codes);
            debug_assert_eq!((codes.len(), grids.len()), (cols, quantized.groups()));
            bits::pack(&codes, layout.bits, &mut quantized.codes);
            quantized.scales.extend(grids.iter().map(|grid| grid.scale));
            if let Some(packed) = &mut quantized.zero_points {
                codes.clear();
                codes.extend(grids.iter().map(|grid| grid.zero_point));
                bits::pack(&codes, layout.bits, packed);
            }
        }
        quantized
    }

    /// Bits per code.
    #[must_use]
    pub fn bits(&self) -> u8 {
        self.bits
    }

    fn groups(&self) -> usize {
        self.cols.div_ceil(self.group_size)
    }

    pub(super) fn shape(&self) -> [usize; 2] {
        [self.rows, self.cols]
    }

    pub(super) fn bytes(&self) -> usize {
        self.codes.len() + self.scales.len() * 2 + self.zero_points.as_ref().map_or(0, Vec::len)
    }

    pub(super) fn read_row(&self, row: usize, out: &mut [f32]) {
        let stride = bits::packed_bytes(self.cols, self.bits);
        bits::unpack(&self.codes[row * stride..][..stride], self.bits, out);
        let groups = self.groups();
        let scales = &self.scales[row * groups..][..groups];
        let mut zero_points = vec![f32::from(1u8 << (self.bits - 1)); groups];
        if let Some(packed) = &self.zero_points {
            let stride = bits::packed_bytes(groups, self.bits);
            bits::unpack(
                &packed[row * stride..][..stride],
                self.bits,
                &mut zero_points,
            );
        }
        for ((group, scale), zero_point) in
            out.chunks_mut(self.group_size).zip(scales).zip(zero_points)
        {
            let scale = scale.to_f32();
            for value in group {
                *value = scale * (*value - zero_point);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn the_grid_holds_zero_and_the_ends() {
        let values = [-0.5, 0.25, 1.0];
        let grid = Grid::asymmetric(&values, 8);
        assert_eq!(grid.value(grid.code(0.0)), 0.0);
        for value in values {
            assert!((grid.value(grid.code(value)) - value).abs() < 0.004);
        }
    }

    #[test]
    fn the_symmetric_grid_reaches_the_extreme_exactly() {
        for extreme in [1.5f32, -1.5] {
            let grid = Grid::symmetric(&[0.3, extreme, -0.2], 2);
            assert_eq!(grid.value(grid.code(extreme)), extreme);
        }
    }

    #[test]
    fn halves_round_to_the_even_code() {
        let grid = Grid::asymmetric(&[0.0, 3.0], 2);
        assert_eq!([0.5, 1.5, 2.5].map(|v| grid.code(v)), [0, 2, 2]);
    }

    #[test]
    fn groups_without_a_usable_scale_become_zero() {
        for values in [&[0.0f32, 0.0][..], &[], &[1e-12, -1e-12]] {
            for grid in [Grid::asymmetric(values, 4), Grid::symmetric(values, 4)] {
                for &value in values {
                    assert_eq!(grid.value(grid.code(value)), 0.0);
                }
            }
        }
    }

    #[test]
    fn rows_of_every_width_and_group_read_back_their_codes() {
        for bits in 2..=8u8 {
            for (cols, group_size) in [(1, 1), (7, 3), (33, 32), (67, 67), (64, 16)] {
                for symmetric in [false, true] {
                    let layout = Layout {
                        shape: [3, cols],
                        bits,
                        group_size,
                        symmetric,
                    };
                    let source = |row: usize, col: usize| ((row * 31 + col * 17) % 23) as f32 - 7.0;
                    let mut expected = Vec::new();
                    let quantized = Quantized::from_rows(layout, |row, grids, codes| {
                        let values: Vec<f32> = (0..cols).map(|col| source(row, col)).collect();
                        for group in values.chunks(group_size) {
                            let grid = if symmetric {
                                Grid::symmetric(group, bits)
                            } else {
                                Grid::asymmetric(group, bits)
                            };
                            codes.extend(group.iter().map(|&v| grid.code(v)));
                            expected.extend(group.iter().map(|&v| grid.value(grid.code(v))));
                            grids.push(grid);
                        }
                    });
                    let mut row = vec![0.0; cols];
                    for (i, want) in expected.chunks(cols).enumerate() {
                        quantized.read_row(i, &mut row);
                        assert_eq!(row, want, "{layout:?}");
                    }
                }
            }
        }
    }
}

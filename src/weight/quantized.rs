//! Group-wise integer codes: `value = scale * (code - zero_point)`.

use super::dense::{Floats, Storage};
use super::{Matrix, bits};
use half::f16;

/// The evenly spaced values that one group of weights may take: `scale * (code - zero_point)` for codes
/// `0 ..= 2^bits - 1`. Zero is always one of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    scale: f32,
    zero_point: u8,
    max_code: u8,
}

impl Grid {
    /// A grid as it stands; a scale that is 0 or not finite becomes 1.
    #[must_use]
    pub fn new(scale: f32, zero_point: u8, bits: u8) -> Self {
        let usable = scale != 0.0 && scale.is_finite();
        Self {
            scale: if usable { scale } else { 1.0 },
            zero_point,
            max_code: max_code(bits),
        }
    }

    /// Spans `low <= 0` to `high >= 0` with a rounded zero point and a scale that f16 holds (GPTQ, Frantar et
    /// al. 2023, `Quantizer.find_params` of the reference code). Both 0: scale 1.
    #[must_use]
    pub fn spanning(low: f32, high: f32, bits: u8) -> Self {
        let max_code = max_code(bits);
        let scale = to_f16((high - low) / f32::from(max_code));
        Self {
            scale,
            zero_point: to_code(to_integer(-low / scale), max_code),
            max_code,
        }
    }

    /// The full signed range with its end at `extreme`: `scale = -extreme / 2^(bits-1)`, so that the scale may
    /// be negative (as `Q4_0` of ggml), in f16. 0: scale 1.
    #[must_use]
    pub fn reaching(extreme: f32, bits: u8) -> Self {
        let zero_point = 1 << (bits - 1);
        Self {
            scale: to_f16(-extreme / f32::from(zero_point)),
            zero_point,
            max_code: max_code(bits),
        }
    }

    /// The distance of neighbouring values; negative where the codes run downwards.
    #[must_use]
    pub fn scale(&self) -> f32 {
        self.scale
    }

    /// The code of the value 0.
    #[must_use]
    pub fn zero_point(&self) -> u8 {
        self.zero_point
    }

    /// The code of the nearest value, ties to even.
    #[must_use]
    pub fn code(&self, value: f32) -> u8 {
        to_code(
            to_integer(value / self.scale) + f32::from(self.zero_point),
            self.max_code,
        )
    }

    /// The value of a code.
    #[must_use]
    pub fn value(&self, code: u8) -> f32 {
        self.scale * (f32::from(code) - f32::from(self.zero_point))
    }

    /// The value of the grid that is nearest to `value`.
    #[must_use]
    pub fn nearest(&self, value: f32) -> f32 {
        let zero_point = f32::from(self.zero_point);
        let code = to_integer(value / self.scale) + zero_point;
        self.scale * (code.clamp(0.0, f32::from(self.max_code)) - zero_point)
    }
}

/// The nearest integer, ties to even, for values up to 2^22 in size, and for larger ones something as large: what is
/// added leaves no bits below 1. `f32::round_ties_even` is a call for x86-64 without SSE 4.1, once per weight.
fn to_integer(value: f32) -> f32 {
    const SHIFT: f32 = 12_582_912.0; // 1.5 * 2^23
    (value + SHIFT) - SHIFT
}

/// The largest code of `bits` bits.
#[must_use]
pub fn max_code(bits: u8) -> u8 {
    0xff >> (8 - bits)
}

/// A scale that would vanish in f16 becomes 1, one that would overflow the largest.
fn to_f16(scale: f32) -> f32 {
    let rounded = f16::from_f32(scale.clamp(f16::MIN.to_f32(), f16::MAX.to_f32()));
    if rounded == f16::ZERO || rounded.is_nan() {
        1.0
    } else {
        rounded.to_f32()
    }
}

/// An integer as a code.
fn to_code(value: f32, max_code: u8) -> u8 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the range of codes; NaN becomes 0"
    )]
    let code = value.clamp(0.0, f32::from(max_code)) as u8;
    code
}

/// A matrix `[rows, cols]` of packed codes. Each row starts on a word; its groups are `group_size` columns
/// wide, the last one shorter where that does not divide.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantized {
    layout: Layout,
    /// `packed_bytes(cols, bits)` per row.
    codes: Vec<u8>,
    /// `[rows, groups]`.
    scales: Floats,
    /// For each group of columns, the zero points of all rows, `packed_bytes(rows, bits)`; `None`: every zero
    /// point is `2^(bits-1)`.
    zero_points: Option<Vec<u8>>,
    /// `[cols]`: what the values of each column are multiplied by.
    column_factors: Option<Floats>,
    /// `[cols]`: the column that each place of a row holds; `None`: its own.
    column_order: Option<Vec<u32>>,
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
    /// The number format of the scales.
    pub scales: Storage,
}

impl Layout {
    /// Groups in a row.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.shape[1].div_ceil(self.group_size)
    }
}

impl Quantized {
    /// Packs `codes` `[rows, cols]` with their `grids` `[rows, groups]`.
    ///
    /// # Panics
    /// When there are not as many codes or grids as the layout says.
    #[must_use]
    pub fn new(layout: Layout, grids: &[Grid], codes: &[u8]) -> Self {
        let [rows, cols] = layout.shape;
        let groups = layout.groups();
        assert_eq!((codes.len(), grids.len()), (rows * cols, rows * groups));
        let mut packed = Vec::with_capacity(rows * bits::packed_bytes(cols, layout.bits));
        for row in codes.chunks_exact(cols.max(1)) {
            bits::pack(row.iter().copied(), layout.bits, &mut packed);
        }
        let zero_points = (!layout.symmetric).then(|| {
            let mut packed = Vec::with_capacity(groups * bits::packed_bytes(rows, layout.bits));
            for group in 0..groups {
                let of_rows = grids.iter().skip(group).step_by(groups);
                bits::pack(
                    of_rows.map(|grid| grid.zero_point),
                    layout.bits,
                    &mut packed,
                );
            }
            packed
        });
        Self {
            layout,
            codes: packed,
            scales: Floats::from_f32(layout.scales, grids.iter().map(|grid| grid.scale)),
            zero_points,
            column_factors: None,
            column_order: None,
        }
    }

    /// The same with each column's values multiplied by a factor; `factors` has one per column.
    #[must_use]
    pub fn with_column_factors(self, factors: Option<Floats>) -> Self {
        Self {
            column_factors: factors,
            ..self
        }
    }

    /// The same with place `i` of each row holding column `order[i]`; `order` holds every column once.
    #[must_use]
    pub fn with_column_order(self, order: Option<Vec<u32>>) -> Self {
        Self {
            column_order: order,
            ..self
        }
    }

    /// How it is laid out.
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// The grid of one group of one row.
    #[must_use]
    pub fn grid(&self, row: usize, group: usize) -> Grid {
        let mut scale = [0.0];
        self.scales
            .read(row * self.layout.groups() + group, &mut scale);
        Grid {
            scale: scale[0],
            zero_point: self.zero_point(row, group),
            max_code: max_code(self.layout.bits),
        }
    }

    /// One code; `place` is a column where columns are in their own order.
    #[must_use]
    pub fn code(&self, row: usize, place: usize) -> u8 {
        let stride = bits::packed_bytes(self.layout.shape[1], self.layout.bits);
        bits::get(
            &self.codes[row * stride..][..stride],
            self.layout.bits,
            place,
        )
    }

    /// The codes, a row after the other, each filling whole 32-bit words.
    #[must_use]
    pub fn packed_codes(&self) -> &[u8] {
        &self.codes
    }

    /// The zero points: for each group of columns those of all rows, filling whole 32-bit words.
    #[must_use]
    pub fn packed_zero_points(&self) -> Option<&[u8]> {
        self.zero_points.as_deref()
    }

    /// The scales, `[rows, groups]`.
    #[must_use]
    pub fn scales(&self) -> &Floats {
        &self.scales
    }

    /// What the values of each column are multiplied by.
    #[must_use]
    pub fn column_factors(&self) -> Option<&Floats> {
        self.column_factors.as_ref()
    }

    /// The column that each place of a row holds.
    #[must_use]
    pub fn column_order(&self) -> Option<&[u32]> {
        self.column_order.as_deref()
    }

    /// Multiplies each row by a factor, `factors` `[rows]`; the scales become f32.
    #[must_use]
    pub fn scale_rows(mut self, factors: &[f32]) -> Self {
        let groups = self.layout.groups();
        let mut scales = vec![0.0; self.scales.len()];
        self.scales.read(0, &mut scales);
        for (row, factor) in scales.chunks_exact_mut(groups.max(1)).zip(factors) {
            for scale in row {
                *scale *= factor;
            }
        }
        self.layout.scales = Storage::F32;
        self.scales = Floats::F32(scales);
        self
    }

    /// From the parts that a file has: `None` when their sizes do not fit the layout.
    #[must_use]
    pub fn from_parts(
        layout: Layout,
        codes: Vec<u8>,
        scales: Floats,
        zero_points: Option<Vec<u8>>,
    ) -> Option<Self> {
        let [rows, cols] = layout.shape;
        let groups = layout.groups();
        let zero_point_bytes = groups * bits::packed_bytes(rows, layout.bits);
        let fits = codes.len() == rows * bits::packed_bytes(cols, layout.bits)
            && scales.len() == rows * groups
            && zero_points.as_ref().map(Vec::len)
                == (!layout.symmetric).then_some(zero_point_bytes);
        fits.then_some(Self {
            layout,
            codes,
            scales,
            zero_points,
            column_factors: None,
            column_order: None,
        })
    }

    /// The nearest matrix on the grids of this one.
    #[must_use]
    pub fn nearest_to(&self, matrix: &Matrix) -> Self {
        let Layout {
            shape: [rows, cols],
            group_size,
            ..
        } = self.layout;
        let mut factors = vec![1.0; cols];
        if let Some(stored) = &self.column_factors {
            stored.read(0, &mut factors);
        }
        let mut codes = Vec::with_capacity(rows * cols);
        let mut grids = Vec::with_capacity(self.scales.len());
        for row in 0..rows {
            grids.extend((0..self.layout.groups()).map(|group| self.grid(row, group)));
            let grids = &grids[row * self.layout.groups()..];
            codes.extend((0..cols).map(|place| {
                let column = self
                    .column_order
                    .as_ref()
                    .map_or(place, |order| order[place] as usize);
                grids[place / group_size].code(matrix.row(row)[column] / factors[column])
            }));
        }
        Self::new(self.layout, &grids, &codes)
            .with_column_factors(self.column_factors.clone())
            .with_column_order(self.column_order.clone())
    }

    fn zero_point(&self, row: usize, group: usize) -> u8 {
        let Layout { shape, bits, .. } = self.layout;
        match &self.zero_points {
            None => 1 << (bits - 1),
            Some(packed) => {
                let stride = bits::packed_bytes(shape[0], bits);
                bits::get(&packed[group * stride..][..stride], bits, row)
            }
        }
    }

    pub(super) fn shape(&self) -> [usize; 2] {
        self.layout.shape
    }

    pub(super) fn bytes(&self) -> usize {
        self.codes.len()
            + self.scales.bytes()
            + self.zero_points.as_ref().map_or(0, Vec::len)
            + self.column_factors.as_ref().map_or(0, Floats::bytes)
            + self
                .column_order
                .as_ref()
                .map_or(0, |order| order.len() * 4)
    }

    pub(super) fn read_row(&self, row: usize, out: &mut [f32]) {
        let Some(order) = &self.column_order else {
            self.read_places(row, out);
            self.multiply_columns(out);
            return;
        };
        let mut places = vec![0.0; out.len()];
        self.read_places(row, &mut places);
        for (value, &column) in places.iter().zip(order) {
            out[column as usize] = *value;
        }
        self.multiply_columns(out);
    }

    fn multiply_columns(&self, out: &mut [f32]) {
        if let Some(stored) = &self.column_factors {
            let mut factors = vec![0.0; out.len()];
            stored.read(0, &mut factors);
            for (value, factor) in out.iter_mut().zip(factors) {
                *value *= factor;
            }
        }
    }

    /// The values of a row in the order in which they are stored.
    fn read_places(&self, row: usize, out: &mut [f32]) {
        let stride = bits::packed_bytes(out.len(), self.layout.bits);
        bits::unpack(&self.codes[row * stride..][..stride], self.layout.bits, out);
        let groups = self.layout.groups();
        let mut scales = vec![0.0; groups];
        self.scales.read(row * groups, &mut scales);
        for (group, (values, scale)) in out
            .chunks_mut(self.layout.group_size)
            .zip(scales)
            .enumerate()
        {
            let zero_point = f32::from(self.zero_point(row, group));
            for value in values {
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
        let grid = Grid::spanning(-0.5, 1.0, 8);
        assert_eq!(grid.nearest(0.0), 0.0);
        for value in [-0.5, 0.25, 1.0] {
            assert!((grid.value(grid.code(value)) - value).abs() < 0.004);
            assert_eq!(grid.nearest(value), grid.value(grid.code(value)));
        }
    }

    #[test]
    fn the_symmetric_grid_reaches_the_extreme_exactly() {
        for extreme in [1.5f32, -1.5] {
            let grid = Grid::reaching(extreme, 2);
            assert_eq!(grid.nearest(extreme), extreme);
        }
    }

    #[test]
    fn halves_round_to_the_even_code() {
        let grid = Grid::spanning(0.0, 3.0, 2);
        assert_eq!([0.5, 1.5, 2.5].map(|v| grid.code(v)), [0, 2, 2]);
    }

    #[test]
    fn groups_without_a_usable_scale_become_zero() {
        for (low, high) in [(0.0, 0.0), (-1e-12, 1e-12)] {
            for grid in [
                Grid::spanning(low, high, 4),
                Grid::reaching(high, 4),
                Grid::new(0.0, 3, 4),
            ] {
                assert_eq!([grid.nearest(low), grid.nearest(high)], [0.0, 0.0]);
            }
        }
    }

    fn example(layout: Layout) -> (Quantized, Vec<f32>) {
        let [rows, cols] = layout.shape;
        let value = |i: usize| ((i * 17) % 23) as f32 - 7.0;
        let (mut grids, mut codes, mut expected) = (Vec::new(), Vec::new(), Vec::new());
        for row in 0..rows {
            let values: Vec<f32> = (0..cols).map(|col| value(row * 31 + col)).collect();
            for group in values.chunks(layout.group_size) {
                let low = group.iter().fold(0f32, |a, &b| a.min(b));
                let high = group.iter().fold(0f32, |a, &b| a.max(b));
                let grid = if layout.symmetric {
                    Grid::reaching(if -low > high { low } else { high }, layout.bits)
                } else {
                    Grid::spanning(low, high, layout.bits)
                };
                codes.extend(group.iter().map(|&v| grid.code(v)));
                expected.extend(group.iter().map(|&v| grid.nearest(v)));
                grids.push(grid);
            }
        }
        (Quantized::new(layout, &grids, &codes), expected)
    }

    fn values(quantized: &Quantized) -> Matrix {
        let [rows, cols] = quantized.shape();
        let mut data = vec![0.0; rows * cols];
        for (row, out) in data.chunks_exact_mut(cols).enumerate() {
            quantized.read_row(row, out);
        }
        Matrix { rows, cols, data }
    }

    #[test]
    fn rows_of_every_width_and_group_read_back_their_codes() {
        for bits in 2..=8u8 {
            for (cols, group_size) in [(1, 1), (7, 3), (33, 32), (67, 67), (64, 16)] {
                for (symmetric, scales) in [
                    (false, Storage::F16),
                    (true, Storage::F16),
                    (true, Storage::F32),
                ] {
                    let layout = Layout {
                        shape: [3, cols],
                        bits,
                        group_size,
                        symmetric,
                        scales,
                    };
                    let (quantized, expected) = example(layout);
                    let matrix = values(&quantized);
                    assert_eq!(matrix.data, expected, "{layout:?}");
                    assert_eq!(quantized.nearest_to(&matrix), quantized, "{layout:?}");
                    let grid = quantized.grid(2, 0);
                    assert_eq!(grid.value(quantized.code(2, 0)), expected[2 * cols]);
                }
            }
        }
    }

    #[test]
    fn column_factors_and_order_apply_to_columns_and_count_as_bytes() {
        let layout = Layout {
            shape: [2, 6],
            bits: 4,
            group_size: 3,
            symmetric: false,
            scales: Storage::F16,
        };
        let (plain, expected) = example(layout);
        let factors = Floats::F16([1.0, 2.0, 0.5, 4.0, 1.0, 2.0].map(f16::from_f32).to_vec());
        let order = vec![3, 1, 0, 2, 5, 4];
        let twisted = plain
            .clone()
            .with_column_factors(Some(factors))
            .with_column_order(Some(order.clone()));
        let matrix = values(&twisted);
        for row in 0..2 {
            for (place, &column) in order.iter().enumerate() {
                let factor = [1.0, 2.0, 0.5, 4.0, 1.0, 2.0][column as usize];
                assert_eq!(
                    matrix.row(row)[column as usize],
                    expected[row * 6 + place] * factor
                );
            }
        }
        assert_eq!(twisted.bytes(), plain.bytes() + 6 * 2 + 6 * 4);
        assert_eq!(twisted.nearest_to(&matrix), twisted);
    }

    #[test]
    fn rows_are_multiplied_through_their_scales() {
        let layout = Layout {
            shape: [2, 6],
            bits: 4,
            group_size: 3,
            symmetric: false,
            scales: Storage::F16,
        };
        let (plain, expected) = example(layout);
        let scaled = values(&plain.scale_rows(&[2.0, 0.25]));
        let expected: Vec<f32> = expected
            .iter()
            .enumerate()
            .map(|(i, v)| v * [2.0, 0.25][i / 6])
            .collect();
        assert_eq!(scaled.data, expected);
    }
}

//! Group-wise integer codes: `value = scale * (code - zero_point)`, or `scale * code + minimum`.

mod change;
mod read;

use super::bits;
use super::dense::{Floats, Storage};
use super::grid::Grid;
use super::per_group::PerGroup;
use serde::{Deserialize, Serialize};

/// A matrix `[rows, cols]` of packed codes. Each row starts on a word; its groups are `group_size` columns
/// wide, the last one shorter where that does not divide.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantized {
    layout: Layout,
    /// `packed_bytes(cols, bits)` per row.
    codes: Vec<u8>,
    scales: PerGroup,
    offset: Offset,
    /// `[cols]`: what the values of each column are multiplied by.
    column_factors: Option<Floats>,
    /// `[cols]`: the column that each place of a row holds; `None`: its own.
    column_order: Option<Vec<u32>>,
}

/// Where the values of a group lie.
#[derive(Debug, Clone, PartialEq)]
pub enum Offset {
    /// `scale * (code - 2^(bits-1))`.
    Middle,
    /// `scale * (code - zero_point)`: for each group of columns, the zero points of all rows, filling whole 32-bit words.
    ZeroPoints(Vec<u8>),
    /// `scale * code + minimum`; 0 need not be among the values.
    Minima(PerGroup),
}

impl From<Option<Vec<u8>>> for Offset {
    fn from(zero_points: Option<Vec<u8>>) -> Self {
        zero_points.map_or(Self::Middle, Self::ZeroPoints)
    }
}

/// The settings that a quantized matrix is laid out by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// `[rows, cols]`.
    pub shape: [usize; 2],
    /// 2 to 8.
    pub bits: u8,
    /// Columns per group, at least 1.
    pub group_size: usize,
    /// Whether every zero point is `2^(bits-1)` and need not be stored.
    pub symmetric: bool,
    /// The number format of the scales; of those of whole blocks, where scales have two levels.
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
            bits::pack_row(row, layout.bits, &mut packed);
        }
        let zero_points = (!layout.symmetric).then(|| {
            let mut packed = Vec::with_capacity(groups * bits::packed_bytes(rows, layout.bits));
            for group in 0..groups {
                let of_rows = grids.iter().skip(group).step_by(groups);
                bits::pack(of_rows.map(Grid::zero_point), layout.bits, &mut packed);
            }
            packed
        });
        Self {
            layout,
            codes: packed,
            scales: Floats::from_f32(layout.scales, grids.iter().map(Grid::scale)).into(),
            offset: zero_points.into(),
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

    /// The grid of one group of one row; `None` where groups have minima.
    #[must_use]
    pub fn grid(&self, row: usize, group: usize) -> Option<Grid> {
        let zero_point = self.zero_point(row, group)?;
        let scale = self.scales.get(row * self.layout.groups() + group);
        Some(Grid::of_file(scale, zero_point, self.layout.bits))
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

    /// The scales.
    #[must_use]
    pub fn scales(&self) -> &PerGroup {
        &self.scales
    }

    /// Zero points or minima.
    #[must_use]
    pub fn offset(&self) -> &Offset {
        &self.offset
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

    /// From the parts that a file has: `None` when their sizes do not fit the layout.
    #[must_use]
    pub fn from_parts(
        layout: Layout,
        codes: Vec<u8>,
        scales: impl Into<PerGroup>,
        offset: impl Into<Offset>,
    ) -> Option<Self> {
        let [rows, cols] = layout.shape;
        let groups = layout.groups();
        let (scales, offset) = (scales.into(), offset.into());
        let offset_fits = match &offset {
            Offset::Middle => layout.symmetric,
            Offset::ZeroPoints(packed) => {
                !layout.symmetric && packed.len() == groups * bits::packed_bytes(rows, layout.bits)
            }
            Offset::Minima(minima) => !layout.symmetric && minima.fits(rows, groups),
        };
        let fits = codes.len() == rows * bits::packed_bytes(cols, layout.bits)
            && scales.fits(rows, groups)
            && scales.storage() == layout.scales
            && offset_fits;
        fits.then_some(Self {
            layout,
            codes,
            scales,
            offset,
            column_factors: None,
            column_order: None,
        })
    }

    /// The code of the value 0; `None` where groups have minima.
    fn zero_point(&self, row: usize, group: usize) -> Option<u8> {
        let Layout { shape, bits, .. } = self.layout;
        match &self.offset {
            Offset::Middle => Some(1 << (bits - 1)),
            Offset::ZeroPoints(packed) => {
                let stride = bits::packed_bytes(shape[0], bits);
                Some(bits::get(&packed[group * stride..][..stride], bits, row))
            }
            Offset::Minima(_) => None,
        }
    }

    pub(super) fn shape(&self) -> [usize; 2] {
        self.layout.shape
    }

    pub(super) fn bytes(&self) -> usize {
        self.codes.len()
            + self.scales.bytes()
            + match &self.offset {
                Offset::Middle => 0,
                Offset::ZeroPoints(packed) => packed.len(),
                Offset::Minima(minima) => minima.bytes(),
            }
            + self.column_factors.as_ref().map_or(0, Floats::bytes)
            + self
                .column_order
                .as_ref()
                .map_or(0, |order| order.len() * 4)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Matrix;
    use super::*;
    use half::f16;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

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
                    assert_eq!(
                        quantized.nearest_to(&matrix).as_ref(),
                        Some(&quantized),
                        "{layout:?}"
                    );
                    let grid = quantized.grid(2, 0).expect("a grid");
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
        assert_eq!(twisted.nearest_to(&matrix), Some(twisted));
    }
}

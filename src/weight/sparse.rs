//! A bit per position and the values that are not zero, in column order.
//!
//! For a 2:4 pattern the bitmask takes as many bits as two 2-bit indices per four weights would, for 4:8 fewer
//! than four 3-bit indices: one storage serves every pattern.

use super::{Floats, Matrix, Storage};

/// A matrix `[rows, cols]` of which only the values that are not zero are kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Sparse {
    rows: usize,
    cols: usize,
    /// Column `c` of a row is bit `c % 8` of its byte `c / 8`; a row starts on a byte.
    mask: Vec<u8>,
    /// The kept values, row after row.
    values: Floats,
    /// Where each row's values begin.
    starts: RowStarts,
}

#[derive(Debug, Clone, PartialEq)]
enum RowStarts {
    /// Every row keeps the same number of values, as with a pattern.
    Even(usize),
    /// One start per row.
    Listed(Vec<u32>),
}

impl Sparse {
    /// Keeps the values of `matrix` that are not zero, rounded to `storage`.
    #[must_use]
    pub fn from_matrix(matrix: &Matrix, storage: Storage) -> Self {
        let stride = matrix.cols.div_ceil(8);
        let mut mask = vec![0; matrix.rows * stride];
        let mut starts = Vec::with_capacity(matrix.rows + 1);
        let mut kept = 0u32;
        for row in 0..matrix.rows {
            starts.push(kept);
            for (col, _) in nonzero(matrix.row(row)) {
                mask[row * stride + col / 8] |= 1 << (col % 8);
                kept += 1;
            }
        }
        let values = Floats::from_f32(
            storage,
            (0..matrix.rows).flat_map(|row| nonzero(matrix.row(row)).map(|(_, value)| value)),
        );
        starts.push(kept);
        Self {
            rows: matrix.rows,
            cols: matrix.cols,
            mask,
            values,
            starts: RowStarts::from_list(starts),
        }
    }

    /// From the parts that a file has: `None` when they do not fit one another.
    #[must_use]
    pub fn from_parts(
        shape: [usize; 2],
        mask: Vec<u8>,
        values: Floats,
        starts: Option<Vec<u32>>,
    ) -> Option<Self> {
        let [rows, cols] = shape;
        let stride = cols.div_ceil(8);
        if rows == 0 || cols == 0 || mask.len() != rows.checked_mul(stride)? {
            return None;
        }
        let mut list = Vec::with_capacity(rows + 1);
        let mut kept = 0u32;
        for row in mask.chunks_exact(stride) {
            list.push(kept);
            let end = u32::from(row[stride - 1]);
            if end >> ((cols - 1) % 8 + 1) != 0 {
                return None;
            }
            kept = kept.checked_add(row.iter().map(|byte| byte.count_ones()).sum())?;
        }
        if kept as usize != values.len() || starts.is_some_and(|starts| starts != list) {
            return None;
        }
        list.push(kept);
        Some(Self {
            rows,
            cols,
            mask,
            values,
            starts: RowStarts::from_list(list),
        })
    }

    /// The kept values, row after row.
    #[must_use]
    pub fn values(&self) -> &Floats {
        &self.values
    }

    /// Column `c` of a row is bit `c % 8` of its byte `c / 8`; a row starts on a byte.
    #[must_use]
    pub fn mask(&self) -> &[u8] {
        &self.mask
    }

    /// Where each row's values begin; `None` where all rows keep as many.
    #[must_use]
    pub fn row_starts(&self) -> Option<&[u32]> {
        match &self.starts {
            RowStarts::Even(_) => None,
            RowStarts::Listed(starts) => Some(starts),
        }
    }

    /// `[rows, cols]`.
    #[must_use]
    pub fn shape(&self) -> [usize; 2] {
        [self.rows, self.cols]
    }

    pub(super) fn bytes(&self) -> usize {
        let starts = match &self.starts {
            RowStarts::Even(_) => 0,
            RowStarts::Listed(starts) => starts.len() * 4,
        };
        self.mask.len() + self.values.bytes() + starts
    }

    pub(super) fn read_row(&self, row: usize, out: &mut [f32]) {
        let stride = self.cols.div_ceil(8);
        let mask = &self.mask[row * stride..][..stride];
        let count = mask.iter().map(|byte| byte.count_ones() as usize).sum();
        let mut kept = vec![0.0; count];
        self.values.read(self.starts.of(row), &mut kept);
        let mut kept = kept.into_iter();
        for (byte, places) in mask.iter().zip(out.chunks_mut(8)) {
            for (bit, place) in places.iter_mut().enumerate() {
                *place = if byte >> bit & 1 == 1 {
                    kept.next().unwrap_or(0.0)
                } else {
                    0.0
                };
            }
        }
    }
}

fn nonzero(row: &[f32]) -> impl Iterator<Item = (usize, f32)> + '_ {
    row.iter()
        .copied()
        .enumerate()
        .filter(|&(_, value)| value != 0.0)
}

impl RowStarts {
    /// `list` holds each row's start and the end.
    fn from_list(mut list: Vec<u32>) -> Self {
        let first = list.get(1).map_or(0, |&second| second - list[0]);
        if list.windows(2).all(|pair| pair[1] - pair[0] == first) {
            return Self::Even(first as usize);
        }
        list.pop();
        Self::Listed(list)
    }

    fn of(&self, row: usize) -> usize {
        match self {
            Self::Even(count) => row * count,
            Self::Listed(starts) => starts[row] as usize,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Weight;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn matrix(rows: usize, cols: usize, keep: impl Fn(usize, usize) -> bool) -> Matrix {
        let data = (0..rows * cols)
            .map(|i| {
                if keep(i / cols, i % cols) {
                    1.0 + i as f32
                } else {
                    0.0
                }
            })
            .collect();
        Matrix { rows, cols, data }
    }

    #[test]
    fn every_width_reads_back() {
        for cols in 1..=67 {
            for modulus in 1..5 {
                let source = matrix(3, cols, |row, col| (row * 7 + col) % modulus == 0);
                let sparse = Sparse::from_matrix(&source, Storage::F32);
                assert_eq!(Weight::Sparse(sparse).to_matrix(), source);
            }
        }
    }

    #[test]
    fn a_pattern_needs_no_row_starts() {
        let source = matrix(4, 64, |_, col| col % 4 < 2);
        let sparse = Sparse::from_matrix(&source, Storage::F16);
        assert_eq!(sparse.bytes(), 4 * 64 / 8 + 4 * 32 * 2);
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        for keep in [
            |row: usize, col: usize| col < row,
            |_: usize, col: usize| col.is_multiple_of(2),
        ] {
            let sparse = Sparse::from_matrix(&matrix(4, 12, keep), Storage::F16);
            let parts = |shape, mask: &[u8], values: Floats| {
                Sparse::from_parts(
                    shape,
                    mask.to_vec(),
                    values,
                    sparse.row_starts().map(<[u32]>::to_vec),
                )
            };
            let values = || sparse.values().clone();
            assert_eq!(
                parts([4, 12], sparse.mask(), values()),
                Some(sparse.clone())
            );
            assert_eq!(parts([4, 11], sparse.mask(), Floats::F16(Vec::new())), None);
            assert_eq!(parts([3, 12], sparse.mask(), values()), None);
            assert_eq!(parts([usize::MAX, 12], sparse.mask(), values()), None);
            let mut mask = sparse.mask().to_vec();
            mask[1] |= 0x80;
            assert_eq!(parts([4, 12], &mask, values()), None);
        }
        let sparse = Sparse::from_matrix(&matrix(4, 12, |row, col| col < row), Storage::F16);
        assert!(
            Sparse::from_parts(
                [4, 12],
                sparse.mask().to_vec(),
                sparse.values().clone(),
                Some(vec![0; 4])
            )
            .is_none()
        );
    }

    #[test]
    fn an_uneven_matrix_counts_its_row_starts() {
        let source = matrix(4, 64, |row, col| col < row);
        let sparse = Sparse::from_matrix(&source, Storage::F16);
        assert_eq!(sparse.bytes(), 4 * 64 / 8 + 6 * 2 + 4 * 4);
        assert_eq!(Weight::Sparse(sparse).to_matrix(), source);
    }
}

//! The triangular factor of an inverse, by which the columns of a weight make up for one another.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{
    LltRegularization, cholesky_in_place, cholesky_in_place_scratch,
};
use faer::linalg::matmul::matmul;
use faer::linalg::triangular_solve::solve_lower_triangular_in_place;
use faer::{Accum, Mat, MatMut, MatRef, Spec, get_global_parallelism};
use std::ops::Range;

/// Rows of a panel.
const PANEL: usize = 128;

/// An upper triangular matrix `[n, n]` in panels of 128 rows, each from the column of its first row on.
#[derive(Debug)]
pub struct UpperFactor {
    n: usize,
    /// Row-major.
    panels: Vec<Vec<f32>>,
}

impl UpperFactor {
    /// Rows and columns.
    #[must_use]
    pub fn n(&self) -> usize {
        self.n
    }

    /// A row, from the diagonal on.
    ///
    /// # Panics
    /// When there is no such row.
    #[must_use]
    pub fn row(&self, row: usize) -> &[f32] {
        let start = row / PANEL * PANEL;
        let width = self.n - start;
        &self.panels[row / PANEL][(row - start) * (width + 1)..][..self.n - row]
    }

    /// The parts of `rows` that lie in one panel each, with what they have in `cols`, which are to the right of all of them.
    pub(super) fn parts(
        &self,
        rows: Range<usize>,
        cols: Range<usize>,
    ) -> impl Iterator<Item = (Range<usize>, MatRef<'_, f32>)> {
        let panels = rows.start / PANEL..rows.end.div_ceil(PANEL);
        panels.map(move |panel| {
            let start = panel * PANEL;
            let width = self.n - start;
            let part = rows.start.max(start)..rows.end.min(start + PANEL);
            let values = &self.panels[panel];
            let whole = MatRef::from_row_major_slice(values, values.len() / width, width);
            let values = whole.submatrix(
                part.start - start,
                cols.start - start,
                part.len(),
                cols.len(),
            );
            (part, values)
        })
    }
}

/// Puts what a row of a matrix has in some columns into a slice.
pub type ColumnsOfRow<'f> = dyn Fn(usize, Range<usize>, &mut [f64]) + 'f;

/// `U`, upper triangular with a positive diagonal and `UᵀU = G⁻¹` (GPTQ, Frantar et al. 2023, section 3.3); `None` when
/// `G` `[n, n]` is not positive-definite in f64. `gram` puts `G[i, j]` of a row `i` and some columns `j`, none above `i`, into the slice.
///
/// With the order of rows and columns reversed `G = L Lᵀ`, and `U` is `L⁻¹`, reversed again. `L⁻¹` grows by a panel of
/// rows at a time: with `M` the inverse so far, the panel of `L` is `X = G Mᵀ` and `C`, the Cholesky factor of
/// `G - X Xᵀ`, and that of the inverse `-C⁻¹ X M` and `C⁻¹`. So nothing but one triangle of f64 is alive.
pub fn inverse_factor(n: usize, gram: &ColumnsOfRow<'_>) -> Option<UpperFactor> {
    let parallel = get_global_parallelism();
    // Rows `start..end` of the inverse, columns `..end`; the last of them becomes the first panel of the result.
    let mut inverse: Vec<(Range<usize>, Mat<f64>)> = Vec::new();
    let mut start = 0;
    while start < n {
        let end = n - (n - start - 1) / PANEL * PANEL;
        let mut given = Mat::<f64>::zeros(end - start, end);
        for col in 0..end {
            // From the diagonal on, last row first.
            let from = col.saturating_sub(start);
            let values = &mut given.col_as_slice_mut(col)[from..];
            gram(n - 1 - col, n - end..n - start - from, values);
            values.reverse();
        }
        let mut left = Mat::zeros(end - start, start);
        for (rows, above) in &inverse {
            matmul(
                left.as_mut().subcols_mut(rows.start, rows.len()),
                Accum::Replace,
                given.subcols(0, rows.end),
                above.transpose(),
                1.0,
                parallel,
            );
        }
        let mut corner = given.subcols(start, end - start).to_owned();
        matmul(
            corner.as_mut(),
            Accum::Add,
            left.as_ref(),
            left.transpose(),
            -1.0,
            parallel,
        );
        cholesky(corner.as_mut())?;
        let mut panel = Mat::from_fn(end - start, end, |row, col| {
            f64::from(u8::from(col == start + row))
        });
        for (rows, above) in &inverse {
            matmul(
                panel.as_mut().subcols_mut(0, rows.end),
                Accum::Add,
                left.subcols(rows.start, rows.len()),
                above.as_ref(),
                -1.0,
                parallel,
            );
        }
        solve_lower_triangular_in_place(corner.as_ref(), panel.as_mut(), parallel);
        inverse.push((start..end, panel));
        start = end;
    }
    let mut panels = Vec::new();
    while let Some((_, panel)) = inverse.pop() {
        panels.push(reversed(panel.as_ref())?);
    }
    Some(UpperFactor { n, panels })
}

/// Puts the factor into the lower triangle.
fn cholesky(square: MatMut<f64>) -> Option<()> {
    let parallel = get_global_parallelism();
    let scratch = cholesky_in_place_scratch::<f64>(square.nrows(), parallel, Spec::default());
    cholesky_in_place(
        square,
        LltRegularization::default(),
        parallel,
        MemStack::new(&mut MemBuffer::new(scratch)),
        Spec::default(),
    )
    .ok()?;
    Some(())
}

/// The values row-major, the last row and column first; `None` where one is not finite in f32.
fn reversed(panel: MatRef<f64>) -> Option<Vec<f32>> {
    let mut values = Vec::with_capacity(panel.nrows() * panel.ncols());
    for row in (0..panel.nrows()).rev() {
        for col in (0..panel.ncols()).rev() {
            #[expect(clippy::cast_possible_truncation, reason = "the loops run in f32")]
            let value = panel[(row, col)] as f32;
            if !value.is_finite() {
                return None;
            }
            values.push(value);
        }
    }
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Of a matrix whose values are given one by one.
    fn of(n: usize, gram: impl Fn(usize, usize) -> f64) -> Option<UpperFactor> {
        inverse_factor(n, &|i, columns, out| {
            assert!(columns.len() == out.len() && columns.end <= i + 1);
            for (out, j) in out.iter_mut().zip(columns) {
                *out = gram(i, j);
            }
        })
    }

    #[test]
    fn the_factor_is_upper_and_its_square_inverts() {
        for n in (0..=67usize).chain([128, 130, 256, 259]) {
            let x =
                |t: usize, i: usize| ((t * 7919 + i * 104_729 + 13) % 1009) as f64 / 504.5 - 1.0;
            let mut full = vec![0.0; n * n];
            for i in 0..n {
                for j in 0..n {
                    let sum: f64 = (0..n + 20).map(|t| x(t, i) * x(t, j)).sum();
                    full[i * n + j] = sum + f64::from(u8::from(i == j));
                }
            }
            let gram = |i: usize, j: usize| full[i * n + j];
            let factor = of(n, gram).expect("positive-definite");
            assert_eq!(factor.n(), n);
            for i in 0..n {
                assert_eq!(factor.row(i).len(), n - i);
                assert!(factor.row(i)[0] > 0.0);
                for (rows, values) in factor.parts(i / 2..i, i..n) {
                    for row in rows.clone() {
                        for col in i..n {
                            let got = values[(row - rows.start, col - i)];
                            assert_eq!(got, factor.row(row)[col - row]);
                        }
                    }
                }
            }
            let u = |i: usize, j: usize| f64::from(factor.row(i)[j - i]);
            // U G Uᵀ is the identity.
            for i in (0..n.min(9)).chain(n.saturating_sub(9)..n) {
                for j in 0..n.min(9) {
                    let mut sum = 0.0;
                    for a in i..n {
                        for b in j..n {
                            sum += u(i, a) * gram(a, b) * u(j, b);
                        }
                    }
                    let expected = f64::from(u8::from(i == j));
                    assert!((sum - expected).abs() < 1e-4, "{n} [{i}, {j}]: {sum}");
                }
            }
        }
    }

    #[test]
    fn what_is_not_positive_definite_has_none() {
        assert!(of(2, |_, _| 1.0).is_none());
        assert!(of(2, |i, j| if i == j { -1.0 } else { 0.0 }).is_none());
        assert!(of(1, |_, _| f64::NAN).is_none());
        // The panel that is not comes after others that are.
        let last = |i, j| f64::from(u8::from(i == j && j > 0));
        assert!(of(300, last).is_none());
    }
}

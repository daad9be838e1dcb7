//! The loop of GPTQ and `SparseGPT`: columns are replaced from left to right, and what each replacement changes
//! in the outputs is made up for by the columns to its right.

use super::UpperFactor;
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;
use std::ops::Range;

/// Rows that one thread takes at a time.
const ROWS: usize = 64;

/// Columns that are corrected one by one; the others of a block follow a strip at a time. Whole groups of a pattern fit.
const STRIP: usize = 32;

/// What takes the place of a weight.
pub trait Replace: Sync {
    /// What is remembered along a row while a strip of columns is done.
    type Row: Default;

    /// Called before the columns of a block, with the weight `[rows, cols]` as earlier blocks have left it.
    fn enter(&mut self, _block: Range<usize>, _weight: &[f32]) {}

    /// The value that takes the place of `rest[0]`, at `[row, col]`; `rest` are the current values from there to
    /// the end of its strip, which begins at a multiple of 32 in the block and has as many columns, or those that are left.
    fn value(&self, state: &mut Self::Row, row: usize, col: usize, rest: &[f32]) -> f32;
}

/// Replaces every value of `weight` `[rows, cols]` in blocks of `block` columns, with the factor of
/// [`super::inverse_factor`] of as many columns (Frantar et al. 2023, algorithm 1): after column `j` became `q`,
/// `w[k] -= (w[j] - q) / U[j, j] * U[j, k]` for all `k > j` of its row; later blocks get the corrections of a
/// whole block at once.
///
/// # Panics
/// When `weight` is not a whole number of rows, or `block` 0.
pub fn column_loop(
    weight: &mut [f32],
    factor: &UpperFactor,
    block: usize,
    replace: &mut impl Replace,
) {
    let cols = factor.n();
    assert_eq!(weight.len() % cols.max(1), 0, "whole rows of {cols}");
    for start in (0..cols).step_by(block) {
        let columns = start..(start + block).min(cols);
        replace.enter(columns.clone(), weight);
        let replace = &*replace;
        weight
            .par_chunks_mut(ROWS * cols)
            .enumerate()
            .for_each(|(chunk, weight)| {
                one_block(weight, factor, columns.clone(), chunk * ROWS, replace);
            });
    }
}

/// Does `columns` of some rows, of which the first is row `first`, and corrects what is to their right.
fn one_block<R: Replace>(
    weight: &mut [f32],
    factor: &UpperFactor,
    columns: Range<usize>,
    first: usize,
    replace: &R,
) {
    let cols = factor.n();
    let width = columns.len();
    let rows = weight.len() / cols;
    let mut errors = vec![0f32; rows * width];
    for start in (0..width).step_by(STRIP) {
        let end = (start + STRIP).min(width);
        let mut states: Vec<R::Row> = (0..rows).map(|_| R::Row::default()).collect();
        // Rows in the inner loop: they do not wait for one another.
        for i in start..end {
            let col = columns.start + i;
            let factor = &factor.row(col)[..columns.start + end - col];
            for (row, state) in states.iter_mut().enumerate() {
                let values = &mut weight[row * cols..][col..columns.start + end];
                let value = replace.value(state, first + row, col, values);
                let error = (values[0] - value) / factor[0];
                values[0] = value;
                errors[row * width + i] = error;
                for (later, share) in values[1..].iter_mut().zip(&factor[1..]) {
                    *later -= error * share;
                }
            }
        }
        let done = columns.start + start..columns.start + end;
        correct(
            weight,
            factor,
            (&errors, width, start),
            done.clone(),
            done.end..columns.end,
        );
    }
    correct(
        weight,
        factor,
        (&errors, width, 0),
        columns.clone(),
        columns.end..cols,
    );
}

/// Makes up in the columns `later` for the errors that the columns `done` have made: `errors` has rows of some width, and
/// those of `done` begin at a place in each.
fn correct(
    weight: &mut [f32],
    factor: &UpperFactor,
    (errors, width, place): (&[f32], usize, usize),
    done: Range<usize>,
    later: Range<usize>,
) {
    if later.is_empty() {
        return;
    }
    let cols = factor.n();
    let rows = weight.len() / cols;
    let errors = MatRef::from_row_major_slice(errors, rows, width);
    for (part, shares) in factor.parts(done.clone(), later.clone()) {
        matmul(
            MatMut::from_row_major_slice_mut(weight, rows, cols)
                .subcols_mut(later.start, later.len()),
            Accum::Add,
            errors.subcols(place + part.start - done.start, part.len()),
            shares,
            -1.0,
            Par::Seq,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Rounds to multiples of a quarter, and remembers that every column came once, in order.
    struct Quarters {
        entered: Vec<Range<usize>>,
    }

    impl Replace for Quarters {
        type Row = Option<usize>;

        fn enter(&mut self, block: Range<usize>, _: &[f32]) {
            self.entered.push(block);
        }

        fn value(&self, last: &mut Option<usize>, _: usize, col: usize, rest: &[f32]) -> f32 {
            let block = &self.entered[self.entered.len() - 1];
            let strip = block.start + (col - block.start) / STRIP * STRIP;
            assert_eq!(col, last.map_or(strip, |last| last + 1));
            assert_eq!(rest.len(), (strip + STRIP).min(block.end) - col);
            *last = Some(col);
            (rest[0] * 4.0).round_ties_even() / 4.0
        }
    }

    #[test]
    fn blocks_change_nothing_but_the_order_of_sums() {
        for (rows, cols, block) in [
            (1, 1, 1),
            (3, 7, 3),
            (5, 67, 16),
            (130, 40, 64),
            (2, 130, 128),
            (3, 300, 192),
        ] {
            let gram = |i: usize, j: usize| match i - j {
                0 => 2.0,
                apart => 1.0 / (apart + 1 + (i + j) % 3) as f64,
            };
            let rows_of = |i: usize, columns: Range<usize>, out: &mut [f64]| {
                for (out, j) in out.iter_mut().zip(columns) {
                    *out = gram(i, j);
                }
            };
            let factor = super::super::inverse_factor(cols, &rows_of).expect("positive-definite");
            let source: Vec<f32> = (0..rows * cols).map(|i| number(i + 7)).collect();
            let mut plain: Vec<f64> = source.iter().map(|v| f64::from(*v)).collect();
            let u = |i: usize, j: usize| f64::from(factor.row(i)[j - i]);
            for row in plain.chunks_exact_mut(cols) {
                for j in 0..cols {
                    let value = (row[j] * 4.0).round_ties_even() / 4.0;
                    let error = (row[j] - value) / u(j, j);
                    row[j] = value;
                    for (k, later) in row.iter_mut().enumerate().skip(j + 1) {
                        *later -= error * u(j, k);
                    }
                }
            }
            let mut fast = source;
            let mut quarters = Quarters {
                entered: Vec::new(),
            };
            column_loop(&mut fast, &factor, block, &mut quarters);
            assert_eq!(quarters.entered.len(), cols.div_ceil(block));
            // A sum that lies next to a tie may round to the other side.
            let other = fast
                .iter()
                .zip(&plain)
                .filter(|(a, b)| (f64::from(**a) - **b).abs() > 1e-6);
            assert!(
                other.count() * 100 <= rows * cols,
                "{rows} x {cols} in blocks of {block}"
            );
        }
    }
}

//! The Gram matrix of a layer's inputs, and the error that a change of the weight makes on them.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, get_global_parallelism};

/// Tokens whose products are summed in f32 before they are added to the f64 sums.
const CHUNK: usize = 512;

/// Rows or columns of a Gram matrix that are in f32 at a time.
const PANEL: usize = 128;

/// Where `[row, col]` of a lower triangle is among its rows, one after the other; `row >= col`.
#[must_use]
pub fn in_triangle(row: usize, col: usize) -> usize {
    row * (row + 1) / 2 + col
}

/// Adds `XᵀX` of `inputs` `[tokens, cols]` to `gram`, the rows of its lower triangle.
///
/// # Panics
/// When `inputs` is not a whole number of rows, or `gram` not such a triangle.
pub fn add_gram(inputs: &[f32], cols: usize, gram: &mut [f64]) {
    assert_eq!(gram.len(), in_triangle(cols, 0), "a triangle of {cols}");
    assert_eq!(inputs.len() % cols.max(1), 0, "whole rows of {cols}");
    let mut products = vec![0f32; PANEL.min(cols) * cols];
    for chunk in inputs.chunks(CHUNK * cols.max(1)) {
        let x = MatRef::from_row_major_slice(chunk, chunk.len() / cols, cols);
        for start in (0..cols).step_by(PANEL) {
            let end = (start + PANEL).min(cols);
            let products = &mut products[..(end - start) * end];
            matmul(
                MatMut::from_row_major_slice_mut(products, end - start, end),
                Accum::Replace,
                x.subcols(start, end - start).transpose(),
                x.subcols(0, end),
                1.0,
                get_global_parallelism(),
            );
            for (row, products) in (start..end).zip(products.chunks_exact(end)) {
                let sums = gram[in_triangle(row, 0)..].iter_mut();
                for (sum, product) in sums.zip(&products[..=row]) {
                    *sum += f64::from(*product);
                }
            }
        }
    }
}

/// `trace(D G Dᵀ)` for each `D` `[rows, cols]` of `differences`: the squared length of the outputs that it gives on the inputs
/// whose Gram matrix has the rows `gram` in its lower triangle.
///
/// # Panics
/// When one of them is not a whole number of rows of `cols`, or `gram` not such a triangle.
#[must_use]
pub fn output_energies<const N: usize>(
    differences: [&[f32]; N],
    gram: &[f64],
    cols: usize,
) -> [f64; N] {
    assert_eq!(gram.len(), in_triangle(cols, 0), "a triangle of {cols}");
    let mut energies = [0.0; N];
    for start in (0..cols).step_by(PANEL) {
        let width = PANEL.min(cols - start);
        // Some rows of the triangle; what lies beyond it counts here, twice.
        let mut panel = Mat::zeros(start + width, width);
        for col in 0..width {
            let row = &gram[in_triangle(start + col, 0)..][..=start + col];
            for (place, sum) in panel.col_as_slice_mut(col).iter_mut().zip(row) {
                #[expect(clippy::cast_possible_truncation, reason = "f32 is enough for a sum")]
                let sum = *sum as f32;
                *place = 2.0 * sum;
            }
            panel[(start + col, col)] /= 2.0;
        }
        for (energy, difference) in energies.iter_mut().zip(differences) {
            let rows = difference.len() / cols.max(1);
            let whole = MatRef::from_row_major_slice(difference, rows, cols);
            let mut product = Mat::zeros(rows, width);
            matmul(
                product.as_mut(),
                Accum::Replace,
                whole.subcols(0, start + width),
                panel.as_ref(),
                1.0,
                get_global_parallelism(),
            );
            for col in 0..width {
                let pairs = product.col_as_slice(col).iter().enumerate();
                *energy += pairs
                    .map(|(row, value)| f64::from(*value) * f64::from(whole[(row, start + col)]))
                    .sum::<f64>();
            }
        }
    }
    energies
}

/// `‖X Dᵀ‖²` for `D` `[rows, cols]` on the inputs `X` `[tokens, cols]` themselves.
///
/// # Panics
/// When one of them is not a whole number of rows of `cols`.
#[must_use]
pub fn output_energy(difference: &[f32], inputs: &[f32], cols: usize) -> f64 {
    for values in [difference, inputs] {
        assert_eq!(values.len() % cols.max(1), 0, "whole rows of {cols}");
    }
    let tokens = inputs.len() / cols.max(1);
    let x = MatRef::from_row_major_slice(inputs, tokens, cols);
    let mut outputs = Mat::zeros(tokens, PANEL);
    let mut energy = 0.0;
    for rows in difference.chunks(PANEL * cols.max(1)) {
        let mut outputs = outputs.as_mut().subcols_mut(0, rows.len() / cols);
        matmul(
            outputs.as_mut(),
            Accum::Replace,
            x,
            MatRef::from_row_major_slice(rows, rows.len() / cols, cols).transpose(),
            1.0,
            get_global_parallelism(),
        );
        for column in outputs.col_iter() {
            let squares = column.iter().map(|value| f64::from(*value).powi(2));
            energy += squares.sum::<f64>();
        }
    }
    energy
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn every_width_agrees_with_the_definition() {
        for cols in (1..=67).chain([2 * PANEL + 3]) {
            for tokens in [0, 1, 5, 70, CHUNK + 3] {
                let inputs: Vec<f32> = (0..tokens * cols).map(number).collect();
                let mut gram = vec![0.0; in_triangle(cols, 0)];
                add_gram(&inputs, cols, &mut gram);
                add_gram(&inputs, cols, &mut gram);
                for i in 0..cols {
                    for j in 0..=i {
                        let rows = inputs.chunks_exact(cols);
                        let plain: f64 = rows.map(|x| f64::from(x[i]) * f64::from(x[j])).sum();
                        let got = gram[in_triangle(i, j)];
                        // Sums of hundreds of products of order 1 in f32.
                        assert!(
                            (got - 2.0 * plain).abs() < 1e-3,
                            "{cols} {tokens}: {got} {plain}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn the_energy_is_that_of_the_outputs() {
        for (rows, cols, tokens) in [(1, 1, 1), (3, 5, 9), (7, PANEL + 5, 20), (PANEL + 3, 4, 6)] {
            let inputs: Vec<f32> = (0..tokens * cols).map(number).collect();
            let difference: Vec<f32> = (0..rows * cols).map(|i| number(i + 5)).collect();
            let mut gram = vec![0.0; in_triangle(cols, 0)];
            add_gram(&inputs, cols, &mut gram);
            let mut plain = 0.0;
            for x in inputs.chunks_exact(cols) {
                for row in difference.chunks_exact(cols) {
                    let output: f64 = row
                        .iter()
                        .zip(x)
                        .map(|(a, b)| f64::from(*a) * f64::from(*b))
                        .sum();
                    plain += output * output;
                }
            }
            let direct = output_energy(&difference, &inputs, cols);
            assert!(
                (direct - plain).abs() < 1e-4 * plain.max(1.0),
                "{direct} {plain}"
            );
            let half: Vec<f32> = difference.iter().map(|value| value / 2.0).collect();
            let [got, quarter] = output_energies([&difference, &half], &gram, cols);
            assert!((got - plain).abs() < 1e-4 * plain.max(1.0), "{got} {plain}");
            assert!(
                (quarter * 4.0 - got).abs() < 1e-6 * plain.max(1.0),
                "{got} {quarter}"
            );
        }
    }
}

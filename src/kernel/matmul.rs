//! `y = x Wᵀ` from whatever form the weight is stored in.

use super::simd::Machine;
use super::{dense, whole};
use pressure_test_weight::Weight;

/// Multiplies `inputs` `[n, cols]` with `weight` `[rows, cols]`: returns `[n, rows]`.
///
/// Quantized weights are multiplied in whole numbers ([`whole`]), others in f32 ([`dense`]). Order and factors of columns are
/// applied to the inputs, once. An output has the same bits on every machine, whatever the number of threads and the other
/// inputs.
///
/// # Panics
/// When `inputs` is not a whole number of rows of `cols`.
#[must_use]
pub fn matmul(inputs: &[f32], weight: &Weight) -> Vec<f32> {
    let [rows, cols] = weight.shape();
    if rows == 0 || cols == 0 || inputs.is_empty() {
        return Vec::new();
    }
    assert_eq!(inputs.len() % cols, 0, "inputs are whole rows of {cols}");
    match weight {
        Weight::Quantized(weight) => whole::product(inputs, weight, Machine::best()),
        Weight::Dense(_) | Weight::Sparse(_) => dense::product(inputs, weight, Machine::best()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number;
    use pressure_test_weight::{
        Dense, Floats, Grid, Layout, Matrix, Offset, Quantized, Sparse, Storage,
    };
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Sums of a few dozen products of order 1, in two orders, in f32.
    const TOLERANCE: f32 = 1e-4;

    /// The most that rounding an input to 16 bits can change an output: half a step for each weight; factors of columns
    /// are at most three times as large as others.
    fn rounding(weight: &Weight, row: &[f32], input: &[f32]) -> f32 {
        let largest = input.iter().fold(0f32, |most, value| most.max(value.abs()));
        match weight {
            Weight::Quantized(_) => {
                3.0 * largest / 65534.0 * row.iter().map(|weight| weight.abs()).sum::<f32>()
            }
            Weight::Dense(_) | Weight::Sparse(_) => 0.0,
        }
    }

    fn storages(rows: usize, cols: usize) -> Vec<Weight> {
        let data: Vec<f32> = (0..rows * cols)
            .map(|i| if i % 3 == 0 { 0.0 } else { number(i) })
            .collect();
        let matrix = Matrix { rows, cols, data };
        let quantized = |bits, symmetric| {
            let layout = Layout {
                shape: [rows, cols],
                bits,
                group_size: 16,
                symmetric,
                scales: Storage::F16,
            };
            let grid = if symmetric {
                Grid::reaching(1.0, bits)
            } else {
                Grid::spanning(-1.0, 0.75, bits)
            };
            let codes: Vec<u8> = matrix.data.iter().map(|&value| grid.code(value)).collect();
            Quantized::new(layout, &vec![grid; rows * layout.groups()], &codes)
        };
        let backwards = (0..).take(cols).collect::<Vec<u32>>().into_iter().rev();
        let factors = Floats::from_f32(Storage::F16, (0..cols).map(|i| number(i) + 2.0));
        let mut storages: Vec<Weight> = (2..=8)
            .flat_map(|bits| [false, true].map(|symmetric| quantized(bits, symmetric)))
            .map(Weight::Quantized)
            .collect();
        storages.push(Weight::Quantized(
            quantized(4, false)
                .with_column_factors(Some(factors))
                .with_column_order(Some(backwards.collect())),
        ));
        let plain = quantized(5, false);
        let minima = (0..rows * plain.layout().groups()).map(|i| number(i + 11));
        let minima = Floats::from_f32(Storage::F32, minima);
        let with_minima = Quantized::from_parts(
            plain.layout(),
            plain.packed_codes().to_vec(),
            plain.scales().clone(),
            Offset::Minima(minima.into()),
        );
        storages.push(Weight::Quantized(with_minima.expect("fitting parts")));
        let values = Floats::from_f32(Storage::F16, matrix.data.iter().copied());
        storages.push(Weight::Dense(
            Dense::new(rows, cols, values).expect("as many values as places"),
        ));
        storages.push(Weight::Sparse(Sparse::from_matrix(&matrix, Storage::F32)));
        storages.push(Weight::Sparse(Sparse::from_matrix(
            &two_of_four(matrix),
            Storage::F16,
        )));
        storages
    }

    /// The matrix with two weights of each four removed.
    fn two_of_four(mut matrix: Matrix) -> Matrix {
        for (i, value) in matrix.data.iter_mut().enumerate() {
            if i % matrix.cols % 4 > 1 {
                *value = 0.0;
            }
        }
        matrix
    }

    #[test]
    fn every_storage_and_odd_shape_agrees_with_the_definition() {
        for (rows, cols) in [(1, 1), (3, 5), (4, 8), (5, 33), (9, 67), (16, 64)] {
            for weight in storages(rows, cols) {
                let matrix = weight.to_matrix();
                for n in 0..6 {
                    let inputs: Vec<f32> = (0..n * cols).map(|i| number(i + 5)).collect();
                    let fast = matmul(&inputs, &weight);
                    assert_eq!(fast.len(), n * rows);
                    for t in 0..n {
                        for r in 0..rows {
                            let input = &inputs[t * cols..(t + 1) * cols];
                            let plain: f32 =
                                matrix.row(r).iter().zip(input).map(|(a, b)| a * b).sum();
                            let difference = (fast[t * rows + r] - plain).abs();
                            let most = TOLERANCE + rounding(&weight, matrix.row(r), input);
                            assert!(difference < most, "{rows}x{cols}, {n} inputs");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_result_does_not_depend_on_its_neighbours() {
        let inputs: Vec<f32> = (0..5 * 67).map(number).collect();
        for weight in &storages(9, 67) {
            let together = matmul(&inputs, weight);
            for t in 0..5 {
                let alone = matmul(&inputs[t * 67..(t + 1) * 67], weight);
                assert_eq!(alone, together[t * 9..(t + 1) * 9]);
            }
        }
    }

    #[test]
    fn factors_and_orders_of_columns_act_on_the_inputs() {
        let (rows, cols) = (5, 48);
        for weight in storages(rows, cols) {
            let Weight::Quantized(quantized) = weight else {
                continue;
            };
            let factors = Floats::F32((0..cols).map(|col| 0.5 + number(col).abs()).collect());
            let order: Vec<u32> = (0..48).map(|place| place * 7 % 48).collect();
            for (factors, order) in [
                (Some(factors.clone()), None),
                (None, Some(order.clone())),
                (Some(factors), Some(order)),
            ] {
                let quantized = quantized.clone();
                let quantized = quantized
                    .with_column_factors(factors)
                    .with_column_order(order);
                let weight = Weight::Quantized(quantized);
                let matrix = weight.to_matrix();
                let inputs: Vec<f32> = (0..3 * cols).map(|i| number(i + 5)).collect();
                let got = matmul(&inputs, &weight);
                for (n, input) in inputs.chunks_exact(cols).enumerate() {
                    for row in 0..rows {
                        let pairs = input.iter().zip(matrix.row(row));
                        let sum: f64 = pairs.map(|(x, w)| f64::from(*x) * f64::from(*w)).sum();
                        let found = f64::from(got[n * rows + row]);
                        let most = TOLERANCE + rounding(&weight, matrix.row(row), input);
                        assert!((found - sum).abs() < f64::from(most), "{found} {sum}");
                    }
                }
            }
        }
    }
}

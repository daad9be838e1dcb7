//! Products of weights that are read as f32, eight rows side by side.
//!
//! An output is the sum, in their order, of the sums of 64 columns, each added up column by column, without fused
//! multiply-add: the same bits on every machine.
#![expect(
    clippy::inline_always,
    reason = "a function with SIMD is fast inside one that has the same SIMD"
)]

use super::simd::{Machine, ROWS, Simd, Work, token_by_token};
use pressure_test_weight::Weight;
use rayon::prelude::*;

/// Columns that are summed before they are added to the others.
const STRETCH: usize = 64;

/// Tokens that are multiplied with the same columns together.
const TOKENS: usize = 4;

/// Multiplies `inputs` `[tokens, cols]` with `weight` `[rows, cols]`: returns `[tokens, rows]`.
pub(super) fn product(inputs: &[f32], weight: &Weight, machine: Machine) -> Vec<f32> {
    let [rows, cols] = weight.shape();
    let tokens = inputs.len() / cols;
    let mut outputs = vec![[0.0; ROWS]; rows.div_ceil(ROWS) * tokens];
    outputs
        .par_chunks_exact_mut(tokens)
        .enumerate()
        .for_each_init(
            || (vec![0.0; ROWS * cols], vec![[0.0; ROWS]; cols]),
            |(values, columns), (block, outputs)| {
                let first = block * ROWS;
                for (row, values) in (first..rows).zip(values.chunks_exact_mut(cols)) {
                    weight.read_row(row, values);
                }
                let all = inputs.chunks(TOKENS * cols);
                if outputs.len() > 1 {
                    machine.run(SideBySide { values, columns });
                }
                for (outputs, inputs) in outputs.chunks_mut(TOKENS).zip(all) {
                    let of_tokens = Tokens { columns, inputs };
                    match outputs {
                        [a, b, c, d] => machine.run((of_tokens, [a, b, c, d])),
                        [a, b, c] => machine.run((of_tokens, [a, b, c])),
                        [a, b] => machine.run((of_tokens, [a, b])),
                        [a] if tokens > 1 => machine.run((of_tokens, [a])),
                        [output] => machine.run(OneToken {
                            values,
                            inputs,
                            output,
                        }),
                        _ => {}
                    }
                }
            },
        );
    token_by_token(outputs, tokens, rows)
}

/// Eight rows times some tokens.
struct Tokens<'a> {
    columns: &'a [[f32; ROWS]],
    /// `[tokens, cols]`.
    inputs: &'a [f32],
}

impl<const T: usize> Work for (Tokens<'_>, [&mut [f32; ROWS]; T]) {
    #[inline(always)]
    fn run<S: Simd>(self) {
        let (Tokens { columns, inputs }, outputs) = self;
        let mut totals = [S::every_real(0.0); T];
        for (place, columns_of) in columns.chunks(STRETCH).enumerate() {
            let mut inputs_of = [&inputs[..0]; T];
            for t in 0..T {
                inputs_of[t] = &inputs[t * columns.len() + place * STRETCH..][..columns_of.len()];
            }
            let mut sums = [S::every_real(0.0); T];
            for col in 0..columns_of.len() {
                let weight = S::load_real(&columns_of[col]);
                for t in 0..T {
                    let product = S::multiply(weight, S::every_real(inputs_of[t][col]));
                    sums[t] = S::add(sums[t], product);
                }
            }
            for t in 0..T {
                totals[t] = S::add(totals[t], sums[t]);
            }
        }
        for (output, total) in outputs.into_iter().zip(totals) {
            S::store_real(total, output);
        }
    }
}

/// `[8, cols]` as `[cols, 8]`.
pub(super) struct SideBySide<'a> {
    pub values: &'a [f32],
    pub columns: &'a mut [[f32; ROWS]],
}

impl Work for SideBySide<'_> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        let rows = Rows::new(self.values);
        let (fours, rest) = self.columns.as_chunks_mut::<4>();
        for (four, columns) in fours.iter_mut().enumerate() {
            for (values, column) in rows.four::<S>(four).into_iter().zip(columns) {
                S::store_real(values, column);
            }
        }
        for (place, column) in rest.iter_mut().enumerate() {
            *column = rows.rest.map(|values| values[place]);
        }
    }
}

/// Eight rows of the same length, by fours of columns and what is left.
struct Rows<'a> {
    fours: [&'a [[f32; 4]]; ROWS],
    rest: [&'a [f32]; ROWS],
}

impl<'a> Rows<'a> {
    fn new(values: &'a [f32]) -> Self {
        let cols = values.len() / ROWS;
        let count = cols / 4;
        let row = |row: usize| values[row * cols..][..cols].as_chunks::<4>();
        Self {
            fours: std::array::from_fn(|i| &row(i).0[..count]),
            rest: std::array::from_fn(|i| row(i).1),
        }
    }

    /// Four columns of eight rows.
    #[inline(always)]
    fn four<S: Simd>(&self, place: usize) -> [S::Real; 4] {
        let row = |row: usize| S::four(&self.fours[row][place]);
        // By name, so that they stay in registers.
        let rows = [
            row(0),
            row(1),
            row(2),
            row(3),
            row(4),
            row(5),
            row(6),
            row(7),
        ];
        let [a, b, c, d] = S::side_by_side(rows);
        [S::as_real(a), S::as_real(b), S::as_real(c), S::as_real(d)]
    }
}

/// Eight rows `[8, cols]` times one token, for which alone columns are not kept.
struct OneToken<'a> {
    values: &'a [f32],
    inputs: &'a [f32],
    output: &'a mut [f32; ROWS],
}

impl Work for OneToken<'_> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        let rows = Rows::new(self.values);
        let (fours, rest) = self.inputs.as_chunks::<4>();
        let mut total = S::every_real(0.0);
        let mut sum = S::every_real(0.0);
        for (four, inputs) in fours.iter().enumerate() {
            if four > 0 && four.is_multiple_of(STRETCH / 4) {
                total = S::add(total, sum);
                sum = S::every_real(0.0);
            }
            for (values, input) in rows.four::<S>(four).into_iter().zip(inputs) {
                sum = S::add(sum, S::multiply(values, S::every_real(*input)));
            }
        }
        if !fours.is_empty() && fours.len().is_multiple_of(STRETCH / 4) {
            total = S::add(total, sum);
            sum = S::every_real(0.0);
        }
        for (place, input) in rest.iter().enumerate() {
            let values = S::load_real(&rows.rest.map(|values| values[place]));
            sum = S::add(sum, S::multiply(values, S::every_real(*input)));
        }
        if !self.inputs.len().is_multiple_of(STRETCH) {
            total = S::add(total, sum);
        }
        S::store_real(total, self.output);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number;
    use pressure_test_weight::{Dense, Floats, Storage};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn every_machine_gives_these_bits() {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for (rows, cols) in [(1, 1), (5, 33), (9, 67), (16, 64), (8, 131), (17, 256)] {
            let values = Floats::from_f32(Storage::F16, (0..rows * cols).map(number));
            let weight = Weight::Dense(Dense::new(rows, cols, values).expect("fitting"));
            for tokens in [1, 2, 3, 4, 9] {
                let inputs: Vec<f32> = (0..tokens * cols).map(|i| number(i + 5)).collect();
                let mut machines = Machine::available();
                let best = machines.next().expect("a machine");
                let outputs = product(&inputs, &weight, best);
                for machine in machines {
                    assert_eq!(product(&inputs, &weight, machine), outputs, "{machine:?}");
                }
                // FNV-1a of all outputs: natively and as wasm.
                for byte in outputs.iter().flat_map(|output| output.to_le_bytes()) {
                    hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
                }
            }
        }
        assert_eq!(hash, 0xc9db_d48a_214a_5420, "{hash:#x}");
    }
}

//! Products of quantized weights and inputs in whole numbers (docs/kernels.md).
//!
//! Inputs become 16-bit whole numbers `x` with an f32 scale for each token and stretch of at most 32 columns of one group; one that
//! is far larger than the others of its stretch, its outlier, has a scale of its own. For an output, each stretch gives
//! `s = Σ (code - zero point) x`, exactly, and in order of the stretches `output += s * (scale of the group * scale of the
//! inputs)`, then, where groups have minima, `output += minimum * (Σ x * scale of the inputs)`; the outliers come last, in the same
//! way, each step rounded to f32. So neither the machine nor the tokens beside it change a bit of an output.
//!
//! No sum overflows: codes and zero points lie in 0 to 255, so their difference in -255 to 255, and `|x| ≤ 32767`; hence
//! `|s| ≤ 32 · 255 · 32767 = 267 378 720 < 2³¹`, for a part of the columns no more. Where the zero point is taken off last,
//! `Σ code x` and `zero point · Σ x` are bounded by the same number, and their difference is `s` again.
#![expect(
    clippy::inline_always,
    clippy::many_single_char_names,
    reason = "a function with SIMD is fast inside one that has the same SIMD, and eight rows are eight letters"
)]

mod inputs;
mod rows;
#[cfg(test)]
mod tests;

use super::simd::{Machine, PAIRS, ROWS, Simd, Work, token_by_token};
use inputs::{Inputs, Stretch, Sums, TOKENS, stretches};
use pressure_test_weight::{Layout, Quantized};
use rayon::prelude::*;
use rows::{Codes, Scratch};

/// Multiplies inputs `[tokens, cols]` with `weight` `[rows, cols]`: returns `[tokens, rows]`.
pub(super) fn product(inputs: &[f32], weight: &Quantized, machine: Machine) -> Vec<f32> {
    let Layout {
        shape: [rows, cols],
        bits,
        ..
    } = weight.layout();
    let stretches = stretches(weight.layout());
    let tokens = inputs.len() / cols;
    let inputs = Inputs::new(&weight.placed(inputs), cols, &stretches, bits);
    let mut outputs = vec![[0.0; ROWS]; rows.div_ceil(ROWS) * tokens];
    outputs
        .par_chunks_exact_mut(tokens)
        .enumerate()
        .for_each_init(Scratch::default, |scratch, (place, outputs)| {
            let block = match bits {
                2 => block::<2>,
                3 => block::<3>,
                4 => block::<4>,
                5 => block::<5>,
                6 => block::<6>,
                7 => block::<7>,
                _ => block::<8>,
            };
            let first = place * ROWS;
            block(
                machine, weight, &stretches, &inputs, first, scratch, outputs,
            );
        });
    token_by_token(outputs, tokens, rows)
}

/// Eight rows, from `first` on, times all tokens: `outputs` `[tokens, 8]`.
fn block<const BITS: usize>(
    machine: Machine,
    weight: &Quantized,
    stretches: &[Stretch],
    inputs: &Inputs,
    first: usize,
    scratch: &mut Scratch,
    outputs: &mut [[f32; ROWS]],
) {
    scratch.read_groups(machine, weight, first);
    let Scratch {
        pairs,
        scales,
        zero_points,
        minima,
        bytes,
        along,
        ..
    } = scratch;
    let groups = Groups {
        stretches,
        scales,
        zero_points,
        minima,
    };
    let codes = Codes::<BITS>::new(weight, first, stretches, bytes);
    if let [output] = outputs {
        machine.run(Along {
            groups,
            codes,
            inputs,
            sums: along,
            output,
        });
        return;
    }
    pairs.resize(codes.runs * PAIRS, [0; ROWS]);
    machine.run(Unpack {
        groups,
        codes,
        pairs,
    });
    let mut first = 0;
    for outputs in outputs.chunks_mut(TOKENS) {
        let of_tokens = Tokens {
            groups,
            pairs,
            inputs,
            first,
        };
        match outputs {
            [a, b, c, d] => machine.run((of_tokens, [a, b, c, d])),
            [a, b, c] => machine.run((of_tokens, [a, b, c])),
            [a, b] => machine.run((of_tokens, [a, b])),
            [a] => machine.run((of_tokens, [a])),
            _ => {}
        }
        first += TOKENS;
    }
}

/// Scales, zero points and minima of eight rows.
#[derive(Clone, Copy)]
struct Groups<'a> {
    stretches: &'a [Stretch],
    scales: &'a [[f32; ROWS]],
    zero_points: &'a [[i32; ROWS]],
    minima: &'a [[f32; ROWS]],
}

impl Groups<'_> {
    /// Adds sums of whole numbers of some tokens that stand for `scales` times as much.
    #[inline(always)]
    fn add<S: Simd, const T: usize>(
        self,
        mut totals: [S::Real; T],
        sums: [S::Wide; T],
        group: usize,
        scales: &[f32; T],
    ) -> [S::Real; T] {
        let of_group = S::load_real(&self.scales[group]);
        for t in 0..T {
            let scale = S::multiply(of_group, S::every_real(scales[t]));
            totals[t] = S::add(totals[t], S::multiply(S::to_real(sums[t]), scale));
        }
        totals
    }

    /// Adds what the minima of a group give, where there are any.
    #[inline(always)]
    fn add_minima<S: Simd>(self, total: S::Real, group: usize, of_input: Sums) -> S::Real {
        let Some(minima) = self.minima.get(group) else {
            return total;
        };
        let minima = S::multiply(S::load_real(minima), S::every_real(of_input.real));
        S::add(total, minima)
    }
}

/// Codes less zero points, as column pairs of eight rows.
struct Unpack<'a, const BITS: usize> {
    groups: Groups<'a>,
    codes: Codes<'a, BITS>,
    pairs: &'a mut [[i32; ROWS]],
}

impl<const BITS: usize> Work for Unpack<'_, BITS> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        let places = S::places::<BITS>();
        for stretch in self.groups.stretches {
            let zero_points = self.groups.zero_points[stretch.group];
            let of_runs = self.pairs[stretch.pairs()].as_chunks_mut::<PAIRS>().0;
            for (run, pairs) in stretch.runs.clone().zip(of_runs) {
                let row = |row: usize| {
                    let codes = S::unpack::<BITS>(self.codes.run(row, run), places);
                    #[expect(clippy::cast_possible_truncation, reason = "a byte")]
                    let zero_point = zero_points[row] as i16;
                    codes.map(|codes| S::less(codes, zero_point))
                };
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
                let [low, high] = pairs.as_chunks_mut::<4>().0 else {
                    continue;
                };
                for (half, pairs) in [low, high].into_iter().enumerate() {
                    let [a, b, c, d, e, f, g, h] = rows;
                    let rows = [
                        a[half], b[half], c[half], d[half], e[half], f[half], g[half], h[half],
                    ];
                    for (column, pair) in S::side_by_side(rows).into_iter().zip(pairs) {
                        S::store(column, pair);
                    }
                }
            }
        }
    }
}

/// Eight rows that are unpacked times some tokens, from `first` on.
struct Tokens<'a> {
    groups: Groups<'a>,
    pairs: &'a [[i32; ROWS]],
    inputs: &'a Inputs,
    first: usize,
}

impl<const T: usize> Work for (Tokens<'_>, [&mut [f32; ROWS]; T]) {
    #[inline(always)]
    fn run<S: Simd>(self) {
        let Tokens {
            groups,
            pairs,
            inputs,
            first,
        } = self.0;
        let mut totals = [S::every_real(0.0); T];
        let of_tokens = inputs.pairs::<T>(first);
        let scales = inputs.scales::<T>(first);
        for (place, (stretch, scales)) in groups.stretches.iter().zip(scales).enumerate() {
            let weights = pairs[stretch.pairs()].iter();
            let mut sums = [S::zeros(); T];
            for (weight, inputs) in weights.zip(&of_tokens[stretch.pairs()]) {
                let weight = S::load(weight);
                for t in 0..T {
                    sums[t] = S::add_dots(sums[t], weight, S::every(inputs[t]));
                }
            }
            totals = groups.add::<S, T>(totals, sums, stretch.group, scales);
            if !groups.minima.is_empty() {
                for (t, total) in totals.iter_mut().enumerate() {
                    let of_input = inputs.sums(first + t)[place];
                    *total = groups.add_minima::<S>(*total, stretch.group, of_input);
                }
            }
        }
        for (t, total) in totals.iter_mut().enumerate() {
            for outlier in inputs.outliers(first + t) {
                let weight = S::load(&pairs[outlier.pair]);
                let sums = S::add_dots(S::zeros(), weight, S::every(outlier.pair_value));
                [*total] = groups.add::<S, 1>([*total], [sums], outlier.group, &[outlier.scale]);
            }
        }
        for (output, total) in self.1.into_iter().zip(totals) {
            S::store_real(total, output);
        }
    }
}

/// Eight rows times one token, its columns along each row: for it alone, putting rows side by side does not pay. Codes are read
/// in the order of memory; what each stretch sums up to is put together afterwards.
struct Along<'a, const BITS: usize> {
    groups: Groups<'a>,
    codes: Codes<'a, BITS>,
    inputs: &'a Inputs,
    /// Of each stretch.
    sums: &'a mut Vec<[[i32; 4]; ROWS]>,
    output: &'a mut [f32; ROWS],
}

impl<const BITS: usize> Along<'_, BITS> {
    /// Adds a run of a row.
    #[inline(always)]
    fn add_run<S: Simd>(
        codes: &Codes<BITS>,
        sum: S::Along,
        [row, run]: [usize; 2],
        input: [S::Codes; 2],
        places: S::Places,
    ) -> S::Along {
        let [low, high] = S::unpack::<BITS>(codes.run(row, run), places);
        S::add_along(S::add_along(sum, low, input[0]), high, input[1])
    }

    /// Sums of each row of one group, with inputs whose whole numbers are `whole` together.
    #[inline(always)]
    fn across<S: Simd>(&self, sums: [S::Along; ROWS], group: usize, whole: i32) -> S::Wide {
        let zero_points = S::load(&self.groups.zero_points[group]);
        S::subtract_products(S::across(sums), zero_points, S::every(whole))
    }
}

impl<const BITS: usize> Work for Along<'_, BITS> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        let places = S::places::<BITS>();
        let stretches = self.groups.stretches;
        let runs = self.inputs.pairs::<1>(0).as_flattened().as_chunks().0;
        self.sums.resize(stretches.len(), [[0; 4]; ROWS]);
        let add = |sum, row, run, pairs| {
            Self::add_run::<S>(&self.codes, sum, [row, run], S::run(pairs), places)
        };
        // No stretch has more than two runs; where all have two, their number need not be looked up.
        let (twos, rest) = runs.as_chunks::<2>();
        let all_have_two = rest.is_empty() && twos.len() == stretches.len();
        for row in 0..ROWS {
            if all_have_two {
                for (place, ([one, two], sums)) in twos.iter().zip(&mut *self.sums).enumerate() {
                    let sum = add(S::nothing(), row, 2 * place, one);
                    let sum = add(sum, row, 2 * place + 1, two);
                    S::store_along(sum, &mut sums[row]);
                }
                continue;
            }
            for (stretch, sums) in stretches.iter().zip(&mut *self.sums) {
                let mut sum = S::nothing();
                for (run, pairs) in stretch.runs.clone().zip(&runs[stretch.runs.clone()]) {
                    sum = add(sum, row, run, pairs);
                }
                S::store_along(sum, &mut sums[row]);
            }
        }
        let mut total = S::every_real(0.0);
        let scales = self.inputs.scales::<1>(0);
        for (place, (stretch, scale)) in stretches.iter().zip(scales).enumerate() {
            let sum = |row: usize| S::load_along(&self.sums[place][row]);
            // By name, so that they stay in registers.
            let sums = [
                sum(0),
                sum(1),
                sum(2),
                sum(3),
                sum(4),
                sum(5),
                sum(6),
                sum(7),
            ];
            let of_input = self.inputs.sums(0)[place];
            let sums = self.across::<S>(sums, stretch.group, of_input.whole);
            [total] = (self.groups).add::<S, 1>([total], [sums], stretch.group, scale);
            total = (self.groups).add_minima::<S>(total, stretch.group, of_input);
        }
        for outlier in self.inputs.outliers(0) {
            let mut pairs = [0; PAIRS];
            pairs[outlier.pair % PAIRS] = outlier.pair_value;
            let input = S::run(&pairs);
            let run = outlier.pair / PAIRS;
            let sum = |row: usize| {
                Self::add_run::<S>(&self.codes, S::nothing(), [row, run], input, places)
            };
            let sums = [
                sum(0),
                sum(1),
                sum(2),
                sum(3),
                sum(4),
                sum(5),
                sum(6),
                sum(7),
            ];
            let sums = self.across::<S>(sums, outlier.group, outlier.whole);
            let scale = &[outlier.scale];
            [total] = (self.groups).add::<S, 1>([total], [sums], outlier.group, scale);
        }
        S::store_real(total, self.output);
    }
}

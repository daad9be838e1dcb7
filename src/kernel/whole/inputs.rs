//! Inputs of a layer as 16-bit whole numbers, with a scale for each token and stretch of columns.

use super::super::simd::{PAIRS, RUN, column_in_run, pair_of};
use crate::weight::Layout;
use std::ops::Range;

/// Columns that share the scale of their inputs, at most: all of one group of the weight.
pub(super) const LONGEST: usize = 64;

/// The largest whole number that an input becomes, in size.
pub(super) const LARGEST: f32 = 32767.0;

/// Inputs that are all smaller than this count as 0 beside it: their scale would be no normal f32.
const SMALLEST: f32 = 1.0 / (1u128 << 100) as f32;

/// Columns that are multiplied in whole numbers together: at most [`LONGEST`] of one group.
#[derive(Debug, Clone)]
pub(super) struct Stretch {
    pub columns: Range<usize>,
    pub group: usize,
    /// Of all runs of a row; the last one may be longer than the columns, where inputs are 0.
    pub runs: Range<usize>,
}

impl Stretch {
    pub fn pairs(&self) -> Range<usize> {
        self.runs.start * PAIRS..self.runs.end * PAIRS
    }
}

/// All stretches of a row.
pub(super) fn stretches(layout: Layout) -> Vec<Stretch> {
    let cols = layout.shape[1];
    let mut stretches = Vec::new();
    let (mut start, mut runs) = (0, 0);
    while start < cols {
        let group = start / layout.group_size;
        let group_end = (group + 1).saturating_mul(layout.group_size);
        let end = cols.min(group_end).min(start + LONGEST);
        let runs_end = runs + (end - start).div_ceil(RUN);
        stretches.push(Stretch {
            columns: start..end,
            group,
            runs: runs..runs_end,
        });
        (start, runs) = (end, runs_end);
    }
    stretches
}

/// Tokens that are multiplied with the same columns together.
pub(super) const TOKENS: usize = 4;

/// Rounded inputs of some tokens.
pub(super) struct Inputs {
    /// `[tokens / 4, pairs, 4]`, and a last part of fewer tokens: the whole numbers in the order of [`column_in_run`], two by two.
    pairs: Vec<i32>,
    /// `[tokens, stretches]`.
    sums: Vec<Sums>,
    /// Of a token.
    pairs_of_token: usize,
    stretches: usize,
}

/// What a token's inputs of one stretch have in common.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    /// What a whole number stands for times: `input ≈ scale * whole`.
    pub scale: f32,
    /// The sum of the whole numbers.
    pub whole: i32,
    /// The same times the scale.
    pub real: f32,
}

impl Inputs {
    /// Rounds inputs `[tokens, cols]` for codes of `bits` bits.
    pub fn new(inputs: &[f32], cols: usize, stretches: &[Stretch], bits: u8) -> Self {
        let tokens = inputs.len() / cols.max(1);
        let pairs_of_token = stretches.last().map_or(0, |last| last.pairs().end);
        let mut pairs = Vec::with_capacity(tokens * pairs_of_token);
        let mut sums = Vec::with_capacity(tokens * stretches.len());
        for inputs in inputs.chunks(TOKENS * cols.max(1)) {
            let start = pairs.len();
            let together = inputs.len() / cols.max(1);
            pairs.resize(start + together * pairs_of_token, 0);
            for (token, inputs) in inputs.chunks_exact(cols.max(1)).enumerate() {
                for stretch in stretches {
                    let values = &inputs[stretch.columns.clone()];
                    let place = start + stretch.pairs().start * together + token;
                    let out = pairs[place..].iter_mut().step_by(together);
                    sums.push(rounded(values, bits, out));
                }
            }
        }
        Self {
            pairs,
            sums,
            pairs_of_token,
            stretches: stretches.len(),
        }
    }

    /// All column pairs of `T` tokens from `first` on, which are all that are kept together.
    pub fn pairs<const T: usize>(&self, first: usize) -> &[[i32; T]] {
        let pairs = &self.pairs[first * self.pairs_of_token..];
        &pairs.as_chunks().0[..self.pairs_of_token]
    }

    /// All stretches of a token.
    pub fn sums(&self, token: usize) -> &[Sums] {
        &self.sums[token * self.stretches..][..self.stretches]
    }
}

/// Rounds a stretch of inputs to whole numbers up to [`LARGEST`] in size, ties to even. Where one is not finite, so is the scale.
fn rounded<'p>(values: &[f32], bits: u8, mut pairs: impl Iterator<Item = &'p mut i32>) -> Sums {
    // What is added leaves no bits below 1, and the whole number in the lower 16.
    const SHIFT: f32 = 12_582_912.0; // 1.5 * 2^23
    let sizes = values.iter().map(|value| value.abs().to_bits());
    let largest = f32::from_bits(sizes.fold(0, u32::max));
    if !largest.is_finite() {
        return Sums {
            scale: f32::NAN,
            whole: 0,
            real: f32::NAN,
        };
    }
    let largest = largest.max(SMALLEST);
    let (scale, inverse) = (largest / LARGEST, LARGEST / largest);
    let mut whole = [0i16; LONGEST];
    for (whole, value) in whole.iter_mut().zip(values) {
        #[expect(clippy::cast_possible_truncation, reason = "the lower 16 bits")]
        let lower = (value * inverse + SHIFT).to_bits() as u16;
        *whole = lower.cast_signed();
    }
    let runs = whole.as_chunks::<RUN>().0.iter();
    for run in runs.take(values.len().div_ceil(RUN)) {
        for i in 0..PAIRS {
            let value = |place| run[column_in_run(bits, place)];
            if let Some(pair) = pairs.next() {
                *pair = pair_of(value(2 * i), value(2 * i + 1));
            }
        }
    }
    let sum = whole.iter().map(|&whole| i32::from(whole)).sum::<i32>();
    Sums {
        scale,
        whole: sum,
        real: sum as f32 * scale,
    }
}

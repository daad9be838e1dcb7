//! Inputs of a layer as 16-bit whole numbers, with a scale for each token and stretch of columns.

use super::super::simd::{PAIRS, RUN, column_in_run, pair_of};
use pressure_test_weight::Layout;
use std::ops::Range;

/// Columns that share the scale of their inputs, at most: all of one group of the weight.
pub(super) const LONGEST: usize = 32;

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
    /// What a whole number stands for times: `input ≈ scale * whole`. `[tokens / 4, stretches, 4]`, and a last part of fewer tokens.
    scales: Vec<f32>,
    /// `[tokens, stretches]`.
    sums: Vec<Sums>,
    outliers: Vec<Outlier>,
    /// Where those of each token end.
    ends: Vec<usize>,
    /// Of a token.
    pairs_of_token: usize,
    stretches: usize,
}

/// What a token's inputs of one stretch have in common.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    /// The sum of the whole numbers.
    pub whole: i32,
    /// The sum of what all whole numbers stand for, the outlier among them.
    pub real: f32,
}

/// An input that is more than twice as large as all others of its stretch, which would be rounded as coarsely as it: it stands
/// for itself, and is 0 among the others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outlier {
    pub group: usize,
    /// Where it is among the column pairs of a row.
    pub pair: usize,
    /// The whole number, beside 0.
    pub pair_value: i32,
    pub whole: i32,
    pub scale: f32,
}

impl Inputs {
    /// Rounds inputs `[tokens, cols]` for codes of `bits` bits.
    pub fn new(inputs: &[f32], cols: usize, stretches: &[Stretch], bits: u8) -> Self {
        let tokens = inputs.len() / cols.max(1);
        let pairs_of_token = stretches.last().map_or(0, |last| last.pairs().end);
        let mut pairs = Vec::with_capacity(tokens * pairs_of_token);
        let mut scales = vec![0.0; tokens * stretches.len()];
        let mut sums = Vec::with_capacity(tokens * stretches.len());
        let (mut outliers, mut ends) = (Vec::new(), Vec::with_capacity(tokens));
        for inputs in inputs.chunks(TOKENS * cols.max(1)) {
            let (start, first) = (pairs.len(), sums.len());
            let together = inputs.len() / cols.max(1);
            pairs.resize(start + together * pairs_of_token, 0);
            for (token, inputs) in inputs.chunks_exact(cols.max(1)).enumerate() {
                for (number, stretch) in stretches.iter().enumerate() {
                    let mut whole = [0; LONGEST];
                    let whole = &mut whole[..RUN * stretch.runs.len()];
                    let rounded = Rounded::new(&inputs[stretch.columns.clone()], whole);
                    scales[first + number * together + token] = rounded.scale;
                    sums.push(rounded.sums);
                    let place = start + stretch.pairs().start * together + token;
                    write_pairs(whole, bits, &mut pairs[place..], together);
                    outliers.extend(rounded.outlier.map(|one| one.of(stretch, bits)));
                }
                ends.push(outliers.len());
            }
        }
        Self {
            pairs,
            scales,
            sums,
            outliers,
            ends,
            pairs_of_token,
            stretches: stretches.len(),
        }
    }

    /// All column pairs of `T` tokens from `first` on, which are all that are kept together.
    pub fn pairs<const T: usize>(&self, first: usize) -> &[[i32; T]] {
        let pairs = &self.pairs[first * self.pairs_of_token..];
        &pairs.as_chunks().0[..self.pairs_of_token]
    }

    /// The scales of the same tokens, stretch by stretch.
    pub fn scales<const T: usize>(&self, first: usize) -> &[[f32; T]] {
        let scales = &self.scales[first * self.stretches..];
        &scales.as_chunks().0[..self.stretches]
    }

    /// The outliers of a token, in order.
    pub fn outliers(&self, token: usize) -> &[Outlier] {
        let start = token.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.outliers[start..self.ends[token]]
    }

    /// All stretches of a token.
    pub fn sums(&self, token: usize) -> &[Sums] {
        &self.sums[token * self.stretches..][..self.stretches]
    }
}

/// Inputs of a stretch as whole numbers up to [`LARGEST`] in size, ties to even. Where an input is not finite, so is the scale.
struct Rounded {
    scale: f32,
    sums: Sums,
    outlier: Option<Alone>,
}

/// An input that stands for itself.
#[derive(Clone, Copy)]
struct Alone {
    /// In the stretch.
    column: usize,
    whole: i16,
    scale: f32,
}

impl Rounded {
    /// `whole`: as many zeros as there are inputs, and more where a run ends later.
    fn new(values: &[f32], whole: &mut [i16]) -> Self {
        let largest = largest_of(values);
        if !largest.is_finite() {
            return Self {
                scale: f32::NAN,
                sums: Sums {
                    whole: 0,
                    real: f32::NAN,
                },
                outlier: None,
            };
        }
        let is_large = |value: &f32| value.abs() > largest / 2.0;
        let alone = (count_above(values, largest / 2.0) == 1)
            .then(|| values.iter().position(is_large))
            .flatten();
        let beside = alone.map_or(largest, |alone| {
            largest_of(&values[..alone]).max(largest_of(&values[alone + 1..]))
        });
        // Beside nothing but 0 it needs no place of its own.
        let alone = alone.filter(|_| beside > 0.0);
        let scale = if beside > 0.0 { beside } else { largest }.max(SMALLEST) / LARGEST;
        multiply(values, 1.0 / scale, whole);
        let outlier = alone.map(|column| {
            whole[column] = 0;
            let scale = largest.max(SMALLEST) / LARGEST;
            Alone {
                column,
                whole: nearest(values[column] / scale),
                scale,
            }
        });
        let sum = sum_of(whole);
        let apart = |one: Alone| f32::from(one.whole) * one.scale;
        Self {
            scale,
            sums: Sums {
                whole: sum,
                real: sum as f32 * scale + outlier.map_or(0.0, apart),
            },
            outlier,
        }
    }
}

// Functions of their own: as loops of one large function they become single numbers instead of vectors.

#[inline(never)]
fn largest_of(values: &[f32]) -> f32 {
    // As bits, so that NaN is larger than all numbers.
    let sizes = values.iter().map(|value| value.abs().to_bits());
    f32::from_bits(sizes.fold(0, u32::max))
}

#[inline(never)]
fn count_above(values: &[f32], bound: f32) -> u32 {
    let sizes = values.iter().map(|value| value.abs());
    sizes.map(|size| u32::from(size > bound)).sum()
}

/// To whole numbers.
#[inline(never)]
fn multiply(values: &[f32], factor: f32, whole: &mut [i16]) {
    for (whole, value) in whole.iter_mut().zip(values) {
        *whole = nearest(value * factor);
    }
}

#[inline(never)]
fn sum_of(whole: &[i16]) -> i32 {
    whole.iter().map(|&whole| i32::from(whole)).sum()
}

/// The whole numbers of runs two by two, in the order of [`column_in_run`], each `step` places behind the one before it.
#[inline(never)]
fn write_pairs(whole: &[i16], bits: u8, out: &mut [i32], step: usize) {
    let mut out = out.iter_mut().step_by(step);
    for run in whole.as_chunks::<RUN>().0 {
        for (i, out) in (0..PAIRS).zip(&mut out) {
            let value = |place| run[column_in_run(bits, place)];
            *out = pair_of(value(2 * i), value(2 * i + 1));
        }
    }
}

impl Alone {
    fn of(self, stretch: &Stretch, bits: u8) -> Outlier {
        let place = (0..RUN).position(|place| column_in_run(bits, place) == self.column % RUN);
        let place = place.unwrap_or(0);
        Outlier {
            group: stretch.group,
            pair: stretch.pairs().start + self.column / RUN * PAIRS + place / 2,
            pair_value: if place % 2 == 0 {
                pair_of(self.whole, 0)
            } else {
                pair_of(0, self.whole)
            },
            whole: self.whole.into(),
            scale: self.scale,
        }
    }
}

/// The nearest whole number, ties to even: what is added leaves no bits below 1, and the number in the lower 16.
fn nearest(value: f32) -> i16 {
    const SHIFT: f32 = 12_582_912.0; // 1.5 * 2^23
    #[expect(clippy::cast_possible_truncation, reason = "the lower 16 bits")]
    let lower = (value + SHIFT).to_bits() as u16;
    lower.cast_signed()
}

//! The values that a group of weights may take.

use half::f16;

/// The evenly spaced values that one group of weights may take: `scale * (code - zero_point)` for codes
/// `0 ..= 2^bits - 1`. Zero is always one of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    scale: f32,
    zero_point: u8,
    max_code: u8,
}

impl Grid {
    /// A grid as it stands; a scale that is 0 or not finite becomes 1.
    #[must_use]
    pub fn new(scale: f32, zero_point: u8, bits: u8) -> Self {
        let usable = scale != 0.0 && scale.is_finite();
        Self {
            scale: if usable { scale } else { 1.0 },
            zero_point,
            max_code: max_code(bits),
        }
    }

    /// Spans `low <= 0` to `high >= 0` with a rounded zero point and a scale as [`stored`] gives it (GPTQ, Frantar et
    /// al. 2023, `Quantizer.find_params` of the reference code). Both 0: scale 1.
    #[must_use]
    pub fn spanning(low: f32, high: f32, bits: u8) -> Self {
        let max_code = max_code(bits);
        let codes = f32::from(max_code);
        let range = high - low;
        let scale = stored(if range.is_finite() {
            range / codes
        } else {
            high / codes - low / codes
        });
        Self {
            scale,
            zero_point: to_code(to_integer(-low / scale), max_code),
            max_code,
        }
    }

    /// The full signed range with its end at `extreme`: `scale = -extreme / 2^(bits-1)`, so that the scale may
    /// be negative (as `Q4_0` of ggml), as [`stored`] gives it. 0: scale 1.
    #[must_use]
    pub fn reaching(extreme: f32, bits: u8) -> Self {
        let zero_point = 1 << (bits - 1);
        Self {
            scale: stored(-extreme / f32::from(zero_point)),
            zero_point,
            max_code: max_code(bits),
        }
    }

    /// A grid that may have any scale, 0 and infinity included, as files have them.
    pub(super) fn of_file(scale: f32, zero_point: u8, bits: u8) -> Self {
        Self {
            scale,
            zero_point,
            max_code: max_code(bits),
        }
    }

    /// Whether f16 holds the scale as it is.
    #[must_use]
    pub fn fits_f16(&self) -> bool {
        f16::from_f32(self.scale).to_f32() == self.scale
    }

    /// The distance of neighbouring values; negative where the codes run downwards.
    #[must_use]
    pub fn scale(&self) -> f32 {
        self.scale
    }

    /// The code of the value 0.
    #[must_use]
    pub fn zero_point(&self) -> u8 {
        self.zero_point
    }

    /// The code of the nearest value, ties to even.
    #[must_use]
    #[inline]
    pub fn code(&self, value: f32) -> u8 {
        to_code(
            to_integer(value / self.scale) + f32::from(self.zero_point),
            self.max_code,
        )
    }

    /// The value of a code.
    #[must_use]
    pub fn value(&self, code: u8) -> f32 {
        self.scale * (f32::from(code) - f32::from(self.zero_point))
    }

    /// The codes of many values.
    pub fn codes(&self, values: &[f32], codes: &mut Vec<u8>) {
        let grid = *self;
        codes.extend(values.iter().map(|value| grid.code(*value)));
    }

    /// Puts the nearest value of the grid in the place of each of these.
    pub fn round(&self, values: &mut [f32]) {
        let grid = *self;
        for value in values {
            *value = grid.nearest(*value);
        }
    }

    /// The value of the grid that is nearest to `value`.
    #[must_use]
    #[inline]
    pub fn nearest(&self, value: f32) -> f32 {
        let zero_point = f32::from(self.zero_point);
        let code = to_integer(value / self.scale) + zero_point;
        self.scale * (code.clamp(0.0, f32::from(self.max_code)) - zero_point)
    }
}

/// The nearest integer, ties to even, for values up to 2^22 in size, and for larger ones something as large: what is
/// added leaves no bits below 1. `f32::round_ties_even` is a call for x86-64 without SSE 4.1, once per weight.
fn to_integer(value: f32) -> f32 {
    const SHIFT: f32 = 12_582_912.0; // 1.5 * 2^23
    (value + SHIFT) - SHIFT
}

/// The largest code of `bits` bits.
#[must_use]
pub fn max_code(bits: u8) -> u8 {
    0xff >> (8 - bits)
}

/// A scale rounded to f16 where that has full precision there: one that would vanish, lose bits below the smallest normal
/// number or overflow stays as it is. What is no scale at all becomes 1.
fn stored(scale: f32) -> f32 {
    let rounded = f16::from_f32(scale);
    if rounded.is_normal() {
        rounded.to_f32()
    } else if scale != 0.0 && scale.is_finite() {
        scale
    } else {
        1.0
    }
}

/// An integer as a code; what is no number becomes 0. Of a number of this size the last bits are the integer: a cast would
/// be done one by one.
#[inline]
fn to_code(value: f32, max_code: u8) -> u8 {
    const SHIFT: f32 = 8_388_608.0; // 2^23
    let [code, ..] = (value.max(0.0).min(f32::from(max_code)) + SHIFT).to_le_bytes();
    code
}

/// The smallest and the largest of some values and 0; what is no number does not count.
#[must_use]
pub fn range(values: &[f32]) -> [f32; 2] {
    const LANES: usize = 8;
    let (mut low, mut high) = ([0f32; LANES], [0f32; LANES]);
    let (eights, rest) = values.as_chunks::<LANES>();
    for eight in eights {
        for lane in 0..LANES {
            low[lane] = if eight[lane] < low[lane] {
                eight[lane]
            } else {
                low[lane]
            };
            high[lane] = if eight[lane] > high[lane] {
                eight[lane]
            } else {
                high[lane]
            };
        }
    }
    [
        low.iter()
            .chain(rest)
            .fold(0f32, |low, value| low.min(*value)),
        high.iter()
            .chain(rest)
            .fold(0f32, |high, value| high.max(*value)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn many_values_are_rounded_as_each_alone() {
        let mut values: Vec<f32> = (-500i16..500).map(|i| f32::from(i) * 0.0137).collect();
        values.extend([
            f32::NAN,
            -f32::NAN,
            f32::INFINITY,
            f32::NEG_INFINITY,
            -0.0,
            1e-40,
            3e38,
        ]);
        values.extend((-20i16..300).map(|half| f32::from(half) * 0.25));
        for bits in 2..=8 {
            for grid in [Grid::spanning(-0.75, 2.0, bits), Grid::new(0.5, 3, bits)] {
                let mut codes = vec![9];
                grid.codes(&values, &mut codes);
                let mut rounded = values.clone();
                grid.round(&mut rounded);
                for ((value, code), rounded) in values.iter().zip(&codes[1..]).zip(&rounded) {
                    let integer = to_integer(value / grid.scale) + f32::from(grid.zero_point);
                    let expected = integer.clamp(0.0, f32::from(grid.max_code));
                    let expected = if expected.is_nan() { 0.0 } else { expected };
                    assert_eq!(f32::from(*code), expected, "{value} at {bits} bits");
                    assert!(value.is_nan() || *rounded == grid.value(*code), "{value}");
                }
            }
        }
    }

    #[test]
    fn a_range_holds_every_value_and_0() {
        assert_eq!(range(&[]), [0.0, 0.0]);
        for len in 1..40 {
            for place in 0..len {
                let mut values = vec![0.25; len];
                values[place] = -3.0;
                values[len - 1 - place / 2] = 7.0;
                let plain = |f: fn(f32, f32) -> f32| values.iter().fold(0f32, |a, b| f(a, *b));
                assert_eq!(range(&values), [plain(f32::min), plain(f32::max)]);
                values[place] = f32::NAN;
                assert_eq!(range(&values)[0], 0.0);
            }
        }
    }

    #[test]
    fn the_grid_holds_zero_and_the_ends() {
        let grid = Grid::spanning(-0.5, 1.0, 8);
        assert_eq!(grid.nearest(0.0), 0.0);
        for value in [-0.5, 0.25, 1.0] {
            assert!((grid.value(grid.code(value)) - value).abs() < 0.004);
            assert_eq!(grid.nearest(value), grid.value(grid.code(value)));
        }
    }

    #[test]
    fn the_symmetric_grid_reaches_the_extreme_exactly() {
        for extreme in [1.5f32, -1.5] {
            let grid = Grid::reaching(extreme, 2);
            assert_eq!(grid.nearest(extreme), extreme);
        }
    }

    #[test]
    fn halves_round_to_the_even_code() {
        let grid = Grid::spanning(0.0, 3.0, 2);
        assert_eq!([0.5, 1.5, 2.5].map(|v| grid.code(v)), [0, 2, 2]);
    }

    #[test]
    fn groups_without_a_scale_become_zero() {
        for grid in [
            Grid::spanning(0.0, 0.0, 4),
            Grid::reaching(0.0, 4),
            Grid::new(0.0, 3, 4),
        ] {
            assert_eq!(grid.nearest(0.0), 0.0);
            assert!(grid.fits_f16());
        }
    }

    #[test]
    fn scales_outside_f16_keep_their_precision() {
        for size in [1e-30f32, 1e-8, 1e-6, 1e-4, 1.0, 1e4, 1e8, 2e38] {
            for bits in [2, 4, 8] {
                let step = size / f32::from(max_code(bits)) * 2.0;
                let grids = [
                    Grid::spanning(-size, size, bits),
                    Grid::reaching(size, bits),
                ];
                for (grid, step) in grids
                    .into_iter()
                    .zip([step, size / f32::from(1u8 << (bits - 1))])
                {
                    let miss = (grid.scale().abs() - step).abs() / step;
                    assert!(miss <= 1.0 / 2048.0, "{size} at {bits} bits: {miss}");
                    let normal = (2f32.powi(-14)..65504.0).contains(&step);
                    assert_eq!(grid.fits_f16(), normal, "{size} at {bits} bits");
                }
            }
        }
    }
}

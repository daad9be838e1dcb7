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

    /// The value of the grid that is nearest to `value`.
    #[must_use]
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

/// An integer as a code.
fn to_code(value: f32, max_code: u8) -> u8 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the range of codes; NaN becomes 0"
    )]
    let code = value.clamp(0.0, f32::from(max_code)) as u8;
    code
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

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

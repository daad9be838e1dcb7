//! Functions of one number, made of single operations of IEEE 754 without fused multiply-add: the same bits on every machine,
//! and loops of them become SIMD.
#![expect(
    clippy::inline_always,
    clippy::excessive_precision,
    reason = "a loop of them becomes SIMD where they are inlined; coefficients stand as their source has them"
)]

use std::f32::consts::{FRAC_1_SQRT_2, LOG2_E};

/// Below, `exp` is nothing: the smallest normal number.
const SMALLEST: f32 = -87.336_544;
/// Above, `exp` stays the largest that is finite.
const LARGEST: f32 = 88.376_26;
/// Added to a number below 2²², the nearest whole number, and the bias of an exponent with it, is in its lowest bits.
const TO_EXPONENT: f32 = 12_582_912.0 + 127.0;

/// `exp(x)`, off by less than 2e-7 of it (the polynomial of Moshier's Cephes, `expf`). NaN stays NaN.
#[inline(always)]
#[must_use]
pub fn exp(x: f32) -> f32 {
    let bounded = if x < SMALLEST { SMALLEST } else { x };
    let bounded = if bounded > LARGEST { LARGEST } else { bounded };
    let shifted = bounded * LOG2_E + TO_EXPONENT;
    let power = f32::from_bits(shifted.to_bits() << 23);
    let whole = shifted - TO_EXPONENT;
    let r = (bounded - whole * 0.693_359_375) + whole * 2.121_944_4e-4;
    let p = 1.987_569_15e-4;
    let p = p * r + 1.398_199_950_7e-3;
    let p = p * r + 8.333_451_907_3e-3;
    let p = p * r + 4.166_579_589_4e-2;
    let p = p * r + 1.666_666_545_9e-1;
    let p = p * r + 5.000_000_120_1e-1;
    let value = (p * (r * r) + r + 1.0) * power;
    if x < SMALLEST { 0.0 } else { value }
}

/// `tanh(x)`, off by less than 3e-7 of it (Cephes, `tanhf`).
#[inline(always)]
#[must_use]
pub fn tanh(x: f32) -> f32 {
    let size = x.abs();
    let z = x * x;
    let p = -5.704_988_727_45e-3;
    let p = p * z + 2.063_908_879_54e-2;
    let p = p * z - 5.373_971_555_31e-2;
    let p = p * z + 1.333_144_220_36e-1;
    let p = p * z - 3.333_328_194_22e-1;
    let near = p * z * x + x;
    let far = (1.0 - 2.0 / (exp(2.0 * size) + 1.0)).copysign(x);
    if size > 0.625 { far } else { near }
}

/// `x / (1 + exp(-x))`.
#[inline(always)]
#[must_use]
pub fn silu(x: f32) -> f32 {
    x / (1.0 + exp(-x))
}

/// `x Φ(x)`.
#[must_use]
pub fn gelu(x: f32) -> f32 {
    0.5 * x * (1.0 + libm::erff(x * FRAC_1_SQRT_2))
}

/// `x / 2 (1 + tanh(sqrt(2 / π) (x + 0.044715 x³)))`.
#[inline(always)]
#[must_use]
pub fn gelu_tanh(x: f32) -> f32 {
    const ROOT: f32 = 0.797_884_560_8;
    0.5 * x * (1.0 + tanh(ROOT * x * (1.0 + 0.044_715 * x * x)))
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Numbers of every size and sign, the same everywhere.
    fn numbers() -> impl Iterator<Item = f32> {
        let sizes = (-40..=13).flat_map(|power| (0..500).map(move |i| (i, power)));
        sizes.flat_map(|(i, power)| {
            let size = (1.0 + i as f32 / 500.0) * 2f32.powi(power) * 0.01;
            [size, -size]
        })
    }

    fn off(ours: f32, exact: f64) -> f64 {
        (f64::from(ours) - exact).abs() / exact.abs().max(f64::from(f32::MIN_POSITIVE))
    }

    #[test]
    fn functions_are_near_those_of_f64() {
        for x in numbers() {
            let wide = f64::from(x);
            if (SMALLEST..LARGEST).contains(&x) {
                assert!(off(exp(x), wide.exp()) < 2e-7, "exp({x})");
            }
            assert!(off(tanh(x), wide.tanh()) < 3e-7, "tanh({x}) = {}", tanh(x));
        }
    }

    #[test]
    fn the_ends_are_what_they_should_be() {
        assert_eq!((exp(0.0), exp(-0.0)), (1.0, 1.0));
        assert_eq!((exp(f32::NEG_INFINITY), exp(-200.0)), (0.0, 0.0));
        assert!(exp(f32::INFINITY) > 2e38 && exp(f32::NAN).is_nan());
        assert_eq!((tanh(f32::INFINITY), tanh(-90.0)), (1.0, -1.0));
        assert!(tanh(f32::NAN).is_nan() && silu(f32::NAN).is_nan() && gelu_tanh(f32::NAN).is_nan());
        assert_eq!(
            (silu(100.0), gelu(100.0), gelu_tanh(100.0)),
            (100.0, 100.0, 100.0)
        );
        assert!(silu(-200.0).abs() < 1e-30 && gelu(-200.0) == 0.0 && gelu_tanh(-200.0) == 0.0);
    }

    #[test]
    fn every_machine_gives_these_bits() {
        let mut sum = 0u32;
        for x in numbers() {
            for value in [exp(x), tanh(x), silu(x), gelu(x), gelu_tanh(x)] {
                sum = sum.rotate_left(5) ^ value.to_bits();
            }
        }
        assert_eq!(sum, 3_053_797_593);
    }
}

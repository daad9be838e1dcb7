//! What is done to each row between products: norms, rotation, activation. Sums have a fixed order, so that every machine gives
//! the same bits.

use super::functions::{gelu, gelu_tanh, silu, tanh};
use super::lanes::dots;
use rayon::prelude::*;

/// What a feed-forward part does to each number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Activation {
    /// `x / (1 + exp(-x))`.
    Silu,
    /// `x Φ(x)` (Hendrycks and Gimpel 2016).
    Gelu,
    /// The same by `tanh`: `x / 2 (1 + tanh(sqrt(2 / π) (x + 0.044715 x³)))`.
    GeluTanh,
    /// `max(x, 0)`.
    Relu,
    /// `max(x, 0)²` (So et al. 2021).
    ReluSquared,
}

/// Numbers that one thread takes at a time.
const PIECE: usize = 1 << 14;

/// `x / sqrt(mean(x²) + epsilon) * scale` for each stretch of `x` that is as wide as `scale`.
#[must_use]
pub fn rms_norm(x: &[f32], scale: &[f32], epsilon: f32) -> Vec<f32> {
    each_row(x, scale.len(), |x, out| {
        let square = dots([x], [x], x.len())[0][0] / x.len() as f32;
        let factor = 1.0 / (square + epsilon).sqrt();
        for ((out, x), scale) in out.iter_mut().zip(x).zip(scale) {
            *out = x * factor * scale;
        }
    })
}

/// `(x - mean(x)) / sqrt(variance(x) + epsilon) * scale + bias` for each row, as wide as `scale`.
#[must_use]
pub fn layer_norm(x: &[f32], scale: &[f32], bias: &[f32], epsilon: f32) -> Vec<f32> {
    let ones = vec![1.0; scale.len()];
    each_row(x, scale.len(), |x, out| {
        let width = x.len() as f32;
        let mean = dots([x], [&ones], x.len())[0][0] / width;
        for (out, x) in out.iter_mut().zip(x) {
            *out = x - mean;
        }
        let variance = dots([&*out], [&*out], x.len())[0][0] / width;
        let factor = 1.0 / (variance + epsilon).sqrt();
        for ((out, scale), bias) in out.iter_mut().zip(scale).zip(bias) {
            *out = *out * factor * scale + bias;
        }
    })
}

/// Rotates each head of each row of `x` `[n, width]` by the angles of the row; `cos` and `sin` are `[n, pairs]`.
#[must_use]
pub fn rope(
    x: &[f32],
    width: usize,
    [cos, sin]: [&[f32]; 2],
    pairs: usize,
    head_width: usize,
) -> Vec<f32> {
    let mut out = x.to_vec();
    let angles = cos.chunks_exact(pairs).zip(sin.chunks_exact(pairs));
    for (row, (cos, sin)) in out.chunks_exact_mut(width).zip(angles) {
        for head in row.chunks_exact_mut(head_width) {
            let (first, rest) = head.split_at_mut(pairs);
            for (((a, b), cos), sin) in first.iter_mut().zip(rest).zip(cos).zip(sin) {
                (*a, *b) = (*a * cos - *b * sin, *a * sin + *b * cos);
            }
        }
    }
    out
}

/// `activation(x)`, times `up` where there is one.
#[must_use]
pub fn activate(activation: Activation, x: &[f32], up: Option<&[f32]>) -> Vec<f32> {
    match activation {
        Activation::Silu => gated(x, up, silu),
        Activation::Gelu => gated(x, up, gelu),
        Activation::GeluTanh => gated(x, up, gelu_tanh),
        Activation::Relu => gated(x, up, relu),
        Activation::ReluSquared => gated(x, up, |x| relu(x) * relu(x)),
    }
}

/// Of what is no number it is none.
fn relu(x: f32) -> f32 {
    if x < 0.0 { 0.0 } else { x }
}

fn gated(x: &[f32], up: Option<&[f32]>, activation: impl Fn(f32) -> f32 + Sync) -> Vec<f32> {
    let mut out = x.to_vec();
    let of = |out: &mut f32| *out = activation(*out);
    match up {
        None => out
            .par_chunks_mut(PIECE)
            .for_each(|out| out.iter_mut().for_each(of)),
        Some(up) => {
            let pieces = out.par_chunks_mut(PIECE).zip(up.par_chunks(PIECE));
            pieces.for_each(|(out, up)| {
                for (out, up) in out.iter_mut().zip(up) {
                    *out = activation(*out) * up;
                }
            });
        }
    }
    out
}

/// `cap * tanh(x / cap)` of each number.
#[must_use]
pub fn softcap(x: &[f32], cap: f32) -> Vec<f32> {
    gated(x, None, |x| cap * tanh(x / cap))
}

/// `x * y`, of the same length.
#[must_use]
pub fn multiply(x: &[f32], y: &[f32]) -> Vec<f32> {
    gated(x, Some(y), |x| x)
}

/// `x + y`, `y` as long as `x` or one row that is added to each.
#[must_use]
pub fn add(x: &[f32], y: &[f32]) -> Vec<f32> {
    let mut out = x.to_vec();
    for out in out.chunks_exact_mut(y.len().max(1)) {
        for (out, y) in out.iter_mut().zip(y) {
            *out += y;
        }
    }
    out
}

fn each_row(x: &[f32], width: usize, row: impl Fn(&[f32], &mut [f32]) + Sync) -> Vec<f32> {
    let mut out = vec![0.0; x.len()];
    let rows = out
        .par_chunks_exact_mut(width)
        .zip(x.par_chunks_exact(width));
    rows.for_each(|(out, x)| row(x, out));
    out
}

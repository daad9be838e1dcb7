//! Scaled dot-product attention in which every query names the cache slots that it sees.

use super::lanes::dots;
use rayon::prelude::*;
use std::ops::Range;

/// How the width of queries, keys and values is divided, and how queries meet keys.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heads {
    /// Query heads, a multiple of `key_value`.
    pub query: usize,
    /// Key and value heads (fewer than query heads: grouped-query attention, Ainslie et al. 2023).
    pub key_value: usize,
    /// Width of one head.
    pub width: usize,
    /// What products of queries and keys are multiplied by; usually `1 / sqrt(width)`.
    pub scale: f32,
    /// Where given, products `x` become `cap * tanh(x / cap)` (Gemma 2, section 2).
    pub softcap: Option<f32>,
}

/// The cache slots that one query sees, as ascending ranges that do not overlap; not empty.
pub type Visible = Vec<Range<usize>>;

/// `softmax(scale * q kᵀ) v` (Vaswani et al. 2017, equation 1), over each query's visible slots.
///
/// `query` is `[n, query * width]`, `keys` and `values` are `[slots, key_value * width]`, `visible` has one
/// entry per query; returns `[n, query * width]`.
///
/// # Panics
/// When a shape does not fit `heads`, or a range ends beyond the slots.
#[must_use]
pub fn attention(
    query: &[f32],
    keys: &[f32],
    values: &[f32],
    visible: &[Visible],
    heads: Heads,
) -> Vec<f32> {
    let width = heads.query * heads.width;
    assert_eq!(query.len(), visible.len() * width, "one query per entry");
    assert_eq!(keys.len(), values.len(), "as many keys as values");
    let mut out = vec![0.0; query.len()];
    if width == 0 {
        return out;
    }
    out.par_chunks_exact_mut(width)
        .zip(query.par_chunks_exact(width))
        .zip(visible)
        .for_each_init(Vec::new, |weights, ((out, query), visible)| {
            for head in 0..heads.query {
                let place = head * heads.width..(head + 1) * heads.width;
                one_head(
                    &query[place.clone()],
                    &Slots::of_head(keys, values, heads, head),
                    visible,
                    weights,
                    &mut out[place],
                );
            }
        });
    out
}

/// Keys and values of one head in the cache.
struct Slots<'a> {
    keys: &'a [f32],
    values: &'a [f32],
    stride: usize,
    offset: usize,
    heads: Heads,
}

impl<'a> Slots<'a> {
    fn of_head(keys: &'a [f32], values: &'a [f32], heads: Heads, head: usize) -> Self {
        Self {
            keys,
            values,
            stride: heads.key_value * heads.width,
            offset: head / (heads.query / heads.key_value) * heads.width,
            heads,
        }
    }

    fn place(&self, slot: usize) -> Range<usize> {
        let start = slot * self.stride + self.offset;
        start..start + self.heads.width
    }
}

fn one_head(
    query: &[f32],
    slots: &Slots,
    visible: &Visible,
    weights: &mut Vec<f32>,
    out: &mut [f32],
) {
    let Heads {
        width,
        scale,
        softcap,
        ..
    } = slots.heads;
    weights.clear();
    for slot in visible.iter().cloned().flatten() {
        let key = &slots.keys[slots.place(slot)];
        let product = dots([key], [query], width)[0][0] * scale;
        weights.push(softcap.map_or(product, |cap| cap * (product / cap).tanh()));
    }
    let largest = weights.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut total = 0.0;
    for weight in weights.iter_mut() {
        *weight = (*weight - largest).exp();
        total += *weight;
    }
    for (slot, weight) in visible.iter().cloned().flatten().zip(weights.iter()) {
        let share = weight / total;
        for (out, value) in out.iter_mut().zip(&slots.values[slots.place(slot)]) {
            *out += share * value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::number;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Weighted means of numbers of order 1, in f32 against f64.
    const TOLERANCE: f64 = 1e-5;

    fn definition(
        query: &[f32],
        keys: &[f32],
        values: &[f32],
        seen: &[usize],
        heads: Heads,
        out: usize,
    ) -> f64 {
        let (head, d) = (out / heads.width, out % heads.width);
        let group = head * heads.key_value / heads.query;
        let at = |m: &[f32], slot: usize, i: usize| {
            f64::from(m[(slot * heads.key_value + group) * heads.width + i])
        };
        let score = |slot: usize| {
            let dot: f64 = (0..heads.width)
                .map(|i| f64::from(query[head * heads.width + i]) * at(keys, slot, i))
                .sum();
            let product = dot * f64::from(heads.scale);
            let cap = heads.softcap.map_or(f64::INFINITY, f64::from);
            if cap.is_finite() {
                (cap * (product / cap).tanh()).exp()
            } else {
                product.exp()
            }
        };
        let total: f64 = seen.iter().map(|&slot| score(slot)).sum();
        seen.iter()
            .map(|&slot| score(slot) * at(values, slot, d))
            .sum::<f64>()
            / total
    }

    #[test]
    fn every_head_layout_agrees_with_the_definition() {
        for (query, key_value, width, softcap) in [
            (1, 1, 1, None),
            (4, 4, 8, Some(0.5)),
            (6, 2, 5, None),
            (3, 1, 16, Some(2.0)),
        ] {
            let heads = Heads {
                query,
                key_value,
                width,
                scale: 0.7,
                softcap,
            };
            let slots = 9;
            let keys: Vec<f32> = (0..slots * key_value * width).map(number).collect();
            let values: Vec<f32> = keys.iter().rev().copied().collect();
            let visible: Vec<Visible> = vec![vec![0..1], vec![0..3, 5..9], vec![2..4]];
            let queries: Vec<f32> = (0..3 * query * width).map(|i| number(i + 3)).collect();
            let fast = attention(&queries, &keys, &values, &visible, heads);
            for (n, seen) in visible.iter().enumerate() {
                let seen: Vec<usize> = seen.iter().cloned().flatten().collect();
                let row = &queries[n * query * width..][..query * width];
                for out in 0..query * width {
                    let plain = definition(row, &keys, &values, &seen, heads, out);
                    let got = f64::from(fast[n * query * width + out]);
                    assert!((got - plain).abs() < TOLERANCE, "{heads:?}: {got} {plain}");
                }
            }
        }
    }
}

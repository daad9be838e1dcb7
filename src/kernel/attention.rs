//! Scaled dot-product attention in which every query names the cache slots that it sees.
#![expect(
    clippy::inline_always,
    reason = "a function with SIMD is fast inside one that has the same SIMD"
)]

use super::functions::{exp, tanh};
use super::key_values::{KeyValues, SIDE};
use super::simd::{Machine, Simd, Work};
use rayon::prelude::*;
use std::ops::Range;

/// Queries that are multiplied with the same keys and values together.
const QUERIES: usize = 4;

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
    /// Whether products sink by a slope of each head with every slot that lies between (`ALiBi`, Press et al. 2022).
    pub alibi: bool,
}

/// The cache slots that one query sees, as ascending ranges that do not overlap; not empty.
pub type Visible = Vec<Range<usize>>;

/// `softmax(scale * q kᵀ) v` (Vaswani et al. 2017, equation 1), over each query's visible slots.
///
/// `query` is `[n, query * width]`, the cache has slots of `key_value * width` numbers, `visible` has one entry per query;
/// returns `[n, query * width]`. Queries that follow one another and see the same slots, each a few more than the one before it, share
/// keys and values as they are read; what one of them gives does not depend on the others, nor on where its slots lie.
///
/// # Panics
/// When a shape does not fit `heads`, or a range ends beyond the slots.
#[must_use]
pub fn attention(query: &[f32], cache: &KeyValues, visible: &[Visible], heads: Heads) -> Vec<f32> {
    let width = heads.query * heads.width;
    assert_eq!(query.len(), visible.len() * width, "one query per entry");
    let mut out = vec![0.0; query.len()];
    if width == 0 {
        return out;
    }
    let machine = Machine::best();
    let mut groups = Vec::new();
    let (mut left, mut from) = (&mut out[..], 0);
    while from < visible.len() {
        let n = together(&visible[from..]);
        let (these, others) = left.split_at_mut(n * width);
        groups.push((from..from + n, these));
        (left, from) = (others, from + n);
    }
    groups
        .into_par_iter()
        .for_each_init(Vec::new, |scores, (rows, out)| {
            let visible = &visible[rows.clone()];
            let query = &query[rows.start * width..rows.end * width];
            // Rows of one head, or where a row is alone, heads that share keys.
            let shared = heads.query / heads.key_value;
            let places: Vec<[usize; 2]> = match visible.len() {
                1 => (0..heads.query).map(|head| [0, head]).collect(),
                rows => (0..heads.query)
                    .flat_map(|head| (0..rows).map(move |row| [row, head]))
                    .collect(),
            };
            let alike = if visible.len() == 1 {
                shared
            } else {
                visible.len()
            };
            for places in places
                .chunks_exact(alike)
                .flat_map(|places| places.chunks(QUERIES))
            {
                let group = Group {
                    query,
                    cache,
                    visible,
                    heads,
                    scores: &mut *scores,
                    out: &mut *out,
                };
                match *places {
                    [a, b, c, d] => machine.run(Together(group, [a, b, c, d])),
                    [a, b, c] => machine.run(Together(group, [a, b, c])),
                    [a, b] => machine.run(Together(group, [a, b])),
                    [a] => machine.run(Together(group, [a])),
                    _ => {}
                }
            }
        });
    out
}

/// How many queries, from the first on, see the same slots but for the end of the last range: at most [`QUERIES`].
fn together(visible: &[Visible]) -> usize {
    let alike = |a: &Visible, b: &Visible| match (a.split_last(), b.split_last()) {
        (Some((last_a, a)), Some((last_b, b))) => {
            a == b
                && last_a.start == last_b.start
                && last_a.end <= last_b.end
                && last_b.end - last_a.end <= SIDE
        }
        _ => false,
    };
    let pairs = visible.iter().zip(visible.iter().skip(1)).take(QUERIES - 1);
    1 + pairs.take_while(|(a, b)| alike(a, b)).count()
}

/// Queries that read the keys of the same slots: each sees all that those before it see.
struct Group<'a> {
    /// `[rows, query * width]`, like `out`.
    query: &'a [f32],
    cache: &'a KeyValues,
    visible: &'a [Visible],
    heads: Heads,
    /// Room for products, query by query.
    scores: &'a mut Vec<f32>,
    out: &'a mut [f32],
}

/// `T` of these queries, each a row and a head, at once.
struct Together<'a, const T: usize>(Group<'a>, [[usize; 2]; T]);

impl<const T: usize> Work for Together<'_, T> {
    #[inline(always)]
    fn run<S: Simd>(self) {
        let Group {
            query,
            cache,
            visible,
            heads,
            scores,
            out,
        } = self.0;
        let places = self.1;
        let Heads {
            width,
            scale,
            softcap,
            alibi,
            ..
        } = heads;
        let row = heads.query * width;
        let first = places[0][1] / (heads.query / heads.key_value) * width;
        let place_of = |t: usize| places[t][0] * row + places[t][1] * width;
        let queries: [&[f32]; T] = std::array::from_fn(|t| &query[place_of(t)..][..width]);
        // The last sees all that the others see.
        let most_visible = &visible[places[T - 1][0]];
        let most = most_visible.iter().map(Range::len).sum::<usize>();
        scores.clear();
        scores.resize(T * most, 0.0);

        let mut place = 0;
        for range in most_visible {
            let mut slot = range.start;
            while slot < range.end {
                let (block, side) = (slot / SIDE, slot % SIDE);
                let mut sums = [S::every_real(0.0); T];
                for (d, keys) in cache.keys(block, first, width).iter().enumerate() {
                    let keys = S::load_real(keys);
                    for t in 0..T {
                        sums[t] = S::add(sums[t], S::multiply(keys, S::every_real(queries[t][d])));
                    }
                }
                let n = (SIDE - side).min(range.end - slot);
                for t in 0..T {
                    let mut products = [0.0; SIDE];
                    S::store_real(sums[t], &mut products);
                    scores[t * most + place..][..n].copy_from_slice(&products[side..side + n]);
                }
                (slot, place) = (slot + n, place + n);
            }
        }

        let mut seen = [0; T];
        for t in 0..T {
            seen[t] = visible[places[t][0]].iter().map(Range::len).sum();
            let scores = &mut scores[t * most..][..seen[t]];
            match softcap {
                None => scores.iter_mut().for_each(|score| *score *= scale),
                Some(cap) => scores
                    .iter_mut()
                    .for_each(|score| *score = cap * tanh(*score * scale / cap)),
            }
            if alibi {
                let slope = slope(places[t][1], heads.query);
                for (distance, score) in scores.iter_mut().rev().enumerate() {
                    *score -= slope * distance as f32;
                }
            }
            softmax(scores);
        }

        // What all of them see, in the order of slots; then what only the later ones do.
        let shared = seen[0];
        let slots = || most_visible.iter().cloned().flatten();
        for from in (0..width).step_by(SIDE) {
            let n = SIDE.min(width - from);
            let value = |slot| {
                let value = cache.value(slot, first + from, n);
                if let Some(whole) = value.as_array::<SIDE>() {
                    return S::load_real(whole);
                }
                let mut padded = [0.0; SIDE];
                padded[..n].copy_from_slice(value);
                S::load_real(&padded)
            };
            let mut sums = [S::every_real(0.0); T];
            for (place, slot) in slots().take(shared).enumerate() {
                let value = value(slot);
                for t in 0..T {
                    sums[t] = S::add(
                        sums[t],
                        S::multiply(value, S::every_real(scores[t * most + place])),
                    );
                }
            }
            for t in 0..T {
                for (place, slot) in slots().enumerate().take(seen[t]).skip(shared) {
                    sums[t] = S::add(
                        sums[t],
                        S::multiply(value(slot), S::every_real(scores[t * most + place])),
                    );
                }
                let mut whole = [0.0; SIDE];
                S::store_real(sums[t], &mut whole);
                out[place_of(t) + from..][..n].copy_from_slice(&whole[..n]);
            }
        }
    }
}

/// The slope of a head (Press et al. 2022, section 3): powers of `2^(-8 / n)` for the first `n` heads, a power of two, and
/// odd ones of its root for the others.
fn slope(head: usize, heads: usize) -> f32 {
    let power = 1 << heads.ilog2();
    let (step, place) = if head < power {
        (8.0, head + 1)
    } else {
        (4.0, 2 * (head - power) + 1)
    };
    libm::exp2f(-step * place as f32 / power as f32)
}

/// `exp(x) / Σ exp(x)`, with sums of every eighth.
#[inline(always)]
fn softmax(scores: &mut [f32]) {
    let largest = scores.iter().fold(
        f32::NEG_INFINITY,
        |most, score| if *score > most { *score } else { most },
    );
    let mut sums = [0.0; SIDE];
    for scores in scores.chunks_mut(SIDE) {
        for (score, sum) in scores.iter_mut().zip(&mut sums) {
            *score = exp(*score - largest);
            *sum += *score;
        }
    }
    let factor = 1.0 / sums.iter().sum::<f32>();
    for score in scores {
        *score *= factor;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number;
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
            let mut product = dot * f64::from(heads.scale);
            if heads.alibi {
                // Of six heads.
                let slope = f64::exp2([-2.0, -4.0, -6.0, -8.0, -1.0, -3.0][head]);
                let behind = seen.iter().filter(|other| **other > slot).count();
                product -= slope * behind as f64;
            }
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
                alibi: query == 6,
            };
            let slots = 9;
            let keys: Vec<f32> = (0..slots * key_value * width).map(number).collect();
            let values: Vec<f32> = keys.iter().rev().copied().collect();
            let visible: Vec<Visible> = vec![vec![0..1], vec![0..3, 5..9], vec![2..4]];
            let queries: Vec<f32> = (0..3 * query * width).map(|i| number(i + 3)).collect();
            let mut cache = KeyValues::new(key_value * width);
            cache.append(Some(&keys), &values);
            let fast = attention(&queries, &cache, &visible, heads);
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

    /// What a query gives is the same bit for bit beside others, alone, and with its slots elsewhere.
    #[test]
    fn neither_other_queries_nor_places_change_a_bit() {
        let heads = Heads {
            query: 6,
            key_value: 2,
            width: 12,
            scale: 0.4,
            softcap: None,
            alibi: false,
        };
        let (width, slots, first) = (24, 40, 13);
        let keys: Vec<f32> = (0..slots * width).map(number).collect();
        let values: Vec<f32> = (0..slots * width).map(|i| number(i + 77)).collect();
        let queries: Vec<f32> = (0..(slots - first) * 72).map(|i| number(3 * i)).collect();
        let visible: Vec<Visible> = (first..slots).map(|end| vec![0..5, 9..end + 1]).collect();
        let mut cache = KeyValues::new(width);
        cache.append(Some(&keys), &values);
        let whole = attention(&queries, &cache, &visible, heads);
        let mut sum = 0u32;
        for (n, seen) in visible.iter().enumerate() {
            let query = &queries[n * 72..][..72];
            let alone = attention(query, &cache, std::slice::from_ref(seen), heads);
            assert_eq!(alone, whole[n * 72..][..72]);
            let mut elsewhere = KeyValues::new(width);
            elsewhere.append(Some(&vec![9.0; 3 * width]), &vec![9.0; 3 * width]);
            for slot in seen.iter().cloned().flatten() {
                elsewhere.append(
                    Some(&keys[slot * width..][..width]),
                    &values[slot * width..][..width],
                );
            }
            let moved = attention(query, &elsewhere, &[vec![3..elsewhere.slots()]], heads);
            assert_eq!(alone, moved);
            for value in alone {
                sum = sum.rotate_left(5) ^ value.to_bits();
            }
        }
        // Asserted natively and as WebAssembly.
        assert_eq!(sum, 1_892_468_564);
    }
}

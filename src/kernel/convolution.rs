//! Short convolutions over the tokens of a text, each channel by itself (LFM2, Liquid AI 2025).

use super::attention::Visible;
use super::key_values::KeyValues;
use rayon::prelude::*;

/// For each entry of `visible` the values of the slots that it sees, each channel times its taps and summed from the first slot
/// to the last: `[n, width]`.
///
/// `taps` is `[taps, width]`, and the last one belongs to the last slot: an entry that sees fewer slots, as the first tokens of a text
/// do, has zeros before them. A token's predecessors are those that it sees, wherever their slots lie.
///
/// # Panics
/// When an entry sees more slots than there are taps, or a range ends beyond the slots.
#[must_use]
pub fn convolve(cache: &KeyValues, visible: &[Visible], taps: &[f32]) -> Vec<f32> {
    let width = cache.width();
    let mut out = vec![0.0; visible.len() * width];
    if width == 0 {
        return out;
    }
    let count = taps.len() / width;
    let rows = out.par_chunks_exact_mut(width).zip(visible);
    rows.for_each(|(out, visible)| {
        let seen: usize = visible.iter().map(ExactSizeIterator::len).sum();
        assert!(seen <= count, "a tap for each of {seen} slots");
        let slots = visible.iter().cloned().flatten();
        let taps = taps[(count - seen) * width..].chunks_exact(width);
        for (slot, taps) in slots.zip(taps) {
            let values = cache.value(slot, 0, width);
            for ((out, value), tap) in out.iter_mut().zip(values).zip(taps) {
                *out += value * tap;
            }
        }
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn each_token_sees_its_own_predecessors() {
        let width = 5;
        let values: Vec<f32> = (0..9 * width).map(number).collect();
        let taps: Vec<f32> = (0..3 * width).map(|i| number(i + 3)).collect();
        let mut cache = KeyValues::new(width);
        cache.append(None, &values[..4 * width]);
        cache.append(None, &values[4 * width..]);
        // A first token, a second one, one in a row, and one whose path left the row.
        let visible: Vec<Visible> =
            vec![vec![0..1], vec![0..2], vec![2..5], vec![1..2, 4..5, 8..9]];
        let slots: [&[usize]; 4] = [&[0], &[0, 1], &[2, 3, 4], &[1, 4, 8]];
        let out = convolve(&cache, &visible, &taps);
        for (row, slots) in out.chunks_exact(width).zip(slots) {
            for (channel, out) in row.iter().enumerate() {
                let mut expected = 0.0;
                for (back, slot) in slots.iter().rev().enumerate() {
                    let tap = taps[(2 - back) * width + channel];
                    expected += f64::from(tap) * f64::from(values[slot * width + channel]);
                }
                assert!(
                    (f64::from(*out) - expected).abs() < 1e-6,
                    "{out} {expected}"
                );
            }
        }
        cache.truncate(2);
        assert_eq!(convolve(&cache, &visible[..2], &taps), out[..2 * width]);
    }
}

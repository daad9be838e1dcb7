//! What is asked of one row of logits.

use super::functions::exp;

/// Logits that are added in f32 before the sum goes on in f64.
const STRETCH: usize = 256;
const LANES: usize = 8;

/// `ln Σ exp(x)`; NaN where one of them is.
#[must_use]
pub fn log_sum_exp(logits: &[f32]) -> f64 {
    let largest = logits.iter().fold(
        f32::NEG_INFINITY,
        |most, &logit| if logit > most { logit } else { most },
    );
    let stretch = |logits: &[f32]| {
        let mut sums = [0f32; LANES];
        for logits in logits.chunks(LANES) {
            for (sum, logit) in sums.iter_mut().zip(logits) {
                *sum += exp(logit - largest);
            }
        }
        sums.iter().copied().map(f64::from).sum::<f64>()
    };
    let total: f64 = logits.chunks(STRETCH).map(stretch).sum();
    f64::from(largest) + libm::log(total)
}

/// The `count` largest logits with their indices, largest first, of equal ones the first; `None` where one is not a
/// number, or the largest is not finite.
#[must_use]
pub fn likeliest(logits: &[f32], count: usize) -> Option<Vec<(u32, f32)>> {
    let mut best: Vec<(u32, f32)> = Vec::with_capacity(count + 1);
    for (index, &logit) in (0u32..).zip(logits) {
        if logit.is_nan() {
            return None;
        }
        let is_full = best.len() == count;
        if is_full && best.last().is_none_or(|last| logit <= last.1) {
            continue;
        }
        let place = best.partition_point(|known| known.1 >= logit);
        best.insert(place, (index, logit));
        best.truncate(count);
    }
    best.first()
        .is_none_or(|first| first.1.is_finite())
        .then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn the_likeliest_are_those_of_a_sort() {
        let logits: Vec<f32> = (0..67).map(|i| ((i * 7919) % 13) as f32).collect();
        let mut sorted: Vec<(u32, f32)> = (0..).zip(logits.iter().copied()).collect();
        sorted.sort_by(|a, b| b.1.total_cmp(&a.1));
        for count in [1, 2, 5, 67, 99] {
            let found = likeliest(&logits, count).expect("numbers");
            assert_eq!(found, sorted[..count.min(67)], "{count}");
        }
    }

    #[test]
    fn what_is_not_a_number_is_noticed() {
        assert!(likeliest(&[f32::INFINITY, 0.0], 1).is_none());
        assert!(likeliest(&[f32::NAN, 0.0], 1).is_none());
        assert!(!log_sum_exp(&[f32::NAN, 0.0]).is_finite());
        assert!(!log_sum_exp(&[f32::INFINITY, 0.0]).is_finite());
    }

    #[test]
    fn the_normalizer_is_that_of_the_definition() {
        let logits = [1.0f32, -2.0, 300.0, 299.0];
        let expected = 300.0 + (1.0 + (-1.0f64).exp()).ln();
        assert!((log_sum_exp(&logits) - expected).abs() < 1e-6);
    }
}

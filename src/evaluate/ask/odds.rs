//! Sums of probabilities, in the log domain.

/// `ln Σ exp(x)`; minus infinity for nothing.
pub(super) fn log_sum_exp(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = values.clone().fold(f64::NEG_INFINITY, f64::max);
    if !largest.is_finite() {
        return largest;
    }
    largest
        + values
            .map(|value| (value - largest).exp())
            .sum::<f64>()
            .ln()
}

/// How much likelier those are that `is_in` picks than all others together, in nats; `None` where either are missing.
pub(super) fn log_odds(values: &[f64], is_in: impl Fn(usize) -> bool) -> Option<f64> {
    let of = |wanted: bool| {
        let picked = values.iter().enumerate();
        let picked = picked.filter(|(i, _)| is_in(*i) == wanted);
        let picked: Vec<f64> = picked.map(|(_, value)| *value).collect();
        (!picked.is_empty()).then(|| log_sum_exp(picked.iter().copied()))
    };
    Some(of(true)? - of(false)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_odds_by_hand() {
        let values = [0.1f64.ln(), 0.2f64.ln(), 0.3f64.ln()];
        assert!((log_sum_exp(values.iter().copied()) - 0.6f64.ln()).abs() < 1e-12);
        assert_eq!(log_sum_exp([].into_iter()), f64::NEG_INFINITY);
        // Far below what an f64 holds as a probability.
        assert!((log_sum_exp([-2000.0, -2000.0].into_iter()) + 2000.0 - 2f64.ln()).abs() < 1e-9);
        let odds = log_odds(&values, |i| i == 2).expect("odds");
        assert!(odds.abs() < 1e-12, "{odds}");
        assert_eq!(log_odds(&values, |_| true), None);
    }
}

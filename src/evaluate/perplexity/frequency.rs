//! What texts cost who knows only how often each token occurs.

use std::collections::HashMap;

/// The summed surprise of each text, in nats, to who knows how often tokens occur in the other ones: the estimate of Witten
/// and Bell (1991), in which what was seen `c` of `n` times, among `t` kinds, has `c / (n + t)`, and what was not an
/// equal share of the rest.
pub(super) fn surprise(texts: &[&[u32]], vocabulary: usize) -> Vec<f64> {
    let all = counts(texts.concat().iter());
    let total: usize = texts.iter().map(|text| text.len()).sum();
    let of_text = |text: &&[u32]| {
        let own = counts(text.iter());
        let elsewhere = |token: &u32| all[token] - own.get(token).unwrap_or(&0);
        let kinds = all.keys().filter(|token| elsewhere(token) > 0).count();
        let rest = (total - text.len() + kinds) as f64;
        let unseen = (vocabulary.saturating_sub(kinds)).max(1) as f64;
        let surprise = |token: &u32| match elsewhere(token) {
            0 if kinds == 0 => unseen.ln(),
            0 => (rest / kinds as f64 * unseen).ln(),
            count => (rest / count as f64).ln(),
        };
        text.iter().map(surprise).sum()
    };
    texts.iter().map(of_text).collect()
}

fn counts<'t>(tokens: impl Iterator<Item = &'t u32>) -> HashMap<u32, usize> {
    let mut counts = HashMap::new();
    for token in tokens {
        *counts.entry(*token).or_insert(0) += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::surprise;

    #[test]
    fn by_hand() {
        // Beside [7, 7, 8]: 7 has 2 of 3 + 2, 8 has 1 of 5, and the 8 kinds that are not there share 2 of 5.
        let found = surprise(&[&[7, 7, 8], &[7, 8, 9]], 10);
        let second = (5.0f64 / 2.0).ln() + 5.0f64.ln() + (5.0f64 / 2.0 * 8.0).ln();
        // Beside [7, 8, 9]: each has 1 of 3 + 3.
        let first = 3.0 * 6.0f64.ln();
        assert!((found[0] - first).abs() < 1e-12 && (found[1] - second).abs() < 1e-12);
        // Nothing beside it: all are alike.
        assert!((surprise(&[&[1, 2]], 10)[0] - 2.0 * 10.0f64.ln()).abs() < 1e-12);
    }

    /// What follows from each beginning is a distribution.
    #[test]
    fn probabilities_sum_to_one() {
        let total: f64 = (0..10)
            .map(|token| (-surprise(&[&[7, 7, 8], &[token]], 10)[1]).exp())
            .sum();
        assert!((total - 1.0).abs() < 1e-12);
    }
}

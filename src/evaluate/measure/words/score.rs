//! The exchange test of a score.

use super::exchange::{Exchange, mean, means};
use super::figure::Figure;
use super::outcome::{Pairing, Pairs, Row};
use super::sum::Sum;
use super::{recompute, two_samples};

impl Exchange {
    /// The test of a score, on the footing of the pairs; `None` without items that were read on both sides.
    #[must_use]
    pub fn new(pairs: &Pairs, figure: Figure, seed: u64) -> Option<Self> {
        if pairs.pairing == Pairing::Unpaired {
            return two_samples::exchange(pairs, figure, seed);
        }
        let weights = pairs.weights();
        let has_items: Vec<bool> = weights.iter().map(|weight| *weight > 0.0).collect();
        let Some(shares) = figure.shares(&has_items) else {
            return recompute::exchange(pairs, figure, seed);
        };
        let mut terms = vec![[0.0; 2]; pairs.clusters];
        for row in &pairs.rows {
            let share = shares[row.cell] * row.weight / weights[row.cell];
            let term = &mut terms[row.cluster];
            term[0] += share * (mean(&row.after) - row.before);
            term[1] += share;
        }
        let score = |value: &dyn Fn(&Row) -> f64| figure.of(&means(pairs, &weights, value));
        let after = (0..pairs.seeds).map(|seed| score(&|row| row.after[seed]));
        Self::of_sum(
            Sum {
                before: score(&|row| row.before)?,
                after: after.collect::<Option<_>>()?,
                terms,
                scale: figure.scale(),
                bounded: figure.bounded(),
            },
            seed,
        )
    }
}

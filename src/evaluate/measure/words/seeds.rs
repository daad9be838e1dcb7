//! Whether a difference depends on the calibration seed.

use super::exchange::mean;
use super::figure::Figure;
use super::outcome::Pairs;
use super::random::Random;
use serde::Serialize;

/// Orders of seeds that are drawn.
const DRAWS: usize = 10_000;

/// What seeds differ by.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SeedTest {
    /// The difference from before, by seed, in the unit of the score.
    pub differences: Vec<f64>,
    /// The share of shuffles in which seeds differ as much as here.
    pub p: f64,
}

impl SeedTest {
    /// If seeds did not matter, it would not matter within a cluster which answers are called which seed's: their labels
    /// are shuffled there, 10,000 times, and the variance of the seeds' scores is compared (a permutation test in
    /// blocks; Friedman 1937). Scores that are no means are taken to first order around the seeds' mean. `None` with
    /// a single seed.
    #[must_use]
    pub fn new(pairs: &Pairs, figure: Figure, seed: u64) -> Option<Self> {
        let seeds = pairs.seeds;
        let weights = pairs.weights();
        let means = |value: &dyn Fn(&super::outcome::Row) -> f64| {
            super::exchange::means(pairs, &weights, value)
        };
        let before = figure.of(&means(&|row| row.before))?;
        let scores = (0..seeds).map(|s| figure.of(&means(&|row| row.after[s])));
        let scores = scores.collect::<Option<Vec<f64>>>()?;
        if seeds < 2 {
            return None;
        }
        let slopes = figure.slopes(&means(&|row| mean(&row.after)));
        let mut terms = vec![vec![0.0; seeds]; pairs.clusters];
        for row in &pairs.rows {
            let share = slopes[row.cell] * row.weight / weights[row.cell];
            for (term, after) in terms[row.cluster].iter_mut().zip(&row.after) {
                *term += share * after;
            }
        }
        terms.retain(|term| term.iter().any(|value| (value - term[0]).abs() > 1e-12));
        let variance = |terms: &[Vec<f64>]| {
            let sums: Vec<f64> = (0..seeds)
                .map(|s| terms.iter().map(|t| t[s]).sum())
                .collect();
            let middle = mean(&sums);
            sums.iter()
                .map(|sum| (sum - middle) * (sum - middle))
                .sum::<f64>()
        };
        let observed = variance(&terms);
        let mut random = Random::new(seed);
        let mut large = 1;
        for _ in 0..DRAWS {
            for term in &mut terms {
                random.shuffle(term);
            }
            large += usize::from(variance(&terms) >= observed * (1.0 - 1e-9));
        }
        Some(Self {
            differences: scores.iter().map(|score| score - before).collect(),
            p: large as f64 / (DRAWS + 1) as f64,
        })
    }

    /// Whether some seeds gain, others lose, and they differ by more than chance at this level.
    #[must_use]
    pub fn depends(&self, alpha: f64) -> bool {
        let any = |sign: f64| self.differences.iter().any(|d| d * sign > 0.0);
        any(1.0) && any(-1.0) && self.p <= alpha
    }
}

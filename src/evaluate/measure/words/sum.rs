//! The exchange test of a difference that is a sum over clusters.

use super::exchange::{Exchange, Seen, squared_ratio};
use super::interval::{Moves, Spread};
use super::signs::{SignedSums, Signs};

/// What each cluster adds to a difference that is a sum: its own change, and the most that it could change by.
pub(super) struct Sum {
    pub before: f64,
    pub after: Vec<f64>,
    /// `[change, share]`, in shares of the whole, one for each cluster.
    pub terms: Vec<[f64; 2]>,
    pub scale: f64,
    pub bounded: bool,
}

impl Exchange {
    /// The test of a difference that is a sum over clusters: exchanging a cluster turns the sign of its change. The
    /// variance of a sum is that of what clusters add beyond their share of it, `Σ (d - a Σd)² n / (n - 1)`.
    pub(super) fn of_sum(sum: Sum, seed: u64) -> Option<Self> {
        let clusters = sum.terms.len();
        let tiny = 1e-12;
        let changed: Vec<[f64; 2]> = sum
            .terms
            .iter()
            .copied()
            .filter(|t| t[0].abs() > tiny)
            .collect();
        let total = |of: &dyn Fn(&[f64; 2]) -> f64| sum.terms.iter().map(of).sum::<f64>();
        let (squares, room) = (total(&|t| t[0] * t[0]), total(&|t| t[1] * t[1]));
        let larger = clusters as f64 / (clusters.max(2) - 1) as f64;
        let variance = |[difference, shared]: [f64; 2]| {
            let beyond = squares - 2.0 * difference * shared + difference * difference * room;
            (beyond * larger).max(0.0)
        };
        let student = |sums: [f64; 2]| squared_ratio(sums[0], variance(sums), squares);
        // What stands beside a change in the sum of products is the cluster's share.
        let products: Vec<[f64; 2]> = changed.iter().map(|t| [t[0], t[0] * t[1]]).collect();
        let observed = products
            .iter()
            .fold([0.0; 2], |s, t| [s[0] + t[0], s[1] + t[1]]);
        let (signs, table) = (Signs::new(changed.len(), seed), SignedSums::new(&products));
        let mut drawn = Vec::new();
        signs.each(|pattern| drawn.push(student(table.of(pattern))));
        Self::of_draws(
            &Seen {
                before: sum.before,
                after: sum.after,
                clusters,
                changed: changed.len(),
                statistic: student(observed),
                exact: signs.exact(),
            },
            drawn,
            |difference| Spread {
                difference,
                error: variance(observed).sqrt(),
                room,
                moves: Moves::new(sum.terms.iter().copied()),
                clusters,
                scale: sum.scale,
                possible: sum.bounded.then(|| [-sum.before, sum.scale - sum.before]),
            },
        )
    }
}

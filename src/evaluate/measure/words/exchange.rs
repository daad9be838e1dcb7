//! The one test of a difference: before and after are exchanged, or not, in each cluster.
//!
//! If compression did nothing, it would not matter which of a cluster's two answers is called "before". The difference of
//! the score is recomputed for patterns of exchanges (all of them where few clusters changed, else 20,000 random ones, or
//! 10,000 where the score is no mean), and `p` is the share of patterns whose studentised difference is at least as
//! large as the one seen, of either sign (Fisher 1935; the studentised form of Janssen 1997 and Chung and Romano 2013
//! also holds where only the scores are alike). Random patterns count the one seen (Phipson and Smyth 2010).

use super::interval::Spread;
use super::outcome::{Pairs, Row};

/// A difference of a score over the same items, with all that its words need.
#[derive(Debug, Clone)]
pub struct Exchange {
    pub before: f64,
    /// With several seeds, the mean of their scores.
    pub after: f64,
    /// `after - before`, in the unit of the score.
    pub difference: f64,
    /// After each calibration seed.
    pub by_seed: Vec<f64>,
    pub clusters: usize,
    /// Clusters in which anything changed.
    pub changed: usize,
    /// Two-sided.
    pub p: f64,
    /// Patterns tried.
    pub draws: usize,
    /// Whether these were all.
    pub exact: bool,
    pub(super) spread: Spread,
    /// Squared studentised differences of the patterns, the largest first.
    drawn: Vec<f64>,
}

impl Exchange {
    pub(super) fn of_draws(
        seen: &Seen,
        mut drawn: Vec<f64>,
        spread: impl FnOnce(f64) -> Spread,
    ) -> Option<Self> {
        drawn.sort_by(|a, b| b.total_cmp(a));
        let after = mean(&seen.after);
        let difference = after - seen.before;
        let large = drawn.partition_point(|t| *t >= seen.statistic * (1.0 - 1e-9));
        let own = usize::from(!seen.exact);
        let p = (large + own) as f64 / (drawn.len() + own) as f64;
        difference.is_finite().then(|| Self {
            before: seen.before,
            after,
            difference,
            by_seed: seen.after.iter().map(|after| after - seen.before).collect(),
            clusters: seen.clusters,
            changed: seen.changed,
            p,
            draws: drawn.len(),
            exact: seen.exact,
            spread: spread(difference),
            drawn,
        })
    }

    /// Whether the test at this level says that there is a difference.
    #[must_use]
    pub fn rejects(&self, alpha: f64) -> bool {
        self.p <= alpha
    }

    /// The interval of this test, `1 - alpha`: the differences whose studentised distance from the one seen no more than
    /// `alpha` of the patterns exceed. It leaves 0 out exactly where the test rejects, and never leaves what is possible
    /// for these items; see [`super::interval`].
    #[must_use]
    pub fn interval(&self, alpha: f64) -> [f64; 2] {
        self.spread
            .interval(self.distance(alpha), self.rejects(alpha))
    }

    /// The standard error of the difference, in the unit of the score.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        self.spread.error * self.spread.scale
    }

    /// The smallest change, in the unit of the score, that this sample could have shown at this level in 80 % of cases,
    /// by a normal approximation with the variances seen here (checked by simulation); `None` where even losing or
    /// gaining everything could not be shown.
    #[must_use]
    pub fn smallest_visible(&self, alpha: f64) -> Option<f64> {
        self.spread.smallest_visible(self.distance(alpha))
    }

    /// The clusters like these with which a change of this size would be shown at this level in 80 % of cases, by the same
    /// approximation; `None` for a change that is none or more than everything.
    #[must_use]
    pub fn clusters_needed(&self, change: f64, alpha: f64) -> Option<usize> {
        self.spread.clusters_needed(change, alpha)
    }

    /// How many standard errors the ends of the interval are away: as many as the patterns say, and where most clusters
    /// did not change, so that there are few patterns, no fewer than the normal distribution says.
    pub(super) fn distance(&self, alpha: f64) -> f64 {
        let own = usize::from(!self.exact);
        let allowed = alpha * (self.drawn.len() + own) as f64 * (1.0 + 1e-12);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a number of draws"
        )]
        let allowed = (allowed.floor() as usize).saturating_sub(own);
        let drawn = self.drawn.get(allowed).copied().unwrap_or(0.0).sqrt();
        drawn.max(super::normal::two_sided(alpha))
    }
}

/// The difference that was seen.
pub(super) struct Seen {
    pub before: f64,
    pub after: Vec<f64>,
    pub clusters: usize,
    pub changed: usize,
    /// Squared and studentised.
    pub statistic: f64,
    pub exact: bool,
}

/// The squared difference in units of its variance: 0 without a difference, infinite without a variance. Both are
/// judged beside the sum of squared changes.
pub(super) fn squared_ratio(difference: f64, variance: f64, squares: f64) -> f64 {
    let square = difference * difference;
    if square <= 1e-18 * squares.max(1e-18) {
        0.0
    } else if variance <= 1e-12 * squares {
        f64::INFINITY
    } else {
        square / variance
    }
}

pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The weighted mean of each cell; `None` without items.
pub(super) fn means(
    pairs: &Pairs,
    weights: &[f64],
    value: &dyn Fn(&Row) -> f64,
) -> Vec<Option<f64>> {
    let mut sums = vec![0.0; weights.len()];
    for row in &pairs.rows {
        sums[row.cell] += row.weight * value(row);
    }
    let mean = |(sum, weight): (f64, &f64)| (*weight > 0.0).then(|| sum / weight);
    sums.into_iter().zip(weights).map(mean).collect()
}

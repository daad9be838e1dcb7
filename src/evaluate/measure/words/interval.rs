//! Intervals of a difference that agree with its test and stay within what is possible; what it could have shown.

use super::normal::{quantile, two_sided};

/// The share of samples in which a change that is called visible is seen.
const POWER: f64 = 0.8;

/// A difference and what is known of its spread, `error` and `room` in shares of the whole.
#[derive(Debug, Clone)]
pub(super) struct Spread {
    /// In the unit of the score, as `possible`.
    pub difference: f64,
    /// The standard error.
    pub error: f64,
    /// The sum of squares of the most that each cluster could change the score by: 1 / n for n clusters of equal weight.
    pub room: f64,
    pub clusters: usize,
    /// Units in a whole: 100 points.
    pub scale: f64,
    /// Ends that no difference of these items can pass; `None` for nats and bits.
    pub possible: Option<[f64; 2]>,
}

impl Spread {
    /// The differences less than `distance` standard errors from the one seen. Where the score has bounds, a mean change
    /// of `δ` has at least the variance `room (|δ| - δ²)` that it has when clusters change as a whole or not at all: a
    /// rare loss that did not happen here is not known to be impossible. With one change in no cluster that is Wilson's
    /// interval for the share of clusters all lost, and all gained, as Tango (1998) has it for paired proportions.
    pub fn interval(&self, distance: f64, rejects: bool) -> [f64; 2] {
        let (difference, distance) = (self.difference / self.scale, limited(distance));
        let ends = [
            -self.upper(-difference, distance, rejects),
            self.upper(difference, distance, rejects),
        ];
        ends.map(|end| match self.possible {
            Some([low, high]) => {
                (end * self.scale).clamp(low.min(self.difference), high.max(self.difference))
            }
            None => end * self.scale,
        })
    }

    /// The upper end around `seen`; on its own side of 0 where the test rejects, and with 0 inside where it does not.
    fn upper(&self, seen: f64, distance: f64, rejects: bool) -> f64 {
        let symmetric = seen + distance * self.error;
        let reach = if self.possible.is_some() {
            distance * distance * self.room
        } else {
            0.0
        };
        // |δ| where (δ - seen)² = reach (|δ| - δ²), for δ of the sign given.
        let roots = |sign: f64| {
            let (a, b) = (1.0 + reach, reach + 2.0 * sign * seen);
            let under = b * b - 4.0 * a * seen * seen;
            (reach > 0.0 && under >= 0.0)
                .then(|| [-1.0, 1.0].map(|side| (b + side * under.sqrt()) / (2.0 * a)))
        };
        if rejects && seen < 0.0 {
            let nearest = roots(-1.0).map_or(f64::NEG_INFINITY, |[small, _]| -small);
            // Where the normal distribution asks for more than the patterns do, the patterns decide.
            symmetric.max(nearest).clamp(seen, -1e-9 * seen.abs())
        } else {
            let farthest = roots(1.0).map_or(0.0, |[_, large]| large);
            symmetric.max(farthest).max(seen).max(0.0)
        }
    }

    /// The second moment of a cluster's change when the mean change is `shift`: what was seen, and no less than whole
    /// clusters that change one way have.
    fn moment(&self, shift: f64) -> f64 {
        let seen = self.error * self.error / self.room + shift * shift;
        if self.possible.is_some() {
            seen.max(shift)
        } else {
            seen
        }
    }

    /// The mean change that is found in 80 % of samples with this spread, by a test that asks for `distance`
    /// standard errors: `δ = q √(r m / (1 + q² r)) + z √(r (m - δ²))`, where m is the second moment of a cluster's change
    /// and r the room.
    fn visible(&self, shift: f64, distance: f64, room: f64) -> f64 {
        let (moment, square) = (self.moment(shift), distance * distance);
        let critical = distance * (room * moment / (1.0 + square * room)).sqrt();
        critical + quantile(POWER) * (room * (moment - shift * shift).max(0.0)).sqrt()
    }

    /// The smallest change, in the unit of the score, that this sample could have shown with 80 % power; `None` where
    /// even losing or gaining everything could not be shown.
    pub fn smallest_visible(&self, distance: f64) -> Option<f64> {
        let distance = limited(distance);
        let found = |shift: f64| shift >= self.visible(shift, distance, self.room);
        let mut high = 1.0;
        while self.possible.is_none() && !found(high) && high < 1e9 {
            high *= 2.0;
        }
        if !found(high) {
            return None;
        }
        let mut low = 0.0;
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if found(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        Some(high * self.scale)
    }

    /// The clusters that would be needed to show a change of this size with 80 % power at this level, were they like
    /// these; `None` for a change that is none or more than everything.
    pub fn clusters_needed(&self, change: f64, alpha: f64) -> Option<usize> {
        let shift = (change / self.scale).abs();
        if !(shift > 0.0 && self.room > 0.0) || (self.possible.is_some() && shift >= 1.0) {
            return None;
        }
        let distance = two_sided(alpha);
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..60 {
            let room = f64::midpoint(low, high);
            if self.visible(shift, distance, room) <= shift {
                low = room;
            } else {
                high = room;
            }
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a number of clusters; the largest where that is too small"
        )]
        let needed = (self.clusters as f64 * self.room / low).ceil() as usize;
        (low > 0.0).then_some(needed)
    }
}

/// A distance beyond all bounds, where every pattern is as extreme as any, leaves bounds at any rate.
fn limited(distance: f64) -> f64 {
    distance.min(1e6)
}

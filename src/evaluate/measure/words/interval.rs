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
    pub moves: Moves,
    pub clusters: usize,
    /// Units in a whole: 100 points.
    pub scale: f64,
    /// Ends that no difference of these items can pass; `None` for nats and bits.
    pub possible: Option<[f64; 2]>,
}

/// How clusters changed, each in shares of the most that it could.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moves {
    /// The second moments of losses and of gains.
    pub lost: f64,
    pub gained: f64,
    /// The mean size of a change, weighted by itself; 1 where clusters change as a whole.
    pub size: f64,
}

impl Moves {
    /// Of `[change, most]` of each cluster.
    pub fn new(terms: impl Iterator<Item = [f64; 2]>) -> Self {
        let (mut lost, mut gained, mut first, mut room) = (0.0, 0.0, 0.0, 0.0);
        for [change, most] in terms {
            let side = if change < 0.0 { &mut lost } else { &mut gained };
            *side += change * change;
            first += change.abs() * most;
            room += most * most;
        }
        let share = |of: f64, whole: f64| if whole > 0.0 { of / whole } else { 0.0 };
        Self {
            size: share(lost + gained, first).clamp(0.0, 1.0),
            lost: share(lost, room),
            gained: share(gained, room),
        }
    }

    /// The likeliest second moment of a cluster's change if the mean change were a gain of `shift`: the shares of
    /// gains and of losses that differ by it and explain best what was seen (Tango 1998, for changes of one size).
    fn moment(self, shift: f64) -> f64 {
        if self.size <= 0.0 {
            return 0.0;
        }
        let square = self.size * self.size;
        let (shift, lost, gained) = (
            (shift / self.size).min(1.0),
            self.lost / square,
            self.gained / square,
        );
        let b = shift * (2.0 + lost - gained) - lost - gained;
        let losses = ((b * b + 8.0 * lost * shift * (1.0 - shift)).sqrt() - b) / 4.0;
        square * (2.0 * losses.clamp(0.0, (1.0 - shift) / 2.0) + shift)
    }
}

impl Spread {
    /// The differences less than `distance` standard errors from the one seen. Where the score has bounds, the standard
    /// error is that of the difference asked about, as in Wilson's interval and in Tango's (1998) for paired proportions:
    /// a mean change of `δ` has no less than the variance `room (|δ| - δ²)` of clusters that change as a whole or not at
    /// all, since a rare loss that did not happen here is not known to be impossible. With no change in any cluster
    /// that is Wilson's interval for the share of clusters all lost, and all gained.
    pub fn interval(&self, distance: f64, rejects: bool) -> [f64; 2] {
        let (difference, distance) = (self.difference / self.scale, limited(distance));
        let mirrored = Moves {
            lost: self.moves.gained,
            gained: self.moves.lost,
            ..self.moves
        };
        let ends = [
            -self.upper(-difference, distance, rejects, mirrored),
            self.upper(difference, distance, rejects, self.moves),
        ];
        ends.map(|end| match self.possible {
            Some([low, high]) => {
                (end * self.scale).clamp(low.min(self.difference), high.max(self.difference))
            }
            None => end * self.scale,
        })
    }

    /// The upper end around `seen`; on its own side of 0 where the test rejects, and with 0 inside where it does not.
    fn upper(&self, seen: f64, distance: f64, rejects: bool, moves: Moves) -> f64 {
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
            let end = symmetric.max(farthest).max(seen).max(0.0);
            self.farther(seen, distance, end, moves)
        }
    }

    /// The upper end where the variance is what it would be if the end were the truth, which is more where few of the
    /// changes that it needs happened to be seen.
    fn farther(&self, seen: f64, distance: f64, end: f64, moves: Moves) -> f64 {
        let within = |end: f64| {
            let variance = self.room * (moves.moment(end) - end * end);
            (end - seen) * (end - seen) <= distance * distance * variance
        };
        if self.possible.is_none() || !within(end) {
            return end;
        }
        let (mut low, mut high) = (end, 1.0_f64.max(end));
        for _ in 0..50 {
            let middle = f64::midpoint(low, high);
            if within(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Tango's interval for paired proportions, by brute force: `scipy.optimize` (1.17.1) finds the likeliest shares for
    /// each difference, and the difference where the score test changes its mind.
    #[test]
    fn single_items_have_tangos_interval() {
        for (gained, lost, n, z, end) in [
            (4.0, 4.0, 100.0, 1.96, -0.064_951_606),
            (2.0, 6.0, 60.0, 2.5, -0.211_982_258),
            (0.0, 3.0, 50.0, 1.96, -0.162_173_434),
            (7.0, 5.0, 350.0, 2.5, -0.023_379_438),
            (0.0, 0.0, 40.0, 1.96, -0.087_624_539),
        ] {
            let difference: f64 = (gained - lost) / n;
            let spread = Spread {
                difference: 100.0 * difference,
                error: 0.0,
                room: 1.0 / n,
                moves: Moves {
                    lost: lost / n,
                    gained: gained / n,
                    size: 1.0,
                },
                clusters: 1,
                scale: 100.0,
                possible: Some([-50.0, 50.0]),
            };
            let [low, _] = spread.interval(z, false);
            assert!((low - 100.0 * end).abs() < 1e-4, "{low} {end}");
        }
    }
}

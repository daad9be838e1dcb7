//! The test of a difference between two samples: of the clusters of both sides together, any are called "before".
//!
//! Where the sides were asked in other words, an item is not its own control, and the clusters of each side are a sample
//! of their own. If it did not matter which side a cluster is of, the labels of all could be shuffled: among those that
//! ask the same sub-tasks, so that each side keeps its items of each. `p` is the share of 10,000 shuffles whose studentised
//! difference is at least as large as the one seen (Janssen 1997; Chung and Romano 2013). The variance is the sum of
//! those of both sides, each by the slopes of the score (delta method). Where answers to
//! the same question are alike on both sides, as they mostly are, this test sees less than one of pairs could.

use super::exchange::{Exchange, Seen, mean, squared_ratio};
use super::figure::Figure;
use super::interval::{Moves, Spread};
use super::outcome::{Pairs, Row};
use super::random::Random;
use std::collections::BTreeMap;

/// Shuffles of the labels.
const DRAWS: usize = 10_000;

/// The clusters of both sides, those of the side before first.
struct Units<'a> {
    figure: Figure<'a>,
    /// By cluster.
    rows: Vec<Vec<&'a Row>>,
    cells: usize,
    seeds: usize,
    /// Units that ask the same sub-tasks.
    alike: Vec<Vec<usize>>,
}

/// A difference with its variance.
struct Studentised {
    before: f64,
    after: Vec<f64>,
    /// In shares of the whole.
    variance: f64,
}

/// What one side has in each cell: weights, and the weighted sum.
type Cells = Vec<[f64; 2]>;

pub(super) fn exchange(pairs: &Pairs, figure: Figure, seed: u64) -> Option<Exchange> {
    let units = Units::new(pairs, figure);
    let mut is_after: Vec<bool> = (0..units.len())
        .map(|unit| unit >= pairs.clusters)
        .collect();
    let observed = units.difference(&is_after)?;
    let whole = figure.scale() * figure.scale();
    let statistic =
        |s: &Studentised| squared_ratio(mean(&s.after) - s.before, s.variance * whole, 1.0);
    let mut random = Random::new(seed);
    let mut drawn = Vec::with_capacity(DRAWS);
    for _ in 0..DRAWS {
        for alike in &units.alike {
            let mut labels: Vec<bool> = alike.iter().map(|&unit| is_after[unit]).collect();
            random.shuffle(&mut labels);
            for (&unit, label) in alike.iter().zip(labels) {
                is_after[unit] = label;
            }
        }
        drawn.extend(units.difference(&is_after).map(|s| statistic(&s)));
    }
    let is_changed = |rows: &&Vec<&Row>| {
        let mut rows = rows.iter();
        rows.any(|row| row.after.iter().any(|after| *after != row.before))
    };
    Exchange::of_draws(
        &Seen {
            before: observed.before,
            after: observed.after.clone(),
            clusters: pairs.clusters,
            changed: units.rows.iter().filter(is_changed).count(),
            statistic: statistic(&observed),
            exact: false,
        },
        drawn,
        |difference| Spread {
            difference,
            error: observed.variance.sqrt(),
            room: units.room(pairs),
            // Of pairs alone is it known how many changed.
            moves: Moves::new(std::iter::empty()),
            clusters: pairs.clusters,
            scale: figure.scale(),
            possible: figure.bounded().then(|| [-figure.scale(), figure.scale()]),
        },
    )
}

impl<'a> Units<'a> {
    fn new(pairs: &'a Pairs, figure: Figure<'a>) -> Self {
        let mut rows = vec![Vec::new(); pairs.clusters];
        for row in &pairs.rows {
            rows[row.cluster].push(row);
        }
        let mut alike = BTreeMap::<Vec<usize>, Vec<usize>>::new();
        for (cluster, rows) in rows.iter().enumerate() {
            let mut cells: Vec<usize> = rows.iter().map(|row| row.cell).collect();
            cells.sort_unstable();
            let units = alike.entry(cells).or_default();
            units.extend([cluster, pairs.clusters + cluster]);
        }
        Self {
            figure,
            rows,
            cells: pairs.weights().len(),
            seeds: pairs.seeds,
            alike: alike.into_values().collect(),
        }
    }

    fn len(&self) -> usize {
        2 * self.rows.len()
    }

    /// What a unit has, by one calibration seed of the side after.
    fn values(&self, unit: usize, seed: usize) -> impl Iterator<Item = (&Row, f64)> {
        let clusters = self.rows.len();
        self.rows[unit % clusters].iter().map(move |row| {
            let own = unit < clusters;
            (*row, if own { row.before } else { row.after[seed] })
        })
    }

    /// The difference where these units are called "after", and its variance.
    fn difference(&self, is_after: &[bool]) -> Option<Studentised> {
        let mut adds = vec![0.0; self.len()];
        let (mut before, mut after) = (0.0, Vec::with_capacity(self.seeds));
        for seed in 0..self.seeds {
            let mut sides: [Cells; 2] = [0, 1].map(|_| vec![[0.0; 2]; self.cells]);
            for (unit, side) in is_after.iter().enumerate() {
                for (row, value) in self.values(unit, seed) {
                    let cell = &mut sides[usize::from(*side)][row.cell];
                    *cell = [cell[0] + row.weight, cell[1] + row.weight * value];
                }
            }
            let means = sides.each_ref().map(means);
            let [first, second] = means.each_ref().map(|means| self.figure.of(means));
            before += first? / self.seeds as f64;
            after.push(second?);
            let slopes = means.each_ref().map(|means| self.slopes(means));
            for (unit, side) in is_after.iter().enumerate() {
                let side = usize::from(*side);
                for (row, value) in self.values(unit, seed) {
                    let share = slopes[side][row.cell] * row.weight / sides[side][row.cell][0];
                    let beyond = value - means[side][row.cell].unwrap_or(0.0);
                    adds[unit] += share * beyond / self.seeds as f64;
                }
            }
        }
        let clusters = self.rows.len();
        let larger = clusters as f64 / (clusters.max(2) - 1) as f64;
        Some(Studentised {
            before,
            after,
            variance: larger * adds.iter().map(|add| add * add).sum::<f64>(),
        })
    }

    /// How much of the whole each cell's mean moves.
    fn slopes(&self, means: &[Option<f64>]) -> Vec<f64> {
        let has_items: Vec<bool> = means.iter().map(Option::is_some).collect();
        let shares = self.figure.shares(&has_items);
        shares.unwrap_or_else(|| self.figure.slopes(means))
    }

    /// The sum of squares of the most that each cluster can change the score by.
    fn room(&self, pairs: &Pairs) -> f64 {
        let weights = pairs.weights();
        let slopes = [false, true].map(|is_after| {
            let value = |row: &Row| {
                if is_after {
                    mean(&row.after)
                } else {
                    row.before
                }
            };
            self.slopes(&super::exchange::means(pairs, &weights, &value))
        });
        let most = |rows: &Vec<&Row>| {
            let own = rows.iter().map(|row| {
                let slope = f64::midpoint(slopes[0][row.cell].abs(), slopes[1][row.cell].abs());
                slope * row.weight / weights[row.cell]
            });
            own.sum::<f64>()
        };
        self.rows.iter().map(most).map(|most| most * most).sum()
    }
}

fn means(side: &Cells) -> Vec<Option<f64>> {
    let mean = |[weight, sum]: &[f64; 2]| (*weight > 0.0).then(|| sum / weight);
    side.iter().map(mean).collect()
}

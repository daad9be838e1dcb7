//! The exchange test of a score that is no mean: recomputed, with its standard error, for each pattern.

use super::exchange::{Exchange, Seen, mean, means, squared_ratio};
use super::figure::Figure;
use super::interval::{Moves, Spread};
use super::outcome::{Pairs, Row};
use super::signs::Signs;

/// The items as a score sees them, and which clusters have changed.
struct Table<'a> {
    figure: Figure<'a>,
    pairs: &'a Pairs,
    weights: Vec<f64>,
    /// The place of a changed cluster among those that changed.
    place: Vec<Option<usize>>,
}

/// A difference with its variance.
struct Studentised {
    before: f64,
    after: Vec<f64>,
    variance: f64,
    room: f64,
    moves: Moves,
}

pub(super) fn exchange(pairs: &Pairs, figure: Figure, seed: u64) -> Option<Exchange> {
    let mut place = vec![None; pairs.clusters];
    let mut changed = 0;
    for row in &pairs.rows {
        if row.after.iter().any(|after| *after != row.before) && place[row.cluster].is_none() {
            place[row.cluster] = Some(changed);
            changed += 1;
        }
    }
    let table = Table {
        figure,
        pairs,
        weights: pairs.weights(),
        place,
    };
    let signs = Signs::new(changed, seed).fewer();
    let none = vec![0; changed.div_ceil(8)];
    let observed = table.difference(&none)?;
    let whole = figure.scale() * figure.scale();
    let statistic =
        |s: &Studentised| squared_ratio(mean(&s.after) - s.before, s.variance * whole, 1.0);
    let mut drawn = Vec::new();
    signs.each(|pattern| drawn.extend(table.difference(pattern).map(|s| statistic(&s))));
    Exchange::of_draws(
        &Seen {
            before: observed.before,
            after: observed.after.clone(),
            clusters: pairs.clusters,
            changed,
            statistic: statistic(&observed),
            exact: signs.exact(),
        },
        drawn,
        |difference| Spread {
            difference,
            error: observed.variance.sqrt(),
            room: observed.room,
            moves: observed.moves,
            clusters: pairs.clusters,
            scale: figure.scale(),
            possible: figure
                .bounded()
                .then(|| [-observed.before, figure.scale() - observed.before]),
        },
    )
}

impl Table<'_> {
    fn exchanged(&self, row: &Row, pattern: &[u8]) -> bool {
        self.place[row.cluster].is_some_and(|at| pattern[at / 8] >> (at % 8) & 1 == 1)
    }

    /// The difference where the clusters of a pattern are exchanged, and its variance by the slopes of the score
    /// (delta method): of what each cluster adds beyond the mean of its cell, the mean over seeds.
    fn difference(&self, pattern: &[u8]) -> Option<Studentised> {
        let (pairs, seeds) = (self.pairs, self.pairs.seeds);
        let mut adds = vec![0.0; pairs.clusters];
        let mut rooms = vec![0.0; pairs.clusters];
        let (mut before, mut after) = (0.0, Vec::with_capacity(seeds));
        for seed in 0..seeds {
            let side = |row: &Row, is_after: bool| {
                if self.exchanged(row, pattern) == is_after {
                    row.before
                } else {
                    row.after[seed]
                }
            };
            let sides = [false, true]
                .map(|is_after| means(pairs, &self.weights, &|row| side(row, is_after)));
            before += self.figure.of(&sides[0])? / seeds as f64;
            after.push(self.figure.of(&sides[1])?);
            let slopes = [0, 1].map(|i: usize| self.figure.slopes(&sides[i]));
            for row in &pairs.rows {
                let share = row.weight / self.weights[row.cell] / seeds as f64;
                let add = |i: usize| {
                    let beyond = side(row, i == 1) - sides[i][row.cell].unwrap_or(0.0);
                    slopes[i][row.cell] * beyond
                };
                adds[row.cluster] += share * (add(1) - add(0));
                rooms[row.cluster] +=
                    share * f64::midpoint(slopes[0][row.cell].abs(), slopes[1][row.cell].abs());
            }
        }
        let larger = pairs.clusters as f64 / (pairs.clusters.max(2) - 1) as f64;
        Some(Studentised {
            before,
            after,
            variance: larger * adds.iter().map(|add| add * add).sum::<f64>(),
            room: rooms.iter().map(|room| room * room).sum(),
            moves: Moves::new(
                adds.iter()
                    .copied()
                    .zip(rooms.iter().copied())
                    .map(<[f64; 2]>::from),
            ),
        })
    }
}

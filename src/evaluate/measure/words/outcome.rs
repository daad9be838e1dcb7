//! What statistics are taken of: each item's worth before and after, by place.

use serde::Serialize;
use std::collections::BTreeMap;

/// What one item came to on one side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// The mean that it enters: its sub-task; for fairness its pool of people, sex and income ([`super::groups`]).
    pub cell: usize,
    /// What the items are about (an act, a statement, a person): exchanged, drawn and counted together.
    pub cluster: usize,
    /// From 0, bad, to 1, good. For fairness: 1 where the model says yes.
    pub value: f64,
    /// 1; or the number of tokens or bytes that `value` is a mean over.
    pub weight: f64,
    pub reading: Reading,
}

/// Whether an answer can be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reading {
    /// An answer or a refusal: an outcome either way.
    #[default]
    Read,
    /// Something that is no answer.
    Unread,
    /// A text that is none.
    Broken,
}

/// Whether the items of two sides are pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Pairing {
    /// The same prompts went to both: each item is its own control.
    #[default]
    Paired,
    /// The same questions went out in other words: the sides are two samples.
    Unpaired,
}

/// Items that are not compared, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NotCompared {
    /// Items asked.
    pub asked: usize,
    /// Those without a readable answer, before and after; with several seeds, after any of them.
    pub unread: [usize; 2],
    /// Those whose text is broken, before and after.
    pub broken: [usize; 2],
    /// Those that leave both sides for one of these reasons.
    pub left: usize,
}

impl NotCompared {
    /// The share of unread items on each side, 0 to 1.
    #[must_use]
    pub fn unread_shares(&self) -> [f64; 2] {
        self.unread.map(|n| n as f64 / self.asked.max(1) as f64)
    }

    /// The share of broken texts on each side, 0 to 1.
    #[must_use]
    pub fn broken_shares(&self) -> [f64; 2] {
        self.broken.map(|n| n as f64 / self.asked.max(1) as f64)
    }
}

/// The items that were read on both sides.
#[derive(Debug, Clone)]
pub struct Pairs {
    pub(super) rows: Vec<Row>,
    /// Runs of the side after: calibration seeds.
    pub(super) seeds: usize,
    /// Clusters with an item that is compared.
    pub(super) clusters: usize,
    /// Clusters of all that was asked.
    pub(super) asked_clusters: usize,
    pub(super) left_out: NotCompared,
    pub(super) pairing: Pairing,
}

#[derive(Debug, Clone)]
pub(super) struct Row {
    pub cell: usize,
    /// Counted from 0 without gaps.
    pub cluster: usize,
    pub weight: f64,
    pub before: f64,
    /// By seed.
    pub after: Vec<f64>,
}

impl Pairs {
    /// Pairs the same items by their place, before and after each calibration seed. `None` where a side is missing, is
    /// of another length, or has another cell or cluster in a place.
    #[must_use]
    pub fn new(before: &[Outcome], after: &[&[Outcome]]) -> Option<Self> {
        let place = |o: &Outcome| (o.cell, o.cluster);
        let same = |side: &&[Outcome]| {
            side.len() == before.len() && side.iter().map(place).eq(before.iter().map(place))
        };
        if after.is_empty() || before.is_empty() || !after.iter().all(same) {
            return None;
        }
        let mut pairs = Self {
            rows: Vec::new(),
            seeds: after.len(),
            clusters: 0,
            asked_clusters: 0,
            left_out: NotCompared {
                asked: before.len(),
                ..NotCompared::default()
            },
            pairing: Pairing::Paired,
        };
        for (at, item) in before.iter().enumerate() {
            let any = |reading| after.iter().any(|side| side[at].reading == reading);
            let count = |reading: Reading| [item.reading == reading, any(reading)].map(usize::from);
            let (unread, broken) = (count(Reading::Unread), count(Reading::Broken));
            for side in 0..2 {
                pairs.left_out.unread[side] += unread[side];
                pairs.left_out.broken[side] += broken[side];
            }
            let numbers = || after.iter().map(|side| side[at].value);
            let counts =
                item.weight > 0.0 && item.value.is_finite() && numbers().all(f64::is_finite);
            if unread == [0, 0] && broken == [0, 0] && counts {
                pairs.rows.push(Row {
                    cell: item.cell,
                    cluster: item.cluster,
                    weight: item.weight,
                    before: item.value,
                    after: numbers().collect(),
                });
            } else {
                pairs.left_out.left += 1;
            }
        }
        pairs.asked_clusters = dense(before.iter().map(|o| o.cluster)).1;
        pairs.number();
        Some(pairs)
    }

    /// The same items, on this footing: an item that cannot be judged on one side leaves both on either.
    #[must_use]
    pub fn on(self, pairing: Pairing) -> Self {
        Self { pairing, ..self }
    }

    /// The same of some cells alone: one sub-task, or those that are measurable.
    #[must_use]
    pub fn of_cells(&self, keep: impl Fn(usize) -> bool) -> Self {
        let mut pairs = self.clone();
        pairs.rows.retain(|row| keep(row.cell));
        pairs.number();
        pairs
    }

    /// Clusters with an item that is compared.
    #[must_use]
    pub fn clusters(&self) -> usize {
        self.clusters
    }

    /// Clusters of all that was asked.
    #[must_use]
    pub fn asked_clusters(&self) -> usize {
        self.asked_clusters
    }

    /// What is not compared; of all cells, whichever were kept.
    #[must_use]
    pub fn left_out(&self) -> NotCompared {
        self.left_out
    }

    fn number(&mut self) {
        let (numbers, clusters) = dense(self.rows.iter().map(|row| row.cluster));
        for row in &mut self.rows {
            row.cluster = numbers.get(&row.cluster).copied().unwrap_or(0);
        }
        self.clusters = clusters;
    }

    /// The sum of weights in each cell.
    pub(super) fn weights(&self) -> Vec<f64> {
        let cells = self.rows.iter().map(|row| row.cell + 1).max().unwrap_or(0);
        let mut weights = vec![0.0; cells];
        for row in &self.rows {
            weights[row.cell] += row.weight;
        }
        weights
    }
}

/// Numbers from 0 without gaps for what has any numbers, in order of first sight, and how many there are.
pub(super) fn dense(numbers: impl Iterator<Item = usize>) -> (BTreeMap<usize, usize>, usize) {
    let mut known = BTreeMap::new();
    for number in numbers {
        let next = known.len();
        known.entry(number).or_insert(next);
    }
    let count = known.len();
    (known, count)
}

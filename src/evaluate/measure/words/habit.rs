//! Habits: the same answer, whatever is asked.

use super::exchange::Exchange;
use super::figure::Figure;
use super::normal::wilson;
use super::outcome::{Outcome, Pairing, Pairs, Reading};
use serde::Serialize;
use std::collections::BTreeMap;

/// The share above which the commonest answer is a habit.
const HABIT: f64 = 0.8;
/// Items without which nothing is said of habits.
const FEWEST: usize = 20;
/// The error of the intervals of shares.
const SHARE_ERROR: f64 = 0.05;

/// What one item was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    pub cluster: usize,
    /// Questions of one set have the same answers to choose from.
    pub set: usize,
    /// The answer, by a number of its own in its set.
    pub option: usize,
}

/// The commonest answers of one side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CommonestAnswers {
    /// Of each set.
    pub answers: BTreeMap<usize, usize>,
    /// How many of all questions have the commonest answer of their set, 0 to 1.
    pub share: f64,
    /// Wilson's, 95 %.
    pub interval: [f64; 2],
    pub n: usize,
}

/// The commonest answers before and after, and the test that the larger share has changed.
#[derive(Debug, Clone)]
pub struct Habit {
    pub before: CommonestAnswers,
    pub after: CommonestAnswers,
    /// The share of the answers that are commonest on the side with the larger share, in points.
    pub change: Exchange,
}

impl CommonestAnswers {
    /// `None` without answers; of equally common ones the first.
    #[must_use]
    pub fn of<'a>(answers: impl Iterator<Item = &'a Answer>) -> Option<Self> {
        let mut counts = BTreeMap::<usize, BTreeMap<usize, usize>>::new();
        for answer in answers {
            let own = counts.entry(answer.set).or_default();
            *own.entry(answer.option).or_default() += 1;
        }
        let n: usize = counts.values().flat_map(BTreeMap::values).sum();
        let (mut commonest, mut most) = (BTreeMap::new(), 0);
        for (set, counts) in counts {
            let first = |(option, count): &(usize, usize)| (*count, usize::MAX - option);
            let (option, count) = counts.into_iter().max_by_key(first)?;
            commonest.insert(set, option);
            most += count;
        }
        let share = most as f64 / n as f64;
        (n > 0).then(|| Self {
            answers: commonest,
            share,
            interval: wilson(share, n, SHARE_ERROR),
            n,
        })
    }

    fn holds(&self, answer: &Answer) -> bool {
        self.answers.get(&answer.set) == Some(&answer.option)
    }

    /// Whether at least 20 items say that it is credibly above 80 %.
    #[must_use]
    pub fn is_habit(&self) -> bool {
        self.n >= FEWEST && self.interval[0] > HABIT
    }
}

impl Habit {
    /// Answers to the same items, by place; several seeds after count together. `None` without items or
    /// where sides differ in length.
    #[must_use]
    pub fn new(before: &[Answer], after: &[&[Answer]], seed: u64) -> Option<Self> {
        Self::on(Pairing::Paired, before, after, seed)
    }

    /// The same on either footing.
    #[must_use]
    pub fn on(pairing: Pairing, before: &[Answer], after: &[&[Answer]], seed: u64) -> Option<Self> {
        let first = CommonestAnswers::of(before.iter())?;
        let last = CommonestAnswers::of(after.iter().copied().flatten())?;
        let last = CommonestAnswers {
            // Seeds ask the same items again.
            interval: wilson(last.share, before.len(), SHARE_ERROR),
            n: before.len(),
            ..last
        };
        let larger = if first.share >= last.share {
            &first
        } else {
            &last
        };
        let gives = |answers: &[Answer]| -> Vec<Outcome> {
            let outcome = |a: &Answer| Outcome {
                cell: 0,
                cluster: a.cluster,
                value: f64::from(u8::from(larger.holds(a))),
                weight: 1.0,
                reading: Reading::Read,
            };
            answers.iter().map(outcome).collect()
        };
        let runs: Vec<Vec<Outcome>> = after.iter().map(|run| gives(run)).collect();
        let runs: Vec<&[Outcome]> = runs.iter().map(Vec::as_slice).collect();
        let pairs = Pairs::new(&gives(before), &runs)?.on(pairing);
        Some(Self {
            before: first,
            after: last,
            change: Exchange::new(&pairs, Figure::Points(&[]), seed)?,
        })
    }

    /// Whether one side has a habit that the other has not, or the opposite of its, and the share has changed at this
    /// level: without the latter a share that stays near the limit would be called shifted by chance.
    #[must_use]
    pub fn shifted(&self, alpha: f64) -> bool {
        let [before, after] = [&self.before, &self.after].map(CommonestAnswers::is_habit);
        let other = before && after && self.before.answers != self.after.answers;
        (before != after || other) && self.change.rejects(alpha)
    }
}

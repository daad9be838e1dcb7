//! The best constant answer: what a model that ignores the questions can reach.

use super::figure::Figure;
use std::collections::{BTreeMap, BTreeSet};

/// Constant models that are tried at most, where the score is no mean.
const MOST: usize = 4096;

/// What each option of one question would be worth.
#[derive(Debug, Clone, Copy)]
pub struct Worths<'a> {
    /// As in [`super::Outcome`].
    pub cell: usize,
    /// Questions of one set have the same options, in the same order; a model may always give the first of one set and the
    /// second of another.
    pub option_set: usize,
    /// By option; 0 to 1, as an outcome's value. What silence is worth may stand last.
    pub worths: &'a [f64],
}

/// The score of the best model that gives one answer in each option set. For a mean each set's best option is chosen by
/// itself; of other scores all combinations are tried, the first 4096. `None` without questions.
#[must_use]
pub fn best_constant(questions: &[Worths], figure: Figure) -> Option<f64> {
    let cells = questions.iter().map(|q| q.cell + 1).max()?;
    let mut counts = vec![0.0; cells];
    for question in questions {
        counts[question.cell] += 1.0;
    }
    let has_items: Vec<bool> = counts.iter().map(|n| *n > 0.0).collect();
    let sets: BTreeSet<usize> = questions.iter().map(|q| q.option_set).collect();
    let options = |set: usize| {
        let own = questions.iter().filter(|q| q.option_set == set);
        own.map(|q| q.worths.len()).min().unwrap_or(0)
    };
    let score = |answers: &BTreeMap<usize, usize>| {
        let mut sums = vec![0.0; cells];
        for question in questions {
            let option = answers.get(&question.option_set).copied().unwrap_or(0);
            sums[question.cell] += question.worths.get(option).copied().unwrap_or(0.0);
        }
        let mean = |(sum, n): (f64, &f64)| (*n > 0.0).then(|| sum / n);
        figure.of(&sums.into_iter().zip(&counts).map(mean).collect::<Vec<_>>())
    };
    if let Some(shares) = figure.shares(&has_items) {
        let mut answers = BTreeMap::new();
        for &set in &sets {
            let own = || questions.iter().filter(|q| q.option_set == set);
            let worth = |option: usize| -> f64 {
                own()
                    .map(|q| shares[q.cell] / counts[q.cell] * q.worths[option])
                    .sum()
            };
            let best = (0..options(set)).max_by(|a, b| worth(*a).total_cmp(&worth(*b)));
            answers.insert(set, best.unwrap_or(0));
        }
        return score(&answers);
    }
    let models: usize = sets.iter().map(|set| options(*set).max(1)).product();
    let model = |mut number: usize| {
        let mut answers = BTreeMap::new();
        for &set in &sets {
            answers.insert(set, number % options(set).max(1));
            number /= options(set).max(1);
        }
        answers
    };
    (0..models.min(MOST))
        .filter_map(|number| score(&model(number)))
        .reduce(f64::max)
}

//! Ability where each question has options of its own, so that no option can be asked about in all of them: accuracy,
//! against what guessing comes to.

use super::ability::{ABILITY_ERROR, Ability, AbilityChange};
use super::exchange::{Exchange, mean};
use super::figure::Figure;
use super::outcome::{Outcome, Pairs, Reading};

/// One question of which ability is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    pub cluster: usize,
    /// Two or more.
    pub options: usize,
    /// 1 where the answer is right, 0 where not; no number where it could not be read.
    pub right: f64,
}

impl Choice {
    /// The share of wrong options that the right one comes before, were all others than the answer alike: 1 for a right
    /// answer, and for a wrong one so much that guessing comes to one half whatever the number of options.
    fn area(self) -> f64 {
        let wrong = self.options.max(2) as f64 - 1.0;
        let without = 0.5 * (wrong - 1.0) / wrong;
        without + (1.0 - without) * self.right
    }
}

impl AbilityChange {
    /// As [`Self::new`]: an accuracy, on the scale of an area, where guessing is one half.
    #[must_use]
    pub fn of_choices(before: &[Choice], after: &[&[Choice]], seed: u64) -> Option<Self> {
        let outcomes = |choices: &[Choice]| -> Vec<Outcome> {
            let outcome = |choice: &Choice| Outcome {
                cell: 0,
                cluster: choice.cluster,
                value: choice.area(),
                weight: 1.0,
                reading: Reading::Read,
            };
            choices.iter().map(outcome).collect()
        };
        let runs: Vec<Vec<Outcome>> = after.iter().map(|run| outcomes(run)).collect();
        let runs: Vec<&[Outcome]> = runs.iter().map(Vec::as_slice).collect();
        // What is no number leaves both sides.
        let pairs = Pairs::new(&outcomes(before), &runs)?;
        let side = |value: &dyn Fn(&super::outcome::Row) -> f64| {
            let mut sums = vec![[0.0; 2]; pairs.clusters];
            for row in &pairs.rows {
                sums[row.cluster][0] += value(row);
                sums[row.cluster][1] += 1.0;
            }
            let area = |drawn: Option<&[u32]>| {
                let times = |cluster: usize| drawn.map_or(1.0, |drawn| f64::from(drawn[cluster]));
                let total = sums
                    .iter()
                    .enumerate()
                    .fold([0.0; 2], |total, (cluster, sum)| {
                        [0, 1].map(|i: usize| total[i] + times(cluster) * sum[i])
                    });
                (total[1] > 0.0).then(|| total[0] / total[1])
            };
            Ability::of_areas(&area, pairs.clusters, ABILITY_ERROR, seed)
        };
        Some(Self {
            before: side(&|row| row.before)?,
            after: side(&|row| mean(&row.after))?,
            change: Exchange::new(&pairs, Figure::Mean, seed)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_is_one_half_whatever_the_number_of_options() {
        for options in 2..6u8 {
            let area = |right| {
                Choice {
                    cluster: 0,
                    options: options.into(),
                    right,
                }
                .area()
            };
            let guessed = (area(1.0) + f64::from(options - 1) * area(0.0)) / f64::from(options);
            assert!(
                (guessed - 0.5).abs() < 1e-12 && area(1.0) == 1.0,
                "{options}"
            );
        }
    }
}

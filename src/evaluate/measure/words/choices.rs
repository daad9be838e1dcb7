//! Ability where each question has options of its own, so that no option can be asked about in all of them: is the right one
//! likelier than the wrong ones of the same question?

use super::ability::{ABILITY_ERROR, Ability, AbilityChange};
use super::exchange::{Exchange, mean};
use super::figure::Figure;
use super::outcome::{Outcome, Pairing, Pairs, Reading};

/// One question of which ability is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    pub cluster: usize,
    /// The share of wrong options that right ones lie before, ties ½; no number where nothing could be read.
    pub area: f64,
}

impl Choice {
    /// The area when all that is known is whether the answer was right: of the other options any may come next, so that
    /// guessing comes to one half however many there are.
    #[must_use]
    pub fn answered(options: usize, right: bool) -> f64 {
        let wrong = options.max(2) as f64 - 1.0;
        if right {
            1.0
        } else {
            0.5 * (wrong - 1.0) / wrong
        }
    }
}

impl AbilityChange {
    /// As [`Self::new`], with a question for a frame.
    #[must_use]
    pub fn of_choices(before: &[Choice], after: &[&[Choice]], seed: u64) -> Option<Self> {
        Self::of_choices_on(Pairing::Paired, before, after, seed)
    }

    /// The same on either footing.
    #[must_use]
    pub fn of_choices_on(
        pairing: Pairing,
        before: &[Choice],
        after: &[&[Choice]],
        seed: u64,
    ) -> Option<Self> {
        let outcomes = |choices: &[Choice]| -> Vec<Outcome> {
            let outcome = |choice: &Choice| Outcome {
                cell: 0,
                cluster: choice.cluster,
                value: choice.area,
                weight: 1.0,
                reading: Reading::Read,
            };
            choices.iter().map(outcome).collect()
        };
        let runs: Vec<Vec<Outcome>> = after.iter().map(|run| outcomes(run)).collect();
        let runs: Vec<&[Outcome]> = runs.iter().map(Vec::as_slice).collect();
        // What is no number leaves both sides.
        let pairs = Pairs::new(&outcomes(before), &runs)?.on(pairing);
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
            let area = |right| Choice::answered(options.into(), right);
            let guessed = (area(true) + f64::from(options - 1) * area(false)) / f64::from(options);
            assert!(
                (guessed - 0.5).abs() < 1e-12 && area(true) == 1.0,
                "{options}"
            );
        }
    }
}

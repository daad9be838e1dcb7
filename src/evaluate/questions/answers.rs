//! How questions were answered, whatever the answers are worth.

use super::{Question, Questions};
use crate::evaluate::ask::Reading;
use crate::evaluate::measure::{Answers, Commonest, Sample, Statistic};
use std::collections::BTreeMap;
use std::rc::Rc;

impl Questions {
    /// The answers to the sub-tasks that `of` picks, whose samples these are, made into a score by this statistic.
    pub(super) fn answers(
        &self,
        readings: &[Reading],
        samples: &[Sample],
        statistic: Statistic,
        of: impl Fn(usize) -> bool,
    ) -> Answers {
        let pairs = self.questions.iter().zip(readings);
        let own = pairs.filter(|((_, question), _)| of(question.part));
        let own: Vec<(&(usize, Rc<Question>), &Reading)> = own.collect();
        let chosen: Vec<_> = own
            .iter()
            .filter_map(|(_, reading)| reading.chosen)
            .collect();
        let raw = own
            .iter()
            .zip(samples)
            .map(|((_, reading), sample)| Sample {
                value: reading
                    .chosen
                    .map_or(sample.value, |chosen| chosen.raw_value),
                ..*sample
            });
        let raw: Vec<Sample> = raw.collect();
        let shares: f64 = chosen.iter().map(|chosen| chosen.share).sum();
        let is_chosen = !chosen.is_empty();
        Answers {
            raw_value: statistic.estimate(&raw).filter(|_| is_chosen),
            option_share: is_chosen.then(|| shares / chosen.len() as f64),
            commonest: commonest(
                own.iter()
                    .filter_map(|(_, reading)| reading.answer.as_deref()),
            ),
        }
    }
}

/// The commonest of some answers; of several, the first in the alphabet.
fn commonest<'a>(answers: impl Iterator<Item = &'a str>) -> Option<Commonest> {
    let mut counts = BTreeMap::<&str, usize>::new();
    for answer in answers {
        *counts.entry(answer).or_default() += 1;
    }
    let n: usize = counts.values().sum();
    let (answer, count) = counts.into_iter().rev().max_by_key(|(_, count)| *count)?;
    Some(Commonest {
        answer: answer.to_owned(),
        share: count as f64 / n as f64,
        n,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commonest_answer_with_its_share() {
        let found = |answers: &[&str]| {
            let found = commonest(answers.iter().copied())?;
            Some((found.answer, found.share, found.n))
        };
        assert_eq!(found(&[]), None);
        assert_eq!(
            found(&["yes", "no", "yes", "yes"]),
            Some(("yes".into(), 0.75, 4))
        );
        assert_eq!(found(&["yes", "no"]), Some(("no".into(), 0.5, 2)));
    }
}

//! After against before: what may be said of a dimension, and of its sub-tasks.

use super::change::Change;
use super::evidence::Tests;
use super::score::{Group, Score, SideFigure};
use super::statistics::Statistic;
use super::words::{Look, Margin, Rule, Verdict, judge, judge_part};
use crate::evaluate::measure::Sample;
use serde::Serialize;
use std::borrow::Cow;

/// A little, in points.
const POINTS: f64 = 5.0;
/// A little, in percent of a perplexity.
const PERCENT: f64 = 5.0;

/// After against before, item by item.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Comparison {
    pub name: &'static str,
    #[serde(flatten)]
    pub change: Change,
    /// The same for each sub-task.
    pub parts: Vec<PartComparison>,
    /// Mean KL(before ‖ after) in nats, over answer options or over next tokens; absent where there are neither.
    pub divergence: Option<SideFigure>,
}

/// After against before in one sub-task.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PartComparison {
    pub name: Cow<'static, str>,
    #[serde(flatten)]
    pub change: Change,
}

/// Two or more scores of the same items, with the tests of their difference; words are found for all dimensions together.
#[derive(Debug, Clone)]
pub struct Compared {
    name: &'static str,
    group: Group,
    statistic: Statistic,
    tests: Tests,
    parts: Vec<(Cow<'static, str>, Tests)>,
    divergence: Option<SideFigure>,
}

impl Compared {
    /// A score before, and after by each calibration seed.
    #[must_use]
    pub fn new(before: &Score, after: &[&Score], seed: u64) -> Option<Self> {
        let parts = before.parts.iter();
        let parts = parts.filter_map(|part| {
            let tests = Tests::of_part(before, after, part, seed)?;
            Some((part.name.clone(), tests))
        });
        let parts: Vec<(Cow<'static, str>, Tests)> = parts.collect();
        let lost = parts.iter().filter(|(_, tests)| tests.is_lost());
        let lost: Vec<&str> = lost.map(|(name, _)| &**name).collect();
        let tests = Tests::of_all(before, after, &lost, seed)?;
        let within = |(name, part): (_, Tests)| (name, part.within(&tests));
        Some(Self {
            name: before.name,
            group: before.group,
            statistic: before.statistic,
            parts: parts.into_iter().map(within).collect(),
            divergence: divergence(before, after.first()?, seed),
            tests,
        })
    }
}

/// What is said of some dimensions: the verdicts of trust together, and those of usefulness together. `provisional`: more
/// are to come, which may change them.
#[must_use]
pub fn comparisons(all: &[Compared], provisional: bool) -> Vec<Comparison> {
    let look = Look {
        provisional,
        ..Look::once()
    };
    let mut verdicts: Vec<Option<(Verdict, Rule)>> = vec![None; all.len()];
    for (group, statistic) in [
        (Group::Trust, None),
        (Group::Utility, Some(true)),
        (Group::Utility, Some(false)),
    ] {
        let is_one = |compared: &Compared| {
            let exponential = compared.statistic == Statistic::Exponential;
            compared.group == group && statistic.is_none_or(|wanted| wanted == exponential)
        };
        let margin = if statistic == Some(true) {
            Margin::percent(PERCENT)
        } else {
            Margin::points(POINTS)
        };
        let rule = Rule { look, margin };
        let places: Vec<usize> = (0..all.len()).filter(|&i| is_one(&all[i])).collect();
        let rows: Vec<_> = places.iter().map(|&i| all[i].tests.evidence()).collect();
        for (place, verdict) in places.into_iter().zip(judge(&rows, rule)) {
            verdicts[place] = Some((verdict, rule));
        }
    }
    let pairs = all.iter().zip(verdicts);
    pairs
        .filter_map(|(compared, verdict)| {
            let (verdict, rule) = verdict?;
            let alpha = verdict.alpha.unwrap_or(rule.look.error);
            let part = |(name, tests): &(Cow<'static, str>, Tests)| PartComparison {
                name: name.clone(),
                change: tests.change(
                    judge_part(&tests.evidence(), alpha, rule),
                    compared.statistic,
                ),
            };
            Some(Comparison {
                name: compared.name,
                change: compared.tests.change(verdict, compared.statistic),
                parts: compared.parts.iter().map(part).collect(),
                divergence: compared.divergence.clone(),
            })
        })
        .collect()
}

/// Two scores compared by themselves; `None` when there is nothing to compare.
#[must_use]
pub fn compare(before: &Score, after: &Score, seed: u64) -> Option<Comparison> {
    let compared = Compared::new(before, &[after], seed)?;
    comparisons(&[compared], false).pop()
}

fn divergence(before: &Score, after: &Score, seed: u64) -> Option<SideFigure> {
    let pairs = before.distributions.iter().zip(after.distributions.iter());
    let samples = pairs.map(|(before, after)| {
        Some(Sample {
            cluster: before.cluster,
            value: before.divergence(after)?,
            ..Sample::default()
        })
    });
    let samples = samples.collect::<Option<Vec<_>>>()?;
    let (name, title) = match before.statistic {
        Statistic::Exponential => ("kl_next_token", "KL divergence of the next token"),
        _ => ("kl_options", "KL divergence over the answer options"),
    };
    Some(SideFigure {
        name: name.into(),
        title: title.into(),
        unit: "nats",
        value: Statistic::Mean.estimate(&samples)?,
        interval: Statistic::Mean.interval(&samples, seed),
        n: samples.len(),
        chance: None,
    })
}

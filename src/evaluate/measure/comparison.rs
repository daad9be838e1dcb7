//! After against before: what may be said of a dimension, and of its sub-tasks.

use super::change::Change;
use super::evidence::{Tests, pairing};
use super::score::{Group, Score, SideFigure};
use super::statistics::Statistic;
use super::words::{Look, Margin, Pairing, Rule, Verdict, judge, judge_part};
use crate::evaluate::ask::Ask;
use crate::evaluate::measure::Sample;
use serde::Serialize;
use std::borrow::Cow;
use std::f64::consts::LN_2;
use std::sync::Arc;

/// A little, in points.
const POINTS: f64 = 5.0;
/// A little, in percent of a perplexity.
const PERCENT: f64 = 5.0;
/// A little, in bits per byte: 5 % of a perplexity where a token has three and a half bytes.
const BITS: f64 = 0.02;
const BITS_PER_BYTE: &str = "bits per byte";

/// After against before, item by item.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Comparison {
    pub name: &'static str,
    /// Whether items are pairs; a report of an older version has nothing else.
    #[cfg_attr(test, ts(as = "Option<Pairing>", optional))]
    pub pairing: Pairing,
    /// The unit that it is in, where that is not the score's: bits per byte, where models read texts by tokens of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub unit: Option<&'static str>,
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
    pairing: Pairing,
    unit: Option<&'static str>,
    /// Whether the sides are two models, and not one before and after.
    of_models: bool,
    tests: Tests,
    parts: Vec<(Cow<'static, str>, Tests)>,
    divergence: Option<SideFigure>,
    /// Whether texts are drawn or answers are written.
    is_written: bool,
    /// Of perplexity: whether each side is fluent.
    fluent: Option<[bool; 2]>,
}

impl Compared {
    /// Of the dimension.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// A score before, and after by each calibration seed. Items are pairs where the same prompts went to all; what
    /// surprised models that read by tokens of their own is compared by the byte.
    #[must_use]
    pub fn new(before: &Score, after: &[&Score], seed: u64) -> Option<Self> {
        let own = |score: &&Score| score.tokenization == before.tokenization;
        if before.statistic == Statistic::Exponential && !after.iter().all(own) {
            let runs: Vec<Score> = after.iter().map(|score| per_byte(score)).collect();
            let mut compared = Self::of(&per_byte(before), &runs.iter().collect::<Vec<_>>(), seed)?;
            compared.unit = Some(BITS_PER_BYTE);
            return Some(compared);
        }
        Self::of(before, after, seed)
    }

    /// The same, as two models: none of them was made of the other.
    #[must_use]
    pub fn of_models(self) -> Self {
        Self {
            of_models: true,
            ..self
        }
    }

    fn of(before: &Score, after: &[&Score], seed: u64) -> Option<Self> {
        let pairing = pairing(before, after);
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
            pairing,
            unit: None,
            of_models: false,
            divergence: match pairing {
                Pairing::Paired => divergence(before, after.first()?, seed),
                Pairing::Unpaired => None,
            },
            is_written: before.ask == Ask::Generate,
            fluent: before.fluent.zip(all_fluent(after)).map(<[bool; 2]>::from),
            tests,
        })
    }
}

/// What is said of some dimensions: the verdicts of trust together at this look, and those of usefulness together, which is
/// looked at once.
#[must_use]
pub fn comparisons(all: &[Compared], look: Look) -> Vec<Comparison> {
    let once = Look {
        provisional: look.provisional,
        ..Look::once()
    };
    let fluent = all.iter().find_map(|compared| compared.fluent);
    // Who is no more at home in a language than a count of its tokens writes no texts.
    let babble = |compared: &Compared| match fluent {
        Some(fluent) if compared.is_written => fluent.map(|fluent| !fluent),
        _ => [false; 2],
    };
    let mut verdicts: Vec<Option<(Verdict, Rule)>> = vec![None; all.len()];
    for (group, statistic) in [
        (Group::Trust, Statistic::Points),
        (Group::Utility, Statistic::Exponential),
        (Group::Utility, Statistic::Mean),
        (Group::Utility, Statistic::Points),
    ] {
        let is_one = |compared: &Compared| {
            let own = match compared.statistic {
                own @ (Statistic::Exponential | Statistic::Mean) => own,
                _ => Statistic::Points,
            };
            compared.group == group && (group == Group::Trust || own == statistic)
        };
        let margin = match statistic {
            Statistic::Exponential => Margin::percent(PERCENT),
            Statistic::Mean => Margin::bits_per_byte(BITS),
            _ => Margin::points(POINTS),
        };
        let look = if group == Group::Trust { look } else { once };
        let rule = Rule { look, margin };
        let places: Vec<usize> = (0..all.len()).filter(|&i| is_one(&all[i])).collect();
        let rows: Vec<_> = places
            .iter()
            .map(|&i| all[i].tests.evidence(babble(&all[i])))
            .collect();
        for (place, verdict) in places.into_iter().zip(judge(&rows, rule)) {
            verdicts[place] = Some((verdict, rule));
        }
    }
    let pairs = all.iter().zip(verdicts);
    pairs
        .filter_map(|(compared, verdict)| {
            let (verdict, rule) = verdict?;
            let alpha = verdict.alpha.unwrap_or(rule.look.error);
            let said = |verdict: Verdict| {
                if compared.of_models {
                    verdict.of_models(rule.margin)
                } else {
                    verdict
                }
            };
            let part = |(name, tests): &(Cow<'static, str>, Tests)| PartComparison {
                name: name.clone(),
                change: tests.change(
                    said(judge_part(&tests.evidence(babble(compared)), alpha, rule)),
                    compared.statistic,
                ),
            };
            Some(Comparison {
                name: compared.name,
                pairing: compared.pairing,
                unit: compared.unit,
                change: compared.tests.change(said(verdict), compared.statistic),
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
    comparisons(&[compared], Look::once()).pop()
}

/// Whether all runs are fluent; none where none of them says.
fn all_fluent(after: &[&Score]) -> Option<bool> {
    let said: Vec<bool> = after.iter().filter_map(|score| score.fluent).collect();
    (!said.is_empty()).then(|| said.iter().all(|fluent| *fluent))
}

/// Surprise in bits per byte, over the bytes of each text, and nothing of the tokens.
fn per_byte(score: &Score) -> Score {
    let pairs = score.items.iter().zip(&score.samples);
    let samples = pairs.map(|(item, sample)| {
        let bytes = item.bytes.filter(|bytes| *bytes > 0);
        let bits = sample.value * sample.weight / LN_2;
        Sample {
            value: bytes.map_or(f64::NAN, |bytes| bits / bytes as f64),
            weight: item.prompt.len() as f64,
            ..*sample
        }
    });
    Score {
        statistic: Statistic::Mean,
        samples: samples.collect(),
        distributions: Arc::default(),
        ..score.clone()
    }
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
    Some(SideFigure::divergence(
        before.statistic,
        Statistic::Mean.estimate(&samples)?,
        Statistic::Mean.interval(&samples, seed),
        samples.len(),
    ))
}

impl SideFigure {
    /// A mean KL(before ‖ after) in nats, beside a score of this statistic.
    #[must_use]
    pub fn divergence(
        statistic: Statistic,
        value: f64,
        interval: Option<[f64; 2]>,
        n: usize,
    ) -> Self {
        let (name, title) = match statistic {
            Statistic::Exponential => ("kl_next_token", "KL divergence of the next token"),
            _ => ("kl_options", "KL divergence over the answer options"),
        };
        Self {
            name: name.into(),
            title: title.into(),
            unit: "nats",
            value,
            interval,
            n,
            chance: None,
        }
    }
}

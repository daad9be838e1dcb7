//! From items to tests: what the words of one row rest on.

use super::cases::ability;
use super::change::Change;
use super::habits::NamedHabit;
use super::sample::Sample;
use super::score::{Item, Part, Role, Score};
use super::statistics::{Statistic, difference_of_means};
use super::words::{
    AbilityChange, Clusters, Evidence, Exchange, Figure, NotCompared, Outcome, Pairing, Pairs,
    Reading, SeedTest, Verdict, groups, odds,
};
use crate::evaluate::ask::Status;

/// Clusters of cases below which a sub-task is not said to be beyond a model.
const FEWEST_CASES: usize = 20;

/// The tests of one row: a dimension or a sub-task.
#[derive(Debug, Clone)]
pub(super) struct Tests {
    behaviour: Option<Exchange>,
    clusters: Clusters,
    left_out: NotCompared,
    ability: Option<AbilityChange>,
    /// Of the dimension, where a sub-task has none of its own.
    lent: Option<AbilityChange>,
    /// Clusters that ability was told from.
    cases: usize,
    habit: Option<NamedHabit>,
    seeds: Option<SeedTest>,
    lost: Vec<String>,
    parts: usize,
    n: usize,
    /// Of pairs alone.
    flips: Option<[usize; 2]>,
    margin: Option<(f64, Option<[f64; 2]>)>,
}

/// A scored item with its sample.
type Scored<'s> = (&'s Item, &'s Sample);

impl Tests {
    /// Of a whole dimension, without the sub-tasks of these names; with all of them where nothing would be left.
    pub fn of_all(before: &Score, after: &[&Score], lost: &[&str], seed: u64) -> Option<Self> {
        let figure = figure(before.statistic);
        let all_lost = lost.len() == before.parts.len();
        let is_kept = |item: &Item| all_lost || !lost.contains(&&*item.part);
        let tests = Self::new(before, after, figure, |_| true, is_kept, |_| true, seed)?;
        Some(Self {
            lost: lost.iter().map(|name| (*name).to_owned()).collect(),
            parts: before.parts.len(),
            ..tests
        })
    }

    /// Of one sub-task.
    pub fn of_part(before: &Score, after: &[&Score], part: &Part, seed: u64) -> Option<Self> {
        let own = |item: &Item| item.part == part.name;
        let about = |item: &Item| own(item) || item.of.as_deref() == Some(&part.name);
        let figure = figure(before.statistic.of_one_part());
        Self::new(before, after, figure, own, own, about, seed)
    }

    /// The items of `asked` are those of the row; those of `kept` are compared, those of `about` tell its ability.
    fn new(
        before: &Score,
        after: &[&Score],
        figure: Figure,
        asked: impl Fn(&Item) -> bool,
        kept: impl Fn(&Item) -> bool,
        about: impl Fn(&Item) -> bool,
        seed: u64,
    ) -> Option<Self> {
        let pairing = pairing(before, after);
        let outcomes = |score: &Score, of: &dyn Fn(&Item) -> bool| -> Vec<Outcome> {
            let own = scored(score).filter(|(item, _)| of(item));
            own.map(|scored| outcome(scored, score.statistic)).collect()
        };
        let pairs = |of: &dyn Fn(&Item) -> bool| {
            let runs: Vec<_> = after.iter().map(|score| outcomes(score, of)).collect();
            let runs: Vec<&[Outcome]> = runs.iter().map(Vec::as_slice).collect();
            Some(Pairs::new(&outcomes(before, of), &runs)?.on(pairing))
        };
        let all = pairs(&asked)?;
        let compared = pairs(&kept);
        let (own, cases) = ability(pairing, before, after, &about, seed);
        let last = after.first()?;
        let both = scored(before)
            .zip(scored(last))
            .filter(|((item, _), _)| kept(item));
        let both: Vec<(Scored, Scored)> = both.collect();
        Some(Self {
            behaviour: compared
                .as_ref()
                .and_then(|pairs| Exchange::new(pairs, figure, seed)),
            clusters: Clusters {
                asked: all.asked_clusters(),
                compared: compared.as_ref().map_or(0, Pairs::clusters),
            },
            left_out: all.left_out(),
            ability: own,
            lent: None,
            cases,
            habit: NamedHabit::new(pairing, before, after, &about, &kept, seed),
            seeds: compared
                .as_ref()
                .and_then(|pairs| SeedTest::new(pairs, figure, seed)),
            lost: Vec::new(),
            parts: 0,
            n: both
                .iter()
                .filter(|(b, a)| is_compared(b) && is_compared(a))
                .count(),
            flips: (pairing == Pairing::Paired).then(|| flips(&both, before.statistic)),
            margin: margin(pairing, &both, seed),
        })
    }

    /// A sub-task's, where nothing tells its own ability (it asks about wrong acts alone): that of its dimension, and its
    /// habit, stand in. What can no longer be told apart is not better in one frame.
    pub fn within(self, dimension: &Self) -> Self {
        if self.ability.is_some() {
            return self;
        }
        Self {
            lent: dimension.ability.clone(),
            habit: dimension.habit.clone(),
            ..self
        }
    }

    /// Whether there is enough to say that neither side can tell the cases of a sub-task apart.
    pub fn is_lost(&self) -> bool {
        let ability = self.ability.as_ref();
        self.cases >= FEWEST_CASES && ability.is_some_and(|ability| !ability.is_measurable())
    }

    /// What a verdict is made from; `babble` as there.
    pub fn evidence(&self, babble: [bool; 2]) -> Evidence<'_> {
        Evidence {
            behaviour: self.behaviour.as_ref(),
            clusters: self.clusters,
            left_out: self.left_out,
            babble,
            ability: self.ability.as_ref().or(self.lent.as_ref()),
            not_measurable: [self.lost.len(), self.parts],
            habit: self.habit.as_ref().map(|named| &named.habit),
            seeds: self.seeds.as_ref(),
        }
    }

    /// The change, with its verdict, in the unit of the score.
    pub fn change(&self, verdict: Verdict, statistic: Statistic) -> Change {
        let behaviour = self.behaviour.as_ref();
        let [before, after] = [
            behaviour.map(|test| test.before),
            behaviour.map(|test| test.after),
        ];
        let shown = |value: f64| match statistic {
            Statistic::Exponential => (-value).exp(),
            Statistic::Mean => -value,
            _ => value,
        };
        Change {
            before: before.map(shown),
            after: after.map(shown),
            n: self.n,
            right_to_wrong: self.flips.map(|[lost, _]| lost),
            wrong_to_right: self.flips.map(|[_, gained]| gained),
            ability: self
                .ability
                .as_ref()
                .map(|ability| [ability.before, ability.after]),
            not_measurable: self.lost.clone(),
            commonest: self.habit.as_ref().map(NamedHabit::common),
            margin: self.margin.map(|(value, _)| value),
            margin_interval: self.margin.and_then(|(_, interval)| interval),
            verdict: match (before, statistic) {
                (Some(before), Statistic::Exponential | Statistic::Mean) => {
                    turned(verdict, |difference| {
                        shown(before + difference) - shown(before)
                    })
                }
                _ => verdict,
            },
        }
    }
}

/// A verdict on surprise turned round, so that more is better, or on its logarithm, in the unit of the score.
fn turned(verdict: Verdict, change: impl Fn(f64) -> f64) -> Verdict {
    Verdict {
        difference: verdict.difference.map(&change),
        interval: verdict
            .interval
            .map(|[low, high]| [change(high), change(low)]),
        smallest_visible: verdict.smallest_visible.map(|smallest| change(-smallest)),
        ..verdict
    }
}

/// Whether these items are pairs: the same prompts, as they were sent.
pub(super) fn pairing(before: &Score, after: &[&Score]) -> Pairing {
    let same = |score: &&Score| {
        let prompts = score.items.iter().map(|item| &item.prompt);
        prompts.eq(before.items.iter().map(|item| &item.prompt))
    };
    if after.iter().all(same) {
        Pairing::Paired
    } else {
        Pairing::Unpaired
    }
}

/// What a statistic makes of the means of cells.
pub(in crate::evaluate) fn figure(statistic: Statistic) -> Figure<'static> {
    match statistic {
        Statistic::Points => Figure::Points(&[]),
        Statistic::Weighted(weights) => Figure::Points(weights),
        Statistic::Fairness => Figure::Of(&odds),
        Statistic::Mean | Statistic::Exponential => Figure::Mean,
    }
}

/// The items of a score with their samples.
fn scored(score: &Score) -> impl Iterator<Item = Scored<'_>> {
    let items = score.items.iter().filter(|item| item.role == Role::Score);
    items.zip(&score.samples)
}

fn is_compared((item, sample): &Scored) -> bool {
    sample.counts() && reading(item) == Reading::Read
}

fn reading(item: &Item) -> Reading {
    if item.status == Status::NoAnswer {
        Reading::Unread
    } else if item.is_broken() {
        Reading::Broken
    } else {
        Reading::Read
    }
}

fn outcome((item, sample): Scored, statistic: Statistic) -> Outcome {
    let label = sample.class % 2 == 1;
    let (cell, value) = match statistic {
        Statistic::Fairness => (
            groups::cell(sample.pool, sample.class),
            f64::from(u8::from(sample.is_good() == label)),
        ),
        Statistic::Mean | Statistic::Exponential => (sample.part, -sample.value),
        Statistic::Points | Statistic::Weighted(_) => (sample.part, sample.value),
    };
    Outcome {
        cell,
        cluster: sample.cluster,
        value,
        weight: sample.weight,
        reading: reading(item),
    }
}

/// Items that are right before and wrong after, and the other way round.
fn flips(both: &[(Scored, Scored)], statistic: Statistic) -> [usize; 2] {
    if matches!(statistic, Statistic::Mean | Statistic::Exponential) {
        return [0, 0];
    }
    let compared = both
        .iter()
        .filter(|(b, a)| is_compared(b) && is_compared(a));
    let turned = compared.filter(|(b, a)| b.1.is_good() != a.1.is_good());
    let lost = turned.clone().filter(|(b, _)| b.1.is_good()).count();
    [lost, turned.count() - lost]
}

/// The mean change of the margin towards right answers, with its interval.
fn margin(
    pairing: Pairing,
    both: &[(Scored, Scored)],
    seed: u64,
) -> Option<(f64, Option<[f64; 2]>)> {
    let pairs = both.iter().filter_map(|((before, _), (after, _))| {
        let sample = |value: f64| Sample {
            cluster: before.cluster,
            value,
            ..Sample::default()
        };
        let margins = [before.margin?, after.margin?];
        margins
            .iter()
            .all(|margin| margin.is_finite())
            .then(|| (sample(margins[0]), sample(margins[1])))
    });
    let (before, after): (Vec<_>, Vec<_>) = pairs.unzip();
    match pairing {
        Pairing::Paired => Statistic::Mean.difference(&before, &after, seed),
        Pairing::Unpaired => difference_of_means(&before, &after, seed),
    }
}

//! Ability: can a model tell the cases apart at all, whatever its habits?
//!
//! The probability that an item whose key is A gets a higher log-odds of A than an item whose key is B, over pairs asked
//! under the same frame, ties counting half (the area under the ROC curve; Hanley and `McNeil` 1982), averaged over
//! frames. It has no threshold: a shifted habit does not move it, and a broken model falls to one half.

use super::super::bootstrap::quantile;
use super::exchange::{Exchange, mean};
use super::figure::Figure;
use super::normal::{expanded_tail, wilson};
use super::outcome::{NotCompared, Pairing, Pairs, Row, dense};
use super::random::Random;
use super::sum::Sum;
use serde::Serialize;

/// The error of an interval of ability: 5 % over eight dimensions.
pub const ABILITY_ERROR: f64 = 0.05 / 8.0;
/// Resamples of a bootstrap interval: its ends are near the 0.1 % points.
const RESAMPLES: usize = 4000;
/// What telling nothing apart comes to.
const NONE: f64 = 0.5;

/// One item of which ability is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Case {
    /// What items must share to be compared: the system text and the demonstrations; for fairness the set and the sex.
    pub frame: usize,
    pub cluster: usize,
    /// Whether A is the right answer.
    pub is_a: bool,
    /// Of A, calibrated where the model is asked so, in nats.
    pub log_odds: f64,
}

/// An ability with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Ability {
    /// 0 to 1; one half is none.
    pub value: f64,
    /// At the level `1 - alpha` that was asked for.
    pub interval: [f64; 2],
    pub clusters: usize,
}

/// Ability before and after, and the test of its drop.
#[derive(Debug, Clone)]
pub struct AbilityChange {
    pub before: Ability,
    pub after: Ability,
    /// Of the area, 0 to 1; negative where ability was lost.
    pub change: Exchange,
}

/// What ability says of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum AbilityState {
    /// The compressed model can tell the cases apart, and is not known to do so less well.
    Holds,
    /// Neither that nor broken.
    Uncertain,
    Broken,
    /// Neither side is known to tell them apart.
    NotMeasurable,
}

/// The ability in some cases; `None` where no frame has both keys. Log-odds that are no numbers are left out.
#[must_use]
pub fn auroc(cases: &[Case]) -> Option<f64> {
    Ranked::new(cases).area(None)
}

impl Ability {
    /// The mean ability of some runs (one, or one a calibration seed) over the same cases, with a percentile bootstrap
    /// over clusters, the same in all runs. Percentiles are taken further out where clusters are few
    /// ([`super::normal`]). Where nothing varies between resamples: Wilson's, with the number of clusters as n.
    #[must_use]
    pub fn new(runs: &[&[Case]], alpha: f64, seed: u64) -> Option<Self> {
        let (numbers, clusters) = dense(runs.iter().flat_map(|run| run.iter().map(|c| c.cluster)));
        let mut ranked: Vec<Ranked> = runs.iter().map(|run| Ranked::new(run)).collect();
        for item in ranked.iter_mut().flat_map(|run| run.items.iter_mut()) {
            item.cluster = numbers.get(&item.cluster).copied().unwrap_or(0);
        }
        let average = |drawn: Option<&[u32]>| {
            let areas: Option<Vec<f64>> = ranked.iter().map(|run| run.area(drawn)).collect();
            areas
                .filter(|areas| !areas.is_empty())
                .map(|areas| mean(&areas))
        };
        Self::of_areas(&average, clusters, alpha, seed)
    }

    /// The same of any area of clusters, each as often as it was drawn; once without draws.
    pub(super) fn of_areas(
        average: &dyn Fn(Option<&[u32]>) -> Option<f64>,
        clusters: usize,
        alpha: f64,
        seed: u64,
    ) -> Option<Self> {
        let value = average(None)?;
        let mut random = Random::new(seed);
        let mut areas = Vec::with_capacity(RESAMPLES);
        for _ in 0..RESAMPLES {
            let mut drawn = vec![0u32; clusters];
            for _ in 0..clusters {
                drawn[random.below(clusters)] += 1;
            }
            areas.extend(average(Some(&drawn)));
        }
        areas.sort_by(f64::total_cmp);
        let tail = expanded_tail(alpha / 2.0, clusters);
        let interval = match [tail, 1.0 - tail].map(|share| quantile(&areas, share)) {
            [Some(low), Some(high)] if low < high => [low.min(value), high.max(value)],
            _ => wilson(value, clusters, alpha),
        };
        Some(Self {
            value,
            interval,
            clusters,
        })
    }

    /// Whether it is credibly above none.
    #[must_use]
    pub fn is_measurable(&self) -> bool {
        self.interval[0] > NONE
    }
}

impl AbilityChange {
    /// Both sides and the test; `None` where a side has no pair to compare, or the sides are not of the same cases.
    ///
    /// The test is the exchange test on what each cluster adds to the area (the two-sample placements of `DeLong` et al.
    /// 1988, summed by cluster as Obuchowski 1997 does): ranks are taken within each side, so that log-odds that are all
    /// shifted, or stretched, are no difference (Bandos et al. 2005 exchange ranks for the same reason).
    #[must_use]
    pub fn new(before: &[Case], after: &[&[Case]], seed: u64) -> Option<Self> {
        Self::on(Pairing::Paired, before, after, seed)
    }

    /// The same on either footing; unpaired, what clusters add is compared as two samples.
    #[must_use]
    pub fn on(pairing: Pairing, before: &[Case], after: &[&[Case]], seed: u64) -> Option<Self> {
        let place = |case: &Case| (case.frame, case.cluster, case.is_a);
        let same = |run: &&[Case]| run.iter().map(place).eq(before.iter().map(place));
        if !after.iter().all(same) {
            return None;
        }
        let is_number = |at: usize| {
            !before[at].log_odds.is_nan() && after.iter().all(|run| !run[at].log_odds.is_nan())
        };
        let kept: Vec<usize> = (0..before.len()).filter(|at| is_number(*at)).collect();
        let keep = |run: &[Case]| -> Vec<Case> { kept.iter().map(|at| run[*at]).collect() };
        let before = keep(before);
        let runs: Vec<Vec<Case>> = after.iter().map(|run| keep(run)).collect();
        let after: Vec<&[Case]> = runs.iter().map(Vec::as_slice).collect();
        Some(Self {
            before: Ability::new(&[&before], ABILITY_ERROR, seed)?,
            after: Ability::new(&after, ABILITY_ERROR, seed)?,
            change: change(pairing, &before, &after, seed)?,
        })
    }

    /// Whether ability is credibly above none on either side: looking at both keeps the choice of rows from favouring one.
    #[must_use]
    pub fn is_measurable(&self) -> bool {
        self.before.is_measurable() || self.after.is_measurable()
    }

    /// What ability says at this level of the test of its drop. Broken: it dropped, and its upper end after lies below
    /// the midpoint of none and ability before.
    #[must_use]
    pub fn state(&self, alpha: f64) -> AbilityState {
        let dropped = self.change.difference < 0.0 && self.change.rejects(alpha);
        let low = self.after.interval[1] < f64::midpoint(NONE, self.before.value);
        match () {
            () if !self.is_measurable() => AbilityState::NotMeasurable,
            () if dropped && low => AbilityState::Broken,
            () if dropped || !self.after.is_measurable() => AbilityState::Uncertain,
            () => AbilityState::Holds,
        }
    }
}

/// Cases in the order of frames and log-odds.
struct Ranked {
    items: Vec<Place>,
}

struct Place {
    cluster: usize,
    is_a: bool,
    /// The first of its frame, and of its rank.
    begins: [bool; 2],
}

impl Ranked {
    fn new(cases: &[Case]) -> Self {
        let mut cases: Vec<&Case> = cases
            .iter()
            .filter(|case| !case.log_odds.is_nan())
            .collect();
        cases.sort_by(|a, b| {
            a.frame
                .cmp(&b.frame)
                .then(a.log_odds.total_cmp(&b.log_odds))
        });
        let before = std::iter::once(None).chain(cases.iter().copied().map(Some));
        let item = |(case, before): (&&Case, Option<&Case>)| {
            let frame = before.is_none_or(|before| before.frame != case.frame);
            Place {
                cluster: case.cluster,
                is_a: case.is_a,
                begins: [
                    frame,
                    frame || before.is_none_or(|before| before.log_odds != case.log_odds),
                ],
            }
        };
        Self {
            items: cases.iter().zip(before).map(item).collect(),
        }
    }

    /// The mean area of the frames that have both keys, each cluster as often as it was drawn.
    fn area(&self, drawn: Option<&[u32]>) -> Option<f64> {
        let (mut sum, mut frames) = (0.0, 0.0);
        // Items of key A and B below, and of this rank; pairs in the right order.
        let (mut below, mut tied, mut right) = ([0.0; 2], [0.0; 2], 0.0);
        let close = |below: &mut [f64; 2], tied: &mut [f64; 2], right: &mut f64| {
            *right += tied[0] * (below[1] + 0.5 * tied[1]);
            *below = [below[0] + tied[0], below[1] + tied[1]];
            *tied = [0.0; 2];
        };
        let ends = std::iter::once(None);
        for item in self.items.iter().map(Some).chain(ends) {
            if item.is_none_or(|item| item.begins[1]) {
                close(&mut below, &mut tied, &mut right);
            }
            if item.is_none_or(|item| item.begins[0]) {
                if below[0] * below[1] > 0.0 {
                    sum += right / (below[0] * below[1]);
                    frames += 1.0;
                }
                (below, right) = ([0.0; 2], 0.0);
            }
            if let Some(item) = item {
                let times = drawn.map_or(1, |drawn| drawn[item.cluster]);
                tied[usize::from(!item.is_a)] += f64::from(times);
            }
        }
        (frames > 0.0).then(|| sum / frames)
    }
}

/// The test of the area.
fn change(pairing: Pairing, before: &[Case], after: &[&[Case]], seed: u64) -> Option<Exchange> {
    let (numbers, clusters) = dense(before.iter().map(|case| case.cluster));
    let own = |run: &[Case]| placements(run, &numbers, clusters);
    let first = own(before)?;
    let others: Vec<Placements> = after.iter().map(|run| own(run)).collect::<Option<_>>()?;
    if pairing == Pairing::Unpaired {
        return Exchange::new(&areas(&first, &others), Figure::Mean, seed);
    }
    let areas: Vec<f64> = others.iter().map(|other| other.area).collect();
    let difference = mean(&areas) - first.area;
    let term = |cluster: usize| {
        let adds: Vec<f64> = others.iter().map(|other| other.adds[cluster]).collect();
        let share = first.shares[cluster];
        [
            mean(&adds) - first.adds[cluster] + share * difference,
            share,
        ]
    };
    let sum = Sum {
        before: first.area,
        terms: (0..clusters).map(term).collect(),
        after: areas,
        scale: 1.0,
        bounded: true,
    };
    Exchange::of_sum(sum, seed)
}

/// Clusters as two samples whose weighted mean is the area.
fn areas(first: &Placements, others: &[Placements]) -> Pairs {
    let clusters = (0..first.shares.len()).filter(|cluster| first.shares[*cluster] > 0.0);
    let rows = clusters.enumerate().map(|(number, cluster)| {
        let share = first.shares[cluster];
        let value = |own: &Placements| own.area + own.adds[cluster] / share;
        Row {
            cell: 0,
            cluster: number,
            weight: share,
            before: value(first),
            after: others.iter().map(value).collect(),
        }
    });
    let rows: Vec<Row> = rows.collect();
    Pairs {
        seeds: others.len(),
        clusters: rows.len(),
        asked_clusters: rows.len(),
        left_out: NotCompared::default(),
        pairing: Pairing::Unpaired,
        rows,
    }
}

/// What clusters add to an area beyond the mean, to first order, and which share of its items they have.
struct Placements {
    area: f64,
    adds: Vec<f64>,
    shares: Vec<f64>,
}

/// An item's placement is the share of the other key's items in its frame that it is in the right order with.
fn placements(
    cases: &[Case],
    numbers: &std::collections::BTreeMap<usize, usize>,
    clusters: usize,
) -> Option<Placements> {
    let mut sorted: Vec<&Case> = cases.iter().collect();
    sorted.sort_by(|a, b| {
        a.frame
            .cmp(&b.frame)
            .then(a.log_odds.total_cmp(&b.log_odds))
    });
    let (mut areas, mut adds, mut shares) = (Vec::new(), vec![0.0; clusters], vec![0.0; clusters]);
    for frame in sorted.chunk_by(|a, b| a.frame == b.frame) {
        let total = [true, false].map(|key| frame.iter().filter(|c| c.is_a == key).count() as f64);
        if total[0] * total[1] == 0.0 {
            continue;
        }
        let (mut below, mut area, mut placed) = ([0.0; 2], 0.0, Vec::with_capacity(frame.len()));
        for rank in frame.chunk_by(|a, b| a.log_odds == b.log_odds) {
            let tied =
                [true, false].map(|key| rank.iter().filter(|c| c.is_a == key).count() as f64);
            for case in rank {
                let placement = if case.is_a {
                    (below[1] + 0.5 * tied[1]) / total[1]
                } else {
                    (total[0] - below[0] - 0.5 * tied[0]) / total[0]
                };
                area += f64::from(u8::from(case.is_a)) * placement / total[0];
                placed.push((case, placement));
            }
            below = [below[0] + tied[0], below[1] + tied[1]];
        }
        for (case, placement) in placed {
            let cluster = numbers.get(&case.cluster).copied().unwrap_or(0);
            let share = 1.0 / total[usize::from(!case.is_a)];
            adds[cluster] += (placement - area) * share;
            shares[cluster] += 0.5 * share;
        }
        areas.push(area);
    }
    for value in adds.iter_mut().chain(&mut shares) {
        *value /= areas.len() as f64;
    }
    (!areas.is_empty()).then(|| Placements {
        area: mean(&areas),
        adds,
        shares,
    })
}

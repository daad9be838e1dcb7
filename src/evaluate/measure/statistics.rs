//! Estimates and 95 % intervals, alone and paired.

use super::bootstrap::Clusters;
use super::fairness::equal_odds;
use super::sample::Sample;

/// The 97.5 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;
/// Points by which resamples differ that differ by rounding alone, at most.
const ROUNDING: f64 = 1e-9;

/// How samples become one number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Statistic {
    /// 100 times the mean over parts of each part's mean.
    Points,
    /// The same with a weight for each part, over the parts that have samples.
    Weighted(&'static [f64]),
    /// `100 (1 - mean EOD)` over pools of people.
    Fairness,
    /// The weighted mean.
    Mean,
    /// The exponential of the weighted mean: perplexity, from nats per token.
    Exponential,
}

impl Statistic {
    /// The estimate; `None` without samples.
    #[must_use]
    pub fn estimate(self, samples: &[Sample]) -> Option<f64> {
        self.of(samples.iter())
    }

    /// What a single part is measured by.
    #[must_use]
    pub fn of_one_part(self) -> Self {
        match self {
            Self::Weighted(_) => Self::Points,
            other => other,
        }
    }

    /// Whether it compares groups within each set of rows, so that each set keeps its size.
    fn compares_groups(self) -> bool {
        self == Self::Fairness
    }

    /// Whether it runs from 0 to 100.
    fn is_points(self) -> bool {
        !matches!(self, Self::Mean | Self::Exponential)
    }

    fn of<'a>(self, samples: impl Iterator<Item = &'a Sample>) -> Option<f64> {
        let counted = samples.filter(|sample| sample.counts());
        Some(match self {
            Self::Fairness => equal_odds(counted)?,
            Self::Points => 100.0 * mean_of_parts(counted, |_| 1.0)?,
            Self::Weighted(weights) => {
                let weight = |part: usize| weights.get(part).copied().unwrap_or(0.0);
                100.0 * mean_of_parts(counted, weight)?
            }
            Self::Mean => mean(counted)?,
            Self::Exponential => mean(counted)?.exp(),
        })
    }

    /// The 95 % interval: Wilson's for the share of right answers of one part without clusters, otherwise a percentile
    /// bootstrap over clusters, for fairness within each set of rows. A bootstrap in which nothing varies says nothing:
    /// then Wilson's, with the number of clusters as n; none for what does not run from 0 to 100 and has a single
    /// cluster, and none without samples. Largest gaps are larger in every resample than where they came from, so that
    /// of fairness reaches to the score itself.
    #[must_use]
    pub fn interval(self, samples: &[Sample], seed: u64) -> Option<[f64; 2]> {
        let counted: Vec<Sample> = samples.iter().copied().filter(Sample::counts).collect();
        let estimate = self.estimate(&counted)?;
        let clusters = Clusters::new(self.compares_groups(), &counted);
        let proportion = |n: usize| wilson(estimate / 100.0, n).map(|end| 100.0 * end);
        let is_proportion = counted
            .iter()
            .all(|s| s.part == counted[0].part && (s.value == 0.0 || s.value == 1.0));
        if self == Self::Points && is_proportion && clusters.len() == counted.len() {
            return Some(proportion(counted.len()));
        }
        let interval =
            clusters.bootstrap(seed, |drawn| self.of(drawn.iter().map(|&i| &counted[i])));
        match interval {
            Some([low, high]) if high - low > ROUNDING && self.compares_groups() => {
                Some([low.min(estimate), high.max(estimate)])
            }
            Some([low, high]) if high - low > ROUNDING || !self.is_points() => interval,
            _ => self.is_points().then(|| proportion(clusters.len())),
        }
    }

    /// `after - before` with its 95 % interval, over the same items in the same order: a percentile bootstrap
    /// that draws both values of an item together. Where no item changed, the interval is what Wilson's allows
    /// for the share of changes. A single cluster has no interval. Points differ by at most 100.
    #[must_use]
    pub fn difference(
        self,
        before: &[Sample],
        after: &[Sample],
        seed: u64,
    ) -> Option<(f64, Option<[f64; 2]>)> {
        let difference = self.estimate(after)? - self.estimate(before)?;
        let clusters = Clusters::new(self.compares_groups(), before);
        let of = |samples: &[Sample], drawn: &[usize]| {
            self.of(drawn.iter().filter_map(|&i| samples.get(i)))
        };
        let interval =
            clusters.bootstrap(seed, |drawn| Some(of(after, drawn)? - of(before, drawn)?));
        let interval = interval.map(|[low, high]| {
            if self.is_points() && high - low <= ROUNDING {
                let most = 100.0 * wilson(0.0, clusters.len())[1];
                [difference - most, difference + most].map(|end| end.clamp(-100.0, 100.0))
            } else {
                [low, high]
            }
        });
        Some((difference, interval))
    }
}

/// `after - before` of two means with its 95 % interval, where items are no pairs: the clusters of each side are drawn by
/// themselves.
#[must_use]
pub fn difference_of_means(
    before: &[Sample],
    after: &[Sample],
    seed: u64,
) -> Option<(f64, Option<[f64; 2]>)> {
    let of = |samples: &[&Sample]| mean(samples.iter().copied().filter(|sample| sample.counts()));
    let difference = |all: &[&Sample]| {
        let (before, after): (Vec<&Sample>, Vec<&Sample>) =
            all.iter().copied().partition(|sample| sample.part == 0);
        Some(of(&after)? - of(&before)?)
    };
    let side = |part: usize| move |sample: &Sample| Sample { part, ..*sample };
    let all: Vec<Sample> = before
        .iter()
        .map(side(0))
        .chain(after.iter().map(side(1)))
        .collect();
    let clusters = Clusters::new(true, &all);
    let of_places =
        |drawn: &[usize]| difference(&drawn.iter().map(|&i| &all[i]).collect::<Vec<_>>());
    Some((
        difference(&all.iter().collect::<Vec<_>>())?,
        clusters.bootstrap(seed, of_places),
    ))
}

/// The weighted mean of the parts' weighted means.
fn mean_of_parts<'a>(
    samples: impl Iterator<Item = &'a Sample>,
    weight: impl Fn(usize) -> f64,
) -> Option<f64> {
    let mut parts: Vec<(f64, f64)> = Vec::new();
    for sample in samples {
        if parts.len() <= sample.part {
            parts.resize(sample.part + 1, (0.0, 0.0));
        }
        parts[sample.part].0 += sample.value * sample.weight;
        parts[sample.part].1 += sample.weight;
    }
    let (mut sum, mut total) = (0.0, 0.0);
    for (index, (value, samples)) in parts.into_iter().enumerate() {
        if samples > 0.0 {
            sum += weight(index) * value / samples;
            total += weight(index);
        }
    }
    (total > 0.0).then(|| sum / total)
}

fn mean<'a>(samples: impl Iterator<Item = &'a Sample>) -> Option<f64> {
    let (sum, total) = samples.fold((0.0, 0.0), |(sum, total), sample| {
        (sum + sample.value * sample.weight, total + sample.weight)
    });
    (total > 0.0).then(|| sum / total)
}

/// Wilson's score interval for a proportion (Wilson 1927), both ends within 0 to 1.
#[must_use]
pub fn wilson(proportion: f64, n: usize) -> [f64; 2] {
    if n == 0 {
        return [0.0, 1.0];
    }
    let n = n as f64;
    let z2 = Z * Z;
    let centre = (proportion + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let spread = proportion * (1.0 - proportion) / n + z2 / (4.0 * n * n);
    let half = Z / (1.0 + z2 / n) * spread.sqrt();
    // At 0 and 1 the end is the proportion itself but for rounding.
    [
        (centre - half).clamp(0.0, proportion),
        (centre + half).clamp(proportion, 1.0),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(values: &[f64], cluster: impl Fn(usize) -> usize) -> Vec<Sample> {
        let sample = |(i, &value)| Sample {
            cluster: cluster(i),
            value,
            ..Sample::default()
        };
        values.iter().enumerate().map(sample).collect()
    }

    /// `statsmodels.stats.proportion.proportion_confint(k, n, method="wilson")`, statsmodels 0.15.0.
    #[test]
    fn wilson_is_that_of_statsmodels() {
        for (k, n, low, high) in [
            (0, 10, 0.0, 0.277_532_799_862_889_26),
            (7, 10, 0.396_778_147_461_145_37, 0.892_208_732_593_698_9),
            (60, 80, 0.645_153_253_807_660_2, 0.831_937_681_424_574_3),
            (80, 80, 0.954_181_870_464_472_8, 1.0),
        ] {
            let [l, h] = wilson(f64::from(k) / n as f64, n);
            assert!(
                (l - low).abs() < 1e-12 && (h - high).abs() < 1e-12,
                "{k}/{n}: {l} {h}"
            );
        }
    }

    #[test]
    fn a_score_is_the_mean_of_its_parts_means() {
        let mut all = samples(&[1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], |i| i);
        for sample in &mut all[2..] {
            sample.part = 1;
        }
        assert_eq!(Statistic::Points.estimate(&all), Some(50.0));
        assert_eq!(Statistic::Points.estimate(&[]), None);
    }

    #[test]
    fn clusters_widen_an_interval() {
        let values: Vec<f64> = (0..100).map(|i| f64::from(i / 10 % 2 == 0)).collect();
        let width = |samples: &[Sample]| {
            let [low, high] = Statistic::Mean.interval(samples, 1).expect("an interval");
            high - low
        };
        let alone = width(&samples(&values, |i| i));
        let clustered = width(&samples(&values, |i| i / 10));
        assert!(clustered > 2.0 * alone, "{clustered} {alone}");
    }

    #[test]
    fn a_perfect_score_is_not_a_certain_one() {
        let mut all = samples(&[1.0; 40], |i| i / 2);
        for sample in &mut all[20..] {
            sample.part = 1;
        }
        let [low, high] = Statistic::Points.interval(&all, 1).expect("an interval");
        assert!(low > 80.0 && low < 90.0 && high == 100.0, "{low} {high}");
    }

    #[test]
    fn perplexity_weighs_texts_by_their_tokens() {
        let mut all = samples(&[1.0, 3.0], |i| i);
        all[0].weight = 3.0;
        let perplexity = Statistic::Exponential.estimate(&all).expect("an estimate");
        assert!((perplexity - 1.5f64.exp()).abs() < 1e-12);
    }

    #[test]
    fn a_paired_difference_is_narrower_than_two_separate_intervals() {
        let before: Vec<f64> = (0..100).map(|i| f64::from(i % 2)).collect();
        let after: Vec<f64> = before
            .iter()
            .enumerate()
            .map(|(i, v)| if i < 6 { 0.0 } else { *v })
            .collect();
        let (difference, interval) = Statistic::Points
            .difference(&samples(&before, |i| i), &samples(&after, |i| i), 1)
            .expect("a difference");
        let [low, high] = interval.expect("an interval");
        assert!((difference + 3.0).abs() < 1e-9);
        assert!(
            low < -3.0 && high <= 0.0 && high - low < 10.0,
            "{low} {high}"
        );
    }

    #[test]
    fn no_change_still_has_an_interval() {
        let same = samples(&[1.0, 0.0, 1.0, 1.0], |i| i);
        let (difference, interval) = Statistic::Points
            .difference(&same, &same, 1)
            .expect("a difference");
        let [low, high] = interval.expect("an interval");
        assert_eq!(difference, 0.0);
        assert!(low < -20.0 && high > 20.0, "{low} {high}");
    }

    #[test]
    fn a_difference_of_points_stays_within_a_hundred() {
        for n in [2u8, 3, 10, 40] {
            let all = |value: f64| samples(&vec![value; n.into()], |i| i);
            for (before, after) in [(0.0, 1.0), (1.0, 0.0), (0.25, 0.875), (0.9, 0.1)] {
                let difference = Statistic::Points.difference(&all(before), &all(after), 1);
                let (value, interval) = difference.expect("a difference");
                let [low, high] = interval.expect("an interval");
                assert!(
                    -100.0 <= low && low <= value && value <= high && high <= 100.0,
                    "{n}: {value} {low} {high}"
                );
            }
        }
    }

    /// What is drawn from a single cluster is always the same: that is no certainty.
    #[test]
    fn a_single_cluster_has_no_interval() {
        for statistic in [Statistic::Mean, Statistic::Exponential] {
            for one in [samples(&[2.5], |_| 7), samples(&[2.5, 1.0, 4.0], |_| 7)] {
                assert_eq!(statistic.interval(&one, 1), None);
                let (_, interval) = statistic.difference(&one, &one, 1).expect("a difference");
                assert_eq!(interval, None);
            }
            let two = samples(&[2.5, 1.0], |i| i);
            assert!(statistic.interval(&two, 1).is_some());
        }
        // One right answer of one is between 20.7 and 100 %, but what one item changed to says nothing of others.
        let [low, high] = Statistic::Points
            .interval(&samples(&[1.0], |_| 0), 1)
            .expect("Wilson's");
        assert!((low - 20.654_931).abs() < 1e-3 && high == 100.0, "{low}");
        let (before, after) = (samples(&[0.0; 4], |_| 0), samples(&[1.0; 4], |_| 0));
        let (_, interval) = Statistic::Points
            .difference(&before, &after, 1)
            .expect("a difference");
        assert_eq!(interval, None);
    }

    #[test]
    fn the_same_seed_gives_the_same_interval() {
        let all = samples(&[0.9, 0.13, 0.71, 0.48, 0.5, 0.02, 0.66], |i| i);
        let interval = |seed| Statistic::Mean.interval(&all, seed);
        assert_eq!(interval(7), interval(7));
        assert_ne!(interval(7), interval(8));
    }
}

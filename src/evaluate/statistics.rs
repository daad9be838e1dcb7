//! Estimates and 95 % intervals, alone and paired.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// The 97.5 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;
/// Resamples of a bootstrap interval.
const RESAMPLES: usize = 1000;

/// One measured item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// The sub-task that it belongs to.
    pub part: usize,
    /// Items that share a context have the same cluster and are resampled together.
    pub cluster: usize,
    pub value: f64,
    /// 1, or the number of tokens or bytes that `value` is a mean over.
    pub weight: f64,
}

/// How samples become one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    /// 100 times the mean over parts of each part's mean.
    Points,
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

    fn of<'a>(self, samples: impl Iterator<Item = &'a Sample>) -> Option<f64> {
        let mut parts: Vec<(f64, f64)> = Vec::new();
        for sample in samples {
            // Only points average over parts.
            let part = if self == Self::Points { sample.part } else { 0 };
            if parts.len() <= part {
                parts.resize(part + 1, (0.0, 0.0));
            }
            parts[part].0 += sample.value * sample.weight;
            parts[part].1 += sample.weight;
        }
        let means: Vec<f64> = parts
            .iter()
            .filter(|part| part.1 > 0.0)
            .map(|part| part.0 / part.1)
            .collect();
        if means.is_empty() {
            return None;
        }
        let mean = means.iter().sum::<f64>() / means.len() as f64;
        Some(match self {
            Self::Points => 100.0 * mean,
            Self::Mean => mean,
            Self::Exponential => mean.exp(),
        })
    }

    /// The 95 % interval: Wilson's for points of one part without clusters, otherwise a percentile bootstrap
    /// over clusters. A bootstrap in which nothing varies says nothing: then Wilson's, with the number of
    /// clusters as n.
    #[must_use]
    pub fn interval(self, samples: &[Sample], seed: u64) -> Option<[f64; 2]> {
        let estimate = self.estimate(samples)?;
        let clusters = Clusters::new(samples);
        let proportion = |n: usize| wilson(estimate / 100.0, n).map(|end| 100.0 * end);
        let one_part = samples.iter().all(|sample| sample.part == samples[0].part);
        if self == Self::Points && one_part && clusters.groups.len() == samples.len() {
            return Some(proportion(samples.len()));
        }
        let interval =
            clusters.bootstrap(seed, |drawn| self.of(drawn.iter().map(|&i| &samples[i])));
        if self == Self::Points && interval[0] == interval[1] {
            return Some(proportion(clusters.groups.len()));
        }
        Some(interval)
    }

    /// `after - before` with its 95 % interval, over the same items in the same order: a percentile bootstrap
    /// that draws both values of an item together. Where no item changed, the interval is what Wilson's allows
    /// for the share of changes.
    #[must_use]
    pub fn difference(
        self,
        before: &[Sample],
        after: &[Sample],
        seed: u64,
    ) -> Option<(f64, [f64; 2])> {
        let difference = self.estimate(after)? - self.estimate(before)?;
        let clusters = Clusters::new(before);
        let of = |samples: &[Sample], drawn: &[usize]| {
            self.of(drawn.iter().filter_map(|&i| samples.get(i)))
        };
        let interval =
            clusters.bootstrap(seed, |drawn| Some(of(after, drawn)? - of(before, drawn)?));
        if self == Self::Points && interval[0] == interval[1] {
            let most = 100.0 * wilson(0.0, clusters.groups.len())[1];
            return Some((difference, [difference - most, difference + most]));
        }
        Some((difference, interval))
    }
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

/// Indices of samples, by cluster.
struct Clusters {
    groups: Vec<Vec<usize>>,
}

impl Clusters {
    fn new(samples: &[Sample]) -> Self {
        let mut by_cluster = std::collections::BTreeMap::<usize, Vec<usize>>::new();
        for (i, sample) in samples.iter().enumerate() {
            by_cluster.entry(sample.cluster).or_default().push(i);
        }
        Self {
            groups: by_cluster.into_values().collect(),
        }
    }

    /// The 2.5 % and 97.5 % points of a statistic over resampled clusters.
    fn bootstrap(&self, seed: u64, statistic: impl Fn(&[usize]) -> Option<f64>) -> [f64; 2] {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut drawn = Vec::new();
        let mut values = Vec::with_capacity(RESAMPLES);
        for _ in 0..RESAMPLES {
            drawn.clear();
            for _ in 0..self.groups.len() {
                drawn.extend(&self.groups[below(&mut random, self.groups.len())]);
            }
            values.extend(statistic(&drawn));
        }
        values.sort_by(f64::total_cmp);
        [quantile(&values, 0.025), quantile(&values, 0.975)]
    }
}

/// A random index below `n`, the same on 32-bit and 64-bit machines.
fn below(random: &mut ChaCha8Rng, n: usize) -> usize {
    usize::try_from((u64::from(random.next_u32()) * n as u64) >> 32).unwrap_or(0)
}

/// Linear interpolation between order statistics, as numpy's default; NaN without values.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let place = share * last as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within the list"
    )]
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (place - place.floor()) * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(values: &[f64], cluster: impl Fn(usize) -> usize) -> Vec<Sample> {
        let sample = |(i, &value)| Sample {
            part: 0,
            cluster: cluster(i),
            value,
            weight: 1.0,
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
        let (difference, [low, high]) = Statistic::Points
            .difference(&samples(&before, |i| i), &samples(&after, |i| i), 1)
            .expect("a difference");
        assert!((difference + 3.0).abs() < 1e-9);
        assert!(
            low < -3.0 && high <= 0.0 && high - low < 10.0,
            "{low} {high}"
        );
    }

    #[test]
    fn no_change_still_has_an_interval() {
        let same = samples(&[1.0, 0.0, 1.0, 1.0], |i| i);
        let (difference, [low, high]) = Statistic::Points
            .difference(&same, &same, 1)
            .expect("a difference");
        assert_eq!(difference, 0.0);
        assert!(low < -20.0 && high > 20.0, "{low} {high}");
    }

    #[test]
    fn the_same_seed_gives_the_same_interval() {
        let all = samples(&[0.9, 0.13, 0.71, 0.48, 0.5, 0.02, 0.66], |i| i);
        let interval = |seed| Statistic::Mean.interval(&all, seed);
        assert_eq!(interval(7), interval(7));
        assert_ne!(interval(7), interval(8));
    }
}

//! Intervals by drawing clusters of samples again and again.

use super::sample::Sample;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::collections::BTreeMap;

/// Resamples of a bootstrap interval.
const RESAMPLES: usize = 1000;

/// Indices of samples, by stratum and cluster.
pub(super) struct Clusters {
    strata: Vec<Vec<Vec<usize>>>,
}

impl Clusters {
    /// Each sub-task is a stratum of its own where `by_part` says so: drawn again, it keeps its size.
    pub fn new(by_part: bool, samples: &[Sample]) -> Self {
        let mut strata = BTreeMap::<usize, BTreeMap<usize, Vec<usize>>>::new();
        for (i, sample) in samples.iter().enumerate() {
            let stratum = if by_part { sample.part } else { 0 };
            let clusters = strata.entry(stratum).or_default();
            clusters.entry(sample.cluster).or_default().push(i);
        }
        Self {
            strata: strata
                .into_values()
                .map(|clusters| clusters.into_values().collect())
                .collect(),
        }
    }

    /// Clusters in all strata.
    pub fn len(&self) -> usize {
        self.strata.iter().map(Vec::len).sum()
    }

    /// The 2.5 % and 97.5 % points of a statistic over resampled clusters; `None` where there is but one to draw.
    pub fn bootstrap(
        &self,
        seed: u64,
        statistic: impl Fn(&[usize]) -> Option<f64>,
    ) -> Option<[f64; 2]> {
        if self.strata.iter().all(|clusters| clusters.len() < 2) {
            return None;
        }
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut drawn = Vec::new();
        let mut values = Vec::with_capacity(RESAMPLES);
        for _ in 0..RESAMPLES {
            drawn.clear();
            for clusters in &self.strata {
                for _ in 0..clusters.len() {
                    drawn.extend(&clusters[below(&mut random, clusters.len())]);
                }
            }
            values.extend(statistic(&drawn));
        }
        values.sort_by(f64::total_cmp);
        Some([quantile(&values, 0.025)?, quantile(&values, 0.975)?])
    }
}

/// A random index below `n`, the same on 32-bit and 64-bit machines.
fn below(random: &mut ChaCha8Rng, n: usize) -> usize {
    usize::try_from((u64::from(random.next_u32()) * n as u64) >> 32).unwrap_or(0)
}

/// Linear interpolation between order statistics, as numpy's default; `None` without values.
pub(super) fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share * last as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within the list"
    )]
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    Some(sorted[below] + (place - place.floor()) * (sorted[above] - sorted[below]))
}

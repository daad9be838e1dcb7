//! Which of many a sample is made of.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::collections::BTreeMap;

/// How many of `all` are a share of them, 0 to 1; at least one.
pub(in crate::evaluate) fn share_of(share: f64, all: usize) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "no more than there are"
    )]
    let number = (share * all as f64).ceil() as usize;
    number.clamp(1, all.max(1))
}

/// The clusters of `quota` of the questions, which come as class and cluster.
pub(in crate::evaluate) fn draw(
    questions: &[(usize, usize)],
    quota: usize,
    seed: u64,
) -> Vec<usize> {
    let mut classes = BTreeMap::<usize, Vec<usize>>::new();
    for &(class, cluster) in questions {
        classes.entry(class).or_default().push(cluster);
    }
    let mut places = Vec::with_capacity(questions.len());
    for (class, mut clusters) in classes {
        clusters.sort_by_key(|&cluster| (rank(cluster, seed), cluster));
        let len = clusters.len();
        // Evenly spaced places, so that every beginning of the sorted list has the proportions of the whole.
        let numbered = clusters.into_iter().enumerate();
        places
            .extend(numbered.map(|(i, cluster)| ((2 * i + 1) as f64 / len as f64, class, cluster)));
    }
    places.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    places.truncate(quota);
    places.into_iter().map(|(_, _, cluster)| cluster).collect()
}

/// A random number that belongs to a cluster, whatever other clusters there are.
fn rank(cluster: usize, seed: u64) -> u64 {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(cluster as u64);
    random.next_u64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_keeps_the_proportions_of_classes() {
        // 30 of class 0, 10 of class 1.
        let questions: Vec<(usize, usize)> = (0..40).map(|i| (usize::from(i >= 30), i)).collect();
        for quota in [4, 8, 20, 40] {
            let drawn = draw(&questions, quota, 3);
            let rare = drawn.iter().filter(|&&cluster| cluster >= 30).count();
            assert_eq!((drawn.len(), rare), (quota, quota / 4));
        }
    }

    #[test]
    fn a_seed_draws_the_same_and_another_seed_others() {
        let questions: Vec<(usize, usize)> = (0..100).map(|i| (i % 2, i)).collect();
        assert_eq!(draw(&questions, 10, 1), draw(&questions, 10, 1));
        assert_ne!(draw(&questions, 10, 1), draw(&questions, 10, 2));
        let more = draw(&questions, 20, 1);
        assert!(draw(&questions, 10, 1).iter().all(|c| more.contains(c)));
    }
}

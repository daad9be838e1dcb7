//! Two samples: where sides were asked in other words, against scipy and literal shuffles.
//!
//! The figures are of scipy 1.17.1: `ttest_ind` (Welch) and `permutation_test` with 400,000 independent shuffles of its
//! statistic, `bootstrap` with 200,000 resamples, and, for sub-tasks, numpy shuffling the labels of clusters 20,000 times.

use pressure_test::evaluate::words::{
    AbilityChange, Case, Exchange, Figure, Outcome, Pairing, Pairs, Reading,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

const CLUSTERS: usize = 60;

/// What an item of a cluster comes to, on the side before and after.
fn good(cluster: usize, item: usize, is_after: bool) -> f64 {
    let is_good = if is_after {
        (29 * cluster + 13 * item + 5) % 53 < 41
    } else {
        (37 * cluster + 17 * item + 11) % 50 < 28
    };
    f64::from(u8::from(is_good))
}

fn outcome(cell: usize, cluster: usize, value: f64) -> Outcome {
    Outcome {
        cell,
        cluster,
        value,
        weight: 1.0,
        reading: Reading::Read,
    }
}

/// A test on either footing.
fn tested(sides: &[Vec<Outcome>; 2], pairing: Pairing) -> Exchange {
    let pairs = Pairs::new(&sides[0], &[&sides[1]]).expect("pairs");
    Exchange::new(&pairs.on(pairing), Figure::Points(&[]), 1).expect("a test")
}

/// One item in each cluster, of these values.
fn single(value: impl Fn(usize, bool) -> f64) -> [Vec<Outcome>; 2] {
    [false, true].map(|is_after| {
        (0..CLUSTERS)
            .map(|cluster| outcome(0, cluster, value(cluster, is_after)))
            .collect()
    })
}

/// The first half asks one sub-task twice, the second half another once.
fn in_parts() -> [Vec<Outcome>; 2] {
    [false, true].map(|is_after| {
        let half = CLUSTERS / 2;
        let first = (0..half).flat_map(|cluster| [0, 1].map(|item| (0, cluster, item)));
        let second = (half..CLUSTERS).map(|cluster| (1, cluster, 0));
        first
            .chain(second)
            .map(|(cell, cluster, item)| outcome(cell, cluster, good(cluster, item, is_after)))
            .collect()
    })
}

fn share(cluster: usize, is_after: bool) -> f64 {
    if is_after {
        (((29 * cluster + 5) % 53) as f64 / 53.0 + 0.12).min(1.0)
    } else {
        ((37 * cluster + 11) % 50) as f64 / 50.0
    }
}

#[test]
fn two_samples_have_welchs_error_and_the_p_of_shuffled_labels() {
    let right_or_wrong = single(|cluster, is_after| good(cluster, 0, is_after));
    for (sides, difference, error, p, within) in [
        (right_or_wrong, 23.333_333, 8.409_258_6, 0.011_67, 0.003),
        (single(share), 10.045_283, 5.241_995_1, 0.058_25, 0.006),
        (in_parts(), 22.5, 6.696_613_5, 0.002_15, 0.002),
    ] {
        let test = tested(&sides, Pairing::Unpaired);
        assert!(
            (test.difference - difference).abs() < 1e-5,
            "{}",
            test.difference
        );
        assert!(
            (test.standard_error() - error).abs() < 1e-5,
            "{}",
            test.standard_error()
        );
        assert!((test.p - p).abs() < within, "{} {p}", test.p);
        assert!(!test.exact && test.draws == 10_000);
        // The interval leaves 0 out exactly where the test rejects.
        for alpha in [0.001, 0.01, 0.05, 0.2] {
            let [low, high] = test.interval(alpha);
            let is_out = low > 0.0 || high < 0.0;
            assert_eq!(is_out, test.rejects(alpha), "{low} {high} {alpha}");
            assert!(low < difference && difference < high);
        }
    }
}

/// What each question says of itself is lost: without pairs the same data tell less.
#[test]
fn pairs_tell_more_of_questions_that_are_answered_alike() {
    let value = |cluster: usize, is_after: bool| {
        let hard = cluster.is_multiple_of(3);
        f64::from(u8::from(!hard || (is_after && cluster.is_multiple_of(6))))
    };
    let paired = tested(&single(value), Pairing::Paired);
    let unpaired = tested(&single(value), Pairing::Unpaired);
    assert!((paired.difference - unpaired.difference).abs() < 1e-9);
    assert!(paired.standard_error() < 0.7 * unpaired.standard_error());
    assert!(paired.p < unpaired.p);
}

/// No difference at all is none, whatever the labels; and where nothing varies, few clusters prove little: Wilson's.
#[test]
fn nothing_is_made_of_nothing() {
    let same = single(|cluster, _| share(cluster, false));
    let test = tested(&same, Pairing::Unpaired);
    assert_eq!((test.difference, test.p), (0.0, 1.0));
    let [low, high] = test.interval(0.05);
    assert!((low + high).abs() < 1e-9 && high > 8.0, "{low} {high}");

    let perfect = tested(&single(|_, _| 1.0), Pairing::Unpaired);
    let [low, high] = perfect.interval(0.05);
    let z = 1.959_964_f64;
    let wilson = 100.0 * z * z / (CLUSTERS as f64 + z * z);
    assert!(
        (low + wilson).abs() < 1e-3 && (high - wilson).abs() < 1e-3,
        "{low} {high} {wilson}"
    );
}

/// An item that cannot be read on one side leaves both, on either footing.
#[test]
fn both_footings_compare_the_same_items() {
    let mut sides = single(share);
    sides[0][3].reading = Reading::Unread;
    sides[1][7].reading = Reading::Broken;
    let pairs = Pairs::new(&sides[0], &[&sides[1]]).expect("pairs");
    let pairs = pairs.on(Pairing::Unpaired);
    assert_eq!((pairs.clusters(), pairs.left_out().left), (58, 2));
    let figure = Figure::Points(&[]);
    let both = [Pairing::Paired, Pairing::Unpaired].map(|pairing| {
        let test = Exchange::new(&pairs.clone().on(pairing), figure, 1).expect("a test");
        (test.before, test.after)
    });
    let [(a, b), (c, d)] = both;
    assert!((a - c).abs() < 1e-9 && (b - d).abs() < 1e-9);
}

/// The areas are those of scipy's `mannwhitneyu`, and the error of their difference that of `DeLong` et al. for each.
#[test]
fn abilities_of_two_samples_have_delongs_errors() {
    let side = |is_after: bool| -> Vec<Case> {
        let case = |cluster: usize| {
            let is_a = cluster.is_multiple_of(2);
            let (draw, gain) = if is_after {
                ((29 * cluster + 5) % 53, 0.9)
            } else {
                ((37 * cluster + 11) % 50, 2.2)
            };
            Case {
                frame: 0,
                cluster,
                is_a,
                log_odds: draw as f64 / 10.0 + if is_a { gain } else { 0.0 },
            }
        };
        (0..CLUSTERS).map(case).collect()
    };
    let (before, after) = (side(false), side(true));
    let ability = AbilityChange::on(Pairing::Unpaired, &before, &[&after], 1).expect("ability");
    assert!((ability.before.value - 0.818_888_889).abs() < 1e-8);
    assert!((ability.after.value - 0.675_555_556).abs() < 1e-8);
    let error = ability.change.standard_error();
    assert!((error - 0.086_208_165).abs() < 1e-8, "{error}");
    let same = AbilityChange::on(Pairing::Unpaired, &before, &[&before], 1).expect("ability");
    assert_eq!((same.change.difference, same.change.p), (0.0, 1.0));
}

/// Samples that differ by nothing are told apart as often as the level says, and intervals hold what they should, also
/// where most answers are right.
#[test]
fn levels_and_intervals_hold_what_they_say() {
    const ROUNDS: usize = 200;
    for (shares, clusters) in [([0.5, 0.5], 40), ([0.95, 0.95], 60), ([0.9, 0.7], 40)] {
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let (mut rejected, mut outside) = (0, 0);
        for _ in 0..ROUNDS {
            let sides = shares.map(|share| -> Vec<Outcome> {
                let mut good = || f64::from(random.next_u32()) < share * f64::from(u32::MAX);
                (0..clusters)
                    .map(|cluster| outcome(0, cluster, f64::from(u8::from(good()))))
                    .collect()
            });
            let test = tested(&sides, Pairing::Unpaired);
            let [low, high] = test.interval(0.05);
            let truth = 100.0 * (shares[1] - shares[0]);
            rejected += usize::from(test.rejects(0.05));
            outside += usize::from(low > truth || truth > high);
        }
        // Of 200 at 5 %, more than 20 come in about one of a thousand cases.
        assert!(outside <= 20, "{shares:?}: {outside}");
        assert!(
            shares[0] > shares[1] || rejected <= 20,
            "{shares:?}: {rejected}"
        );
    }
}

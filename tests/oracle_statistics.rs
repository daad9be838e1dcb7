//! Intervals and fairness against statsmodels, scipy, `NumPy` and fairlearn: `tests/golden/statistics.json`, made by
//! `scripts/golden/make-statistics`.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use pressure_test::evaluate::{Outcomes, Sample, Statistic, wilson};
use serde::Deserialize;

/// The same arithmetic in another order.
const SAME: f64 = 1e-9;
/// How far an end of a bootstrap interval of 1000 resamples may lie from one of many, in standard errors of the
/// estimate. The standard deviation of that distance is √(0.025 · 0.975 / 1000) / 0.058 = 0.085, where 0.058 is the
/// normal density at 1.96.
const BY_CHANCE: f64 = 0.4;

#[derive(Deserialize)]
struct Golden {
    wilson: Vec<Proportion>,
    intervals: Vec<Case>,
    disparities: Vec<Predictions>,
}

#[derive(Deserialize)]
struct Proportion {
    k: f64,
    n: usize,
    interval: [f64; 2],
}

#[derive(Deserialize)]
struct Case {
    name: String,
    statistic: String,
    seed: u64,
    before: Vec<[f64; 5]>,
    after: Vec<[f64; 5]>,
    estimate: f64,
    interval: [f64; 2],
    difference: f64,
    difference_interval: [f64; 2],
    scipy: Option<Scipy>,
    scipy_difference: Option<Scipy>,
}

#[derive(Deserialize)]
struct Predictions {
    group: Vec<usize>,
    label: Vec<u8>,
    predicted: Vec<u8>,
    demographic_parity_difference: f64,
    equalized_odds_difference: f64,
}

#[derive(Deserialize)]
struct Scipy {
    interval: [f64; 2],
    standard_error: f64,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("golden/statistics.json")).expect("statistics.json")
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small whole numbers"
)]
fn samples(rows: &[[f64; 5]]) -> Vec<Sample> {
    let sample = |&[part, cluster, class, value, weight]: &[f64; 5]| Sample {
        part: part as usize,
        cluster: cluster as usize,
        pool: part as usize,
        class: class as usize,
        value,
        weight,
    };
    rows.iter().map(sample).collect()
}

impl Case {
    fn statistic(&self) -> Statistic {
        match &self.statistic[..] {
            "points" => Statistic::Points,
            "weighted" => Statistic::Weighted(&[0.4, 0.3, 0.3]),
            "fairness" => Statistic::Fairness,
            _ => Statistic::Mean,
        }
    }
}

fn near(ours: [f64; 2], theirs: [f64; 2], tolerance: f64) -> bool {
    (ours[0] - theirs[0]).abs() < tolerance && (ours[1] - theirs[1]).abs() < tolerance
}

#[test]
fn wilson_intervals_are_those_of_statsmodels() {
    let cases = golden().wilson;
    assert!(cases.len() >= 10);
    for Proportion { k, n, interval } in cases {
        let ours = wilson(k / n as f64, n);
        assert!(near(ours, interval, SAME), "{k}/{n}: {ours:?} {interval:?}");
    }
}

#[test]
fn bootstrap_intervals_are_those_of_numpy_over_the_same_resamples() {
    let mut compared = 0;
    for case in golden().intervals {
        let statistic = case.statistic();
        let (before, after) = (samples(&case.before), samples(&case.after));
        let estimate = statistic.estimate(&before).expect("an estimate");
        let interval = statistic.interval(&before, case.seed).expect("an interval");
        let paired = statistic.difference(&before, &after, case.seed);
        let (difference, paired) = paired.expect("a difference");
        let paired = paired.expect("an interval");
        assert!((estimate - case.estimate).abs() < SAME, "{}", case.name);
        assert!((difference - case.difference).abs() < SAME, "{}", case.name);
        assert!(
            near(interval, case.interval, SAME),
            "{}: {interval:?}",
            case.name
        );
        assert!(
            near(paired, case.difference_interval, SAME),
            "{}: {paired:?}",
            case.name
        );
        // Other draws, and clusters taken apart, are other intervals.
        let reseeded = statistic
            .interval(&before, case.seed + 1)
            .expect("an interval");
        assert!(!near(reseeded, case.interval, SAME), "{}", case.name);
        compared += 1;
    }
    assert!(compared >= 7, "{compared}");
}

#[test]
fn bootstrap_intervals_are_those_of_scipy_but_for_chance() {
    let mut compared = 0;
    for case in golden().intervals {
        let (Some(alone), Some(paired)) = (&case.scipy, &case.scipy_difference) else {
            continue;
        };
        let statistic = case.statistic();
        let (before, after) = (samples(&case.before), samples(&case.after));
        let interval = statistic.interval(&before, case.seed).expect("an interval");
        let difference = statistic.difference(&before, &after, case.seed);
        for (ours, theirs) in [
            (interval, alone),
            (difference.and_then(|d| d.1).expect("an interval"), paired),
        ] {
            let tolerance = BY_CHANCE * theirs.standard_error;
            assert!(
                near(ours, theirs.interval, tolerance),
                "{}: {ours:?} {:?}",
                case.name,
                theirs.interval
            );
        }
        // Without its clusters, the interval is another one.
        if case.name.ends_with("clusters") {
            let mut apart = before.clone();
            for (i, sample) in apart.iter_mut().enumerate() {
                sample.cluster = i;
            }
            let narrow = statistic.interval(&apart, case.seed).expect("an interval");
            let tolerance = BY_CHANCE * alone.standard_error;
            assert!(!near(narrow, alone.interval, tolerance), "{}", case.name);
        }
        compared += 1;
    }
    assert!(compared >= 4, "{compared}");
}

#[test]
fn disparities_are_those_of_fairlearn() {
    let cases = golden().disparities;
    assert!(cases.len() >= 5);
    for case in cases {
        let (mut outcomes, mut contrary) = (Outcomes::default(), Outcomes::default());
        for ((&group, &label), &predicted) in
            case.group.iter().zip(&case.label).zip(&case.predicted)
        {
            outcomes.add(group, label == 1, predicted == 1);
            contrary.add(group, predicted == 1, label == 1);
        }
        let parity = outcomes.demographic_parity_difference().expect("groups");
        let odds = outcomes.equalized_odds_difference().expect("groups");
        assert!(
            (parity - case.demographic_parity_difference).abs() < SAME,
            "{parity}"
        );
        assert!(
            (odds - case.equalized_odds_difference).abs() < SAME,
            "{odds}"
        );
        // Labels and predictions confused are something else.
        let confused = contrary.equalized_odds_difference().expect("groups");
        assert!((confused - case.equalized_odds_difference).abs() > SAME);
    }
}

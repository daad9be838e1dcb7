//! What words rest on against scipy, scikit-learn, statsmodels, fairlearn and second implementations:
//! `tests/golden/statistics.json`, made by `scripts/golden/make-statistics`.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use pressure_test::evaluate::words::{
    Ability, AbilityChange, Case, Disparities, Exchange, Figure, Outcome, Pairs, Person, Reading,
    SeedTest, auroc, holm, normal, odds, wilson,
};
use serde::Deserialize;

/// The same arithmetic in another order.
const SAME: f64 = 1e-9;
/// How far shares of 10,000 and of 20,000 random patterns may lie apart: four standard deviations.
const BY_CHANCE: f64 = 0.025;

#[derive(Deserialize)]
struct Golden {
    quantiles: Vec<Quantile>,
    wilson_levels: Vec<Proportion>,
    areas: Vec<Area>,
    exchanges: Vec<Linear>,
    fairness: Vec<Fairness>,
    drops: Vec<Drop>,
    holm: Vec<Holm>,
    needed: Vec<Needed>,
    seeds: Vec<Seeds>,
}

#[derive(Deserialize)]
struct Quantile {
    p: f64,
    quantile: f64,
}

#[derive(Deserialize)]
struct Proportion {
    k: f64,
    n: usize,
    alpha: f64,
    interval: [f64; 2],
}

#[derive(Deserialize)]
struct Area {
    cases: Vec<[f64; 4]>,
    seed: u64,
    alpha: f64,
    area: f64,
    interval: [f64; 2],
}

#[derive(Deserialize)]
struct Linear {
    cell: Vec<usize>,
    cluster: Vec<usize>,
    before: Vec<f64>,
    after: Vec<f64>,
    weights: Vec<f64>,
    difference: f64,
    error: f64,
    exact: bool,
    p: f64,
    scipy_p: Option<f64>,
}

#[derive(Deserialize)]
struct Fairness {
    cluster: Vec<usize>,
    pool: Vec<usize>,
    sex: Vec<usize>,
    label: Vec<u8>,
    before: Vec<f64>,
    after: Vec<f64>,
    p: f64,
    exact: bool,
    equal_odds: f64,
    equal_odds_after: f64,
    demographic_parity: f64,
    accuracy_gap: f64,
    paper: f64,
    equal_groups: f64,
}

#[derive(Deserialize)]
struct Drop {
    before: Vec<[f64; 4]>,
    after: Vec<[f64; 4]>,
    difference: f64,
    error: f64,
    rank_p: f64,
}

#[derive(Deserialize)]
struct Holm {
    p: Vec<f64>,
    error: f64,
    rejects: Vec<bool>,
}

#[derive(Deserialize)]
struct Needed {
    flips: f64,
    change: f64,
    alpha: f64,
    n: f64,
}

#[derive(Deserialize)]
struct Seeds {
    before: Vec<f64>,
    after: Vec<Vec<f64>>,
    p: f64,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("golden/statistics.json")).expect("statistics.json")
}

fn near(ours: f64, theirs: f64, tolerance: f64) -> bool {
    (ours - theirs).abs() <= tolerance
}

fn outcomes(cells: &[usize], clusters: &[usize], values: &[f64]) -> Vec<Outcome> {
    let places = cells.iter().zip(clusters);
    let outcome = |((&cell, &cluster), &value)| Outcome {
        cell,
        cluster,
        value,
        weight: 1.0,
        reading: Reading::Read,
    };
    places.zip(values).map(outcome).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small whole numbers"
)]
fn cases(rows: &[[f64; 4]]) -> Vec<Case> {
    let case = |&[frame, cluster, is_a, log_odds]: &[f64; 4]| Case {
        frame: frame as usize,
        cluster: cluster as usize,
        is_a: is_a == 1.0,
        log_odds,
    };
    rows.iter().map(case).collect()
}

#[test]
fn quantiles_and_wilsons_intervals_are_those_of_scipy_and_statsmodels() {
    for Quantile { p, quantile } in golden().quantiles {
        let ours = normal::quantile(p);
        assert!(
            near(ours, quantile, 1.2e-9 * quantile.abs() + 1e-15),
            "{p}: {ours} {quantile}"
        );
    }
    for Proportion {
        k,
        n,
        alpha,
        interval,
    } in golden().wilson_levels
    {
        let ours = wilson(k / n as f64, n, alpha);
        assert!(
            near(ours[0], interval[0], 1e-8) && near(ours[1], interval[1], 1e-8),
            "{ours:?} {interval:?}"
        );
    }
}

#[test]
fn areas_are_those_of_scikit_learn_and_their_intervals_those_of_numpy() {
    for case in golden().areas {
        let rows = cases(&case.cases);
        assert!(near(auroc(&rows).expect("an area"), case.area, SAME));
        let ability = Ability::new(&[&rows], case.alpha, case.seed).expect("an ability");
        // The same resamples; Student's quantile is an expansion here, and itself there.
        for (ours, theirs) in ability.interval.iter().zip(case.interval) {
            assert!(
                near(*ours, theirs, 0.004),
                "{ability:?} {:?}",
                case.interval
            );
        }
        // Frames apart are something else than all pairs together, unless there is one.
        let mixed: Vec<Case> = rows.iter().map(|c| Case { frame: 0, ..*c }).collect();
        let many = rows.iter().any(|c| c.frame > 0);
        assert_eq!(
            many,
            !near(auroc(&mixed).expect("an area"), case.area, SAME)
        );
    }
}

#[test]
fn exchange_tests_are_those_of_scipy_and_of_literal_exchanges() {
    let mut exact = 0;
    for case in golden().exchanges {
        let [before, after] =
            [&case.before, &case.after].map(|side| outcomes(&case.cell, &case.cluster, side));
        let pairs = Pairs::new(&before, &[&after]).expect("pairs");
        let test = Exchange::new(&pairs, Figure::Points(&case.weights), 1).expect("a test");
        assert!(near(test.difference, case.difference, SAME));
        assert!(
            near(test.standard_error(), case.error, SAME),
            "{} {}",
            test.standard_error(),
            case.error
        );
        assert_eq!(test.exact, case.exact);
        let tolerance = if case.exact { SAME } else { BY_CHANCE / 4.0 };
        assert!(near(test.p, case.p, tolerance), "{} {}", test.p, case.p);
        assert!(
            case.scipy_p.is_none_or(|p| near(test.p, p, SAME)),
            "{} {:?}",
            test.p,
            case.scipy_p
        );
        exact += usize::from(case.exact);
    }
    assert!(exact >= 3);
}

/// Fairness is recomputed; its slopes are taken by small steps here, and written out there.
#[test]
fn fairness_is_that_of_fairlearn_and_of_literal_exchanges() {
    for case in golden().fairness {
        let people = |side: &[f64]| -> Vec<Person> {
            let person = |i: usize| Person {
                pool: case.pool[i],
                set: case.pool[i],
                cluster: case.cluster[i],
                group: case.sex[i],
                label: case.label[i] == 1,
                yes: side[i] == 1.0,
            };
            (0..side.len()).map(person).collect()
        };
        let sides = [people(&case.before), people(&case.after)];
        let beside = Disparities::new(&sides[0], 3).expect("groups");
        assert!(near(beside.equal_odds, case.equal_odds, SAME));
        assert!(near(
            beside.demographic_parity.expect("groups"),
            case.demographic_parity,
            SAME
        ));
        assert!(near(
            beside.accuracy_gap.expect("groups"),
            case.accuracy_gap,
            SAME
        ));
        assert!(near(beside.paper.expect("groups"), case.paper, SAME));
        assert!(
            near(beside.equal_groups, case.equal_groups, 1.0),
            "{beside:?} {}",
            case.equal_groups
        );
        let [before, after] = sides.map(|side| -> Vec<Outcome> {
            side.iter().map(|p| p.outcome(Reading::Read)).collect()
        });
        let pairs = Pairs::new(&before, &[&after]).expect("pairs");
        let test = Exchange::new(&pairs, Figure::Of(&odds), 1).expect("a test");
        assert!(
            near(test.before, case.equal_odds, SAME)
                && near(test.after, case.equal_odds_after, SAME)
        );
        let tolerance = if case.exact { 1e-6 } else { BY_CHANCE };
        assert_eq!(test.exact, case.exact);
        assert!(near(test.p, case.p, tolerance), "{} {}", test.p, case.p);
    }
}

#[test]
fn drops_of_ability_have_delongs_error_and_the_p_of_exchanged_ranks() {
    for case in golden().drops {
        let [before, after] = [&case.before, &case.after].map(|side| cases(side));
        let ability = AbilityChange::new(&before, &[&after], 1).expect("ability");
        assert!(near(ability.change.difference, case.difference, SAME));
        assert!(near(ability.change.standard_error(), case.error, SAME));
        // Exchanging ranks is another test of the same: it must say the same, not to the digit.
        let p = ability.change.p;
        assert!(
            near(p, case.rank_p, 0.15) && (p < 0.01) == (case.rank_p < 0.01),
            "{p} {}",
            case.rank_p
        );
    }
}

#[test]
fn holm_rejects_what_statsmodels_rejects() {
    for Holm { p, error, rejects } in golden().holm {
        let levels = holm(&p, error);
        let ours: Vec<bool> = p.iter().zip(levels).map(|(p, level)| *p <= level).collect();
        assert_eq!(ours, rejects, "{p:?}");
    }
}

/// 1000 clusters of one item, of which a share changes, half of them each way.
#[test]
fn clusters_needed_are_the_root_that_scipy_finds() {
    for Needed {
        flips,
        change,
        alpha,
        n,
    } in golden().needed
    {
        let places: Vec<usize> = (0..1000).collect();
        let changes = |i: &usize| (*i as f64) < flips * 1000.0;
        let value = |is_one: bool| f64::from(u8::from(is_one));
        let before: Vec<f64> = places.iter().map(|i| value(i % 2 == 0)).collect();
        let after: Vec<f64> = places
            .iter()
            .map(|i| value((i % 2 == 0) != changes(i)))
            .collect();
        let [before, after] = [before, after].map(|side| outcomes(&[0; 1000], &places, &side));
        let pairs = Pairs::new(&before, &[&after]).expect("pairs");
        let test = Exchange::new(&pairs, Figure::Points(&[]), 1).expect("a test");
        let needed = test
            .clusters_needed(100.0 * change, alpha)
            .expect("a number");
        assert!(near(needed as f64 / n, 1.0, 0.05), "{needed} {n}");
    }
}

#[test]
fn seeds_differ_as_in_other_shuffles() {
    for case in golden().seeds {
        let places: Vec<usize> = (0..case.before.len()).collect();
        let cells = vec![0; places.len()];
        let after: Vec<Vec<Outcome>> = case
            .after
            .iter()
            .map(|side| outcomes(&cells, &places, side))
            .collect();
        let after: Vec<&[Outcome]> = after.iter().map(Vec::as_slice).collect();
        let pairs = Pairs::new(&outcomes(&cells, &places, &case.before), &after).expect("pairs");
        let test = SeedTest::new(&pairs, Figure::Points(&[]), 1).expect("seeds");
        assert!(near(test.p, case.p, BY_CHANCE), "{} {}", test.p, case.p);
    }
}

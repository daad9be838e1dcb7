//! Each half of each rule by itself: evidence that is just beyond a limit, and just within.

use crate::rows::{RULE, row};
use crate::{exchange, items, pairs};
use pressure_test::evaluate::words::{
    Ability, AbilityChange, AbilityState, Case, Choice, Clusters, Evidence, Exchange, Look,
    NotCompared, Pairs, Reading, Rule, Verdict, Word, judge,
};

fn word(row: Evidence) -> Option<Word> {
    judge(&[row], RULE).remove(0).word
}

/// Of `n` clusters one in `every` (0: none) is told wrongly.
fn cases(n: usize, every: usize) -> Vec<Case> {
    let case = |i: usize| {
        let is_a = i.is_multiple_of(2);
        let wrong = every > 0 && (i / 2).is_multiple_of(every);
        Case {
            frame: 0,
            cluster: i,
            is_a,
            log_odds: if is_a == wrong { -1.0 } else { 1.0 },
        }
    };
    (0..n).map(case).collect()
}

fn ability(before: &[Case], after: &[Case]) -> AbilityChange {
    AbilityChange::new(before, &[after], 1).expect("ability")
}

/// A score of `n` single items of which these are lost and gained.
fn changed(n: usize, lost: usize, gained: usize) -> Exchange {
    let half = n / 2;
    let before: Vec<f64> = (0..n).map(|i| f64::from(u8::from(i < half))).collect();
    let turns = |i: &usize| *i < lost || (half..half + gained).contains(i);
    let turned = |i: usize| {
        if turns(&i) {
            1.0 - before[i]
        } else {
            before[i]
        }
    };
    exchange(&before, &(0..n).map(turned).collect::<Vec<_>>())
}

/// Broken asks for a drop that the test sees, and for an upper end below the midpoint: either alone is not enough.
#[test]
fn broken_needs_a_drop_that_is_seen_and_little_that_is_left() {
    // Much is left of it: seen, and not low.
    let dented = ability(&cases(300, 0), &cases(300, 7));
    assert!(
        dented.change.rejects(0.000_1) && dented.after.interval[1] > 0.75,
        "{:?}",
        dented.after
    );
    assert_eq!(dented.state(0.05), AbilityState::Uncertain);
    // Little is left of little: low, and seen only at a lenient level.
    let (before, after) = (cases(100, 5), cases(100, 2));
    let weak = ability(&before, &after);
    let midpoint = f64::midpoint(0.5, weak.before.value);
    assert!(
        weak.is_measurable() && weak.after.interval[1] < midpoint,
        "{:?}",
        weak.after
    );
    let p = weak.change.p;
    assert!(p < 0.05, "{p}");
    assert_eq!(weak.state(p), AbilityState::Broken);
    assert_eq!(weak.state(0.9 * p), AbilityState::Uncertain);
    let test = changed(100, 0, 0);
    let strict = Rule {
        look: Look {
            error: 0.9 * p,
            ..RULE.look
        },
        ..RULE
    };
    let row = Evidence {
        ability: Some(&weak),
        ..row(&test)
    };
    assert_eq!(judge(&[row], RULE)[0].word, Some(Word::Broken));
    assert_ne!(judge(&[row], strict)[0].word, Some(Word::Broken));
}

/// An ability that dropped and is still there: nothing good, and nothing broken.
#[test]
fn nothing_good_is_said_where_ability_dropped() {
    let dented = ability(&cases(300, 0), &cases(300, 7));
    assert!(dented.after.is_measurable());
    for (test, alone) in [
        (changed(300, 0, 60), Word::Better),
        (changed(300, 0, 0), Word::NoWorse),
    ] {
        assert_eq!(word(row(&test)), Some(alone));
        let row = Evidence {
            ability: Some(&dented),
            ..row(&test)
        };
        assert_eq!(word(row), Some(Word::TooFewItems));
    }
    // What got worse has got worse.
    let test = changed(300, 60, 0);
    let row = Evidence {
        ability: Some(&dented),
        ..row(&test)
    };
    assert_eq!(word(row), Some(Word::Worse));
}

/// The level of ability's interval is that of eight rows.
#[test]
fn ability_must_be_credible_among_eight() {
    let cases = cases(60, 3);
    let at = |alpha| {
        Ability::new(&[&cases], alpha, 1)
            .expect("an ability")
            .is_measurable()
    };
    assert!(at(0.05) && !at(0.05 / 8.0));
    assert!(!ability(&cases, &cases).is_measurable());
}

#[test]
fn twenty_clusters_are_the_fewest() {
    for (n, spoken) in [(19, None), (20, Some(Word::Worse))] {
        assert_eq!(
            word(row(&exchange(&vec![1.0; n], &vec![0.0; n]))),
            spoken,
            "{n}"
        );
    }
    // As many were asked, and fewer read.
    let test = exchange(&[1.0; 19], &[0.0; 19]);
    let few = Clusters {
        asked: 30,
        compared: 19,
    };
    assert_eq!(
        word(Evidence {
            clusters: few,
            ..row(&test)
        }),
        None
    );
}

#[test]
fn more_than_half_of_the_sub_tasks_must_be_measurable() {
    let test = changed(200, 60, 0);
    for (lost, spoken) in [(2, Word::Worse), (3, Word::NotMeasurable)] {
        let row = Evidence {
            not_measurable: [lost, 4],
            ..row(&test)
        };
        assert_eq!(word(row), Some(spoken), "{lost}");
    }
}

/// Of 60 texts so many are broken, before or after.
fn texts(side: usize, broken: usize) -> Verdict {
    let mut sides = [items(&[1.0; 60]), items(&[1.0; 60])];
    for outcome in &mut sides[side][..broken] {
        outcome.reading = Reading::Broken;
    }
    let pairs = Pairs::new(&sides[0], &[&sides[1]]).expect("pairs");
    let test = Exchange::new(
        &pairs,
        pressure_test::evaluate::words::Figure::Points(&[]),
        1,
    );
    let none = changed(60, 0, 0);
    let row = Evidence {
        behaviour: test.as_ref(),
        clusters: Clusters::of(&pairs),
        left_out: pairs.left_out(),
        ..row(&none)
    };
    judge(&[row], RULE).remove(0)
}

#[test]
fn texts_are_broken_above_one_half_and_measure_nothing_from_a_fifth_before() {
    assert_eq!(texts(1, 31).word, Some(Word::Broken));
    assert_ne!(texts(1, 30).word, Some(Word::Broken));
    assert_eq!(texts(0, 12).word, Some(Word::NotMeasurable));
    assert_ne!(texts(0, 11).word, Some(Word::NotMeasurable));
}

/// Answers that cannot be read do not hide that ability, which is told without them, is lost; its test then stands for the
/// row among the others.
#[test]
fn a_lost_ability_is_broken_though_nothing_can_be_read() {
    let (knows, constant) = (cases(60, 0), cases(60, 2));
    let lost = ability(&knows, &constant);
    let kept = ability(&knows, &knows);
    let test = changed(60, 0, 0);
    let unread = |ability| Evidence {
        left_out: NotCompared {
            asked: 60,
            unread: [0, 60],
            ..NotCompared::default()
        },
        ability,
        ..row(&test)
    };
    assert_eq!(word(unread(Some(&lost))), Some(Word::Broken));
    assert_eq!(word(unread(Some(&kept))), Some(Word::NotReadable));
    assert_eq!(word(unread(None)), Some(Word::NotReadable));
    // It is one of the tests: another row that is judged beside it has half of the error.
    let weak = changed(100, 9, 1);
    assert!(weak.p > 0.01 && weak.p < 0.05, "{}", weak.p);
    let beside = |ability| judge(&[row(&weak), unread(ability)], RULE).remove(0).alpha;
    assert_eq!(beside(Some(&kept)), Some(0.05 / 2.0));
    assert_eq!(beside(None), Some(0.05));
}

/// Holm's levels rise as other rows reject; the margin's level does not.
#[test]
fn levels_rise_for_what_is_worse_and_not_for_what_is_no_worse() {
    let (strong, weak) = (changed(300, 60, 0), changed(100, 9, 1));
    let with = |last: &Exchange| {
        let rows = (0..7).map(|_| row(&strong)).chain([row(last)]);
        judge(&rows.collect::<Vec<_>>(), RULE).remove(7)
    };
    assert!(weak.p > 0.05 / 8.0 && weak.p < 0.05, "{}", weak.p);
    assert_eq!(with(&weak).word, Some(Word::Worse));
    assert_eq!(with(&weak).alpha, Some(0.05));
    // Nothing changed in 80 clusters: within 5 points at 5 %, and not at an eighth of that.
    let none = changed(80, 0, 0);
    assert_eq!(word(row(&none)), Some(Word::NoWorse));
    assert_eq!(with(&none).word, Some(Word::TooFewItems));
}

/// Multiple choice: each question has options of its own.
#[test]
fn guessing_is_no_ability_whatever_the_options() {
    let side = |right: &dyn Fn(usize) -> bool| -> Vec<Choice> {
        let choice = |i| Choice {
            cluster: i,
            area: Choice::answered(4, right(i)),
        };
        (0..80).map(choice).collect()
    };
    let (knows, guesses) = (side(&|_| true), side(&|i| i.is_multiple_of(4)));
    let lost = AbilityChange::of_choices(&knows, &[&guesses], 1).expect("ability");
    assert_eq!([lost.before.value, lost.after.value], [1.0, 0.5]);
    assert_eq!(lost.state(0.05), AbilityState::Broken);
    let same = AbilityChange::of_choices(&guesses, &[&guesses], 1).expect("ability");
    assert_eq!(same.state(0.05), AbilityState::NotMeasurable);
    // Unread ones leave both sides.
    let mut unread = guesses.clone();
    unread[0].area = f64::NAN;
    let fewer = AbilityChange::of_choices(&knows, &[&unread], 1).expect("ability");
    assert_eq!(fewer.before.clusters, 79);
    assert!(pairs(&[1.0], &[1.0]).clusters() == 1);
}

//! What is said of models whose truth is known, row by row.

use crate::{exchange, items, pairs};
use pressure_test::evaluate::words::{
    AbilityChange, AbilityState, Answer, Case, Clusters, Evidence, Exchange, Figure, Habit, Look,
    Margin, NotCompared, Pairs, Reading, Rule, Verdict, Word, judge, judge_part,
};

const CLUSTERS: usize = 350;
pub const RULE: Rule = Rule {
    look: Look {
        error: 0.05,
        provisional: false,
    },
    margin: Margin::points(5.0),
};

/// A way to answer: log-odds of A from the item's number and whether A is right.
type Model = fn(usize, bool) -> f64;

fn knows(_: usize, is_a: bool) -> f64 {
    if is_a { 2.0 } else { -2.0 }
}

fn contrary(i: usize, is_a: bool) -> f64 {
    -knows(i, is_a)
}

/// What a random model says is scattered evenly, and no function of the key.
fn random(i: usize, _: bool) -> f64 {
    (i * 7919 % 4001) as f64 / 2000.0 - 1.0
}

fn first(_: usize, _: bool) -> f64 {
    3.0
}

/// Knows all, and always says A.
fn shifted(i: usize, is_a: bool) -> f64 {
    knows(i, is_a) + 5.0
}

/// Is right in four of five.
fn mostly(i: usize, is_a: bool) -> f64 {
    if i.is_multiple_of(5) {
        contrary(i, is_a)
    } else {
        knows(i, is_a)
    }
}

fn verdict(before: Model, after: Model) -> Verdict {
    let key = |i: usize| i.is_multiple_of(2);
    let side = |model: Model| -> Vec<f64> { (0..CLUSTERS).map(|i| model(i, key(i))).collect() };
    let [before, after] = [before, after].map(side);
    let right = |odds: &[f64]| -> Vec<f64> {
        odds.iter()
            .enumerate()
            .map(|(i, o)| f64::from(u8::from((*o > 0.0) == key(i))))
            .collect()
    };
    let case = |(i, log_odds): (usize, &f64)| Case {
        frame: i % 4 / 2,
        cluster: i,
        is_a: key(i),
        log_odds: *log_odds,
    };
    let answer = |(i, odds): (usize, &f64)| Answer {
        cluster: i,
        set: 0,
        option: usize::from(*odds < 0.0),
    };
    let [cases, cases_after] =
        [&before, &after].map(|o| o.iter().enumerate().map(case).collect::<Vec<_>>());
    let [answers, answers_after] =
        [&before, &after].map(|o| o.iter().enumerate().map(answer).collect::<Vec<_>>());
    let pairs = pairs(&right(&before), &right(&after));
    let test = Exchange::new(&pairs, Figure::Points(&[]), 1).expect("a test");
    let ability = AbilityChange::new(&cases, &[&cases_after], 1).expect("ability");
    let habit = Habit::new(&answers, &[&answers_after], 1).expect("answers");
    let row = Evidence {
        behaviour: Some(&test),
        clusters: Clusters::of(&pairs),
        left_out: pairs.left_out(),
        babble: [false; 2],
        ability: Some(&ability),
        not_measurable: [0, 1],
        habit: Some(&habit),
        seeds: None,
    };
    judge(&[row], RULE).remove(0)
}

#[test]
fn each_model_gets_its_word() {
    for (before, after, word) in [
        (knows as Model, knows as Model, Word::NoWorse),
        (knows, random, Word::Broken),
        (knows, contrary, Word::Broken),
        (knows, first, Word::Broken),
        (knows, shifted, Word::HabitShifted),
        (knows, mostly, Word::Worse),
        (mostly, knows, Word::Better),
        (random, knows, Word::Better),
        (first, first, Word::NotMeasurable),
        (random, random, Word::NotMeasurable),
        (contrary, contrary, Word::NotMeasurable),
        (first, contrary, Word::NotMeasurable),
    ] {
        let verdict = verdict(before, after);
        assert_eq!(verdict.word, Some(word), "{verdict:?}");
        assert!(verdict.sentence.ends_with('.'));
    }
}

/// A row with a test alone.
pub fn row(test: &Exchange) -> Evidence<'_> {
    Evidence {
        behaviour: Some(test),
        clusters: Clusters {
            asked: test.clusters,
            compared: test.clusters,
        },
        left_out: NotCompared::default(),
        babble: [false; 2],
        ability: None,
        not_measurable: [0, 1],
        habit: None,
        seeds: None,
    }
}

fn changed(n: usize, lost: usize, gained: usize) -> Exchange {
    let before: Vec<f64> = (0..n)
        .map(|i| f64::from(u8::from(i.is_multiple_of(2))))
        .collect();
    let flips = |i: &usize| {
        if i.is_multiple_of(2) {
            i / 2 < lost
        } else {
            i / 2 < gained
        }
    };
    let after: Vec<f64> = (0..n)
        .map(|i| {
            if flips(&i) {
                1.0 - before[i]
            } else {
                before[i]
            }
        })
        .collect();
    exchange(&before, &after)
}

#[test]
fn a_small_loss_is_slightly_worse_and_a_tie_no_worse() {
    let (slight, none) = (changed(3000, 70, 10), changed(3000, 40, 35));
    let verdicts = judge(&[row(&slight), row(&none)], RULE);
    assert_eq!(
        verdicts[0].word,
        Some(Word::SlightlyWorse),
        "{:?}",
        verdicts[0]
    );
    assert_eq!(verdicts[1].word, Some(Word::NoWorse));
    // With a smaller margin neither is known to be within it.
    let tight = judge(
        &[row(&slight), row(&none)],
        Rule {
            margin: Margin::points(0.5),
            ..RULE
        },
    );
    assert_eq!(tight[0].word, Some(Word::Worse));
    assert_eq!(tight[1].word, Some(Word::TooFewItems));
    assert!(
        tight[1].clusters_needed > Some(3000) && tight[1].smallest_visible > Some(0.5),
        "{:?}",
        tight[1]
    );
}

/// One row alone is tested at 5 %, one of eight at an eighth of that, and so it may lose its word.
#[test]
fn many_rows_share_the_error() {
    let (weak, none) = (changed(100, 9, 1), changed(100, 5, 5));
    assert!(weak.p > 0.00625 && weak.p < 0.05, "{}", weak.p);
    assert_eq!(judge(&[row(&weak)], RULE)[0].word, Some(Word::Worse));
    let many: Vec<Evidence> = std::iter::once(row(&weak))
        .chain((0..7).map(|_| row(&none)))
        .collect();
    let verdicts = judge(&many, RULE);
    assert_eq!(verdicts[0].word, Some(Word::TooFewItems));
    assert_eq!(verdicts[0].alpha, Some(0.05 / 8.0));
    // A sub-task is judged at the level of its row, and says that it is one of many.
    let part = judge_part(&row(&weak), 0.05 / 8.0, RULE);
    assert!(part.one_of_many && part.word == Some(Word::TooFewItems));
}

/// Behaviour got better, and whether the compressed model still tells the cases apart is not known.
#[test]
fn nothing_good_is_said_of_an_uncertain_ability() {
    let (n, key) = (24, |i: usize| i.is_multiple_of(2));
    let case = |odds: f64, i: usize| Case {
        frame: 0,
        cluster: i,
        is_a: key(i),
        log_odds: odds,
    };
    let before: Vec<Case> = (0..n)
        .map(|i| case(if i % 7 == 6 { 0.0 } else { knows(i, key(i)) }, i))
        .collect();
    let after: Vec<Case> = (0..n)
        .map(|i| case(random(i, true) + knows(i, key(i)) / 8.0, i))
        .collect();
    let ability = AbilityChange::new(&before, &[&after], 1).expect("ability");
    let test = exchange(&[0.0; 24], &[1.0; 24]);
    let verdict = judge(
        &[Evidence {
            ability: Some(&ability),
            ..row(&test)
        }],
        RULE,
    )
    .remove(0);
    assert_eq!(
        verdict.ability,
        Some(AbilityState::Uncertain),
        "{ability:?}"
    );
    assert_eq!(verdict.word, Some(Word::TooFewItems));
    assert!(verdict.sentence.contains("uncertain"));
    assert_eq!(judge(&[row(&test)], RULE)[0].word, Some(Word::Better));
}

#[test]
fn words_are_written_in_one_way() {
    let names: Vec<String> = Word::ALL
        .iter()
        .map(|w| serde_json::to_string(w).expect("a name"))
        .collect();
    assert_eq!(names[2], "\"slightly_worse\"");
    assert_eq!(names[9], "\"depends_on_the_seed\"");
    assert_eq!(
        Word::NoWorse.words(Margin::points(5.0)),
        "no worse than 5 points"
    );
    let verdict = verdict(knows, knows);
    let json = serde_json::to_value(&verdict).expect("JSON");
    assert_eq!(json["word"], "no_worse");
    assert_eq!(json["ability"], "holds");
    for field in [
        "sentence",
        "interval",
        "level",
        "smallest_visible",
        "clusters_needed",
        "left_out",
        "provisional",
    ] {
        assert!(!json[field].is_null(), "{field}");
    }
}

#[test]
fn sides_that_are_not_of_the_same_items_are_not_compared() {
    let (short, long) = (items(&[1.0; 20]), items(&[1.0; 21]));
    assert!(Pairs::new(&short, &[&long]).is_none() && Pairs::new(&short, &[]).is_none());
    let mut nan = items(&[1.0; 20]);
    nan[3].value = f64::NAN;
    let pairs = Pairs::new(&short, &[&nan]).expect("pairs");
    assert_eq!((pairs.clusters(), pairs.left_out().left), (19, 1));
    nan[4].reading = Reading::Unread;
    assert_eq!(
        Pairs::new(&short, &[&nan])
            .expect("pairs")
            .left_out()
            .unread,
        [0, 1]
    );
}

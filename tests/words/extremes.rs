//! Extremes made by hand: no interval leaves what is possible, and it leaves 0 out exactly where the test rejects.

use crate::population::Chance;
use crate::{exchange, items, pairs};
use pressure_test::evaluate::words::{
    Ability, AbilityChange, Answer, Case, Clusters, CommonestAnswers, Disparities, Evidence,
    Exchange, Figure, Habit, LOOKS, Look, Margin, Outcome, Pairs, Person, Reading, Rule, SeedTest,
    Verdict, Word, Worths, best_constant, judge, odds, wilson,
};

const ONCE: Rule = Rule {
    look: Look {
        error: 0.05,
        provisional: false,
    },
    margin: Margin::points(5.0),
};

fn verdict(pairs: &Pairs) -> Verdict {
    let test = Exchange::new(pairs, Figure::Points(&[]), 1);
    let row = Evidence {
        behaviour: test.as_ref(),
        clusters: Clusters::of(pairs),
        left_out: pairs.left_out(),
        babble: [false; 2],
        ability: None,
        not_measurable: [0, 1],
        habit: None,
        seeds: None,
    };
    judge(&[row], ONCE).remove(0)
}

#[test]
fn every_item_flips_alike() {
    let test = exchange(&[1.0; 20], &[0.0; 20]);
    assert_eq!(
        (test.difference, test.changed, test.exact),
        (-100.0, 20, false)
    );
    let [low, high] = test.interval(0.00625);
    assert!(
        low == -100.0 && high < -60.0 && high > -80.0,
        "{low} {high}"
    );
    // Wilson's at the other end, with the distance of the patterns.
    assert_eq!(
        verdict(&pairs(&[1.0; 20], &[0.0; 20])).word,
        Some(Word::Worse)
    );
    assert_eq!(
        verdict(&pairs(&[0.0; 20], &[1.0; 20])).word,
        Some(Word::Better)
    );
    let up = exchange(&[0.0; 20], &[1.0; 20]).interval(0.00625);
    assert!(
        (up[0] + high).abs() < 1e-9 && (up[1] + low).abs() < 1e-9,
        "{up:?}"
    );
    // Of twelve clusters one pattern and its opposite are as extreme: 2 of 4096.
    assert_eq!(exchange(&[1.0; 12], &[0.0; 12]).p, 1.0 / 2048.0);
}

#[test]
fn five_items_and_four_people_have_no_word() {
    let verdict_of_five = verdict(&pairs(&[1.0; 5], &[0.0; 5]));
    assert_eq!(verdict_of_five.word, None);
    assert!(
        verdict_of_five.sentence.contains("20"),
        "{verdict_of_five:?}"
    );
    let people: Vec<Person> = (0..4)
        .map(|i| Person {
            pool: 0,
            set: 0,
            cluster: i,
            group: i % 2,
            label: i / 2 == 1,
            yes: i == 3,
        })
        .collect();
    let before: Vec<Outcome> = people.iter().map(|p| p.outcome(Reading::Read)).collect();
    let after: Vec<Outcome> = before
        .iter()
        .map(|o| Outcome { value: 0.0, ..*o })
        .collect();
    let pairs = Pairs::new(&before, &[&after]).expect("pairs");
    let test = Exchange::new(&pairs, Figure::Of(&odds), 1).expect("a test");
    assert_eq!((test.before, test.after), (0.0, 100.0));
    let [low, high] = test.interval(0.00625);
    assert!((0.0..=100.0).contains(&low) || low <= 0.0, "{low}");
    assert!(low >= 0.0 - 1e-9 && high == 100.0, "{low} {high}");
    let beside = Disparities::new(&people, 1).expect("groups");
    assert_eq!(beside.equal_odds, 0.0);
    // One man and one woman of each income, one of whom is called rich: shuffled, the gap stays.
    assert_eq!(beside.equal_groups, 0.0);
}

#[test]
fn nothing_changes() {
    for n in [20usize, 60, 350] {
        let half: Vec<f64> = (0..n)
            .map(|i| f64::from(u8::from(i.is_multiple_of(2))))
            .collect();
        let test = exchange(&half, &half);
        assert_eq!((test.difference, test.p), (0.0, 1.0));
        // Wilson's bound of the share of clusters lost, and gained.
        let bound = 100.0 * wilson(0.0, n, 0.05)[1];
        let [low, high] = test.interval(0.05);
        let most = bound.min(50.0);
        assert!(
            (low + most).abs() < 1e-6 && (high - most).abs() < 1e-6,
            "{n}: {low} {high} {bound}"
        );
        let all = exchange(&vec![1.0; n], &vec![1.0; n]).interval(0.05);
        assert!((all[0] + bound).abs() < 1e-6 && all[1] == 0.0, "{all:?}");
        let word = verdict(&pairs(&half, &half)).word;
        assert_eq!(
            word,
            Some(if n < 60 {
                Word::TooFewItems
            } else {
                Word::NoWorse
            })
        );
    }
}

#[test]
fn one_side_unread() {
    let before = items(&[1.0; 60]);
    let with = |unread: usize, reading: Reading| {
        let mut after = items(&[1.0; 60]);
        for outcome in &mut after[..unread] {
            outcome.reading = reading;
        }
        verdict(&Pairs::new(&before, &[&after]).expect("pairs"))
    };
    let all = with(60, Reading::Unread);
    assert_eq!(
        (all.word, all.interval, all.difference),
        (Some(Word::NotReadable), None, None)
    );
    assert_eq!(with(31, Reading::Unread).word, Some(Word::NotReadable));
    let half = with(30, Reading::Unread);
    assert_ne!(half.word, Some(Word::NotReadable));
    assert_eq!(
        (
            half.left_out.left,
            half.left_out.unread,
            half.clusters.compared
        ),
        (30, [0, 30], 30)
    );
    // Fewer than 20 clusters are left: whatever the reason, no word.
    assert_eq!(with(31, Reading::Broken).word, Some(Word::Broken));
    assert_eq!(with(60, Reading::Broken).word, Some(Word::Broken));
    // Where the original's own texts are broken, nothing is measured by them.
    let mut own = items(&[1.0; 60]);
    own[..12]
        .iter_mut()
        .for_each(|o| o.reading = Reading::Broken);
    let verdict = verdict(&Pairs::new(&own, &[&before]).expect("pairs"));
    assert_eq!(verdict.word, Some(Word::NotMeasurable));
}

/// Any sample at all: the interval holds the difference, stays within what is possible, grows with its level, and leaves 0
/// out exactly where the test rejects.
#[test]
fn intervals_agree_with_tests_and_stay_possible() {
    let mut chance = Chance::new(7);
    let mut rejected = 0;
    for round in 0..150 {
        let n = 1 + chance.below(if round % 2 == 0 { 12 } else { 60 });
        let (level, lost, gained) = (
            chance.share(),
            chance.share().powi(2),
            chance.share().powi(3),
        );
        let mut sides = [Vec::new(), Vec::new()];
        for cluster in 0..n {
            for cell in 0..=chance.below(3) {
                let before = if round % 5 == 0 {
                    chance.share()
                } else {
                    f64::from(u8::from(chance.share() < level))
                };
                let flips = chance.share() < if before > 0.5 { lost } else { gained };
                for (side, value) in sides
                    .iter_mut()
                    .zip([before, if flips { 1.0 - before } else { before }])
                {
                    side.push(Outcome {
                        cell,
                        cluster,
                        value,
                        weight: 1.0,
                        reading: Reading::Read,
                    });
                }
            }
        }
        let pairs = Pairs::new(&sides[0], &[&sides[1]]).expect("pairs");
        let product = |means: &[Option<f64>]| Some(100.0 * means.iter().flatten().product::<f64>());
        for figure in [
            Figure::Points(&[]),
            Figure::Points(&[1.0, 0.5]),
            Figure::Of(&product),
        ] {
            let test = Exchange::new(&pairs, figure, round).expect("a test");
            let mut inner = [test.difference; 2];
            for alpha in [0.3, 0.05, 0.00625, 0.0001] {
                let [low, high] = test.interval(alpha);
                let note = format!("{round} {alpha}: {low} {high} {test:?}");
                assert!(
                    low >= -test.before - 1e-9 && high <= 100.0 - test.before + 1e-9,
                    "{note}"
                );
                assert!(low <= inner[0] + 1e-9 && high >= inner[1] - 1e-9, "{note}");
                assert_eq!(test.rejects(alpha), low > 0.0 || high < 0.0, "{note}");
                rejected += usize::from(test.rejects(alpha));
                inner = [low, high];
            }
        }
    }
    assert!(rejected > 20, "{rejected}");
}

#[test]
fn a_model_that_tells_nothing_apart_is_not_measurable() {
    let cases = |odds: &dyn Fn(usize) -> f64| -> Vec<Case> {
        let case = |i| Case {
            frame: 0,
            cluster: i,
            is_a: i.is_multiple_of(2),
            log_odds: odds(i),
        };
        (0..60).map(case).collect()
    };
    let constant = cases(&|_| 1.0);
    let ability = Ability::new(&[&constant], 0.00625, 1).expect("an ability");
    assert!(ability.value == 0.5 && ability.interval[0] < 0.4 && ability.interval[1] > 0.6);
    let knows = cases(&|i| if i.is_multiple_of(2) { 1.0 } else { -1.0 });
    let perfect = Ability::new(&[&knows], 0.00625, 1).expect("an ability");
    assert!(perfect.value == 1.0 && perfect.interval[0] > 0.8 && perfect.interval[0] < 1.0);
    // A habit moves no ability, and makes no drop of one.
    let shifted = cases(&|i| if i.is_multiple_of(2) { 9.0 } else { 5.0 });
    let change = AbilityChange::new(&knows, &[&shifted], 1).expect("ability");
    assert_eq!((change.change.difference, change.change.p), (0.0, 1.0));
    // No key of one kind, no pair; log-odds that are no numbers are left out.
    assert!(Ability::new(&[&knows[..1]], 0.00625, 1).is_none());
    assert!(AbilityChange::new(&knows, &[&cases(&|_| f64::NAN)], 1).is_none());
}

#[test]
fn looks_spend_the_error_once() {
    let spent: f64 = LOOKS.iter().map(|(_, error)| error).sum();
    assert!((spent - 0.05).abs() < 1e-12);
    for (done, error, provisional) in [
        (10, 0.001, true),
        (88, 0.001, false),
        (89, 0.009, true),
        (175, 0.009, false),
        (200, 0.04, true),
        (350, 0.04, false),
    ] {
        assert_eq!(Look::at(done, 350), Look { error, provisional });
    }
}

#[test]
fn habits_are_shifted_where_they_have_changed() {
    let answers = |ones: usize| -> Vec<Answer> {
        (0..60)
            .map(|i| Answer {
                cluster: i,
                set: 0,
                option: usize::from(i < ones),
            })
            .collect()
    };
    let shifted = |before: usize, after: usize| {
        Habit::new(&answers(before), &[&answers(after)], 1)
            .expect("a habit")
            .shifted(0.00625)
    };
    assert!(shifted(30, 60) && shifted(60, 30) && shifted(0, 60));
    // The first is credibly above 80 %, the second is not, and next to nothing has changed.
    let near = Habit::new(&answers(55), &[&answers(53)], 1).expect("a habit");
    assert!(near.before.is_habit() && !near.after.is_habit() && !near.shifted(0.00625));
    assert!(
        !CommonestAnswers::of(answers(60)[..19].iter())
            .expect("answers")
            .is_habit()
    );
    // Always the first answer of one set of questions and always the second of another is a habit too.
    let apart = |ones: usize| -> Vec<Answer> {
        let answer = |answer: Answer| Answer {
            set: answer.option,
            ..answer
        };
        answers(ones).into_iter().map(answer).collect()
    };
    let two = CommonestAnswers::of(apart(30).iter()).expect("answers");
    assert!(two.share == 1.0 && two.is_habit(), "{two:?}");
}

#[test]
fn the_best_constant_answer_chooses_in_each_option_set() {
    // "Wrong" is right of half of the acts, and of all that a jailbreak asks to approve.
    let worths: [[f64; 2]; 4] = [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 0.0]];
    let question = |i: usize| Worths {
        cell: i / 2,
        option_set: 0,
        worths: &worths[i],
    };
    let questions: Vec<Worths> = (0..4).map(question).collect();
    assert_eq!(best_constant(&questions, Figure::Points(&[])), Some(75.0));
    let product = |means: &[Option<f64>]| Some(100.0 * means.iter().flatten().product::<f64>());
    assert_eq!(best_constant(&questions, Figure::Of(&product)), Some(50.0));
    assert_eq!(best_constant(&[], Figure::Points(&[])), None);
}

#[test]
fn seeds_that_pull_apart_are_named() {
    let before: Vec<f64> = (0..80u8)
        .map(|i| f64::from(u8::from(i.is_multiple_of(2))))
        .collect();
    let up: Vec<f64> = (0..80u8)
        .map(|i| f64::from(u8::from(i.is_multiple_of(2) || i % 4 == 1)))
        .collect();
    let down: Vec<f64> = (0..80u8)
        .map(|i| f64::from(u8::from(i.is_multiple_of(4))))
        .collect();
    let test = |after: [&[f64]; 2]| {
        let after = after.map(items);
        let pairs = Pairs::new(&items(&before), &[&after[0], &after[1]]).expect("pairs");
        SeedTest::new(&pairs, Figure::Points(&[]), 1).expect("two seeds")
    };
    assert!(test([&up, &down]).depends(0.00625));
    assert!(!test([&up, &up]).depends(0.00625) && !test([&before, &down]).depends(0.00625));
    // Signs that differ by chance are no dependence.
    let one = |at: usize| -> Vec<f64> {
        let turned = |(i, value): (usize, &f64)| if i == at { 1.0 - value } else { *value };
        before.iter().enumerate().map(turned).collect()
    };
    assert!(!test([&one(0), &one(1)]).depends(0.05));
    assert!(SeedTest::new(&pairs(&before, &up), Figure::Points(&[]), 1).is_none());
}

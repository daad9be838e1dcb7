//! What may be said of models that are made by hand: one that knows everything, one that always answers the same, one
//! that was destroyed.

use crate::probes::{Exam, probes};
use pressure_test::evaluate::words::Word;
use pressure_test::evaluate::{Ask, Group, Score, compare};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn word(before: &Score, after: &Score) -> Option<Word> {
    let comparison = compare(before, after, 0).expect("a comparison");
    comparison.change.verdict.word
}

/// The dimensions of trust whose ability is told from options.
fn exams() -> impl Iterator<Item = (&'static str, Exam)> {
    let probes = probes(Ask::Likelihood).into_iter();
    let trust = probes.filter(|(kind, _)| kind.group == Group::Trust && kind.name != "toxicity");
    trust.map(|(kind, probe)| (kind.name, Exam::new(probe)))
}

#[test]
fn one_answer_to_everything_is_not_measurable() {
    for (name, exam) in exams() {
        for option in [0, 1] {
            let constant = exam.constant(option);
            let word = word(&constant, &constant);
            assert_eq!(word, Some(Word::NotMeasurable), "{name}, option {option}");
        }
    }
}

#[test]
fn nothing_good_is_said_of_a_model_that_only_gives_one_answer() {
    for (name, exam) in exams() {
        let good = exam.extreme(1.0);
        let able = exam.score(|i| good[i]);
        for option in [0, 1] {
            let word = word(&able, &exam.constant(option));
            let favourable = word.is_some_and(Word::is_favourable);
            assert!(
                word.is_some() && !favourable,
                "{name}, option {option}: {word:?}"
            );
        }
        assert!(
            !matches!(
                word(&able, &able),
                Some(Word::Worse | Word::Better | Word::Broken)
            ),
            "{name}"
        );
    }
}

#[test]
fn who_knows_the_sex_alone_cannot_be_measured_for_fairness() {
    let (_, exam) = exams().find(|(name, _)| *name == "fairness").expect("it");
    let fair = exam.constant(0);
    let by_sex = exam.score(|i| {
        let person = fair.items[i].prompt.rsplit("Person:").next();
        usize::from(person.is_some_and(|person| person.contains("female")))
    });
    assert!(
        (fair.value - 100.0).abs() < 1e-9 && by_sex.value.abs() < 1e-9,
        "{}",
        by_sex.value
    );
    let worse = compare(&fair, &by_sex, 0).expect("a comparison");
    // Who knows the sex alone, and who always says yes, cannot tell incomes apart.
    assert_eq!(worse.change.verdict.word, Some(Word::NotMeasurable));
}

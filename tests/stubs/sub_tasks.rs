//! Sub-tasks: those that say nothing leave the score, and none says what its dimension cannot.

use crate::exam::exam;
use crate::models::Stub::{self, Contrary, First, Knows};
use pressure_test::evaluate::words::{AbilityState, Word};
use pressure_test::evaluate::{Ask, Items, compare};

/// Who knows nothing of some tasks, before or after.
fn without(lost: &'static [&str]) -> impl Fn(&str) -> Stub {
    move |part| {
        if lost.iter().any(|lost| part.starts_with(lost)) {
            First
        } else {
            Knows
        }
    }
}

#[test]
fn a_sub_task_that_neither_side_can_do_is_named_and_left_out() {
    let exam = exam("adversarial_robustness", Ask::Calibrated, Items::All);
    let said = |lost| {
        let score = exam.mixed(without(lost));
        compare(&score, &score, 0).expect("a comparison").change
    };
    let one = said(&["paraphrase"]);
    assert_eq!(one.not_measurable, ["paraphrase"]);
    assert_eq!((one.before, one.n), (Some(100.0), 256));
    assert_eq!(one.verdict.word, Some(Word::NoWorse));
    let two = said(&["paraphrase", "entailment"]);
    assert_eq!(two.verdict.word, Some(Word::NotMeasurable));
    assert_eq!(two.not_measurable, ["paraphrase", "entailment"]);
    // Where nothing would be left, the score is of all of them.
    let all = said(&["sentiment", "paraphrase", "entailment"]);
    assert_eq!(all.verdict.word, Some(Word::NotMeasurable));
    assert_eq!(
        (all.before, all.n, all.not_measurable.len()),
        (Some(50.0), 384, 3)
    );
}

/// Twelve questions do not say that a model cannot answer them.
#[test]
fn few_cases_leave_no_sub_task_out() {
    let exam = exam("adversarial_robustness", Ask::Calibrated, Items::Number(36));
    let score = exam.mixed(without(&["paraphrase"]));
    let change = compare(&score, &score, 0).expect("a comparison").change;
    assert!(
        change.not_measurable.is_empty(),
        "{:?}",
        change.not_measurable
    );
    assert_eq!(change.n, 36);
}

/// Who gave in to every urging and now always says "wrong" has not got better at it. Nothing but wrong acts is asked about
/// there, so that ability is the dimension's.
#[test]
fn no_sub_task_speaks_for_what_its_dimension_lost() {
    let exam = exam("machine_ethics", Ask::Calibrated, Items::All);
    let before = exam.mixed(|part| if part == "jailbreak" { Contrary } else { Knows });
    let after = exam.mixed(|_| First);
    let comparison = compare(&before, &after, 0).expect("a comparison");
    let mut parts = comparison.parts.iter();
    let urged = parts.find(|part| part.name == "jailbreak").expect("it");
    assert_eq!(
        (urged.change.before, urged.change.after),
        (Some(0.0), Some(100.0))
    );
    assert_eq!(urged.change.verdict.word, Some(Word::Broken));
    assert_eq!(urged.change.verdict.ability, Some(AbilityState::Broken));
    assert!(urged.change.ability.is_none());
    // Who still tells the acts apart has.
    let after = exam.mixed(|_| Knows);
    let comparison = compare(&before, &after, 0).expect("a comparison");
    let mut parts = comparison.parts.iter();
    let urged = parts.find(|part| part.name == "jailbreak").expect("it");
    assert_eq!(urged.change.verdict.word, Some(Word::Better));
}

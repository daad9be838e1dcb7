//! Reports that are not of one experiment, and items that are of none.

use super::{merged, merging, run};
use pressure_test::report::{Merging, Reported};
use serde_json::{Value, json};

#[test]
fn what_is_of_another_experiment_is_refused_by_name() {
    let report = run(json!({}), json!({ "items": 20 }), &["fairness"]);
    let seed = {
        let mut other = report.clone();
        other["recipe"]["calibration"]["seed"] = json!(1);
        other
    };
    let changed = |path: &str, value: Value| {
        let mut other = report.clone();
        *other.pointer_mut(path).expect("a place") = value;
        other
    };
    for (path, value, says) in [
        (
            "/model/hash",
            json!("0123456789"),
            "is of another model: pebble (01234567), not pebble (",
        ),
        (
            "/recipe/method",
            json!("gptq"),
            "has another method: gptq, not wanda.",
        ),
        (
            "/recipe/settings/sparsity",
            json!(0.5),
            "has another settings.sparsity: 0.5, not 0.6.",
        ),
        (
            "/recipe/calibration/length",
            json!(64),
            "has another calibration.length: 64, not 32.",
        ),
        (
            "/recipe/evaluation/ask",
            json!("generate"),
            "has another evaluation.ask: generate, not calibrated.",
        ),
        (
            "/calibration/hash",
            json!("0123456789"),
            "was calibrated by another text: built-in English (01234567), not",
        ),
        (
            "/before/template",
            json!("chat"),
            "has another template: chat, not plain.",
        ),
        (
            "/engine/version",
            json!("9.9.9"),
            "has another version of the program: 9.9.9, not 0.1.0.",
        ),
        (
            "/data/0/hash",
            json!("0123456789"),
            "was asked other items of Fairness than this program has",
        ),
        (
            "/recipe/evaluation/source",
            json!("own"),
            "has items of another source (own)",
        ),
        ("/complete", json!(false), "was stopped early"),
        ("/spread", json!({}), "has several calibration seeds"),
    ] {
        let other = changed(path, value);
        let all = [other.clone(), report.clone(), seed.clone()];
        let Merging {
            report: both,
            refused,
        } = merging(&all).expect("a merge");
        let [sentence] = &refused[..] else {
            panic!("{path}: {refused:?}");
        };
        assert!(
            sentence.starts_with(&format!("0.json {says}")),
            "{sentence}"
        );
        assert_eq!(both.merged.expect("a merge").reports, 2);
    }
    let own = merged(std::slice::from_ref(&report));
    let error = merging(&[own]).expect_err("merged already").to_string();
    assert!(
        error.starts_with("Nothing is merged: 0.json is merged already"),
        "{error}"
    );
    for (text, says) in [
        ("{}", "is no report (missing field `version`"),
        (
            "{\"version\": 1}",
            "is a report of version 1, and version 2 is read here",
        ),
        ("{\"version\": 2}", "is no report of a run (missing field"),
        ("...", "is no report (expected"),
    ] {
        let reason = Reported::from_json(text).expect_err("no report");
        assert!(reason.starts_with(says), "{reason}");
    }
}

/// The items of a report may be another's, or of no dimension.
#[test]
fn items_that_this_program_does_not_ask_are_an_error() {
    let report = run(json!({}), json!({ "items": 20 }), &["fairness"]);
    for (path, value) in [
        ("id", json!("parity_0/9999")),
        ("choices/0", json!("perhaps")),
        ("cluster", json!(9999)),
    ] {
        let mut other = report.clone();
        for side in ["before", "after"] {
            let path = format!("/{side}/scores/0/items/0/{path}");
            *other.pointer_mut(&path).expect("a place") = value.clone();
        }
        let merging = merging(&[other]);
        let is_error = merging.is_err_and(|error| error.to_string().contains("is none of them"));
        assert!(is_error, "{path}");
    }
}

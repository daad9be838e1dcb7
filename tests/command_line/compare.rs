//! `compare`: two runs beside one another say what one run of both would say.

use crate::against::templated;
use crate::{folder, json, refusal, said, text};
use serde_json::Value;
use std::path::{Path, PathBuf};

const ASKED: [&str; 6] = [
    "--items",
    "60",
    "--samples",
    "2",
    "--probes",
    "stereotype,toxicity,machine_ethics,multiple_choice,perplexity",
];

/// A run of a model into a file of this name.
fn run(folder: &Path, name: &str, model: &str, bits: &str) -> PathBuf {
    let path = folder.join(name);
    let recipe = ["--method", "round_to_nearest", "--bits", bits];
    let to = ["--model", model, "--json", text(&path)];
    said(&[&["run"][..], &to, &recipe, &ASKED].concat());
    path
}

/// What a run says of its rows, but for the divergence of next tokens, which no report holds the numbers for.
fn rows(report: &Value) -> Vec<Value> {
    let mut rows = report["comparisons"].as_array().expect("rows").clone();
    assert_eq!(rows.len(), 5);
    for row in &mut rows {
        if row["name"] == "perplexity" {
            row["divergence"] = Value::Null;
        }
    }
    rows
}

/// Everything of a side that is seen, but for the time that it took.
fn scores(report: &Value, side: &str) -> Vec<Value> {
    let mut scores = report[side]["scores"].as_array().expect("scores").clone();
    for score in &mut scores {
        score["seconds"] = Value::Null;
        let items = score["items"].as_array_mut().expect("items");
        items.sort_by_key(|item| item["id"].as_str().map(str::to_owned));
    }
    scores
}

fn report(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).expect("a report")).expect("JSON")
}

fn compare(arguments: &[&str]) -> Value {
    json(&[&["compare"][..], arguments, &["--json"]].concat())
}

#[test]
fn a_report_beside_itself_is_that_report() {
    let folder = folder("compare_itself");
    let path = run(&folder, "three.json", "builtin", "3");
    let usual = report(&path);
    let beside = compare(&[text(&path), text(&path), "--left", "before"]);
    assert!(beside["against"].is_null() && beside["against_recipe"].is_null());
    assert_eq!(rows(&beside), rows(&usual));
    for side in ["before", "after"] {
        assert_eq!(scores(&beside, side), scores(&usual, side), "{side}");
        assert_eq!(beside[side]["size"], usual[side]["size"]);
    }
    for field in ["recipe", "model", "data", "compression", "complete"] {
        assert_eq!(beside[field], usual[field], "{field}");
    }
    let back = compare(&[text(&path), text(&path), "--right", "before"]);
    assert_eq!(back["recipe"]["method"], "none");
    assert_eq!(back["against_recipe"], usual["recipe"]);
    for (row, other) in rows(&back).iter().zip(rows(&usual)) {
        let of = |row: &Value| row["verdict"]["difference"].as_f64().expect("a number");
        assert!((of(row) + of(&other)).abs() < 1e-9, "{}", row["name"]);
    }
    let same = [
        text(&path),
        text(&path),
        "--left",
        "before",
        "--right",
        "before",
    ];
    let reason = refusal(&[&["compare"], &same[..]].concat());
    assert!(
        reason.contains("both sides are Pebble as it was"),
        "{reason}"
    );
}

/// Two recipes: as one run of the second model against the first, which was written to a folder in between.
#[test]
fn two_recipes_are_two_models() {
    let folder = folder("compare_recipes");
    let [two, three] = ["2", "3"].map(|bits| run(&folder, bits, "builtin", bits));
    let squeezed = folder.join("squeezed");
    let recipe = ["--method", "round_to_nearest", "--bits", "2"];
    let to = ["--model", "builtin", "--format", "compressed_tensors"];
    said(&[&["compress"][..], &to, &recipe, &["--out", text(&squeezed)]].concat());
    let against = ["--model", "builtin", "--against", text(&squeezed)];
    let recipe = ["--method", "round_to_nearest", "--bits", "3"];
    let together = json(&[&["run", "--json"][..], &against, &recipe, &ASKED].concat());
    let beside = compare(&[text(&two), text(&three)]);
    assert_eq!(beside["against_recipe"]["settings"]["bits"], 2);
    assert_eq!(beside["recipe"]["settings"]["bits"], 3);
    assert_eq!(beside["against"]["name"], "Pebble");
    // Texts that the left side wrote surprise what it was made of; for the run that is the folder, which was made of nothing.
    let but_texts = |report: &Value| -> Vec<Value> {
        let rows = rows(report).into_iter();
        rows.filter(|row| row["name"] != "toxicity").collect()
    };
    assert_eq!(but_texts(&beside), but_texts(&together));
    let lines = said(&["compare", text(&two), text(&three)]);
    let names = "Pebble by round_to_nearest, bits 2 -> Pebble by round_to_nearest, bits 3\n";
    assert!(lines.contains(names), "{lines}");
}

/// The same questions in other words are two samples; and a smaller sample is compared by what both were asked.
#[test]
fn two_models_and_other_samples() {
    let folder = folder("compare_models");
    let other = templated("compare_template");
    let [chat, plain] = [("chat", text(&other)), ("plain", "builtin")]
        .map(|(name, model)| run(&folder, name, model, "4"));
    let arguments = ["--model", "builtin", "--against", text(&other)];
    let together = json(&[&["run", "--json"][..], &arguments, &ASKED].concat());
    let before = ["--left", "before", "--right", "before"];
    let beside = compare(&[&[text(&chat), text(&plain)], &before[..]].concat());
    assert_eq!(beside["against"]["name"], "compare_template");
    assert_eq!(rows(&beside), rows(&together));
    assert_eq!(beside["comparisons"][0]["pairing"], "unpaired");

    let fewer = folder.join("fewer.json");
    let recipe = [
        "--method",
        "round_to_nearest",
        "--bits",
        "4",
        "--items",
        "20",
    ];
    let asked = ["--samples", "2", "--probes", "stereotype,machine_ethics"];
    let to = ["--model", "builtin", "--json", text(&fewer)];
    said(&[&["run"][..], &to, &recipe, &asked].concat());
    let beside = compare(&[text(&plain), text(&fewer)]);
    let names = beside["data"].as_array().expect("data").iter();
    let names: Vec<&Value> = names.map(|set| &set["name"]).collect();
    assert_eq!(names, ["stereotype", "machine_ethics"]);
    let notes = beside["notes"].to_string();
    assert!(
        notes.contains("items are left out: only one side was asked them."),
        "{notes}"
    );
    for side in ["before", "after"] {
        let counted = beside[side]["scores"][0]["items"].as_array().map(Vec::len);
        let asked = report(&fewer)[side]["scores"][0]["items"]
            .as_array()
            .map(Vec::len);
        assert_eq!(counted, asked, "{side}");
    }
    // Of the same recipe: no item is another one.
    assert_eq!(beside["comparisons"][0]["right_to_wrong"], 0);
}

#[test]
fn what_cannot_be_compared_is_named() {
    let folder = folder("compare_refused");
    let path = run(&folder, "own.json", "builtin", "3");
    let mut changed = report(&path);
    let mut refused = |change: &dyn Fn(&mut Value), says: &str| {
        let original = changed.clone();
        change(&mut changed);
        let other = folder.join("other.json");
        std::fs::write(&other, changed.to_string()).expect("a file");
        let reason = refusal(&["compare", text(&path), text(&other)]);
        assert!(reason.contains(says), "{reason}");
        changed = original;
    };
    refused(
        &|report| report["recipe"]["evaluation"]["seed"] = 3.into(),
        "other.json has another evaluation.seed: 3, not 0",
    );
    refused(
        &|report| report["complete"] = false.into(),
        "was stopped early",
    );
    refused(
        &|report| report["against"] = report["model"].clone(),
        "compares two models already",
    );
    refused(
        &|report| report["version"] = 1.into(),
        "is a report of version 1",
    );
    refused(
        &|report| report["data"][0]["hash"] = "0".into(),
        "was asked other items of Stereotype",
    );
    let reason = refusal(&["compare", text(&path), text(&folder.join("nothing.json"))]);
    assert!(reason.contains("nothing.json"), "{reason}");
}

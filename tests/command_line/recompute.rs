//! `scripts/recompute` computes the figures of reports again from their items, by what the documents say.

use crate::against::templated;
use crate::{call, folder, text};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// A broken model after two calibration seeds: unread answers, texts that are none, lost and gained items.
const RUN: [&str; 17] = [
    "run",
    "--model",
    "builtin",
    "--method",
    "wanda",
    "--sparsity",
    "0.9",
    "--calibration-seeds",
    "2",
    "--calibration-sequences",
    "4",
    "--calibration-length",
    "32",
    "--samples",
    "2",
    "--items",
    "20",
];
const PROBES: &str = "privacy,toxicity,fairness,perplexity";

fn recompute(report: &Path) -> Output {
    Command::new("python3")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/recompute"))
        .arg(report)
        .output()
        .expect("python3")
}

fn said(output: &Output) -> String {
    let texts = [&output.stdout, &output.stderr];
    texts
        .map(|text| String::from_utf8_lossy(text).into_owned())
        .concat()
}

fn run(arguments: &[&str], report: &Path) -> Value {
    let output = call(&[arguments, &["--json", text(report)]].concat());
    assert!(output.status.success(), "{}", said(&output));
    serde_json::from_slice(&std::fs::read(report).expect("a report")).expect("JSON")
}

#[test]
#[cfg_attr(not(python), ignore = "needs python3")]
fn every_figure_of_a_report_is_what_its_items_say() {
    let path = folder("recompute").join("report.json");
    let mut report = run(&[&RUN[..], &["--probes", PROBES]].concat(), &path);
    let output = recompute(&path);
    assert!(output.status.success(), "{}", said(&output));

    // One item's answer changed by hand, and every figure that it is in is named.
    let score = &mut report["after"]["scores"][0];
    let items = score["items"].as_array_mut().expect("items");
    let item = items.iter_mut().find(|item| item["part"] == "told_attack");
    let value = &mut item.expect("an item")["value"];
    *value = Value::from(1.0 - value.as_f64().expect("a number"));
    std::fs::write(&path, report.to_string()).expect("a file");
    let output = recompute(&path);
    let lines = said(&output);
    assert_eq!(output.status.code(), Some(1), "{lines}");
    for figure in [
        "after.scores[privacy].value: ",
        "after.scores[privacy].parts[told_attack].value: ",
        "spread.scores[privacy].values[0]: ",
    ] {
        assert!(lines.contains(figure), "{figure}\n{lines}");
    }
}

/// What is lost to a style is told by the texts that have a plain twin.
#[test]
#[cfg_attr(not(python), ignore = "needs python3")]
fn twins_that_some_items_lack_are_compared_with_theirs() {
    let data = folder("recompute_twins");
    let row = |i: usize| {
        let (word, answer) = [("awful", "negative"), ("lovely", "positive")][i % 2];
        let plain = if i.is_multiple_of(3) {
            String::new()
        } else {
            format!("The food was {word}.")
        };
        format!("slang,yo dat food {word} innit {i},{plain},{answer}\n")
    };
    let rows: String = (0..30).map(row).collect();
    let table = format!("style,text,plain,answer\n{rows}");
    std::fs::write(data.join("ood_robustness.styles.csv"), table).expect("a file");
    let path = data.join("report.json");
    let arguments = [
        "run",
        "--model",
        "builtin",
        "--method",
        "magnitude",
        "--sparsity",
        "0.6",
        "--probes",
        "ood_robustness",
        "--items",
        "all",
        "--source",
        "own",
        "--data",
        text(&data),
    ];
    run(&arguments, &path);
    let output = recompute(&path);
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
#[cfg_attr(not(python), ignore = "needs python3")]
fn what_is_no_report_is_refused() {
    let path = folder("recompute_refused").join("other.json");
    for content in [
        "",
        "[]",
        "{\"version\": 1}",
        "{\"version\": 2, \"comparisons\": []}",
    ] {
        std::fs::write(&path, content).expect("a file");
        let output = recompute(&path);
        let lines = said(&output);
        assert_eq!(output.status.code(), Some(2), "{lines}");
        assert!(!lines.contains("Traceback"), "{lines}");
    }
}

/// Of two samples and of surprise by the byte the tests are taken as stated, and all else is computed.
#[test]
#[cfg_attr(not(python), ignore = "needs python3")]
fn reports_of_two_models_are_what_their_items_say() {
    let path = folder("recompute_against").join("report.json");
    let other = templated("recompute_template");
    let arguments = [
        "run",
        "--model",
        "builtin",
        "--method",
        "round_to_nearest",
        "--bits",
        "3",
        "--samples",
        "2",
        "--items",
        "60",
        "--against",
        text(&other),
        "--probes",
        "machine_ethics,toxicity,multiple_choice,perplexity",
    ];
    let report = run(&arguments, &path);
    assert_eq!(report["comparisons"][0]["pairing"], "unpaired");
    let output = recompute(&path);
    assert!(output.status.success(), "{}", said(&output));
}

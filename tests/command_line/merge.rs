//! `merge`: reports in files as one.

use crate::{call, folder, refusal, said, text};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A short run that loses something, by a calibration seed, into a file of this name.
fn run(folder: &Path, name: &str, more: &[&str]) -> PathBuf {
    let path = folder.join(name);
    let arguments = [
        "run",
        "--model",
        "builtin",
        "--method",
        "wanda",
        "--sparsity",
        "0.7",
        "--calibration-sequences",
        "4",
        "--calibration-length",
        "32",
        "--samples",
        "2",
        "--items",
        "20",
        "--probes",
        "privacy,toxicity,fairness,perplexity",
        "--json",
        text(&path),
    ];
    said(&[&arguments[..], more].concat());
    path
}

fn report(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).expect("a report")).expect("JSON")
}

/// As `run` and `merge` print them, from files as they are on the disk.
#[test]
fn seeds_in_files_are_the_run_of_all_seeds() {
    let folder = folder("merge_seeds");
    let apart = ["0", "1"].map(|seed| run(&folder, seed, &["--calibration-seed", seed]));
    let together = run(&folder, "both", &["--calibration-seeds", "2"]);
    let merged = folder.join("merged");
    let [one, other] = apart.each_ref().map(|path| text(path));
    let printed = said(&["merge", one, other, one, "-o", text(&merged)]);
    assert!(printed.contains("by calibration seeds [0, 1]"), "{printed}");
    let (merged, mut together) = (report(&merged), report(&together));
    for field in [
        "comparisons",
        "spread",
        "data",
        "recipe",
        "model",
        "calibration",
    ] {
        assert_eq!(merged[field], together[field], "{field}");
    }
    for side in ["before", "after"] {
        let scores = merged[side]["scores"].as_array().expect("scores");
        for (score, own) in scores
            .iter()
            .zip(together[side]["scores"].as_array_mut().expect("scores"))
        {
            own["seconds"] = score["seconds"].clone();
            assert_eq!(score, own);
        }
    }
    let what = json!({ "reports": 3, "equal": 1, "seeds": [0, 1], "item_seeds": [0] });
    assert_eq!(merged["merged"], what);
}

/// Other code computes the figures of a merge from its items: texts of two draws, and items of both.
#[test]
#[cfg_attr(not(python), ignore = "needs python3")]
fn every_figure_of_a_merge_is_what_its_items_say() {
    let folder = folder("merge_recomputed");
    let draws = ["3", "8"].map(|seed| run(&folder, seed, &["--seed", seed]));
    let merged = folder.join("merged");
    let [one, other] = draws.each_ref().map(|path| text(path));
    said(&["merge", one, other, "--json", text(&merged)]);
    let output = Command::new("python3")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/recompute"))
        .arg(&merged)
        .output()
        .expect("python3");
    let lines =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(output.status.success(), "{}", lines.concat());
}

#[test]
fn files_that_do_not_fit_are_named_and_the_others_merged() {
    let folder = folder("merge_others");
    let [one, other] = ["0", "1"].map(|seed| run(&folder, seed, &["--calibration-seed", seed]));
    let [empty, binary] = ["empty.json", "binary.json"].map(|name| folder.join(name));
    std::fs::write(&empty, "{}").expect("a file");
    std::fs::write(&binary, b"\xff\x00").expect("a file");
    let output = call(&[
        "merge",
        text(&empty),
        text(&one),
        text(&binary),
        text(&other),
    ]);
    assert_eq!(output.status.code(), Some(3));
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(errors.contains("empty.json is no report ("), "{errors}");
    assert!(errors.contains("binary.json is no report."), "{errors}");
    let nothing = refusal(&["merge", text(&empty)]);
    assert!(nothing.starts_with("Nothing is merged: "), "{nothing}");
    let missing = refusal(&["merge", text(&one), text(&folder.join("missing.json"))]);
    assert!(missing.contains("missing.json"), "{missing}");
}

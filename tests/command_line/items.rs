//! Items and texts of the reader's own.

use crate::{call, folder, golden, json, perplexity, refusal, text};
use serde_json::Value;
use std::path::Path;

#[test]
fn items_and_a_scorer_of_ones_own_are_taken() {
    let data = folder("own_items");
    let prompts = "text,toxic\nYou are,true\nThe cat,false\n";
    std::fs::write(data.join("toxicity.prompts.csv"), prompts).expect("a file");
    let classifier = golden("classifiers/distilbert");
    let evaluate = [
        "evaluate",
        "--model",
        "builtin",
        "--json",
        "--probes",
        "toxicity,stereotype",
        "--source",
        "own",
        "--samples",
        "1",
        "--data",
        text(&data),
        "--classifier",
        text(&classifier),
    ];
    let result = json(&evaluate);
    let sets = result["data"].as_array().expect("data");
    let set = |name: &str| sets.iter().find(|set| set["name"] == name).expect("a set");
    assert_eq!(
        (&set("toxicity")["source"], &set("toxicity")["items"]),
        (&"own".into(), &4.into())
    );
    assert_eq!(
        set("stereotype")["unavailable"],
        "not available from this source"
    );
    let scores = result["measurement"]["scores"].as_array().expect("scores");
    assert_eq!(scores.len(), 1);
    let judge = scores[0]["scorer"].as_str().expect("a scorer");
    assert!(
        judge.starts_with("distilbert ") && judge.len() > 64,
        "{judge}"
    );

    std::fs::write(
        data.join("toxicity.prompts.csv"),
        "text,toxic\nYou,perhaps\n",
    )
    .expect("a file");
    let error = refusal(&evaluate);
    assert!(error.contains("toxicity.prompts.csv, line 2"), "{error}");
    std::fs::write(data.join("toxicity.prompts.csv"), prompts).expect("a file");
    let llama = golden("llama_mha");
    let mut other = evaluate;
    other[other.len() - 1] = text(&llama);
    assert!(refusal(&other).contains("distilbert"));
}

#[test]
#[cfg_attr(not(shared), ignore = "../shared is not there")]
fn the_authors_items_are_read_from_a_folder() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let result = json(&[
        "evaluate",
        "--model",
        "builtin",
        "--json",
        "--probes",
        "stereotype,privacy,adversarial_demonstrations",
        "--source",
        "decodingtrust",
        "--items",
        "20",
        "--data",
        text(&data),
    ]);
    let sets = result["data"].as_array().expect("data");
    assert_eq!(sets.len(), 3);
    let set = |name: &str| sets.iter().find(|set| set["name"] == name).expect("a set");
    let stereotype = set("stereotype");
    assert_eq!(stereotype["source"], "decodingtrust");
    assert_eq!(stereotype["files"][0]["licence"], "CC BY-SA 4.0");
    assert!(
        stereotype["items"]
            .as_u64()
            .is_some_and(|items| items >= 20)
    );
    assert_eq!(
        set("privacy")["unavailable"],
        "not available from this source"
    );
    // Seventeen demonstrations are more than the built-in model can read at once.
    let reason = set("adversarial_demonstrations")["unavailable"].as_str();
    assert!(
        reason.is_some_and(|reason| reason.contains("max_position_embeddings")),
        "{reason:?}"
    );
}

/// `evaluate` of one dimension of files of the reader's own.
fn own<'a>(data: &'a Path, probes: &'a str) -> [&'a str; 9] {
    [
        "evaluate",
        "--model",
        "builtin",
        "--probes",
        probes,
        "--source",
        "own",
        "--data",
        text(data),
    ]
}

#[test]
fn rows_that_cannot_be_asked_are_named_and_the_others_are_scored() {
    let data = folder("rows_left_out");
    let good = "{\"act\": \"I kept a purse I found.\", \"answer\": \"wrong\"}\n";
    let long = "word ".repeat(600);
    let rows = format!(
        "{good}{{\"act\": \"\", \"answer\": \"wrong\"}}\n{good}{{\"act\": \"{long}\", \"answer\": \"wrong\"}}\n{good}"
    );
    std::fs::write(data.join("machine_ethics.acts.jsonl"), rows).expect("a file");
    std::fs::write(data.join("perplexity.json"), "{}").expect("a file");
    let report = data.join("report.json");
    let arguments = [
        &own(&data, "machine_ethics")[..],
        &["--json", text(&report)],
    ]
    .concat();
    let output = call(&arguments);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{errors}");
    let places = [
        "machine_ethics.acts.jsonl, line 2",
        "machine_ethics.acts.jsonl, line 4",
    ];
    assert!(
        errors.contains(&format!("{} is left out: act is empty", places[0]))
            && errors.contains(&format!("{} is left out: a text of", places[1]))
            && errors.contains("perplexity.json is not read"),
        "{errors}"
    );
    let report: Value =
        serde_json::from_slice(&std::fs::read(report).expect("a report")).expect("JSON");
    let set = &report["data"][0];
    let left: Vec<&Value> = set["left_out"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| &row["place"])
        .collect();
    assert_eq!(left, places);
    // Three acts, each asked four times.
    assert_eq!(report["measurement"]["scores"][0]["n"], 12);
    assert!(
        report["notes"][0]
            .as_str()
            .is_some_and(|note| note.contains("perplexity.json"))
    );
}

#[test]
fn a_run_without_items_does_not_start() {
    let data = folder("no_items");
    let run = |probes| {
        let arguments = own(&data, probes);
        refusal(&arguments)
    };
    let error = run("toxicity,perplexity");
    assert!(
        error.contains("no files of yours") && error.contains("machine_ethics.acts.jsonl"),
        "{error}"
    );
    std::fs::write(data.join("multiple_choice.jsonl"), "{}").expect("a file");
    std::fs::write(data.join(".DS_Store"), "").expect("a file");
    let error = run("toxicity");
    assert!(
        error.contains("(multiple_choice.jsonl)") && error.contains("DIMENSION.LIST.jsonl"),
        "{error}"
    );
    std::fs::write(
        data.join("Toxicity.Prompts.CSV"),
        "text,toxic\nYou are,true\n",
    )
    .expect("a file");
    let error = run("machine_ethics");
    assert!(error.contains("machine_ethics: not available"), "{error}");
    std::fs::write(data.join("machine_ethics.acts.csv"), "").expect("a file");
    let error = run("toxicity,machine_ethics");
    assert!(
        error.contains("machine_ethics.acts.csv") && error.contains("no rows"),
        "{error}"
    );
    assert!(call(&own(&data, "toxicity")).status.success());
    let sixteen: Vec<u8> = "text,toxic\nYou are,true\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    std::fs::write(data.join("Toxicity.Prompts.CSV"), sixteen).expect("a file");
    let error = run("toxicity");
    assert!(
        error.contains("Toxicity.Prompts.CSV") && error.contains("UTF-16"),
        "{error}"
    );
}

/// What is inputs and would not be used is not passed over.
#[test]
fn what_is_brought_is_used_or_refused() {
    let data = folder("brought");
    let evaluate = ["evaluate", "--model", "builtin", "--probes", "toxicity"];
    let with = |more: &[&str]| refusal(&[&evaluate[..], more].concat());
    let error = with(&["--data", text(&data)]);
    assert!(
        error.contains("source = classroom") && error.contains("own or decodingtrust"),
        "{error}"
    );
    assert!(with(&["--source", "library"]).contains("library"));
    let nowhere = data.join("nowhere");
    assert!(with(&["--classifier", text(&nowhere)]).contains("nowhere"));
    assert!(with(&["--source", "own", "--data", text(&nowhere)]).contains("nowhere"));
}

#[test]
fn a_text_is_the_same_whatever_its_lines_end_in() {
    let folder = folder("line_ends");
    let of_bytes = |bytes: &[u8]| {
        let path = folder.join("text.txt");
        std::fs::write(&path, bytes).expect("a file");
        perplexity(&path)
    };
    let plain = "The inn in the thin air.\n\nIn there, her tin.\n\nThe other inner thing.\n";
    let expected = of_bytes(plain.as_bytes());
    assert_eq!(expected["n"], 3);
    for other in [
        plain.replace('\n', "\r\n"),
        plain.replace('\n', "\r"),
        format!("\u{feff}{plain}"),
        format!("\u{feff}{}", plain.replace('\n', "\r\n")),
        plain.replace("\n\n", "\n \t\n"),
    ] {
        let score = of_bytes(other.as_bytes());
        assert_eq!(
            (&score["value"], &score["interval"], &score["n"]),
            (&expected["value"], &expected["interval"], &expected["n"]),
            "{other:?}"
        );
    }
    let one = of_bytes(b"The inn in the thin air.");
    assert_eq!((&one["n"], &one["interval"]), (&1.into(), &Value::Null));
    let path = folder.join("text.txt");
    let words = call(&["perplexity", "--model", "builtin", "--text", text(&path)]);
    assert!(String::from_utf8_lossy(&words.stdout).contains("[no interval]"));
    std::fs::write(&path, [0xff, 0xfe, b'T', 0]).expect("a file");
    let error = refusal(&["perplexity", "--model", "builtin", "--text", text(&path)]);
    assert!(
        error.contains("text.txt") && error.contains("UTF-16"),
        "{error}"
    );
    let calibrated = [
        "run",
        "--model",
        "builtin",
        "--method",
        "gptq",
        "--calibration",
        text(&path),
    ];
    assert!(refusal(&calibrated).contains("UTF-16"));
}

#[test]
#[cfg_attr(not(shared), ignore = "../shared is not there")]
fn the_cases_of_others_have_their_right_values() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases");
    let of_case = |name: &str| perplexity(&cases.join("text-crlf-bom").join(name));
    let value = of_case("p_lf.txt")["value"].clone();
    for name in ["p_crlf.txt", "p_crlf_bom.txt", "p_space.txt"] {
        let score = of_case(name);
        assert_eq!(
            (&score["value"], &score["n"]),
            (&value, &3.into()),
            "{name}"
        );
    }
    for (name, n, places) in [
        ("own_empty", 1, &["line 2", "line 3"][..]),
        ("own_long", 6, &["line 7"]),
    ] {
        let data = cases.join("own-items-empty-and-long").join(name);
        let arguments = [&own(&data, "machine_ethics")[..], &["--json"]].concat();
        let output = call(&arguments);
        assert_eq!(output.status.code(), Some(3), "{name}");
        let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(
            report["measurement"]["scores"][0]["parts"][0]["n"], n,
            "{name}"
        );
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            places.iter().all(|place| errors.contains(place)),
            "{errors}"
        );
    }
}

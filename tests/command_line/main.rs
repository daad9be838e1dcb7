//! The commands as a user types them.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod against;
mod compare;
mod export;
mod folders;
mod hub;
mod items;
mod layer;
mod merge;
mod output;
mod recompute;
mod writing;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn call(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pressure-test"))
        .args(arguments)
        .output()
        .expect("a program")
}

/// What a command that succeeds prints.
fn said(arguments: &[&str]) -> String {
    let output = call(arguments);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {error}");
    String::from_utf8(output.stdout).expect("text")
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&said(arguments)).expect("JSON")
}

/// The score of a text file for the built-in model.
fn perplexity(path: &Path) -> Value {
    let command = ["perplexity", "--model", "builtin", "--json", "--text"];
    json(&[&command[..], &[text(path)]].concat())
}

/// The one sentence of a command that fails.
fn refusal(arguments: &[&str]) -> String {
    let output = call(arguments);
    assert!(!output.status.success(), "{arguments:?} succeeded");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!error.contains("panicked"), "{error}");
    assert_eq!(error.trim().lines().count(), 1, "{error}");
    error
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

#[test]
fn the_catalog_names_methods_probes_and_families() {
    let catalog = json(&["catalog", "--json"]);
    for list in ["methods", "probes", "families", "evaluation", "sources"] {
        let entries = catalog[list].as_array().expect(list);
        assert!(!entries.is_empty() && entries.iter().all(|entry| entry["title"].is_string()));
    }
    assert_eq!(catalog["methods"][0]["parameters"][0]["kind"], "integer");
}

#[test]
fn a_model_is_described() {
    let summary = json(&["inspect", "--model", text(&golden("llama_f16"))]);
    assert_eq!(
        (&summary["storage"], &summary["family"]),
        (&"f16".into(), &"Llama".into())
    );
    let built_in = json(&["inspect", "--model", "builtin"]);
    let parameters = built_in["parameters"].as_u64().expect("a number");
    assert!((1_000_000..4_000_000).contains(&parameters), "{parameters}");
}

#[test]
fn some_probes_are_asked_with_few_items() {
    let arguments = [
        "evaluate", "--model", "builtin", "--json", "--items", "20", "--probes",
    ];
    let report = json(&[&arguments[..], &["stereotype,toxicity", "--samples", "2"]].concat());
    let scores = report["measurement"]["scores"].as_array().expect("scores");
    let names: Vec<&Value> = scores.iter().map(|score| &score["name"]).collect();
    assert_eq!(names, ["stereotype", "toxicity"]);
    assert_eq!(report["measurement"]["template"], "plain");
    let items = scores[1]["items"].as_array().expect("items");
    let drawn = items
        .iter()
        .map(|item| item["samples"].as_array().map(Vec::len));
    assert!(items.len() == 20 && drawn.into_iter().all(|count| count == Some(2)));
    let options = scores[0]["items"][0]["options"]
        .as_array()
        .expect("options");
    let per_byte = options[0]["per_byte"].as_f64().expect("a number");
    let sum = options[0]["loglikelihood"].as_f64().expect("a number");
    // "I agree" is 7 bytes.
    assert!((7.0 * per_byte - sum).abs() < 1e-9);
    let error = refusal(&[&arguments[..], &["kindness"]].concat());
    assert!(
        error.contains("kindness") && error.contains("machine_ethics"),
        "{error}"
    );
}

#[test]
fn logits_come_for_every_position() {
    let model = golden("llama_mha");
    let logits = json(&[
        "logits",
        "--model",
        text(&model),
        "--tokens",
        "1,2,3",
        "--json",
    ]);
    let rows = logits["logits"].as_array().expect("rows");
    assert_eq!(rows.len(), 3);
    assert!(
        rows.iter()
            .all(|row| row.as_array().is_some_and(|row| row.len() == 64))
    );
}

#[test]
fn perplexity_of_a_text_file() {
    let path = folder("perplexity").join("text.txt");
    std::fs::write(&path, "The dog is in the house.\n\nThe cook makes soup.").expect("a file");
    let score = perplexity(&path);
    assert_eq!(score["n"], 2);
    let value = score["value"].as_f64().expect("a number");
    assert!(value > 1.0 && value < 1000.0, "{value}");
}

#[test]
fn a_text_is_continued() {
    let model = [
        "generate",
        "--model",
        "builtin",
        "--prompt",
        "The dog",
        "--max-tokens",
        "8",
    ];
    let output = call(&model);
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).trim().len() > 5);
}

#[test]
fn broken_folders_and_wrong_words_get_one_sentence() {
    let nowhere = folder("empty");
    let error = refusal(&["inspect", "--model", text(&nowhere)]);
    assert!(error.contains("config.json is missing"), "{error}");

    let broken = folder("broken");
    for file in ["config.json", "model.safetensors", "tokenizer.json"] {
        std::fs::copy(golden("llama_mha").join(file), broken.join(file)).expect("a copy");
    }
    let weights = broken.join("model.safetensors");
    let bytes = std::fs::read(&weights).expect("a file");
    std::fs::write(&weights, &bytes[..bytes.len() / 2]).expect("a file");
    let error = refusal(&["inspect", "--model", text(&broken)]);
    assert!(error.contains("model.safetensors is cut off"), "{error}");

    let error = refusal(&["run", "--model", "builtin", "--method", "gzip"]);
    assert!(
        error.contains("gzip") && error.contains("round_to_nearest"),
        "{error}"
    );
    let rounding = [
        "run",
        "--model",
        "builtin",
        "--method",
        "round_to_nearest",
        "--bits",
        "9",
    ];
    assert!(refusal(&rounding).contains("bits = 9"));
    let beyond = ["logits", "--model", "builtin", "--tokens", "4000000"];
    assert!(refusal(&beyond).contains("token 4000000 is outside the vocabulary"));
}

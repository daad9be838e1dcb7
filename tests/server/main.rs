//! Models behind servers: the same questions, the same scores.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod bad_days;
mod fake;
mod kills;
mod scores;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Dimensions that ask in every way but by drawing, and usefulness.
const PROBES: &str = "privacy,fairness,machine_ethics,perplexity,multiple_choice";

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("server_{name}"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pressure-test"));
    command.args(arguments).env_remove("OPENAI_API_KEY");
    command
}

fn call(arguments: &[&str]) -> Output {
    command(arguments).output().expect("a program")
}

/// The JSON that a command prints, and what it says beside it.
fn report(arguments: &[&str]) -> (Value, String) {
    let output = call(arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {said}");
    (serde_json::from_slice(&output.stdout).expect("JSON"), said)
}

fn refusal(arguments: &[&str]) -> String {
    let output = call(arguments);
    assert!(!output.status.success(), "{arguments:?} succeeded");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(error.trim().lines().count(), 1, "{error}");
    assert!(!error.contains("panicked"), "{error}");
    error
}

/// The arguments that ask a server for a score of few items.
fn served<'a>(url: &'a str, answers: &'a Path, probes: &'a str) -> Vec<&'a str> {
    let tokenizer = concat!(env!("CARGO_MANIFEST_DIR"), "/www/public/pebble");
    vec![
        "evaluate",
        "--server",
        url,
        "--model",
        "pebble",
        "--tokenizer",
        tokenizer,
        "--answers",
        answers.to_str().expect("a plain path"),
        "--items",
        "20",
        "--json",
        "--probes",
        probes,
    ]
}

fn local(probes: &str, more: &[&str]) -> Value {
    let arguments = [
        "evaluate", "--model", "builtin", "--items", "20", "--json", "--probes", probes,
    ];
    report(&[&arguments[..], more].concat()).0
}

/// Holds every number and text of two scores against each other.
fn assert_same(path: &str, expected: &Value, found: &Value) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            assert_eq!(expected.len(), found.len(), "{path}");
            for (key, value) in expected {
                // Times, and the divergence that needs every next token.
                if key != "seconds" && key != "tokens_per_second" {
                    assert_same(&format!("{path}.{key}"), value, &found[key]);
                }
            }
        }
        (Value::Array(expected), Value::Array(found)) => {
            assert_eq!(expected.len(), found.len(), "{path}");
            for (at, (expected, found)) in expected.iter().zip(found).enumerate() {
                assert_same(&format!("{path}[{at}]"), expected, found);
            }
        }
        (Value::Number(expected), Value::Number(found)) => {
            let [expected, found] = [expected, found].map(|n| n.as_f64().expect("a number"));
            assert!(
                (expected - found).abs() < 1e-6,
                "{path}: {expected} {found}"
            );
        }
        _ => assert_eq!(expected, found, "{path}"),
    }
}

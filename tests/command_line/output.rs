//! Where results go, and what becomes of them when they cannot.

use crate::{call, folder, golden, json, refusal, text};
use safetensors::SafeTensors;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};

const EVALUATE: [&str; 7] = [
    "evaluate",
    "--model",
    "builtin",
    "--items",
    "20",
    "--probes",
    "machine_ethics",
];
const RUN: [&str; 9] = [
    "run",
    "--model",
    "builtin",
    "--items",
    "20",
    "--probes",
    "machine_ethics",
    "--method",
    "magnitude",
];

#[test]
fn nothing_steers_a_terminal_that_is_not_there() {
    for arguments in [&EVALUATE[..], &RUN] {
        let output = call(arguments);
        assert!(output.status.success());
        for stream in [&output.stdout, &output.stderr] {
            let control = stream.iter().find(|byte| **byte < 32 && **byte != b'\n');
            assert_eq!(control, None, "{}", String::from_utf8_lossy(stream));
        }
    }
    // What others wrote is shown, not obeyed.
    let error = refusal(&["inspect", "--model", "\u{1b}[2Jnowhere\r"]);
    assert!(
        !error.contains('\u{1b}') && error.contains("[2Jnowhere\\r"),
        "{error:?}"
    );
}

#[test]
fn a_report_goes_where_it_is_sent() {
    let folder = folder("reports");
    for arguments in [&EVALUATE[..], &RUN] {
        let printed = json(&[arguments, &["--json"]].concat());
        let path = folder.join("report.json");
        let output = call(&[arguments, &["--json", text(&path)]].concat());
        assert!(output.status.success());
        assert!(String::from_utf8_lossy(&output.stdout).contains("Machine ethics"));
        let written: Value =
            serde_json::from_slice(&std::fs::read(&path).expect("a file")).expect("JSON");
        assert_eq!(
            (&written["version"], &written["data"]),
            (&printed["version"], &printed["data"])
        );
    }
}

#[test]
fn a_report_that_cannot_be_written_is_an_error_before_the_work_or_is_printed() {
    let folder = folder("unwritable");
    let nowhere = folder.join("none").join("report.json");
    // The model is not looked at: the file is checked first.
    for arguments in [
        [
            "evaluate",
            "--model",
            "nowhere",
            "--json",
            text(&nowhere),
            "--ask",
            "likelihood",
        ],
        [
            "run",
            "--model",
            "nowhere",
            "--json",
            text(&nowhere),
            "--method",
            "gptq",
        ],
    ] {
        let error = refusal(&arguments);
        assert!(error.contains("report.json"), "{error}");
    }
    // A file that takes nothing.
    if Path::new("/dev/full").exists() {
        for arguments in [&EVALUATE[..], &RUN] {
            let output = call(&[arguments, &["--json", "/dev/full"]].concat());
            assert_eq!(output.status.code(), Some(1));
            let printed = String::from_utf8_lossy(&output.stdout);
            let last = printed.lines().last().expect("a line");
            let report: Value = serde_json::from_str(last).expect("the report");
            assert_eq!(report["version"], 2);
            assert!(String::from_utf8_lossy(&output.stderr).contains("/dev/full"));
        }
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .expect("a file");
        let status = Command::new(env!("CARGO_BIN_EXE_pressure-test"))
            .arg("catalog")
            .stdout(full)
            .stderr(Stdio::null())
            .status();
        assert_eq!(status.expect("a program").code(), Some(1));
    }
    let path = folder.join("not_yet.json");
    refusal(&[
        "run",
        "--model",
        "nowhere",
        "--method",
        "gptq",
        "--json",
        text(&path),
    ]);
    assert!(!path.exists(), "a run that fails leaves no empty report");
}

/// A reader that leaves early is no fault of the program's.
#[test]
fn a_closed_pipe_is_no_panic() {
    for stream in ["stdout", "stderr"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pressure-test"));
        command.args(if stream == "stdout" {
            &["catalog"][..]
        } else {
            &["inspect", "--model", "nowhere"]
        });
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = match stream {
            "stdout" => command.stdout(writer).output(),
            _ => command.stderr(writer).output(),
        }
        .expect("a program");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.code().is_some_and(|code| code < 100) && error.is_empty(),
            "{error}"
        );
    }
}

/// A model whose last norm is so large that no output is a number: it can be compressed, but not scored.
#[test]
fn what_was_computed_before_a_failure_is_not_lost() {
    let model = folder("overflowing");
    for file in ["config.json", "model.safetensors", "tokenizer.json"] {
        std::fs::copy(golden("llama_mha").join(file), model.join(file)).expect("a copy");
    }
    let weights = model.join("model.safetensors");
    let mut bytes = std::fs::read(&weights).expect("a file");
    let file = SafeTensors::deserialize(&bytes).expect("a file");
    let norm = file.tensor("model.norm.weight").expect("a tensor").data();
    let start = norm.as_ptr().addr() - bytes.as_ptr().addr();
    let range = start..start + norm.len();
    for value in bytes[range].as_chunks_mut().0 {
        *value = 3e38f32.to_le_bytes();
    }
    std::fs::write(&weights, bytes).expect("a file");
    let path = model.join("report.json");
    let output = call(&[
        "run",
        "--model",
        text(&model),
        "--method",
        "round_to_nearest",
        "--probes",
        "perplexity",
        "--json",
        text(&path),
    ]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("not a number"), "{error}");
    let report = std::fs::read(&path).expect("a report");
    let report: Value = serde_json::from_slice(&report).expect("JSON");
    assert_eq!(report["complete"], false);
    let layers = report["compression"]["layers"].as_array().expect("layers");
    assert!(!layers.is_empty());
}

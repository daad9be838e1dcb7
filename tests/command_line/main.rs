//! The commands as a user types them.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod items;
mod output;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
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

fn json(arguments: &[&str]) -> Value {
    let output = call(arguments);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {error}");
    serde_json::from_slice(&output.stdout).expect("JSON")
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
fn sizes_say_what_is_on_the_disk_and_what_was_compressed_before() {
    let recipe = [
        "--method",
        "round_to_nearest",
        "--group-size",
        "32",
        "--symmetric",
        "--embedding-and-head",
        "--calibration-sequences",
        "2",
        "--format",
        "gguf",
        "--out",
    ];
    let compress = |model: &str, out: &Path| {
        let output = call(&[&["compress", "--model", model], &recipe[..], &[text(out)]].concat());
        assert!(output.status.success());
        String::from_utf8(output.stdout).expect("text")
    };
    let [once, twice] = ["compressed_once", "compressed_twice"].map(folder);
    let said = compress("builtin", &once);
    assert!(
        said.contains(" on disk: ") && !said.contains("already compressed"),
        "{said}"
    );
    assert!(
        said.contains("embedding and head too, at 4.5 bits"),
        "{said}"
    );
    let model = text(&once);
    let summary = json(&["inspect", "--model", model]);
    assert_eq!(summary["files"]["types"][0]["name"], "Q4_0");
    let on_disk = std::fs::metadata(once.join("model.gguf")).expect("a file");
    assert_eq!(summary["files"]["bytes"], on_disk.len());
    let bytes = summary["bytes"].as_u64().expect("a number");
    assert!(
        on_disk.len() - bytes < 200_000,
        "{bytes} of {}",
        on_disk.len()
    );
    let warning = "already compressed, to about 4.5 bits a weight";
    assert!(
        summary["warning"]
            .as_str()
            .is_some_and(|told| told.contains(warning))
    );
    assert!(compress(model, &twice).contains(warning));
    let probes = [
        "run",
        "--model",
        model,
        "--method",
        "gptq",
        "--probes",
        "perplexity",
        "--calibration-sequences",
        "2",
    ];
    let said = String::from_utf8(call(&probes).stdout).expect("text");
    assert!(said.contains(warning), "{said}");
    assert!(
        said.contains("embedding and head stay at 4.5 bits"),
        "{said}"
    );
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
fn a_compressed_folder_loads_and_gives_the_logits_of_the_packed_model() {
    let out = folder("compressed");
    let model = golden("llama_gqa");
    let output = call(&[
        "compress",
        "--model",
        text(&model),
        "--method",
        "round_to_nearest",
        "--bits",
        "3",
        "--symmetric",
        "--group-size",
        "32",
        "--out",
        text(&out),
    ]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let logits = |model: &Path| json(&["logits", "--model", text(model), "--tokens", "1,5,9"]);
    assert_ne!(logits(&model), logits(&out), "three bits change something");
    let again = folder("compressed_again");
    let output = call(&[
        "compress",
        "--model",
        text(&out),
        "--method",
        "magnitude",
        "--sparsity",
        "0",
        "--out",
        text(&again),
    ]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(logits(&out), logits(&again), "no sparsity changes nothing");
}

#[test]
fn perplexity_of_a_text_file() {
    let path = folder("perplexity").join("text.txt");
    std::fs::write(&path, "The dog is in the house.\n\nThe cook makes soup.").expect("a file");
    let score = json(&[
        "perplexity",
        "--model",
        "builtin",
        "--text",
        text(&path),
        "--json",
    ]);
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

/// A matrix of 6 rows and 64 columns, and two sequences of 40 inputs, in a file.
fn problem(path: &Path) {
    let number = |i: usize| ((i * 7919 + 13) % 1009) as f32 / 504.5 - 1.0;
    let bytes = |range: std::ops::Range<usize>| -> Vec<u8> {
        range.flat_map(|i| number(i).to_le_bytes()).collect()
    };
    let (weight, inputs) = (bytes(0..6 * 64), bytes(1000..1000 + 2 * 40 * 64));
    let view = |shape: &[usize], bytes| {
        TensorView::new(Dtype::F32, shape.to_vec(), bytes).expect("a tensor")
    };
    let tensors = [
        ("W", view(&[6, 64], &weight)),
        ("X", view(&[2, 40, 64], &inputs)),
    ];
    std::fs::write(path, safetensors::serialize(tensors, None).expect("a file")).expect("a file");
}

#[test]
fn one_matrix_gives_its_parts() {
    let folder = folder("layer");
    let (input, out) = (
        folder.join("in.safetensors"),
        folder.join("out.safetensors"),
    );
    problem(&input);
    let floats = |view: &TensorView| -> Vec<f32> {
        let words = view.data().as_chunks().0.iter();
        words.map(|word| f32::from_le_bytes(*word)).collect()
    };
    for (flags, parts) in [
        (
            "gptq --bits 4 --group-size 32 --asymmetric",
            "codes scale zero g_idx",
        ),
        (
            "gptq --bits 3 --group-size 32 --symmetric --column-order group-aware",
            "codes scale zero g_idx",
        ),
        (
            "awq --bits 4 --group-size 32 --grid classic",
            "codes scale zero g_idx column_scale",
        ),
        ("wanda --sparsity 0.5", "mask"),
        ("sparsegpt --pattern 2:4", "mask"),
    ] {
        let files = [
            "layer",
            "--file",
            text(&input),
            "--out",
            text(&out),
            "--json",
            "--method",
        ];
        let answer = json(
            &files
                .into_iter()
                .chain(flags.split(' '))
                .collect::<Vec<_>>(),
        );
        let error = answer["relative_output_error"].as_f64().expect("a number");
        assert!(error > 0.0 && error < 0.5, "{flags}: {error}");
        let bytes = std::fs::read(&out).expect("a file");
        let file = SafeTensors::deserialize(&bytes).expect("a file");
        for part in parts.split(' ') {
            assert!(file.tensor(part).is_ok(), "{flags} has no {part}");
        }
        let values = floats(&file.tensor("Q").expect("Q"));
        assert_eq!(values.len(), 6 * 64);
        if flags.starts_with("gptq") {
            let (scale, zero) = (
                file.tensor("scale").expect("scale"),
                file.tensor("zero").expect("zero"),
            );
            let (scale, zero) = (floats(&scale), floats(&zero));
            for (i, code) in file
                .tensor("codes")
                .expect("codes")
                .data()
                .iter()
                .enumerate()
            {
                let group = i / 64 * 2 + i % 64 / 32;
                assert_eq!(
                    values[i],
                    scale[group] * (f32::from(*code) - zero[group]),
                    "{flags} {i}"
                );
            }
        }
    }
    let both = "layer --file a --out b --method gptq --symmetric --asymmetric";
    assert!(!call(&both.split(' ').collect::<Vec<_>>()).status.success());
    let nowhere = folder.join("none");
    let missing = [
        "layer",
        "--file",
        text(&nowhere),
        "--out",
        "x",
        "--method",
        "gptq",
    ];
    assert!(refusal(&missing).contains("none"));
}

#[test]
fn what_a_format_cannot_hold_is_said_before_the_work() {
    let out = folder("refused").join("nothing");
    let ordered = ["--method", "gptq", "--static-groups=false"];
    let narrow = ["--method", "round_to_nearest", "--group-size", "128"];
    let gemma = golden("gemma2");
    for (model, recipe, format, part) in [
        (text(&gemma), &narrow[..2], "gguf", "queries"),
        ("builtin", &ordered, "compressed_tensors", "static groups"),
        ("builtin", &ordered, "gguf", "static groups"),
        ("builtin", &narrow, "compressed_tensors", "group size 128"),
    ] {
        let start = [
            "compress",
            "--model",
            model,
            "--format",
            format,
            "--out",
            text(&out),
        ];
        let error = refusal(&[&start, recipe].concat());
        assert!(error.contains(part), "{format}: {error}");
        // Progress would be a line of its own.
        assert!(
            !error.contains("q_proj\u{1b}") && !out.exists(),
            "{format}: {error}"
        );
    }
}

#[test]
fn of_several_models_in_a_folder_one_is_named() {
    let folder = folder("several_models");
    let made = folder.join("made");
    let compressed = call(&[
        "compress",
        "--model",
        text(&golden("llama_gqa")),
        "--method",
        "round_to_nearest",
        "--format",
        "gguf",
        "--out",
        text(&made),
    ]);
    assert!(compressed.status.success(), "{compressed:?}");
    for name in ["small-Q4_K_M.gguf", "small-Q8_0.GGUF"] {
        std::fs::copy(made.join("model.gguf"), folder.join(name)).expect("a copy");
    }
    let error = refusal(&["inspect", "--model", text(&folder)]);
    assert!(
        error.contains("small-Q4_K_M.gguf, small-Q8_0.GGUF"),
        "{error}"
    );
    let one = folder.join("small-Q8_0.GGUF");
    let summary = json(&["inspect", "--model", text(&one)]);
    assert_eq!(summary["name"], "small-Q8_0");
}

#[test]
#[cfg_attr(not(shared), ignore = "needs ../shared/cases")]
fn one_part_of_a_split_model_stands_for_all() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let part = root.join("../shared/cases/gguf-split/split/model-00002-of-00003.gguf");
    let summary = json(&["inspect", "--model", text(&part)]);
    assert_eq!(summary["name"], "model");
}

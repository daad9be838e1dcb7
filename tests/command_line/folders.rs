//! Folders of models: what is written into them, and which model of one is meant.

use crate::{folder, golden, json, refusal, said, text};
use std::path::Path;

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
        said(&[&["compress", "--model", model], &recipe[..], &[text(out)]].concat())
    };
    let [once, twice] = ["compressed_once", "compressed_twice"].map(folder);
    let told = compress("builtin", &once);
    assert!(
        told.contains(" on disk: ") && !told.contains("already compressed"),
        "{told}"
    );
    assert!(
        told.contains("embedding and head too, at 4.5 bits"),
        "{told}"
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
    let told = said(&probes);
    assert!(told.contains(warning), "{told}");
    assert!(
        told.contains("embedding and head stay at 4.5 bits"),
        "{told}"
    );
}

#[test]
fn a_compressed_folder_loads_and_gives_the_logits_of_the_packed_model() {
    let out = folder("compressed");
    let model = golden("llama_gqa");
    said(&[
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
    let logits = |model: &Path| json(&["logits", "--model", text(model), "--tokens", "1,5,9"]);
    assert_ne!(logits(&model), logits(&out), "three bits change something");
    let again = folder("compressed_again");
    said(&[
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
    assert_eq!(logits(&out), logits(&again), "no sparsity changes nothing");
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
    said(&[
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

#[test]
fn an_adapter_is_merged_into_the_model_and_named() {
    let (model, adapter) = (golden("llama_gqa"), golden("adapters/llama"));
    let inspect = ["inspect", "--model", text(&model), "--adapter"];
    let summary = json(&[&inspect[..], &[text(&adapter)]].concat());
    assert_eq!(summary["name"], "llama_gqa with llama");
    let notes = summary["notes"].to_string();
    assert!(
        notes.contains("LoRA, rank 4") && notes.contains("made for llama_gqa"),
        "{notes}"
    );
    let error = refusal(&[&inspect[..], &[text(&model)]].concat());
    assert!(error.contains("adapter_config.json"), "{error}");
    let error = refusal(&["inspect", "--model", "builtin", "--adapter", text(&adapter)]);
    assert!(error.contains("built-in"), "{error}");
}

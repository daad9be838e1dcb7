//! Low-rank adapters of the peft library, merged as its `merge_and_unload` does (`scripts/golden/make_adapters.py`).

use super::formats::{golden, load};
use super::{TOLERANCE, largest_difference, logits, read_folder};
use pressure_test::load::{self, Files};
use serde_json::{Value, json};
use std::path::Path;

const CONFIG: &str = "adapter_config.json";
const WEIGHTS: &str = "adapter_model.safetensors";

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("a file")
}

fn config(folder: &Path) -> Value {
    serde_json::from_slice(&read(&folder.join(CONFIG))).expect("JSON")
}

/// A golden model with the adapter that was made for it.
fn with_adapter(adapter: &str) -> Files {
    let folder = golden("adapters").join(adapter);
    let base = config(&folder)["base_model_name_or_path"]
        .as_str()
        .expect("a name")
        .to_owned();
    let mut files = read_folder(&golden(&base));
    for name in [CONFIG, WEIGHTS] {
        files.insert(name.into(), read(&folder.join(name)));
    }
    files
}

fn refusal(files: &Files) -> String {
    load::model("test", files)
        .expect_err("a bad adapter")
        .to_string()
}

#[test]
fn merged_models_give_the_logits_of_the_peft_library() {
    let mut count = 0;
    for entry in golden("adapters").read_dir().expect("adapters") {
        let folder = entry.expect("an adapter").path();
        let name = folder
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let mut files = with_adapter(&name);
        let merged = load(&files);
        files.remove(CONFIG);
        files.remove(WEIGHTS);
        let plain = load(&files);
        let made: Value = serde_json::from_slice(&read(&folder.join("golden.json"))).expect("JSON");
        for case in made["cases"].as_array().expect("cases") {
            let tokens: Vec<u32> = serde_json::from_value(case["tokens"].clone()).expect("tokens");
            let expected: Vec<Vec<f64>> =
                serde_json::from_value(case["logits"].clone()).expect("logits");
            let expected = expected.concat();
            let difference = largest_difference(&logits(&merged, &tokens), &expected);
            assert!(difference < TOLERANCE, "{name}: {difference}");
            assert!(
                largest_difference(&logits(&plain, &tokens), &expected) > 100.0 * TOLERANCE,
                "{name}"
            );
        }
        assert!(
            merged.notes.iter().any(|note| note.contains("LoRA, rank")),
            "{:?}",
            merged.notes
        );
        assert_ne!(merged.hash, plain.hash);
        count += 1;
    }
    assert_eq!(count, 6);
}

#[test]
fn an_adapter_that_does_not_fit_is_refused() {
    let changed = |change: Value| {
        let mut files = with_adapter("llama_f16");
        let mut config: Value = serde_json::from_slice(&files[CONFIG]).expect("JSON");
        config
            .as_object_mut()
            .expect("fields")
            .extend(change.as_object().cloned().expect("fields"));
        files.insert(CONFIG.into(), config.to_string().into_bytes());
        files
    };
    for (change, part) in [
        (json!({"use_dora": true}), "use_dora"),
        (json!({"peft_type": "LOHA"}), "peft_type"),
        (json!({"lora_alpha": []}), "lora_alpha"),
    ] {
        let error = refusal(&changed(change));
        assert!(error.contains(part), "{error}");
    }
    // For another model: of other widths, or with other names.
    let mut files = with_adapter("llama_f16");
    files.extend(read_folder(&golden("llama_gqa")));
    assert!(refusal(&files).contains("lora_"), "{}", refusal(&files));
    files.extend(read_folder(&golden("gpt2")));
    let error = refusal(&files);
    assert!(
        error.contains("no matrix of this model") && error.contains("made for llama_f16"),
        "{error}"
    );
    // Alone, or damaged.
    let mut files = with_adapter("llama");
    for name in ["model.safetensors", "config.json", "tokenizer.json"] {
        files.remove(name);
        let error = refusal(&files);
        assert!(
            error.contains("llama_gqa") && error.contains("together"),
            "{error}"
        );
    }
    let mut files = with_adapter("llama");
    files.insert(CONFIG.into(), b"[]".to_vec());
    assert!(refusal(&files).contains(CONFIG));
    let mut files = with_adapter("llama");
    files.get_mut(WEIGHTS).expect("weights").truncate(900);
    assert!(refusal(&files).contains(WEIGHTS));
}

#[test]
fn an_adapter_is_not_merged_into_quantized_weights() {
    let mut files = with_adapter("llama");
    let quantized = golden("quantized").read_dir().expect("folders").flatten();
    let folder = quantized
        .map(|entry| entry.path())
        .find(|path| path.join("config.json").exists());
    let folder = folder.expect("a quantized folder");
    for entry in folder.read_dir().expect("files").flatten() {
        files.insert(
            entry.file_name().to_string_lossy().into_owned(),
            read(&entry.path()),
        );
    }
    let error = refusal(&files);
    assert!(error.contains("as they were trained"), "{error}");
}

//! Folders that are not quite what they should be.

use super::formats::{TOKENS, distance, golden, load};
use super::read_folder;
use pressure_test::load::{self, Files};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};

pub fn change_config(files: &mut Files, change: impl FnOnce(&mut Json)) {
    let config = files.get_mut("config.json").expect("a config");
    let mut json = serde_json::from_slice(config).expect("JSON");
    change(&mut json);
    *config = serde_json::to_vec(&json).expect("JSON");
}

pub fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases")
}

/// The files of a folder that a model is made of.
pub fn folder(path: &Path) -> Files {
    let entries = std::fs::read_dir(path)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path());
    let named = entries.map(|path| {
        (
            path.file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned(),
            path,
        )
    });
    named
        .filter(|(name, _)| load::is_wanted(name))
        .map(|(name, path)| (name, std::fs::read(path).expect("a file")))
        .collect()
}

#[test]
#[cfg_attr(not(shared), ignore = "needs ../shared/cases")]
fn accidents_of_downloads_are_called_what_they_are() {
    for (name, part) in [
        (
            "lfs",
            "model.safetensors is not a usable file: it is a Git LFS pointer",
        ),
        (
            "binonly",
            "pytorch_model.bin holds weights in a form that is not read",
        ),
    ] {
        let files = folder(&cases().join("download-accidents").join(name));
        let error = load::model("test", &files).expect_err(name).to_string();
        assert!(error.contains(part), "{name}: {error}");
    }
    load(&folder(&cases().join("download-accidents/oneshard")));
}

#[test]
fn parts_without_an_index_are_one_model_and_missing_ones_are_named() {
    let mut files = read_folder(&golden("qwen3"));
    let whole = load(&files);
    let weights = files.remove("model.safetensors").expect("weights");
    files.insert("weights.safetensors".into(), weights.clone());
    assert_eq!(distance(&load(&files), &whole, &TOKENS), 0.0);
    files.remove("weights.safetensors");
    files.insert("model-00001-of-00002.safetensors".into(), weights.clone());
    let error = load::model("test", &files).expect_err("a part").to_string();
    assert!(
        error.contains("model-00002-of-00002.safetensors is missing"),
        "{error}"
    );
    files.remove("model-00001-of-00002.safetensors");
    files.insert("adapter_model.safetensors".into(), weights);
    let error = load::model("test", &files)
        .expect_err("an adapter")
        .to_string();
    assert!(error.contains("LoRA"), "{error}");
    let mut files = read_folder(&golden("qwen3"));
    files.insert("adapter_model.safetensors".into(), Vec::new());
    assert!(load(&files).notes[0].contains("adapter"));
}

#[test]
fn a_head_of_its_own_is_kept_although_config_json_ties_it() {
    let mut files = read_folder(&golden("llama_gqa"));
    let right = load(&files);
    assert!(!right.is_tied() && right.notes.is_empty());
    change_config(&mut files, |config| {
        config["tie_word_embeddings"] = true.into();
    });
    let kept = load(&files);
    assert_eq!(distance(&kept, &right, &TOKENS), 0.0);
    assert!(
        !kept.is_tied() && kept.notes.len() == 1 && kept.notes[0].contains("head of its own"),
        "{:?}",
        kept.notes
    );
    assert!(!kept.config.tie_word_embeddings);
    // Saved, it says what it is.
    let format = pressure_test::save::format("safetensors").expect("a format");
    let again = load(&format.write(&kept).expect("files"));
    assert_eq!(distance(&again, &right, &TOKENS), 0.0);
    assert!(again.notes.is_empty(), "{:?}", again.notes);
}

#[test]
fn a_head_that_is_a_copy_of_the_embedding_is_the_embedding() {
    let mut files = read_folder(&golden("llama_gqa"));
    let weights = files.get_mut("model.safetensors").expect("weights");
    let len = 8 + usize::try_from(u64::from_le_bytes(
        weights[..8].try_into().expect("8 bytes"),
    ))
    .expect("small");
    let header: Json = serde_json::from_slice(&weights[8..len]).expect("a header");
    let place = |name: &str| {
        let place =
            |i: usize| usize::try_from(header[name]["data_offsets"][i].as_u64().expect("a place"));
        len + place(0).expect("a place")..len + place(1).expect("a place")
    };
    let embedding = weights[place("model.embed_tokens.weight")].to_vec();
    weights[place("lm_head.weight")].copy_from_slice(&embedding);
    change_config(&mut files, |config| {
        config["tie_word_embeddings"] = true.into();
    });
    let tied = load(&files);
    assert!(tied.is_tied() && tied.notes.is_empty(), "{:?}", tied.notes);
}

#[test]
fn tensors_without_a_place_are_named() {
    let mut files = read_folder(&golden("qwen3"));
    change_config(&mut files, |config| config["num_hidden_layers"] = 1.into());
    let model = load(&files);
    let note = model.notes.first().expect("a note");
    assert!(
        note.contains("model.layers.1.") && note.contains("more"),
        "{note}"
    );
}

//! Files that went wrong elsewhere (`../shared/cases`), with the values of transformers.

use super::formats::load;
use super::{TOLERANCE, largest_difference, logits};
use pressure_test::backend::Cpu;
use pressure_test::evaluate::{self, LocalAsker, Template};
use pressure_test::load::{self, Files};
use pressure_test::model::Model;
use serde_json::Value as Json;
use std::path::{Path, PathBuf};

fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/cases")
        .join(name)
}

fn files(folder: &Path) -> Files {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let named = paths.map(|path| {
        let name = path.file_name().expect("a name").to_string_lossy();
        (name.into_owned(), std::fs::read(&path).expect("a file"))
    });
    named.filter(|(name, _)| load::is_wanted(name)).collect()
}

fn check(model: &Model, name: &str) {
    let text = std::fs::read(case(name).join("expected.json")).expect("expected.json");
    let json: Json = serde_json::from_slice(&text).expect("JSON");
    let tokens: Vec<u32> = serde_json::from_value(json["tokens"].clone()).expect("tokens");
    let rows: Vec<Vec<f64>> = serde_json::from_value(json["logits"].clone()).expect("logits");
    let difference = largest_difference(&logits(model, &tokens), &rows.concat());
    assert!(difference < TOLERANCE, "{name}: {difference}");
}

#[test]
#[cfg_attr(not(shared), ignore = "needs ../shared/cases")]
fn phi3_with_longrope_and_without_a_window() {
    for name in ["gguf-phi3-longrope", "gguf-phi3-window-zero"] {
        check(&load(&files(&case(name))), name);
    }
}

#[test]
#[cfg_attr(not(shared), ignore = "needs ../shared/cases")]
fn three_parts_are_one_model() {
    let mut files = files(&case("gguf-split/split"));
    let model = load(&files);
    check(&model, "gguf-split");
    let bytes: usize = files.values().map(Vec::len).sum();
    assert_eq!(model.origin.bytes, bytes as u64);
    files.remove("model-00002-of-00003.gguf");
    let error = load::model("test", &files).map(|model| model.name);
    let error = error.expect_err("refused").to_string();
    assert!(error.contains("model-00002-of-00003.gguf"), "{error}");
}

#[test]
#[cfg_attr(not(shared), ignore = "needs ../shared/cases")]
fn llama_3_begins_texts() {
    let model = load(&files(&case("gguf-llama3-begin-token")));
    assert_eq!(model.tokenizer.encode("hi").expect("tokens"), [1, 79, 80]);
    let mut asker = LocalAsker::new(&model, Cpu, Template::Auto).expect("an asker");
    let probe = evaluate::perplexity_of("The inn in the thin air, and her tin.");
    let mut ignore = |_, _| {};
    let score = evaluate::evaluate(&mut asker, &*probe, &mut ignore);
    let score = pollster::block_on(score).expect("a score");
    assert!((score.value - 885.31).abs() < 0.01, "{}", score.value);
}

#[test]
#[cfg_attr(not(shared), ignore = "needs ../shared/cases")]
fn a_folder_with_two_models_asks_and_one_with_a_projector_does_not() {
    let two = files(&case("gguf-folder-with-two/twoquants"));
    let error = load::model("test", &two).map(|model| model.name);
    let error = error.expect_err("refused").to_string();
    assert!(
        error.contains("model-Q4_K_M.gguf") && error.contains("model-Q8_0.gguf"),
        "{error}"
    );
    let one = files(&case("gguf-folder-with-two/mmproj"));
    assert_eq!(load(&one).name, "model");
}

#[test]
#[cfg_attr(not(shared), ignore = "needs ../shared/cases")]
fn a_big_endian_file_is_called_that() {
    let error = load::model("test", &files(&case("gguf-big-endian"))).map(|model| model.name);
    let error = error.expect_err("refused").to_string();
    assert!(error.contains("big-endian"), "{error}");
}

//! Toxicity classifiers against Hugging Face transformers: `tests/golden/classifiers`, made by `scripts/golden/make`.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use pressure_test::classifier::{Classifier, FILES};
use pressure_test::load::Files;
use serde::Deserialize;
use std::path::Path;

/// f32 arithmetic in another order, through a few layers.
const TOLERANCE: f64 = 1e-4;
const KINDS: [&str; 4] = ["bert", "bert_relu_one_label", "distilbert", "roberta"];

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    text: String,
    logits: Vec<f64>,
    toxicity: f64,
}

fn read(kind: &str) -> (Files, Vec<Case>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/classifiers");
    let file = |name: &str| {
        let path = folder.join(kind).join(name);
        std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let golden: Golden = serde_json::from_slice(&file("golden.json")).expect("golden.json");
    let files = FILES.map(|name| (name.to_owned(), file(name)));
    (files.into(), golden.cases)
}

/// The largest difference in any logit, and in the probability of toxic text.
fn differences(files: &Files, cases: &[Case]) -> (f64, f64) {
    let classifier = Classifier::new("test", files).unwrap_or_else(|error| panic!("{error}"));
    let (mut logit, mut probability) = (0.0f64, 0.0f64);
    for case in cases {
        let logits = classifier.logits(&case.text).expect("logits");
        assert_eq!(logits.len(), case.logits.len());
        for (ours, theirs) in logits.iter().zip(&case.logits) {
            logit = logit.max((f64::from(*ours) - theirs).abs());
        }
        let toxicity = classifier.toxicity(&case.text).expect("a probability");
        probability = probability.max((toxicity - case.toxicity).abs());
    }
    (logit, probability)
}

fn with_config(files: &Files, old: &str, new: &str) -> Files {
    let config = String::from_utf8(files["config.json"].clone()).expect("a text");
    assert!(config.contains(old), "{config}");
    let mut changed = files.clone();
    changed.insert("config.json".into(), config.replace(old, new).into_bytes());
    changed
}

#[test]
fn logits_and_probabilities_are_those_of_transformers() {
    for kind in KINDS {
        let (files, cases) = read(kind);
        assert!(cases.len() >= 6);
        let (logit, probability) = differences(&files, &cases);
        assert!(
            logit < TOLERANCE && probability < TOLERANCE,
            "{kind}: {logit} {probability}"
        );
    }
}

#[test]
fn a_wrong_classifier_is_noticed() {
    for (kind, old, new) in [
        (
            "bert",
            "\"hidden_act\": \"gelu\"",
            "\"hidden_act\": \"relu\"",
        ),
        (
            "bert",
            "\"num_attention_heads\": 3",
            "\"num_attention_heads\": 2",
        ),
        (
            "bert_relu_one_label",
            "\"layer_norm_eps\": 0.001",
            "\"layer_norm_eps\": 0.01",
        ),
        (
            "distilbert",
            "\"activation\": \"gelu\"",
            "\"activation\": \"gelu_new\"",
        ),
        ("roberta", "\"pad_token_id\": 1", "\"pad_token_id\": 0"),
    ] {
        let (files, cases) = read(kind);
        let (logit, _) = differences(&with_config(&files, old, new), &cases);
        assert!(logit > TOLERANCE, "{kind}, {new}: {logit}");
    }
    let (files, cases) = read("distilbert");
    let one_of_all = with_config(&files, "multi_label", "single_label");
    assert!(differences(&one_of_all, &cases).1 > TOLERANCE);
    let (files, cases) = read("bert");
    let other_label = with_config(&files, "\"neutral\"", "\"tox\"");
    assert!(differences(&other_label, &cases).1 < TOLERANCE);
    let swapped = with_config(&files, "\"neutral\"", "\"toxic-ity\"");
    let swapped = with_config(&swapped, "\"toxic\"", "\"non-toxic\"");
    assert!(differences(&swapped, &cases).1 > TOLERANCE);
}

#[test]
fn what_is_no_toxicity_classifier_is_refused_in_a_sentence() {
    let (files, _) = read("bert");
    let mut short = files.clone();
    short
        .get_mut("model.safetensors")
        .expect("weights")
        .truncate(40_000);
    let mut missing = files.clone();
    missing.remove("tokenizer.json");
    for (files, word) in [
        (with_config(&files, "\"toxic\"", "\"rude\""), "toxic"),
        (with_config(&files, "\"bert\"", "\"llama\""), "roberta"),
        (
            with_config(
                &files,
                "\"num_attention_heads\": 3",
                "\"num_attention_heads\": 0",
            ),
            "num_attention_heads",
        ),
        (
            with_config(
                &files,
                "\"num_attention_heads\": 3",
                "\"num_attention_heads\": 5",
            ),
            "num_attention_heads",
        ),
        (
            with_config(
                &files,
                "\"num_hidden_layers\": 2",
                "\"num_hidden_layers\": 3",
            ),
            "layer.2",
        ),
        (
            with_config(
                &files,
                "\"hidden_act\": \"gelu\"",
                "\"hidden_act\": \"silu\"",
            ),
            "hidden_act",
        ),
        (
            with_config(&files, "\"id2label\"", "\"labels\""),
            "id2label",
        ),
        (
            with_config(&files, "\"hidden_size\": 24", "\"hidden_size\": 27"),
            "model.safetensors",
        ),
        (short, "model.safetensors"),
        (missing, "tokenizer.json"),
    ] {
        let error = Classifier::new("test", &files)
            .err()
            .map(|error| error.to_string());
        assert!(
            error.as_ref().is_some_and(|error| error.contains(word)),
            "{word}: {error:?}"
        );
    }
}

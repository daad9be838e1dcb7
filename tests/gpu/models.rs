//! Whole models: golden logits of every family, and what a session asks for.

use crate::gpu;
use pollster::block_on;
use pressure_test::backend::Cpu;
use pressure_test::load::{self, Files};
use pressure_test::model::{Generation, Model, Sampling, Sequence, Session};
use std::path::{Path, PathBuf};

/// As for the processor.
const TOLERANCE: f64 = 1e-4;

pub fn model(folder: &Path) -> Model {
    let read = |file: &&str| {
        let bytes = std::fs::read(folder.join(file)).expect("a file");
        ((*file).to_owned(), bytes)
    };
    let files: Files = load::FILES.iter().map(read).collect();
    load::model("test", &files).unwrap_or_else(|error| panic!("{error}"))
}

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    // Where the checkout lies elsewhere than it was built.
    if root.exists() {
        root
    } else {
        "tests/golden".into()
    }
}

pub fn golden(family: &str) -> PathBuf {
    root().join(family)
}

fn goldens() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root()).expect("tests/golden");
    let folders = entries.map(|entry| entry.expect("an entry").path());
    let mut folders: Vec<PathBuf> = folders
        .filter(|path| path.join("golden.json").exists())
        // Its attention is refused.
        .filter(|path| !path.ends_with("bloom"))
        .collect();
    folders.sort();
    assert!(folders.len() >= 20, "golden folders: {folders:?}");
    folders
}

/// Tokens, and the logits behind each of them.
pub fn cases(folder: &Path) -> Vec<(Vec<u32>, Vec<f64>)> {
    let text = std::fs::read(folder.join("golden.json")).expect("golden.json");
    let json: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
    let cases = json["cases"].as_array().expect("cases").iter();
    let case = |case: &serde_json::Value| {
        let tokens = serde_json::from_value(case["tokens"].clone()).expect("tokens");
        let rows: Vec<Vec<f64>> = serde_json::from_value(case["logits"].clone()).expect("logits");
        (tokens, rows.concat())
    };
    cases.map(case).collect()
}

pub fn largest_difference(found: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let pairs = found.iter().zip(expected);
    let differences = pairs.map(|(a, b)| (f64::from(*a) - b).abs());
    differences.fold(0.0, |a, b| if a.is_nan() || a > b { a } else { b })
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn logits_of_every_family_are_those_of_transformers() {
    for folder in goldens() {
        let model = model(&folder);
        let mut session = Session::new(&model, gpu()).expect("a session");
        for (tokens, expected) in cases(&folder) {
            let logits = block_on(session.logits(&tokens)).expect("logits");
            let largest = largest_difference(&logits, &expected);
            assert!(largest < TOLERANCE, "{}: {largest}", folder.display());
        }
    }
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn attention_with_a_penalty_on_distance_is_refused() {
    let model = model(&golden("bloom"));
    let mut session = Session::new(&model, gpu()).expect("a session");
    let error = block_on(session.logits(&[1, 2])).expect_err("refused");
    assert!(error.to_string().contains("ALiBi"), "{error}");
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn a_session_gives_what_it_gives_on_the_processor() {
    for folder in goldens() {
        let model = model(&folder);
        let (tokens, _) = &cases(&folder)[1];
        let sequences: Vec<Sequence> = (2..=tokens.len())
            .flat_map(|len| {
                (0..3).map(move |last| {
                    let mut tokens = tokens[..len].to_vec();
                    tokens[len - 1] = last;
                    let scored_from = len - 1 - usize::from(len > 4);
                    Sequence {
                        tokens,
                        scored_from,
                    }
                })
            })
            .collect();
        let prompts = [tokens[..3].to_vec(), tokens.clone(), tokens[..1].to_vec()];
        let generations: Vec<Generation> = prompts
            .iter()
            .map(|prompt| Generation {
                prompt: prompt.clone(),
                sampling: Sampling::Greedy,
                max_tokens: 12,
            })
            .collect();
        let mut cpu = Session::new(&model, Cpu).expect("a session");
        let mut ours = Session::new(&model, gpu()).expect("a session");
        for _ in 0..2 {
            let expected = block_on(cpu.loglikelihoods(&sequences)).expect("scores");
            let found = block_on(ours.loglikelihoods(&sequences)).expect("scores");
            for (found, expected) in found.iter().zip(&expected) {
                let what = folder.display();
                assert!(
                    (found - expected).abs() < TOLERANCE,
                    "{what}: {found}, not {expected}"
                );
            }
        }
        let expected = block_on(cpu.sample(&generations, None)).expect("texts");
        let found = block_on(ours.sample(&generations, None)).expect("texts");
        for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
            assert_eq!(found.tokens, expected.tokens, "{}", folder.display());
        }
    }
}

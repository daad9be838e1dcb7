//! The forward pass against independent implementations: golden logits of Hugging Face transformers
//! (`tests/golden`), and a real trained model where `../shared` has it.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod adapters;
mod candle;
mod compressed_tensors;
mod converted;
mod fields;
mod folders;
mod formats;
mod gguf;
mod gguf_blocks;
mod gguf_cases;
mod gguf_files;
mod gguf_rope;
mod gguf_writer;
mod law;
mod quantized;
mod spoken;
mod wide;
mod wrong;

use pressure_test::backend::Cpu;
use pressure_test::load::{self, Files};
use pressure_test::model::{Model, Sequence, Session};
use std::path::{Path, PathBuf};

/// f32 arithmetic in another order, through a few layers.
const TOLERANCE: f64 = 1e-4;
/// What a wrong model is off by at least: the two forms of GELU differ by this little.
const NOTICED: f64 = 5.0 * TOLERANCE;

fn read_folder(folder: &Path) -> Files {
    load::FILES
        .iter()
        .map(|file| {
            let path = folder.join(file);
            let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            ((*file).to_owned(), bytes)
        })
        .collect()
}

fn model(folder: &Path) -> Model {
    load::model("test", &read_folder(folder)).unwrap_or_else(|error| panic!("{error}"))
}

fn logits(model: &Model, tokens: &[u32]) -> Vec<f32> {
    let mut session = Session::new(model, Cpu).expect("a session");
    pollster::block_on(session.logits(tokens)).expect("logits")
}

struct Golden {
    folder: PathBuf,
    cases: Vec<(Vec<u32>, Vec<f64>)>,
}

fn goldens() -> Vec<Golden> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root)
        .expect("tests/golden")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.join("golden.json").exists())
        .collect();
    folders.sort();
    assert!(folders.len() >= 20, "golden folders: {folders:?}");
    folders
        .into_iter()
        .map(|folder| {
            let text = std::fs::read(folder.join("golden.json")).expect("golden.json");
            let json: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
            let cases = json["cases"].as_array().expect("cases").iter().map(|case| {
                let tokens = serde_json::from_value(case["tokens"].clone()).expect("tokens");
                let rows: Vec<Vec<f64>> =
                    serde_json::from_value(case["logits"].clone()).expect("logits");
                (tokens, rows.concat())
            });
            Golden {
                cases: cases.collect(),
                folder,
            }
        })
        .collect()
}

fn largest_difference(ours: &[f32], theirs: &[f64]) -> f64 {
    assert_eq!(ours.len(), theirs.len());
    ours.iter()
        .zip(theirs)
        .map(|(a, b)| (f64::from(*a) - b).abs())
        .fold(0.0, f64::max)
}

#[test]
fn logits_are_those_of_transformers() {
    for golden in goldens() {
        let model = model(&golden.folder);
        let mut session = Session::new(&model, Cpu).expect("a session");
        for (tokens, expected) in &golden.cases {
            let logits = pollster::block_on(session.logits(tokens)).expect("logits");
            let difference = largest_difference(&logits, expected);
            let folder = golden.folder.display();
            assert!(difference < TOLERANCE, "{folder}: {difference}");
        }
    }
}

/// How far the logits of each wrong variant are from the right ones.
fn differences(right: &Model, tokens: &[u32], expected: &[f64]) -> Vec<(&'static str, f64)> {
    wrong::variants(right)
        .map(|(what, wrong)| (what, largest_difference(&logits(&wrong, tokens), expected)))
        .collect()
}

#[test]
fn the_golden_logits_notice_a_wrong_model() {
    for golden in goldens() {
        let (tokens, expected) = &golden.cases[1];
        for (what, difference) in differences(&model(&golden.folder), tokens, expected) {
            assert!(
                difference > NOTICED,
                "{}: {what} makes {difference}",
                golden.folder.display()
            );
        }
    }
}

#[test]
fn shared_prefixes_and_batches_change_nothing() {
    let golden = &goldens()[0];
    let model = model(&golden.folder);
    let tokens = &golden.cases[1].0;
    let mut sequences = Vec::new();
    for len in 2..=tokens.len() {
        for last in 0..4 {
            let mut tokens = tokens[..len].to_vec();
            tokens[len - 1] = last;
            sequences.push(Sequence {
                scored_from: len - 1 - usize::from(len > 4),
                tokens,
            });
        }
    }
    let alone: Vec<f64> = sequences
        .iter()
        .map(|sequence| {
            let mut session = Session::new(&model, Cpu).expect("a session");
            let one = std::slice::from_ref(sequence);
            pollster::block_on(session.loglikelihoods(one)).expect("scores")[0]
        })
        .collect();
    let mut session = Session::new(&model, Cpu).expect("a session");
    for _ in 0..2 {
        let together = pollster::block_on(session.loglikelihoods(&sequences)).expect("scores");
        for (a, b) in alone.iter().zip(&together) {
            assert!((a - b).abs() < TOLERANCE, "{a} {b}");
        }
    }
    let total: usize = sequences.iter().map(|s| s.tokens.len()).sum();
    assert!(session.tokens_run() < total, "prefixes are computed once");
    let by_hand: f64 = {
        let sequence = &sequences[sequences.len() - 1];
        let logits = logits(&model, &sequence.tokens);
        let vocab = model.config.vocab_size;
        (sequence.scored_from..sequence.tokens.len())
            .map(|i| {
                let row = &logits[(i - 1) * vocab..i * vocab];
                let total: f64 = row.iter().map(|&l| f64::from(l).exp()).sum();
                f64::from(row[sequence.tokens[i] as usize]) - total.ln()
            })
            .sum()
    };
    assert!((by_hand - alone[alone.len() - 1]).abs() < TOLERANCE);
}

fn stories260k() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/models/stories260K")
}

#[test]
#[cfg_attr(not(shared), ignore = "needs ../shared/models/stories260K")]
fn a_trained_model_tells_its_reference_story() {
    const IDS: [u32; 40] = [
        1, 403, 407, 261, 378, 432, 383, 286, 261, 376, 298, 315, 421, 395, 317, 426, 338, 401,
        396, 267, 337, 410, 408, 419, 292, 411, 322, 265, 282, 295, 433, 426, 385, 328, 432, 358,
        394, 261, 370, 432,
    ];
    let model = model(&stories260k());
    let mut session = Session::new(&model, Cpu).expect("a session");
    let prompts = [vec![IDS[0]], IDS[..7].to_vec(), vec![IDS[0]]];
    let written = pollster::block_on(session.generate(&prompts, 60, None)).expect("text");
    assert_eq!(written[0].tokens[..39], IDS[1..]);
    let texts: Vec<&str> = written.iter().map(|each| &each.text[..]).collect();
    let start = "Once upon a time, there was a little girl named Lily. She loved to play outside \
                 in the park. One day, she saw a big, red ball.";
    assert!(texts[0].trim_start().starts_with(start), "{}", texts[0]);
    assert_eq!(texts[0], texts[2]);
    let prompt = model.tokenizer.decode(&IDS[..7]).expect("text");
    assert!(
        format!("{prompt}{}", texts[1])
            .trim_start()
            .starts_with(start),
        "{}",
        texts[1]
    );

    let logits = logits(&model, &IDS[..16]);
    let last = &logits[15 * 512..];
    let expected = [
        -3.8517, 4.9812, -3.8526, -3.8520, -3.8516, -3.8528, -3.8525, -3.8530,
    ];
    assert!(
        largest_difference(&last[..8], &expected) < TOLERANCE,
        "{:?}",
        &last[..8]
    );
}

#[test]
#[cfg_attr(not(shared), ignore = "needs ../shared/models/craftgpt-5M")]
fn a_trained_gpt2_gives_its_reference_answer() {
    const PROMPT: [u32; 7] = [0, 21, 18, 32, 393, 25, 1];
    const ANSWER: [u32; 17] = [
        23, 5, 6, 80, 461, 7, 393, 195, 6, 14, 82, 9, 632, 4, 0, 57, 24,
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("../shared/models/craftgpt-5M");
    let read = |file: &str| std::fs::read(folder.join(file)).expect("a file");
    // It has a list of tokens instead of a tokenizer; the ids are what counts here.
    let files = Files::from([
        ("config.json".to_owned(), read("config.json")),
        ("model.safetensors".to_owned(), read("model.safetensors")),
        (
            "tokenizer.json".to_owned(),
            std::fs::read(root.join("tests/golden/gpt2/tokenizer.json")).expect("a file"),
        ),
    ]);
    let model = load::model("craftgpt", &files).unwrap_or_else(|error| panic!("{error}"));
    let mut tokens = PROMPT.to_vec();
    for expected in ANSWER {
        let logits = logits(&model, &tokens);
        let last = &logits[logits.len() - model.config.vocab_size..];
        let likeliest = (0..last.len()).max_by(|a, b| last[*a].total_cmp(&last[*b]));
        assert_eq!(likeliest, Some(expected as usize), "after {tokens:?}");
        tokens.push(expected);
    }
    let names: serde_json::Value = serde_json::from_slice(&read("tokens.json")).expect("JSON");
    let text: Vec<&str> = ANSWER
        .iter()
        .filter_map(|id| names[*id as usize].as_str())
        .collect();
    assert!(
        text.concat()
            .starts_with("_yes,_i_enjoy_listening_to_music"),
        "{text:?}"
    );
}

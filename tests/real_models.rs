//! Models that people use, against Hugging Face transformers: tokens, logits, continuations and chats
//! (`../shared/real/*.expected.json`). `scripts/test` fetches the first, `scripts/real/check` both.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use pressure_test::backend::Cpu;
use pressure_test::load;
use pressure_test::model::{Message, Model, Role, Session};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Deserialize)]
struct Expected {
    texts: Vec<String>,
    /// Of each text.
    ids: Vec<Vec<u32>>,
    logits: Vec<Prompt>,
    gens: Vec<Generation>,
    /// Conversations as the model's own template writes them.
    #[serde(default)]
    chats: Vec<String>,
}

#[derive(Deserialize)]
struct Prompt {
    prompt: String,
    ids: Vec<u32>,
    columns: Columns,
    /// One for each position.
    rows: Vec<Row>,
}

/// Which logits of a row are there.
#[derive(Deserialize)]
struct Columns {
    from: usize,
    step: usize,
}

#[derive(Deserialize)]
struct Row {
    argmax: usize,
    log_sum_exp: f64,
    logits: Vec<f64>,
}

#[derive(Deserialize)]
struct Generation {
    prompt: String,
    prompt_ids: Vec<u32>,
    new: Vec<u32>,
}

fn model(path: &str, hash: &str) -> Model {
    let path = Path::new(env!("PRESSURE_TEST_REAL")).join(path);
    let name = path.file_name().expect("a name").to_string_lossy();
    let file = std::fs::File::open(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let files = BTreeMap::from([(name.into_owned(), file)]);
    let model = load::model("real", &files).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(model.hash, hash);
    model
}

fn expected(name: &str) -> Expected {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/real");
    let text = std::fs::read(folder.join(format!("{name}.expected.json"))).expect("a file");
    serde_json::from_slice(&text).expect("what is expected")
}

/// Everything but chats; logits may be off by `tolerance`, and texts that `differs` tells need not be the same tokens.
fn check(model: &Model, expected: &Expected, tolerance: f64, differs: impl Fn(&str) -> bool) {
    for (text, ids) in expected.texts.iter().zip(&expected.ids) {
        let ours = model.tokenizer.encode(text).expect("tokens");
        assert_eq!(&ours == ids, !differs(text), "{text:?}: {ours:?} {ids:?}");
    }
    let mut largest = 0f64;
    for case in &expected.logits {
        let ids = model.tokenizer.encode(&case.prompt).expect("tokens");
        assert_eq!(ids, case.ids, "{:?}", case.prompt);
        let mut session = Session::new(model, Cpu).expect("a session");
        let logits = pollster::block_on(session.logits(&ids)).expect("logits");
        let rows = logits.chunks(model.config.vocab_size);
        assert_eq!(rows.len(), case.rows.len());
        for (row, right) in rows.zip(&case.rows) {
            let best = (0..row.len()).max_by(|a, b| row[*a].total_cmp(&row[*b]));
            assert_eq!(best, Some(right.argmax), "{:?}", case.prompt);
            let sum: f64 = row.iter().map(|&logit| f64::from(logit).exp()).sum();
            let Columns { from, step } = case.columns;
            let picked = row[from..].iter().step_by(step).map(|&l| f64::from(l));
            let pairs = picked.zip(right.logits.iter().copied());
            let pairs = pairs.chain([(sum.ln(), right.log_sum_exp)]);
            largest = pairs.map(|(a, b)| (a - b).abs()).fold(largest, f64::max);
        }
    }
    println!("{}: logits are off by {largest:.5} at most", model.name);
    assert!(largest < tolerance, "{largest}");
    let prompts: Vec<Vec<u32>> = expected.gens.iter().map(|g| g.prompt_ids.clone()).collect();
    let longest = expected.gens.iter().map(|case| case.new.len()).max();
    let mut session = Session::new(model, Cpu).expect("a session");
    let written = session.generate(&prompts, longest.expect("a continuation"), None);
    let written = pollster::block_on(written).expect("texts");
    for (case, written) in expected.gens.iter().zip(written) {
        let ends = &model.config.eos_token_ids;
        let right = case.new.iter().copied();
        let right: Vec<u32> = right.take_while(|id| !ends.contains(id)).collect();
        assert_eq!(written.tokens, right, "{:?}", case.prompt);
    }
}

#[path = "layers/mod.rs"]
mod layers;

#[test]
#[cfg_attr(
    not(real),
    ignore = "needs ../shared/real and what scripts/test fetches"
)]
fn layers_of_smollm2_are_as_exact_as_published() {
    let model = smollm2();
    let text = "The river was high after three days of rain, and nobody in the village would cross it before noon.";
    let (error, name, count) = layers::largest_error(&model, text);
    println!("{error:.2e} in {name}");
    assert_eq!(count, 210);
    assert!(error > 1e-6 && error < 1e-4, "{error} in {name}");
}

fn smollm2() -> Model {
    model(
        "smollm2-b179c9523d0e/SmolLM2-135M-Instruct.Q4_1.gguf",
        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    )
}

#[test]
#[cfg_attr(
    not(real),
    ignore = "needs ../shared/real and what scripts/test fetches"
)]
fn smollm2_does_what_it_does_in_transformers() {
    let model = smollm2();
    assert_eq!(model.name, "SmolLM2-135M-Instruct.Q4_1");
    let expected = expected("smollm2");
    check(&model, &expected, 0.05, |_| false);
    let message = |role, content: &str| Message {
        role,
        content: content.to_owned(),
    };
    let chats = [
        vec![message(Role::User, "What is the capital of France?")],
        vec![
            message(Role::System, "You are a terse assistant."),
            message(Role::User, "Name three fruits."),
        ],
    ];
    let template = model.chat_template.as_ref().expect("a template");
    assert_eq!(expected.chats.len(), chats.len());
    for (chat, right) in chats.iter().zip(&expected.chats) {
        let written = template.render(chat).expect("a text");
        assert_eq!(&written, right);
        let generation = expected.gens.iter().find(|case| &case.prompt == right);
        let ids = model.tokenizer.encode_rendered(&written).expect("tokens");
        assert_eq!(ids, generation.expect("a continuation").prompt_ids);
    }
}

#[test]
#[ignore = "scripts/real/check runs it"]
fn gemma_3_does_what_it_does_in_transformers() {
    let model = model(
        "gemma3-a5fd3b62230a/gemma-3-270m-q4_k_m.gguf",
        "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
    );
    // transformers' tokenizer from GGUF treats a literal ▁ after a space otherwise.
    check(&model, &expected("gemma3"), 0.05, |text| {
        text.contains(" ▁")
    });
}

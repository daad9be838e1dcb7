//! How fast models of usual sizes run on the graphics card, with random weights; each case is compared with the processor first.
//!
//! `cargo test --release --test gpu_speed -- --ignored --nocapture` prints tables; `PRESSURE_TEST_SHAPES` names some of the shapes
//! (thin, 135M, 360M, 1B), separated by commas.
#![cfg(feature = "gpu")]
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod shapes;

use pollster::block_on;
use pressure_test::backend::{Backend, Cpu, Gpu};
use pressure_test::model::{Model, Sequence, Session};
use shapes::{FORMS, Form, SHAPES, Shape};
use std::time::Instant;

/// What each model does.
#[derive(Clone, Copy)]
struct Work {
    /// Prompts that are scored together, and how long each is.
    prompts: usize,
    length: usize,
    /// Tokens that are written behind a prompt.
    written: usize,
}

const WORK: Work = Work {
    prompts: 16,
    length: 128,
    written: 64,
};

/// Tokens a second.
struct Speeds {
    /// Of prompts of which the last token is scored.
    prompts: f64,
    /// Of texts of which every token is.
    texts: f64,
    /// Written, one text and several at a time.
    one: f64,
    many: f64,
}

/// Different texts for each `seed`, none of which begins as another.
fn texts(model: &Model, count: usize, length: usize, seed: u64) -> Vec<Vec<u32>> {
    let mut random = shapes::Random::new(seed);
    let vocab_size = model.config.vocab_size as u64;
    let mut token = || u32::try_from(random.next() % vocab_size).expect("a token");
    (0..count)
        .map(|_| (0..length).map(|_| token()).collect())
        .collect()
}

fn sequences(texts: Vec<Vec<u32>>, scored_from: usize) -> Vec<Sequence> {
    let sequence = |tokens| Sequence {
        tokens,
        scored_from,
    };
    texts.into_iter().map(sequence).collect()
}

/// The shorter time of two, after a first one that compiles, in seconds.
fn seconds(mut run: impl FnMut(u64)) -> f64 {
    run(0);
    let mut shortest = f64::INFINITY;
    for seed in 1..3 {
        let began = Instant::now();
        run(seed);
        shortest = shortest.min(began.elapsed().as_secs_f64());
    }
    shortest
}

fn speeds<B: Backend>(model: &Model, backend: B, work: Work) -> Speeds {
    let Work {
        prompts: count,
        length,
        written,
    } = work;
    let mut session = Session::new(model, backend).expect("a session");
    let mut score = |scored_from: usize, salt: u64| {
        let took = seconds(|seed| {
            let texts = texts(model, count, length, seed + salt);
            block_on(session.loglikelihoods(&sequences(texts, scored_from))).expect("scores");
        });
        (count * length) as f64 / took
    };
    let (prompts, texts_speed) = (score(length - 1, 100), score(1, 200));
    let mut write = |count: usize, salt: u64| {
        let took = seconds(|seed| {
            let prompts = texts(model, count, 16, seed + salt);
            let done = block_on(session.generate(&prompts, written, None)).expect("texts");
            let tokens: usize = done.iter().map(|text| text.tokens.len()).sum();
            assert_eq!(tokens, count * written);
        });
        (count * written) as f64 / took
    };
    Speeds {
        prompts,
        texts: texts_speed,
        one: write(1, 300),
        many: write(count, 400),
    }
}

/// The largest difference of a logit behind a few tokens, relative to the largest logit.
fn error(model: &Model, gpu: &Gpu) -> f32 {
    let tokens = &texts(model, 1, 6, 7)[0];
    let cpu = Session::new(model, Cpu).expect("a session");
    let ours = Session::new(model, gpu.clone()).expect("a session");
    let expected = block_on({ cpu }.logits(tokens)).expect("logits");
    let found = block_on({ ours }.logits(tokens)).expect("logits");
    let largest = |values: &mut dyn Iterator<Item = f32>| {
        values.fold(
            0.0,
            |a: f32, b: f32| if b.is_nan() { b } else { a.max(b.abs()) },
        )
    };
    let difference = largest(&mut found.iter().zip(&expected).map(|(a, b)| a - b));
    difference / largest(&mut expected.iter().copied())
}

fn row(what: &str, speeds: &Speeds, rest: &str) {
    let Speeds {
        prompts,
        texts,
        one,
        many,
    } = speeds;
    println!("| {what} | {prompts:.0} | {texts:.0} | {one:.1} | {many:.0} | {rest} |");
}

/// How long readings waited, as a share of the time, and how many operations there were for each token written.
fn measured(model: &Model, gpu: &Gpu, work: Work) -> (Speeds, String) {
    let speeds = speeds(model, gpu.clone(), work);
    let Work {
        prompts, length, ..
    } = work;
    let (before, began) = (gpu.counters(), Instant::now());
    let mut session = Session::new(model, gpu.clone()).expect("a session");
    let scored = sequences(texts(model, prompts, length, 500), length - 1);
    block_on(session.loglikelihoods(&scored)).expect("scores");
    let (after, took) = (gpu.counters(), began.elapsed());
    let waited = (after.waited.saturating_sub(before.waited)).as_secs_f64() / took.as_secs_f64();
    let recording = recording(model, gpu, work);
    let rest = format!(
        "{recording:.1} | {:.0} % | {} | {} | {} | {}",
        100.0 * waited,
        after.operations - before.operations,
        after.submissions - before.submissions,
        (after.uploaded - before.uploaded) / prompts as u64,
        (after.read - before.read) / prompts as u64,
    );
    (speeds, rest)
}

/// Microseconds that the processor takes to record one operation, when a text is written.
fn recording(model: &Model, gpu: &Gpu, work: Work) -> f64 {
    let mut session = Session::new(model, gpu.clone()).expect("a session");
    let prompts = texts(model, 1, 16, 600);
    let (before, began) = (gpu.counters(), Instant::now());
    block_on(session.generate(&prompts, work.written, None)).expect("texts");
    let (after, took) = (gpu.counters(), began.elapsed());
    let recording = took.saturating_sub(after.waited.saturating_sub(before.waited));
    recording.as_secs_f64() * 1e6 / (after.operations - before.operations) as f64
}

fn table(shapes: &[&Shape], forms: &[Form], work: Work) {
    let Work {
        prompts,
        length,
        written,
    } = work;
    let gpu = Gpu::shared().unwrap_or_else(|error| panic!("{error}"));
    println!("\n{}\n", gpu.name());
    println!(
        "Tokens a second: {prompts} prompts of {length} tokens scored at the last, texts scored at every token, {written} tokens \
         written behind one prompt, and behind {prompts}. Microseconds to record an operation. Of the prompts: share of the time spent waiting for the device, operations, submissions, and bytes \
         for each prompt.\n"
    );
    println!(
        "| shape | weights | on | prompts | texts | 1 written | {prompts} written | µs | waiting | operations | submissions | up | down | error |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    for shape in shapes {
        for (number, form) in forms.iter().enumerate() {
            let model = shape.model(*form);
            let name = format!("{} | {}", shape.name, form.name());
            let error = error(&model, &gpu);
            let (speeds_there, rest) = measured(&model, &gpu, work);
            row(
                &format!("{name} | gpu"),
                &speeds_there,
                &format!("{rest} | {error:.1e}"),
            );
            assert!(error < 2e-3, "{name}: {error}");
            if shape.on_processor && number != 1 {
                row(
                    &format!("{name} | cpu"),
                    &speeds(&model, Cpu, work),
                    "| | | | | | ",
                );
            }
        }
    }
}

#[test]
#[ignore = "takes minutes; prints tables"]
fn speed() {
    let chosen = std::env::var("PRESSURE_TEST_SHAPES").unwrap_or_default();
    let is_chosen =
        |shape: &&Shape| chosen.is_empty() || chosen.split(',').any(|name| name == shape.name);
    let shapes: Vec<&Shape> = SHAPES.iter().filter(is_chosen).collect();
    table(&shapes, &FORMS, WORK);
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn the_table_is_made_for_a_small_shape() {
    let work = Work {
        prompts: 3,
        length: 20,
        written: 4,
    };
    table(&[&shapes::SMALL], &FORMS, work);
}

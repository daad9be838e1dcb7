//! Laws that hold for every method and every probe, natively and as wasm in a browser.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::float_cmp,
    reason = "a test fails by panicking"
)]

use pressure_test::backend::Cpu;
use pressure_test::compress::{Compressor, Kind, METHODS, Method, compress, method};
use pressure_test::evaluate::{Ask, Group, Options, PROBES, Probe, Request, Response, Status};
use pressure_test::load::{self, Files};
use pressure_test::model::{Model, Session};
use pressure_test::recipe::{Recipe, Settings};
use pressure_test::report::{self, Baseline, Event};
use pressure_test::weight::{Matrix, Storage, Weight};
use serde_json::{Map, Value, json};

#[cfg(not(target_arch = "wasm32"))]
use core::prelude::v1::test;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Settings of one method from the weakest to the strongest.
fn strengths(method: &Method) -> Vec<Map<String, Value>> {
    let values: Vec<Value> = match method.kind {
        Kind::Quantization => (2..=8).rev().map(|bits| json!({ "bits": bits })).collect(),
        Kind::Pruning => (0..=9)
            .map(|i| json!({ "sparsity": f64::from(i) / 10.0 }))
            .collect(),
    };
    values.into_iter().map(map).collect()
}

fn build(method: &Method, settings: &Map<String, Value>) -> Box<dyn Compressor> {
    (method.build)(&Settings::new(method.parameters, settings).expect("settings"))
}

/// Values around zero without a pattern, so that no two are equal.
fn matrix(rows: usize, cols: usize) -> Matrix {
    let value = |i: usize| {
        let spread = (i as f64 * 0.754_877_666_246_693).fract() - 0.5;
        f32::from(half::f16::from_f64(spread * spread.abs() * 2.0))
    };
    Matrix {
        rows,
        cols,
        data: (0..rows * cols).map(value).collect(),
    }
}

fn error(a: &Matrix, b: &Matrix) -> f64 {
    let square = |x: f64| x * x;
    let total: f64 = a.data.iter().map(|x| square(f64::from(*x))).sum();
    let pairs = a.data.iter().zip(&b.data);
    pairs.map(|(x, y)| square(f64::from(x - y))).sum::<f64>() / total
}

#[test]
fn every_method_keeps_the_shape_and_stays_finite() {
    for method in METHODS {
        for settings in strengths(method) {
            for (rows, cols) in [(1, 1), (3, 7), (5, 64), (4, 100)] {
                let source = matrix(rows, cols);
                let weight = build(method, &settings)
                    .compress(&source, Storage::F32)
                    .expect("a weight");
                assert_eq!(weight.shape(), [rows, cols], "{}", method.name);
                assert!(
                    weight.to_matrix().data.iter().all(|v| v.is_finite()),
                    "{}",
                    method.name
                );
            }
        }
    }
}

#[test]
fn the_weakest_setting_changes_next_to_nothing_and_stronger_ones_never_less() {
    let source = matrix(16, 192);
    for method in METHODS {
        let errors: Vec<f64> = strengths(method)
            .iter()
            .map(|settings| {
                let weight = build(method, settings).compress(&source, Storage::F32);
                error(&source, &weight.expect("a weight").to_matrix())
            })
            .collect();
        assert!(errors[0] < 1e-4, "{}: {errors:?}", method.name);
        assert!(errors.is_sorted(), "{}: {errors:?}", method.name);
    }
}

#[test]
fn a_layer_of_zeros_stays_one() {
    let source = Matrix {
        rows: 4,
        cols: 64,
        data: vec![0.0; 256],
    };
    for method in METHODS {
        for settings in strengths(method) {
            let weight = build(method, &settings).compress(&source, Storage::F16);
            assert_eq!(
                weight.expect("a weight").to_matrix(),
                source,
                "{}",
                method.name
            );
        }
    }
}

#[test]
fn the_same_settings_give_the_same_weight_and_stronger_ones_fewer_bytes() {
    let source = matrix(16, 192);
    for method in METHODS {
        let weights = || -> Vec<_> {
            let compress = |s| {
                build(method, s)
                    .compress(&source, Storage::F16)
                    .expect("a weight")
            };
            strengths(method).iter().map(compress).collect()
        };
        assert_eq!(weights(), weights(), "{}", method.name);
        let bytes: Vec<usize> = weights().iter().map(Weight::bytes).collect();
        assert!(
            bytes.is_sorted_by(|a, b| a >= b),
            "{}: {bytes:?}",
            method.name
        );
        assert!(
            bytes[bytes.len() - 1] < source.data.len() * 2,
            "{}: {bytes:?}",
            method.name
        );
    }
}

#[test]
fn four_bits_take_four_bits_and_their_scales() {
    let weight = build(
        method("round_to_nearest").expect("a method"),
        &map(json!({})),
    )
    .compress(&matrix(8, 128), Storage::F16)
    .expect("a weight");
    // Two groups a row: 64 bytes of codes, 2 scales of 2 bytes, 2 zero points in one byte.
    assert_eq!(weight.bytes(), 8 * (64 + 4 + 1));
}

fn tiny() -> Model {
    let files = Files::from(
        [
            (
                "config.json",
                &include_bytes!("golden/llama_gqa/config.json")[..],
            ),
            (
                "model.safetensors",
                include_bytes!("golden/llama_gqa/model.safetensors"),
            ),
            (
                "tokenizer.json",
                include_bytes!("golden/llama_gqa/tokenizer.json"),
            ),
        ]
        .map(|(name, bytes)| (name.to_owned(), bytes.to_vec())),
    );
    load::model("tiny", &files).expect("a model")
}

#[test]
fn the_forward_pass_gives_the_golden_logits() {
    let model = tiny();
    let golden: Value =
        serde_json::from_str(include_str!("golden/llama_gqa/golden.json")).expect("JSON");
    for case in golden["cases"].as_array().expect("cases") {
        let tokens: Vec<u32> = serde_json::from_value(case["tokens"].clone()).expect("tokens");
        let rows: Vec<Vec<f64>> = serde_json::from_value(case["logits"].clone()).expect("logits");
        let mut session = Session::new(&model, Cpu).expect("a session");
        let logits = pollster::block_on(session.logits(&tokens)).expect("logits");
        for (ours, theirs) in logits.iter().zip(rows.concat()) {
            assert!((f64::from(*ours) - theirs).abs() < 1e-4, "{ours} {theirs}");
        }
    }
}

#[test]
fn a_packed_model_runs_as_its_written_out_twin() {
    let model = tiny();
    for method in METHODS {
        for settings in strengths(method) {
            let (packed, layers) =
                compress(&model, method, &settings, &mut |_, _, _| {}).expect("a model");
            assert_eq!(
                packed.linear_bytes(),
                layers.iter().map(|layer| layer.bytes_after).sum::<usize>()
            );
            let mut files = Files::new();
            files.insert(
                "config.json".into(),
                include_bytes!("golden/llama_gqa/config.json").to_vec(),
            );
            files.insert(
                "tokenizer.json".into(),
                include_bytes!("golden/llama_gqa/tokenizer.json").to_vec(),
            );
            let written = pressure_test::save::safetensors(&packed).expect("a file");
            files.insert("model.safetensors".into(), written);
            let twin = load::model("twin", &files).expect("a model");
            let logits = |model: &Model| {
                let mut session = Session::new(model, Cpu).expect("a session");
                pollster::block_on(session.logits(&[1, 5, 9, 2, 40])).expect("logits")
            };
            assert_eq!(
                logits(&packed),
                logits(&twin),
                "{} {settings:?}",
                method.name
            );
        }
    }
}

#[test]
fn bad_weights_and_settings_are_named() {
    let model = tiny();
    let refusal = |name: &str, settings: Value| {
        let method = method(name).expect("a method");
        match compress(&model, method, &map(settings), &mut |_, _, _| {}) {
            Ok(_) => panic!("accepted"),
            Err(error) => error.to_string(),
        }
    };
    assert!(refusal("round_to_nearest", json!({ "bits": 9 })).contains("bits = 9"));
    assert!(refusal("round_to_nearest", json!({ "group_size": 0 })).contains("group_size = 0"));
    assert!(refusal("magnitude", json!({ "sparsity": 1.5 })).contains("sparsity = 1.5"));
    assert!(method("gzip").is_err_and(|error| error.to_string().contains("gzip")));
}

fn options(ask: Ask) -> Options {
    Options { ask, seed: 0 }
}

fn probes(ask: Ask) -> Vec<Box<dyn Probe>> {
    PROBES
        .iter()
        .map(|kind| (kind.build)(&options(ask)).expect("items"))
        .collect()
}

/// How many options the questions of a probe have at most; 0 for texts.
fn widest(probe: &dyn Probe) -> usize {
    let width = |request: &Request| match request {
        Request::Choose { options, .. } => options.len(),
        _ => 0,
    };
    probe.requests().iter().map(width).max().unwrap_or(0)
}

/// The responses of a model that always takes the option that `pick` names.
fn choices(probe: &dyn Probe, pick: impl Fn(usize) -> usize) -> Vec<Response> {
    let response = |(i, request): (usize, &Request)| match request {
        Request::Choose { options, .. } => Response::Choose(
            (0..options.len())
                .map(|option| if option == pick(i) { -1.0 } else { -2.0 })
                .collect(),
        ),
        _ => panic!("a question was expected"),
    };
    probe.requests().iter().enumerate().map(response).collect()
}

#[test]
fn a_model_that_knows_scores_best_a_contrary_one_worst_and_a_guessing_one_chance() {
    for (kind, probe) in PROBES.iter().zip(probes(Ask::Likelihood)) {
        let width = widest(&*probe);
        if width == 0 {
            continue;
        }
        let constant: Vec<_> = (0..width)
            .map(|option| probe.score(&choices(&*probe, |_| option)).expect("a score"))
            .collect();
        let guessing = constant.iter().map(|score| score.value).sum::<f64>() / width as f64;
        let chance = kind.chance.expect("questions have a chance level");
        assert!(
            (guessing - chance).abs() < 1e-9,
            "{}: {guessing}",
            kind.name
        );

        let option_of_value = |i: usize, value: f64| {
            (0..width)
                .find(|&option| constant[option].items[i].value == value)
                .unwrap_or(0)
        };
        for (value, expected) in [(1.0, 100.0), (0.0, 0.0)] {
            let responses = choices(&*probe, |i| option_of_value(i, value));
            let score = probe.score(&responses).expect("a score");
            assert!(
                (score.value - expected).abs() < 1e-9,
                "{}: {}",
                kind.name,
                score.value
            );
            assert!(score.interval[0] <= score.value && score.value <= score.interval[1]);
            assert!(
                score.interval[1] - score.interval[0] > 1.0,
                "{}: too certain",
                kind.name
            );
        }
    }
}

#[test]
fn written_answers_score_as_chosen_ones_do() {
    for ((kind, chosen), written) in PROBES
        .iter()
        .zip(probes(Ask::Likelihood))
        .zip(probes(Ask::Generate))
    {
        if widest(&*chosen) == 0 {
            continue;
        }
        let options = |i: usize| match &chosen.requests()[i] {
            Request::Choose { options, .. } => options.clone(),
            _ => Vec::new(),
        };
        let first = chosen.score(&choices(&*chosen, |_| 0)).expect("a score");
        let texts: Vec<Response> = (0..written.requests().len())
            .map(|i| Response::Generate(format!(" {}", options(i)[0])))
            .collect();
        let read = written.score(&texts).expect("a score");
        assert_eq!(
            (read.value, read.no_answer_rate),
            (first.value, 0.0),
            "{}",
            kind.name
        );

        for (text, status) in [
            (" mumble", Status::NoAnswer),
            (" I cannot say", Status::Refused),
        ] {
            let texts = vec![Response::Generate(text.into()); texts.len()];
            let score = written.score(&texts).expect("a score");
            assert!(
                score.items.iter().all(|item| item.status == status),
                "{}",
                kind.name
            );
            let (refused, unread) = (score.refusal_rate, score.no_answer_rate);
            assert_eq!(refused + unread, 1.0);
            assert_eq!(score.cannot_tell, status == Status::NoAnswer);
        }
    }
}

#[test]
fn no_responses_are_an_error() {
    for probe in probes(Ask::Likelihood).iter().chain(&probes(Ask::Generate)) {
        assert!(probe.score(&[]).is_err());
        assert!(!probe.requests().is_empty());
    }
}

#[test]
fn a_trust_dimension_has_sixty_items_and_twenty_in_each_part() {
    for (kind, probe) in PROBES.iter().zip(probes(Ask::Likelihood)) {
        if kind.group == Group::Utility {
            continue;
        }
        let score = probe.score(&choices(&*probe, |_| 0)).expect("a score");
        assert!(score.n >= 60, "{}: {}", kind.name, score.n);
        for part in &score.parts {
            assert!(part.n >= 20, "{} {}: {}", kind.name, part.name, part.n);
        }
        let mut prompts: Vec<_> = score
            .items
            .iter()
            .map(|item| (&item.part, &item.prompt))
            .collect();
        prompts.sort();
        prompts.dedup();
        assert_eq!(
            prompts.len(),
            score.items.len(),
            "{}: an item stands twice",
            kind.name
        );
    }
}

#[test]
fn likelier_text_has_lower_perplexity() {
    for (kind, probe) in PROBES.iter().zip(probes(Ask::Likelihood)) {
        if widest(&*probe) > 0 {
            continue;
        }
        let score = |per_token: f64| {
            let text = |_| Response::Text {
                loglikelihood: -30.0 * per_token,
                tokens: 30,
            };
            let responses: Vec<Response> = probe.requests().iter().map(text).collect();
            probe.score(&responses).expect("a score").value
        };
        assert!((score(2.0) - 2f64.exp()).abs() < 1e-9, "{}", kind.name);
        assert!(score(1.0) < score(2.0));
    }
}

#[test]
fn a_run_reports_every_score_before_and_after() {
    let mut model = tiny();
    // Its vocabulary is of single bytes, so the prompts are long.
    model.config.max_position_embeddings = 4096;
    let recipe = Recipe {
        method: "round_to_nearest".into(),
        settings: map(json!({ "bits": 8 })),
        evaluation: Map::new(),
    };
    let mut baseline = Baseline::default();
    let mut partial = 0;
    let mut run = |baseline: &mut Baseline| {
        let mut on_event = |event: &Event| {
            if let Event::Report { report } = event {
                partial += 1;
                assert!(report.before.scores.len() >= report.after.scores.len());
            }
        };
        pollster::block_on(report::run(&model, Cpu, &recipe, baseline, &mut on_event))
    };
    let first = run(&mut baseline).expect("a report");
    let again = run(&mut baseline).expect("a report");
    assert!(first.complete && again.complete);
    assert_eq!(first.comparisons.len(), PROBES.len());
    for (a, b) in first.before.scores.iter().zip(&again.before.scores) {
        assert_eq!((a.name, a.value), (b.name, b.value));
    }
    assert_eq!(partial, 4 * PROBES.len());
}

//! Whole-number products change no answer: every item with options, asked of a quantized model as it is and of the same weights
//! written out, which are multiplied in f32.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use pressure_test::compress::no_pause;
use pressure_test::evaluate::{self, Options, PARAMETERS, PROBES, Variant, VariantAsker};
use pressure_test::load;
use pressure_test::model::{Inputs, Model};
use pressure_test::recipe::{Recipe, Settings};
use pressure_test::report::{self, Experiment, UserInputs};
use pressure_test::weight::{Dense, Floats, Storage, Weight};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Dimensions whose answers are compared: texts are drawn, and perplexity has none.
fn compared(name: &str) -> bool {
    !["toxicity", "perplexity"].contains(&name)
}

/// The model with every packed matrix as f32 of the same values.
fn written_out(model: &Model) -> Model {
    let dense = |weight: &Weight| {
        let matrix = weight.to_matrix();
        let values = Floats::from_f32(Storage::F32, matrix.data.into_iter());
        let dense = Dense::new(matrix.rows, matrix.cols, values).expect("as many values");
        Arc::new(Weight::Dense(dense))
    };
    let mut written = model.clone();
    written.embedding = dense(&model.embedding);
    written.head = if model.is_tied() {
        Arc::clone(&written.embedding)
    } else {
        dense(&model.head)
    };
    for block in &mut written.blocks {
        for inputs in Inputs::ALL {
            for linear in block.reading_mut(inputs) {
                linear.weight = dense(&linear.weight);
            }
        }
    }
    written
}

/// Answer and margin of every item, by its dimension and name.
fn answers(model: Model) -> BTreeMap<(String, String), (Option<String>, Option<f64>)> {
    let variant = Variant::new(Arc::new(model));
    let all = map(json!({ "items": "all" }));
    let settings = Settings::new(PARAMETERS, &all).expect("settings");
    let options = Options::new(&settings, &variant.model.interface());
    let inputs = UserInputs::default();
    let options = options
        .with(&settings, &inputs.items, &inputs.scorer)
        .expect("options");
    let names = PROBES.iter().map(|kind| kind.name.to_owned());
    let names: Vec<String> = names.filter(|name| compared(name)).collect();
    let probes = evaluate::chosen(&names).expect("probes");
    let mut asker = variant.asker(options.template).expect("an asker");
    let mut ignore = |_: &report::Event| {};
    let measuring = report::evaluate(&variant.model, &mut asker, &probes, &options, &mut ignore);
    let (measurement, _) = pollster::block_on(measuring).expect("scores");
    let mut answers = BTreeMap::new();
    for score in measurement.scores {
        for item in score.items {
            let place = (score.name.to_owned(), item.id);
            answers.insert(place, (item.answer, item.margin));
        }
    }
    answers
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other} is no object"),
    }
}

/// How many answers there are, and those that differ, each with both margins in nats.
fn compare(model: &Model) -> (usize, Vec<String>) {
    let plain = answers(written_out(model));
    let whole = answers(model.clone());
    assert_eq!(plain.len(), whole.len());
    let mut changed = Vec::new();
    let mut most = 0f64;
    for (((probe, id), (answer, margin)), (other, other_margin)) in plain.iter().zip(whole.values())
    {
        if let (Some(a), Some(b)) = (margin, other_margin) {
            most = most.max((a - b).abs());
        }
        if answer != other {
            changed.push(format!(
                "{probe} {id}: {answer:?} ({margin:?}) in f32, {other:?} ({other_margin:?})"
            ));
        }
    }
    println!(
        "{} answers, margins differ by at most {most:.2e} nats",
        plain.len()
    );
    for change in &changed {
        println!("{change}");
    }
    (plain.len(), changed)
}

#[test]
fn no_answer_of_the_built_in_model_changes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/public/pebble");
    let file = |name: &str| {
        let bytes = std::fs::read(folder.join(name)).expect("a file");
        (name.to_owned(), bytes)
    };
    let files = ["config.json", "model.safetensors", "tokenizer.json"].map(file);
    let model = load::model("pebble", &files.into()).unwrap_or_else(|error| panic!("{error}"));
    for bits in [8, 3] {
        let recipe = Recipe {
            method: "round_to_nearest".into(),
            settings: map(json!({ "bits": bits })),
            calibration: Map::new(),
            evaluation: Map::new(),
            probes: vec!["perplexity".into()],
        };
        let variant = Variant::new(Arc::new(model.clone()));
        let experiment = Experiment::new(variant, &recipe, &UserInputs::default());
        let mut experiment = experiment.expect("an experiment");
        let squeezed = pollster::block_on(experiment.compress::<VariantAsker>(
            0,
            None,
            &no_pause,
            &mut |_| {},
        ))
        .expect("a model");
        let (n, changed) = compare(&squeezed.model);
        assert!(n > 2000, "{n} answers");
        assert!(changed.is_empty(), "{bits} bits: {changed:#?}");
    }
}

#[test]
#[ignore = "scripts/real/check runs it: some minutes on two cores"]
fn what_changes_in_smollm2_is_near_a_tie() {
    let name = "SmolLM2-135M-Instruct.Q4_1.gguf";
    let folder = Path::new(env!("PRESSURE_TEST_REAL")).join("smollm2-b179c9523d0e");
    let file = std::fs::File::open(folder.join(name)).expect("a file");
    let model = load::model("real", &BTreeMap::from([(name.to_owned(), file)]));
    let (n, changed) = compare(&model.unwrap_or_else(|error| panic!("{error}")));
    assert!(n > 2000, "{n} answers");
    assert!(changed.is_empty(), "{changed:#?}");
}

//! What is said of models of which nothing is left: magnitude pruning at 95 %, and noise of the same size in place of every
//! linear layer. Perplexity is not asked, so that its banner plays no part.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use pressure_test::compress::no_pause;
use pressure_test::evaluate::words::{Ability, Word};
use pressure_test::evaluate::{Comparison, Group, PROBES, Variant, VariantAsker};
use pressure_test::load;
use pressure_test::model::{Inputs, Model};
use pressure_test::recipe::Recipe;
use pressure_test::report::{Baseline, Event, Experiment, Side, UserInputs};
use pressure_test::weight::{Dense, Floats, Storage, Weight};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The model with normal noise of the same standard deviation in place of each linear layer's weights.
fn noise(model: &Model) -> Model {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut share = || (f64::from(random.next_u32()) + 0.5) / 4_294_967_296.0;
    let mut normal = || (-2.0 * share().ln()).sqrt() * (std::f64::consts::TAU * share()).cos();
    let mut destroyed = model.clone();
    for block in &mut destroyed.blocks {
        for inputs in Inputs::ALL {
            for linear in block.reading_mut(inputs) {
                let matrix = linear.weight.to_matrix();
                let n = matrix.data.len() as f64;
                let mean = matrix.data.iter().map(|v| f64::from(*v)).sum::<f64>() / n;
                let square = |v: &f32| (f64::from(*v) - mean).powi(2);
                let deviation = (matrix.data.iter().map(square).sum::<f64>() / n).sqrt();
                #[expect(clippy::cast_possible_truncation, reason = "a weight is an f32")]
                let values = matrix.data.iter().map(|_| (deviation * normal()) as f32);
                let values = Floats::from_f32(Storage::F32, values);
                let dense = Dense::new(matrix.rows, matrix.cols, values).expect("as many values");
                linear.weight = Arc::new(Weight::Dense(dense));
            }
        }
    }
    destroyed
}

/// What is said of the model pruned, and of noise, by a whole run over so many items.
fn said(model: Model, items: &Value) -> [Vec<Comparison>; 2] {
    let map = |value: Value| value.as_object().expect("an object").clone();
    let probes = PROBES.iter().map(|kind| kind.name);
    let recipe = Recipe {
        method: "magnitude".into(),
        settings: map(json!({ "sparsity": 0.95 })),
        calibration: Map::new(),
        evaluation: map(json!({ "items": items, "samples": 3 })),
        probes: probes
            .filter(|name| *name != "perplexity")
            .map(str::to_owned)
            .collect(),
    };
    let noise = Variant::new(Arc::new(noise(&model)));
    let reference = Variant::new(Arc::new(model));
    let experiment = Experiment::new(reference.clone(), &recipe, &UserInputs::default());
    let mut experiment = experiment.expect("an experiment");
    let mut ignore = |_: &Event| {};
    let compressing = experiment.compress::<VariantAsker>(0, None, &no_pause, &mut ignore);
    let pruned = pollster::block_on(compressing).expect("a model");
    let side = |variant: Variant| Side {
        asker: variant.asker(experiment.template()).expect("an asker"),
        variant,
        original: None,
    };
    let mut sides = [reference, pruned, noise].map(side);
    let mut baseline = Baseline::default();
    let score = experiment.score(&mut sides, &mut baseline, &mut ignore);
    pollster::block_on(score).expect("scores");
    let report = experiment.report().expect("a report");
    [
        report.comparisons.clone(),
        report.others[0].comparisons.clone(),
    ]
}

/// What is said of a row and of its sub-tasks.
fn show(comparison: &Comparison) {
    let change = &comparison.change;
    let ability = change
        .ability
        .map(|sides| sides.map(|a| (a.value, a.interval, a.clusters)));
    println!(
        "{}: {} (score {:.1?} to {:.1?}, p {:.4?}, alpha {:.4?}, ability {ability:.3?}, {:?}, left out {:?}, without {:?})",
        comparison.name,
        change.verdict.words,
        change.before,
        change.after,
        change.verdict.p,
        change.verdict.alpha,
        change.verdict.ability,
        change.verdict.left_out,
        change.not_measurable
    );
    for part in &comparison.parts {
        let ability = part
            .change
            .ability
            .map(|sides| sides.map(|a| (a.value, a.interval)));
        println!(
            "    {}: {} ({:.1?} to {:.1?}, ability {ability:.3?})",
            part.name, part.change.verdict.words, part.change.before, part.change.after
        );
    }
}

/// No word of any row or sub-task speaks for a destroyed model, and what could be measured before is broken: but where the
/// interval of ability after still reaches the midpoint of none and ability before, since the items are too few to say so.
fn check(said: &[Comparison]) {
    let mut broken = 0;
    for comparison in said {
        show(comparison);
        let parts = comparison.parts.iter();
        let parts = parts.map(|part| (&*part.name, &part.change));
        for (part, change) in parts.chain([("all", &comparison.change)]) {
            let word = change.verdict.word;
            let favourable = word.is_none_or(Word::is_favourable);
            assert!(!favourable, "{} {part}: {word:?}", comparison.name);
        }
        let mut kinds = PROBES.iter();
        let kind = kinds.find(|kind| kind.name == comparison.name);
        let word = comparison.change.verdict.word;
        let low =
            |[before, after]: [Ability; 2]| after.interval[1] < f64::midpoint(0.5, before.value);
        let known = comparison.change.ability.is_none_or(low);
        let is_broken = word == Some(Word::Broken);
        let passes = is_broken || !known || word == Some(Word::NotMeasurable);
        assert!(passes, "{}: {word:?}", comparison.name);
        let is_trust = kind.is_some_and(|kind| kind.group == Group::Trust);
        broken += usize::from(is_broken && is_trust);
    }
    println!("{broken} of 8 are broken\n");
}

#[test]
fn the_built_in_model_destroyed_is_broken_in_every_row() {
    for said in said(pebble(), &json!("all")) {
        check(&said);
        for row in &said {
            assert_eq!(row.change.verdict.word, Some(Word::Broken), "{}", row.name);
        }
    }
}

/// With 120 items a dimension.
#[test]
#[ignore = "scripts/real/check runs it: a quarter of an hour on a quiet core"]
fn nothing_good_is_said_of_smollm2_destroyed() {
    let name = "SmolLM2-135M-Instruct.Q4_1.gguf";
    let folder = Path::new(env!("PRESSURE_TEST_REAL")).join("smollm2-b179c9523d0e");
    let file = std::fs::File::open(folder.join(name)).expect("a file");
    let model = load::model("real", &BTreeMap::from([(name.to_owned(), file)]));
    let model = model.unwrap_or_else(|error| panic!("{error}"));
    for said in said(model, &json!(120)) {
        check(&said);
    }
}

/// The built-in model.
fn pebble() -> Model {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/public/pebble");
    let file = |name: &str| {
        let bytes = std::fs::read(folder.join(name)).expect("a file");
        (name.to_owned(), bytes)
    };
    let files = ["config.json", "model.safetensors", "tokenizer.json"].map(file);
    load::model("pebble", &files.into()).unwrap_or_else(|error| panic!("{error}"))
}

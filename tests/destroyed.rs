//! What is said of models of which nothing is left: magnitude pruning at 95 %, and noise of the same size in place of every
//! linear layer. Whether perplexity raises the banner plays no part: words are found without it.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use pressure_test::backend::Cpu;
use pressure_test::calibrate::{self, Calibration};
use pressure_test::compress::{Chain, compress};
use pressure_test::evaluate::words::Word;
use pressure_test::evaluate::{
    Compared, Comparison, Items, Options, PROBES, Score, Template, Variant, comparisons, evaluate,
    unfitting,
};
use pressure_test::load;
use pressure_test::model::{Inputs, Model};
use pressure_test::recipe::Settings;
use pressure_test::weight::{Dense, Floats, Storage, Weight};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The model after magnitude pruning.
fn pruned(model: &Model) -> Model {
    let map = |value: serde_json::Value| value.as_object().expect("an object").clone();
    let chain = Chain::new("magnitude", &map(json!({"sparsity": 0.95}))).expect("a chain");
    let few = map(json!({"sequences": 1, "length": 16}));
    let few = Settings::new(calibrate::PARAMETERS, &few).expect("settings");
    let (calibration, _) =
        Calibration::new(model, None, chain.purpose(), &few, 0).expect("a calibration");
    let mut ignore = |_: &str, _, _| {};
    let walk = compress(model, Cpu, &chain, &calibration, &mut ignore);
    pollster::block_on(walk).expect("a model").0
}

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

/// Every score of every model; rows that do not fit are left out.
fn scores(models: &[Arc<Model>], items: Items) -> Vec<Vec<Score>> {
    let options = Options {
        items,
        samples: 5,
        world: models[0].remarks.world.clone(),
        ..Options::default()
    };
    let askers = models.iter().map(|model| Variant::new(Arc::clone(model)));
    let askers = askers.map(|variant| variant.asker(Template::Auto).expect("an asker"));
    let mut askers: Vec<_> = askers.collect();
    let mut scores = vec![Vec::new(); models.len()];
    for kind in PROBES {
        let mut probe = (kind.build)(&options).expect("items");
        let long = unfitting(&models[0], Template::Auto, &probe.requests()).expect("requests");
        let long: Vec<usize> = long.iter().map(|(request, _)| *request).collect();
        if !long.is_empty() && !probe.leave_out(&long) {
            continue;
        }
        for (asker, scores) in askers.iter_mut().zip(&mut scores) {
            let mut ignore = |_, _| {};
            let score = evaluate(asker, &*probe, &mut ignore);
            scores.push(pollster::block_on(score).expect("a score"));
        }
    }
    scores
}

fn compared(before: &[Score], after: &[Score]) -> Vec<Comparison> {
    let pairs = before.iter().zip(after);
    let tests: Vec<Compared> = pairs
        .filter_map(|(b, a)| Compared::new(b, &[a], 0))
        .collect();
    comparisons(&tests, false)
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

#[test]
fn explore() {
    let model = pebble();
    let models = [model.clone(), pruned(&model), noise(&model)].map(Arc::new);
    let began = std::time::Instant::now();
    let scores = scores(&models, Items::All);
    println!("{:?}", began.elapsed());
    for after in &scores[1..] {
        println!("====");
        for comparison in compared(&scores[0], after) {
            show(&comparison);
        }
    }
    println!("{:?}", began.elapsed());
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

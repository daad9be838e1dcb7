//! The run that asks every probe, and what becomes of it when something fails.

use crate::{map, tiny};
use pressure_test::backend::Cpu;
use pressure_test::evaluate::toxicity::Scorer;
use pressure_test::evaluate::{PROBES, chosen};
use pressure_test::model::Model;
use pressure_test::recipe::Recipe;
use pressure_test::report::{self, Baseline, Event, Report, UserInputs};
use pressure_test::{Error, Result};
use serde_json::{Map, json};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn run(probes: &[&str], baseline: &mut Baseline, see: &mut dyn FnMut(&Report)) -> Report {
    let mut model = tiny();
    // Its vocabulary is of single bytes, so the prompts are long.
    model.config.max_position_embeddings = 4096;
    let recipe = Recipe {
        method: "round_to_nearest".into(),
        settings: map(json!({ "bits": 8 })),
        calibration: Map::new(),
        evaluation: map(json!({ "items": 20, "samples": 2 })),
        probes: probes.iter().map(|name| (*name).to_owned()).collect(),
    };
    let mut on_event = |event: &Event| {
        if let Event::Report { report } = event {
            see(report);
        }
    };
    let inputs = UserInputs::default();
    let mut compressed = None;
    let run = report::run(
        &model,
        Cpu,
        &recipe,
        &inputs,
        baseline,
        &mut compressed,
        &mut on_event,
    );
    let report = pollster::block_on(run).expect("a report");
    assert!(compressed.is_some());
    report
}

#[test]
fn a_run_reports_every_score_before_and_after() {
    let mut baseline = Baseline::default();
    let mut partial = 0;
    let mut see = |report: &Report| {
        partial += 1;
        // What has been measured so far is whole, and says that it is not all.
        let (before, after) = (&report.before.scores, &report.after.scores);
        assert!(before.len() >= after.len());
        assert_eq!(report.comparisons.len(), after.len());
        assert_eq!(report.complete, after.len() == PROBES.len());
        for comparison in &report.comparisons {
            assert!(comparison.change.n > 0);
        }
    };
    let first = run(&[], &mut baseline, &mut see);
    let again = run(&[], &mut baseline, &mut see);
    assert!(first.complete && again.complete);
    assert_eq!(partial, 2 * (1 + 2 * PROBES.len()));
    assert_eq!(first.comparisons.len(), PROBES.len());
    for (a, b) in first.before.scores.iter().zip(&again.before.scores) {
        assert_eq!((a.name, a.value), (b.name, b.value));
    }
    for (a, b) in first.after.scores.iter().zip(&again.after.scores) {
        assert_eq!(
            (a.name, a.value),
            (b.name, b.value),
            "drawn anew, and the same"
        );
    }
    let privacy = &first.before.scores[1];
    assert_eq!(privacy.unmeasured.len(), 1, "this model has read nothing");
    assert!(
        first.before.scores[2]
            .items
            .iter()
            .all(|item| item.samples.len() == 2)
    );
}

#[test]
fn some_probes_are_a_whole_run_too() {
    let names = ["machine_ethics", "stereotype"];
    let mut seen = Vec::new();
    let mut see = |report: &Report| seen.push(report.complete);
    let report = run(&names, &mut Baseline::default(), &mut see);
    let scores: Vec<&str> = report.after.scores.iter().map(|score| score.name).collect();
    assert_eq!(scores, ["stereotype", "machine_ethics"]);
    assert_eq!(seen, [false, false, false, false, true]);
    assert_eq!(report.recipe.probes, ["stereotype", "machine_ethics"]);
    let error = chosen(&["stereotypes".into()])
        .expect_err("no such probe")
        .to_string();
    assert!(
        error.contains("stereotypes") && error.contains("machine_ethics"),
        "{error}"
    );
}

/// A run by this method, whose toxicity cannot be judged.
fn failing(method: &str, source: &str, kept: &mut Option<Model>) -> Result<Report> {
    let mut model = tiny();
    model.config.max_position_embeddings = 4096;
    let recipe = Recipe {
        method: method.into(),
        settings: Map::new(),
        calibration: Map::new(),
        evaluation: map(json!({ "items": 20, "samples": 1, "source": source })),
        probes: vec!["toxicity".into()],
    };
    let inputs = UserInputs {
        scorer: Scorer::new("broken".into(), |_| Err(Error::NotANumber)),
        ..UserInputs::default()
    };
    let mut baseline = Baseline::default();
    let mut ignore = |_: &Event| {};
    let run = report::run(
        &model,
        Cpu,
        &recipe,
        &inputs,
        &mut baseline,
        kept,
        &mut ignore,
    );
    pollster::block_on(run)
}

#[test]
fn a_run_that_fails_keeps_the_compressed_model() {
    let hash = |kept: &Option<Model>| kept.as_ref().map(Model::linear_bytes);
    let mut kept = Some(tiny());
    let first = hash(&kept);
    for (method, source) in [("gzip", "classroom"), ("magnitude", "own")] {
        failing(method, source, &mut kept).expect_err("a recipe that cannot be run");
        assert_eq!(hash(&kept), first, "{method} never began");
    }
    // The report shows this compression already: what is saved is what is shown.
    failing("round_to_nearest", "classroom", &mut kept).expect_err("no toxicity");
    assert!(hash(&kept).is_some() && hash(&kept) != first);
}

#[test]
fn shorter_sequences_than_asked_for_are_told() {
    let model = tiny();
    let length = model.config.max_position_embeddings;
    let recipe = Recipe {
        method: "magnitude".into(),
        settings: Map::new(),
        calibration: map(json!({ "length": length + 8 })),
        evaluation: Map::new(),
        probes: vec!["perplexity".into()],
    };
    let (inputs, mut baseline) = (UserInputs::default(), Baseline::default());
    let (mut kept, mut ignore) = (None, |_: &Event| {});
    let run = report::run(
        &model,
        Cpu,
        &recipe,
        &inputs,
        &mut baseline,
        &mut kept,
        &mut ignore,
    );
    let report = pollster::block_on(run).expect("a report");
    let note = format!("{length} tokens, not {}", length + 8);
    assert!(
        report.notes.iter().any(|said| said.contains(&note)),
        "{:?}",
        report.notes
    );
    assert_eq!(report.calibration.length, length);
}

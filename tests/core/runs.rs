//! The run that asks every probe, and what becomes of it when something fails.

use crate::{map, tiny};
use pressure_test::compress::no_pause;
use pressure_test::evaluate::toxicity::Scorer;
use pressure_test::evaluate::{Comparison, Group, PROBES, Template, Variant, VariantAsker, chosen};
use pressure_test::model::Model;
use pressure_test::recipe::Recipe;
use pressure_test::report::{self, Baseline, Event, Experiment, Report, Side, UserInputs};
use pressure_test::{Error, Result};
use serde_json::{Map, Value, json};
use std::sync::Arc;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A whole run of a recipe, asked in this program.
pub fn report(
    model: Model,
    recipe: &Recipe,
    inputs: &UserInputs,
    baseline: &mut Baseline,
    kept: &mut Option<Arc<Model>>,
    on_event: &mut dyn FnMut(&Event),
) -> Result<Report> {
    let mut experiment = Experiment::new(Variant::new(Arc::new(model)), recipe, inputs)?;
    let mut open = Variant::asker;
    let run = report::run(&mut experiment, &mut open, baseline, kept, on_event);
    pollster::block_on(run)?;
    Ok(experiment.report().expect("a report").clone())
}

fn run(probes: &[&str], baseline: &mut Baseline, on_event: &mut dyn FnMut(&Event)) -> Report {
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
    let (inputs, mut kept) = (UserInputs::default(), None);
    let report = report(model, &recipe, &inputs, baseline, &mut kept, on_event);
    assert!(kept.is_some());
    report.expect("a report")
}

/// An event as the page gets it.
fn told(event: &Event) -> Value {
    serde_json::to_value(event).expect("an event")
}

/// The report that a page makes of the events.
fn grown(events: &[Value]) -> Value {
    let mut report = Value::Null;
    // In place of what is of the same dimension.
    let push = |list: &mut Value, each: &Value| {
        let list = list.as_array_mut().expect("a list");
        match list.iter_mut().find(|old| old["name"] == each["name"]) {
            Some(old) => *old = each.clone(),
            None => list.push(each.clone()),
        }
    };
    for event in events {
        match event["kind"].as_str() {
            Some("compressed") => report = event["report"].clone(),
            Some("scored") => {
                let side = if event["side"] == 0 {
                    "before"
                } else {
                    "after"
                };
                for name in ["seconds", "tokens_per_second"] {
                    report[side][name] = event[name].clone();
                }
                push(&mut report[side]["scores"], &event["score"]);
            }
            Some("asked") => {
                push(&mut report["data"], &event["set"]);
                report["comparisons"] = event["comparisons"].clone();
                report["complete"] = event["complete"].clone();
            }
            Some("spread") => {
                report["spread"] = event["spread"].clone();
                report["comparisons"] = event["comparisons"].clone();
                report["complete"] = event["complete"].clone();
            }
            _ => {}
        }
    }
    report
}

#[test]
fn a_run_reports_every_score_before_and_after() {
    let mut baseline = Baseline::default();
    let mut events = Vec::new();
    let mut see = |event: &Event| events.push(told(event));
    let first = run(&[], &mut baseline, &mut see);
    let mut again = Vec::new();
    let mut see = |event: &Event| again.push(told(event));
    let second = run(&[], &mut baseline, &mut see);
    assert!(first.complete && second.complete);
    for (report, events) in [(&first, &events), (&second, &again)] {
        let whole = serde_json::to_value(report).expect("a report");
        assert_eq!(grown(events), whole, "the pieces are the whole");
        // Everything that was measured was told once a look; usefulness is looked at once.
        let count = |kind| events.iter().filter(|event| event["kind"] == kind).count();
        let trust = PROBES.iter().filter(|kind| kind.group == Group::Trust);
        let asked = PROBES.len() + 2 * trust.count();
        assert_eq!([count("compressed"), count("asked")], [1, asked]);
        assert_eq!(count("scored"), 2 * asked);
        let complete = events.iter().filter(|event| event["complete"] == true);
        assert_eq!(complete.count(), 1);
    }
    assert_eq!(first.comparisons.len(), PROBES.len());
    assert!(
        first
            .comparisons
            .iter()
            .all(|comparison| comparison.change.n > 0)
    );
    for (a, b) in first.before.scores.iter().zip(&second.before.scores) {
        assert_eq!((a.name, a.value), (b.name, b.value));
    }
    for (a, b) in first.after.scores.iter().zip(&second.after.scores) {
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
    let mut see = |event: &Event| seen.extend(told(event)["complete"].as_bool());
    let report = run(&names, &mut Baseline::default(), &mut see);
    let scores: Vec<&str> = report.after.scores.iter().map(|score| score.name).collect();
    assert_eq!(scores, ["stereotype", "machine_ethics"]);
    assert_eq!(seen, [false, false, false, false, false, true]);
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
fn failing(method: &str, source: &str, kept: &mut Option<Arc<Model>>) -> Result<Report> {
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
    report(model, &recipe, &inputs, &mut baseline, kept, &mut ignore)
}

#[test]
fn a_run_that_fails_keeps_the_compressed_model() {
    let hash = |kept: &Option<Arc<Model>>| kept.as_ref().map(|model| model.linear_bytes());
    let mut kept = Some(Arc::new(tiny()));
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
    let report = report(
        model,
        &recipe,
        &inputs,
        &mut baseline,
        &mut kept,
        &mut ignore,
    );
    let report = report.expect("a report");
    let note = format!("{length} tokens, not {}", length + 8);
    assert!(
        report.notes.iter().any(|said| said.contains(&note)),
        "{:?}",
        report.notes
    );
    assert_eq!(report.calibration.length, length);
}

#[test]
fn a_third_side_is_compared_with_the_reference_as_it_would_be_alone() {
    let mut model = tiny();
    model.config.max_position_embeddings = 4096;
    let recipe = |bits| Recipe {
        method: "round_to_nearest".into(),
        settings: map(json!({ "bits": bits })),
        calibration: Map::new(),
        evaluation: map(json!({ "items": 20 })),
        probes: vec!["machine_ethics".into(), "perplexity".into()],
    };
    let (inputs, mut ignore) = (UserInputs::default(), |_: &Event| {});
    let reference = Variant::new(Arc::new(model));
    let begun = |bits, ignore: &mut dyn FnMut(&Event)| {
        let recipe = recipe(bits);
        let mut experiment =
            Experiment::new(reference.clone(), &recipe, &inputs).expect("a recipe");
        let compressed =
            pollster::block_on(experiment.compress::<VariantAsker>(0, None, &no_pause, ignore))
                .expect("a model");
        (experiment, compressed)
    };
    let side = |variant: &Variant| Side {
        asker: variant.asker(Template::Auto).expect("an asker"),
        variant: variant.clone(),
        original: None,
    };
    let scored = |experiment: &mut Experiment, variants: &[&Variant]| {
        let mut sides: Vec<_> = variants.iter().map(|variant| side(variant)).collect();
        let (mut baseline, mut ignore) = (Baseline::default(), |_: &Event| {});
        let score = experiment.score(&mut sides, &mut baseline, &mut ignore);
        pollster::block_on(score).expect("scores");
        experiment.report().expect("a report").clone()
    };
    let (mut two, squeezed) = begun(4, &mut ignore);
    let (mut alone, broken) = begun(2, &mut ignore);
    let together = scored(&mut two, &[&reference, &squeezed, &broken]);
    let alone = scored(&mut alone, &[&reference, &broken]);
    let [third] = &together.others[..] else {
        panic!("one other side");
    };
    let json = |all: &Vec<Comparison>| serde_json::to_string(all).expect("comparisons");
    assert_eq!(json(&third.comparisons), json(&alone.comparisons));
    assert_ne!(json(&together.comparisons), json(&alone.comparisons));
    for (a, b) in third.measurement.scores.iter().zip(&alone.after.scores) {
        assert_eq!((a.name, a.value), (b.name, b.value));
    }
    assert!(alone.others.is_empty());
}

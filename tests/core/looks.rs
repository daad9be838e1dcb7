//! A sample that grows: asked by quarter, half and whole, and looked at after each.

use crate::probes::{options, probes};
use crate::{map, tiny};
use pressure_test::Result;
use pressure_test::evaluate::{
    Ask, Asker, Cost, Items, Options, Reply, Request, Template, Variant, VariantAsker, chosen,
    evaluate,
};
use pressure_test::recipe::Recipe;
use pressure_test::report::{self, Baseline, Event, Experiment, UserInputs};
use serde_json::{Map, json};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn written(requests: &[Request]) -> Vec<String> {
    requests.iter().map(|r| format!("{r:?}")).collect()
}

#[test]
fn the_beginning_of_a_sample_asks_some_of_its_requests() {
    for (kind, whole) in probes(Ask::Calibrated) {
        let all: BTreeSet<String> = written(&whole.requests()).into_iter().collect();
        let mut smaller = BTreeSet::new();
        for share in [0.25, 0.5, 1.0] {
            let requests = written(&whole.beginning(share).requests());
            let own: BTreeSet<String> = requests.iter().cloned().collect();
            assert!(own.is_subset(&all), "{} {share}", kind.name);
            assert!(smaller.is_subset(&own), "{} {share}", kind.name);
            // Priors, which all questions share, and what begins a list of few are a little more.
            let most = share * all.len() as f64 * 1.3 + 12.0;
            assert!(
                !own.is_empty() && (own.len() as f64) < most,
                "{} {share}",
                kind.name
            );
            smaller = own;
        }
        assert_eq!(smaller, all, "{}", kind.name);
    }
}

/// What was asked, with the number of the side.
type Asked = Rc<RefCell<Vec<(usize, String)>>>;

/// Asks a model, and takes down what it was asked.
struct Noting {
    side: usize,
    asker: VariantAsker,
    asked: Asked,
}

impl Asker for Noting {
    async fn answer(
        &mut self,
        requests: &[Request],
        progress: &mut dyn FnMut(usize),
    ) -> Result<Vec<Reply>> {
        let own = written(requests).into_iter();
        self.asked
            .borrow_mut()
            .extend(own.map(|request| (self.side, request)));
        self.asker.answer(requests, progress).await
    }

    fn cost(&self) -> Cost {
        self.asker.cost()
    }
}

#[test]
fn a_run_looks_three_times_and_asks_nothing_twice() {
    let mut model = tiny();
    model.config.max_position_embeddings = 4096;
    let model = Arc::new(model);
    let names = ["toxicity", "machine_ethics", "perplexity"];
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let recipe = Recipe {
        method: "round_to_nearest".into(),
        settings: map(json!({ "bits": 3 })),
        calibration: Map::new(),
        evaluation: map(json!({ "items": 60, "samples": 2 })),
        probes: names.clone(),
    };
    let inputs = UserInputs::default();
    let reference = Variant::new(Arc::clone(&model));
    let mut experiment = Experiment::new(reference, &recipe, &inputs).expect("a recipe");
    let (asked, mut sides) = (Asked::default(), 0..);
    let mut open = |variant: &Variant, template: Template| {
        Ok(Noting {
            side: sides.next().unwrap_or(0),
            asker: variant.asker(template)?,
            asked: Rc::clone(&asked),
        })
    };
    // After each dimension: its items, and the level and standing of what is said of machine ethics.
    let mut looks = Vec::new();
    let mut see = |event: &Event| {
        if let Event::Asked {
            set, comparisons, ..
        } = event
        {
            let ethics = comparisons.iter().find(|c| c.name == "machine_ethics");
            let verdict = ethics.map(|ethics| &ethics.change.verdict);
            looks.push((
                (set.name, set.items),
                verdict.map(|v| ((v.alpha.unwrap_or(0.0) * 2e4).round(), v.provisional)),
            ));
        }
    };
    let (mut baseline, mut kept) = (Baseline::default(), None);
    let run = report::run(
        &mut experiment,
        &mut open,
        &mut baseline,
        &mut kept,
        &mut see,
    );
    pollster::block_on(run).expect("a run");
    let told: Vec<(&str, Option<(f64, bool)>)> = looks
        .iter()
        .map(|((name, _), verdict)| (*name, *verdict))
        .collect();
    // The error of a look is 0.001, 0.009 or 0.04; this model writes nothing that can be judged, so that one row has it
    // all. What stands between looks may change.
    assert_eq!(
        told,
        [
            ("toxicity", None),
            ("machine_ethics", Some((20.0, true))),
            ("perplexity", Some((20.0, false))),
            ("toxicity", Some((180.0, true))),
            ("machine_ethics", Some((180.0, false))),
            ("toxicity", Some((800.0, true))),
            ("machine_ethics", Some((800.0, false))),
        ]
    );
    let items: Vec<usize> = looks.iter().map(|((_, items), _)| *items).collect();
    assert!(items[1] < items[4] && items[4] < items[6], "{items:?}");
    // The model before compression reads what both drew.
    let asked = asked.borrow();
    let (read, own): (Vec<_>, Vec<_>) = asked.iter().partition(|(_, r)| r.starts_with("Read"));
    let once: BTreeSet<_> = own.iter().collect();
    assert_eq!(once.len(), own.len());
    assert!(own.iter().any(|(side, _)| *side == 1) && read.iter().all(|(side, _)| *side == 0));
    // The scores are those of the whole sample asked at once.
    let whole = Options {
        items: Items::Number(60),
        samples: 2,
        world: None,
        ..options(Ask::Calibrated)
    };
    let report = experiment.report().expect("a report");
    for (kind, score) in chosen(&names)
        .expect("they are")
        .iter()
        .zip(&report.before.scores)
    {
        let probe = (kind.build)(&whole).expect("items");
        let mut alone = Variant::new(Arc::clone(&model))
            .asker(Template::Auto)
            .expect("an asker");
        let mut ignore = |_, _| {};
        let all = pollster::block_on(evaluate(&mut alone, &*probe, &mut ignore));
        let all = all.expect("a score");
        assert_eq!(
            (all.name, all.n, all.value),
            (score.name, score.n, score.value)
        );
        assert_eq!(all.interval, score.interval);
    }
}

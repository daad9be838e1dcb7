//! Laws of probes, and of the run that asks them all.

use crate::{map, tiny};
use pressure_test::backend::Cpu;
use pressure_test::evaluate::{
    Ask, Group, Options, PROBES, Probe, Request, Response, Score, Status, Verdict, compare,
};
use pressure_test::recipe::Recipe;
use pressure_test::report::{self, Baseline, Event};
use serde_json::{Map, json};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

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

/// The score of a model to which every token has this many nats of surprise.
fn surprise(probe: &dyn Probe, per_token: f64) -> Score {
    let text = |_| Response::Text {
        loglikelihood: -30.0 * per_token,
        tokens: 30,
    };
    let responses: Vec<Response> = probe.requests().iter().map(text).collect();
    probe.score(&responses).expect("a score")
}

#[test]
fn likelier_text_has_lower_perplexity() {
    for (kind, probe) in PROBES.iter().zip(probes(Ask::Likelihood)) {
        if widest(&*probe) > 0 {
            continue;
        }
        let score = |per_token| surprise(&*probe, per_token).value;
        assert!((score(2.0) - 2f64.exp()).abs() < 1e-9, "{}", kind.name);
        assert!(score(1.0) < score(2.0));
    }
}

#[test]
fn a_verdict_follows_from_the_same_items_before_and_after() {
    for (kind, probe) in PROBES.iter().zip(probes(Ask::Likelihood)) {
        if widest(&*probe) == 0 {
            continue;
        }
        let first = probe.score(&choices(&*probe, |_| 0)).expect("a score");
        let second = probe.score(&choices(&*probe, |_| 1)).expect("a score");
        let good = |i: usize| usize::from(first.items[i].value == 0.0);
        let right = probe.score(&choices(&*probe, good)).expect("a score");
        let every_third = |i: usize| {
            if i.is_multiple_of(3) {
                1 - good(i)
            } else {
                good(i)
            }
        };
        let damaged = probe
            .score(&choices(&*probe, every_third))
            .expect("a score");

        let worse = compare(&right, &damaged, 0).expect("a comparison");
        assert_eq!(worse.verdict, Verdict::Worse, "{}", kind.name);
        assert!(worse.right_to_wrong > 0 && worse.interval[1] < 0.0);
        assert!(worse.right_to_wrong >= worse.n / 4 || kind.group == Group::Utility);
        let better = compare(&damaged, &right, 0).expect("a comparison");
        assert_eq!(better.verdict, Verdict::Better, "{}", kind.name);
        assert_eq!(better.wrong_to_right, worse.right_to_wrong);
        assert!((better.difference + worse.difference).abs() < 1e-9);
        let same = compare(&second, &second, 0).expect("a comparison");
        assert_eq!(same.verdict, Verdict::NoChange, "{}", kind.name);
        assert_eq!((same.right_to_wrong, same.wrong_to_right), (0, 0));

        let mut unread = damaged.clone();
        unread.cannot_tell = true;
        let unknown = compare(&right, &unread, 0).expect("a comparison");
        assert_eq!(unknown.verdict, Verdict::CannotTell, "{}", kind.name);
    }
}

#[test]
fn a_hair_of_perplexity_is_no_change() {
    for probe in probes(Ask::Likelihood) {
        if widest(&*probe) > 0 {
            continue;
        }
        let score = |per_token| surprise(&*probe, per_token);
        let verdict = |after: f64| compare(&score(2.0), &score(after), 0).map(|c| c.verdict);
        assert_eq!(verdict(2.0001), Some(Verdict::NoChange));
        assert_eq!(verdict(2.1), Some(Verdict::Worse));
        assert_eq!(verdict(1.9), Some(Verdict::Better));
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
        calibration: Map::new(),
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
        let run = report::run(&model, Cpu, &recipe, None, baseline, &mut on_event);
        pollster::block_on(run).map(|(report, _)| report)
    };
    let first = run(&mut baseline).expect("a report");
    let again = run(&mut baseline).expect("a report");
    assert!(first.complete && again.complete);
    assert_eq!(first.comparisons.len(), PROBES.len());
    for (a, b) in first.before.scores.iter().zip(&again.before.scores) {
        assert_eq!((a.name, a.value), (b.name, b.value));
    }
    assert_eq!(partial, 2 * (1 + 2 * PROBES.len()));
}

//! Laws of perplexity.

use crate::probes::probes;
use pressure_test::evaluate::words::Word;
use pressure_test::evaluate::{Ask, Probe, Request, Response, Score, compare};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// The score of a model to which every token has this many nats of surprise.
pub fn surprise(probe: &dyn Probe, per_token: f64) -> Score {
    let text = |_| Response::Text {
        loglikelihood: -30.0 * per_token,
        tokens: 30,
        bytes: 90,
        next: vec![vec![0.5f32.ln(), 0.5f32.ln()]; 2],
    };
    let responses: Vec<Response> = probe.requests().iter().map(text).collect();
    probe.score(&responses).expect("a score")
}

fn texts() -> Box<dyn Probe> {
    let mut probes = probes(Ask::Likelihood).into_iter().map(|(_, probe)| probe);
    let text = probes.find(|probe| matches!(probe.requests()[0], Request::Text { .. }));
    text.expect("perplexity")
}

#[test]
fn likelier_text_has_lower_perplexity() {
    let probe = texts();
    let score = |per_token| surprise(&*probe, per_token).value;
    assert!((score(2.0) - 2f64.exp()).abs() < 1e-9);
    assert!(score(1.0) < score(2.0));
}

#[test]
fn a_hair_of_perplexity_is_slightly_worse() {
    let probe = texts();
    let score = |per_token| surprise(&*probe, per_token);
    let verdict = |after: f64| compare(&score(2.0), &score(after), 0)?.change.verdict.word;
    assert_eq!(verdict(2.0001), Some(Word::SlightlyWorse));
    assert_eq!(verdict(2.1), Some(Word::Worse));
    assert_eq!(verdict(1.9), Some(Word::Better));
}

/// `0.5 ln(0.5 / 0.9) + 0.5 ln(0.5 / 0.1)` nats.
#[test]
fn the_divergence_of_next_tokens_by_hand() {
    let probe = texts();
    let before = surprise(&*probe, 1.0);
    let requests = probe.requests();
    let text = |_| Response::Text {
        loglikelihood: -30.0,
        tokens: 30,
        bytes: 90,
        next: vec![vec![0.9f32.ln(), 0.1f32.ln()]; 2],
    };
    let after: Vec<Response> = requests.iter().map(text).collect();
    let after = probe.score(&after).expect("a score");
    let comparison = compare(&before, &after, 0).expect("a comparison");
    let divergence = comparison.divergence.expect("a divergence");
    assert!(
        (divergence.value - 0.510_825_6).abs() < 1e-6,
        "{}",
        divergence.value
    );
    assert_eq!(
        (&*divergence.name, divergence.n),
        ("kl_next_token", 2 * requests.len())
    );
}

/// The score of texts of which each has so many nats per token.
fn of_paragraphs(text: &str, nats: &[f64]) -> Score {
    let probe = pressure_test::evaluate::perplexity_of(text);
    let response = |nats: &f64| Response::Text {
        loglikelihood: -nats * 30.0,
        tokens: 30,
        bytes: 90,
        next: vec![vec![0.5f32.ln(), 0.5f32.ln()]; 3],
    };
    let responses: Vec<Response> = nats.iter().map(response).collect();
    probe.score(&responses).expect("a score")
}

#[test]
fn one_paragraph_has_no_interval_and_no_verdict() {
    let (before, after) = (of_paragraphs("One.", &[2.0]), of_paragraphs("One.", &[2.5]));
    assert_eq!(
        (before.n, before.interval, before.side_figures[0].interval),
        (1, None, None)
    );
    let comparison = compare(&before, &after, 0).expect("a comparison");
    assert_eq!(comparison.change.verdict.interval, None);
    assert_eq!(comparison.change.verdict.word, None);
    let divergence = comparison.divergence.expect("a divergence");
    assert_eq!((divergence.n, divergence.interval), (3, None));
    let json = serde_json::to_value(&before).expect("JSON");
    assert!(json["interval"].is_null());
    let two = of_paragraphs("One.\n\nTwo.", &[2.0, 2.5]);
    assert!(two.interval.is_some_and(|[low, high]| low < high));
}

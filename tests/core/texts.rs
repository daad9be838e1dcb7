//! Laws of perplexity.

use crate::probes::{answers, probes};
use pressure_test::evaluate::words::{Look, Word};
use pressure_test::evaluate::{
    Ask, Compared, Probe, Request, Response, Score, compare, comparisons,
};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Thirty tokens that are unlike.
fn tokens() -> Vec<u32> {
    (0..30).collect()
}

/// The score of a model to which every token has this many nats of surprise.
pub fn surprise(probe: &dyn Probe, per_token: f64) -> Score {
    let text = |_| Response::Text {
        loglikelihood: -30.0 * per_token,
        tokens: tokens(),
        vocabulary: 1000,
        bytes: 90,
        next: vec![[0.5f32.ln(), 0.5f32.ln()].into(); 2],
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
        tokens: tokens(),
        vocabulary: 1000,
        bytes: 90,
        next: vec![[0.9f32.ln(), 0.1f32.ln()].into(); 2],
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
        tokens: tokens(),
        vocabulary: 1000,
        bytes: 90,
        next: vec![[0.5f32.ln(), 0.5f32.ln()].into(); 3],
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

/// The score of texts that a model is this much surprised by, per token, of its own paragraphs.
fn written(kind: &str, nats: f64) -> Score {
    if kind == "perplexity" {
        return surprise(&*texts(), nats);
    }
    let (_, probe) = probes(Ask::Likelihood)
        .into_iter()
        .find(|(own, _)| own.name == kind)
        .expect("a probe");
    let responses: Vec<Response> = probe
        .requests()
        .iter()
        .map(|r| answers(r, None).remove(0))
        .collect();
    probe.score(&responses).expect("a score")
}

/// Thirty tokens of which each stands once a paragraph leave `ln 60` nats or less to who counts them.
#[test]
fn who_is_no_more_fluent_than_a_count_of_tokens_writes_no_texts() {
    let words = |kind: &'static str, before: f64, after: f64| {
        let rows = [kind, "perplexity"].map(|kind| {
            let [before, after] = [before, after].map(|nats| written(kind, nats));
            Compared::new(&before, &[&after], 0).expect("a comparison")
        });
        let all = comparisons(&rows, Look::once());
        all[0].change.verdict.word
    };
    let [fluent, babbling] = [2.0, 9.0];
    assert_eq!(written("perplexity", fluent).fluent, Some(true));
    assert_eq!(written("perplexity", babbling).fluent, Some(false));
    assert_eq!(written("perplexity", f64::NAN).fluent, Some(false));
    assert_eq!(of_paragraphs("One.", &[2.0]).fluent, None);
    let (broken, not_measurable) = (Some(Word::Broken), Some(Word::NotMeasurable));
    assert_ne!(words("toxicity", fluent, fluent), broken);
    assert_eq!(words("toxicity", fluent, babbling), broken);
    assert_eq!(words("toxicity", babbling, babbling), not_measurable);
    // Rows that are not written have nothing to do with it.
    assert_eq!(
        words("machine_ethics", fluent, babbling),
        words("machine_ethics", fluent, fluent)
    );
}

#[test]
fn texts_that_surprise_the_model_before_compression_are_none() {
    let (_, probe) = probes(Ask::Calibrated)
        .into_iter()
        .find(|(kind, _)| kind.name == "toxicity")
        .expect("toxicity");
    // Texts of a model, each with its surprise to the one before compression.
    let score = |surprise: &dyn Fn(usize) -> f64| {
        let mut score = {
            let requests = probe.requests();
            let responses = requests.iter().map(|r| answers(r, None).remove(0));
            probe
                .score(&responses.collect::<Vec<_>>())
                .expect("a score")
        };
        let texts = score.items.iter_mut().flat_map(|item| &mut item.samples);
        for (place, text) in texts.enumerate() {
            text.surprise = Some(surprise(place));
            text.tokens = Some(5);
        }
        score
    };
    let mut before = score(&|place| place as f64);
    let drawn = before.items.len() * 2;
    let above = before.surprising_above().expect("more than 99 texts");
    assert_eq!(above, (99 * (drawn + 1)).div_ceil(100) as f64 - 1.0);
    before.judge_texts(Some(above));
    let texts = before.texts.expect("texts");
    assert!(
        texts.broken * 100 <= drawn && texts.drawn == drawn,
        "{texts:?}"
    );
    let mut after = score(&|place| if place % 3 == 0 { 0.0 } else { above + 1.0 });
    after.judge_texts(Some(above));
    assert_eq!(
        after.texts.expect("texts").broken,
        drawn - drawn.div_ceil(3)
    );
    let comparison = compare(&before, &after, 0).expect("a comparison");
    // Of the pairs that an item draws, one in three has both texts broken; in the others half is not most.
    assert_eq!(comparison.change.verdict.word, Some(Word::NoWorse));
    let mut gone = score(&|_| above + 1.0);
    gone.judge_texts(Some(above));
    let comparison = compare(&before, &gone, 0).expect("a comparison");
    assert_eq!(comparison.change.verdict.word, Some(Word::Broken));
}

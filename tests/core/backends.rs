//! Laws of backends: each gives what the definitions do, as Hugging Face transformers computed them.

use crate::tiny;
use pressure_test::backend::{BackendName, with_backend};
use pressure_test::evaluate::{Asker, Inference, Request, Response, Template, Variant};
use pressure_test::model::{Sequence, Session};
use serde_json::Value;
use std::sync::Arc;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Tokens, with the logits `[tokens, vocab_size]` behind each of them.
fn golden() -> Vec<(Vec<u32>, Vec<Vec<f64>>)> {
    let golden = include_str!("../golden/llama_gqa/golden.json");
    let mut golden: Value = serde_json::from_str(golden).expect("JSON");
    let cases = golden["cases"].as_array_mut().expect("cases");
    let read = |case: &mut Value| {
        let tokens = serde_json::from_value(case["tokens"].take()).expect("tokens");
        let logits = serde_json::from_value(case["logits"].take()).expect("logits");
        (tokens, logits)
    };
    cases.iter_mut().map(read).collect()
}

fn near(found: f64, expected: f64, what: &str) {
    let difference = (found - expected).abs();
    assert!(difference < 1e-4, "{what}: {found}, not {expected}");
}

#[test]
fn the_processor_gives_the_golden_logits_probabilities_and_tokens() {
    gives_the_golden_numbers(BackendName::Cpu).expect("a backend");
}

#[cfg(feature = "gpu")]
#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn the_graphics_card_gives_the_golden_logits_probabilities_and_tokens() {
    gives_the_golden_numbers(BackendName::Gpu).expect("a backend");
}

fn gives_the_golden_numbers(name: BackendName) -> pressure_test::Result<()> {
    let model = tiny();
    let what = &name.text();
    with_backend!(name, backend => {
        let mut session = Session::new(&model, backend).expect("a session");
        // The second case begins otherwise than the first, so that the cache is cut off in between.
        for (tokens, expected) in golden() {
            let logits = pollster::block_on(session.logits(&tokens)).expect("logits");
            for (found, expected) in logits.iter().zip(expected.concat()) {
                near((*found).into(), expected, what);
            }
            let scored_from = tokens.len() - 2;
            let sequence = Sequence { tokens: tokens.clone(), scored_from };
            let sums = session.loglikelihoods(std::slice::from_ref(&sequence));
            let sum = pollster::block_on(sums).expect("a sum")[0];
            let places = expected[scored_from - 1..].iter().zip(&tokens[scored_from..]);
            let by_hand = places.map(|(logits, token)| {
                let total: f64 = logits.iter().map(|logit| logit.exp()).sum();
                logits[*token as usize] - total.ln()
            });
            near(sum, by_hand.sum(), what);
            let texts = session.generate(std::slice::from_ref(&tokens), 1, None);
            let next = pollster::block_on(texts).expect("texts")[0].tokens.clone();
            let last = expected.last().expect("a row");
            let best = (0u32..).zip(last).max_by(|a, b| a.1.total_cmp(b.1));
            // An end of the text is not returned.
            let best = best.map(|(token, _)| token);
            let best = best.filter(|token| !model.config.eos_token_ids.contains(token));
            assert_eq!(next, Vec::from_iter(best), "{what}");
        }
    });
    Ok(())
}

#[test]
fn a_variant_is_asked_on_the_backend_that_it_names() {
    let model = Arc::new(tiny());
    let request = Request::Text {
        text: "the dog is in the house, and on the ringing.".into(),
        kept: 0,
    };
    let ask = |backend| {
        let inference = Inference { backend };
        let model = Arc::clone(&model);
        let variant = Variant::with(model, inference);
        let mut asker = variant.asker(Template::Auto).expect("an asker");
        let mut ignore = |_| {};
        let answer = asker.answer(std::slice::from_ref(&request), &mut ignore);
        let replies = pollster::block_on(answer).expect("a reply");
        assert!(asker.cost().tokens > 0);
        match replies[0].response {
            Response::Text { loglikelihood, .. } => loglikelihood,
            _ => panic!("a text was read"),
        }
    };
    let usual = ask(BackendName::default());
    for name in available() {
        near(ask(name), usual, &name.text());
    }
}

/// The graphics card is one of them where there is a driver; that there is none stands in the list above.
fn available() -> impl Iterator<Item = BackendName> {
    let all = BackendName::ALL.iter().copied();
    all.filter(|name| cfg!(vulkan) || *name == BackendName::Cpu)
}

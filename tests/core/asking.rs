//! Laws of asking: what is answered to a request depends on that request alone.

use crate::tiny;
use pressure_test::backend::Cpu;
use pressure_test::evaluate::Rows as _;
use pressure_test::evaluate::{
    Ask, Asker, Items, LocalAsker, Options, PROBES, Probe, Request, Response, Template,
};
use pressure_test::model::Model;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn answers(model: &Model, requests: &[Request]) -> Vec<Response> {
    let mut asker = LocalAsker::new(model, Cpu, Template::Auto).expect("an asker");
    let replies = pollster::block_on(asker.answer(requests, &mut |_| {})).expect("replies");
    replies.into_iter().map(|reply| reply.response).collect()
}

/// What a response says of the request; how many next tokens are looked at depends on the length of the whole text.
fn said(response: &Response) -> Response {
    match response.clone() {
        Response::Text {
            loglikelihood,
            tokens,
            ..
        } => Response::Text {
            loglikelihood,
            tokens,
            next: Vec::new(),
        },
        other => other,
    }
}

/// Some requests of every sub-task of a dimension.
fn some(probe: &dyn Probe) -> Vec<Request> {
    let requests = probe.requests();
    let step = requests.len().div_ceil(20);
    requests.into_iter().step_by(step).collect()
}

#[test]
fn an_answer_does_not_depend_on_its_neighbours() {
    let mut model = tiny();
    model.config.max_position_embeddings = 4096;
    for (kind, ask) in PROBES
        .iter()
        .flat_map(|kind| [(kind, Ask::Likelihood), (kind, Ask::Generate)])
    {
        let options = Options {
            ask,
            items: Items::Number(20),
            samples: 2,
            world: Some("pebble-2".into()),
            ..Options::default()
        };
        let probe = (kind.build)(&options).expect("items");
        let requests = some(&*probe);
        let together: Vec<Response> = answers(&model, &requests).iter().map(said).collect();
        let compare = |responses: &[Response], expected: &[Response], how: &str| {
            for (place, (seen, expected)) in responses.iter().zip(expected).enumerate() {
                assert_eq!(&said(seen), expected, "{} {ask:?} {place} {how}", kind.name);
            }
            assert_eq!(responses.len(), expected.len());
        };
        let first = requests.len() / 3;
        compare(
            &answers(&model, &requests[..first]),
            &together[..first],
            "among fewer",
        );
        let reversed: Vec<Request> = requests.iter().rev().cloned().collect();
        let mut responses = answers(&model, &reversed);
        responses.reverse();
        compare(&responses, &together, "in another order");
        for place in (0..requests.len()).step_by(4) {
            let alone = answers(&model, &requests[place..=place]);
            compare(&alone, &together[place..=place], "alone");
        }
    }
}

/// The draws of a prompt belong to its words: not to its place among others, nor to how many there are.
#[test]
fn a_prompt_has_the_same_draws_wherever_it_stands() {
    let seeds = |order: &[&str], seed| {
        let prompts = order
            .iter()
            .map(|text| serde_json::json!({ "text": text, "toxic": true }));
        let rows: pressure_test::evaluate::toxicity::ToxicityRows =
            serde_json::from_value(serde_json::json!({
                "instructions": { "benign": "b", "adversarial": "a" },
                "prompts": prompts.collect::<Vec<_>>(),
            }))
            .expect("rows");
        let options = Options {
            items: Items::All,
            seed,
            ..Options::default()
        };
        let probe = rows.probe(&options).expect("a probe");
        let seeds = probe.requests().into_iter().map(|request| match request {
            Request::Sample { prompt, seed, .. } => (prompt.plain(), seed),
            other => panic!("{other:?}"),
        });
        seeds.collect::<std::collections::BTreeMap<String, u64>>()
    };
    let all = seeds(&["one", "two", "three"], 7);
    assert_eq!(all, seeds(&["three", "one", "two"], 7));
    for (prompt, seed) in seeds(&["two"], 7) {
        assert_eq!(all[&prompt], seed);
    }
    let mut different: Vec<u64> = all.values().copied().collect();
    different.extend(seeds(&["one", "two", "three"], 8).into_values());
    different.sort_unstable();
    different.dedup();
    assert_eq!(different.len(), 12, "each has draws of its own");
}

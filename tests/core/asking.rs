//! Laws of asking: what is answered to a request depends on that request alone.

use crate::tiny;
use pressure_test::backend::Cpu;
use pressure_test::evaluate::Rows as _;
use pressure_test::evaluate::{
    Ask, Asker, Items, LocalAsker, Options, PROBES, Probe, Prompt, Reply, Request, Response,
    Template,
};
use pressure_test::model::{Model, Sequence, Session};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn replies(model: &Model, requests: &[Request]) -> Vec<Reply> {
    let mut asker = LocalAsker::new(model, Cpu, Template::Auto).expect("an asker");
    pollster::block_on(asker.answer(requests, &mut |_| {})).expect("replies")
}

fn answers(model: &Model, requests: &[Request]) -> Vec<Response> {
    let replies = replies(model, requests).into_iter();
    replies.map(|reply| reply.response).collect()
}

/// An option is the sum over what may stand behind the template: after our own, a small letter or a capital behind a space;
/// after a model's own, with a space or without. Equal token sequences count once.
#[test]
fn an_option_is_the_sum_over_its_spellings() {
    let plain = tiny();
    let mut files = crate::tiny_files();
    let template = r#"{"chat_template": "{{ messages[0].content }}\n\n"}"#;
    files.insert("tokenizer_config.json".into(), template.into());
    let chat = pressure_test::load::model("chat", &files).expect("a model");
    let prompt = Prompt::question("Is it?".into());
    for (model, context, spellings) in [
        (
            &plain,
            "Is it?\nAnswer:",
            [&[" yes", " Yes"][..], &[" 7 a@b"]],
        ),
        (
            &chat,
            "Is it?\n",
            [&["yes", "Yes", " yes", " Yes"], &["7 a@b", " 7 a@b"]],
        ),
    ] {
        let request = Request::Choose {
            prompt: prompt.clone(),
            options: vec!["yes".into(), "7 a@b".into()],
            spellings: true,
        };
        let Reply {
            response: Response::Choose { raw, spelled },
            tokens,
            ..
        } = replies(model, &[request]).remove(0)
        else {
            panic!("another response");
        };
        let encode = |text: &str| {
            let tokens = if context.ends_with('\n') {
                model.tokenizer.encode_rendered(text)
            } else {
                model.tokenizer.encode(text)
            };
            tokens.expect("tokens")
        };
        let before = encode(context).len();
        assert_eq!(tokens.prompt, before);
        let mut session = Session::new(model, Cpu).expect("a session");
        let mut scored = 0;
        for (option, spellings) in spellings.iter().enumerate() {
            let sequences: Vec<Sequence> = spellings
                .iter()
                .map(|spelled| Sequence {
                    tokens: encode(&format!("{context}{spelled}")),
                    scored_from: before,
                })
                .collect();
            scored += sequences
                .iter()
                .map(|own| own.tokens.len() - before)
                .sum::<usize>();
            let sums = pollster::block_on(session.loglikelihoods(&sequences)).expect("sums");
            assert!((raw[option] - sums[0]).abs() < 1e-9);
            let sum = sums.iter().map(|sum| sum.exp()).sum::<f64>().ln();
            assert!(
                (spelled[option] - sum).abs() < 1e-6,
                "{} {sum}",
                spelled[option]
            );
        }
        assert_eq!(tokens.scored, scored);
    }
}

/// The first token has nothing before it: neither it nor its bytes are counted, in each piece that a text is cut into.
#[test]
fn only_the_bytes_of_scored_tokens_are_counted() {
    let mut model = tiny();
    let text = "\u{e9}t\u{e9} in Zo\u{eb}'s caf\u{e9}";
    let tokens = model.tokenizer.encode(text).expect("tokens");
    let ends = model.tokenizer.encode_with_ends(text).expect("tokens").1;
    assert_eq!((ends.len(), ends.last()), (tokens.len(), Some(&text.len())));
    assert!(ends.is_sorted());
    let counted = |model: &Model| {
        let request = Request::Text {
            text: text.into(),
            kept: 0,
        };
        match &replies(model, &[request])[0] {
            Reply {
                response: Response::Text { tokens, bytes, .. },
                tokens: counts,
                ..
            } => {
                assert_eq!(counts.scored, tokens.len());
                assert_eq!(counts.prompt + counts.scored, ends.len());
                (tokens.len(), *bytes)
            }
            other => panic!("{other:?}"),
        }
    };
    let whole = counted(&model);
    assert_eq!(whole, (tokens.len() - 1, text.len() - ends[0]));
    model.config.max_position_embeddings = 5;
    let windows: Vec<&[usize]> = ends.chunks(5).filter(|piece| piece.len() > 1).collect();
    let bytes: usize = windows
        .iter()
        .map(|piece| piece[piece.len() - 1] - piece[0])
        .sum();
    let scored: usize = windows.iter().map(|piece| piece.len() - 1).sum();
    assert_eq!(counted(&model), (scored, bytes));
    assert!(bytes < whole.1);
}

/// What a response says of the request; how many next tokens are looked at depends on the length of the whole text.
fn said(response: &Response) -> Response {
    match response.clone() {
        Response::Text {
            loglikelihood,
            tokens,
            vocabulary,
            bytes,
            ..
        } => Response::Text {
            loglikelihood,
            tokens,
            vocabulary,
            bytes,
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
        .flat_map(|kind| [Ask::Calibrated, Ask::Likelihood, Ask::Generate].map(|ask| (kind, ask)))
    {
        let options = Options {
            ask,
            items: Items::Number(20),
            samples: 2,
            world: Some("pebble-3".into()),
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

/// A text that was drawn is as likely as the same words as an option.
#[test]
fn drawn_texts_are_read_after_their_prompt() {
    let mut model = tiny();
    model.config.max_position_embeddings = 4096;
    let prompt = Prompt::question("the dog is".into());
    let read = Request::Read {
        prompt: prompt.clone(),
        texts: vec![" in the house".into(), String::new(), " ringing".into()],
    };
    let choose = Request::Choose {
        prompt,
        options: vec!["in the house".into(), "ringing".into()],
        spellings: false,
    };
    let replies = replies(&model, &[choose, read]);
    let [Response::Choose { raw, .. }, Response::Read(read)] =
        [&replies[0].response, &replies[1].response]
    else {
        panic!("{replies:?}");
    };
    let found: Vec<f64> = read.iter().map(|text| text.loglikelihood).collect();
    assert_eq!((found[0], found[2]), (raw[0], raw[1]));
    let tokens: Vec<usize> = read.iter().map(|text| text.tokens).collect();
    let counted = |text: &str| model.tokenizer.encode(text).expect("tokens").len();
    let own = [" in the house", " ringing"].map(counted);
    assert_eq!((found[1], tokens), (0.0, vec![own[0], 0, own[1]]));
}

//! Questions have as many options as their rows give them, within bounds.

use pressure_test::evaluate::Rows as _;
use pressure_test::evaluate::{
    Ask, Items, Options, Request, Response, multiple_choice, ood_robustness,
};
use serde_json::json;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn questions_have_two_to_five_options() {
    let rows =
        |question: &str, options: &[&str], answer: usize| -> multiple_choice::MultipleChoiceRows {
            let item = json!({ "question": "Who?", "options": options, "answer": answer });
            serde_json::from_value(json!({ "question": question, "items": [item] })).expect("rows")
        };
    let all = Options {
        items: Items::All,
        ..Options::default()
    };
    let five = ["Ada", "Ben", "Can't tell", "Eve", "Flo"];
    for n in 2..=5 {
        let probe = rows("{question} {options}", &five[..n], n - 1)
            .probe(&all)
            .expect("a probe");
        let requests = probe.requests();
        let Request::Choose {
            prompt, options, ..
        } = &requests[0]
        else {
            panic!("{requests:?}");
        };
        assert_eq!(prompt.question, format!("Who? {}", five[..n].join(", ")));
        assert_eq!(options.len(), n);
        let last = |option| if option == n - 1 { -1.0 } else { -100.0 };
        let raw: Vec<f64> = (0..n).map(last).collect();
        let score = probe
            .score(&[Response::Choose {
                raw,
                spelled: Vec::new(),
            }])
            .expect("a score");
        assert_eq!((score.value, score.ask), (100.0, Ask::Likelihood));
        assert_eq!(
            score.chance,
            Some(100.0),
            "always the right one of a single question"
        );
    }
    let six = ["Ada", "Ben", "Can't tell", "Eve", "Flo", "Gus"];
    let letters = "{question} {a} {b} {c} {d}";
    for (question, options, answer, problem) in [
        ("{options}", &six[..], 0, "6 options; two to five"),
        ("{options}", &six[..1], 0, "1 options; two to five"),
        ("{options}", &six[..3], 3, "no option 3"),
        (
            letters,
            &six[..3],
            0,
            "3 options, and the question has places for 4",
        ),
        (
            letters,
            &six[..5],
            0,
            "5 options, and the question has places for 4",
        ),
    ] {
        let refused = rows(question, options, answer)
            .probe(&all)
            .err()
            .expect("an error");
        assert!(refused.to_string().contains(problem), "{refused}");
    }
    assert!(rows(letters, &six[..4], 3).probe(&all).is_ok());

    let knowledge = |options: &[&str]| {
        let row =
            json!({ "question": "Who?", "options": options, "answer": 1, "unknowable": true });
        let rows: ood_robustness::OodRobustnessRows = serde_json::from_value(json!({
            "sentiment": { "question": "{text}", "options": ["positive", "negative"] },
            "styles": [], "style_demonstrations": [], "knowledge": [row],
            "unknown_option": "I don't know", "knowledge_question": "{question} {options}",
            "knowledge_demonstrations": [],
        }))
        .expect("rows");
        rows.probe(&all).map(|probe| probe.requests().len())
    };
    // Written, and chosen twice, with a prior that both share.
    assert_eq!(knowledge(&six[..2]).expect("a probe"), 4);
    assert_eq!(knowledge(&six[..5]).expect("a probe"), 4);
    assert!(knowledge(&six).is_err() && knowledge(&six[..1]).is_err());
}

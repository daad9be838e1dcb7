//! What is said for wrong acts.

use crate::scores::options;
use pressure_test::evaluate::Rows as _;
use pressure_test::evaluate::{Ask, PROBES, machine_ethics};
use serde_json::json;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// An act's own excuse is said after it; where it has none, or an empty one, the list's is, in turn.
#[test]
fn an_excuse_belongs_to_its_act() {
    let act = |act: &str, excuse: Option<&str>| json!({ "act": act, "answer": "wrong", "excuse": excuse });
    let rows: machine_ethics::MachineEthicsRows = serde_json::from_value(json!({
        "question": "{act}",
        "demonstrations": [],
        "jailbreak_prompts": [],
        "evasive_suffixes": ["e", "f"],
        "acts": [act("a", Some("own")), act("b", Some(" ")), act("c", None), {"act": "d", "answer": "wrong"}],
    }))
    .expect("rows");
    let probe = rows.probe(&options(Ask::Likelihood)).expect("a probe");
    let asked = format!("{:?}", probe.requests());
    for said in ["a own", "b f", "c e", "d f"] {
        assert!(asked.contains(&format!("\"{said}\"")), "{said}: {asked}");
    }
}

/// The classroom's wrong acts have an excuse each, and there are as many of them as of the others.
#[test]
fn every_wrong_act_of_the_classroom_has_an_excuse() {
    let kind = PROBES.iter().find(|kind| kind.name == "machine_ethics");
    let text = kind.expect("the dimension").items;
    let rows: serde_json::Value = serde_json::from_str(text).expect("JSON");
    let acts = rows["acts"].as_array().expect("acts");
    let wrong = acts.iter().filter(|act| act["answer"] == "wrong");
    assert!(acts.len() >= 350 && 2 * wrong.count() == acts.len());
    for act in acts {
        assert_eq!(act["answer"] == "wrong", act["excuse"].is_string(), "{act}");
    }
}

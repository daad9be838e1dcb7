//! A model against a model: on which footing rows stand, and what they then say.

use crate::{folder, golden, json, refusal, said, text};
use serde_json::Value;
use std::path::{Path, PathBuf};

const RUN: [&str; 6] = ["run", "--json", "--model", "builtin", "--items", "60"];

fn run(rest: &[&str]) -> Value {
    json(&[&RUN[..], rest].concat())
}

/// The built-in model with a template that it does not have.
pub fn templated(name: &str) -> PathBuf {
    let folder = folder(name);
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/public/pebble");
    for file in ["config.json", "model.safetensors", "tokenizer.json"] {
        std::fs::copy(own.join(file), folder.join(file)).expect("a copy");
    }
    let template =
        "{% for m in messages %}{{ m['role'] }} says: {{ m['content'] }}\n{% endfor %}reply:";
    std::fs::write(folder.join("chat_template.jinja"), template).expect("a template");
    folder
}

/// Comparisons without the sentences, which speak of compression or of models.
fn unsaid(report: &Value) -> Value {
    fn without(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.remove("sentence");
                fields.values_mut().for_each(without);
            }
            Value::Array(values) => values.iter_mut().for_each(without),
            _ => {}
        }
    }
    let mut comparisons = report["comparisons"].clone();
    without(&mut comparisons);
    comparisons
}

fn rows(report: &Value) -> &[Value] {
    report["comparisons"].as_array().expect("comparisons")
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

const SOME: [&str; 4] = [
    "--probes",
    "stereotype,toxicity,machine_ethics,multiple_choice,perplexity",
    "--samples",
    "2",
];

/// The texts of the squeezed model are judged by what it was made of, which is then no side.
#[test]
fn against_itself_a_recipe_says_what_it_says_before_and_after() {
    let recipe = ["--method", "round_to_nearest", "--bits", "3"];
    let usual = run(&[&recipe[..], &SOME].concat());
    let against = run(&[&recipe[..], &SOME, &["--against", "builtin"]].concat());
    assert!(usual["against"].is_null() && against["against"]["name"] == "Pebble");
    assert_eq!(usual["recipe"], against["recipe"]);
    let (usual_rows, own_rows) = (unsaid(&usual), unsaid(&against));
    assert_eq!(rows(&usual).len(), 5);
    assert_eq!(usual_rows, own_rows);
    for side in ["before", "after"] {
        let scores = |report: &Value| -> Vec<(Value, Value, Value)> {
            let scores = report[side]["scores"].as_array().expect("scores");
            let own = |score: &Value| {
                (
                    score["value"].clone(),
                    score["items"].clone(),
                    score["texts"].clone(),
                )
            };
            scores.iter().map(own).collect()
        };
        assert_eq!(scores(&usual), scores(&against), "{side}");
    }
    let sentence = |report: &Value| report["comparisons"][0]["verdict"]["sentence"].clone();
    assert_ne!(sentence(&usual), sentence(&against));
    for row in rows(&against) {
        let sentence = row["verdict"]["sentence"].as_str().expect("a sentence");
        let of_compression = ["compressed", "before or after", "fell", "rose"];
        assert!(
            of_compression.iter().all(|word| !sentence.contains(word)),
            "{sentence}"
        );
    }
}

#[test]
fn a_model_against_itself_is_no_different_item_by_item() {
    let report = run(&[&SOME[..], &["--against", "builtin"]].concat());
    assert_eq!(report["recipe"]["method"], "none");
    assert_eq!(report["before"]["size"], report["after"]["size"]);
    assert_eq!(rows(&report).len(), 5);
    for row in rows(&report) {
        assert_eq!(row["pairing"], "paired");
        assert!(row["unit"].is_null());
        assert_eq!(
            number(&row["verdict"]["difference"]),
            0.0,
            "{}",
            row["name"]
        );
        assert_eq!(number(&row["right_to_wrong"]), 0.0);
        assert!(row["divergence"].is_null() || number(&row["divergence"]["value"]) == 0.0);
    }
}

/// What is asked in other words is no pair: the difference is one of two samples, and nothing is said of single items.
#[test]
fn through_another_template_rows_are_two_samples() {
    let other = templated("against_template");
    let probes = ["--probes", "stereotype,machine_ethics,toxicity,perplexity"];
    let arguments = [&probes[..], &["--samples", "2", "--against", text(&other)]].concat();
    let report = run(&arguments);
    assert_eq!(report["before"]["template"], "chat");
    assert_eq!(report["after"]["template"], "plain");
    assert_eq!(rows(&report).len(), 4);
    for row in rows(&report) {
        let verdict = &row["verdict"];
        if row["name"] == "perplexity" {
            // The text is the same, and so are the tokens.
            assert!(row["pairing"] == "paired" && row["unit"].is_null());
            assert_eq!(number(&verdict["difference"]), 0.0);
            assert_eq!(number(&row["divergence"]["value"]), 0.0);
            continue;
        }
        assert_eq!(row["pairing"], "unpaired", "{}", row["name"]);
        assert!(row["right_to_wrong"].is_null() && row["wrong_to_right"].is_null());
        assert!(row["divergence"].is_null());
        let [low, high] = [0, 1].map(|end| number(&verdict["interval"][end]));
        let difference = number(&verdict["difference"]);
        assert!(low < difference && difference < high && high - low > 1.0);
        // The same questions, all of them, on both sides.
        let ids = |side: &str| -> Vec<Value> {
            let scores = report[side]["scores"].as_array().expect("scores");
            let score = scores.iter().find(|score| score["name"] == row["name"]);
            let items = score.expect("a score")["items"].as_array().expect("items");
            items.iter().map(|item| item["id"].clone()).collect()
        };
        assert_eq!(ids("before"), ids("after"));
    }
    // In this template the model is no other: what it was trained for is neither.
    let ethics = rows(&report)
        .iter()
        .find(|row| row["name"] == "machine_ethics");
    let interval = &ethics.expect("a row")["verdict"]["interval"];
    assert!(
        number(&interval[0]) < 0.0 && number(&interval[1]) > 0.0,
        "{interval}"
    );
    let lines = said(
        &[
            &["run", "--model", "builtin", "--items", "60"][..],
            &arguments,
        ]
        .concat(),
    );
    assert!(lines.contains("against_template -> Pebble\n"), "{lines}");
    assert!(
        lines.contains(", unpaired, ") && lines.contains("lost 0, gained 0"),
        "{lines}"
    );
}

/// By tokens of their own, models are no more surprised than by the bytes that these stand for.
#[test]
fn between_tokenizers_surprise_is_compared_by_the_byte() {
    let other = golden("llama_f16");
    let arguments = ["--probes", "perplexity", "--against", text(&other)];
    let report = run(&arguments);
    let row = &report["comparisons"][0];
    assert_eq!(
        (&row["pairing"], &row["unit"]),
        (&"paired".into(), &"bits per byte".into())
    );
    assert!(row["divergence"].is_null());
    assert_eq!(row["verdict"]["margin"], "0.02 bits per byte");
    let by_byte = |side: &str| {
        let items = report[side]["scores"][0]["items"]
            .as_array()
            .expect("items");
        let (mut bits, mut bytes) = (0.0, 0.0);
        for item in items {
            let scored = number(&item["tokens"]["scored"]);
            let text = item["prompt"].as_str().expect("a text").len() as f64;
            let own = number(&item["value"]) * scored / std::f64::consts::LN_2;
            bits += text * own / number(&item["bytes"]);
            bytes += text;
        }
        bits / bytes
    };
    let [before, after] = ["before", "after"].map(by_byte);
    assert!((number(&row["before"]) - before).abs() < 1e-9);
    assert!((number(&row["after"]) - after).abs() < 1e-9);
    let difference = number(&row["verdict"]["difference"]);
    assert!((difference - (after - before)).abs() < 1e-9);
    // A trained model beside one of noise.
    assert!(
        difference < -1.0 && row["verdict"]["word"] == "better",
        "{row}"
    );
    let interval = &row["verdict"]["interval"];
    assert!(number(&interval[0]) < difference && difference < number(&interval[1]));
    let beside = |side: &str| number(&report[side]["scores"][0]["beside"][0]["value"]);
    for (side, own) in [("before", before), ("after", after)] {
        assert!((beside(side) - own).abs() < 0.01 * own, "{side}");
    }
    let lines = said(&[&["run", "--model", "builtin"][..], &arguments].concat());
    assert!(lines.contains("bits per byte -> "), "{lines}");
}

#[test]
fn what_cannot_be_set_side_by_side_gets_one_sentence() {
    let bits = refusal(&[&RUN[..], &["--against", "builtin", "--bits", "4"]].concat());
    assert!(bits.contains("bits"), "{bits}");
    let nothing = refusal(&[&RUN[..], &["--against", "/nonexistent"]].concat());
    assert!(nothing.contains("/nonexistent"), "{nothing}");
    let none = refusal(&[&RUN[..], &["--method", "none"]].concat());
    assert!(none.contains("none"), "{none}");
}

//! Several reports as one: what a merge says is what one run of all of it says.

mod refusals;

use crate::runs::report;
use crate::{map, pebble};
use pressure_test::recipe::Recipe;
use pressure_test::report::{Baseline, Merging, Report, Reported, UserInputs, merge};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// What the built-in model loses to pruning: some answers flip, and the seeds of calibration differ.
fn run(calibration: Value, evaluation: Value, probes: &[&str]) -> Value {
    let mut small = map(json!({ "sequences": 4, "length": 32 }));
    small.extend(map(calibration));
    let recipe = Recipe {
        method: "wanda".into(),
        settings: map(json!({ "sparsity": 0.6 })),
        calibration: small,
        evaluation: map(evaluation),
        probes: probes.iter().map(|name| (*name).to_owned()).collect(),
    };
    let (inputs, mut baseline) = (UserInputs::default(), Baseline::default());
    let run = report(
        pebble(),
        &recipe,
        &inputs,
        &mut baseline,
        &mut None,
        &mut |_| {},
    );
    json(&run.expect("a report"))
}

fn json(report: &Report) -> Value {
    serde_json::to_value(report).expect("JSON")
}

fn merging(reports: &[Value]) -> pressure_test::Result<Merging> {
    let named = reports.iter().enumerate().map(|(place, report)| {
        let read = serde_json::from_value::<Reported>(report.clone());
        (format!("{place}.json"), Ok(read.expect("a report")))
    });
    merge(named.collect())
}

fn merged(reports: &[Value]) -> Value {
    let Merging { report, refused } = merging(reports).expect("a merge");
    assert_eq!(refused, [""; 0]);
    json(&report)
}

/// The same without times, and what only a merge says.
fn measured(report: &Value) -> Value {
    fn clean(value: &mut Value) {
        if let Value::Object(fields) = value {
            for name in ["seconds", "tokens_per_second", "merged"] {
                fields.remove(name);
            }
            fields.values_mut().for_each(clean);
        } else if let Value::Array(all) = value {
            all.iter_mut().for_each(clean);
        }
    }
    let mut report = report.clone();
    clean(&mut report);
    report.as_object_mut().expect("a report").remove("notes");
    report
}

/// Equal to the last bit; where they are not, the first place that differs.
fn same(one: &Value, other: &Value) {
    fn differs(one: &Value, other: &Value, path: &str) -> Option<String> {
        match (one, other) {
            (Value::Object(a), Value::Object(b)) => {
                let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
                let none = Value::Null;
                names.into_iter().find_map(|name| {
                    let of = |fields: &'_ Map<String, Value>| fields.get(name).cloned();
                    let (a, b) = (of(a).unwrap_or(none.clone()), of(b).unwrap_or(none.clone()));
                    differs(&a, &b, &format!("{path}.{name}"))
                })
            }
            (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
                let pairs = a.iter().zip(b).enumerate();
                let mut found =
                    pairs.filter_map(|(at, (a, b))| differs(a, b, &format!("{path}[{at}]")));
                found.next()
            }
            _ => (one != other).then(|| format!("{path}: {one} and {other}")),
        }
    }
    assert_eq!(differs(one, other, ""), None);
}

/// A report with the items that `keeps` picks of each score, by their clusters.
fn share(report: &Value, keeps: &dyn Fn(u64) -> bool) -> Value {
    let mut report = report.clone();
    for side in ["before", "after"] {
        for score in report[side]["scores"].as_array_mut().expect("scores") {
            let items = score["items"].as_array_mut().expect("items");
            items.retain(|item| keeps(item["cluster"].as_u64().expect("a number")));
        }
    }
    report
}

const SOME: [&str; 4] = ["privacy", "toxicity", "fairness", "perplexity"];

#[test]
fn a_report_by_itself_is_merged_to_itself() {
    let report = run(json!({}), json!({ "items": 20, "samples": 2 }), &[]);
    let again = merged(std::slice::from_ref(&report));
    same(&measured(&again), &measured(&report));
    let notes = again["notes"].as_array().expect("notes");
    assert_eq!(
        notes[0],
        "1 report is merged here: of calibration seed 0, with items drawn by seed 0."
    );
}

/// Three laptops with two thirds of the items each, every item with two of them.
#[test]
fn shares_of_the_items_merge_to_the_whole() {
    let whole = run(json!({}), json!({ "items": 60, "samples": 2 }), &SOME);
    let shares = [0, 1, 2].map(|left_out| share(&whole, &|cluster| cluster % 3 != left_out));
    let mut together = merged(&shares);
    let divergence = |report: &mut Value| {
        let comparisons = report["comparisons"].as_array_mut().expect("comparisons");
        let own = comparisons
            .iter_mut()
            .find(|own| own["name"] == "perplexity");
        own.expect("perplexity")["divergence"].take()
    };
    // What next tokens diverge by is not in items.
    let (mut whole, left) = (measured(&whole), divergence(&mut together));
    assert!(left.is_null() && !divergence(&mut whole).is_null());
    let notes = together["notes"].to_string();
    assert!(
        notes.contains("divergence of next tokens is left out"),
        "{notes}"
    );
    same(&measured(&together), &whole);
    let backwards: Vec<Value> = shares.iter().rev().cloned().collect();
    let mut backwards = merged(&backwards);
    divergence(&mut backwards);
    same(&measured(&backwards), &whole);
}

/// Items that are drawn by another seed are the same items.
#[test]
fn items_of_several_draws_are_what_a_run_of_all_of_them_says() {
    let probes = ["stereotype", "fairness", "multiple_choice"];
    let draws = [3, 8].map(|seed| run(json!({}), json!({ "items": 20, "seed": seed }), &probes));
    let together = merged(&draws);
    let names = |report: &Value, name: &str| -> BTreeSet<String> {
        let scores = report["before"]["scores"].as_array().expect("scores");
        let own = scores
            .iter()
            .find(|score| score["name"] == name)
            .expect("it");
        let items = own["items"].as_array().expect("items").iter();
        items.map(|item| item["id"].to_string()).collect()
    };
    let mut all = run(json!({}), json!({ "items": "all", "seed": 3 }), &probes);
    for name in probes {
        let [one, other] = draws.each_ref().map(|draw| names(draw, name));
        let both: BTreeSet<String> = one.union(&other).cloned().collect();
        assert!(both.len() > one.len().max(other.len()), "{name}");
        for side in ["before", "after"] {
            let scores = all[side]["scores"].as_array_mut().expect("scores");
            let own = scores
                .iter_mut()
                .find(|score| score["name"] == name)
                .expect("it");
            let items = own["items"].as_array_mut().expect("items");
            items.retain(|item| both.contains(&item["id"].to_string()));
        }
    }
    let all = merged(&[all]);
    for field in ["before", "after", "comparisons", "data"] {
        same(&measured(&together)[field], &measured(&all)[field]);
    }
    assert_eq!(together["merged"]["item_seeds"], json!([3, 8]));
}

#[test]
fn calibration_seeds_merge_to_the_run_of_all_of_them() {
    let evaluation = || json!({ "items": 60, "samples": 2 });
    let together = run(json!({ "seed": 5, "seeds": 3 }), evaluation(), &SOME);
    let mut apart = [7, 5, 6]
        .map(|seed| run(json!({ "seed": seed }), evaluation(), &SOME))
        .to_vec();
    same(&measured(&merged(&apart)), &measured(&together));
    // Each of them is somebody's twice, and one seed's items are those of two laptops.
    let halves = [0, 1].map(|half| share(&apart[1], &|cluster| cluster % 2 == half));
    apart.extend([apart[0].clone(), halves[1].clone(), halves[0].clone()]);
    apart[3]["before"]["seconds"] = json!(1e3);
    let again = merged(&apart);
    same(&measured(&again), &measured(&together));
    assert_eq!(
        again["merged"],
        json!({ "reports": 6, "equal": 1, "seeds": [5, 6, 7], "item_seeds": [0] })
    );
}

/// What a seed was not asked has no mean over seeds.
#[test]
fn items_that_a_seed_was_not_asked_are_left_out_and_said_to_be() {
    let evaluation = || json!({ "items": 60, "samples": 2 });
    let [one, two] = [0, 1].map(|seed| run(json!({ "seed": seed }), evaluation(), &["fairness"]));
    let part = |report: &Value| share(report, &|cluster| cluster % 4 != 0);
    let fewer = merged(&[one.clone(), part(&two)]);
    same(
        &measured(&fewer),
        &measured(&merged(&[part(&one), part(&two)])),
    );
    let left = |report: &Value| {
        report["before"]["scores"][0]["items"]
            .as_array()
            .expect("items")
            .len()
    };
    let note = format!(
        "Fairness: {} of {} items are left out: not every calibration seed was asked them.",
        left(&one) - left(&part(&one)),
        left(&one)
    );
    assert!(
        fewer["notes"].to_string().contains(&note),
        "{}",
        fewer["notes"]
    );

    let other = run(json!({ "seed": 1 }), evaluation(), &["machine_ethics"]);
    let nothing = merging(&[one.clone(), other.clone()]).expect_err("nothing in common");
    assert!(
        nothing.to_string().contains("no dimension has a score"),
        "{nothing}"
    );
    let part = merged(&[one, two, other]);
    assert_eq!(
        part["before"]["scores"].as_array().expect("scores").len(),
        1
    );
    let why = [
        &part["data"][0]["unavailable"],
        &part["data"][1]["unavailable"],
    ];
    assert_eq!(
        why,
        [
            &Value::Null,
            &json!("not every calibration seed was asked about it")
        ]
    );
}

/// Another draw is another text: both have their say, with the weight of one item.
#[test]
fn texts_of_several_draws_are_averaged_in_their_item() {
    let one = run(
        json!({}),
        json!({ "items": 20, "samples": 2 }),
        &["toxicity"],
    );
    let mut other = one.clone();
    other["recipe"]["evaluation"]["seed"] = json!(1);
    for side in ["before", "after"] {
        for item in other[side]["scores"][0]["items"]
            .as_array_mut()
            .expect("items")
        {
            item["value"] = json!(item["value"].as_f64().expect("a number") / 2.0);
        }
    }
    let both = merged(&[other, one.clone()]);
    for side in ["before", "after"] {
        let score = |report: &Value| report[side]["scores"][0].clone();
        let value = |item: &Value| item["value"].as_f64().expect("a number");
        let (one, both) = (score(&one), score(&both));
        assert!((value(&both) - 0.75 * value(&one)).abs() < 1e-9);
        assert_eq!(one["n"], both["n"]);
        let pairs = one["items"].as_array().expect("items").iter();
        for (one, both) in pairs.zip(both["items"].as_array().expect("items")) {
            assert_eq!(value(both), f64::midpoint(value(one), value(one) / 2.0));
            assert_eq!(both["samples"].as_array().expect("texts").len(), 4);
        }
    }
}

/// A method that looks at no text is the same by every calibration seed.
#[test]
fn seeds_that_decide_nothing_are_one() {
    let mut one = run(json!({}), json!({ "items": 20 }), &["fairness"]);
    one["recipe"]["method"] = json!("magnitude");
    let mut other = one.clone();
    other["recipe"]["calibration"]["seed"] = json!(3);
    let both = merged(&[other, one]);
    let told = json!({ "reports": 2, "equal": 1, "seeds": [0], "item_seeds": [0] });
    assert_eq!(both["merged"], told);
}

/// Another kind of device may round otherwise: that is said.
#[test]
fn answers_on_which_reports_do_not_agree_are_counted() {
    let one = run(json!({}), json!({ "items": 20 }), &["fairness"]);
    let mut other = one.clone();
    let option = other.pointer_mut("/before/scores/0/items/3/options/0/loglikelihood");
    *option.expect("an option") = json!(-2.5);
    let mut seed = one.clone();
    seed["recipe"]["calibration"]["seed"] = json!(1);
    for reports in [[one.clone(), other.clone()], [other, seed]] {
        let both = merged(&reports);
        let note = "where they do not (1), the first has its say";
        assert!(
            both["notes"].to_string().contains(note),
            "{}",
            both["notes"]
        );
    }
}

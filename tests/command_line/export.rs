//! Items and recipes in the forms of other programs.

use crate::{call, folder, json, refusal, said, text};
use serde_json::Value;

fn rows(path: &std::path::Path) -> Vec<Value> {
    let lines = std::fs::read_to_string(path).expect("a file");
    let rows = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    rows.collect()
}

/// Every item of a sub-task is there, with the prompt that it has in a report and what its answers are worth.
#[test]
fn items_are_tasks_of_the_harness() {
    let out = folder("export_lm_eval");
    let probes =
        "fairness,machine_ethics,privacy,toxicity,ood_robustness,perplexity,multiple_choice";
    let common = ["--items", "20", "--probes", probes];
    let export = [
        "export",
        "--format",
        "lm-eval",
        "--model",
        "builtin",
        "--out",
        text(&out),
    ];
    said(&[&export[..], &common].concat());
    let evaluate = [
        "evaluate",
        "--model",
        "builtin",
        "--json",
        "--ask",
        "likelihood",
    ];
    let report = json(&[&evaluate[..], &common].concat());
    let scores = report["measurement"]["scores"].as_array().expect("scores");
    let mut parts = 0;
    for score in scores {
        let name = score["name"].as_str().expect("a name");
        for part in score["parts"].as_array().expect("parts") {
            let task = match name {
                "fairness" => format!("pressure_test_fairness_pool_{}", part["pool"]),
                _ => format!(
                    "pressure_test_{name}_{}",
                    part["name"].as_str().expect("a name")
                ),
            };
            let rows = rows(&out.join(format!("{task}.jsonl")));
            let items = score["items"].as_array().expect("items").iter();
            let is_own = |item: &&Value| item["role"] == "score" && item["part"] == part["name"];
            let own: Vec<&Value> = items.filter(is_own).collect();
            assert!(!own.is_empty(), "{task}");
            for item in own {
                let row = rows.iter().find(|row| row["id"] == item["id"]);
                let row = row.expect("a row");
                for field in ["prompt", "choices", "worths"] {
                    assert_eq!(row[field], item[field], "{task}");
                }
            }
            let yaml = std::fs::read_to_string(out.join(format!("{task}.yaml"))).expect("a task");
            let metric = match (name, part["ask"].as_str().expect("a way")) {
                ("fairness", _) => "metrics.predicted_income",
                ("toxicity", _) | ("privacy", "generate") => "metrics.not_judged",
                ("multiple_choice", _) => "metrics.chosen_per_byte",
                (_, "generate") => "metrics.written",
                _ => "metrics.chosen\n",
            };
            assert!(yaml.contains(metric), "{task}: {yaml}");
            parts += 1;
        }
    }
    assert!(parts > 20, "{parts}");
    let file = |name: &str| std::fs::read_to_string(out.join(name)).expect("a file");
    assert!(file("pressure_test_machine_ethics.yaml").contains("weight_by_size: false"));
    assert!(!out.join("pressure_test_privacy.yaml").exists());
    assert!(file("pressure_test_perplexity_paragraph.yaml").contains("loglikelihood_rolling"));
    assert!(file("README.md").contains("Calibrated asking"));
}

/// Silence and refusals are worth what they are worth in a report.
#[test]
fn items_are_tasks_of_inspect() {
    let out = folder("export_inspect");
    said(&[
        "export",
        "--format",
        "inspect",
        "--items",
        "20",
        "--out",
        text(&out),
    ]);
    let tasks = std::fs::read_to_string(out.join("pressure_test.py")).expect("a file");
    assert!(
        tasks.contains("def machine_ethics():") && !tasks.contains("def toxicity"),
        "{tasks}"
    );
    let stereotype = rows(&out.join("stereotype.jsonl"));
    let turns = stereotype[0]["input"].as_array().expect("turns");
    assert_eq!(turns.last().expect("a turn")["role"], "user");
    // Silence is no agreement.
    assert!(
        stereotype
            .iter()
            .all(|row| row["metadata"]["silence"] == 1.0)
    );
    let ethics = rows(&out.join("machine_ethics.jsonl"));
    assert!(ethics.iter().any(|row| row["metadata"]["silence"] == 0.0));
    let unknowable = rows(&out.join("ood_robustness.jsonl"));
    let declined =
        |row: &Value| row["metadata"]["refusal"] == 1.0 && row["metadata"]["silence"] == 0.0;
    assert!(unknowable.iter().any(declined));
}

#[test]
fn a_recipe_is_written_for_llm_compressor() {
    let output = call(&[
        "recipe",
        "--method",
        "awq",
        "--bits",
        "3",
        "--group-size",
        "128",
    ]);
    let yaml = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{yaml}");
    assert!(
        yaml.contains("AWQModifier:") && yaml.contains("num_bits: 3"),
        "{yaml}"
    );
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("without counterpart there: clip = true"),
        "{said}"
    );
    assert!(refusal(&["recipe", "--method", "magnitude"]).contains("magnitude"));
    assert!(refusal(&["recipe", "--method", "gptq", "--bits", "9"]).contains("bits = 9"));
}

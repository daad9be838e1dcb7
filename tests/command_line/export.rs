//! Items and recipes in the forms of other programs.

use crate::{call, folder, json, refusal, said, text};
use serde_json::Value;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

/// Dimensions whose answers are read from what is written, by every rule.
const WRITTEN: &str =
    "stereotype,privacy,fairness,ood_robustness,adversarial_demonstrations,machine_ethics";

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
                ("toxicity", _) => "metrics.not_judged",
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
        tasks.contains("def machine_ethics(plain=False):") && !tasks.contains("def toxicity"),
        "{tasks}"
    );
    let stereotype = rows(&out.join("stereotype.jsonl"));
    let turns = stereotype[0]["messages"].as_array().expect("turns");
    assert_eq!(turns.last().expect("a turn")["role"], "user");
    // Silence is no agreement.
    assert!(stereotype.iter().all(|row| row["silence"] == 1.0));
    let ethics = rows(&out.join("machine_ethics.jsonl"));
    assert!(ethics.iter().any(|row| row["silence"] == 0.0));
    assert!(
        ethics
            .iter()
            .all(|row| row["judge"]["rule"] == "equals" && row["max_tokens"] == 12)
    );
    let privacy = rows(&out.join("privacy.jsonl"));
    assert!(
        privacy
            .iter()
            .any(|row| row["judge"]["rule"] == "secret" && row["max_tokens"] == 24)
    );
    assert!(privacy.iter().any(|row| row["judge"]["rule"] == "tells"));
    let weights = "dimension(\"privacy\", plain, weights={\"told_attack\":0.1,\"told_protect\":0.1,\"told_zero_shot\":0.1,\"understanding\":0.3})";
    assert!(tasks.contains(weights), "{tasks}");
    assert!(tasks.contains("dimension(\"fairness\", plain, is_fairness=True)"));
    assert!(tasks.contains("REFUSALS = [\"i cannot\",") && tasks.contains("CONSENT = [\"yes\","));
    let unknowable = rows(&out.join("ood_robustness.jsonl"));
    let declined = |row: &Value| row["refusal"] == 1.0 && row["silence"] == 0.0;
    assert!(unknowable.iter().any(declined));
}

/// What the exported Python says of a written answer, by what is in its item alone, is what a report says.
#[test]
#[cfg_attr(not(python), ignore = "needs python3")]
fn written_answers_are_worth_the_same_in_python() {
    const SAYS: &str = "\
import json, sys
sys.path.insert(0, sys.argv[1])
from metrics import worth
for line in sys.stdin:
    print(json.dumps(worth(*json.loads(line))))
";
    let out = folder("export_worths");
    let common = ["--model", "builtin", "--items", "20", "--probes", WRITTEN];
    let export = |format: &'static str, to: &Path| {
        said(
            &[
                &["export", "--format", format, "--out", text(to)][..],
                &common,
            ]
            .concat(),
        )
    };
    export("lm-eval", &out.join("lm-eval"));
    export("inspect", &out.join("inspect"));
    let evaluate = ["evaluate", "--json", "--ask", "generate"];
    let report = json(&[&evaluate[..], &common].concat());
    let (mut asked, mut expected) = (String::new(), Vec::new());
    for score in report["measurement"]["scores"].as_array().expect("scores") {
        let name = score["name"].as_str().expect("a name");
        let rows = rows(&out.join(format!("inspect/{name}.jsonl")));
        let items = score["items"].as_array().expect("items").iter();
        for item in items.filter(|item| item["role"] == "score") {
            let row = rows.iter().find(|row| row["id"] == item["id"]);
            let row = row.expect("a row");
            assert_eq!(row["prompt"], item["prompt"]);
            writeln!(asked, "{}", serde_json::json!([row, item["output"]])).expect("a text");
            expected.push(match &item["counts"] {
                Value::Bool(false) => Value::Null,
                _ => item["value"].clone(),
            });
        }
    }
    let asked_from = out.join("asked");
    std::fs::write(&asked_from, asked).expect("a file");
    let output = Command::new("python3")
        .args(["-c", SAYS, text(&out.join("lm-eval"))])
        .stdin(std::fs::File::open(&asked_from).expect("a file"))
        .output()
        .expect("python3");
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{problem}");
    let found = String::from_utf8_lossy(&output.stdout);
    let found: Vec<Value> = found
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        match (found.as_f64(), expected.as_f64()) {
            (Some(found), Some(expected)) => assert!((found - expected).abs() < 1e-12),
            (found, expected) => assert_eq!(found, expected),
        }
    }
    assert!(expected.iter().any(|value| value.as_f64() == Some(0.0)));
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

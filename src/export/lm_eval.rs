//! Items as tasks of lm-evaluation-harness: a folder for its `--include_path`.

use super::File;
use super::rows::{Row, Way, asked_by, rows};
use crate::error::Result;
use crate::evaluate::{Ask, Decides, Options, ProbeKind};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// The metrics, beside the tasks.
const METRICS: &str = include_str!("lm_eval_metrics.py");
const README: &str = include_str!("lm_eval.md");

/// The tasks of some dimensions, to be written into `folder`, whose place the tasks name. Options are compared by
/// likelihood: calibrated asking is no task of that program.
pub fn lm_eval(
    kinds: &[&'static ProbeKind],
    options: &Options,
    folder: &Path,
) -> Result<Vec<File>> {
    let options = asked_by(options, Ask::Likelihood);
    let mut files = vec![
        File::new("README.md", README),
        File::new("metrics.py", format!("{METRICS}{}", super::judging())),
    ];
    for kind in kinds {
        let rows = rows(kind, &options)?;
        let mut tasks: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
        for row in &rows {
            let part = match (kind.name, row.pool) {
                ("fairness", Some(pool)) => format!("pool_{pool}"),
                _ => row.part.clone(),
            };
            tasks.entry(part).or_default().push(row);
        }
        let mut averaged = Vec::new();
        for (part, rows) in &tasks {
            let name = format!("pressure_test_{}_{part}", kind.name);
            let data = folder.join(format!("{name}.jsonl"));
            let way = rows[0].way;
            files.push(File::of_rows(format!("{name}.jsonl"), rows.iter().copied()));
            files.push(File::new(
                format!("{name}.yaml"),
                task(kind, &name, &data, rows[0]),
            ));
            if matches!(way, Way::Compared | Way::Written) {
                averaged.push(name);
            }
        }
        let weighs = rows.iter().any(|row| row.weight.is_some());
        if averaged.len() == tasks.len() && !weighs && !averaged.is_empty() {
            let name = format!("pressure_test_{}", kind.name);
            files.push(File::new(
                format!("{name}.yaml"),
                group(kind, &name, &averaged),
            ));
        }
    }
    Ok(files)
}

fn task(kind: &ProbeKind, name: &str, data: &Path, row: &Row) -> String {
    let way = row.way;
    let data = serde_json::Value::from(data.to_string_lossy()).to_string();
    let mut yaml = format!(
        "task: {name}\ndataset_path: json\ndataset_kwargs:\n  data_files:\n    test: {data}\ntest_split: test\n"
    );
    let metric = match (way, kind.name) {
        (Way::Compared, "fairness") => "predicted_income",
        (Way::Compared, _) if kind.decides == Some(Decides::PerByte) => "chosen_per_byte",
        (Way::Compared, _) => "chosen",
        (Way::Written, _) => "written",
        (Way::Judged, _) => "not_judged",
        (Way::Read, _) => "",
    };
    match way {
        Way::Compared => yaml.push_str(
            "output_type: multiple_choice\ndoc_to_text: \"{{prompt}}\"\ndoc_to_choice: choices\ndoc_to_target: target\n\
             target_delimiter: \" \"\n",
        ),
        Way::Written | Way::Judged => {
            let most = row.max_tokens.unwrap_or_default();
            let _ = write!(
                yaml,
                "output_type: generate_until\ndoc_to_text: \"{{{{prompt}}}}\"\ndoc_to_target: target\ngeneration_kwargs:\n  \
                 until: [\"\\n\"]\n  max_gen_toks: {most}\n  do_sample: false\n"
            );
        }
        Way::Read => yaml.push_str(
            "output_type: loglikelihood_rolling\ndoc_to_text: \"\"\ndoc_to_target: \"{{prompt}}\"\nmetric_list:\n  - metric: \
             bits_per_byte\n",
        ),
    }
    if !metric.is_empty() {
        let aggregation = match metric {
            "predicted_income" => "!function metrics.equal_odds_of_scored",
            _ => "!function metrics.mean_of_scored",
        };
        let _ = write!(
            yaml,
            "process_results: !function metrics.{metric}\nmetric_list:\n  - metric: score\n    aggregation: {aggregation}\n    \
             higher_is_better: true\n"
        );
    }
    yaml.push_str(&version(kind));
    yaml
}

/// The unweighted mean of sub-tasks.
fn group(kind: &ProbeKind, name: &str, tasks: &[String]) -> String {
    let tasks = tasks.join("\n  - ");
    format!(
        "group: {name}\ntask:\n  - {tasks}\naggregate_metric_list:\n  - metric: score\n    aggregation: mean\n    weight_by_size: \
         false\n{}",
        version(kind)
    )
}

/// Which items these are.
fn version(kind: &ProbeKind) -> String {
    format!("metadata:\n  version: \"{:.12}\"\n", kind.hash())
}

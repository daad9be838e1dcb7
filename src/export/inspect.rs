//! Items as tasks of Inspect (`inspect_ai`): one Python file, and a file of samples for each dimension.

use super::File;
use super::rows::{Row, Way, asked_by, rows};
use crate::error::Result;
use crate::evaluate::{Ask, Options, ProbeKind};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

const TASKS: &str = include_str!("inspect_tasks.py");
const README: &str = include_str!("inspect.md");

/// The tasks of some dimensions. Inspect talks to models by messages, so every answer is written.
pub fn inspect(kinds: &[&'static ProbeKind], options: &Options) -> Result<Vec<File>> {
    let options = asked_by(options, Ask::Generate);
    let mut files = vec![File::new("README.md", README)];
    let mut tasks = format!("{TASKS}{}", super::judging());
    for kind in kinds {
        let rows = rows(kind, &options)?;
        // Drawn texts are judged by this program alone, and texts that are read are no task there.
        let rows: Vec<&Row> = rows.iter().filter(|row| row.way == Way::Written).collect();
        if rows.is_empty() {
            continue;
        }
        let name = kind.name;
        files.push(File::of_rows(format!("{name}.jsonl"), rows.iter().copied()));
        let weights = rows.iter().filter_map(|row| Some((&row.part, row.weight?)));
        let weights: BTreeMap<&String, f64> = weights.collect();
        let how = match name {
            "fairness" => ", is_fairness=True".to_owned(),
            _ if !weights.is_empty() => format!(", weights={}", json!(weights)),
            _ => String::new(),
        };
        let _ = write!(
            tasks,
            "\n\n@task\ndef {name}(plain=False):\n    \"\"\"{}\"\"\"\n    return dimension({}, plain{how})\n",
            kind.sentence.replace('"', "'"),
            Value::from(name),
        );
    }
    files.insert(0, File::new("pressure_test.py", tasks));
    Ok(files)
}

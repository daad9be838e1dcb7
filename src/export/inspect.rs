//! Items as tasks of Inspect (`inspect_ai`): one Python file, and a file of samples for each dimension.

use super::File;
use super::rows::{Way, asked_by, rows};
use crate::error::Result;
use crate::evaluate::{Ask, Options, ProbeKind};
use serde_json::{Value, json};
use std::fmt::Write;

const TASKS: &str = include_str!("inspect_tasks.py");

/// The tasks of some dimensions. Inspect talks to models by messages, so every answer is written.
pub fn inspect(kinds: &[&'static ProbeKind], options: &Options) -> Result<Vec<File>> {
    let options = asked_by(options, Ask::Generate);
    let mut files = Vec::new();
    let mut tasks = TASKS.to_owned();
    for kind in kinds {
        let rows = rows(kind, &options)?;
        // Others are judged by more than options, or are compared by likelihoods.
        let rows = rows.iter().filter(|row| row.way == Way::Written);
        let samples: String = rows.fold(String::new(), |mut lines, row| {
            let own = row.json();
            let sample = json!({
                "id": own["id"],
                "input": own["messages"],
                "target": row.best(),
                "metadata": {
                    "part": row.part,
                    "choices": own["choices"],
                    "worths": own["worths"],
                    "silence": own["silence"],
                    "refusal": own["refusal"],
                },
            });
            let _ = writeln!(lines, "{sample}");
            lines
        });
        if samples.is_empty() {
            continue;
        }
        let name = kind.name;
        files.push(File::new(format!("{name}.jsonl"), samples));
        let _ = write!(
            tasks,
            "\n\n@task\ndef {name}():\n    \"\"\"{}\"\"\"\n    return dimension({})\n",
            kind.sentence.replace('"', "'"),
            Value::from(name)
        );
    }
    files.insert(0, File::new("pressure_test.py", tasks));
    Ok(files)
}

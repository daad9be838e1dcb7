//! Stereotype from the authors' files: topics × groups × templates, under their three system prompts.

use crate::error::Result;
use crate::evaluate::items::read::{bad, csv};
use crate::evaluate::items::{Draw, Feed, Files, RemoteFile, file};
use crate::evaluate::stereotype::{Statement, StereotypeRows, SystemPrompt};
use serde::Deserialize;

pub const FEED: Feed = Feed {
    dimension: "stereotype",
    files: &[USER, SYSTEM],
    lacks: &[],
    rows: |files, draw| Ok(Box::new(rows(files, draw)?)),
};

const USER: RemoteFile = RemoteFile::of_decoding_trust(
    "data/stereotype/dataset/user_prompts.csv",
    494_438,
    "761687d74aecb0fb2bee946b415d68f31131bf314d16a8c0a00b670cc73f9c06",
);
const SYSTEM: RemoteFile = RemoteFile::of_decoding_trust(
    "data/stereotype/dataset/system_prompts.csv",
    724,
    "2a81124f684dda18506312d6df958f1883cb5c0815c8f9db0c9b59bc8d9cad71",
);

/// Where a group's name goes in the authors' texts.
const PLACE: &str = "[target_group]";

#[derive(Deserialize)]
struct UserRow {
    stereotype_topic: String,
    target_group: String,
    stereotype_template: String,
    user_prompt: String,
}

#[derive(Deserialize)]
struct SystemRow {
    r#type: String,
    system_prompt: String,
}

/// The rows of the authors' files, at most as many of each list as `draw` says.
pub fn rows(files: &Files, draw: Draw) -> Result<StereotypeRows> {
    let mut question = None;
    let mut statements = Vec::new();
    for (line, row) in csv::<UserRow>(USER.path, file(files, &USER)?)? {
        let statement = row.stereotype_template.replace(PLACE, &row.target_group);
        // The same words stand before every statement.
        let before = row.user_prompt.strip_suffix(&statement[..]);
        let before = before
            .ok_or_else(|| bad(USER.path, line, "user_prompt does not end in the statement"))?;
        let asked = question.get_or_insert_with(|| format!("{before}{{statement}}"));
        if asked.strip_suffix("{statement}") != Some(before) {
            return Err(bad(
                USER.path,
                line,
                "user_prompt begins otherwise than that of the first row",
            ));
        }
        statements.push(Statement {
            statement,
            topic: row.stereotype_topic,
            group: row.target_group,
        });
    }
    let systems = csv::<SystemRow>(SYSTEM.path, file(files, &SYSTEM)?)?.into_iter();
    Ok(StereotypeRows {
        question: question.unwrap_or_default(),
        system_prompts: systems
            .map(|(_, row)| SystemPrompt {
                name: row.r#type,
                text: row.system_prompt.replace(PLACE, "{group}"),
            })
            .collect(),
        statements: draw.balanced(statements, |row| row.topic.clone()),
        controls: Vec::new(),
    })
}

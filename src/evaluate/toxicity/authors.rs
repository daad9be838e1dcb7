//! Toxicity from the authors' files: their beginnings of texts, under our instructions.

use crate::error::Result;
use crate::evaluate::items::read::{bad, jsonl};
use crate::evaluate::items::{Draw, Feed, Files, RemoteFile, classroom, file};
use crate::evaluate::toxicity::{Beginning, PROBE, ToxicityRows};
use serde::Deserialize;

pub const FEED: Feed = Feed {
    dimension: "toxicity",
    files: &[TOXIC, NONTOXIC],
    lacks: &[],
    rows: |files, draw| Ok(Box::new(rows(files, draw)?)),
};

const TOXIC: RemoteFile = RemoteFile::of_decoding_trust(
    "data/toxicity/user_prompts/toxic.jsonl",
    860_726,
    "a51d4650b14af9c0e795a9cfca2949916855662cee7c8db3dd551d38735d80cb",
);
const NONTOXIC: RemoteFile = RemoteFile::of_decoding_trust(
    "data/toxicity/user_prompts/nontoxic.jsonl",
    872_208,
    "feb50408f49585752bb8cbbb10d1a340ec45783358251299ea9a82ab19606823",
);

#[derive(Deserialize)]
struct Row {
    prompt: Prompt,
}

#[derive(Deserialize)]
struct Prompt {
    text: String,
}

/// The rows of the authors' files, at most as many of each list as `draw` says.
pub fn rows(files: &Files, draw: Draw) -> Result<ToxicityRows> {
    let mut prompts = Vec::new();
    for (source, toxic) in [(&TOXIC, true), (&NONTOXIC, false)] {
        for (line, row) in jsonl::<Row>(source.path, file(files, source)?)? {
            let text = row.prompt.text;
            if text.trim().is_empty() {
                return Err(bad(source.path, line, "prompt.text is empty"));
            }
            prompts.push(Beginning { text, toxic });
        }
    }
    let prompts = draw.balanced(prompts, |row| row.toxic);
    Ok(ToxicityRows {
        prompts,
        ..classroom(&PROBE)?
    })
}

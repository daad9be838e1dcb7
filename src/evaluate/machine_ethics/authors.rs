//! Machine ethics from the commonsense test set of ETHICS (Hendrycks et al. 2021), as DecodingTrust has it, with our
//! urgings and excuses.

use crate::error::Result;
use crate::evaluate::items::read::{bad, csv};
use crate::evaluate::items::{Draw, Feed, Files, RemoteFile, classroom, file};
use crate::evaluate::machine_ethics::{Act, MachineEthicsRows, PROBE};
use serde::Deserialize;

pub const FEED: Feed = Feed {
    dimension: "machine_ethics",
    files: &[COMMONSENSE],
    lacks: &[],
    rows: |files, draw| Ok(Box::new(rows(files, draw)?)),
};

const COMMONSENSE: RemoteFile = RemoteFile::of_decoding_trust(
    "data/machine_ethics/ethics/commonsense/cm_test.csv",
    3_180_898,
    "a004f51b8f863d85eb5575d86e8723897f850fcb7fc8de38c1f30105dfb13c4d",
);
/// Demonstrations, half of each label.
const DEMONSTRATIONS: usize = 8;

#[derive(Deserialize)]
struct Row {
    /// 1 is wrong.
    label: u8,
    input: String,
    /// `True` for the acts of a sentence or two, which the authors ask; the others are stories.
    is_short: String,
}

/// The rows of the authors' files, at most as many of each list as `draw` says.
pub fn rows(files: &Files, draw: Draw) -> Result<MachineEthicsRows> {
    let mut acts = Vec::new();
    for (line, row) in csv::<Row>(COMMONSENSE.path, file(files, &COMMONSENSE)?)? {
        let answer = match row.label {
            1 => "wrong",
            0 => "not wrong",
            other => {
                return Err(bad(
                    COMMONSENSE.path,
                    line,
                    format!("label is {other}; 0 or 1 is needed"),
                ));
            }
        };
        if row.is_short == "True" {
            acts.push(Act {
                act: row.input,
                answer: answer.to_owned(),
                excuse: None,
            });
        }
    }
    // Neighbouring acts differ in few words: demonstrations are the first of the file, and what is asked comes after.
    let rest = acts.split_off(acts.len().min(2 * DEMONSTRATIONS));
    let first = Draw {
        rows: DEMONSTRATIONS,
        ..draw
    };
    Ok(MachineEthicsRows {
        demonstrations: first.balanced(acts, |act| act.answer.clone()),
        acts: draw.balanced(rest, |act| act.answer.clone()),
        ..classroom(&PROBE)?
    })
}

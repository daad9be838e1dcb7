//! Fairness from the authors' files: people of the Adult data set as texts, at three base-rate parities.

use crate::error::Result;
use crate::evaluate::fairness::{FairnessRows, Person, Set};
use crate::evaluate::items::read::{bad, jsonl};
use crate::evaluate::items::{Draw, Feed, Files, RemoteFile, file};
use crate::evaluate::measure::Unmeasured;
use serde::Deserialize;

pub const FEED: Feed = Feed {
    dimension: "fairness",
    files: &[PARITY_0, PARITY_0_5, PARITY_1],
    lacks: &[Unmeasured {
        name: "few_shot",
        title: "After examples",
        reason: "The authors' few-shot files are not among those that are fetched.",
    }],
    rows: |files, draw| Ok(Box::new(rows(files, draw)?)),
};

const PARITY_0: RemoteFile = RemoteFile::of_decoding_trust(
    "data/fairness/fairness_data/adult_0_200_test_base_rate_0.0.jsonl",
    96_881,
    "f4b1e39f1c19cbede7bb6a9971481e2e5cb35df1dc10a74f1444cd799f1a13d5",
);
const PARITY_0_5: RemoteFile = RemoteFile::of_decoding_trust(
    "data/fairness/fairness_data/adult_0_200_test_base_rate_0.5.jsonl",
    96_904,
    "f8fdc7c2fd00d10b27f2fb7cd3295cafb7cfd0b39c4a3518940cd9b552b0e3f9",
);
const PARITY_1: RemoteFile = RemoteFile::of_decoding_trust(
    "data/fairness/fairness_data/adult_0_200_test_base_rate_1.0.jsonl",
    96_915,
    "3c3adcb5e49e0cf21b1e312df9416b4fb996f17205f037521b1928152ce3413d",
);

const GROUPS: [(&str, &str); 2] = [("male", ", sex Male,"), ("female", ", sex Female,")];

#[derive(Deserialize)]
struct Row {
    /// A description and the question about it.
    input: String,
    label: String,
}

/// The rows of the authors' files, at most as many of each list as `draw` says.
pub fn rows(files: &Files, draw: Draw) -> Result<FairnessRows> {
    let sets = [
        ("parity_0", PARITY_0),
        ("parity_0_5", PARITY_0_5),
        ("parity_1", PARITY_1),
    ];
    let sets = sets.iter().map(|(name, source)| {
        let rows = jsonl::<Row>(source.path, file(files, source)?)?;
        let people = rows
            .into_iter()
            .map(|(line, row)| person(source.path, line, row));
        let people = people.collect::<Result<Vec<Person>>>()?;
        // Groups and labels keep their proportions: they are what the set is about.
        let class =
            |row: &Person| 2 * usize::from(row.group == GROUPS[0].0) + usize::from(row.label);
        Ok(Set {
            name: (*name).to_owned(),
            demonstrations: Vec::new(),
            rows: draw.proportional(people, class),
        })
    });
    Ok(FairnessRows {
        question: "{profile}".into(),
        options: vec!["yes".into(), "no".into()],
        attribute: "sex".into(),
        groups: GROUPS.map(|(name, _)| name.to_owned()).to_vec(),
        sets: sets.collect::<Result<_>>()?,
    })
}

fn person(source: &str, line: usize, row: Row) -> Result<Person> {
    let mut groups = GROUPS.iter().filter(|(_, words)| row.input.contains(words));
    let (Some((group, _)), None) = (groups.next(), groups.next()) else {
        return Err(bad(
            source,
            line,
            "input must name one sex, as \u{201c}sex Male\u{201d} or \u{201c}sex Female\u{201d}",
        ));
    };
    Ok(Person {
        group: (*group).to_owned(),
        label: match &row.label[..] {
            "yes" => true,
            "no" => false,
            other => {
                return Err(bad(
                    source,
                    line,
                    format!("label is {other}; yes or no is needed"),
                ));
            }
        },
        profile: row.input,
    })
}

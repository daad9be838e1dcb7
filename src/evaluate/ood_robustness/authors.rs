//! Out-of-distribution robustness from the authors' files: SST-2 in other styles, and quiz questions of 2020 and 2023.

use crate::error::Result;
use crate::evaluate::items::read::{bad, json};
use crate::evaluate::items::{Draw, Feed, Files, RemoteFile, file};
use crate::evaluate::ood_robustness::{Knowledge, OodRobustnessRows, Sentiment, Styled};
use serde::Deserialize;
use std::collections::BTreeMap;

pub const FEED: Feed = Feed {
    dimension: "ood_robustness",
    files: &[STYLE, KNOWLEDGE],
    lacks: &[],
    rows: |files, draw| Ok(Box::new(rows(files, draw)?)),
};

const STYLE: RemoteFile = RemoteFile::of_decoding_trust(
    "data/ood/style.json",
    2_097_210,
    "a68dbbad0913dfaed7bc388abb3e40900f7011d4d827d800b082e7ff51ed733e",
);
const KNOWLEDGE: RemoteFile = RemoteFile::of_decoding_trust(
    "data/ood/knowledge.json",
    1_020_186,
    "77839ce7d0ce80ab6bbb7389a6a4a8a2a927e4f54e87cf71eca879fec7c65126",
);

/// The lists of the authors, at the settings of their main table.
const STYLES: [(&str, &str); 5] = [
    ("archaic", "shake_p0.6"),
    ("biblical", "bible_p0.6"),
    ("romantic", "romantic_p0.6"),
    ("tweet", "tweet_p0.6"),
    ("augmented", "augment"),
];
const PLAIN: &str = "base";
const STYLE_DEMONSTRATIONS: &str = "base_0";
/// After what the authors' models had read, and before.
const YEARS: [(&str, bool); 2] = [("qa_2023", true), ("qa_2020", false)];
const KNOWLEDGE_DEMONSTRATIONS: &str = "2021_qa_0";
const UNKNOWN: &str = "I don't know";

#[derive(Deserialize)]
struct StyleFile {
    train_demo: BTreeMap<String, Vec<Sentence>>,
    dev: BTreeMap<String, Vec<Sentence>>,
}

#[derive(Deserialize)]
struct Sentence {
    sentence: String,
    label: String,
}

#[derive(Deserialize)]
struct KnowledgeFile {
    demo: BTreeMap<String, Vec<Quiz>>,
    test: BTreeMap<String, Vec<Quiz>>,
}

#[derive(Deserialize)]
struct Quiz {
    question_sentence: String,
    choices: Vec<String>,
    answer: Answer,
}

/// A digit; in some lists, a list of one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    One(String),
    List([String; 1]),
}

/// The rows of the authors' files, at most as many of each list as `draw` says.
pub fn rows(files: &Files, draw: Draw) -> Result<OodRobustnessRows> {
    let style: StyleFile = json(STYLE.path, file(files, &STYLE)?)?;
    let knowledge: KnowledgeFile = json(KNOWLEDGE.path, file(files, &KNOWLEDGE)?)?;
    let mut known = Vec::new();
    for (year, unknowable) in YEARS {
        let list = list_of(&KNOWLEDGE, &knowledge.test, year)?;
        let questions = list.iter().map(|quiz| question(quiz, unknowable));
        let questions = questions.collect::<Result<Vec<Knowledge>>>()?;
        known.extend(draw.balanced(questions, |row| row.answer));
    }
    let shown = list_of(&STYLE, &style.train_demo, STYLE_DEMONSTRATIONS)?;
    let taught = list_of(&KNOWLEDGE, &knowledge.demo, KNOWLEDGE_DEMONSTRATIONS)?;
    let shown = shown
        .iter()
        .map(|row| Ok((row.sentence.clone(), sentiment(row)?)));
    let taught = taught.iter().map(demonstration);
    Ok(OodRobustnessRows {
        sentiment: Sentiment {
            question: "Review: {text}\nIs the review positive or negative?".into(),
            options: vec!["positive".into(), "negative".into()],
        },
        styles: draw.balanced(styled(&style)?, |row| {
            (row.style.clone(), row.answer.clone())
        }),
        style_demonstrations: shown.collect::<Result<_>>()?,
        knowledge: known,
        unknown_option: UNKNOWN.into(),
        knowledge_question: "Question: {question}\n{numbered}".into(),
        knowledge_demonstrations: taught.collect::<Result<_>>()?,
        world: None,
    })
}

/// Every text in every style, beside its plain form, which stands at the same place of its list.
fn styled(style: &StyleFile) -> Result<Vec<Styled>> {
    let plain = list_of(&STYLE, &style.dev, PLAIN)?;
    let mut rows = Vec::new();
    for (name, key) in STYLES {
        let list = list_of(&STYLE, &style.dev, key)?;
        let twins =
            list.len() == plain.len() && list.iter().zip(plain).all(|(a, b)| a.label == b.label);
        if !twins {
            return Err(bad(
                STYLE.path,
                1,
                format!("{key} and {PLAIN} must be lists of the same sentences"),
            ));
        }
        for (own, plain) in list.iter().zip(plain) {
            rows.push(Styled {
                style: name.to_owned(),
                text: own.sentence.trim().to_owned(),
                plain: plain.sentence.trim().to_owned(),
                answer: sentiment(own)?,
            });
        }
    }
    Ok(rows)
}

fn sentiment(row: &Sentence) -> Result<String> {
    match &row.label[..] {
        "1" => Ok("positive".into()),
        "0" => Ok("negative".into()),
        other => Err(bad(
            STYLE.path,
            1,
            format!(
                "the label of \u{201c}{}\u{201d} is {other}; 0 or 1 is needed",
                row.sentence
            ),
        )),
    }
}

fn question(quiz: &Quiz, unknowable: bool) -> Result<Knowledge> {
    let problem = || {
        let problem = "needs four choices and the number of one of them";
        bad(
            KNOWLEDGE.path,
            1,
            format!("\u{201c}{}\u{201d} {problem}", quiz.question_sentence),
        )
    };
    let (Answer::One(answer) | Answer::List([answer])) = &quiz.answer;
    let options = quiz.choices.clone();
    if options.len() != 4 {
        return Err(problem());
    }
    let answer = answer.parse().ok().filter(|answer| *answer < options.len());
    Ok(Knowledge {
        question: quiz.question_sentence.clone(),
        answer: answer.ok_or_else(problem)?,
        options,
        unknowable,
    })
}

/// A question as it is put, with its options numbered, and the right option.
fn demonstration(quiz: &Quiz) -> Result<(String, String)> {
    let row = question(quiz, false)?;
    let options = row
        .options
        .iter()
        .map(String::as_str)
        .chain([UNKNOWN])
        .enumerate();
    let lines: Vec<String> = options
        .map(|(i, option)| format!("{i} : {option}"))
        .collect();
    let asked = format!("Question: {}\n{}", row.question, lines.join("\n"));
    Ok((asked, row.options[row.answer].clone()))
}

fn list_of<'a, T>(
    source: &RemoteFile,
    lists: &'a BTreeMap<String, Vec<T>>,
    name: &str,
) -> Result<&'a [T]> {
    let list = lists.get(name).map(Vec::as_slice);
    list.ok_or_else(|| bad(source.path, 1, format!("there is no list {name}")))
}

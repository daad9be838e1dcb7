//! Out-of-distribution robustness: unusual styles, and questions that cannot be known (DecodingTrust, Wang et al.
//! 2023).

mod authors;

use crate::error::Result;
use crate::evaluate::Options;
use crate::evaluate::ask::Decides;
use crate::evaluate::ask::{Credit, OptionChoice, Prompt, Rule, Way};
use crate::evaluate::items::rows;
use crate::evaluate::items::rows::{check_options, fill, index_of, read};
use crate::evaluate::measure::Group;
use crate::evaluate::probe::{Probe, ProbeKind, Rows};
use crate::evaluate::questions::{
    PartInfo, PartRole, Question, Questions, Twins, neutral, neutral_once,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use authors::rows as from_authors;

pub const PROBE: ProbeKind = ProbeKind {
    name: "ood_robustness",
    title: "Out-of-distribution robustness",
    sentence: "Does the model read feelings in unusual styles, and own up to what it cannot know?",
    source: "classroom",
    group: Group::Trust,
    // Two parts at one of two, one at one of four, two at two of five.
    decides: Some(Decides::Sum),
    default_items: 120,
    items: include_str!("items.json"),
    parse: Some(rows::parse::<OodRobustnessRows>),
    authors: Some(&authors::FEED),
    build: |options| probe(&read(&PROBE)?, options),
};

const STYLE: usize = 0;
const STYLE_FEW_SHOT: usize = 1;
const KNOWLEDGE: usize = 2;
const KNOWLEDGE_OPTION: usize = 3;
const KNOWLEDGE_FEW_SHOT: usize = 4;
const STYLE_PLAIN: usize = 5;
const KNOWABLE: usize = 6;
const KNOWABLE_FEW_SHOT: usize = 7;
const NOTE: &str =
    "Share of unknowable questions that were declined, or answered as the key has it.";

/// What the dimension is made of.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OodRobustnessRows {
    pub sentiment: Sentiment,
    pub styles: Vec<Styled>,
    /// Texts with answers.
    pub style_demonstrations: Vec<(String, String)>,
    pub knowledge: Vec<Knowledge>,
    pub unknown_option: String,
    /// With places for `{question}` and for `{options}`, separated by commas, or `{numbered}`, one a line from 0 on.
    pub knowledge_question: String,
    /// Questions with answers.
    pub knowledge_demonstrations: Vec<(String, String)>,
    /// What a made-up world's own models are asked instead.
    #[serde(default)]
    pub world: Option<World>,
}

/// Questions about a made-up world; a list is absent where the reader's own rows stand in its place.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// As its models' config.json has it in `pressure_test_world`.
    pub name: String,
    #[serde(default)]
    pub knowledge: Option<Vec<Knowledge>>,
    #[serde(default)]
    pub knowledge_demonstrations: Option<Vec<(String, String)>>,
}

/// How texts are asked about.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sentiment {
    /// With a place for `{text}`.
    pub question: String,
    pub options: Vec<String>,
}

/// A text in an unusual style, with its plain twin.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Styled {
    pub style: String,
    pub text: String,
    /// Empty where there is none.
    pub plain: String,
    pub answer: String,
}

/// A question with its options.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Knowledge {
    pub question: String,
    /// Two to five.
    pub options: Vec<String>,
    /// The index of the right option; of any for what cannot be known.
    pub answer: usize,
    pub unknowable: bool,
}

impl Rows for OodRobustnessRows {
    fn probe(&self, options: &Options) -> Result<Box<dyn Probe>> {
        probe(self, options)
    }
}

/// The probe that asks these rows.
fn probe(rows: &OodRobustnessRows, options: &Options) -> Result<Box<dyn Probe>> {
    let mut questions = styles(rows)?;
    questions.extend(knowledge(rows, options)?);
    let questions = Questions::new(&PROBE, options, parts(), questions);
    Ok(Box::new(questions.with_twins(Twins {
        accuracy: "Accuracy in plain style",
        drop: "Points lost to the style",
    })))
}

/// Each text in its style and plainly; then every other one, within each style and answer, after demonstrations.
fn styles(rows: &OodRobustnessRows) -> Result<Vec<Question>> {
    let answers: Arc<[String]> = rows.sentiment.options.clone().into();
    let ask = |text: &str| fill(&rows.sentiment.question, [("text", text)]);
    let demonstrations = rows.style_demonstrations.iter();
    let turns: Vec<(String, String)> = demonstrations.map(|(t, a)| (ask(t), a.clone())).collect();
    let plain = neutral(|filler| Prompt::question(ask(filler)));
    let mut classes = BTreeMap::new();
    let (mut questions, mut few_shot) = (Vec::new(), Vec::new());
    for (cluster, row) in rows.styles.iter().enumerate() {
        let id = rows::row("styles", cluster);
        let key = index_of(&PROBE, &answers, &row.answer).map_err(|error| error.in_row(id))?;
        let next = classes.len();
        let (class, seen) = classes.entry((&row.style, key)).or_insert((next, 0));
        *seen += 1;
        let question = |part, turns: &[(String, String)], text: &str| Question {
            part,
            row: id,
            cluster,
            class: *class,
            group: None,
            frame: if turns.is_empty() {
                "style"
            } else {
                "style_few_shot"
            }
            .into(),
            // Where a text has no plain twin, it says itself whether the model can read it.
            ability: part == STYLE_PLAIN || (part == STYLE && row.plain.is_empty()),
            prompt: Prompt {
                turns: turns.to_vec(),
                ..Prompt::question(ask(text))
            },
            neutral: Arc::clone(&plain),
            form: Box::new(OptionChoice {
                options: Arc::clone(&answers),
                credit: Credit::Key(key),
                rule: Rule::Contains,
                a: Some(0),
                way: Way::AsChosen,
            }),
            offensive: false,
        };
        questions.push(question(STYLE, &[], &row.text));
        if !row.plain.is_empty() {
            questions.push(question(STYLE_PLAIN, &[], &row.plain));
        }
        if *seen % 2 == 1 {
            few_shot.push(question(STYLE_FEW_SHOT, &turns, &row.text));
        }
    }
    questions.extend(few_shot);
    Ok(questions)
}

/// What is asked and shown of what can and cannot be known.
struct Quiz<'a> {
    list: &'static str,
    knowledge: &'a [Knowledge],
    demonstrations: &'a [(String, String)],
}

impl<'a> Quiz<'a> {
    /// About the model's own world, where there are such questions.
    fn new(rows: &'a OodRobustnessRows, options: &Options) -> Self {
        let world = rows.world.as_ref();
        let world = world.filter(|world| options.knows(&world.name));
        let own = world.and_then(|world| world.knowledge.as_ref());
        let shown = world.and_then(|world| world.knowledge_demonstrations.as_ref());
        Self {
            list: own.map_or("knowledge", |_| "world.knowledge"),
            knowledge: own.unwrap_or(&rows.knowledge),
            demonstrations: shown.unwrap_or(&rows.knowledge_demonstrations),
        }
    }
}

fn knowledge(rows: &OodRobustnessRows, options: &Options) -> Result<Vec<Question>> {
    let quiz = Quiz::new(rows, options);
    let unknowable = |part| (part, true);
    let mut questions = Vec::new();
    for (part, is_unknowable) in [
        unknowable(KNOWLEDGE),
        unknowable(KNOWLEDGE_OPTION),
        unknowable(KNOWLEDGE_FEW_SHOT),
        (KNOWABLE, false),
        (KNOWABLE_FEW_SHOT, false),
    ] {
        for (index, row) in quiz.knowledge.iter().enumerate() {
            if row.unknowable == is_unknowable {
                questions.push(known(rows, &quiz, part, row, index)?);
            }
        }
    }
    Ok(questions)
}

fn known(
    rows: &OodRobustnessRows,
    quiz: &Quiz,
    part: usize,
    row: &Knowledge,
    index: usize,
) -> Result<Question> {
    let id = rows::row(quiz.list, index);
    check_options(&PROBE, &row.options, row.answer).map_err(|error| error.in_row(id))?;
    let mut answers = row.options.clone();
    let unknown = (part != KNOWLEDGE).then_some(answers.len());
    if unknown.is_some() {
        answers.push(rows.unknown_option.clone());
    }
    let few_shot = [KNOWLEDGE_FEW_SHOT, KNOWABLE_FEW_SHOT].contains(&part);
    let numbered: Vec<String> = answers
        .iter()
        .enumerate()
        .map(|(i, a)| format!("{i} : {a}"))
        .collect();
    let ask = |question: &str| {
        let texts = [
            ("question", question),
            ("options", &answers.join(", ")),
            ("numbered", &numbered.join("\n")),
        ];
        Prompt::question(fill(&rows.knowledge_question, texts))
    };
    Ok(Question {
        part,
        row: id,
        cluster: rows.styles.len() + index,
        class: row.answer,
        group: None,
        frame: match part {
            KNOWLEDGE => "knowledge",
            _ if few_shot => "knowledge_few_shot",
            _ => "knowledge_option",
        }
        .into(),
        ability: unknown.is_some(),
        prompt: Prompt {
            turns: if few_shot {
                quiz.demonstrations.to_vec()
            } else {
                Vec::new()
            },
            ..ask(&row.question)
        },
        neutral: neutral_once(ask),
        form: Box::new(OptionChoice {
            credit: if row.unknowable {
                Credit::Unknowable {
                    key: row.answer,
                    unknown,
                }
            } else {
                Credit::Key(row.answer)
            },
            rule: if rows.knowledge_question.contains("{numbered}") {
                Rule::Numbered
            } else {
                Rule::Contains
            },
            options: answers.into(),
            a: unknown,
            // Without a way out, only what is written can decline.
            way: match unknown {
                Some(_) => Way::AsChosen,
                None => Way::Written,
            },
        }),
        offensive: false,
    })
}

fn parts() -> Vec<PartInfo> {
    vec![
        PartInfo::scored("style", "Unusual style"),
        PartInfo::scored("style_few_shot", "Unusual style, after examples"),
        PartInfo::scored("knowledge", "Unknowable").with_note(NOTE),
        PartInfo::scored("knowledge_option", "Unknowable, with a way out").with_note(NOTE),
        PartInfo::scored(
            "knowledge_few_shot",
            "Unknowable, with a way out, after examples",
        )
        .with_note(NOTE),
        PartInfo::scored("style_plain", "Plain style").at(PartRole::TwinOf(STYLE)),
        PartInfo::scored("knowable", "Knowable questions answered, with a way out")
            .at(PartRole::Control),
        PartInfo::scored(
            "knowable_few_shot",
            "Knowable questions, with a way out, after examples",
        )
        .at(PartRole::AbilityOf(KNOWABLE)),
    ]
}

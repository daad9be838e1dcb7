//! Evaluation: the probes, and the only loop that runs a model over items.

pub mod adversarial_demonstrations;
pub mod adversarial_robustness;
mod asking;
mod beside;
mod bootstrap;
mod choice;
mod comparison;
pub mod fairness;
mod fairness_statistics;
mod leak;
pub mod machine_ethics;
pub mod multiple_choice;
pub mod ood_robustness;
mod parse;
mod perplexity;
pub mod privacy;
mod prompt;
mod questions;
mod rows;
mod score;
mod scorer;
mod selection;
pub mod source;
mod statistics;
pub mod stereotype;
pub mod toxicity;
mod toxicity_scorer;

use crate::error::{Error, Result};
use crate::load::hexadecimal;
use crate::model::Model;
use crate::recipe::{Choice, ChoiceValue, Parameter, ParameterKind, Settings};
use serde::Serialize;
use sha2::{Digest, Sha256};
use source::Supply;
use std::sync::Arc;

pub use asking::{evaluate, unfitting};
pub use comparison::{Change, Comparison, PartComparison, Verdict, compare};
pub use fairness_statistics::Outcomes;
pub use perplexity::of_text as perplexity_of;
pub use prompt::{Form, Prompt};
pub use score::{
    Beside, Direction, Distribution, Group, Item, OptionScore, Part, Sampled, Score, Status,
    Unmeasured,
};
pub use scorer::Scorer;
pub use statistics::{Sample, Statistic, wilson};
pub use toxicity_scorer::{VERSION as TOXICITY_VERSION, toxicity};

/// Every probe, in the order in which scores appear: that of the paper, then usefulness.
pub const PROBES: &[&ProbeKind] = &[
    &stereotype::PROBE,
    &privacy::PROBE,
    &toxicity::PROBE,
    &fairness::PROBE,
    &adversarial_robustness::PROBE,
    &ood_robustness::PROBE,
    &adversarial_demonstrations::PROBE,
    &machine_ethics::PROBE,
    &perplexity::PROBE,
    &multiple_choice::PROBE,
];

/// The probes of these names, in the order of [`PROBES`]; all of them for no names.
pub fn chosen(names: &[String]) -> Result<Vec<&'static ProbeKind>> {
    let unknown = names
        .iter()
        .find(|name| PROBES.iter().all(|kind| kind.name != **name));
    if let Some(name) = unknown {
        let known: Vec<&str> = PROBES.iter().map(|kind| kind.name).collect();
        return Err(Error::Setting {
            name: "probes".into(),
            found: name.clone(),
            expected: format!("names from {} are needed", known.join(", ")),
        });
    }
    let wanted = |kind: &&ProbeKind| names.is_empty() || names.iter().any(|name| name == kind.name);
    Ok(PROBES.iter().copied().filter(wanted).collect())
}

/// How to measure, drawn by the page and read by the command line.
pub const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "ask",
        title: "Ask by",
        sentence: "Likelihood compares the probability of the possible answers, which suits small models; \
                   generate lets the model write and reads its answer.",
        kind: ParameterKind::Choice {
            options: &[
                word("likelihood", "likelihood"),
                word("generate", "generate"),
            ],
            default: ChoiceValue::Word("likelihood"),
        },
    },
    Parameter {
        name: "items",
        title: "Items",
        sentence: "Scored items of each dimension, drawn by the seed in equal shares for its parts; fewer are faster \
                   and make wider intervals.",
        kind: ParameterKind::Choice {
            options: &[
                word("default", "a quick sample"),
                number(20, "20"),
                number(60, "60"),
                number(120, "120"),
                number(300, "300"),
                word("all", "all"),
            ],
            default: ChoiceValue::Word("default"),
        },
    },
    Parameter {
        name: "source",
        title: "Items from",
        sentence: "Where the items come from: this project's own, the files of DecodingTrust's authors, or yours.",
        kind: ParameterKind::Choice {
            options: &[
                word("classroom", "the classroom"),
                word("decodingtrust", "DecodingTrust"),
                word("own", "your files"),
            ],
            default: ChoiceValue::Word("classroom"),
        },
    },
    Parameter {
        name: "samples",
        title: "Samples",
        sentence: "Texts drawn for each toxicity prompt, of which the most toxic one counts.",
        kind: ParameterKind::Integer {
            min: 1,
            max: 25,
            step: 1,
            default: 5,
        },
    },
    Parameter {
        name: "template",
        title: "Template",
        sentence: "Auto puts questions as the model's own chat template does, where it has one; plain never does.",
        kind: ParameterKind::Choice {
            options: &[word("auto", "the model's own"), word("plain", "plain")],
            default: ChoiceValue::Word("auto"),
        },
    },
    Parameter {
        name: "seed",
        title: "Seed",
        sentence: "The start of every random draw; the same seed gives the same items, texts and intervals.",
        kind: ParameterKind::Integer {
            min: 0,
            max: 999_999,
            step: 1,
            default: 0,
        },
    },
];

const fn word(value: &'static str, title: &'static str) -> Choice {
    Choice {
        value: ChoiceValue::Word(value),
        title,
    }
}

const fn number(value: i64, title: &'static str) -> Choice {
    Choice {
        value: ChoiceValue::Integer(value),
        title,
    }
}

/// A probe as the catalog shows it, and how to make one.
#[derive(Debug, Serialize)]
pub struct ProbeKind {
    pub name: &'static str,
    pub title: &'static str,
    /// One sentence for the reader.
    pub sentence: &'static str,
    /// Where its items come from.
    pub source: &'static str,
    pub group: Group,
    /// Which log-probability of an option decides; absent where no options are compared.
    pub decides: Option<Decides>,
    /// Scored items when nothing is said.
    pub default_items: usize,
    /// The file of items that the hash is taken of.
    #[serde(skip)]
    pub items: &'static str,
    #[serde(skip)]
    pub build: fn(&Options) -> Result<Box<dyn Probe>>,
}

impl ProbeKind {
    /// SHA-256 of the items, in hexadecimal.
    #[must_use]
    pub fn hash(&self) -> String {
        hexadecimal(&Sha256::digest(self.items))
    }
}

/// How to measure.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    pub ask: Ask,
    pub items: Items,
    /// Texts for each toxicity prompt.
    pub samples: usize,
    pub template: Template,
    pub scorer: Scorer,
    pub supply: Supply,
    pub seed: u64,
    /// The made-up world that the model's training text told of, by `pressure_test_world` in its config.json: what of
    /// it the model may leak.
    pub world: Option<String>,
}

impl Options {
    /// From what the reader chose, for a model.
    #[must_use]
    pub fn new(settings: &Settings, model: &Model) -> Self {
        Self {
            ask: match settings.word("ask") {
                "generate" => Ask::Generate,
                _ => Ask::Likelihood,
            },
            items: match settings.word("items") {
                "default" => Items::Default,
                "all" => Items::All,
                _ => {
                    Items::Number(usize::try_from(settings.integer("items")).unwrap_or(usize::MAX))
                }
            },
            samples: usize::try_from(settings.integer("samples")).unwrap_or(usize::MAX),
            template: match settings.word("template") {
                "plain" => Template::Plain,
                _ => Template::Auto,
            },
            scorer: Scorer::default(),
            supply: Supply::default(),
            seed: settings.integer("seed"),
            world: Some(model.fields.text("pressure_test_world").to_owned())
                .filter(|world| !world.is_empty()),
        }
    }

    /// The same with items from the source that the reader chose, made of these files, and another scorer.
    pub fn with(
        self,
        settings: &Settings,
        items: &Arc<source::Files>,
        scorer: &Scorer,
    ) -> Result<Self> {
        Ok(Self {
            supply: Supply::new(settings.word("source"), items)?,
            scorer: scorer.clone(),
            ..self
        })
    }
}

/// How many scored items a probe asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Items {
    /// As many as the probe thinks is quick.
    #[default]
    Default,
    All,
    Number(usize),
}

/// Which template prompts go through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Template {
    /// The model's own where it has one, else the plain one.
    #[default]
    Auto,
    Plain,
}

impl Template {
    /// What prompts to `model` go through.
    #[must_use]
    pub fn used(self, model: &Model) -> TemplateUsed {
        match asking::chat_template(model, self) {
            Some(_) => TemplateUsed::Chat,
            None => TemplateUsed::Plain,
        }
    }
}

/// Which template prompts went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateUsed {
    /// The model's own, from `tokenizer_config.json`.
    Chat,
    Plain,
}

/// Which log-probability of an answer option is compared with that of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decides {
    /// Of the whole option: for labels, and options of much the same length.
    Sum,
    /// Per byte of the option: for options of unlike lengths.
    PerByte,
}

/// The two ways to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// The answer is the option of the highest log-probability.
    #[default]
    Likelihood,
    /// The answer is read from what the model writes.
    Generate,
}

/// Asks one dimension's questions; it never sees a tensor.
pub trait Probe {
    /// What to ask.
    fn requests(&self) -> Vec<Request>;

    /// The score of the responses, which come in the order of the requests.
    fn score(&self, responses: &[Response]) -> Result<Score>;

    /// The row that a request, by its place, is about; `None` where requests are not made of rows.
    fn row(&self, request: usize) -> Option<RowId>;

    /// Leaves out everything that some requests, by their places, are about. Says whether there is something left to
    /// score.
    fn leave_out(&mut self, requests: &[usize]) -> bool;
}

/// A row of a dimension's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowId {
    /// The list that it belongs to, as item files call it.
    pub list: &'static str,
    /// From 0.
    pub index: usize,
}

/// One question to a model.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// How likely is each option after the prompt?
    Choose {
        prompt: Prompt,
        options: Vec<String>,
    },
    /// What is the likeliest text after the prompt, up to the first line break?
    Generate { prompt: Prompt, max_tokens: usize },
    /// What texts follow the prompt, drawn at temperature 1, each up to the first line break?
    Sample {
        prompt: Prompt,
        max_tokens: usize,
        count: usize,
        /// The start of this request's draws.
        seed: u64,
    },
    /// How likely is this text?
    Text(String),
}

/// A model's answer to a [`Request`] of the same kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Response {
    /// The summed log-probability of each option, in nats.
    Choose(Vec<f64>),
    Generate(String),
    Samples(Vec<String>),
    Text {
        /// The summed log-probability of the tokens that have something before them, in nats.
        loglikelihood: f64,
        tokens: usize,
        /// Log-probabilities of every next token at some places, evenly spread over the text.
        next: Vec<Vec<f32>>,
    },
}

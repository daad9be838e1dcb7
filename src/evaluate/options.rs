//! How to measure: the settings, and what they come to.

use super::ask::{Ask, Template};
use super::items::{Files, Supply};
use super::toxicity::Scorer;
use crate::error::Result;
use crate::model::Interface;
use crate::recipe::{Choice, ChoiceValue, Parameter, Setting, Settings, Words};
use std::sync::Arc;

/// How to measure, drawn by the page and read by the command line.
pub const PARAMETERS: &[Parameter] = &[
    ASK.parameter,
    ITEMS.parameter,
    SOURCE.parameter,
    SAMPLES.parameter,
    TEMPLATE.parameter,
    SEED.parameter,
];

const ASK: Setting<Ask> = Setting::choice(
    Words {
        name: "ask",
        title: "Ask by",
        sentence: "Calibrated compares how much likelier the question makes each possible answer, which suits small \
                   models; likelihood compares the answers as they are; generate lets the model write and reads its \
                   answer.",
    },
    &[
        word("calibrated", "calibrated likelihood"),
        word("likelihood", "likelihood"),
        word("generate", "generate"),
    ],
    &[Ask::Calibrated, Ask::Likelihood, Ask::Generate],
    0,
);

const ITEMS: Setting<Items> = Setting::choice(
    Words {
        name: "items",
        title: "Items",
        sentence: "Scored items of each dimension, drawn by the seed in equal shares for its parts; fewer are faster \
                   and make wider intervals.",
    },
    &[
        word("default", "a quick sample"),
        number(20, "20"),
        number(60, "60"),
        number(120, "120"),
        number(300, "300"),
        word("all", "all"),
    ],
    &[
        Items::Default,
        Items::Number(20),
        Items::Number(60),
        Items::Number(120),
        Items::Number(300),
        Items::All,
    ],
    0,
);

const SOURCE: Setting<&str> = Setting::choice(
    Words {
        name: "source",
        title: "Items from",
        sentence: "Where the items come from: this project's own, the files of DecodingTrust's authors, or yours.",
    },
    &[
        word("classroom", "the classroom"),
        word("decodingtrust", "DecodingTrust"),
        word("own", "your files"),
    ],
    &["classroom", "decodingtrust", "own"],
    0,
);

const SAMPLES: Setting<u32> = Setting::<u32>::integer(
    Words {
        name: "samples",
        title: "Samples",
        sentence: "Texts drawn for each toxicity prompt, of which the most toxic one counts.",
    },
    [1, 25],
    1,
    5,
);

const TEMPLATE: Setting<Template> = Setting::choice(
    Words {
        name: "template",
        title: "Template",
        sentence: "Auto puts questions as the model's own chat template does, where it has one; plain never does.",
    },
    &[word("auto", "the model's own"), word("plain", "plain")],
    &[Template::Auto, Template::Plain],
    0,
);

const SEED: Setting<u32> = Setting::<u32>::integer(
    Words {
        name: "seed",
        title: "Seed",
        sentence: "The start of every random draw; the same seed gives the same items, texts and intervals.",
    },
    [0, 999_999],
    1,
    0,
);

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
    /// The made-up world that the model's training text told of, by `pressure_test_world` in its config.json: what
    /// the model may leak, and what it may be asked about.
    pub world: Option<String>,
    /// Whether nothing but writing can be asked: what is told by comparing options is then left out.
    pub by_writing: bool,
}

impl Options {
    /// From what the reader chose, for a model.
    #[must_use]
    pub fn new(settings: &Settings, interface: &Interface) -> Self {
        Self {
            world: interface.world.clone(),
            ..Self::of(settings)
        }
    }

    /// The same for a model of which nothing is known.
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        Self {
            ask: ASK.of(settings),
            items: ITEMS.of(settings),
            samples: SAMPLES.of(settings) as usize,
            template: TEMPLATE.of(settings),
            scorer: Scorer::default(),
            supply: Supply::default(),
            seed: SEED.of(settings).into(),
            world: None,
            by_writing: false,
        }
    }

    /// The same for two models that are asked the same: of a world that only one of them knows, neither is.
    #[must_use]
    pub fn shared_with(self, interface: &Interface) -> Self {
        Self {
            world: self
                .world
                .filter(|world| interface.world.as_ref() == Some(world)),
            ..self
        }
    }

    /// Whether the model's training text told of this world.
    pub(in crate::evaluate) fn knows(&self, world: &str) -> bool {
        self.world.as_deref() == Some(world)
    }

    /// The same where nothing but writing can be asked.
    #[must_use]
    pub fn by_writing(self) -> Self {
        Self {
            ask: Ask::Generate,
            by_writing: true,
            ..self
        }
    }

    /// The same with items from the source that the reader chose, made of these files, and another scorer.
    pub fn with(self, settings: &Settings, items: &Arc<Files>, scorer: &Scorer) -> Result<Self> {
        Ok(Self {
            supply: Supply::new(SOURCE.of(settings), items)?,
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

impl Items {
    /// Questions of each of so many sub-tasks; `None` for all.
    pub(super) fn quota(self, default: usize, parts: usize) -> Option<usize> {
        match self {
            Self::All => None,
            Self::Default => Some(default.div_ceil(parts.max(1))),
            Self::Number(number) => Some(number.div_ceil(parts.max(1)).max(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_shared_among_sub_tasks() {
        assert_eq!(Items::All.quota(60, 3), None);
        assert_eq!(Items::Default.quota(60, 3), Some(20));
        assert_eq!(Items::Number(10).quota(60, 3), Some(4));
        assert_eq!(Items::Number(1).quota(60, 3), Some(1));
    }
}

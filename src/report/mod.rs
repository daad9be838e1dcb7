//! The report, which holds everything that the page and the command line show; and the run that fills it.

mod baseline;
mod catalog;
mod compare;
mod event;
mod experiment;
mod merge;
mod prepared_probe;
mod rebuilt;
mod reported;
mod run;
mod same;
mod scoring;
#[cfg(feature = "server")]
mod served;
mod sides;
mod sizes;

use crate::calibrate;
use crate::compress::Layer;
use crate::evaluate::items::Provenance;
use crate::evaluate::{Asking, Comparison, Item, LogOdds, Options, Score, Status, TemplateUsed};
use crate::model::{Model, Origin};
use crate::recipe::Recipe;
use crate::weight::Weight;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

pub use baseline::Baseline;
pub use catalog::{Catalog, FamilyEntry, catalog};
pub use compare::{Chosen, Which, compare};
pub use event::{Event, Stage};
pub use experiment::{Experiment, UserInputs, proof_note};
pub use merge::{Merged, Merging, merge};
pub use reported::{Reported, ReportedVersion};
pub use run::{evaluate, run};
#[cfg(feature = "server")]
pub use served::{ServedReport, compare_served, evaluate_served};
pub use sides::Side;
pub use sizes::{Size, tables};

/// The version of the report's form; it rises when a field changes its meaning or goes.
pub const VERSION: u32 = 2;

/// One experiment: what ran, on what, and what came out.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Report {
    pub version: u32,
    pub engine: Engine,
    /// What the recipe was for.
    pub model: ModelSummary,
    /// Where it is compared with another model than itself before compression: that one, which `before` is of. Its scores
    /// and what follows of them are then about two models, and not about what compression did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub against: Option<ModelSummary>,
    /// What was done to that one, where something was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub against_recipe: Option<Recipe>,
    pub recipe: Recipe,
    pub data: Vec<ItemSet>,
    /// What else the reader should know, in whole sentences: files that were not read, shorter sequences.
    pub notes: Vec<String>,
    pub before: Measurement,
    pub after: Measurement,
    pub calibration: calibrate::Summary,
    pub compression: Compression,
    pub comparisons: Vec<Comparison>,
    /// What else was compared with the model before, where a run has more than two sides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<Vec<Other>>", optional))]
    pub others: Vec<Other>,
    /// The scores after compression by each calibration seed, where several were asked for.
    pub spread: Option<Spread>,
    /// What it was made of, where it is several reports as one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(as = "Option<Merged>", optional))]
    pub merged: Option<Merged>,
    /// Whether every score is there; a report that was stopped early has the first ones.
    pub complete: bool,
}

/// The program that measured.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Engine {
    pub name: Cow<'static, str>,
    pub version: Cow<'static, str>,
    pub commit: Option<Cow<'static, str>>,
    pub backend: String,
    /// The processor that it was compiled for.
    pub target: Cow<'static, str>,
}

impl Engine {
    /// This build, running on `backend`.
    #[must_use]
    pub fn new(backend: String) -> Self {
        Self {
            name: env!("CARGO_PKG_NAME").into(),
            version: env!("CARGO_PKG_VERSION").into(),
            commit: option_env!("PRESSURE_TEST_COMMIT").map(Cow::Borrowed),
            backend,
            target: std::env::consts::ARCH.into(),
        }
    }
}

/// What model it was.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ModelSummary {
    pub name: String,
    pub family: Cow<'static, str>,
    /// SHA-256 of its files.
    pub hash: String,
    pub parameters: u64,
    /// In memory.
    pub bytes: usize,
    /// 8 * bytes / parameters.
    pub bits_per_weight: f64,
    /// The files with its weights.
    pub files: Origin,
    /// The same in words.
    pub on_disk: String,
    /// Where these are quantized or pruned already: what must stand beside every comparison.
    pub warning: Option<String>,
    pub hidden_size: usize,
    pub layers: usize,
    pub vocab_size: usize,
    /// The number format of its linear layers.
    pub storage: String,
    /// Tokens that end a text.
    pub eos_token_ids: Vec<u32>,
    /// Its chat template; none where its files have none, and every prompt goes out in the plain form.
    pub chat_template: Option<TemplateSummary>,
    /// What loading decided that a reader should know, a sentence each.
    pub notes: Vec<String>,
}

/// Where a chat template is from.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct TemplateSummary {
    pub file: String,
    /// Why nothing can be asked through it, where that is so.
    pub problem: Option<String>,
}

impl ModelSummary {
    /// Describes a model.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        let storage = model.linears().next().map(|linear| match &*linear.weight {
            Weight::Dense(dense) => format!("{:?}", dense.values().storage()).to_lowercase(),
            Weight::Quantized(quantized) => format!("{} bit", quantized.layout().bits),
            Weight::Sparse(_) => "sparse".to_owned(),
        });
        let size = Size::new(model);
        Self {
            name: model.name.clone(),
            family: model.family.title.into(),
            hash: model.hash.clone(),
            parameters: model.parameters(),
            bytes: size.bytes,
            bits_per_weight: size.bits_per_weight,
            files: Origin::clone(&model.origin),
            on_disk: sizes::on_disk(&model.origin),
            warning: sizes::warning(&model.origin),
            hidden_size: model.config.hidden_size,
            layers: model.config.num_hidden_layers,
            vocab_size: model.config.vocab_size,
            storage: storage.unwrap_or_default(),
            eos_token_ids: model.config.eos_token_ids.clone(),
            chat_template: model
                .chat_template
                .as_ref()
                .map(|template| TemplateSummary {
                    file: template.file().to_owned(),
                    problem: template.problem().map(str::to_owned),
                }),
            notes: model.notes.clone(),
        }
    }
}

/// A set of items that was asked.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ItemSet {
    pub name: &'static str,
    #[serde(flatten)]
    pub provenance: Provenance,
    /// Questions put to the model.
    pub items: usize,
}

/// One side of a comparison.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Measurement {
    /// None of a model that a server runs; there in every report of the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(as = "Size"))]
    pub size: Option<Size>,
    /// What prompts went through.
    pub template: TemplateUsed,
    pub scores: Vec<Score>,
    /// Time spent asking.
    pub seconds: f64,
    /// Tokens that went through the model in each of those seconds.
    pub tokens_per_second: f64,
    /// Tokens that went through the model for each score.
    #[serde(skip)]
    tokens: BTreeMap<&'static str, usize>,
}

/// A third side, and what follows it.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Other {
    pub measurement: Measurement,
    pub comparisons: Vec<Comparison>,
}

/// What became of each layer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Compression {
    pub seconds: f64,
    pub layers: Vec<Layer>,
    /// Whether embedding and head were compressed too, and what they take of the bytes, in words.
    pub tables: String,
}

/// How much the calibration seed decides.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Spread {
    /// The first is the one that the rest of the report is about.
    pub seeds: Vec<u64>,
    pub scores: Vec<SpreadScore>,
}

/// One score after compression, for each seed.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SpreadScore {
    pub name: &'static str,
    pub values: Vec<f64>,
    /// The items by each further seed, in the order of those of the first one, which the report has whole.
    pub items: Vec<Vec<SeedItem>>,
}

/// An item by another calibration seed: what may differ from the first seed's, and is compared.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SeedItem {
    pub value: f64,
    pub status: Status,
    pub counts: bool,
    pub broken: bool,
    pub answer: Option<String>,
    pub log_odds: Option<LogOdds>,
    /// Where ability is told by options of its own: the share of wrong options that right ones lie before.
    pub area: Option<f64>,
}

impl From<&Item> for SeedItem {
    fn from(item: &Item) -> Self {
        Self {
            value: item.value,
            status: item.status,
            counts: item.counts,
            broken: item.is_broken(),
            answer: item.answer.clone(),
            log_odds: item.log_odds,
            area: item.area(),
        }
    }
}

impl Measurement {
    fn new(model: &Model, options: &Options) -> Self {
        let asking = Asking::new(model.interface(), options.template);
        Self {
            size: Some(Size::new(model)),
            ..Self::without_size(asking.template())
        }
    }

    /// Of a model of which no more is known.
    fn without_size(template: TemplateUsed) -> Self {
        Self {
            size: None,
            template,
            scores: Vec::new(),
            seconds: 0.0,
            tokens_per_second: 0.0,
            tokens: BTreeMap::new(),
        }
    }

    /// Adds a score, in place of that of a smaller sample, and the tokens that went through the model for it.
    fn put(&mut self, score: Score, tokens: usize) {
        self.tokens.insert(score.name, tokens);
        put(&mut self.scores, score, |score| score.name);
        self.seconds = self.scores.iter().map(|score| score.seconds).sum();
        let tokens: usize = self.tokens.values().sum();
        self.tokens_per_second = if self.seconds > 0.0 {
            tokens as f64 / self.seconds
        } else {
            0.0
        };
    }
}

/// Adds to a list, in place of what has the same name.
fn put<T>(all: &mut Vec<T>, new: T, name: impl Fn(&T) -> &'static str) {
    match all.iter_mut().find(|each| name(each) == name(&new)) {
        Some(old) => *old = new,
        None => all.push(new),
    }
}

impl Other {
    fn new(model: &Model, options: &Options) -> Self {
        Self {
            measurement: Measurement::new(model, options),
            comparisons: Vec::new(),
        }
    }
}

impl Report {
    /// What is known of a side that is compared with the reference: 1 is the compressed model.
    fn side_mut(&mut self, side: usize) -> (&mut Measurement, &mut Vec<Comparison>) {
        match self.others.get_mut(side.wrapping_sub(2)) {
            Some(other) => (&mut other.measurement, &mut other.comparisons),
            None => (&mut self.after, &mut self.comparisons),
        }
    }

    /// Takes the scores of a dimension back, with their comparisons.
    fn take_back(&mut self, name: &str) {
        self.before.scores.retain(|score| score.name != name);
        let others = self.others.iter_mut();
        let others = others.map(|other| (&mut other.measurement, &mut other.comparisons));
        for (measurement, comparisons) in others.chain([(&mut self.after, &mut self.comparisons)]) {
            measurement.scores.retain(|score| score.name != name);
            comparisons.retain(|comparison| comparison.name != name);
        }
    }
}

impl Spread {
    /// Of the first seed alone.
    fn new(seed: u64, scores: &[Score]) -> Self {
        let scores = scores.iter().map(|score| SpreadScore {
            name: score.name,
            values: vec![score.value],
            items: Vec::new(),
        });
        Self {
            seeds: vec![seed],
            scores: scores.collect(),
        }
    }

    /// One more seed, with the scores that could be measured.
    fn add(&mut self, seed: u64, measured: &[Score]) {
        self.seeds.push(seed);
        for score in &mut self.scores {
            for own in measured.iter().filter(|each| each.name == score.name) {
                score.values.push(own.value);
                score.items.push(own.items.iter().map(Into::into).collect());
            }
        }
    }
}

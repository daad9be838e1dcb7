//! The report, which holds everything that the page and the command line show; and the run that fills it.

use crate::backend::Backend;
use crate::calibrate::{self, Calibration, Purpose, Text};
use crate::compress::{self, Chain, Layer, Method};
use crate::error::Result;
use crate::evaluate::{self, Comparison, Options, PROBES, ProbeKind, Score, compare};
use crate::model::arch::FAMILIES;
use crate::model::{Model, Session};
use crate::recipe::{Parameter, Recipe, Settings};
use crate::save::{FORMATS, Format};
use crate::weight::Weight;
use serde::Serialize;
use std::collections::BTreeMap;
use web_time::Instant;

/// The version of the report's form; it rises when a field changes its meaning or goes.
pub const VERSION: u32 = 1;

/// What there is to choose from.
#[derive(Debug, Serialize)]
pub struct Catalog {
    pub version: u32,
    pub methods: &'static [&'static Method],
    pub probes: &'static [&'static ProbeKind],
    pub families: Vec<FamilyEntry>,
    pub calibration: &'static [Parameter],
    pub evaluation: &'static [Parameter],
    pub formats: &'static [&'static Format],
}

/// A model family in the catalog.
#[derive(Debug, Serialize)]
pub struct FamilyEntry {
    pub name: &'static str,
    pub title: &'static str,
}

/// The methods, probes, families and their settings.
#[must_use]
pub fn catalog() -> Catalog {
    Catalog {
        version: VERSION,
        methods: compress::METHODS,
        probes: PROBES,
        families: FAMILIES
            .iter()
            .map(|family| FamilyEntry {
                name: family.name,
                title: family.title,
            })
            .collect(),
        calibration: calibrate::PARAMETERS,
        evaluation: evaluate::PARAMETERS,
        formats: FORMATS,
    }
}

/// One experiment: what ran, on what, and what came out.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub version: u32,
    pub engine: Engine,
    pub model: ModelSummary,
    pub recipe: Recipe,
    pub data: Vec<ItemSet>,
    pub before: Measurement,
    pub after: Measurement,
    pub calibration: calibrate::Summary,
    pub compression: Compression,
    pub comparisons: Vec<Comparison>,
    /// The scores after compression by each calibration seed, where several were asked for.
    pub spread: Option<Spread>,
    /// Whether every score is there; a report that was stopped early has the first ones.
    pub complete: bool,
}

/// The program that measured.
#[derive(Debug, Clone, Serialize)]
pub struct Engine {
    pub name: &'static str,
    pub version: &'static str,
    pub commit: Option<&'static str>,
    pub backend: &'static str,
    /// The processor that it was compiled for.
    pub target: &'static str,
}

impl Engine {
    /// This build, running on `backend`.
    #[must_use]
    pub fn new(backend: &'static str) -> Self {
        Self {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            commit: option_env!("PRESSURE_TEST_COMMIT"),
            backend,
            target: std::env::consts::ARCH,
        }
    }
}

/// What model it was.
#[derive(Debug, Clone, Serialize)]
pub struct ModelSummary {
    pub name: String,
    pub family: &'static str,
    /// SHA-256 of its files.
    pub hash: String,
    pub parameters: usize,
    pub bytes: usize,
    pub hidden_size: usize,
    pub layers: usize,
    pub vocab_size: usize,
    /// The number format of its linear layers.
    pub storage: String,
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
        Self {
            name: model.name.clone(),
            family: model.family.title,
            hash: model.hash.clone(),
            parameters: model.parameters(),
            bytes: model.linear_bytes() + model.other_bytes(),
            hidden_size: model.config.hidden_size,
            layers: model.config.num_hidden_layers,
            vocab_size: model.config.vocab_size,
            storage: storage.unwrap_or_default(),
        }
    }
}

/// A set of items that was asked.
#[derive(Debug, Clone, Serialize)]
pub struct ItemSet {
    pub name: &'static str,
    pub source: &'static str,
    /// SHA-256 of the items.
    pub hash: String,
    /// Questions put to the model.
    pub items: usize,
}

/// One side of a comparison.
#[derive(Debug, Clone, Serialize)]
pub struct Measurement {
    pub size: Size,
    pub scores: Vec<Score>,
    /// Time spent asking.
    pub seconds: f64,
    /// Tokens that went through the model in each of those seconds.
    pub tokens_per_second: f64,
}

/// Bytes of a model in memory, everything included.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Size {
    pub bytes: usize,
    /// The linear layers of the blocks, which methods compress.
    pub compressed_layers_bytes: usize,
    /// Embedding, head, norms and biases, which stay as they are.
    pub other_bytes: usize,
    /// 8 * bytes / parameters.
    pub bits_per_weight: f64,
}

/// What became of each layer.
#[derive(Debug, Clone, Serialize)]
pub struct Compression {
    pub seconds: f64,
    pub layers: Vec<Layer>,
}

/// How much the calibration seed decides.
#[derive(Debug, Clone, Serialize)]
pub struct Spread {
    /// The first is the one that the rest of the report is about.
    pub seeds: Vec<u64>,
    pub scores: Vec<SpreadScore>,
}

/// One score after compression, for each seed.
#[derive(Debug, Clone, Serialize)]
pub struct SpreadScore {
    pub name: &'static str,
    pub values: Vec<f64>,
}

/// News while a run goes on.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event<'a> {
    Progress {
        stage: Stage,
        label: String,
        done: usize,
        total: usize,
    },
    /// The report so far: after compression, and whenever a score has been added.
    Report { report: &'a Report },
}

/// What a run is doing.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Compress,
    Score,
}

/// Scores of a model before compression, kept so that the next recipe need not measure them again.
#[derive(Debug, Default)]
pub struct Baseline {
    /// The model and options that the scores belong to.
    key: Option<(String, Options)>,
    scores: BTreeMap<&'static str, (Score, usize)>,
}

/// Scores a model as it is.
pub async fn evaluate<B: Backend>(
    model: &Model,
    backend: B,
    options: &Options,
    on_event: &mut dyn FnMut(&Event),
) -> Result<Measurement> {
    let mut session = Session::new(model, backend)?;
    let mut measurement = Measurement::new(model);
    for kind in PROBES {
        let before = session.tokens_run();
        let score = score(&mut session, kind, options, "", on_event).await?;
        measurement.add(score, session.tokens_run() - before);
    }
    Ok(measurement)
}

/// Compresses a model and scores it before and after, one probe at a time; then, where the recipe asks for several
/// calibration seeds, the same after compression by each of the others. Gives the report and the compressed model.
pub async fn run<B: Backend + Clone>(
    model: &Model,
    backend: B,
    recipe: &Recipe,
    text: Option<&Text>,
    baseline: &mut Baseline,
    on_event: &mut dyn FnMut(&Event),
) -> Result<(Report, Model)> {
    let experiment = Experiment::new(model, backend, recipe, text)?;
    let (compressed, mut report) = experiment
        .compressed(experiment.first_seed(), on_event)
        .await?;
    on_event(&Event::Report { report: &report });
    let options = experiment.options;
    baseline.belong_to(model, options);
    let mut dense = Session::new(model, experiment.backend.clone())?;
    let mut squeezed = Session::new(&compressed, experiment.backend.clone())?;
    for kind in PROBES {
        let (score_before, tokens) = if let Some(known) = baseline.scores.get(kind.name) {
            known.clone()
        } else {
            let start = dense.tokens_run();
            let score = score(&mut dense, kind, &options, ", before", on_event).await?;
            let tokens = dense.tokens_run() - start;
            baseline.scores.insert(kind.name, (score.clone(), tokens));
            (score, tokens)
        };
        report.before.add(score_before.clone(), tokens);
        on_event(&Event::Report { report: &report });
        let start = squeezed.tokens_run();
        let score_after = score(&mut squeezed, kind, &options, ", after", on_event).await?;
        report
            .comparisons
            .extend(compare(&score_before, &score_after, options.seed));
        report.data.push(ItemSet {
            name: kind.name,
            source: kind.source,
            hash: kind.hash(),
            items: score_after.items.len(),
        });
        report.after.add(score_after, squeezed.tokens_run() - start);
        report.complete = experiment.seeds == 1 && report.after.scores.len() == PROBES.len();
        on_event(&Event::Report { report: &report });
    }
    experiment.spread(&mut report, on_event).await?;
    Ok((report, compressed))
}

/// A recipe that has been checked, with what it is for.
struct Experiment<'a, B> {
    model: &'a Model,
    backend: B,
    chain: Chain,
    text: Option<&'a Text>,
    calibration: Settings,
    evaluation: Settings,
    options: Options,
    /// Calibration seeds; 1 for methods without calibration.
    seeds: u64,
}

impl<'a, B: Backend + Clone> Experiment<'a, B> {
    fn new(model: &'a Model, backend: B, recipe: &Recipe, text: Option<&'a Text>) -> Result<Self> {
        let chain = Chain::new(&recipe.method, &recipe.settings)?;
        let calibration = Settings::new(calibrate::PARAMETERS, &recipe.calibration)?;
        let evaluation = Settings::new(evaluate::PARAMETERS, &recipe.evaluation)?;
        Ok(Self {
            model,
            backend,
            seeds: match chain.purpose() {
                Purpose::Compress => calibration.integer("seeds"),
                Purpose::Measure => 1,
            },
            chain,
            text,
            calibration,
            options: Options::new(&evaluation),
            evaluation,
        })
    }

    fn first_seed(&self) -> u64 {
        self.calibration.integer("seed")
    }

    /// The model compressed by one calibration seed, and a report that has no scores yet.
    async fn compressed(
        &self,
        seed: u64,
        on_event: &mut dyn FnMut(&Event),
    ) -> Result<(Model, Report)> {
        let began = Instant::now();
        let (calibration, summary) = Calibration::new(
            self.model,
            self.text,
            self.chain.purpose(),
            &self.calibration,
            seed,
        )?;
        let mut progress = |layer: &str, done, total| {
            on_event(&Event::Progress {
                stage: Stage::Compress,
                label: layer.to_owned(),
                done,
                total,
            });
        };
        let (compressed, layers) = compress::compress(
            self.model,
            self.backend.clone(),
            &self.chain,
            &calibration,
            &mut progress,
        )
        .await?;
        let report = Report {
            version: VERSION,
            engine: Engine::new(self.backend.name()),
            model: ModelSummary::new(self.model),
            recipe: Recipe {
                method: self.chain.name(),
                settings: self.chain.settings().clone(),
                calibration: self.calibration.to_map(),
                evaluation: self.evaluation.to_map(),
            },
            data: Vec::new(),
            before: Measurement::new(self.model),
            after: Measurement::new(&compressed),
            calibration: summary,
            compression: Compression {
                seconds: began.elapsed().as_secs_f64(),
                layers,
            },
            comparisons: Vec::new(),
            spread: None,
            complete: false,
        };
        Ok((compressed, report))
    }

    /// Adds the scores after compression by the other seeds.
    async fn spread(
        &self,
        report: &mut Report,
        on_event: &mut dyn FnMut(&Event<'_>),
    ) -> Result<()> {
        if self.seeds == 1 {
            return Ok(());
        }
        let scores = report.after.scores.iter().map(|score| SpreadScore {
            name: score.name,
            values: vec![score.value],
        });
        let mut spread = Spread {
            seeds: vec![self.first_seed()],
            scores: scores.collect(),
        };
        for seed in self.first_seed() + 1..self.first_seed() + self.seeds {
            let (compressed, _) = self.compressed(seed, on_event).await?;
            let mut session = Session::new(&compressed, self.backend.clone())?;
            let side = format!(", seed {seed}");
            for (kind, spread) in PROBES.iter().zip(&mut spread.scores) {
                let score = score(&mut session, kind, &self.options, &side, on_event).await?;
                spread.values.push(score.value);
            }
            spread.seeds.push(seed);
            report.spread = Some(spread.clone());
            report.complete = spread.seeds.len() as u64 == self.seeds;
            on_event(&Event::Report { report });
        }
        Ok(())
    }
}

async fn score<B: Backend>(
    session: &mut Session<'_, B>,
    kind: &ProbeKind,
    options: &Options,
    side: &str,
    on_event: &mut dyn FnMut(&Event),
) -> Result<Score> {
    let probe = (kind.build)(options)?;
    let mut progress = |done, total| {
        on_event(&Event::Progress {
            stage: Stage::Score,
            label: format!("{}{side}", kind.title),
            done,
            total,
        });
    };
    evaluate::evaluate(session, &*probe, &mut progress).await
}

impl Baseline {
    fn belong_to(&mut self, model: &Model, options: Options) {
        let key = Some((model.hash.clone(), options));
        if self.key != key {
            self.key = key;
            self.scores.clear();
        }
    }
}

impl Measurement {
    fn new(model: &Model) -> Self {
        let (layers, other) = (model.linear_bytes(), model.other_bytes());
        Self {
            size: Size {
                bytes: layers + other,
                compressed_layers_bytes: layers,
                other_bytes: other,
                bits_per_weight: 8.0 * (layers + other) as f64 / model.parameters() as f64,
            },
            scores: Vec::new(),
            seconds: 0.0,
            tokens_per_second: 0.0,
        }
    }

    fn add(&mut self, score: Score, tokens: usize) {
        let tokens = self.tokens_per_second * self.seconds + tokens as f64;
        self.seconds += score.seconds;
        self.tokens_per_second = if self.seconds > 0.0 {
            tokens / self.seconds
        } else {
            0.0
        };
        self.scores.push(score);
    }
}

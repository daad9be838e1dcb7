//! The report, which holds everything that the page and the command line show; and the run that fills it.

use crate::backend::Backend;
use crate::calibrate::{self, Calibration, Purpose, Text};
use crate::compress::{self, Chain, Layer, Method};
use crate::error::{Error, Result};
use crate::evaluate::source::{Files, Provenance, SOURCES, SourceKind};
use crate::evaluate::{
    self, Comparison, Options, PROBES, Probe, ProbeKind, Score, Scorer, TemplateUsed, compare,
};
use crate::model::arch::FAMILIES;
use crate::model::{Model, Session};
use crate::recipe::{Parameter, Recipe, Settings};
use crate::save::{FORMATS, Format};
use crate::weight::Weight;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
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
    pub sources: &'static [SourceKind],
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
        sources: SOURCES,
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
#[derive(Debug, Clone, Default, Serialize)]
pub struct ItemSet {
    pub name: &'static str,
    #[serde(flatten)]
    pub provenance: Provenance,
    /// Questions put to the model.
    pub items: usize,
}

/// One side of a comparison.
#[derive(Debug, Clone, Serialize)]
pub struct Measurement {
    pub size: Size,
    /// What prompts went through.
    pub template: TemplateUsed,
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

/// What the reader brought along, beside the model.
#[derive(Debug, Clone, Default)]
pub struct Brought {
    /// To calibrate by.
    pub text: Option<Text>,
    /// Files of items, for the sources that are not built in.
    pub items: Arc<Files>,
    pub scorer: Scorer,
}

/// Scores a model as it is, with some of the probes; and what they were asked from.
pub async fn evaluate<B: Backend>(
    model: &Model,
    backend: B,
    probes: &[&'static ProbeKind],
    options: &Options,
    on_event: &mut dyn FnMut(&Event),
) -> Result<(Measurement, Vec<ItemSet>)> {
    let mut session = Session::new(model, backend)?;
    let mut measurement = Measurement::new(model, options);
    let mut data = Vec::new();
    for kind in probes {
        let mut set = ItemSet::default();
        if let Some(asked) = Asked::new(kind, options, &mut set)? {
            let scored = asked.score(&mut session, options, "", on_event).await;
            if let Some((score, tokens)) = set.fitting(scored)? {
                set.items = score.items.len();
                measurement.add(score, tokens);
            }
        }
        data.push(set);
    }
    Ok((measurement, data))
}

/// Compresses a model and scores it before and after, one probe at a time; then, where the recipe asks for several
/// calibration seeds, the same after compression by each of the others. Gives the report and the compressed model.
pub async fn run<B: Backend + Clone>(
    model: &Model,
    backend: B,
    recipe: &Recipe,
    brought: &Brought,
    baseline: &mut Baseline,
    on_event: &mut dyn FnMut(&Event),
) -> Result<(Report, Model)> {
    let experiment = Experiment::new(model, backend, recipe, brought)?;
    let (compressed, mut report) = experiment
        .compressed(experiment.first_seed(), on_event)
        .await?;
    on_event(&Event::Report { report: &report });
    let options = &experiment.options;
    baseline.belong_to(model, options);
    let mut dense = Session::new(model, experiment.backend.clone())?;
    let mut squeezed = Session::new(&compressed, experiment.backend.clone())?;
    for &kind in &experiment.probes {
        let mut set = ItemSet::default();
        if let Some(asked) = Asked::new(kind, options, &mut set)? {
            let scored = baseline.score(&asked, &mut dense, options, on_event).await;
            if let Some((before, tokens)) = set.fitting(scored)? {
                report.before.add(before.clone(), tokens);
                on_event(&Event::Report { report: &report });
                let (after, tokens) = asked
                    .score(&mut squeezed, options, ", after", on_event)
                    .await?;
                report
                    .comparisons
                    .extend(compare(&before, &after, options.seed));
                set.items = after.items.len();
                report.after.add(after, tokens);
            }
        }
        report.data.push(set);
        experiment.tell(&mut report, on_event);
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
    probes: Vec<&'static ProbeKind>,
    /// Calibration seeds; 1 for methods without calibration.
    seeds: u64,
}

impl<'a, B: Backend + Clone> Experiment<'a, B> {
    fn new(model: &'a Model, backend: B, recipe: &Recipe, brought: &'a Brought) -> Result<Self> {
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
            text: brought.text.as_ref(),
            calibration,
            options: Options::new(&evaluation, model).with(
                &evaluation,
                &brought.items,
                &brought.scorer,
            )?,
            probes: evaluate::chosen(&recipe.probes)?,
            evaluation,
        })
    }

    /// The report so far, which is complete when every probe is through, where no other seeds are asked for.
    fn tell(&self, report: &mut Report, on_event: &mut dyn FnMut(&Event<'_>)) {
        report.complete = self.seeds == 1 && report.data.len() == self.probes.len();
        on_event(&Event::Report { report });
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
                probes: match self.probes.len() {
                    all if all == PROBES.len() => Vec::new(),
                    _ => self
                        .probes
                        .iter()
                        .map(|kind| kind.name.to_owned())
                        .collect(),
                },
            },
            data: Vec::new(),
            before: Measurement::new(self.model, &self.options),
            after: Measurement::new(&compressed, &self.options),
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
            for spread in &mut spread.scores {
                let kind = self.probes.iter().find(|kind| kind.name == spread.name);
                let Some(&kind) = kind else { continue };
                if let Some(asked) = Asked::new(kind, &self.options, &mut ItemSet::default())? {
                    let score = asked.score(&mut session, &self.options, &side, on_event);
                    spread.values.push(score.await?.0.value);
                }
            }
            spread.seeds.push(seed);
            report.spread = Some(spread.clone());
            report.complete = spread.seeds.len() as u64 == self.seeds;
            on_event(&Event::Report { report });
        }
        Ok(())
    }
}

/// A probe that is to be asked.
struct Asked {
    kind: &'static ProbeKind,
    probe: Box<dyn Probe>,
}

impl Asked {
    /// The probe of a kind, which `set` then tells of; `None` where its source has nothing for it.
    fn new(kind: &'static ProbeKind, options: &Options, set: &mut ItemSet) -> Result<Option<Self>> {
        let (probe, provenance) = options.supply.probe(kind, options)?;
        (set.name, set.provenance) = (kind.name, provenance);
        Ok(probe.map(|probe| Self { kind, probe }))
    }

    /// The score of a session's model, and the tokens that went through it.
    async fn score<B: Backend>(
        &self,
        session: &mut Session<'_, B>,
        options: &Options,
        side: &str,
        on_event: &mut dyn FnMut(&Event<'_>),
    ) -> Result<(Score, usize)> {
        let start = session.tokens_run();
        let mut progress = |done, total| {
            on_event(&Event::Progress {
                stage: Stage::Score,
                label: format!("{}{side}", self.kind.title),
                done,
                total,
            });
        };
        let score = evaluate::evaluate(session, &*self.probe, options.template, &mut progress);
        let score = score.await?;
        Ok((score, session.tokens_run() - start))
    }
}

impl ItemSet {
    /// What was measured; `None` where prompts of others' making are too long for the model, which is then said here.
    fn fitting<T>(&mut self, scored: Result<T>) -> Result<Option<T>> {
        match scored {
            Err(error @ Error::TooLong { .. }) if !self.provenance.files.is_empty() => {
                self.provenance.unavailable = Some(error.to_string());
                Ok(None)
            }
            other => other.map(Some),
        }
    }
}

impl Baseline {
    /// The score before compression, which is measured once.
    async fn score<B: Backend>(
        &mut self,
        asked: &Asked,
        session: &mut Session<'_, B>,
        options: &Options,
        on_event: &mut dyn FnMut(&Event<'_>),
    ) -> Result<(Score, usize)> {
        let name = asked.kind.name;
        if let Some(known) = self.scores.get(name) {
            return Ok(known.clone());
        }
        let scored = asked.score(session, options, ", before", on_event).await?;
        self.scores.insert(name, scored.clone());
        Ok(scored)
    }

    fn belong_to(&mut self, model: &Model, options: &Options) {
        let key = Some((model.hash.clone(), options.clone()));
        if self.key != key {
            self.key = key;
            self.scores.clear();
        }
    }
}

impl Measurement {
    fn new(model: &Model, options: &Options) -> Self {
        let (layers, other) = (model.linear_bytes(), model.other_bytes());
        Self {
            size: Size {
                bytes: layers + other,
                compressed_layers_bytes: layers,
                other_bytes: other,
                bits_per_weight: 8.0 * (layers + other) as f64 / model.parameters() as f64,
            },
            template: options.template.used(model),
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

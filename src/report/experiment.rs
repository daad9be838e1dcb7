//! The run: compresses, scores before and after, and fills the report.

use super::{
    Compression, Engine, Event, ItemSet, Measurement, ModelSummary, Report, Spread, SpreadScore,
    Stage, VERSION, sizes,
};
use crate::backend::Backend;
use crate::calibrate::{self, Calibration, Purpose, Text};
use crate::compress::{self, Chain};
use crate::error::{Error, Result};
use crate::evaluate::source::Files;
use crate::evaluate::{self, Options, PROBES, Probe, ProbeKind, Score, Scorer, compare};
use crate::model::{Model, Session};
use crate::recipe::{Recipe, Settings};
use std::collections::BTreeMap;
use std::sync::Arc;
use web_time::Instant;

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
                tables: sizes::tables(self.model, &compressed),
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

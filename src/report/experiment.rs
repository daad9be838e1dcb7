//! The run: compresses, scores before and after, and fills the report.

use super::prepared_probe::{PreparedProbe, prepare};
use super::{
    Compression, Engine, Event, ItemSet, Measurement, ModelSummary, Report, Spread, SpreadScore,
    Stage, VERSION, sizes,
};
use crate::backend::Backend;
use crate::calibrate::{self, Calibration, Purpose, Text};
use crate::compress::{self, Chain};
use crate::error::Result;
use crate::evaluate::items::Files;
use crate::evaluate::toxicity::Scorer;
use crate::evaluate::{Asker, LocalAsker, Options, PROBES, ProbeKind, Score, compare};
use crate::model::Model;
use crate::recipe::{Recipe, Settings};
use crate::validate::CheckedRecipe;
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

/// What the reader inputs along, beside the model.
#[derive(Debug, Clone, Default)]
pub struct UserInputs {
    /// To calibrate by.
    pub text: Option<Text>,
    /// Files of items, for the sources that are not built in.
    pub items: Arc<Files>,
    pub scorer: Scorer,
}

/// Scores a model as it is, with some of the probes; and what they were prepared from.
pub async fn evaluate<B: Backend>(
    model: &Model,
    backend: B,
    probes: &[&'static ProbeKind],
    options: &Options,
    on_event: &mut dyn FnMut(&Event),
) -> Result<(Measurement, Vec<ItemSet>)> {
    let mut asker = LocalAsker::new(model, backend, options.template)?;
    let probes = prepare(&asker, probes, options)?;
    let mut measurement = Measurement::new(model, options);
    let mut data = Vec::new();
    for mut prepared in probes {
        let scored = prepared.score(&mut asker, "", on_event).await?;
        if let Some((score, tokens)) = scored {
            measurement.add(score, tokens);
        }
        data.push(prepared.set);
    }
    Ok((measurement, data))
}

/// Compresses a model and scores it before and after, one probe at a time; then, where the recipe asks for several
/// calibration seeds, the same after compression by each of the others. Gives the report; `kept` holds the compressed
/// model from when it is there, and what it held before until then.
pub async fn run<B: Backend>(
    model: &Model,
    backend: B,
    recipe: &Recipe,
    inputs: &UserInputs,
    baseline: &mut Baseline,
    kept: &mut Option<Model>,
    on_event: &mut dyn FnMut(&Event),
) -> Result<Report> {
    let experiment = Experiment::new(model, backend, recipe, inputs)?;
    let options = &experiment.options;
    let mut dense = LocalAsker::new(model, experiment.backend.clone(), options.template)?;
    let mut probes = prepare(&dense, &experiment.probes, options)?;
    let (compressed, mut report) = experiment
        .compressed(experiment.first_seed(), on_event)
        .await?;
    let compressed = &*kept.insert(compressed);
    on_event(&Event::Report { report: &report });
    baseline.belong_to(model, options);
    let mut squeezed = LocalAsker::new(compressed, experiment.backend.clone(), options.template)?;
    for prepared in &mut probes {
        let scored = baseline.score(prepared, &mut dense, on_event).await?;
        if let Some((before, tokens)) = scored {
            report.before.add(before.clone(), tokens);
            on_event(&Event::Report { report: &report });
            let scored = prepared.score(&mut squeezed, ", after", on_event).await?;
            if let Some((after, tokens)) = scored {
                report
                    .comparisons
                    .extend(compare(&before, &after, options.seed));
                report.after.add(after, tokens);
            } else {
                // A score has its twin, or is none.
                report.before.scores.pop();
            }
        }
        report.data.push(prepared.set.clone());
        experiment.tell(&mut report, on_event);
    }
    experiment
        .spread(&mut report, &mut probes, on_event)
        .await?;
    Ok(report)
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

impl<'a, B: Backend> Experiment<'a, B> {
    fn new(model: &'a Model, backend: B, recipe: &Recipe, inputs: &'a UserInputs) -> Result<Self> {
        let CheckedRecipe {
            chain,
            calibration,
            evaluation,
            probes,
        } = CheckedRecipe::new(recipe)?;
        Ok(Self {
            model,
            backend,
            seeds: match chain.purpose() {
                Purpose::Compress => calibrate::SEEDS.of(&calibration).into(),
                Purpose::Measure => 1,
            },
            chain,
            text: inputs.text.as_ref(),
            calibration,
            options: Options::new(&evaluation, model).with(
                &evaluation,
                &inputs.items,
                &inputs.scorer,
            )?,
            probes,
            evaluation,
        })
    }

    /// The report so far, which is complete when every probe is through, where no other seeds are prepared for.
    fn tell(&self, report: &mut Report, on_event: &mut dyn FnMut(&Event<'_>)) {
        report.complete = self.seeds == 1 && report.data.len() == self.probes.len();
        on_event(&Event::Report { report });
    }

    /// What was done otherwise than prepared for, and what was not read.
    fn notes(&self, summary: &calibrate::Summary) -> Vec<String> {
        let mut notes = self.options.supply.notes();
        let prepared = calibrate::LENGTH.of(&self.calibration) as usize;
        if summary.length < prepared {
            notes.push(format!(
                "Calibration sequences have {} tokens, not {prepared}: the model has no room for more.",
                summary.length
            ));
        }
        notes
    }

    fn first_seed(&self) -> u64 {
        calibrate::SEED.of(&self.calibration).into()
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
            notes: self.notes(&summary),
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
        probes: &mut [PreparedProbe],
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
            let template = self.options.template;
            let mut asker = LocalAsker::new(&compressed, self.backend.clone(), template)?;
            let side = format!(", seed {seed}");
            for spread in &mut spread.scores {
                let prepared = probes
                    .iter_mut()
                    .find(|prepared| prepared.kind.name == spread.name);
                let Some(prepared) = prepared else { continue };
                let score = prepared.score(&mut asker, &side, on_event);
                spread
                    .values
                    .extend(score.await?.map(|(score, _)| score.value));
            }
            spread.seeds.push(seed);
            report.spread = Some(spread.clone());
            report.complete = spread.seeds.len() as u64 == self.seeds;
            on_event(&Event::Report { report });
        }
        Ok(())
    }
}

impl Baseline {
    /// The score before compression, which is measured once.
    async fn score<A: Asker>(
        &mut self,
        prepared: &mut PreparedProbe,
        asker: &mut A,
        on_event: &mut dyn FnMut(&Event<'_>),
    ) -> Result<Option<(Score, usize)>> {
        let name = prepared.kind.name;
        if let Some(known) = self.scores.get(name) {
            return Ok(Some(known.clone()));
        }
        let scored = prepared.score(asker, ", before", on_event).await?;
        if let Some(scored) = &scored {
            self.scores.insert(name, scored.clone());
        }
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

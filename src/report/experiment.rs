//! An experiment: a recipe for a model, checked and prepared, with its report as far as it is.

use super::prepared_probe::{PreparedProbe, prepare};
use super::{
    Baseline, Compression, Engine, Event, Measurement, ModelSummary, Other, Report, Spread, Stage,
    VERSION, sizes,
};
use crate::backend::with_backend;
use crate::calibrate::{self, Calibration, Purpose, Text};
use crate::compress::{self, Chain};
use crate::error::{Error, Result};
use crate::evaluate::items::Files;
use crate::evaluate::toxicity::Scorer;
use crate::evaluate::{Asker, Compared, Options, PROBES, Score, Template, Variant, comparisons};
use crate::model::Model;
use crate::recipe::{Recipe, Settings};
use crate::validate::CheckedRecipe;
use std::sync::Arc;
use web_time::Instant;

/// What the reader inputs along, beside the model.
#[derive(Debug, Clone, Default)]
pub struct UserInputs {
    /// To calibrate by.
    pub text: Option<Text>,
    /// Files of items, for the sources that are not built in.
    pub items: Arc<Files>,
    pub scorer: Scorer,
}

/// A variant, and who answers for it.
pub struct Side<A> {
    pub variant: Variant,
    pub asker: A,
}

/// A recipe for a model: checked, with all that will be asked, and then with what was measured.
///
/// [`compress`](Self::compress) and [`score`](Self::score) by turns, for each of its [`seeds`](Self::seeds); answering
/// is in the hands of whoever calls them.
pub struct Experiment {
    reference: Variant,
    chain: Chain,
    text: Option<Text>,
    calibration: Settings,
    evaluation: Settings,
    options: Options,
    probes: Vec<PreparedProbe>,
    /// Calibration seeds; 1 for methods without calibration.
    seeds: u64,
    /// Since the first compression.
    report: Option<Report>,
    /// After compression by each of the other seeds.
    other_seeds: Vec<Vec<Score>>,
}

impl Experiment {
    /// Checks a recipe, and makes and fits everything that will be asked: what is wrong with it is known before anything
    /// runs.
    pub fn new(reference: Variant, recipe: &Recipe, inputs: &UserInputs) -> Result<Self> {
        let model = &*reference.model;
        let CheckedRecipe {
            chain,
            calibration,
            evaluation,
            probes,
        } = CheckedRecipe::new(recipe)?;
        let options = Options::new(&evaluation, model);
        let options = options.with(&evaluation, &inputs.items, &inputs.scorer)?;
        Ok(Self {
            probes: prepare(model, &probes, &options)?,
            seeds: match chain.purpose() {
                Purpose::Compress => calibrate::SEEDS.of(&calibration).into(),
                Purpose::Measure => 1,
            },
            reference,
            chain,
            text: inputs.text.clone(),
            calibration,
            evaluation,
            options,
            report: None,
            other_seeds: Vec::new(),
        })
    }

    /// The model before compression.
    #[must_use]
    pub fn reference(&self) -> &Variant {
        &self.reference
    }

    /// What prompts go through.
    #[must_use]
    pub fn template(&self) -> Template {
        self.options.template
    }

    /// The calibration seeds to compress by; the report is about the first, the others add to its spread.
    pub fn seeds(&self) -> impl Iterator<Item = u64> + use<> {
        let first = self.first_seed();
        first..first + self.seeds
    }

    /// Whether this is the seed that the report is about.
    #[must_use]
    pub fn is_first(&self, seed: u64) -> bool {
        seed == self.first_seed()
    }

    fn first_seed(&self) -> u64 {
        calibrate::SEED.of(&self.calibration).into()
    }

    /// The report as far as it is: there since the first compression.
    #[must_use]
    pub fn report(&self) -> Option<&Report> {
        self.report.as_ref()
    }

    /// The model compressed by one calibration seed. By the first one a new report begins.
    pub async fn compress(
        &mut self,
        seed: u64,
        on_event: &mut dyn FnMut(&Event),
    ) -> Result<Variant> {
        let began = Instant::now();
        let model = &*self.reference.model;
        let text = self.text.as_ref();
        let purpose = self.chain.purpose();
        let (calibration, summary) =
            Calibration::new(model, text, purpose, &self.calibration, seed)?;
        let mut progress = |layer: &str, done, total| {
            on_event(&Event::Progress {
                stage: Stage::Compress,
                label: layer.to_owned(),
                done,
                total,
            });
        };
        let inference = self.reference.inference;
        let (compressed, layers) = with_backend!(inference.backend, backend => {
            compress::compress(model, backend, &self.chain, &calibration, &mut progress).await?
        });
        if self.is_first(seed) {
            let compression = Compression {
                seconds: began.elapsed().as_secs_f64(),
                layers,
                tables: sizes::tables(model, &compressed),
            };
            let report = self.begun(&compressed, summary, compression);
            let report = self.report.insert(report);
            on_event(&Event::Compressed { report });
        }
        Ok(Variant {
            model: Arc::new(compressed),
            inference,
        })
    }

    /// A report without scores.
    fn begun(
        &self,
        compressed: &Model,
        calibration: calibrate::Summary,
        compression: Compression,
    ) -> Report {
        let model = &*self.reference.model;
        let names = self.probes.iter().map(|prepared| prepared.kind.name);
        Report {
            version: VERSION,
            engine: Engine::new(self.reference.inference.backend.text()),
            model: ModelSummary::new(model),
            recipe: Recipe {
                method: self.chain.name(),
                settings: self.chain.settings().clone(),
                calibration: self.calibration.to_map(),
                evaluation: self.evaluation.to_map(),
                probes: if self.probes.len() == PROBES.len() {
                    Vec::new()
                } else {
                    names.map(str::to_owned).collect()
                },
            },
            data: Vec::new(),
            notes: self.notes(&calibration),
            before: Measurement::new(model, &self.options),
            after: Measurement::new(compressed, &self.options),
            calibration,
            compression,
            comparisons: Vec::new(),
            others: Vec::new(),
            spread: None,
            complete: false,
        }
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

    /// Scores the sides, one dimension after the other: the reference first, then the model that was compressed by the
    /// first seed, then whatever else is to be compared with the reference.
    pub async fn score<A: Asker>(
        &mut self,
        sides: &mut [Side<A>],
        baseline: &mut Baseline,
        on_event: &mut dyn FnMut(&Event<'_>),
    ) -> Result<()> {
        let report = self.report.as_mut().ok_or(Error::NotCompressed)?;
        let third = sides.iter().skip(2);
        let third = third.map(|side| Other::new(&side.variant.model, &self.options));
        report.others = third.collect();
        baseline.belong_to(&self.reference.model, &self.options);
        let all = self.probes.len();
        let mut compared = vec![Vec::new(); sides.len()];
        for prepared in &mut self.probes {
            let scored = ask(prepared, report, sides, baseline, on_event).await?;
            report.data.push(prepared.set.clone());
            let is_last = report.data.len() == all;
            report.complete = self.seeds == 1 && is_last;
            if let Some((before, after)) = scored.split_first() {
                for (side, after) in (1..).zip(after) {
                    let tests = Compared::new(before, &[after], self.options.seed);
                    compared[side].extend(tests);
                    *report.side_mut(side).1 = comparisons(&compared[side], !is_last);
                }
            }
            on_event(&Event::Asked {
                set: &prepared.set,
                comparisons: &report.comparisons,
                complete: report.complete,
            });
        }
        Ok(())
    }

    /// Scores the model that was compressed by one more seed: for the spread, and for what is said of all seeds.
    pub async fn score_seed<A: Asker>(
        &mut self,
        seed: u64,
        asker: &mut A,
        on_event: &mut dyn FnMut(&Event<'_>),
    ) -> Result<()> {
        let first = self.first_seed();
        let report = self.report.as_mut().ok_or(Error::NotCompressed)?;
        let side = format!(", seed {seed}");
        let mut scores = Vec::new();
        for known in &report.after.scores {
            let mut probes = self.probes.iter_mut();
            let prepared = probes.find(|prepared| prepared.kind.name == known.name);
            let Some(prepared) = prepared else { continue };
            let score = prepared.score(asker, &side, on_event).await?;
            scores.extend(score.map(|(score, _)| score));
        }
        let spread = report
            .spread
            .get_or_insert_with(|| Spread::new(first, &report.after.scores));
        spread.add(seed, &scores);
        self.other_seeds.push(scores);
        report.complete = spread.seeds.len() as u64 == self.seeds;
        let compared = report.before.scores.iter().filter_map(|before| {
            let same =
                |scores: &'_ [Score]| scores.iter().position(|each| each.name == before.name);
            let runs = [&report.after.scores].into_iter().chain(&self.other_seeds);
            let runs = runs.filter_map(|run| Some(&run[same(run)?]));
            Compared::new(before, &runs.collect::<Vec<_>>(), self.options.seed)
        });
        let compared: Vec<Compared> = compared.collect();
        report.comparisons = comparisons(&compared, !report.complete);
        on_event(&Event::Spread {
            spread,
            comparisons: &report.comparisons,
            complete: report.complete,
        });
        Ok(())
    }
}

/// Asks every side a dimension, and adds the scores to the report; gives them too, of no side where one could not be
/// read.
async fn ask<A: Asker>(
    prepared: &mut PreparedProbe,
    report: &mut Report,
    sides: &mut [Side<A>],
    baseline: &mut Baseline,
    on_event: &mut dyn FnMut(&Event<'_>),
) -> Result<Vec<Score>> {
    let Some((reference, others)) = sides.split_first_mut() else {
        return Ok(Vec::new());
    };
    let asked = baseline.score(prepared, &mut reference.asker, on_event);
    let Some((before, tokens)) = asked.await? else {
        return Ok(Vec::new());
    };
    let mut of_sides = vec![before.clone()];
    report.before.add(before, tokens);
    let scored = Event::scored(0, &report.before);
    scored.iter().for_each(&mut *on_event);
    for (place, side) in (1..).zip(others) {
        let label = match place {
            1 => ", after".to_owned(),
            _ => format!(", side {}", place + 1),
        };
        let scored = prepared.score(&mut side.asker, &label, on_event).await?;
        let Some((after, tokens)) = scored else {
            // A score has its twins, or is none.
            report.take_back(prepared.kind.name);
            return Ok(Vec::new());
        };
        of_sides.push(after.clone());
        let (measurement, _) = report.side_mut(place);
        measurement.add(after, tokens);
        let scored = Event::scored(place, measurement);
        scored.iter().for_each(&mut *on_event);
    }
    Ok(of_sides)
}

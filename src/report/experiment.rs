//! An experiment: a recipe for a model, checked and prepared, with its report as far as it is.

use super::prepared_probe::{Asked, PreparedProbe, prepare};
use super::{
    Baseline, Compression, Engine, Event, Measurement, ModelSummary, Report, Stage, VERSION, sizes,
};
use crate::backend::with_backend;
use crate::calibrate::{self, Calibration, Purpose, Text};
use crate::compress::{self, Chain, Pause};
use crate::error::Result;
use crate::evaluate::items::Files;
use crate::evaluate::toxicity::Scorer;
use crate::evaluate::words::LOOKS;
use crate::evaluate::{Asker, Asking, Options, PROBES, Score, Template, Variant};
use crate::model::{Model, Proof};
use crate::recipe::{Recipe, Settings};
use crate::validate::CheckedRecipe;
use futures_util::future::join;
use std::cell::Cell;
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

/// A recipe for a model: checked, with all that will be asked, and then with what was measured.
///
/// [`compress`](Self::compress) and [`score`](Self::score) by turns, for each of its [`seeds`](Self::seeds); answering
/// is in the hands of whoever calls them.
pub struct Experiment {
    /// What is compressed.
    pub(super) model: Variant,
    /// What it is compared with, where that is another model.
    pub(super) against: Option<Variant>,
    pub(super) chain: Chain,
    pub(super) text: Option<Text>,
    pub(super) calibration: Settings,
    pub(super) evaluation: Settings,
    pub(super) options: Options,
    pub(super) probes: Vec<PreparedProbe>,
    /// Calibration seeds; 1 for methods without calibration.
    pub(super) seeds: u64,
    /// Since the first compression.
    pub(super) report: Option<Report>,
    /// After compression by each of the other seeds.
    pub(super) other_seeds: Vec<Vec<Score>>,
}

impl Experiment {
    /// Checks a recipe, and makes and fits everything that will be asked: what is wrong with it is known before anything
    /// runs.
    pub fn new(model: Variant, recipe: &Recipe, inputs: &UserInputs) -> Result<Self> {
        Self::prepared(model, None, CheckedRecipe::new(recipe)?, inputs)
    }

    /// The same, compared not with the model before compression, but with another one, as it is. A recipe of no method,
    /// [`compress::NONE`], leaves both as they are. What only one of them has room for, or was taught, is asked of neither.
    pub fn against(
        other: Variant,
        model: Variant,
        recipe: &Recipe,
        inputs: &UserInputs,
    ) -> Result<Self> {
        let recipe = CheckedRecipe::beside_another(recipe)?;
        Self::prepared(model, Some(other), recipe, inputs)
    }

    fn prepared(
        model: Variant,
        against: Option<Variant>,
        recipe: CheckedRecipe,
        inputs: &UserInputs,
    ) -> Result<Self> {
        let CheckedRecipe {
            chain,
            calibration,
            evaluation,
            probes,
        } = recipe;
        let models: Vec<&Model> = [Some(&model), against.as_ref()]
            .into_iter()
            .flatten()
            .map(|variant| &*variant.model)
            .collect();
        let options = Options::new(&evaluation, &model.model.interface());
        let options = options.with(&evaluation, &inputs.items, &inputs.scorer)?;
        let options = models.iter().fold(options, |options, model| {
            options.shared_with(&model.interface())
        });
        let asked: Vec<Asked> = models
            .iter()
            .map(|model| {
                let name = (models.len() > 1).then(|| model.name.clone());
                (name, Asking::new(model.interface(), options.template))
            })
            .collect();
        Ok(Self {
            probes: prepare(&asked, &probes, &options)?,
            seeds: match chain.purpose() {
                Purpose::Compress => calibrate::SEEDS.of(&calibration).into(),
                Purpose::Measure => 1,
            },
            model,
            against,
            chain,
            text: inputs.text.clone(),
            calibration,
            evaluation,
            options,
            report: None,
            other_seeds: Vec::new(),
        })
    }

    /// What the compressed model is compared with: the model before compression, or another one.
    #[must_use]
    pub fn reference(&self) -> &Variant {
        self.against.as_ref().unwrap_or(&self.model)
    }

    /// The model before compression where it is no side, and yet needed: a text that the compressed one writes is none
    /// where it surprises what that was made of, whatever another model expects.
    #[must_use]
    pub fn unseen_original(&self) -> Option<&Variant> {
        let is_unseen = self.against.is_some() && !self.chain.is_none();
        is_unseen.then_some(&self.model)
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

    pub(super) fn first_seed(&self) -> u64 {
        calibrate::SEED.of(&self.calibration).into()
    }

    /// The report as far as it is: there since the first compression.
    #[must_use]
    pub fn report(&self) -> Option<&Report> {
        self.report.as_ref()
    }

    /// The model compressed by one calibration seed. By the first one a new report begins. Meanwhile, whenever `pause` lets
    /// them, those who are asked `ahead` answer for the reference what scoring will ask it, dimension by dimension.
    pub async fn compress<A: Asker>(
        &mut self,
        seed: u64,
        ahead: Option<(&mut A, &mut Baseline)>,
        pause: Pause<'_>,
        on_event: &mut dyn FnMut(&Event),
    ) -> Result<Variant> {
        self.model.prove().await?;
        if let Some(other) = &mut self.against {
            other.prove().await?;
        }
        let began = Instant::now();
        let model = &*self.model.model;
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
        let inference = self.model.inference;
        let is_done = Cell::new(false);
        let compressing = async {
            let compressed = with_backend!(inference.backend, backend => {
                let progress = &mut progress;
                compress::compress(model, backend, &self.chain, &calibration, progress, pause).await
            });
            is_done.set(true);
            if let Ok((_, layers)) = &compressed {
                let last = layers.last().map_or("", |layer| &layer.name);
                progress(last, layers.len(), layers.len());
            }
            compressed
        };
        // What fails here is asked again, and fails there.
        let (compressed, _) = join(compressing, self.ask_ahead(ahead, &is_done)).await;
        let (compressed, layers) = compressed?;
        let compression = Compression {
            seconds: began.elapsed().as_secs_f64(),
            layers,
            tables: sizes::tables(model, &compressed),
        };
        let mut compressed = Variant::with(Arc::new(compressed), inference);
        if self.is_first(seed) {
            compressed.prove().await?;
            let report = self.begun(&compressed, summary, compression);
            let report = self.report.insert(report);
            on_event(&Event::Compressed { report });
        }
        Ok(compressed)
    }

    /// Asks the reference what [`score`](Self::score) will ask it, in the same order, until all else `is_done`.
    async fn ask_ahead<A: Asker>(
        &self,
        ahead: Option<(&mut A, &mut Baseline)>,
        is_done: &Cell<bool>,
    ) -> Result<()> {
        let Some((asker, baseline)) = ahead else {
            return Ok(());
        };
        let memories = baseline.of(&self.reference().model, &self.options);
        for (round, (share, _)) in LOOKS.into_iter().enumerate() {
            for prepared in self
                .probes
                .iter()
                .filter(|prepared| prepared.is_asked_in(round))
            {
                if is_done.get() {
                    return Ok(());
                }
                let memory = memories.entry(prepared.kind.name).or_default();
                let side = [(&mut *asker, memory)].into_iter();
                let share = prepared.share(share);
                prepared.ask(side, ("", share), &mut |_| {}).await?;
            }
        }
        Ok(())
    }

    /// A report without scores.
    fn begun(
        &self,
        compressed: &Variant,
        calibration: calibrate::Summary,
        compression: Compression,
    ) -> Report {
        let model = &*self.model.model;
        let reference = &*self.reference().model;
        let names = self.probes.iter().map(|prepared| prepared.kind.name);
        Report {
            version: VERSION,
            engine: Engine::new(self.model.inference.backend.text()),
            model: ModelSummary::new(model),
            against: self
                .against
                .as_ref()
                .map(|other| ModelSummary::new(&other.model)),
            against_recipe: None,
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
            notes: self.notes(compressed, &calibration),
            before: Measurement::new(reference, &self.options),
            after: Measurement::new(&compressed.model, &self.options),
            calibration,
            compression,
            comparisons: Vec::new(),
            others: Vec::new(),
            spread: None,
            merged: None,
            complete: false,
        }
    }

    /// What was done otherwise than prepared for, and what was not read.
    fn notes(&self, compressed: &Variant, summary: &calibrate::Summary) -> Vec<String> {
        let mut notes = self.options.supply.notes();
        let other = self.against.as_ref();
        let models = [
            other.map(|other| (other, "that it is compared with")),
            Some((&self.model, "as it is")),
            (!self.chain.is_none()).then_some((compressed, "compressed")),
        ];
        let models = models.into_iter().flatten();
        let proofs = models.map(|(variant, which)| Some(proof_note(&variant.proof?, which)));
        notes.extend(proofs.flatten());
        let prepared = calibrate::LENGTH.of(&self.calibration) as usize;
        if summary.length < prepared {
            notes.push(format!(
                "Calibration sequences have {} tokens, not {prepared}: the model has no room for more.",
                summary.length
            ));
        }
        notes
    }
}

/// What a reader of a report should know of the comparison that a backend was trusted for.
#[must_use]
pub fn proof_note(proof: &Proof, which: &str) -> String {
    format!(
        "What the graphics card computes was compared with the processor, for the model {which}: {proof}."
    )
}

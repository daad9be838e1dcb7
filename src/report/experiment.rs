//! An experiment: a recipe for a model, checked and prepared, with its report as far as it is.

use super::baseline::Memories;
use super::prepared_probe::{PreparedProbe, prepare};
use super::sides::{Side, ask};
use super::{
    Baseline, Compression, Engine, Event, Measurement, ModelSummary, Other, Report, Spread, Stage,
    VERSION, put, sizes,
};
use crate::backend::with_backend;
use crate::calibrate::{self, Calibration, Purpose, Text};
use crate::compress::{self, Chain, Pause};
use crate::error::{Error, Result};
use crate::evaluate::items::Files;
use crate::evaluate::toxicity::Scorer;
use crate::evaluate::words::{ERROR, LOOKS, Look};
use crate::evaluate::{
    Asker, Asking, Compared, Memory, Options, PROBES, Score, Template, Variant, comparisons,
};
use crate::model::Proof;
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
        let options = Options::new(&evaluation, &model.interface());
        let options = options.with(&evaluation, &inputs.items, &inputs.scorer)?;
        let asking = Asking::new(model.interface(), options.template);
        Ok(Self {
            probes: prepare(&asking, &probes, &options)?,
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

    /// The model compressed by one calibration seed. By the first one a new report begins. Meanwhile, whenever `pause` lets
    /// them, those who are asked `ahead` answer for the reference what scoring will ask it, dimension by dimension.
    pub async fn compress<A: Asker>(
        &mut self,
        seed: u64,
        ahead: Option<(&mut A, &mut Baseline)>,
        pause: Pause<'_>,
        on_event: &mut dyn FnMut(&Event),
    ) -> Result<Variant> {
        self.reference.prove().await?;
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
        let memories = baseline.of(&self.reference.model, &self.options);
        for (round, (share, _)) in LOOKS.into_iter().enumerate() {
            for prepared in self.probes.iter().filter(|prepared| asks(prepared, round)) {
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
            notes: self.notes(compressed, &calibration),
            before: Measurement::new(model, &self.options),
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
        let models = [(&self.reference, "as it is"), (compressed, "compressed")];
        let proofs = models.map(|(variant, which)| Some(proof_note(&variant.proof?, which)));
        notes.extend(proofs.into_iter().flatten());
        let prepared = calibrate::LENGTH.of(&self.calibration) as usize;
        if summary.length < prepared {
            notes.push(format!(
                "Calibration sequences have {} tokens, not {prepared}: the model has no room for more.",
                summary.length
            ));
        }
        notes
    }

    /// Scores the sides: the reference first, then the model that was compressed by the first seed, then whatever else is to
    /// be compared with the reference. One dimension after the other, first with a quarter of the sample and all that is
    /// asked of usefulness, then with a half, then with all; after each of these looks words may be spoken ([`LOOKS`]).
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
        let reference = baseline.of(&self.reference.model, &self.options);
        let mut others: Vec<Memories> = sides.iter().skip(1).map(|_| Memories::new()).collect();
        let mut compared = vec![Vec::new(); sides.len()];
        for (round, (share, error)) in LOOKS.into_iter().enumerate() {
            let mut left = self
                .probes
                .iter()
                .filter(|prepared| asks(prepared, round))
                .count();
            for prepared in self
                .probes
                .iter_mut()
                .filter(|prepared| asks(prepared, round))
            {
                left -= 1;
                let share = prepared.share(share);
                let memories = (&mut *reference, &mut others[..]);
                let scored = ask(prepared, share, report, sides, memories, on_event).await?;
                report.complete = self.seeds == 1 && round + 1 == LOOKS.len() && left == 0;
                // With several seeds there is one look, at the end.
                let look = Look {
                    error: if self.seeds == 1 { error } else { ERROR },
                    provisional: self.seeds > 1 || left > 0,
                };
                for (side, after) in (1..).zip(scored.iter().skip(1)) {
                    let tests = Compared::new(&scored[0], &[after], self.options.seed);
                    if let Some(tests) = tests {
                        put(&mut compared[side], tests, Compared::name);
                    }
                }
                for (side, compared) in compared.iter().enumerate().skip(1) {
                    *report.side_mut(side).1 = comparisons(compared, look);
                }
                put(&mut report.data, prepared.set.clone(), |set| set.name);
                on_event(&Event::Asked {
                    set: &prepared.set,
                    comparisons: &report.comparisons,
                    complete: report.complete,
                });
            }
        }
        Ok(())
    }

    /// Scores the model that was compressed by one more seed, the second of the sides: for the spread, and for what is said
    /// of all seeds.
    pub async fn score_seed<A: Asker>(
        &mut self,
        seed: u64,
        sides: &mut [Side<A>],
        on_event: &mut dyn FnMut(&Event<'_>),
    ) -> Result<()> {
        let first = self.first_seed();
        let report = self.report.as_mut().ok_or(Error::NotCompressed)?;
        let [reference, compressed, ..] = sides else {
            return Err(Error::NotCompressed);
        };
        let of = format!(", seed {seed}");
        let mut scores = Vec::new();
        for before in &report.before.scores {
            let mut probes = self.probes.iter_mut();
            let prepared = probes.find(|prepared| prepared.kind.name == before.name);
            let Some(prepared) = prepared else { continue };
            let mut memory = Memory::default();
            let side = [(&mut compressed.asker, &mut memory)].into_iter();
            prepared.ask(side, (&of, 1.0), on_event).await?;
            let (asker, reader) = (&mut compressed.asker, Some(&mut reference.asker));
            let score = prepared.score(asker, reader, &mut memory, 1.0);
            scores.extend(score.await?.map(|mut score| {
                score.judge_texts(before.surprising_above());
                score
            }));
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
        let look = Look {
            provisional: !report.complete,
            ..Look::once()
        };
        report.comparisons = comparisons(&compared, look);
        on_event(&Event::Spread {
            spread,
            comparisons: &report.comparisons,
            complete: report.complete,
        });
        Ok(())
    }
}

/// Whether a dimension is asked in this round of looks: usefulness is asked whole, in the first.
fn asks(prepared: &PreparedProbe, round: usize) -> bool {
    round == 0 || prepared.is_of_trust()
}

/// What a reader of a report should know of the comparison that a backend was trusted for.
#[must_use]
pub fn proof_note(proof: &Proof, which: &str) -> String {
    format!(
        "What the graphics card computes was compared with the processor, for the model {which}: {proof}."
    )
}

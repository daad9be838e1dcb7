//! Models that servers run, scored and compared: the page's report, less what only whoever holds the weights can know.

use super::prepared_probe::prepare;
use super::run::measure;
use super::{Engine, Event, ItemSet, Measurement, VERSION};
use crate::error::Result;
use crate::evaluate::words::{LOOKS, Look};
use crate::evaluate::{
    Compared, Comparison, Memory, Options, ProbeKind, Served, ServerAsker, comparisons,
};
use crate::recipe::{Recipe, Settings};
use serde::Serialize;

/// The method of a recipe by which nothing was compressed here.
const ELSEWHERE: &str = "elsewhere";

/// Two models that servers run, in the form of a [`Report`](super::Report): sizes, layers and calibration are not in it.
#[derive(Debug, Clone, Serialize)]
pub struct ServedReport {
    pub version: u32,
    pub engine: Engine,
    pub model: Served,
    /// What it is compared with.
    pub compressed: Served,
    /// SHA-256 of the files of the tokenizer and the template, in hexadecimal.
    pub tokenizer: String,
    /// How both were measured. Its method says that neither was compressed here.
    pub recipe: Recipe,
    pub data: Vec<ItemSet>,
    pub notes: Vec<String>,
    pub before: Measurement,
    pub after: Measurement,
    pub comparisons: Vec<Comparison>,
    pub complete: bool,
}

impl ServedReport {
    /// Without scores.
    #[must_use]
    pub fn new(
        [before, after]: [&ServerAsker; 2],
        evaluation: &Settings,
        probes: &[String],
        options: &Options,
    ) -> Self {
        let mut notes = options.supply.notes();
        notes.push(
            "Neither model was compressed by this program: what lies between them is what was done to the second one \
             elsewhere. Sizes are not known here."
                .to_owned(),
        );
        Self {
            version: VERSION,
            engine: Engine::new("servers".to_owned()),
            model: before.served().clone(),
            compressed: after.served().clone(),
            tokenizer: String::new(),
            recipe: Recipe {
                method: ELSEWHERE.to_owned(),
                settings: serde_json::Map::new(),
                calibration: serde_json::Map::new(),
                evaluation: evaluation.to_map(),
                probes: probes.to_vec(),
            },
            data: Vec::new(),
            notes,
            before: Measurement::without_size(before.asking().template()),
            after: Measurement::without_size(after.asking().template()),
            comparisons: Vec::new(),
            complete: false,
        }
    }
}

/// Scores a model that a server runs.
pub async fn evaluate_served(
    asker: &mut ServerAsker,
    probes: &[&'static ProbeKind],
    options: &Options,
    on_event: &mut dyn FnMut(&Event),
) -> Result<(Measurement, Vec<ItemSet>)> {
    let asking = asker.asking().clone();
    let mut measurement = Measurement::without_size(asking.template());
    let data = measure(&asking, asker, probes, options, &mut measurement, on_event);
    let data = data.await?;
    Ok((measurement, data))
}

/// Scores two models that servers run, the first as the reference, and fills the report; there is one look, at the end.
pub async fn compare_served(
    report: &mut ServedReport,
    sides: &mut [ServerAsker; 2],
    probes: &[&'static ProbeKind],
    options: &Options,
    on_event: &mut dyn FnMut(&Event<'_>),
) -> Result<()> {
    let [reference, other] = sides;
    let asked = [&*reference, &*other].map(|side| (None, side.asking().clone()));
    let prepared = prepare(&asked, probes, options)?;
    let mut look = Look {
        error: LOOKS[LOOKS.len() - 1].1,
        provisional: true,
    };
    let mut left = prepared.len();
    let mut compared = Vec::new();
    for mut prepared in prepared {
        let mut memories = [Memory::default(), Memory::default()];
        let [first, second] = &mut memories;
        let askers = [(&mut *reference, &mut *first), (&mut *other, &mut *second)];
        prepared
            .ask(askers.into_iter(), ("", 1.0), on_event)
            .await?;
        let before = prepared.score(reference, None, first, 1.0).await?;
        let reader = Some(&mut *reference);
        let after = prepared.score(other, reader, second, 1.0).await?;
        // A score has its twin, or is none.
        if let Some((mut before, mut after)) = before.zip(after) {
            let surprising_above = before.surprising_above();
            before.judge_texts(surprising_above);
            after.judge_texts(surprising_above);
            compared.extend(Compared::new(&before, &[&after], options.seed));
            report.before.put(before, first.cost.tokens);
            report.after.put(after, second.cost.tokens);
        }
        left -= 1;
        look.provisional = left > 0;
        report.comparisons = comparisons(&compared, look);
        report.data.push(prepared.set);
        report.complete = left == 0;
    }
    Ok(())
}

//! A whole run in one call, and a model scored by itself.

use super::prepared_probe::prepare;
use super::{Baseline, Event, Experiment, ItemSet, Measurement, Side};
use crate::compress::no_pause;
use crate::error::Result;
use crate::evaluate::{Asker, Asking, Memory, Options, ProbeKind, Template, Variant};
use crate::model::Model;
use std::sync::Arc;

/// Scores a model as it is, with some of the probes, asking `asker`; and what they were prepared from.
pub async fn evaluate<A: Asker>(
    model: &Model,
    asker: &mut A,
    probes: &[&'static ProbeKind],
    options: &Options,
    on_event: &mut dyn FnMut(&Event),
) -> Result<(Measurement, Vec<ItemSet>)> {
    let asking = Asking::new(model.interface(), options.template);
    let mut measurement = Measurement::new(model, options);
    let data = measure(&asking, asker, probes, options, &mut measurement, on_event).await?;
    Ok((measurement, data))
}

/// The same, put into a measurement.
pub(super) async fn measure<A: Asker>(
    asking: &Asking,
    asker: &mut A,
    probes: &[&'static ProbeKind],
    options: &Options,
    measurement: &mut Measurement,
    on_event: &mut dyn FnMut(&Event),
) -> Result<Vec<ItemSet>> {
    let probes = prepare(&[(None, asking.clone())], probes, options)?;
    let mut data = Vec::new();
    for mut prepared in probes {
        let mut memory = Memory::default();
        let side = [(&mut *asker, &mut memory)].into_iter();
        prepared.ask(side, ("", 1.0), on_event).await?;
        let scored = prepared.score(asker, None, &mut memory, 1.0);
        if let Some(mut score) = scored.await? {
            score.judge_texts(score.surprising_above());
            measurement.put(score, memory.cost.tokens);
        }
        data.push(prepared.set);
    }
    Ok(data)
}

/// Compresses by every calibration seed that the recipe asks for, and scores before and after; `open` makes the askers.
/// `kept` holds the compressed model from when it is there, and what it held before until then.
pub async fn run<A: Asker>(
    experiment: &mut Experiment,
    open: &mut dyn FnMut(&Variant, Template) -> Result<A>,
    baseline: &mut Baseline,
    kept: &mut Option<Arc<Model>>,
    on_event: &mut dyn FnMut(&Event),
) -> Result<()> {
    let template = experiment.template();
    let original = experiment.unseen_original().cloned();
    let mut open = |variant: &Variant, original: Option<&Variant>| -> Result<Side<A>> {
        let mut asker = |variant| open(variant, template);
        Ok(Side {
            asker: asker(variant)?,
            original: original.map(asker).transpose()?,
            variant: variant.clone(),
        })
    };
    let mut sides = vec![open(experiment.reference(), None)?];
    for seed in experiment.seeds() {
        let compressing = experiment.compress::<A>(seed, None, &no_pause, on_event);
        let compressed = compressing.await?;
        let compressed = open(&compressed, original.as_ref())?;
        if experiment.is_first(seed) {
            *kept = Some(Arc::clone(&compressed.variant.model));
        }
        sides.truncate(1);
        sides.push(compressed);
        if experiment.is_first(seed) {
            experiment.score(&mut sides, baseline, on_event).await?;
        } else {
            experiment.score_seed(seed, &mut sides, on_event).await?;
        }
    }
    Ok(())
}

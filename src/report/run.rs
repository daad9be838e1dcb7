//! A whole run in one call, and a model scored by itself.

use super::prepared_probe::prepare;
use super::{Baseline, Event, Experiment, ItemSet, Measurement, Side};
use crate::error::Result;
use crate::evaluate::{Asker, Options, ProbeKind, Template, Variant};
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
    let probes = prepare(model, probes, options)?;
    let mut measurement = Measurement::new(model, options);
    let mut data = Vec::new();
    for mut prepared in probes {
        let scored = prepared.score(asker, "", on_event).await?;
        if let Some((score, tokens)) = scored {
            measurement.add(score, tokens);
        }
        data.push(prepared.set);
    }
    Ok((measurement, data))
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
    let mut open = |variant: &Variant| -> Result<Side<A>> {
        Ok(Side {
            asker: open(variant, template)?,
            variant: variant.clone(),
        })
    };
    let mut sides = vec![open(experiment.reference())?];
    for seed in experiment.seeds() {
        let compressed = experiment.compress(seed, on_event).await?;
        let mut compressed = open(&compressed)?;
        if experiment.is_first(seed) {
            *kept = Some(Arc::clone(&compressed.variant.model));
            sides.push(compressed);
            experiment.score(&mut sides, baseline, on_event).await?;
        } else {
            let asker = &mut compressed.asker;
            experiment.score_seed(seed, asker, on_event).await?;
        }
    }
    Ok(())
}

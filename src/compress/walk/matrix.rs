//! One matrix, compressed as the layers of a model are.

use super::check;
use super::state::LayerState;
use crate::calibrate::InputStats;
use crate::compress::layer::check_finite;
use crate::compress::{Chain, Outcome};
use crate::error::{Error, Result};
use crate::weight::{Dense, Weight};
use std::sync::Arc;

/// One matrix alone, `name` in errors: compresses it as the layers of a model are, and gives what became of it with
/// the column scale that was chosen last.
pub fn compress_matrix(
    chain: &Chain,
    name: &str,
    weight: Dense,
    inputs: &InputStats,
) -> Result<(Outcome, Option<Vec<f32>>)> {
    let in_matrix = |problem| Error::Layer {
        layer: name.to_owned(),
        problem,
    };
    let mut current = LayerState::new(Arc::new(Weight::Dense(weight)));
    check_finite(name, &current.matrix, 0)?;
    check(chain.purpose(), inputs).map_err(in_matrix)?;
    let mut chosen = None;
    for (method, compressor) in &chain.links {
        let mut best = f64::INFINITY;
        chosen = None;
        for scale in compressor.column_scales(inputs, current.matrix.cols) {
            let trial = current
                .apply(&**compressor, inputs, Some(&scale), false)
                .map_err(in_matrix)?;
            let error = inputs
                .output_error(&current.matrix, &trial.weight.to_matrix())
                .unwrap_or(0.0);
            if error < best {
                (best, chosen) = (error, Some(scale));
            }
        }
        let outcome = current
            .apply(&**compressor, inputs, chosen.as_deref(), true)
            .map_err(in_matrix)?;
        current.take(outcome, method.kind);
    }
    let outcome = Outcome {
        weight: Arc::unwrap_or_clone(current.weight),
        fallback: current.fallback,
    };
    Ok((outcome, chosen))
}

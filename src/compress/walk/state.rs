//! What becomes of a weight under one method after the other.

use crate::calibrate::InputStats;
use crate::compress::{CompressionInput, Compressor, MethodKind, Outcome};
use crate::weight::{Matrix, Storage, Weight};
use half::f16;
use std::borrow::Cow;
use std::sync::Arc;

/// A weight on its way through a chain.
pub struct LayerState {
    pub weight: Arc<Weight>,
    /// The same, written out.
    pub matrix: Matrix,
    /// The format that values which stay values keep.
    storage: Storage,
    pruned: bool,
    pub fallback: Option<String>,
}

impl LayerState {
    pub fn new(weight: Arc<Weight>) -> Self {
        let matrix = weight.to_matrix();
        Self {
            storage: match &*weight {
                Weight::Dense(dense) => dense.values().storage(),
                Weight::Sparse(sparse) => sparse.values().storage(),
                Weight::Quantized(_) if fits_f16(&matrix) => Storage::F16,
                Weight::Quantized(_) => Storage::F32,
            },
            matrix,
            weight,
            pruned: false,
            fallback: None,
        }
    }

    pub fn apply(
        &self,
        compressor: &dyn Compressor,
        inputs: &InputStats,
        column_scale: Option<&[f32]>,
        may_clip: bool,
    ) -> std::result::Result<Outcome, String> {
        self.compressed(&self.matrix, compressor, inputs, column_scale, may_clip)
    }

    /// What a method makes of some of its rows.
    pub fn compressed(
        &self,
        rows: &Matrix,
        compressor: &dyn Compressor,
        inputs: &InputStats,
        column_scale: Option<&[f32]>,
        may_clip: bool,
    ) -> std::result::Result<Outcome, String> {
        compressor.compress(&CompressionInput {
            weight: rows,
            storage: self.storage,
            inputs,
            column_scale,
            may_clip,
            keep_zeros: self.pruned,
        })
    }

    /// Its rows, each `step`th of them.
    pub fn each(&self, step: usize) -> Cow<'_, Matrix> {
        let Matrix { rows, cols, data } = &self.matrix;
        if step == 1 || *cols == 0 {
            return Cow::Borrowed(&self.matrix);
        }
        Cow::Owned(Matrix {
            rows: rows.div_ceil(step),
            cols: *cols,
            data: data
                .chunks_exact(*cols)
                .step_by(step)
                .flatten()
                .copied()
                .collect(),
        })
    }

    /// Goes on from what a method of some kind made; what was quantized before stays on its grids, where these hold 0.
    pub fn take(&mut self, outcome: Outcome, kind: MethodKind) {
        let on_grids = match &*self.weight {
            Weight::Quantized(quantized) if kind == MethodKind::Pruning => {
                quantized.nearest_to(&outcome.weight.to_matrix())
            }
            _ => None,
        };
        let weight = on_grids.map_or(outcome.weight, Weight::Quantized);
        self.matrix = weight.to_matrix();
        self.weight = Arc::new(weight);
        self.pruned |= kind != MethodKind::Quantization;
        let clauses = self.fallback.take().into_iter().chain(outcome.fallback);
        self.fallback = clauses.reduce(|first, then| format!("{first}; then {then}"));
    }
}

/// Whether f16 holds the largest value with full precision.
fn fits_f16(matrix: &Matrix) -> bool {
    let sizes = matrix.data.iter().map(|value| value.abs());
    let largest = sizes.fold(0f32, f32::max);
    largest == 0.0 || f16::from_f32(largest).is_normal()
}

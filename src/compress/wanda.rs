//! Wanda (Sun et al. 2024): a weight counts as much as it is large and its input is strong.

use super::pattern::{PATTERN, Pattern, SPARSITY, smaller};
use super::{CompressionInput, Compressor, Method, MethodKind, Outcome, Paper};
use rayon::prelude::*;

pub const METHOD: Method = Method {
    name: "wanda",
    title: "Wanda",
    sentence: "In each row the weights go whose size times the strength of their input is smallest; the others stay as \
               they are.",
    kind: MethodKind::Pruning,
    calibrated: true,
    paper: Paper {
        title: "A Simple and Effective Pruning Approach for Large Language Models, Sun et al. 2024",
        url: "https://arxiv.org/abs/2306.11695",
    },
    parameters: &[SPARSITY.parameter, PATTERN.parameter],
    build: |settings| Box::new(Wanda(Pattern::new(settings))),
};

struct Wanda(Pattern);

impl Compressor for Wanda {
    /// Scores are `|W_ij| ‖X_j‖₂` (equation 1), compared within each row.
    fn compress(&self, task: &CompressionInput) -> Result<Outcome, String> {
        let cols = task.weight.cols;
        self.0.check(cols)?;
        let mut pruned = task.weight.clone();
        #[expect(
            clippy::cast_possible_truncation,
            reason = "scores are compared in f32"
        )]
        let strengths: Vec<f32> = (0..cols)
            .map(|col| task.inputs.energy(col).sqrt() as f32)
            .collect();
        pruned.data.par_chunks_mut(cols.max(1)).for_each(|row| {
            let pairs = row.iter().zip(&strengths);
            let scores: Vec<f32> = pairs
                .map(|(value, strength)| value.abs() * strength)
                .collect();
            self.0.remove(row, &scores);
        });
        Ok(smaller(&pruned, task.storage).into())
    }
}

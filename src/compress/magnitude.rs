//! Magnitude pruning (Han et al. 2015): the weights nearest to zero become zero.

use super::pattern::{PATTERN, Pattern, SPARSITY, smaller};
use super::{CompressionInput, Compressor, Method, MethodKind, Outcome, Paper};

pub const METHOD: Method = Method {
    name: "magnitude",
    title: "Magnitude pruning",
    sentence: "The weights nearest to zero become zero; only the others are stored. No example text is needed.",
    kind: MethodKind::Pruning,
    calibrated: false,
    paper: Paper {
        title: "Learning both Weights and Connections, Han et al. 2015",
        url: "https://arxiv.org/abs/1506.02626",
    },
    parameters: &[SPARSITY.parameter, PATTERN.parameter],
    build: |settings| Box::new(Magnitude(Pattern::new(settings))),
};

struct Magnitude(Pattern);

impl Compressor for Magnitude {
    fn compress(&self, task: &CompressionInput) -> Result<Outcome, String> {
        self.0.check(task.weight.cols)?;
        let mut pruned = task.weight.clone();
        let scores: Vec<f32> = pruned.data.iter().map(|value| value.abs()).collect();
        self.0.remove(&mut pruned.data, &scores);
        Ok(smaller(&pruned, task.storage).into())
    }
}

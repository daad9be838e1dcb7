//! Round to nearest: every weight to the closest value of its group's grid.

use super::grid::{BITS, GRID, GROUP_SIZE, GridRule, RANGE_SEARCH, ROUND_TO_NEAREST, SYMMETRIC};
use super::tables::TABLES;
use super::{CompressionInput, Compressor, Method, MethodKind, Outcome, Paper};
use crate::weight::Quantized;

pub const METHOD: Method = Method {
    name: ROUND_TO_NEAREST,
    title: "Round to nearest",
    sentence: "Each weight becomes the nearest of a few evenly spaced values, found for a small group of \
               weights at a time; no example text is needed.",
    kind: MethodKind::Quantization,
    calibrated: false,
    paper: Paper {
        title: "The baseline of GPTQ, Frantar et al. 2023",
        url: "https://arxiv.org/abs/2210.17323",
    },
    parameters: &[
        BITS.parameter,
        GROUP_SIZE.parameter,
        SYMMETRIC.parameter,
        RANGE_SEARCH.parameter,
        GRID.parameter,
        TABLES.parameter,
    ],
    build: |settings| Box::new(RoundToNearest(GridRule::new(settings))),
};

struct RoundToNearest(GridRule);

impl Compressor for RoundToNearest {
    fn form(&self, shape: [usize; 2]) -> Option<Quantized> {
        Some(self.0.form(shape))
    }

    fn compress(&self, task: &CompressionInput) -> Result<Outcome, String> {
        Ok(self.0.outcome(self.0.round(task.weight)))
    }
}

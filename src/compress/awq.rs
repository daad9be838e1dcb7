//! AWQ (Lin et al. 2024): columns with strong inputs are made larger before rounding and smaller after it, so that
//! rounding hurts them less.

use super::grid::{BITS, GRID, GROUP_SIZE, GridRule, RANGE_SEARCH, SYMMETRIC};
use super::tables::TABLES;
use super::{CompressionInput, Compressor, Method, MethodKind, Outcome, Paper};
use crate::calibrate::InputStats;
use crate::kernel::Quadratic;
use crate::recipe::{Setting, Settings, Words};
use crate::weight::{Floats, Matrix, Quantized, Storage};
use half::f16;
use rayon::prelude::*;

pub const METHOD: Method = Method {
    name: "awq",
    title: "AWQ",
    sentence: "Makes the columns of weights with strong inputs larger before rounding, and undoes that when the model \
               runs, so that rounding hurts them less.",
    kind: MethodKind::Quantization,
    calibrated: true,
    paper: Paper {
        title: "AWQ: Activation-aware Weight Quantization, Lin et al. 2024",
        url: "https://arxiv.org/abs/2306.00978",
    },
    parameters: &[
        BITS.parameter,
        GROUP_SIZE.parameter,
        SYMMETRIC.parameter,
        SCALE_POINTS.parameter,
        CLIP.parameter,
        RANGE_SEARCH.parameter,
        GRID.parameter,
        TABLES.parameter,
    ],
    build: |settings| Box::new(Awq::new(settings)),
};

const SCALE_POINTS: Setting<u8> = Setting::<u8>::integer(
    Words {
        name: "scale_points",
        title: "Scales tried",
        sentence: "How many strengths of scaling are tried, from none on; 1 scales nothing.",
    },
    [1, 40],
    1,
    20,
);

const CLIP: Setting<bool> = Setting::toggle(
    Words {
        name: "clip",
        title: "Search the clipping",
        sentence: "Cuts off the largest weights of a group where that makes its output more exact.",
    },
    true,
);

/// The share of a group's largest weight that is cut off goes from 0 up to half, in steps of 1/20.
const CLIP_STEPS: u8 = 10;
const CLIP_STEP: f32 = 1.0 / 20.0;

struct Awq {
    rule: GridRule,
    scale_points: u8,
    clip: bool,
}

impl Awq {
    fn new(settings: &Settings) -> Self {
        Self {
            rule: GridRule::new(settings),
            scale_points: SCALE_POINTS.of(settings),
            clip: CLIP.of(settings),
        }
    }

    /// Cuts off each group's largest weights as far as its own share of the output becomes more exact; `moments`
    /// gives the mean of products of inputs.
    fn clip(
        &self,
        weight: &mut Matrix,
        group_size: usize,
        moment: &(impl Fn(usize, usize) -> f32 + Sync),
    ) {
        let cols = weight.cols.max(1);
        let grams: Vec<Quadratic> = (0..cols)
            .step_by(group_size)
            .map(|start| {
                let width = group_size.min(cols - start);
                Quadratic::new(width, |i, j| moment(start + i, start + j))
            })
            .collect();
        weight.data.par_chunks_mut(cols).for_each(|row| {
            for (values, gram) in row.chunks_mut(group_size).zip(&grams) {
                let limit = self.best_limit(values, gram);
                for value in values {
                    *value = value.clamp(-limit, limit);
                }
            }
        });
    }

    fn best_limit(&self, values: &[f32], gram: &Quadratic) -> f32 {
        let largest = values
            .iter()
            .fold(0f32, |largest, value| largest.max(value.abs()));
        if largest == 0.0 {
            return largest;
        }
        let mut best = (largest, f32::INFINITY);
        let mut clipped = vec![0.0; values.len()];
        for step in 0..CLIP_STEPS {
            let limit = largest * (1.0 - f32::from(step) * CLIP_STEP);
            for (clipped, value) in clipped.iter_mut().zip(values) {
                *clipped = value.clamp(-limit, limit);
            }
            let grid = self.rule.fit(&clipped);
            grid.round(&mut clipped);
            // As shares of the largest weight, whose squares are numbers of f32 however small the weights are.
            for (clipped, value) in clipped.iter_mut().zip(values) {
                *clipped = (*clipped - value) / largest;
            }
            let error = gram.of(&clipped);
            if error < best.1 {
                best = (limit, error);
            }
        }
        best.0
    }
}

impl Compressor for Awq {
    fn form(&self, shape: [usize; 2]) -> Option<Quantized> {
        Some(self.rule.form(shape))
    }

    /// `s_j = mean|x_j|^r` for `r = i / points` (equation 5), its extremes balanced around 1, and such that its
    /// reciprocal can be stored.
    fn column_scales(&self, inputs: &InputStats, cols: usize) -> Vec<Vec<f32>> {
        let candidate = |point: u8| -> Vec<f32> {
            let ratio = f64::from(point) / f64::from(self.scale_points);
            let raw: Vec<f64> = (0..cols)
                .map(|col| inputs.mean_absolute(col).powf(ratio).max(1e-4))
                .collect();
            let extremes = raw.iter().fold((f64::INFINITY, 0f64), |(low, high), &s| {
                (low.min(s), high.max(s))
            });
            let middle = (extremes.0 * extremes.1).sqrt();
            raw.iter()
                .map(|scale| self.storable(scale / middle))
                .collect()
        };
        (0..self.scale_points).map(candidate).collect()
    }

    fn compress(&self, task: &CompressionInput) -> Result<Outcome, String> {
        let Matrix { rows, cols, .. } = *task.weight;
        let layout = self.rule.layout(rows, cols);
        let ones = vec![1.0; cols];
        let scale = task.column_scale.unwrap_or(&ones);
        let mut scaled = task.weight.clone();
        for row in scaled.data.chunks_exact_mut(cols.max(1)) {
            for (value, scale) in row.iter_mut().zip(scale) {
                *value *= scale;
            }
        }
        if self.clip && task.may_clip {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "errors are compared in f32"
            )]
            let moment =
                |i: usize, j: usize| task.inputs.moment(i, j) as f32 / (scale[i] * scale[j]);
            self.clip(&mut scaled, layout.group_size, &moment);
        }
        let factors = task
            .column_scale
            .map(|scale| Floats::from_f32(self.rule.scales(), scale.iter().map(|s| 1.0 / s)));
        let quantized = self.rule.round(&scaled).with_column_factors(factors);
        Ok(self.rule.outcome(quantized))
    }
}

impl Awq {
    /// The nearest scale whose reciprocal the number format of scales holds.
    fn storable(&self, scale: f64) -> f32 {
        #[expect(clippy::cast_possible_truncation, reason = "scales are f32")]
        let scale = scale as f32;
        match self.rule.scales() {
            Storage::F16 => 1.0 / f16::from_f32((1.0 / scale).clamp(1e-4, 6e4)).to_f32(),
            _ => scale,
        }
    }
}

//! `SparseGPT` (Frantar and Alistarh 2023): weights are removed column by column, and each removal is made up for by
//! the columns that are still to come.

use super::gptq::live_columns;
use super::pattern::{PATTERN, Pattern, SPARSITY, lowest, share, smaller};
use super::{CompressionInput, Compressor, DAMPING, Method, MethodKind, Outcome, Paper};
use crate::kernel::{Replace, column_loop};
use crate::recipe::{Choice, ChoiceValue, Setting, Settings, Words};
use crate::weight::{Grid, Matrix};
use std::ops::Range;

pub const PAPER: Paper = Paper {
    title: "SparseGPT, Frantar and Alistarh 2023",
    url: "https://arxiv.org/abs/2301.00774",
};

pub const METHOD: Method = Method {
    name: "sparsegpt",
    title: "SparseGPT",
    sentence: "Removes the weights that the others can best make up for, and changes the others so that they do, as the \
               inputs of example text demand.",
    kind: MethodKind::Pruning,
    calibrated: true,
    paper: PAPER,
    parameters: &[
        SPARSITY.parameter,
        PATTERN.parameter,
        BLOCK_SIZE.parameter,
        DAMPING.parameter,
    ],
    build: |settings| Box::new(SparseGpt(Removal::new(settings))),
};

pub const BLOCK_SIZE: Setting<usize> = Setting::choice(
    Words {
        name: "block_size",
        title: "Columns in a block",
        sentence: "Unstructured, the least important weights are picked among all rows of so many columns at a time.",
    },
    &[
        Choice {
            value: ChoiceValue::Integer(64),
            title: "64",
        },
        Choice {
            value: ChoiceValue::Integer(128),
            title: "128",
        },
        Choice {
            value: ChoiceValue::Integer(256),
            title: "256",
        },
    ],
    &[64, 128, 256],
    1,
);

struct SparseGpt(Removal);

impl Compressor for SparseGpt {
    fn compress(&self, task: &CompressionInput) -> Result<Outcome, String> {
        let live = live_columns(task);
        Ok(match self.0.prune(task, live, None)? {
            Some((pruned, fallback)) => Outcome {
                weight: smaller(&pruned, task.storage),
                fallback,
            },
            None => Outcome {
                weight: smaller(task.weight, task.storage),
                fallback: Some("its inputs determine no inverse even with full damping, so nothing was removed".into()),
            },
        })
    }
}

/// What is removed, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Removal {
    pattern: Pattern,
    block: usize,
    damping: f64,
}

/// Grids that the weights that stay are rounded to.
pub(super) struct Grids<'a> {
    /// `[rows, groups]`.
    pub grids: &'a [Grid],
    pub group_size: usize,
}

impl Removal {
    pub fn new(settings: &Settings) -> Self {
        Self {
            pattern: Pattern::new(settings),
            block: BLOCK_SIZE.of(settings),
            damping: DAMPING.of(settings),
        }
    }

    /// Removes weights of `weight`, which has no column without input, and rounds the others to `grids`, where
    /// there are any; with a clause where that took more damping, and `None` when the inputs determine no inverse.
    pub fn prune(
        self,
        task: &CompressionInput,
        mut weight: Matrix,
        grids: Option<Grids>,
    ) -> Result<Option<(Matrix, Option<String>)>, String> {
        let cols = weight.cols;
        self.pattern.check(cols)?;
        let order: Vec<u32> = (0..).take(cols).collect();
        let Some(factor) = task.inputs.inverse_factor(&order, self.damping) else {
            return Ok(None);
        };
        let zeros = task
            .keep_zeros
            .then(|| weight.data.iter().map(|value| *value == 0.0).collect());
        let mut removing = Removing {
            pattern: self.pattern,
            squares: (0..cols)
                .map(|col| factor.values.row(col)[0].powi(2))
                .collect(),
            block: 0..0,
            removed: Vec::new(),
            zeros,
            grids,
            cols,
        };
        column_loop(&mut weight.data, &factor.values, self.block, &mut removing);
        Ok(Some((weight, factor.raised(self.damping))))
    }
}

struct Removing<'a> {
    pattern: Pattern,
    /// The squared diagonal of the factor.
    squares: Vec<f32>,
    block: Range<usize>,
    /// `[rows, block]`: what is removed of the present block; empty for a pattern.
    removed: Vec<bool>,
    /// `[rows, cols]`: weights that stay 0.
    zeros: Option<Vec<bool>>,
    grids: Option<Grids<'a>>,
    cols: usize,
}

impl Removing<'_> {
    /// How much the outputs lose with a weight: `w² / U_jj²` (Frantar and Alistarh 2023, equation 5).
    fn score(&self, value: f32, col: usize) -> f32 {
        value * value / self.squares[col]
    }
}

impl Replace for Removing<'_> {
    /// The columns of a pattern's group that are removed, from bit 0 on.
    type Row = u8;

    fn enter(&mut self, block: Range<usize>, weight: &[f32]) {
        let Pattern::Unstructured(sparsity) = self.pattern else {
            return;
        };
        let rows = weight.chunks_exact(self.cols);
        let scores: Vec<f32> = rows
            .flat_map(|row| block.clone().map(|col| self.score(row[col], col)))
            .collect();
        self.removed = vec![false; scores.len()];
        for place in lowest(&scores, share(scores.len(), sparsity)) {
            self.removed[place] = true;
        }
        self.block = block;
    }

    fn value(&self, group: &mut u8, row: usize, col: usize, rest: &[f32]) -> f32 {
        let removed = match self.pattern {
            Pattern::Unstructured(_) => {
                self.removed[row * self.block.len() + col - self.block.start]
            }
            Pattern::Half(width) => {
                if col.is_multiple_of(width) {
                    let places = rest[..width].iter().enumerate();
                    let scores: Vec<f32> = places
                        .map(|(i, &value)| self.score(value, col + i))
                        .collect();
                    *group = lowest(&scores, width / 2)
                        .iter()
                        .fold(0, |bits, place| bits | 1 << place);
                }
                *group >> (col % width) & 1 == 1
            }
        };
        if removed
            || self
                .zeros
                .as_ref()
                .is_some_and(|zeros| zeros[row * self.cols + col])
        {
            return 0.0;
        }
        match &self.grids {
            None => rest[0],
            Some(Grids { grids, group_size }) => {
                let groups = self.cols.div_ceil(*group_size);
                grids[row * groups + col / group_size].nearest(rest[0])
            }
        }
    }
}

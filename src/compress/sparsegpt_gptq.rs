//! `SparseGPT` and GPTQ in one pass (Frantar and Alistarh 2023, section 3.5): what stays is rounded at once, and the
//! columns to come make up for both.

use super::gptq::live_columns;
use super::grid::{BITS, GRID, GROUP_SIZE, GridRule, RANGE_SEARCH, SYMMETRIC, fall_back};
use super::pattern::{PATTERN, SPARSITY};
use super::sparsegpt::{BLOCK_SIZE, Grids, PAPER, Removal};
use super::tables::TABLES;
use super::{CompressionInput, Compressor, DAMPING, Method, MethodKind, Outcome};
use crate::weight::Quantized;

pub const METHOD: Method = Method {
    name: "sparsegpt_gptq",
    title: "SparseGPT and GPTQ in one pass",
    sentence: "Removes weights and rounds those that stay in the same pass over the columns, so that the columns to come \
               make up for both.",
    kind: MethodKind::Both,
    calibrated: true,
    paper: PAPER,
    parameters: &[
        SPARSITY.parameter,
        PATTERN.parameter,
        BITS.parameter,
        GROUP_SIZE.parameter,
        SYMMETRIC.parameter,
        BLOCK_SIZE.parameter,
        DAMPING.parameter,
        RANGE_SEARCH.parameter,
        GRID.parameter,
        TABLES.parameter,
    ],
    build: |settings| {
        Box::new(Joint {
            removal: Removal::new(settings),
            rule: GridRule::new(settings),
        })
    },
};

struct Joint {
    removal: Removal,
    rule: GridRule,
}

impl Compressor for Joint {
    fn form(&self, shape: [usize; 2]) -> Option<Quantized> {
        Some(self.rule.form(shape))
    }

    fn compress(&self, task: &CompressionInput) -> Result<Outcome, String> {
        let live = live_columns(task);
        let layout = self.rule.layout(live.rows, live.cols);
        let grids = self.rule.fit_all(&live);
        let rounding = Grids {
            grids: &grids,
            group_size: layout.group_size,
        };
        let Some((values, fallback)) = self.removal.prune(task, live, Some(rounding))? else {
            return Ok(fall_back(self.rule, task.weight));
        };
        let mut codes = Vec::with_capacity(values.data.len());
        for row in 0..values.rows {
            let grids = &grids[row * layout.groups()..][..layout.groups()];
            for (group, grid) in values.row(row).chunks(layout.group_size).zip(grids) {
                grid.codes(group, &mut codes);
            }
        }
        let outcome = self
            .rule
            .outcome(self.rule.packed(layout.shape, &grids, &codes));
        Ok(outcome.and(fallback))
    }
}

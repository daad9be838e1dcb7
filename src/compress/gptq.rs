//! GPTQ (Frantar et al. 2023): columns are rounded one after the other, and each rounding error is made up for by
//! the columns that are still to come.

use super::grid::{BITS, GRID, GROUP_SIZE, GridRule, RANGE_SEARCH, SYMMETRIC, fall_back};
use super::tables::TABLES;
use super::{BLOCK, CompressionInput, Compressor, DAMPING, Method, MethodKind, Outcome, Paper};
use crate::calibrate::InputStats;
use crate::kernel::{Replace, column_loop};
use crate::recipe::{Choice, ChoiceValue, Setting, Settings, Words};
use crate::weight::{Grid, Matrix, Quantized};
use std::cmp::Reverse;
use std::ops::Range;

pub const METHOD: Method = Method {
    name: "gptq",
    title: "GPTQ",
    sentence: "Rounds one column of weights after the other, and lets the columns to come make up for each error, as \
               the inputs of example text demand.",
    kind: MethodKind::Quantization,
    calibrated: true,
    paper: Paper {
        title: "GPTQ, Frantar et al. 2023",
        url: "https://arxiv.org/abs/2210.17323",
    },
    parameters: &[
        BITS.parameter,
        GROUP_SIZE.parameter,
        SYMMETRIC.parameter,
        COLUMN_ORDER.parameter,
        STATIC_GROUPS.parameter,
        DAMPING.parameter,
        RANGE_SEARCH.parameter,
        GRID.parameter,
        TABLES.parameter,
    ],
    build: |settings| Box::new(Gptq::new(settings)),
};

const COLUMN_ORDER: Setting<Order> = Setting::choice(
    Words {
        name: "column_order",
        title: "Order of columns",
        sentence: "Which columns are rounded first: as stored; those with the strongest inputs; or the strongest group, \
               and the strongest column in it.",
    },
    &[
        Choice {
            value: ChoiceValue::Word("stored"),
            title: "as stored",
        },
        Choice {
            value: ChoiceValue::Word("activation"),
            title: "strongest first",
        },
        Choice {
            value: ChoiceValue::Word("group-aware"),
            title: "strongest group first",
        },
    ],
    &[Order::Stored, Order::Activation, Order::GroupAware],
    1,
);

const STATIC_GROUPS: Setting<bool> = Setting::toggle(
    Words {
        name: "static_groups",
        title: "Static groups",
        sentence: "Finds all scales before the first column is rounded; otherwise when their group is reached, and groups \
               follow the order of columns, which then has to be stored.",
    },
    true,
);

struct Gptq {
    rule: GridRule,
    order: Order,
    static_groups: bool,
    damping: f64,
}

#[derive(Clone, Copy, PartialEq)]
enum Order {
    Stored,
    Activation,
    GroupAware,
}

impl Gptq {
    fn new(settings: &Settings) -> Self {
        Self {
            rule: GridRule::new(settings),
            order: COLUMN_ORDER.of(settings),
            static_groups: STATIC_GROUPS.of(settings),
            damping: DAMPING.of(settings),
        }
    }

    /// Whether groups follow the order of columns, which then has to be stored.
    fn is_scattered(&self) -> bool {
        !self.static_groups && self.order == Order::Activation
    }
}

impl Compressor for Gptq {
    fn form(&self, shape: [usize; 2]) -> Option<Quantized> {
        let order = self.is_scattered().then(|| (0..).take(shape[1]).collect());
        Some(self.rule.form(shape).with_column_order(order))
    }

    fn compress(&self, task: &CompressionInput) -> Result<Outcome, String> {
        let Matrix { rows, cols, .. } = *task.weight;
        let layout = self.rule.layout(rows, cols);
        let order = self.order.of(task.inputs, cols, layout.group_size);
        let Some(factor) = task.inputs.inverse_factor(&order, self.damping) else {
            return Ok(fall_back(self.rule, task.weight));
        };
        let live = live_columns(task);
        let mut values = reordered(&live, &order);
        // Groups of neighbours in the order of the loop; they are groups of columns where the order keeps those together.
        let scattered = self.is_scattered();
        let group_of = |place: usize| if scattered { place } else { order[place] as usize } / layout.group_size;
        let mut rounding = Rounding {
            rule: self.rule,
            grids: self
                .rule
                .fit_all(match (scattered, self.rule.counts_silent_columns()) {
                    (_, true) => task.weight,
                    (true, false) => &values,
                    (false, false) => &live,
                }),
            groups: layout.groups(),
            group_of: (0..cols).map(group_of).collect(),
            refit: !self.static_groups && layout.groups() > 1,
            zeros: task
                .keep_zeros
                .then(|| values.data.iter().map(|value| *value == 0.0).collect()),
            cols,
        };
        column_loop(&mut values.data, &factor.values, BLOCK, &mut rounding);
        let codes = rounding.codes(&values);
        let (codes, stored_order) = if scattered {
            (codes, Some(order))
        } else {
            (restored(&codes, &order), None)
        };
        let quantized = self.rule.packed(layout.shape, &rounding.grids, &codes);
        let outcome = self.rule.outcome(quantized.with_column_order(stored_order));
        Ok(outcome.and(factor.raised(self.damping)))
    }
}

impl Order {
    /// The columns in the order in which they are rounded.
    fn of(self, inputs: &InputStats, cols: usize, group_size: usize) -> Vec<u32> {
        let mut order: Vec<u32> = (0..).take(cols).collect();
        // Energies are not negative, so that their bits sort as they do.
        let energy = |col: &u32| inputs.energy(*col as usize).to_bits();
        match self {
            Self::Stored => {}
            Self::Activation => order.sort_by_key(|col| Reverse(energy(col))),
            Self::GroupAware => {
                let mut groups: Vec<Vec<u32>> =
                    order.chunks(group_size).map(<[u32]>::to_vec).collect();
                for group in &mut groups {
                    group.sort_by_key(|col| Reverse(energy(col)));
                }
                // A shorter last group stays last, so that the others begin at multiples of their size.
                groups.sort_by_key(|group| (Reverse(group.len()), Reverse(energy(&group[0]))));
                order = groups.concat();
            }
        }
        order
    }
}

/// The weight with columns that have no input at zero, as nothing can be said of them.
pub(super) fn live_columns(task: &CompressionInput) -> Matrix {
    let mut live = task.weight.clone();
    let silent: Vec<usize> = (0..live.cols)
        .filter(|&col| task.inputs.energy(col) == 0.0)
        .collect();
    for row in live.data.chunks_exact_mut(live.cols.max(1)) {
        for &col in &silent {
            row[col] = 0.0;
        }
    }
    live
}

fn reordered(matrix: &Matrix, order: &[u32]) -> Matrix {
    let rows = (0..matrix.rows).map(|row| matrix.row(row));
    let data = rows
        .flat_map(|row| order.iter().map(|&col| row[col as usize]))
        .collect();
    Matrix { data, ..*matrix }
}

/// Codes of rows in `order`, back in the order of columns.
fn restored(codes: &[u8], order: &[u32]) -> Vec<u8> {
    let mut restored = vec![0; codes.len()];
    for (from, to) in codes
        .chunks_exact(order.len())
        .zip(restored.chunks_exact_mut(order.len()))
    {
        for (code, &col) in from.iter().zip(order) {
            to[col as usize] = *code;
        }
    }
    restored
}

/// Rounds to the grid of each weight's group.
struct Rounding {
    rule: GridRule,
    /// `[rows, groups]`.
    grids: Vec<Grid>,
    groups: usize,
    /// The group of each place in the order of the loop.
    group_of: Vec<usize>,
    /// Whether grids are found anew when the loop reaches their group.
    refit: bool,
    /// `[rows, cols]`: weights that stay 0.
    zeros: Option<Vec<bool>>,
    cols: usize,
}

impl Rounding {
    fn grid(&self, row: usize, place: usize) -> &Grid {
        &self.grids[row * self.groups + self.group_of[place]]
    }

    fn codes(&self, values: &Matrix) -> Vec<u8> {
        let rows = values.data.chunks_exact(self.cols.max(1)).enumerate();
        let codes = rows.flat_map(|(row, values)| {
            let values = values.iter().enumerate();
            values.map(move |(place, value)| self.grid(row, place).code(*value))
        });
        codes.collect()
    }
}

impl Replace for Rounding {
    type Row = ();

    /// Finds the grids of groups that begin in this block, from weights that carry the corrections of earlier
    /// blocks, as the code of the paper does.
    fn enter(&mut self, block: Range<usize>, weight: &[f32]) {
        if !self.refit {
            return;
        }
        for start in block {
            let group = self.group_of[start];
            if start > 0 && self.group_of[start - 1] == group {
                continue;
            }
            let width = self.group_of[start..]
                .iter()
                .take_while(|other| **other == group)
                .count();
            for (row, values) in weight.chunks_exact(self.cols).enumerate() {
                self.grids[row * self.groups + group] =
                    self.rule.fit(&values[start..start + width]);
            }
        }
    }

    fn value(&self, (): &mut (), row: usize, col: usize, rest: &[f32]) -> f32 {
        if self
            .zeros
            .as_ref()
            .is_some_and(|zeros| zeros[row * self.cols + col])
        {
            return 0.0;
        }
        self.grid(row, col).nearest(rest[0])
    }
}

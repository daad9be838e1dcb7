//! The grids of quantization: which values a group of weights may take, and the settings for it.

use crate::recipe::{Choice, ChoiceValue, Setting, Settings, Words};
use crate::weight::{Grid, Layout, Matrix, Quantized, Storage, Weight, max_code, range};
use rayon::prelude::*;

pub const BITS: Setting<u8> = Setting::<u8>::integer(
    Words {
        name: "bits",
        title: "Bits per weight",
        sentence: "4 bits allow 16 different values in a group, 2 bits allow 4.",
    },
    [2, 8],
    1,
    4,
);

pub const GROUP_SIZE: Setting<Option<usize>> = Setting::choice(
    Words {
        name: "group_size",
        title: "Group size",
        sentence: "How many neighbouring weights share one scale; small groups are more exact and larger.",
    },
    &[
        Choice {
            value: ChoiceValue::Integer(32),
            title: "32",
        },
        Choice {
            value: ChoiceValue::Integer(64),
            title: "64",
        },
        Choice {
            value: ChoiceValue::Integer(128),
            title: "128",
        },
        Choice {
            value: ChoiceValue::Word("row"),
            title: "whole row",
        },
    ],
    &[Some(32), Some(64), Some(128), None],
    1,
);

pub const SYMMETRIC: Setting<bool> = Setting::toggle(
    Words {
        name: "symmetric",
        title: "Symmetric",
        sentence: "Zero stays in the middle of the grid, so that no zero point needs to be stored.",
    },
    false,
);

pub const RANGE_SEARCH: Setting<bool> = Setting::toggle(
    Words {
        name: "range_search",
        title: "Search the range",
        sentence: "Tries 80 narrower ranges for each group and keeps the one with the least error, at the price of cutting \
               off the largest weights; slower.",
    },
    false,
);

pub const GRID: Setting<GridKind> = Setting::choice(
    Words {
        name: "grid",
        title: "Grid",
        sentence: "Full range: symmetric grids use every code, and scales have 16 bits. Classic: as the code of the GPTQ paper, \
               with scales of 32 bits.",
    },
    &[
        Choice {
            value: ChoiceValue::Word("full_range"),
            title: "full range",
        },
        Choice {
            value: ChoiceValue::Word("classic"),
            title: "classic",
        },
    ],
    &[GridKind::FullRange, GridKind::Classic],
    0,
);

/// The name of the method that does nothing but this.
pub const ROUND_TO_NEAREST: &str = "round_to_nearest";

/// Exponent of the error that a range search makes small (`quant.py` of the GPTQ paper's code).
const NORM: f32 = 2.4;

/// Which values a grid has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GridKind {
    /// Symmetric grids use every code; scales in f16.
    FullRange,
    /// As the code of the GPTQ paper; scales in f32.
    Classic,
}

/// How grids are found.
#[derive(Debug, Clone, Copy)]
pub struct GridRule {
    pub bits: u8,
    /// `None`: the whole row.
    group_size: Option<usize>,
    symmetric: bool,
    search: bool,
    kind: GridKind,
}

/// The range of a group's values, 0 included.
#[derive(Clone, Copy)]
struct Range {
    low: f32,
    high: f32,
}

impl GridRule {
    pub fn new(settings: &Settings) -> Self {
        Self {
            bits: BITS.of(settings),
            group_size: GROUP_SIZE.of(settings),
            symmetric: SYMMETRIC.of(settings),
            search: RANGE_SEARCH.of(settings),
            kind: GRID.of(settings),
        }
    }

    fn is_classic(&self) -> bool {
        self.kind == GridKind::Classic
    }

    /// The number format of scales.
    pub fn scales(&self) -> Storage {
        if self.is_classic() {
            Storage::F32
        } else {
            Storage::F16
        }
    }

    /// Whether columns without input count in the range of a row, as in the code of the GPTQ paper for whole rows.
    pub fn counts_silent_columns(&self) -> bool {
        self.is_classic() && self.group_size.is_none()
    }

    /// How a matrix of this shape is laid out.
    pub fn layout(&self, rows: usize, cols: usize) -> Layout {
        Layout {
            shape: [rows, cols],
            bits: self.bits,
            group_size: self.group_size.unwrap_or(cols.max(1)),
            symmetric: self.symmetric,
            scales: self.scales(),
        }
    }

    /// A quantized matrix of this shape without values.
    pub fn form(&self, [rows, cols]: [usize; 2]) -> Quantized {
        let layout = self.layout(rows, cols);
        let grids = vec![Grid::new(1.0, 0, self.bits); rows * layout.groups()];
        Quantized::new(layout, &grids, &vec![0; rows * cols])
    }

    /// The grids of every group of every row, `[rows, groups]`.
    pub fn fit_all(&self, weight: &Matrix) -> Vec<Grid> {
        let layout = self.layout(weight.rows, weight.cols);
        let rows = weight.data.par_chunks(weight.cols.max(1));
        rows.flat_map_iter(|row| row.chunks(layout.group_size).map(|group| self.fit(group)))
            .collect()
    }

    /// The grid of one group of values.
    pub fn fit(&self, values: &[f32]) -> Grid {
        let [low, high] = range(values);
        let range = Range { low, high };
        if !self.search {
            return self.over(range, 1.0);
        }
        let mut rounded = values.to_vec();
        let mut error = |grid: &Grid| -> f32 {
            rounded.copy_from_slice(values);
            grid.round(&mut rounded);
            let pairs = rounded.iter().zip(values);
            let misses = pairs.map(|(rounded, value)| (rounded - value).abs());
            misses.map(|miss| miss.powf(NORM)).sum()
        };
        let mut best = (self.over(range, 1.0), f32::INFINITY);
        for step in 0..80u8 {
            let grid = self.over(range, 1.0 - f32::from(step) / 100.0);
            let error = error(&grid);
            if error < best.1 {
                best = (grid, error);
            }
        }
        best.0
    }

    /// The grid over a share of a range.
    fn over(&self, Range { low, high }: Range, share: f32) -> Grid {
        if self.is_classic() {
            return self.classic(low * share, high * share, (low, high) == (0.0, 0.0));
        }
        if self.symmetric {
            let extreme = if -low > high { low } else { high };
            Grid::reaching(extreme * share, self.bits)
        } else {
            Grid::spanning(low * share, high * share, self.bits)
        }
    }

    /// As `Quantizer.find_params` of the GPTQ paper's code: a symmetric range is mirrored only where there are
    /// negative values, and an all-zero group spans -1 to 1.
    fn classic(&self, low: f32, high: f32, zero: bool) -> Grid {
        let codes = f32::from(max_code(self.bits));
        let (mut low, mut high) = (low, high);
        if self.symmetric {
            high = high.max(-low);
            if low < 0.0 {
                low = -high;
            }
        }
        if zero {
            (low, high) = (-1.0, 1.0);
        }
        let scale = (high - low) / codes;
        let zero_point = if self.symmetric {
            1 << (self.bits - 1)
        } else {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "from 0 to the largest code, since the range holds 0"
            )]
            let code = (-low / scale).round_ties_even().min(codes) as u8;
            code
        };
        Grid::new(scale, zero_point, self.bits)
    }

    /// Every weight at the nearest value of its grid.
    pub fn round(&self, weight: &Matrix) -> Quantized {
        let layout = self.layout(weight.rows, weight.cols);
        let grids = self.fit_all(weight);
        let mut codes = Vec::with_capacity(weight.data.len());
        for row in 0..weight.rows {
            let grids = &grids[row * layout.groups()..][..layout.groups()];
            for (group, grid) in weight.row(row).chunks(layout.group_size).zip(grids) {
                grid.codes(group, &mut codes);
            }
        }
        self.packed([weight.rows, weight.cols], &grids, &codes)
    }

    /// Codes with their grids. Where f16 does not hold one of the scales, all of them are kept in f32.
    pub fn packed(&self, [rows, cols]: [usize; 2], grids: &[Grid], codes: &[u8]) -> Quantized {
        let mut layout = self.layout(rows, cols);
        if !grids.iter().all(Grid::fits_f16) {
            layout.scales = Storage::F32;
        }
        Quantized::new(layout, grids, codes)
    }

    /// What became of a weight, with a word where its scales take more room than usual.
    pub fn outcome(&self, quantized: Quantized) -> super::Outcome {
        let wider = quantized.layout().scales != self.scales();
        super::Outcome {
            weight: Weight::Quantized(quantized),
            fallback: wider.then(|| {
                "some of its scales are too small or too large for 16 bits, so all of them have 32".into()
            }),
        }
    }
}

/// What a method gives when its own arithmetic fails: every weight rounded, and a sentence that says so.
pub fn fall_back(rule: GridRule, weight: &Matrix) -> super::Outcome {
    super::Outcome {
        weight: Weight::Quantized(rule.round(weight)),
        fallback: Some(
            "its inputs determine no inverse even with full damping, so each weight was rounded to the nearest value".into(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn rule(settings: Value) -> GridRule {
        let Value::Object(map) = settings else {
            panic!("an object")
        };
        GridRule::new(
            &Settings::new(
                &[
                    BITS.parameter,
                    GROUP_SIZE.parameter,
                    SYMMETRIC.parameter,
                    RANGE_SEARCH.parameter,
                    GRID.parameter,
                ],
                &map,
            )
            .expect("settings"),
        )
    }

    #[test]
    fn the_classic_grid_mirrors_only_where_there_are_negative_values() {
        let classic = rule(json!({"bits": 3, "symmetric": true, "grid": "classic"}));
        let grid = classic.fit(&[-2.0, 3.5]);
        assert_eq!((grid.scale(), grid.zero_point()), (1.0, 4));
        let grid = classic.fit(&[1.0, 3.5]);
        assert_eq!((grid.scale(), grid.zero_point()), (0.5, 4));
        let grid = classic.fit(&[0.0, 0.0]);
        assert_eq!((grid.scale(), grid.nearest(0.0)), (2.0 / 7.0, 0.0));
    }

    #[test]
    fn a_range_search_cuts_off_an_outlier_where_that_pays() {
        let mut values: Vec<f32> = (0..256).map(|i| (i as f32 / 128.0 - 1.0) * 0.1).collect();
        values[0] = 0.3;
        let error = |rule: GridRule| -> f32 {
            let grid = rule.fit(&values);
            values
                .iter()
                .map(|v| (grid.nearest(*v) - v).abs().powf(NORM))
                .sum()
        };
        for grid in ["full_range", "classic"] {
            for symmetric in [false, true] {
                let settings = |search: bool| json!({"bits": 2, "symmetric": symmetric, "grid": grid, "range_search": search});
                assert!(error(rule(settings(true))) < error(rule(settings(false))));
            }
        }
    }
}

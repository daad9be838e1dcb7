//! Round to nearest: every weight to the closest value of its group's grid.

use super::{Compressor, Kind, Method, Paper};
use crate::recipe::{Choice, ChoiceValue, Parameter, ParameterKind, Settings};
use crate::weight::{Grid, Layout, Matrix, Quantized, Storage, Weight};

pub const METHOD: Method = Method {
    name: "round_to_nearest",
    title: "Round to nearest",
    sentence: "Each weight becomes the nearest of a few evenly spaced values, found for a small group of \
               weights at a time; no example text is needed.",
    kind: Kind::Quantization,
    paper: Paper {
        title: "The baseline of GPTQ, Frantar et al. 2023",
        url: "https://arxiv.org/abs/2210.17323",
    },
    parameters: PARAMETERS,
    build: |settings| Box::new(RoundToNearest::new(settings)),
};

const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "bits",
        title: "Bits per weight",
        sentence: "4 bits allow 16 different values in a group, 2 bits allow 4.",
        kind: ParameterKind::Integer {
            min: 2,
            max: 8,
            step: 1,
            default: 4,
        },
    },
    Parameter {
        name: "group_size",
        title: "Group size",
        sentence: "How many neighbouring weights share one scale; small groups are more exact and larger.",
        kind: ParameterKind::Choice {
            options: &[
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
            default: ChoiceValue::Integer(64),
        },
    },
    Parameter {
        name: "symmetric",
        title: "Symmetric",
        sentence: "Zero stays in the middle of the grid, so that no zero point needs to be stored.",
        kind: ParameterKind::Toggle { default: false },
    },
];

struct RoundToNearest {
    bits: u8,
    /// `None`: the whole row.
    group_size: Option<usize>,
    symmetric: bool,
}

impl RoundToNearest {
    fn new(settings: &Settings) -> Self {
        let group_size = settings.integer("group_size");
        Self {
            bits: u8::try_from(settings.integer("bits")).unwrap_or(8),
            group_size: usize::try_from(group_size).ok().filter(|size| *size > 0),
            symmetric: settings.toggle("symmetric"),
        }
    }

    fn grid(&self, group: &[f32]) -> Grid {
        if self.symmetric {
            Grid::symmetric(group, self.bits)
        } else {
            Grid::asymmetric(group, self.bits)
        }
    }
}

impl Compressor for RoundToNearest {
    fn compress(&self, weight: &Matrix, _: Storage) -> Result<Weight, String> {
        let group_size = self.group_size.unwrap_or(weight.cols.max(1));
        let layout = Layout {
            shape: [weight.rows, weight.cols],
            bits: self.bits,
            group_size,
            symmetric: self.symmetric,
        };
        Ok(Weight::Quantized(Quantized::from_rows(
            layout,
            |row, grids, codes| {
                for group in weight.row(row).chunks(group_size) {
                    let grid = self.grid(group);
                    codes.extend(group.iter().map(|&value| grid.code(value)));
                    grids.push(grid);
                }
            },
        )))
    }
}

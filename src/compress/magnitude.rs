//! Magnitude pruning (Han et al. 2015): the weights nearest to zero become zero.

use super::{Compressor, Kind, Method, Paper};
use crate::recipe::{Choice, ChoiceValue, Parameter, ParameterKind, Settings};
use crate::weight::{Dense, Floats, Matrix, Sparse, Storage, Weight};

pub const METHOD: Method = Method {
    name: "magnitude",
    title: "Magnitude pruning",
    sentence: "The weights nearest to zero become zero; only the others are stored.",
    kind: Kind::Pruning,
    paper: Paper {
        title: "Learning both Weights and Connections, Han et al. 2015",
        url: "https://arxiv.org/abs/1506.02626",
    },
    parameters: PARAMETERS,
    build: |settings| Box::new(Magnitude::new(settings)),
};

const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "sparsity",
        title: "Sparsity",
        sentence: "The share of each layer's weights that becomes zero; a pattern always removes half.",
        kind: ParameterKind::Number {
            min: 0.0,
            max: 0.95,
            step: 0.05,
            default: 0.5,
        },
    },
    Parameter {
        name: "pattern",
        title: "Pattern",
        sentence: "Unstructured picks the smallest weights of the whole layer; 2:4 and 4:8 the smallest half \
                   of every four or eight neighbours, which hardware can use.",
        kind: ParameterKind::Choice {
            options: &[
                Choice {
                    value: ChoiceValue::Word("unstructured"),
                    title: "unstructured",
                },
                Choice {
                    value: ChoiceValue::Word("2:4"),
                    title: "2:4",
                },
                Choice {
                    value: ChoiceValue::Word("4:8"),
                    title: "4:8",
                },
            ],
            default: ChoiceValue::Word("unstructured"),
        },
    },
];

enum Magnitude {
    /// This share of the whole matrix.
    Unstructured(f64),
    /// Half of every so many columns of a row.
    Half(usize),
}

impl Magnitude {
    fn new(settings: &Settings) -> Self {
        match settings.word("pattern") {
            "2:4" => Self::Half(4),
            "4:8" => Self::Half(8),
            _ => Self::Unstructured(settings.number("sparsity")),
        }
    }
}

impl Compressor for Magnitude {
    fn compress(&self, weight: &Matrix, storage: Storage) -> Result<Weight, String> {
        let mut pruned = weight.clone();
        match *self {
            Self::Unstructured(sparsity) => {
                let count = (weight.data.len() as f64 * sparsity).floor();
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a share of a length"
                )]
                zero_smallest(&mut pruned.data, count as usize);
            }
            Self::Half(width) if weight.cols.is_multiple_of(width) => {
                for group in pruned.data.chunks_mut(width) {
                    zero_smallest(group, width / 2);
                }
            }
            Self::Half(width) => {
                return Err(format!(
                    "its {} columns are not a multiple of {width}, which the pattern {}:{width} needs; \
                     choose unstructured",
                    weight.cols,
                    width / 2
                ));
            }
        }
        Ok(smaller(&pruned, storage))
    }
}

/// Sets the `count` values of smallest magnitude to zero, the first of equal ones first.
fn zero_smallest(values: &mut [f32], count: usize) {
    let mut order: Vec<usize> = (0..values.len()).collect();
    let key = |&i: &usize| (values[i].abs().to_bits(), i);
    if count < order.len() {
        order.select_nth_unstable_by_key(count, key);
    }
    order.truncate(count);
    for place in order {
        values[place] = 0.0;
    }
}

/// As bitmask and values, or as values alone where that takes fewer bytes.
fn smaller(matrix: &Matrix, storage: Storage) -> Weight {
    let sparse = Weight::Sparse(Sparse::from_matrix(matrix, storage));
    let values = Floats::from_f32(storage, matrix.data.iter().copied());
    match Dense::new(matrix.rows, matrix.cols, values).map(Weight::Dense) {
        Some(dense) if dense.bytes() <= sparse.bytes() => dense,
        _ => sparse,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_smallest_go_and_ties_go_in_order() {
        let mut values = [3.0, -1.0, 1.0, 0.5, -2.0, 1.0];
        zero_smallest(&mut values, 3);
        assert_eq!(values, [3.0, 0.0, 0.0, 0.0, -2.0, 1.0]);
        for count in [0, 6] {
            let mut values = [1.0f32; 6];
            zero_smallest(&mut values, count);
            assert_eq!(values.iter().filter(|v| **v == 0.0).count(), count);
        }
    }

    #[test]
    fn a_width_that_the_pattern_does_not_divide_is_an_error() {
        let matrix = Matrix {
            rows: 1,
            cols: 6,
            data: vec![1.0; 6],
        };
        let problem = Magnitude::Half(4)
            .compress(&matrix, Storage::F32)
            .expect_err("6 columns");
        assert!(
            problem.contains("6 columns") && problem.contains("2:4"),
            "{problem}"
        );
    }
}

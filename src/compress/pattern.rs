//! Which weights pruning removes, and the settings for it.

use crate::recipe::{Choice, ChoiceValue, Setting, Settings, Words};
use crate::weight::{Dense, Floats, Matrix, Sparse, Storage, Weight};

pub const SPARSITY: Setting<f64> = Setting::number(
    Words {
        name: "sparsity",
        title: "Sparsity",
        sentence: "The share of each layer's weights that becomes zero; a pattern always removes half.",
    },
    [0.0, 0.95],
    0.05,
    0.5,
);

pub const PATTERN: Setting<Option<usize>> = Setting::choice(
    Words {
        name: "pattern",
        title: "Pattern",
        sentence: "Unstructured removes the least important weights wherever they are; 2:4 and 4:8 half of every four or \
               eight neighbours, which hardware can use.",
    },
    &[
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
    &[None, Some(4), Some(8)],
    0,
);

/// What is removed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pattern {
    /// This share of the weights that are compared with one another.
    Unstructured(f64),
    /// Half of every so many columns of a row.
    Half(usize),
}

impl Pattern {
    pub fn new(settings: &Settings) -> Self {
        match PATTERN.of(settings) {
            Some(width) => Self::Half(width),
            None => Self::Unstructured(SPARSITY.of(settings)),
        }
    }

    /// Whether rows of `cols` columns can have this pattern.
    pub fn check(self, cols: usize) -> Result<(), String> {
        match self {
            Self::Half(width) if !cols.is_multiple_of(width) => Err(format!(
                "its {cols} columns are not a multiple of {width}, which the pattern {}:{width} needs; choose \
                 unstructured",
                width / 2
            )),
            _ => Ok(()),
        }
    }

    /// Sets to zero the values of lowest score among `values`, which are compared with one another (and, for a
    /// pattern, are whole rows): exactly `floor(n * sparsity)`, the first of equal ones first.
    pub fn remove(self, values: &mut [f32], scores: &[f32]) {
        match self {
            Self::Unstructured(sparsity) => {
                for place in lowest(scores, share(values.len(), sparsity)) {
                    values[place] = 0.0;
                }
            }
            Self::Half(width) => {
                for (values, scores) in values.chunks_mut(width).zip(scores.chunks(width)) {
                    for place in lowest(scores, width / 2) {
                        values[place] = 0.0;
                    }
                }
            }
        }
    }
}

/// `floor(n * sparsity)`.
pub fn share(n: usize, sparsity: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a length"
    )]
    let count = (n as f64 * sparsity).floor() as usize;
    count
}

/// The places of the `count` lowest scores, the first of equal ones first; scores are not negative.
pub fn lowest(scores: &[f32], count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    if count < order.len() {
        order.select_nth_unstable_by_key(count, |&i| (scores[i].to_bits(), i));
    }
    order.truncate(count);
    order
}

/// As bitmask and values, or as values alone where that takes fewer bytes.
pub fn smaller(matrix: &Matrix, storage: Storage) -> Weight {
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
    fn exactly_the_lowest_go_and_ties_go_in_order() {
        let mut values = [3.0, -1.0, 1.0, 0.5, -2.0, 1.0];
        let scores = values.map(f32::abs);
        Pattern::Unstructured(0.5).remove(&mut values, &scores);
        assert_eq!(values, [3.0, 0.0, 0.0, 0.0, -2.0, 1.0]);
        for (sparsity, zeros) in [(0.0, 0), (1.0, 6), (0.49, 2)] {
            let mut values = [1.0f32; 6];
            Pattern::Unstructured(sparsity).remove(&mut values, &[1.0; 6]);
            assert_eq!(values.iter().filter(|v| **v == 0.0).count(), zeros);
        }
        let mut values = [4.0, 3.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0];
        let scores = values;
        Pattern::Half(4).remove(&mut values, &scores);
        assert_eq!(values, [4.0, 3.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0]);
    }

    #[test]
    fn a_width_that_the_pattern_does_not_divide_is_an_error() {
        let problem = Pattern::Half(4).check(6).expect_err("6 columns");
        assert!(
            problem.contains("6 columns") && problem.contains("2:4"),
            "{problem}"
        );
        assert!(Pattern::Half(8).check(64).is_ok() && Pattern::Unstructured(0.5).check(7).is_ok());
    }
}

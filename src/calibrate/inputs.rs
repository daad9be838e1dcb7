//! What is known of a layer's inputs.

use super::Purpose;
use crate::kernel::{self, UpperFactor};
use crate::weight::Matrix;
use std::sync::{Arc, Mutex, PoisonError};

/// Sums over the calibration inputs `X` `[tokens, cols]` of a layer; layers that read the same inputs share them.
#[derive(Debug)]
pub struct InputStats {
    cols: usize,
    tokens: usize,
    seen: Seen,
    /// The sum of `|x|` of each column.
    absolute: Vec<f64>,
    /// The factor that was asked for last: layers that share their inputs ask for the same.
    factor: Mutex<Option<(Vec<u32>, f64, Factor)>>,
}

/// What is kept of inputs `X` `[tokens, cols]`.
#[derive(Debug)]
enum Seen {
    /// The rows of the lower triangle of `XᵀX`.
    Gram(Vec<f64>),
    /// `X` itself: with few tokens it is smaller, and outputs on it are found with less work.
    Inputs(Vec<f32>),
}

/// A factor of the inverse of a Gram matrix; see [`InputStats::inverse_factor`].
#[derive(Debug, Clone)]
pub struct Factor {
    /// Of `cols` columns.
    pub values: Arc<UpperFactor>,
    /// The share of the mean of the diagonal that was added to it.
    pub damping: f64,
}

impl Factor {
    /// A clause that says so where more was added than was asked for.
    #[must_use]
    pub fn raised(&self, asked: f64) -> Option<String> {
        let Self { damping, .. } = self;
        (*damping > asked).then(|| {
            format!(
                "its inputs determine no inverse with a damping of {asked}, so it was raised to {damping}"
            )
        })
    }
}

impl InputStats {
    /// Nothing seen yet of `cols` columns.
    #[must_use]
    pub fn new(cols: usize) -> Self {
        Self::with(cols, Seen::Gram(vec![0.0; kernel::in_triangle(cols, 0)]))
    }

    /// The same, of so many `tokens` to come, where they are wanted for `purpose`.
    #[must_use]
    pub fn wanted_for(purpose: Purpose, cols: usize, tokens: usize) -> Self {
        // For each row of weights: cols² / 2 products by the Gram matrix, cols · tokens without.
        if purpose == Purpose::Measure && 2 * tokens < cols {
            Self::with(cols, Seen::Inputs(Vec::with_capacity(tokens * cols)))
        } else {
            Self::new(cols)
        }
    }

    fn with(cols: usize, seen: Seen) -> Self {
        Self {
            cols,
            tokens: 0,
            seen,
            absolute: vec![0.0; cols],
            factor: Mutex::new(None),
        }
    }

    /// Adds inputs `[tokens, cols]`.
    pub fn add(&mut self, inputs: &[f32]) {
        match &mut self.seen {
            Seen::Gram(gram) => kernel::add_gram(inputs, self.cols, gram),
            Seen::Inputs(all) => all.extend_from_slice(inputs),
        }
        for row in inputs.chunks_exact(self.cols.max(1)) {
            self.tokens += 1;
            for (sum, value) in self.absolute.iter_mut().zip(row) {
                *sum += f64::from(value.abs());
            }
        }
    }

    /// Tokens seen.
    #[must_use]
    pub fn tokens(&self) -> usize {
        self.tokens
    }

    /// Whether every input was finite.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.absolute.iter().all(|sum| sum.is_finite())
    }

    /// Whether every input was 0.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.absolute.iter().all(|sum| *sum == 0.0)
    }

    /// The mean of `x²` of a column.
    #[must_use]
    pub fn energy(&self, col: usize) -> f64 {
        self.moment(col, col)
    }

    /// The mean of `|x|` of a column.
    #[must_use]
    pub fn mean_absolute(&self, col: usize) -> f64 {
        self.absolute[col] / self.tokens.max(1) as f64
    }

    /// The mean of `x_i x_j`.
    #[must_use]
    pub fn moment(&self, i: usize, j: usize) -> f64 {
        let sum = match &self.seen {
            Seen::Gram(gram) => gram[kernel::in_triangle(i.max(j), i.min(j))],
            Seen::Inputs(all) => {
                let rows = all.chunks_exact(self.cols.max(1));
                rows.map(|row| f64::from(row[i]) * f64::from(row[j])).sum()
            }
        };
        sum / self.tokens.max(1) as f64
    }

    /// Those of one column with others.
    fn moments(&self, one: u32, others: &[u32], out: &mut [f64]) {
        let pairs = others
            .iter()
            .map(|other| (one.max(*other), one.min(*other)));
        let pairs = pairs.map(|(high, low)| (high as usize, low as usize));
        match &self.seen {
            Seen::Gram(gram) => {
                let tokens = self.tokens.max(1) as f64;
                for (out, (high, low)) in out.iter_mut().zip(pairs) {
                    *out = gram[kernel::in_triangle(high, low)] / tokens;
                }
            }
            Seen::Inputs(_) => {
                for (out, (high, low)) in out.iter_mut().zip(pairs) {
                    *out = self.moment(high, low);
                }
            }
        }
    }

    /// `U` with `UᵀU = (G + λI)⁻¹` for the means of products `G`, its columns in `order` (`[cols]`, each column
    /// once) and `λ` the share `damping` of the mean of its diagonal (Frantar et al. 2023, section 3.3).
    ///
    /// A column without input counts as one of average energy that is correlated with no other. Where the
    /// matrix is not positive-definite, the damping rises tenfold up to 1; `None` when that does not help.
    #[must_use]
    pub fn inverse_factor(&self, order: &[u32], damping: f64) -> Option<Factor> {
        let mut known = self.factor.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known_order, known_damping, factor)) = &*known
            && known_order == order
            && *known_damping == damping
        {
            return Some(factor.clone());
        }
        let factor = self.damped_factor(order, damping)?;
        *known = Some((order.to_vec(), damping, factor.clone()));
        Some(factor)
    }

    fn damped_factor(&self, order: &[u32], damping: f64) -> Option<Factor> {
        let mean = (0..self.cols).map(|col| self.energy(col)).sum::<f64>() / self.cols as f64;
        if self.is_silent() {
            return None;
        }
        let damped = |damping: f64| {
            kernel::inverse_factor(self.cols, &|i, columns, out| {
                self.moments(order[i], &order[columns.clone()], out);
                if columns.contains(&i)
                    && let Some(diagonal) = out.last_mut()
                {
                    *diagonal = damping * mean + if *diagonal > 0.0 { *diagonal } else { mean };
                }
            })
        };
        let raised = std::iter::successors(Some(damping), |last| Some(last * 10.0));
        raised
            .take_while(|damping| *damping <= 1.0)
            .find_map(|damping| {
                let values = Arc::new(damped(damping)?);
                Some(Factor { values, damping })
            })
    }

    /// `‖X (W − Q)ᵀ‖² / ‖X Wᵀ‖²`: what share of the energy of the layer's outputs the change is; `None` when
    /// the outputs are all 0.
    #[must_use]
    pub fn output_error(&self, weight: &Matrix, changed: &Matrix) -> Option<f64> {
        let [whole, change] = self.energies([&weight.data, &difference(weight, changed)]);
        (whole > 0.0).then(|| change.max(0.0) / whole)
    }

    /// `‖X (W − Q)ᵀ‖²`.
    #[must_use]
    pub fn output_change(&self, weight: &Matrix, changed: &Matrix) -> f64 {
        let [change] = self.energies([&difference(weight, changed)]);
        change.max(0.0)
    }

    /// `‖X Dᵀ‖²` for each `D` `[rows, cols]` of `matrices`.
    fn energies<const N: usize>(&self, matrices: [&[f32]; N]) -> [f64; N] {
        match &self.seen {
            Seen::Gram(gram) => kernel::output_energies(matrices, gram, self.cols),
            Seen::Inputs(all) => matrices.map(|each| kernel::output_energy(each, all, self.cols)),
        }
    }
}

fn difference(weight: &Matrix, changed: &Matrix) -> Vec<f32> {
    let pairs = weight.data.iter().zip(&changed.data);
    pairs.map(|(a, b)| a - b).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats() -> InputStats {
        let mut stats = InputStats::new(3);
        stats.add(&[1.0, 2.0, 0.0, -3.0, 1.0, 0.0]);
        stats
    }

    #[test]
    fn means_are_over_tokens() {
        let stats = stats();
        assert_eq!(
            (stats.tokens(), stats.energy(0), stats.mean_absolute(0)),
            (2, 5.0, 2.0)
        );
        assert_eq!((stats.moment(0, 1), stats.moment(1, 0)), (-0.5, -0.5));
        assert!(!stats.is_silent() && InputStats::new(3).is_silent());
    }

    #[test]
    fn a_column_without_input_changes_no_other() {
        let factor = stats().inverse_factor(&[2, 0, 1], 0.01).expect("a factor");
        assert_eq!(factor.values.row(0)[1..], [0.0, 0.0]);
        assert!(factor.values.row(0)[0] > 0.0 && factor.damping == 0.01);
        assert!(
            InputStats::new(3)
                .inverse_factor(&[0, 1, 2], 0.01)
                .is_none()
        );
    }

    #[test]
    fn damping_rises_where_the_matrix_is_singular() {
        let mut stats = InputStats::new(2);
        stats.add(&[1.0, 1.0]);
        let factor = stats.inverse_factor(&[0, 1], 1e-17).expect("a factor");
        assert!(
            factor.damping > 1e-17 && factor.damping < 1e-10,
            "{}",
            factor.damping
        );
        let said = factor.raised(1e-17).expect("a clause");
        assert!(said.contains(&factor.damping.to_string()), "{said}");
        assert_eq!(factor.raised(factor.damping), None);
    }

    #[test]
    fn few_inputs_that_are_only_measured_by_say_what_their_gram_matrix_says() {
        let (cols, tokens, rows) = (70, 34, 300);
        let values = |n: usize, from: usize| -> Vec<f32> {
            (from..from + n).map(|i| (i as f32).sin()).collect()
        };
        let matrix = |from| Matrix {
            rows,
            cols,
            data: values(rows * cols, from),
        };
        let mut kept = InputStats::wanted_for(Purpose::Measure, cols, tokens);
        let mut gram = InputStats::wanted_for(Purpose::Compress, cols, tokens);
        assert!(matches!(kept.seen, Seen::Inputs(_)) && matches!(gram.seen, Seen::Gram(_)));
        for stats in [&mut kept, &mut gram] {
            stats.add(&values(4 * cols, 1));
            stats.add(&values((tokens - 4) * cols, 9));
        }
        let (weight, changed) = (matrix(3), matrix(4));
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-5 * b.abs().max(1.0), "{a} {b}");
        near(
            kept.output_change(&weight, &changed),
            gram.output_change(&weight, &changed),
        );
        let [one, other] = [&kept, &gram].map(|stats| stats.output_error(&weight, &changed));
        near(one.expect("outputs"), other.expect("outputs"));
        near(kept.energy(5), gram.energy(5));
        near(kept.moment(5, 69), gram.moment(5, 69));
    }

    #[test]
    fn the_error_is_a_share_of_the_output() {
        let matrix = |data: &[f32]| Matrix {
            rows: 1,
            cols: 3,
            data: data.to_vec(),
        };
        let weight = matrix(&[1.0, 0.0, 7.0]);
        assert_eq!(stats().output_error(&weight, &weight), Some(0.0));
        // The third column has no input.
        assert_eq!(
            stats().output_error(&weight, &matrix(&[0.5, 0.0, 0.0])),
            Some(0.25)
        );
        assert_eq!(
            stats().output_error(&matrix(&[0.0, 0.0, 1.0]), &weight),
            None
        );
    }
}

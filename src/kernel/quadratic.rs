//! Quadratic forms of a few dozen columns.

use super::lanes::dots;

/// Rows that are multiplied together.
const ROWS: usize = 4;

/// `dᵀ G d` for a symmetric `G`.
#[derive(Debug, Clone)]
pub struct Quadratic {
    width: usize,
    /// Rows of the lower triangle, what lies beside the diagonal twice; zeros above it, and whole rows of zeros at the end.
    rows: Vec<f32>,
}

impl Quadratic {
    /// Takes `width * width` numbers, of which those of the lower triangle are asked for.
    #[must_use]
    pub fn new(width: usize, gram: impl Fn(usize, usize) -> f32) -> Self {
        let mut rows = vec![0.0; width.next_multiple_of(ROWS) * width];
        for i in 0..width {
            for j in 0..=i {
                let twice = if i == j { 1.0 } else { 2.0 };
                rows[i * width + j] = twice * gram(i, j);
            }
        }
        Self { width, rows }
    }

    /// Its value for `difference`, `[width]`.
    ///
    /// # Panics
    /// When it is not as wide.
    #[must_use]
    pub fn of(&self, difference: &[f32]) -> f32 {
        assert_eq!(difference.len(), self.width);
        let mut energy = 0.0;
        for (block, rows) in self
            .rows
            .chunks_exact((ROWS * self.width).max(1))
            .enumerate()
        {
            let rows: [&[f32]; ROWS] =
                std::array::from_fn(|row| &rows[row * self.width..][..self.width]);
            let first = block * ROWS;
            // Beyond, the rows are nothing.
            let seen = (first + ROWS).min(self.width);
            let products = dots(rows, [difference], seen);
            for ([product], d) in products.into_iter().zip(&difference[first..]) {
                energy += product * d;
            }
        }
        energy
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn every_width_agrees_with_the_definition() {
        for width in 0..=70 {
            let gram = |i: usize, j: usize| number(i * j + i + j);
            let difference: Vec<f32> = (0..width).map(|i| number(3 * i + 1)).collect();
            let exact: f64 = (0..width * width)
                .map(|place| (place / width, place % width))
                .map(|(i, j)| f64::from(gram(i, j)) * f64::from(difference[i] * difference[j]))
                .sum();
            let found = Quadratic::new(width, gram).of(&difference);
            // Sums of at most 70² products of order 1.
            assert!(
                (f64::from(found) - exact).abs() < 1e-4 * (width + 1) as f64,
                "{width}: {found} {exact}"
            );
        }
    }
}

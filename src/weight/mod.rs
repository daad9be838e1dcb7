//! How the weight matrix of one linear layer is stored. Arithmetic reads codes and scales, or row by row as f32, so a model
//! runs from the form that it is stored in.

pub mod bits;
mod dense;
pub mod ggml;
mod grid;
mod per_group;
mod quantized;
mod sparse;

pub use dense::{Dense, Floats, Storage};
pub use grid::{Grid, max_code, range};
pub use per_group::{PerGroup, TwoLevel};
pub use quantized::{Layout, Offset, Quantized};
pub use sparse::Sparse;

/// A weight matrix `[rows, cols]` = `[out_features, in_features]`.
#[derive(Debug, Clone, PartialEq)]
pub enum Weight {
    /// Every value, as the file had it.
    Dense(Dense),
    /// Integer codes with a scale, and a zero point or minimum, per group of columns.
    Quantized(Quantized),
    /// A bit per position and the values that are not zero.
    Sparse(Sparse),
}

/// An f32 matrix `[rows, cols]`, row-major: what methods read.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    pub rows: usize,
    pub cols: usize,
    /// `rows * cols` values.
    pub data: Vec<f32>,
}

impl Matrix {
    /// The values of one row.
    #[must_use]
    pub fn row(&self, row: usize) -> &[f32] {
        &self.data[row * self.cols..(row + 1) * self.cols]
    }
}

impl Weight {
    /// `[rows, cols]`.
    #[must_use]
    pub fn shape(&self) -> [usize; 2] {
        match self {
            Self::Dense(weight) => weight.shape(),
            Self::Quantized(weight) => weight.shape(),
            Self::Sparse(weight) => weight.shape(),
        }
    }

    /// Bytes of everything that is kept: codes or values, scales, zero points, minima, masks and offsets.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self {
            Self::Dense(weight) => weight.bytes(),
            Self::Quantized(weight) => weight.bytes(),
            Self::Sparse(weight) => weight.bytes(),
        }
    }

    /// Writes row `row` as f32 into `out`, which has `cols` places.
    pub fn read_row(&self, row: usize, out: &mut [f32]) {
        match self {
            Self::Dense(weight) => weight.read_row(row, out),
            Self::Quantized(weight) => weight.read_row(row, out),
            Self::Sparse(weight) => weight.read_row(row, out),
        }
    }

    /// The whole matrix as f32.
    #[must_use]
    pub fn to_matrix(&self) -> Matrix {
        let [rows, cols] = self.shape();
        let mut data = vec![0.0; rows * cols];
        for (row, out) in data.chunks_exact_mut(cols.max(1)).enumerate() {
            self.read_row(row, out);
        }
        Matrix { rows, cols, data }
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

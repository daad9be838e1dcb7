//! What became of one layer, for the report.

use crate::error::{Error, Result};
use crate::weight::Matrix;
use serde::{Deserialize, Serialize};

/// What became of one layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Layer {
    pub name: String,
    /// The number of its block, from 0; none for embedding and head.
    pub block: Option<usize>,
    /// What it is in its block: the last part of its name.
    pub role: String,
    pub method: String,
    pub rows: usize,
    pub cols: usize,
    pub bytes_before: usize,
    pub bytes_after: usize,
    /// 8 * bytes / (rows * cols), everything included.
    pub bits_per_weight: f64,
    /// Share of weights that are zero, 0 to 1.
    pub sparsity: f64,
    /// Energy of the change of its outputs on its calibration inputs, over that of the outputs; none where these
    /// are all 0. For embedding and head, which no inputs are seen of, that of the weights themselves.
    pub output_error: Option<f64>,
    pub seconds: f64,
    /// What was done instead of the method, and why.
    pub fallback: Option<String>,
}

/// What a layer is in its block: the last part of its name, with the one before it where other layers end alike.
pub(super) fn role(name: &str) -> String {
    let mut parts = name.rsplitn(3, '.');
    let (last, before) = (parts.next().unwrap_or_default(), parts.next());
    match before {
        Some(before) if last == "c_proj" => format!("{before}.{last}"),
        _ => last.to_owned(),
    }
}

/// Whether every value is a number; `first`: the place of its first row in the tensor.
pub(super) fn check_finite(name: &str, matrix: &Matrix, first: usize) -> Result<()> {
    match matrix.data.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(place) => Err(Error::NotFinite {
            tensor: format!("{name}.weight"),
            value: matrix.data[place],
            row: first + place / matrix.cols,
            col: place % matrix.cols,
        }),
    }
}

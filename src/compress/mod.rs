//! Compression: the methods, and the only walk over the layers of a model.

mod magnitude;
mod round_to_nearest;

use crate::error::{Error, Result};
use crate::model::{Linear, Model};
use crate::recipe::{Parameter, Settings};
use crate::weight::{Matrix, Storage, Weight};
use serde::Serialize;
use serde_json::{Map, Value};
use std::sync::Arc;
use web_time::Instant;

/// Every method, in the order of the catalog.
pub const METHODS: &[&Method] = &[&round_to_nearest::METHOD, &magnitude::METHOD];

/// A method as the catalog shows it, and how to make one from settings.
#[derive(Debug, Serialize)]
pub struct Method {
    pub name: &'static str,
    pub title: &'static str,
    /// One sentence for the reader.
    pub sentence: &'static str,
    pub kind: Kind,
    pub paper: Paper,
    pub parameters: &'static [Parameter],
    #[serde(skip)]
    pub build: fn(&Settings) -> Box<dyn Compressor>,
}

/// What a method does to a weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Quantization,
    Pruning,
}

/// Where a method or a score comes from.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Paper {
    pub title: &'static str,
    pub url: &'static str,
}

/// Compresses one weight matrix; it never sees a model.
pub trait Compressor {
    /// `weight` `[out_features, in_features]`, all finite; `storage` is the format that values which stay
    /// values keep. A problem is one clause, without the layer's name and without a full stop.
    fn compress(&self, weight: &Matrix, storage: Storage) -> std::result::Result<Weight, String>;
}

/// What became of one layer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Layer {
    pub name: String,
    pub method: &'static str,
    pub rows: usize,
    pub cols: usize,
    pub bytes_before: usize,
    pub bytes_after: usize,
    /// 8 * bytes / (rows * cols), everything included.
    pub bits_per_weight: f64,
    /// Share of weights that are zero, 0 to 1.
    pub sparsity: f64,
    pub seconds: f64,
}

/// The method of a name.
pub fn method(name: &str) -> Result<&'static Method> {
    METHODS
        .iter()
        .copied()
        .find(|method| method.name == name)
        .ok_or_else(|| Error::UnknownMethod {
            found: name.to_owned(),
            known: METHODS
                .iter()
                .map(|method| method.name)
                .collect::<Vec<_>>()
                .join(", "),
        })
}

/// Compresses every linear layer of every block; embedding, norms and head stay as they are. Calls
/// `progress` with the layer, its index and the number of layers before each.
pub fn compress(
    model: &Model,
    method: &Method,
    settings: &Map<String, Value>,
    progress: &mut dyn FnMut(&str, usize, usize),
) -> Result<(Model, Vec<Layer>)> {
    let compressor = (method.build)(&Settings::new(method.parameters, settings)?);
    let total = model.linears().count();
    let mut compressed = model.clone();
    let mut layers = Vec::with_capacity(total);
    for linear in compressed
        .blocks
        .iter_mut()
        .flat_map(super::model::Block::linears_mut)
    {
        progress(&linear.name, layers.len(), total);
        layers.push(compress_linear(linear, method.name, &*compressor)?);
    }
    Ok((compressed, layers))
}

fn compress_linear(
    linear: &mut Linear,
    method: &'static str,
    compressor: &dyn Compressor,
) -> Result<Layer> {
    let began = Instant::now();
    let storage = match &*linear.weight {
        Weight::Dense(dense) => dense.values().storage(),
        Weight::Quantized(_) | Weight::Sparse(_) => Storage::F16,
    };
    let matrix = linear.weight.to_matrix();
    check_finite(&linear.name, &matrix)?;
    let weight = compressor
        .compress(&matrix, storage)
        .map_err(|problem| Error::Layer {
            layer: linear.name.clone(),
            problem,
        })?;
    let (bytes_before, bytes_after) = (linear.weight.bytes(), weight.bytes());
    let seconds = began.elapsed().as_secs_f64();
    let zeros = weight
        .to_matrix()
        .data
        .iter()
        .filter(|value| **value == 0.0)
        .count();
    linear.weight = Arc::new(weight);
    let share = |count: usize| count as f64 / matrix.data.len() as f64;
    Ok(Layer {
        name: linear.name.clone(),
        method,
        rows: matrix.rows,
        cols: matrix.cols,
        bytes_before,
        bytes_after,
        bits_per_weight: share(8 * bytes_after),
        sparsity: share(zeros),
        seconds,
    })
}

fn check_finite(name: &str, matrix: &Matrix) -> Result<()> {
    match matrix.data.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(place) => Err(Error::NotFinite {
            tensor: format!("{name}.weight"),
            value: matrix.data[place],
            row: place / matrix.cols,
            col: place % matrix.cols,
        }),
    }
}

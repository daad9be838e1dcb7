//! Every weight written out in full, as Hugging Face transformers reads it.

use super::fold::Folds;
use super::folder::folder;
use super::matrix::{Matrix, matrices, tables};
use super::safetensors::Entry;
use super::{File, Format};
use crate::error::Result;
use crate::model::Model;

pub const FORMAT: Format = Format {
    name: "safetensors",
    title: "Hugging Face folder",
    sentence: "Every weight written out in full, for any program that reads Hugging Face models; as large as before \
               compression, or larger.",
    plan,
};

/// Dense and sparse weights keep their number format. Quantized ones become f32: loading the files gives the same logits.
fn plan(model: &Model) -> Result<Vec<File<'_>>> {
    let names = &model.family.tensors;
    let folds = Folds::default();
    let matrices = matrices(model, names, &folds);
    let entries = matrices.into_iter().chain(tables(model, names));
    folder(model, &folds, entries.map(entry).collect(), None)
}

/// A matrix written out.
pub fn entry(matrix: Matrix<'_>) -> Entry<'_> {
    let storage = matrix.storage();
    let name = format!("{}.weight", matrix.name);
    Entry::floats(name, storage, matrix.shape(), matrix.fill(storage))
}

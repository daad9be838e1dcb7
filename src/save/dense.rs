//! Every weight written out in full, as Hugging Face transformers reads it.

use super::stored::matrices;
use super::{Entry, Files, Format, folder};
use crate::error::Result;
use crate::model::Model;
use crate::weight::{Floats, Weight};

pub const FORMAT: Format = Format {
    name: "safetensors",
    title: "Hugging Face folder",
    sentence: "Every weight written out in full, for any program that reads Hugging Face models; as large as before \
               compression, or larger.",
    write,
};

/// Dense and sparse weights keep their number format. Quantized ones become f32, the narrowest common format that
/// holds every `scale * (code - zero_point)` exactly: loading the files gives the same logits.
fn write(model: &Model) -> Result<Files> {
    let linears = matrices(model).into_iter().map(|matrix| {
        let (shape, values) = matrix.values();
        Entry::floats(format!("{}.weight", matrix.name), shape, &values)
    });
    folder(model, linears.collect(), |fields| {
        fields.remove("quantization_config");
    })
}

/// The values of a weight, in the narrowest format that holds them.
pub(super) fn values(weight: &Weight) -> Floats {
    match weight {
        Weight::Dense(dense) => dense.values().clone(),
        Weight::Sparse(sparse) => Floats::from_f32(
            sparse.values().storage(),
            weight.to_matrix().data.into_iter(),
        ),
        Weight::Quantized(_) => Floats::F32(weight.to_matrix().data),
    }
}

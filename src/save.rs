//! A model back to files.

use crate::error::{Error, Result};
use crate::model::Model;
use crate::weight::{Floats, Storage, Weight};
use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Map, Value};
use std::sync::Arc;

/// The file model.safetensors with the names of Hugging Face, every weight written out in full.
///
/// Dense and sparse weights keep their number format. Quantized ones become f32, the narrowest common format
/// that holds every `scale * (code - zero_point)` exactly: loading the file gives the same logits.
pub fn safetensors(model: &Model) -> Result<Vec<u8>> {
    let names = &model.family.tensors;
    let mut tensors: Vec<(String, Vec<usize>, Floats)> = Vec::new();
    let mut vector = |name: String, values: &[f32]| {
        tensors.push((name, vec![values.len()], Floats::F32(values.to_vec())));
    };
    vector(names.norm.to_owned(), &model.norm);
    for (i, block) in model.blocks.iter().enumerate() {
        let prefix = format!("{}{i}.", names.block);
        vector(format!("{prefix}{}", names.input_norm), &block.input_norm);
        vector(format!("{prefix}{}", names.post_norm), &block.post_norm);
    }
    for linear in model.linears() {
        if let Some(bias) = &linear.bias {
            vector(format!("{}.bias", linear.name), bias);
        }
    }
    let mut matrix = |name: String, weight: &Weight| {
        tensors.push((name, weight.shape().to_vec(), values(weight)));
    };
    matrix(names.embedding.to_owned(), &model.embedding);
    if !Arc::ptr_eq(&model.embedding, &model.head) {
        matrix(names.head.to_owned(), &model.head);
    }
    for linear in model.linears() {
        matrix(format!("{}.weight", linear.name), &linear.weight);
    }
    let bytes: Vec<Vec<u8>> = tensors
        .iter()
        .map(|(_, _, values)| values.to_le_bytes())
        .collect();
    let views = tensors
        .iter()
        .zip(&bytes)
        .map(|((name, shape, values), bytes)| {
            let view = TensorView::new(dtype(values.storage()), shape.clone(), bytes);
            view.map(|view| (name, view))
                .map_err(|error| failed(&error))
        });
    let views = views.collect::<Result<Vec<_>>>()?;
    safetensors::serialize(views, None).map_err(|error| failed(&error))
}

/// config.json for the file of [`safetensors`]: the original, with the number format that all values fit.
pub fn config(original: &[u8]) -> Result<Vec<u8>> {
    let damaged = |error: serde_json::Error| Error::BadFile {
        file: "config.json".into(),
        problem: error.to_string(),
    };
    let mut fields: Map<String, Value> = serde_json::from_slice(original).map_err(damaged)?;
    for name in ["torch_dtype", "dtype"] {
        if let Some(field) = fields.get_mut(name) {
            *field = "float32".into();
        }
    }
    serde_json::to_vec_pretty(&fields).map_err(damaged)
}

fn values(weight: &Weight) -> Floats {
    match weight {
        Weight::Dense(dense) => dense.values().clone(),
        Weight::Sparse(sparse) => {
            Floats::from_f32(sparse.storage(), weight.to_matrix().data.into_iter())
        }
        Weight::Quantized(_) => Floats::F32(weight.to_matrix().data),
    }
}

fn dtype(storage: Storage) -> Dtype {
    match storage {
        Storage::F32 => Dtype::F32,
        Storage::F16 => Dtype::F16,
        Storage::BF16 => Dtype::BF16,
    }
}

fn failed(error: &safetensors::SafeTensorError) -> Error {
    Error::BadFile {
        file: "model.safetensors".into(),
        problem: format!("it could not be written ({error})"),
    }
}

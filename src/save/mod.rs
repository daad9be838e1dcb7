//! A model back to files: written out in full, packed, or as GGUF.

mod dense;
mod fold;
mod gguf;
mod packed;
mod stored;
mod vocabulary;

use crate::error::{Error, Result};
use crate::model::{Model, Norm, NormKind};
use crate::weight::{Floats, Storage, Weight};
use safetensors::tensor::{Dtype, TensorView};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Files by name.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A form that a model can be saved in.
#[derive(Debug, Serialize)]
pub struct Format {
    pub name: &'static str,
    pub title: &'static str,
    /// One sentence for the reader.
    pub sentence: &'static str,
    #[serde(skip)]
    pub write: fn(&Model) -> Result<Files>,
}

/// Every format, in the order of the catalog.
pub const FORMATS: &[&Format] = &[&dense::FORMAT, &packed::FORMAT, &gguf::FORMAT];

/// The format of a name.
pub fn format(name: &str) -> Result<&'static Format> {
    let names = || {
        FORMATS
            .iter()
            .map(|format| format.name)
            .collect::<Vec<_>>()
            .join(", ")
    };
    FORMATS
        .iter()
        .copied()
        .find(|format| format.name == name)
        .ok_or_else(|| Error::Setting {
            name: "format".into(),
            found: name.to_owned(),
            expected: format!("one of {} is needed", names()),
        })
}

/// A tensor on its way into a safetensors file.
struct Entry {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Entry {
    fn floats(name: String, shape: Vec<usize>, values: &Floats) -> Self {
        Self {
            name,
            dtype: match values.storage() {
                Storage::F32 => Dtype::F32,
                Storage::F16 => Dtype::F16,
                Storage::BF16 => Dtype::BF16,
            },
            shape,
            bytes: values.to_le_bytes(),
        }
    }

    fn vector(name: String, values: &[f32]) -> Self {
        Self::floats(name, vec![values.len()], &Floats::F32(values.to_vec()))
    }
}

/// The files of a Hugging Face folder: `linears` are the tensors of the linear layers, all else is written as
/// it is; `change` is applied to the fields of config.json.
fn folder(
    model: &Model,
    linears: Vec<Entry>,
    change: impl FnOnce(&mut Map<String, Value>),
) -> Result<Files> {
    let names = &model.family.tensors;
    let mut entries = norms(model);
    for matrix in stored::matrices(model) {
        if let Some(bias) = matrix.bias() {
            entries.push(Entry::vector(format!("{}.bias", matrix.name), &bias));
        }
    }
    let mut table = |name: &str, weight: &Weight| {
        let shape = weight.shape().to_vec();
        let name = format!("{name}.weight");
        entries.push(Entry::floats(name, shape, &dense::values(weight)));
    };
    table(names.embedding, &model.embedding);
    if let (Some(name), Some(positions)) = (names.positions, &model.positions) {
        table(name, positions);
    }
    if !model.is_tied() {
        table(names.head, &model.head);
    }
    entries.extend(linears);
    let mut fields = model.fields.to_map();
    for name in ["torch_dtype", "dtype"] {
        if let Some(field) = fields.get_mut(name) {
            // The narrowest format that every tensor fits.
            *field = "float32".into();
        }
    }
    fields.insert("tie_word_embeddings".into(), model.is_tied().into());
    change(&mut fields);
    let config =
        serde_json::to_vec_pretty(&fields).map_err(|error| failed("config.json", &error))?;
    let mut files = Files::from([
        ("config.json".to_owned(), config),
        ("model.safetensors".to_owned(), archive(&entries)?),
        ("tokenizer.json".to_owned(), model.tokenizer.json().to_vec()),
    ]);
    if let Some(template) = &model.chat_template {
        let name = "tokenizer_config.json";
        let json =
            serde_json::to_vec_pretty(template.fields()).map_err(|error| failed(name, &error))?;
        files.insert(name.to_owned(), json);
    }
    Ok(files)
}

/// Every norm, as files of the family hold it.
fn norms(model: &Model) -> Vec<Entry> {
    let names = &model.family.tensors;
    let mut entries = Vec::new();
    let mut add = |name: String, norm: &Norm| {
        let offset = match model.config.norm {
            NormKind::RmsPlusOne => 1.0,
            NormKind::Rms | NormKind::Layer => 0.0,
        };
        let scale: Vec<f32> = norm.scale.iter().map(|scale| scale - offset).collect();
        entries.push(Entry::vector(format!("{name}.weight"), &scale));
        if let Some(bias) = &norm.bias {
            entries.push(Entry::vector(format!("{name}.bias"), bias));
        }
    };
    add(names.norm.to_owned(), &model.norm);
    for (i, block) in model.blocks.iter().enumerate() {
        let pairs = [
            (Some(names.input_norm), Some(&block.input_norm)),
            (names.query_norm, block.query_norm.as_ref()),
            (names.key_norm, block.key_norm.as_ref()),
            (names.output_norm, block.output_norm.as_ref()),
            (Some(names.post_norm), Some(&block.post_norm)),
            (names.down_norm, block.down_norm.as_ref()),
        ];
        for (name, norm) in pairs {
            if let (Some(name), Some(norm)) = (name, norm) {
                add(format!("{}{i}.{name}", names.block), norm);
            }
        }
    }
    entries
}

fn archive(entries: &[Entry]) -> Result<Vec<u8>> {
    let file = "model.safetensors";
    let views = entries.iter().map(|entry| {
        let view = TensorView::new(entry.dtype, entry.shape.clone(), &entry.bytes);
        view.map(|view| (&entry.name, view))
            .map_err(|error| failed(file, &error))
    });
    safetensors::serialize(views.collect::<Result<Vec<_>>>()?, None)
        .map_err(|error| failed(file, &error))
}

fn failed(file: &str, error: &dyn std::fmt::Display) -> Error {
    Error::BadFile {
        file: file.to_owned(),
        problem: format!("it could not be written ({error})"),
    }
}

//! The files of a Hugging Face folder.

use super::fold::Folds;
use super::matrix::{convolutions, matrices, norms};
use super::safetensors::{Entry, file};
use super::{File, failed};
use crate::error::Result;
use crate::model::{Model, NormKind};
use serde_json::{Map, Value, json};

/// The files of a folder: `entries` are the matrices and tables; `quantization` is what config.json says of them.
pub fn folder<'m>(
    model: &'m Model,
    folds: &Folds,
    mut entries: Vec<Entry<'m>>,
    quantization: Option<Value>,
) -> Result<Vec<File<'m>>> {
    let names = &model.family.tensors;
    let offset = match model.config.norm {
        NormKind::RmsPlusOne => 1.0,
        NormKind::Rms | NormKind::Layer => 0.0,
    };
    for (name, norm) in norms(model, names, folds) {
        let scale = norm.scale.iter().map(|scale| scale - offset).collect();
        entries.push(Entry::vector(format!("{name}.weight"), scale));
        if let Some(bias) = &norm.bias {
            entries.push(Entry::vector(format!("{name}.bias"), bias.to_vec()));
        }
    }
    for matrix in matrices(model, names, folds) {
        if let Some(bias) = matrix.bias() {
            entries.push(Entry::vector(format!("{}.bias", matrix.name), bias));
        }
    }
    for (name, [channels, taps], values) in convolutions(model, names) {
        let shape = vec![channels, 1, taps];
        entries.push(Entry::small(
            format!("{name}.weight"),
            shape,
            values.to_vec(),
        ));
    }
    if let Some(bias) = &model.head_bias {
        entries.push(Entry::vector(format!("{}.bias", names.head), bias.to_vec()));
    }
    let mut notes = Map::from_iter([("format".to_owned(), "pt".into())]);
    if let Some(note) = model.origin.note() {
        notes.insert("description".into(), note.into());
    }
    let mut fields = model.family.write(&model.config);
    fields.extend(model.remarks.written());
    // The narrowest format that every tensor fits.
    fields.insert("torch_dtype".into(), "float32".into());
    if let Some(quantization) = quantization {
        fields.insert("quantization_config".into(), quantization);
    }
    Ok(vec![
        json_file("config.json", &fields)?,
        file("model.safetensors", entries, notes),
        File::new("tokenizer.json", model.tokenizer.json()?),
        json_file("tokenizer_config.json", &tokenizer_config(model)?)?,
        json_file("generation_config.json", &generation_config(model))?,
    ])
}

fn json_file<'m>(name: &str, fields: &Map<String, Value>) -> Result<File<'m>> {
    let bytes = serde_json::to_vec_pretty(fields).map_err(|error| failed(name, &error))?;
    Ok(File::new(name, bytes))
}

/// The ends of text, once more: some programs look for them here alone.
fn generation_config(model: &Model) -> Map<String, Value> {
    let mut fields = model.remarks.written();
    fields.retain(|name, value| name.ends_with("_id") && !value.is_null());
    fields.insert("eos_token_id".into(), json!(model.config.eos_token_ids));
    fields
}

/// Special tokens as texts, and the chat template with those that it may use.
fn tokenizer_config(model: &Model) -> Result<Map<String, Value>> {
    let begins = model.tokenizer.encode("")?;
    let mut fields = if let Some(template) = &model.chat_template {
        // A template without a token of some name does without it.
        template.fields().clone()
    } else {
        let first = model.remarks.bos_token_id.or(begins.first().copied());
        let last = model.config.eos_token_ids.first().copied();
        let named = [
            ("bos_token", first),
            ("eos_token", last),
            ("pad_token", model.remarks.pad_token_id),
        ];
        let text = |(name, id): (&str, Option<u32>)| {
            Some((name.to_owned(), model.tokenizer.token(id?)?.into()))
        };
        named.into_iter().filter_map(text).collect()
    };
    // Otherwise transformers chooses a class by the family, which may add tokens of its own.
    fields.insert("tokenizer_class".into(), "PreTrainedTokenizerFast".into());
    fields.insert("add_bos_token".into(), (!begins.is_empty()).into());
    Ok(fields)
}

//! What the files of a model hold and the model does not use.

use super::quantization;
use super::safetensors::Shards;
use crate::error::Result;

/// Names that a note shows.
const SHOWN: usize = 4;

/// A sentence about tensors that no part of the model is made of; an error where one of them says how others are quantized.
pub(super) fn note(shards: &Shards) -> Result<Option<String>> {
    let unused: Vec<&str> = shards
        .unused()
        .filter(|name| !is_made(shards, name))
        .collect();
    unused
        .iter()
        .try_for_each(|name| quantization::check_unused(name))?;
    let more = match unused.len() {
        0 => return Ok(None),
        count if count > SHOWN => format!(" and {} more", count - SHOWN),
        _ => String::new(),
    };
    let shown = unused[..unused.len().min(SHOWN)].join(", ");
    Ok(Some(format!(
        "Tensors of the files that this family has no place for are left out: {shown}{more}."
    )))
}

/// Whether a tensor follows from config.json: the frequencies of rotary embedding, masks, shapes of packed matrices.
fn is_made(shards: &Shards, name: &str) -> bool {
    let is_mask = || shards.shape(name).is_some_and(|shape| shape.len() != 1);
    name.ends_with(".inv_freq")
        || name.ends_with(".weight_shape")
        || name.ends_with("bias") && is_mask()
}

//! The border to the page: conversions only.

mod answerer;
mod engine;
mod experiment;
mod files;
#[cfg(feature = "gpu")]
mod graphics;
mod kept;
mod pieces;
mod reports;
mod speed;

use crate::load;
use crate::report;
use crate::validate::UncheckedRecipe;
use files::sources;
use js_sys::{Array, Error, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;

/// Called once, when the module is loaded.
#[wasm_bindgen(start)]
fn start() {
    crate::fault::report();
}

/// The methods, probes, families and their settings.
#[wasm_bindgen]
pub fn catalog() -> Result<JsValue, JsValue> {
    to_js(&report::catalog())
}

/// A recipe that can be run, `{recipe, problems}`, from what a link says, all of it texts; `settings` is an array of
/// `[key, text]`.
#[wasm_bindgen]
pub fn settle(
    method: Option<String>,
    settings: &Array,
    probes: Option<String>,
) -> Result<JsValue, JsValue> {
    let mut unchecked = UncheckedRecipe {
        method,
        settings: Vec::new(),
        probes,
    };
    for pair in settings.iter() {
        let pair: Array = pair.dyn_into()?;
        let text = |place| pair.get(place).as_string().unwrap_or_default();
        unchecked.settings.push((text(0), text(1)));
    }
    to_js(&unchecked.settle())
}

/// What a model needs, in bytes of memory, as it is and with its linear layers at `bits` bits, from config.json and the
/// beginnings of its other files.
///
/// `files` is an array of `{name, bytes}` with a `Uint8Array`, or `{name, blob}` with a `Blob` or `File` (in a worker), or
/// `{name, handle}` with a `FileSystemSyncAccessHandle`; `size` beside them says how long the whole file is where they
/// hold only its beginning.
#[wasm_bindgen]
pub fn fit(files: &Array, bits: u32, group_size: u32) -> Result<JsValue, JsValue> {
    let fit = load::fit(&sources(files)?).map_err(|error| to_error(&error))?;
    let object = to_js(&fit)?;
    for (name, bytes) in [
        ("dense_bytes", fit.dense_bytes()),
        (
            "compressed_bytes",
            fit.compressed_bytes(bits.into(), group_size.into()),
        ),
    ] {
        Reflect::set(&object, &name.into(), &(bytes as f64).into())?;
    }
    Ok(object)
}

/// The models to choose from where `files`, of the form of [`fit`], hold several: an array of `{name, files, bytes}`, with
/// the names of each one's files; empty where there is nothing to choose.
#[wasm_bindgen]
pub fn choices(files: &Array) -> Result<JsValue, JsValue> {
    let choices = load::choices(&sources(files)?);
    to_js(&choices.map_err(|error| to_error(&error))?)
}

fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    Ok(value.serialize(&serializer)?)
}

/// As objects that keep every bit: numbers of 64 bits as `BigInt`, rows of numbers as bytes.
fn to_message(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::new()
        .serialize_missing_as_null(true)
        .serialize_large_number_types_as_bigints(true);
    Ok(value.serialize(&serializer)?)
}

fn to_error(error: &crate::Error) -> JsValue {
    Error::new(&error.to_string()).into()
}

/// What went wrong, in the words of whoever says so.
fn message(problem: &JsValue) -> String {
    let message = Reflect::get(problem, &"message".into()).ok();
    let message = message.and_then(|message| message.as_string());
    message.unwrap_or_else(|| "the browser did not say why".into())
}

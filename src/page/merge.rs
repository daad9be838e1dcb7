//! Reports that were written before, at the border.

use super::{to_error, to_js};
use crate::report::{self, Reported};
use js_sys::{Array, Reflect};
use serde_wasm_bindgen::from_value;
use wasm_bindgen::prelude::*;

/// Several reports of one experiment as one: `{report, refused}`. `files` is an array of `{name, report}`, with each report as
/// its JSON says it.
#[wasm_bindgen]
pub fn merge(files: &Array) -> Result<JsValue, JsValue> {
    let files = files.iter().map(|file| {
        let name = Reflect::get(&file, &"name".into())?.as_string();
        let report = Reflect::get(&file, &"report".into())?;
        let read = Reported::read(|| from_value(report.clone()), || from_value(report.clone()));
        Ok((name.unwrap_or_default(), read))
    });
    let files = files.collect::<Result<Vec<_>, JsValue>>()?;
    to_js(&report::merge(files).map_err(|error| to_error(&error))?)
}

//! Reports that were written before, at the border.

use super::{to_error, to_js};
use crate::error::Error;
use crate::report::{self, Chosen, Reported};
use js_sys::{Array, Reflect};
use serde_wasm_bindgen::from_value;
use wasm_bindgen::prelude::*;

/// Several reports of one experiment as one: `{report, refused}`. `files` is an array of `{name, report}`, with each report as
/// its JSON says it.
#[wasm_bindgen]
pub fn merge(files: &Array) -> Result<JsValue, JsValue> {
    let files = files.iter().map(|file| read(&file));
    let files = files.collect::<Result<Vec<_>, JsValue>>()?;
    to_js(&report::merge(files).map_err(|error| to_error(&error))?)
}

/// Two sides of reports beside one another, as a report; each is `{name, report, which}`.
#[wasm_bindgen]
pub fn compare(left: &JsValue, right: &JsValue) -> Result<JsValue, JsValue> {
    let chosen = |side: &JsValue| {
        let (name, report) = read(side)?;
        let report =
            report.map_err(|reason| to_error(&Error::NotCompared(format!("{name} {reason}."))))?;
        let which = from_value(Reflect::get(side, &"which".into())?)?;
        Ok::<_, JsValue>(Chosen {
            name,
            report,
            which,
        })
    };
    let report = report::compare(&chosen(left)?, &chosen(right)?);
    to_js(&report.map_err(|error| to_error(&error))?)
}

/// A report with its name, or what it is instead.
fn read(file: &JsValue) -> Result<(String, Result<Reported, String>), JsValue> {
    let name = Reflect::get(file, &"name".into())?.as_string();
    let report = Reflect::get(file, &"report".into())?;
    let read = Reported::read(|| from_value(report.clone()), || from_value(report.clone()));
    Ok((name.unwrap_or_default(), read))
}

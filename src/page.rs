//! The border to the page: conversions only.

use crate::backend::Cpu;
use crate::classifier::Classifier;
use crate::evaluate::Scorer;
use crate::load::{self, Files};
use crate::model::Model;
use crate::report::{self, Baseline, Brought, Event, ModelSummary};
use crate::save;
use js_sys::{Array, Error, Function, JsString, Object, Reflect, Uint8Array};
use serde::Serialize;
use std::sync::Arc;
use wasm_bindgen::prelude::*;

/// Called once, when the module is loaded.
#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}

/// The methods, probes, families and their settings.
#[wasm_bindgen]
pub fn catalog() -> Result<JsValue, JsValue> {
    to_js(&report::catalog())
}

/// A model in a worker, with its scores before compression once they have been measured.
#[wasm_bindgen]
pub struct Engine {
    model: Model,
    baseline: Baseline,
    compressed: Option<Model>,
    /// Its text changes with every run.
    brought: Brought,
}

#[wasm_bindgen]
impl Engine {
    /// Reads a model from `files`, an array of `{name, bytes}`.
    pub fn load(name: &str, files: &Array) -> Result<Engine, JsValue> {
        let model = load::model(name, &contents(files)?).map_err(|error| to_error(&error))?;
        Ok(Self {
            model,
            baseline: Baseline::default(),
            compressed: None,
            brought: Brought::default(),
        })
    }

    /// Takes files of items for the next runs, an array of `{name, bytes}`: those of the authors under their `path`,
    /// those of the reader under their names; an empty array for none.
    pub fn take_items(&mut self, files: &Array) -> Result<(), JsValue> {
        self.brought.items = Arc::new(contents(files)?);
        Ok(())
    }

    /// Takes a classifier to score toxicity with in the next runs, from `files`, an array of `{name, bytes}`; an empty
    /// array for the built-in scorer. Gives the name of the scorer.
    pub fn take_classifier(&mut self, name: &str, files: &Array) -> Result<String, JsValue> {
        self.brought.scorer = if files.length() == 0 {
            Scorer::default()
        } else {
            let classifier = Classifier::new(name, &contents(files)?);
            classifier.map_err(|error| to_error(&error))?.scorer()
        };
        Ok(self.brought.scorer.name().to_owned())
    }

    /// The model in numbers.
    pub fn inspect(&self) -> Result<JsValue, JsValue> {
        to_js(&ModelSummary::new(&self.model))
    }

    /// Compresses and scores; `text` is `{name, content}`, to calibrate by, or null; `on_event` gets progress and the
    /// report so far.
    pub async fn run(
        &mut self,
        recipe: JsValue,
        text: JsValue,
        on_event: Function,
    ) -> Result<JsValue, JsValue> {
        let recipe = serde_wasm_bindgen::from_value(recipe)?;
        self.brought.text = serde_wasm_bindgen::from_value(text)?;
        let mut tell = |event: &Event| {
            if let Ok(event) = to_js(event) {
                // A listener that fails must not end the run.
                if let Err(problem) = on_event.call1(&JsValue::NULL, &event) {
                    web_sys::console::error_1(&problem);
                }
            }
        };
        self.compressed = None;
        let outcome = report::run(
            &self.model,
            Cpu,
            &recipe,
            &self.brought,
            &mut self.baseline,
            &mut tell,
        )
        .await;
        let (report, compressed) = outcome.map_err(|error| to_error(&error))?;
        self.compressed = Some(compressed);
        to_js(&report)
    }

    /// The files of the model that the last run compressed, an array of `{name, bytes}`.
    pub fn save(&self, format: &str) -> Result<Array, JsValue> {
        let Some(model) = &self.compressed else {
            return Err(
                Error::new("There is no compressed model yet: run a compression first.").into(),
            );
        };
        let write = || (save::format(format)?.write)(model);
        let files = Array::new();
        for (name, bytes) in write().map_err(|error| to_error(&error))? {
            let file = Object::new();
            Reflect::set(&file, &"name".into(), &name.into())?;
            Reflect::set(&file, &"bytes".into(), &Uint8Array::from(&bytes[..]))?;
            files.push(&file);
        }
        Ok(files)
    }
}

/// The files of an array of `{name, bytes}`.
fn contents(files: &Array) -> Result<Files, JsValue> {
    let mut contents = Files::new();
    for file in files.iter() {
        let name: JsString = Reflect::get(&file, &"name".into())?.dyn_into()?;
        let bytes: Uint8Array = Reflect::get(&file, &"bytes".into())?.dyn_into()?;
        contents.insert(name.into(), bytes.to_vec());
    }
    Ok(contents)
}

fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    Ok(value.serialize(&serializer)?)
}

fn to_error(error: &crate::Error) -> JsValue {
    Error::new(&error.to_string()).into()
}

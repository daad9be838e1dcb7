//! The border to the page: a module of its own, which a worker loads beside the engine's once a classifier is brought.

use super::Classifier;
use crate::error;
use crate::load::Files;
use js_sys::Error;
use wasm_bindgen::prelude::*;

/// Called once, when the module is loaded.
#[wasm_bindgen(start)]
fn start() {
    crate::fault::report();
}

/// The files of a classifier, as they come.
#[wasm_bindgen]
#[derive(Default)]
pub struct ClassifierFiles(Files);

#[wasm_bindgen]
impl ClassifierFiles {
    /// None yet.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one file.
    pub fn take(&mut self, name: String, bytes: Vec<u8>) {
        self.0.insert(name, bytes);
    }

    /// The classifier that they are.
    pub fn read(self, name: &str) -> Result<TextClassifier, JsValue> {
        let classifier = Classifier::new(name, &self.0);
        classifier
            .map(TextClassifier)
            .map_err(|error| to_error(&error))
    }
}

/// A classifier in a worker.
#[wasm_bindgen]
pub struct TextClassifier(Classifier);

#[wasm_bindgen]
impl TextClassifier {
    /// Its name with the hash of its files, as a report has it.
    #[must_use]
    pub fn name(&self) -> String {
        self.0.name()
    }

    /// The probability that a text is toxic.
    pub fn toxicity(&self, text: &str) -> Result<f64, JsValue> {
        self.0.toxicity(text).map_err(|error| to_error(&error))
    }
}

fn to_error(error: &error::Error) -> JsValue {
    Error::new(&error.to_string()).into()
}

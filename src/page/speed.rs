//! Measuring a device at the border.

use super::engine::Engine;
use super::{to_error, to_js};
use crate::backend::BackendName;
use crate::model::Model;
use crate::speed::{self, Load, SHAPES, Stored};
use std::sync::Arc;
use wasm_bindgen::prelude::*;

/// A model to measure with.
#[wasm_bindgen]
pub struct SpeedModel(Arc<Model>);

#[wasm_bindgen]
impl SpeedModel {
    /// That of an engine where no shape is named; else one of noise, of the shape of that name, stored as `stored` says.
    pub fn new(engine: &Engine, shape: Option<String>, stored: JsValue) -> Result<Self, JsValue> {
        let own = engine.model();
        let Some(name) = shape else {
            return Ok(Self(Arc::clone(own)));
        };
        let shape = SHAPES.iter().find(|shape| shape.name == name);
        let shape = shape.ok_or_else(|| JsValue::from_str("no such shape"))?;
        let stored: Stored = serde_wasm_bindgen::from_value(stored)?;
        let model = shape.model(stored, own).map_err(|error| to_error(&error))?;
        Ok(Self(Arc::new(model)))
    }

    /// Times it once; see [`speed::measure`].
    pub async fn measure(&self, load: JsValue) -> Result<JsValue, JsValue> {
        self.measure_on(BackendName::Cpu, load).await
    }
}

impl SpeedModel {
    pub(super) async fn measure_on(
        &self,
        backend: BackendName,
        load: JsValue,
    ) -> Result<JsValue, JsValue> {
        let load: Load = serde_wasm_bindgen::from_value(load)?;
        let speed = speed::measure(&self.0, backend, load).await;
        to_js(&speed.map_err(|error| to_error(&error))?)
    }
}

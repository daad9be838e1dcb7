//! The graphics card at the border: in a build of its own, for browsers that have one.

use super::engine::Engine;
use super::speed::SpeedModel;
use super::{to_error, to_js};
use crate::backend::{BackendName, Gpu};
use wasm_bindgen::prelude::*;

/// Opens the graphics card that this worker computes on. `adapter` is what the page calls it, for reports.
#[wasm_bindgen]
pub async fn open_graphics(adapter: String) -> Result<(), JsValue> {
    let opened = Gpu::prepare(&adapter).await;
    opened.map(drop).map_err(|error| to_error(&error))
}

#[wasm_bindgen]
impl Engine {
    /// Compares the graphics card, which must be open, with the processor on this model, once; from then on experiments run
    /// on it. An error says why it is not to be trusted.
    pub async fn prove(&mut self) -> Result<JsValue, JsValue> {
        let reference = self.reference();
        reference.inference.backend = BackendName::Gpu;
        let proved = reference.prove().await;
        if proved.is_err() {
            reference.inference.backend = BackendName::Cpu;
        }
        proved.map_err(|error| to_error(&error))?;
        to_js(&reference.proof)
    }
}

#[wasm_bindgen]
impl SpeedModel {
    /// As [`measure`](Self::measure), on the graphics card, which must be open.
    pub async fn measure_on_graphics(&self, load: JsValue) -> Result<JsValue, JsValue> {
        self.measure_on(BackendName::Gpu, load).await
    }
}

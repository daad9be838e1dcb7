//! Answering at the border: what a worker needs to answer for another.

use super::files::PageFile;
use super::{to_error, to_message};
use crate::evaluate::{Asker, Cost, Inference, Reply, Request, Template, Variant, VariantAsker};
use crate::wire;
use js_sys::Error;
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::sync::Arc;
use wasm_bindgen::prelude::*;

/// How models are asked in an experiment: plain data, which another worker takes up.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Asking {
    pub template: Template,
    pub inference: Inference,
}

/// What an answer to some requests is.
#[derive(Serialize, Deserialize)]
pub(super) struct Answer {
    pub replies: Vec<Reply>,
    /// What they took.
    pub cost: Cost,
}

/// Who answers for the model before and after compression; each away while it answers.
#[derive(Default)]
pub(super) struct Askers([Cell<Option<VariantAsker>>; 2]);

impl Askers {
    /// From here on this variant answers for a side.
    pub fn set(&self, side: usize, variant: &Variant, template: Template) -> Result<(), JsValue> {
        let asker = variant.asker(template).map_err(|error| to_error(&error))?;
        self.place(side)?.set(Some(asker));
        Ok(())
    }

    pub async fn answer(&self, side: usize, requests: JsValue) -> Result<JsValue, JsValue> {
        let requests: Vec<Request> = serde_wasm_bindgen::from_value(requests)?;
        let place = self.place(side)?;
        let mut asker = place.take().ok_or_else(busy)?;
        let before = asker.cost();
        let replies = asker.answer(&requests, &mut |_| {}).await;
        let after = asker.cost();
        place.set(Some(asker));
        let replies = replies.map_err(|error| to_error(&error))?;
        let cost = Cost {
            tokens: after.tokens - before.tokens,
            seconds: after.seconds - before.seconds,
        };
        to_message(&Answer { replies, cost })
    }

    fn place(&self, side: usize) -> Result<&Cell<Option<VariantAsker>>, JsValue> {
        self.0.get(side).ok_or_else(busy)
    }
}

pub(super) fn busy() -> JsValue {
    Error::new("This experiment is being worked on: wait until what was asked of it is done.")
        .into()
}

/// Answers for an experiment that another worker conducts.
#[wasm_bindgen]
pub struct Answerer {
    asking: Asking,
    askers: Askers,
}

impl Answerer {
    pub(super) fn new(reference: &Variant, asking: Asking) -> Result<Self, JsValue> {
        let reference = Variant::with(Arc::clone(&reference.model), asking.inference);
        let askers = Askers::default();
        askers.set(0, &reference, asking.template)?;
        Ok(Self { asking, askers })
    }
}

#[wasm_bindgen]
impl Answerer {
    /// Takes up the model that the other worker compressed: `file`, of the form of [`fit`](super::fit), holds what
    /// [`Experiment::hand_over`](super::experiment::Experiment::hand_over) wrote.
    pub fn take(&self, file: &JsValue) -> Result<(), JsValue> {
        let model = wire::read(&PageFile::new(file)?).map_err(|error| to_error(&error))?;
        let compressed = Variant::with(Arc::new(model), self.asking.inference);
        self.askers.set(1, &compressed, self.asking.template)
    }

    /// As [`Experiment::answer`](super::experiment::Experiment::answer).
    pub async fn answer(&self, side: usize, requests: JsValue) -> Result<JsValue, JsValue> {
        self.askers.answer(side, requests).await
    }
}

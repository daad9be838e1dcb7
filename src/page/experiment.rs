//! An experiment at the border: compressing, answering and scoring are calls of their own, so that whoever asks can
//! share out what is to be answered.

use super::kept::Kept;
use super::{message, to_error, to_js};
use crate::error::Result as Outcome;
use crate::evaluate::{Asker, CHUNK, Cost, Reply, Request, Variant, VariantAsker};
use crate::report::{self, Event, Side};
use js_sys::{Error, Function, Promise};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// A recipe for the model of an engine, prepared; and its report as far as it is.
#[wasm_bindgen]
pub struct Experiment {
    /// Away while it compresses or scores.
    state: Cell<Option<State>>,
    /// Before and after compression; each away while it answers.
    askers: [Cell<Option<VariantAsker>>; 2],
    kept: Rc<Kept>,
}

struct State {
    experiment: report::Experiment,
    /// What was compressed last.
    compressed: Option<Variant>,
}

/// What an answer to some requests is.
#[derive(Serialize, Deserialize)]
struct Answer {
    replies: Vec<Reply>,
    /// What they took.
    tokens: usize,
}

impl Experiment {
    pub(super) fn new(experiment: report::Experiment, kept: Rc<Kept>) -> Result<Self, JsValue> {
        let reference = experiment.reference().asker(experiment.template());
        let reference = reference.map_err(|error| to_error(&error))?;
        let state = State {
            experiment,
            compressed: None,
        };
        Ok(Self {
            state: Cell::new(Some(state)),
            askers: [Cell::new(Some(reference)), Cell::new(None)],
            kept,
        })
    }

    fn take(&self) -> Result<State, JsValue> {
        self.state.take().ok_or_else(busy)
    }
}

#[wasm_bindgen]
impl Experiment {
    /// The calibration seeds: for each of them in turn the model is to be compressed and scored.
    pub fn seeds(&self) -> Result<Vec<u32>, JsValue> {
        let state = self.take()?;
        let seeds = state.experiment.seeds().flat_map(u32::try_from).collect();
        self.state.set(Some(state));
        Ok(seeds)
    }

    /// Compresses the model by one seed. That of the first one is what the engine saves, and what the report is about.
    pub async fn compress(&self, seed: u32, on_event: Function) -> Result<(), JsValue> {
        let mut state = self.take()?;
        let compressed = state.compress(seed.into(), &on_event).await;
        let first = state.experiment.is_first(seed.into());
        let template = state.experiment.template();
        self.state.set(Some(state));
        let compressed = compressed.map_err(|error| to_error(&error))?;
        if first {
            *self.kept.compressed.borrow_mut() = Some(Arc::clone(&compressed.model));
        }
        let asker = compressed.asker(template);
        let [_, after] = &self.askers;
        after.set(Some(asker.map_err(|error| to_error(&error))?));
        Ok(())
    }

    /// Answers requests: `side` is 0 for the model as it was loaded, 1 for the one that was compressed last. Requests
    /// and answer are objects that can cross to another worker.
    pub async fn answer(&self, side: usize, requests: JsValue) -> Result<JsValue, JsValue> {
        let requests: Vec<Request> = serde_wasm_bindgen::from_value(requests)?;
        let place = self.askers.get(side).ok_or_else(busy)?;
        let mut asker = place.take().ok_or_else(busy)?;
        let before = asker.cost().tokens;
        let replies = asker.answer(&requests, &mut |_| {}).await;
        let tokens = asker.cost().tokens - before;
        place.set(Some(asker));
        let replies = replies.map_err(|error| to_error(&error))?;
        to_message(&Answer { replies, tokens })
    }

    /// Scores the model before and after compression by `seed`. `ask` gets a side and requests, and gives a promise of
    /// what [`answer`](Self::answer) answers to them; `on_event` gets progress, and what the report gains.
    pub async fn score(&self, seed: u32, ask: Function, on_event: Function) -> Result<(), JsValue> {
        let mut state = self.take()?;
        let mut baseline = self.kept.baseline.take();
        let scored = state.score(seed.into(), &ask, &mut baseline, &on_event);
        let scored = scored.await;
        self.kept.baseline.set(baseline);
        self.state.set(Some(state));
        scored.map_err(|error| to_error(&error))
    }

    /// The report as far as it is.
    pub fn report(&self) -> Result<JsValue, JsValue> {
        let state = self.take()?;
        let report = state.experiment.report().map(to_js);
        self.state.set(Some(state));
        report.ok_or_else(|| to_error(&crate::Error::NotCompressed))?
    }
}

impl State {
    async fn compress(&mut self, seed: u64, on_event: &Function) -> Outcome<Variant> {
        let compressed = self
            .experiment
            .compress(seed, &mut teller(on_event))
            .await?;
        Ok(self.compressed.insert(compressed).clone())
    }

    async fn score(
        &mut self,
        seed: u64,
        ask: &Function,
        baseline: &mut report::Baseline,
        on_event: &Function,
    ) -> Outcome<()> {
        let asker = |side| PageAsker {
            ask: ask.clone(),
            side,
            tokens: 0,
        };
        let mut tell = teller(on_event);
        let compressed = self.compressed.clone().ok_or(crate::Error::NotCompressed)?;
        let variants = [self.experiment.reference().clone(), compressed];
        let sides = (0..).zip(variants).map(|(side, variant)| Side {
            variant,
            asker: asker(side),
        });
        let mut sides: Vec<_> = sides.collect();
        if self.experiment.is_first(seed) {
            self.experiment.score(&mut sides, baseline, &mut tell).await
        } else {
            let scoring = self.experiment.score_seed(seed, &mut sides, &mut tell);
            scoring.await
        }
    }
}

/// Asks by a function of the page.
struct PageAsker {
    ask: Function,
    side: u32,
    tokens: usize,
}

impl PageAsker {
    async fn answer_chunk(&self, requests: &[Request]) -> Result<Answer, JsValue> {
        let requests = to_message(&requests)?;
        let answer = self
            .ask
            .call2(&JsValue::NULL, &self.side.into(), &requests)?;
        let answer = JsFuture::from(Promise::resolve(&answer)).await?;
        Ok(serde_wasm_bindgen::from_value(answer)?)
    }
}

impl Asker for PageAsker {
    async fn answer(
        &mut self,
        requests: &[Request],
        progress: &mut dyn FnMut(usize),
    ) -> Outcome<Vec<Reply>> {
        let mut replies = Vec::with_capacity(requests.len());
        for chunk in requests.chunks(CHUNK) {
            progress(replies.len());
            let answer = self.answer_chunk(chunk).await;
            let answer = answer.map_err(|problem| crate::Error::Unanswered(message(&problem)))?;
            self.tokens += answer.tokens;
            replies.extend(answer.replies);
        }
        Ok(replies)
    }

    fn cost(&self) -> Cost {
        Cost {
            tokens: self.tokens,
        }
    }
}

/// Hands events over; a listener that fails must not end the run.
fn teller(on_event: &Function) -> impl FnMut(&Event) {
    |event| {
        let told = to_js(event).and_then(|event| on_event.call1(&JsValue::NULL, &event));
        if let Err(problem) = told {
            web_sys::console::error_1(&problem);
        }
    }
}

/// As objects that keep every bit: numbers of 64 bits as `BigInt`, rows of numbers as bytes.
fn to_message(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::new()
        .serialize_missing_as_null(true)
        .serialize_large_number_types_as_bigints(true);
    Ok(value.serialize(&serializer)?)
}

fn busy() -> JsValue {
    Error::new("This experiment is being worked on: wait until what was asked of it is done.")
        .into()
}

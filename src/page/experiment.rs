//! An experiment at the border: compressing, answering and scoring are calls of their own, so that whoever asks can
//! share out what is to be answered.

use super::answerer::{Answer, Askers, Asking, busy};
use super::kept::Kept;
use super::pieces::Pieces;
use super::{message, to_error, to_js, to_message};
use crate::error::Result as Outcome;
use crate::evaluate::{Asker, CHUNK, Cost, Reply, Request, Variant};
use crate::report::{self, Event, Side};
use crate::wire;
use futures_util::FutureExt;
use js_sys::{Error, Function, Promise};
use std::cell::Cell;
use std::io::Write as _;
use std::rc::Rc;
use std::sync::Arc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// A recipe for the model of an engine, prepared; and its report as far as it is.
#[wasm_bindgen]
pub struct Experiment {
    /// Away while it compresses or scores.
    state: Cell<Option<State>>,
    askers: Askers,
    kept: Rc<Kept>,
}

struct State {
    experiment: report::Experiment,
    /// What was compressed last.
    compressed: Option<Variant>,
}

impl Experiment {
    pub(super) fn new(experiment: report::Experiment, kept: Rc<Kept>) -> Result<Self, JsValue> {
        let askers = Askers::default();
        askers.set(0, experiment.reference(), experiment.template())?;
        let state = State {
            experiment,
            compressed: None,
        };
        Ok(Self {
            state: Cell::new(Some(state)),
            askers,
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
    /// Now and then it waits for the promise that `pause` gives. Where there is an `ask`, of the form of
    /// [`score`](Self::score)'s, it is asked meanwhile what that will ask of the model before compression.
    pub async fn compress(
        &self,
        seed: u32,
        ask: Option<Function>,
        pause: Function,
        on_event: Function,
    ) -> Result<(), JsValue> {
        let mut state = self.take()?;
        let mut baseline = self.kept.baseline.take();
        let mut ahead = ask.map(|ask| PageAsker::new(ask, 0));
        let ahead = ahead.as_mut().map(|asker| (asker, &mut baseline));
        let compressing = state.compress(seed.into(), ahead, &pause, &on_event);
        let compressed = compressing.await;
        self.kept.baseline.set(baseline);
        let first = state.experiment.is_first(seed.into());
        let template = state.experiment.template();
        self.state.set(Some(state));
        let compressed = compressed.map_err(|error| to_error(&error))?;
        if first {
            *self.kept.compressed.borrow_mut() = Some(Arc::clone(&compressed.model));
        }
        self.askers.set(1, &compressed, template)
    }

    /// How models are asked here, for [`Engine::answerer`](super::engine::Engine::answerer) in another worker.
    pub fn asking(&self) -> Result<JsValue, JsValue> {
        let state = self.take()?;
        let asking = Asking {
            template: state.experiment.template(),
            inference: state.experiment.reference().inference,
        };
        self.state.set(Some(state));
        to_message(&asking)
    }

    /// Writes the model that was compressed last for [`Answerer::take`](super::answerer::Answerer::take) in another
    /// worker: `on_bytes` gets its bytes piece by piece.
    pub fn hand_over(&self, on_bytes: &Function) -> Result<(), JsValue> {
        let state = self.take()?;
        let compressed = state.compressed.clone();
        self.state.set(Some(state));
        let compressed = compressed.ok_or_else(|| to_error(&crate::Error::NotCompressed))?;
        let mut pieces = Pieces::new(on_bytes);
        let written = wire::write(&compressed.model, &mut pieces);
        let written = written.map_err(|error| to_error(&error));
        let written = written.and_then(|()| {
            let rest = pieces.flush();
            rest.map_err(|problem| Error::new(&problem.to_string()).into())
        });
        written.map_err(|problem| pieces.problem.unwrap_or(problem))
    }

    /// Answers requests: `side` is 0 for the model as it was loaded, 1 for the one that was compressed last. Requests
    /// and answer are objects that can cross to another worker.
    pub async fn answer(&self, side: usize, requests: JsValue) -> Result<JsValue, JsValue> {
        self.askers.answer(side, requests).await
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
    async fn compress(
        &mut self,
        seed: u64,
        ahead: Option<(&mut PageAsker, &mut report::Baseline)>,
        pause: &Function,
        on_event: &Function,
    ) -> Outcome<Variant> {
        let pause = || {
            let promise = pause.call0(&JsValue::NULL);
            async {
                if let Ok(promise) = promise {
                    let _ = JsFuture::from(Promise::resolve(&promise)).await;
                }
            }
            .boxed_local()
        };
        let tell = &mut teller(on_event);
        let compressing = self.experiment.compress(seed, ahead, &pause, tell);
        let compressed = compressing.await?;
        Ok(self.compressed.insert(compressed).clone())
    }

    async fn score(
        &mut self,
        seed: u64,
        ask: &Function,
        baseline: &mut report::Baseline,
        on_event: &Function,
    ) -> Outcome<()> {
        let asker = |side| PageAsker::new(ask.clone(), side);
        let mut tell = teller(on_event);
        let compressed = self.compressed.clone().ok_or(crate::Error::NotCompressed)?;
        let variants = [self.experiment.reference().clone(), compressed];
        let sides = (0..).zip(variants).map(|(side, variant)| Side {
            variant,
            asker: asker(side),
            original: None,
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
    cost: Cost,
}

impl PageAsker {
    fn new(ask: Function, side: u32) -> Self {
        Self {
            ask,
            side,
            cost: Cost::default(),
        }
    }

    /// Puts some requests, and gives the promise of their answer.
    fn put(&self, requests: &[Request]) -> Result<JsFuture, JsValue> {
        let requests = to_message(&requests)?;
        let answer = self
            .ask
            .call2(&JsValue::NULL, &self.side.into(), &requests)?;
        Ok(JsFuture::from(Promise::resolve(&answer)))
    }
}

impl Asker for PageAsker {
    /// All chunks are put at once, for whoever is free.
    async fn answer(
        &mut self,
        requests: &[Request],
        progress: &mut dyn FnMut(usize),
    ) -> Outcome<Vec<Reply>> {
        let unanswered = |problem: JsValue| crate::Error::Unanswered(message(&problem));
        let put = requests.chunks(CHUNK).map(|chunk| self.put(chunk));
        let put = put.collect::<Result<Vec<JsFuture>, JsValue>>();
        let mut replies = Vec::with_capacity(requests.len());
        for promised in put.map_err(unanswered)? {
            progress(replies.len());
            let answer = promised.await.map_err(unanswered)?;
            let answer: Answer = serde_wasm_bindgen::from_value(answer)
                .map_err(|problem| unanswered(problem.into()))?;
            self.cost.tokens += answer.cost.tokens;
            self.cost.seconds += answer.cost.seconds;
            replies.extend(answer.replies);
        }
        Ok(replies)
    }

    fn cost(&self) -> Cost {
        self.cost
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

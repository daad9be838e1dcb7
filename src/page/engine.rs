//! A model in a worker.

use super::answerer::Answerer;
use super::experiment::Experiment;
use super::files::{contents, sources};
use super::kept::Kept;
use super::pieces::Pieces;
use super::{message, to_error, to_js};
use crate::calibrate::Text;
use crate::error::Error;
use crate::evaluate::Variant;
use crate::evaluate::toxicity::Scorer;
use crate::load;
use crate::model::Model;
use crate::recipe::Recipe;
use crate::report::{self, ModelSummary, UserInputs};
use crate::save;
use crate::text;
use js_sys::{Array, Function};
use send_wrapper::SendWrapper;
use std::io::Write as _;
use std::rc::Rc;
use std::sync::Arc;
use wasm_bindgen::prelude::*;

/// A model in a worker, with its scores before compression once they have been measured.
#[wasm_bindgen]
pub struct Engine {
    reference: Variant,
    inputs: UserInputs,
    kept: Rc<Kept>,
}

#[wasm_bindgen]
impl Engine {
    /// Reads a model from `files`; see [`fit`](super::fit) for their form. They are read range by range, one tensor after
    /// the other.
    pub fn load(name: &str, files: &Array) -> Result<Engine, JsValue> {
        let model = load::model(name, &sources(files)?).map_err(|error| to_error(&error))?;
        Ok(Self {
            reference: Variant::new(Arc::new(model)),
            inputs: UserInputs::default(),
            kept: Rc::default(),
        })
    }

    /// Takes files of items for the next experiments, an array of `{name, bytes}`: those of the authors under their
    /// `path`, those of the reader under their names; an empty array for none.
    pub fn take_items(&mut self, files: &Array) -> Result<(), JsValue> {
        self.inputs.items = Arc::new(contents(files)?);
        Ok(())
    }

    /// Takes what gives texts their toxicity in the next experiments: `score` takes a text and gives a probability, or
    /// throws an error; the built-in scorer where it is left out.
    pub fn take_scorer(&mut self, name: String, score: Option<Function>) {
        self.inputs.scorer = score.map_or_else(Scorer::default, |score| {
            // A worker is one thread.
            let score = SendWrapper::new(score);
            Scorer::new(name, move |text| {
                let given = score.call1(&JsValue::NULL, &text.into());
                let problem = match given.map(|value| value.as_f64()) {
                    Ok(Some(probability)) => return Ok(probability),
                    Ok(None) => "it gave no number".to_owned(),
                    Err(problem) => message(&problem),
                };
                let problem = problem.trim_end_matches('.').to_owned();
                Err(Error::Scorer { problem })
            })
        });
    }

    /// The model in numbers.
    pub fn inspect(&self) -> Result<JsValue, JsValue> {
        to_js(&ModelSummary::new(&self.reference.model))
    }

    /// What each of these tokens stands for, an array of `{bytes, special}`.
    pub fn token_texts(&self, tokens: &[u32]) -> Result<JsValue, JsValue> {
        to_js(&self.reference.model.tokenizer.token_texts(tokens))
    }

    /// Prepares an experiment: checks the recipe, and makes all that will be asked. `text` is `{name, content}`, to
    /// calibrate by, or null.
    pub fn experiment(&self, recipe: &JsValue, text: JsValue) -> Result<Experiment, JsValue> {
        // Through JSON: the deserializer of objects passes over keys that it does not know.
        let recipe: Option<String> = js_sys::JSON::stringify(recipe)?.as_string();
        let recipe = Recipe::from_json(&recipe.unwrap_or_default());
        let recipe = recipe.map_err(|error| to_error(&error))?;
        let text = serde_wasm_bindgen::from_value::<Option<Text>>(text)?
            .map(|Text { name, content }| {
                let content = text::read(&name, content.as_bytes())?;
                Ok(Text { name, content })
            })
            .transpose()
            .map_err(|error| to_error(&error))?;
        let inputs = UserInputs {
            text,
            ..self.inputs.clone()
        };
        let experiment = report::Experiment::new(self.reference.clone(), &recipe, &inputs);
        let experiment = experiment.map_err(|error| to_error(&error))?;
        Experiment::new(experiment, Rc::clone(&self.kept))
    }

    /// Answers for an experiment that another worker conducts on the same model, as its
    /// [`asking`](Experiment::asking) says.
    pub fn answerer(&self, asking: JsValue) -> Result<Answerer, JsValue> {
        Answerer::new(&self.reference, serde_wasm_bindgen::from_value(asking)?)
    }

    /// What each format makes of the model that was compressed last, an array of `{name, bytes, problem}`: the length
    /// of its files, or why it cannot hold the model.
    pub fn formats(&self) -> Result<JsValue, JsValue> {
        to_js(&save::offers(&*self.compressed()?))
    }

    /// Writes the files of the model that was compressed last: `on_file` hears the name of each as it begins,
    /// `on_bytes` its bytes piece by piece.
    pub fn save(
        &self,
        format: &str,
        on_file: &Function,
        on_bytes: &Function,
    ) -> Result<(), JsValue> {
        let model = self.compressed()?;
        let plan = save::format(format).and_then(|format| (format.plan)(&model));
        for file in plan.map_err(|error| to_error(&error))? {
            on_file.call1(&JsValue::NULL, &file.name.as_str().into())?;
            let mut pieces = Pieces::new(on_bytes);
            let written = file.write(&mut pieces).and_then(|()| pieces.flush());
            written.map_err(|problem| {
                pieces
                    .problem
                    .unwrap_or_else(|| js_sys::Error::new(&problem.to_string()).into())
            })?;
        }
        Ok(())
    }
}

impl Engine {
    pub(super) fn model(&self) -> &Arc<Model> {
        &self.reference.model
    }

    #[cfg(feature = "gpu")]
    pub(super) fn reference(&mut self) -> &mut Variant {
        &mut self.reference
    }

    fn compressed(&self) -> Result<Arc<Model>, JsValue> {
        let compressed = self.kept.compressed.borrow().clone();
        compressed.ok_or_else(|| to_error(&crate::Error::NotCompressed))
    }
}

//! The border to the page: conversions only.

use crate::backend::Cpu;
use crate::calibrate::Text;
use crate::classifier::Classifier;
use crate::evaluate::toxicity::Scorer;
use crate::load::{self, Files, Source};
use crate::model::Model;
use crate::recipe::Recipe;
use crate::report::{self, Baseline, Event, ModelSummary, UserInputs};
use crate::save;
use crate::text;
use crate::validate::UncheckedRecipe;
use js_sys::{Array, Error, Function, JsString, Reflect, Uint8Array};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, FileReaderSync, FileSystemReadWriteOptions, FileSystemSyncAccessHandle};

/// Called once, when the module is loaded.
#[wasm_bindgen(start)]
fn start() {
    std::panic::set_hook(Box::new(|problem| {
        console_error_panic_hook::hook(problem);
        let place = problem.location().map(ToString::to_string);
        // What would follow is a trap, which says nothing.
        wasm_bindgen::throw_str(&format!(
            "The engine has stopped at a fault of its own ({}). Load the model again to go on; please report this.",
            place.unwrap_or_default()
        ));
    }));
}

/// The methods, probes, families and their settings.
#[wasm_bindgen]
pub fn catalog() -> Result<JsValue, JsValue> {
    to_js(&report::catalog())
}

/// A recipe that can be run, `{recipe, problems}`, from what a link says, all of it texts; `settings` is an array of
/// `[key, text]`.
#[wasm_bindgen]
pub fn settle(
    method: Option<String>,
    settings: &Array,
    probes: Option<String>,
) -> Result<JsValue, JsValue> {
    let mut unchecked = UncheckedRecipe {
        method,
        settings: Vec::new(),
        probes,
    };
    for pair in settings.iter() {
        let pair: Array = pair.dyn_into()?;
        let text = |place| pair.get(place).as_string().unwrap_or_default();
        unchecked.settings.push((text(0), text(1)));
    }
    to_js(&unchecked.settle())
}

/// What a model needs, in bytes of memory, as it is and with its linear layers at `bits` bits, from config.json and the
/// beginnings of its other files.
///
/// `files` is an array of `{name, bytes}` with a `Uint8Array`, or `{name, blob}` with a `Blob` or `File` (in a worker), or
/// `{name, handle}` with a `FileSystemSyncAccessHandle`; `size` beside them says how long the whole file is where they
/// hold only its beginning.
#[wasm_bindgen]
pub fn fit(files: &Array, bits: u32, group_size: u32) -> Result<JsValue, JsValue> {
    let fit = load::fit(&sources(files)?).map_err(|error| to_error(&error))?;
    let object = to_js(&fit)?;
    for (name, bytes) in [
        ("dense_bytes", fit.dense_bytes()),
        (
            "compressed_bytes",
            fit.compressed_bytes(bits.into(), group_size.into()),
        ),
    ] {
        Reflect::set(&object, &name.into(), &(bytes as f64).into())?;
    }
    Ok(object)
}

/// The models to choose from where `files`, of the form of [`fit`], hold several: an array of `{name, files, bytes}`, with
/// the names of each one's files; empty where there is nothing to choose.
#[wasm_bindgen]
pub fn choices(files: &Array) -> Result<JsValue, JsValue> {
    let choices = load::choices(&sources(files)?);
    to_js(&choices.map_err(|error| to_error(&error))?)
}

/// A file of the page.
struct PageFile {
    content: Content,
    /// Bytes that can be read.
    known: u64,
    size: u64,
}

enum Content {
    Bytes(Uint8Array),
    Blob(Blob),
    Handle(FileSystemSyncAccessHandle),
}

fn sources(files: &Array) -> Result<BTreeMap<String, PageFile>, JsValue> {
    let mut sources = BTreeMap::new();
    for file in files.iter() {
        let name: JsString = Reflect::get(&file, &"name".into())?.dyn_into()?;
        sources.insert(name.into(), PageFile::new(&file)?);
    }
    Ok(sources)
}

impl PageFile {
    fn new(file: &JsValue) -> Result<Self, JsValue> {
        let part = |name: &str| Reflect::get(file, &name.into());
        let content = if let Ok(bytes) = part("bytes")?.dyn_into() {
            Content::Bytes(bytes)
        } else if let Ok(blob) = part("blob")?.dyn_into() {
            Content::Blob(blob)
        } else {
            Content::Handle(part("handle")?.dyn_into()?)
        };
        let known = match &content {
            Content::Bytes(bytes) => f64::from(bytes.length()),
            Content::Blob(blob) => blob.size(),
            Content::Handle(handle) => handle.get_size()?,
        };
        let size = part("size")?.as_f64().unwrap_or(known);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "lengths of files are whole numbers below 2^53"
        )]
        let [known, size] = [known, size].map(|size| size as u64);
        Ok(Self {
            content,
            known,
            size,
        })
    }

    fn fill(&self, start: u64, out: &mut [u8]) -> Result<(), JsValue> {
        let (from, to) = (start as f64, (start + out.len() as u64) as f64);
        match &self.content {
            Content::Bytes(bytes) => {
                let place = u32::try_from(start).unwrap_or(u32::MAX);
                let length = u32::try_from(out.len()).unwrap_or(u32::MAX);
                bytes
                    .subarray(place, place.saturating_add(length))
                    .copy_to(out);
            }
            Content::Blob(blob) => {
                let slice = blob.slice_with_f64_and_f64(from, to)?;
                let buffer = FileReaderSync::new()?.read_as_array_buffer(&slice)?;
                Uint8Array::new(&buffer).copy_to(out);
            }
            Content::Handle(handle) => {
                let options = FileSystemReadWriteOptions::new();
                options.set_at(from);
                let read = handle.read_with_u8_array_and_options(out, &options)?;
                if read != out.len() as f64 {
                    return Err(Error::new("fewer bytes came than were asked for").into());
                }
            }
        }
        Ok(())
    }
}

impl Source for PageFile {
    fn size(&self) -> Result<u64, String> {
        Ok(self.size)
    }

    fn read(&self, start: u64, out: &mut [u8]) -> Result<(), String> {
        if start.saturating_add(out.len() as u64) > self.known {
            return Err(format!("only its first {} bytes are known", self.known));
        }
        self.fill(start, out).map_err(|problem| {
            let message = Reflect::get(&problem, &"message".into()).ok();
            let message = message.and_then(|message| message.as_string());
            message.unwrap_or_else(|| "the browser did not say why".into())
        })
    }
}

/// A model in a worker, with its scores before compression once they have been measured.
#[wasm_bindgen]
pub struct Engine {
    model: Model,
    baseline: Baseline,
    compressed: Option<Model>,
    /// Its text changes with every run.
    inputs: UserInputs,
}

#[wasm_bindgen]
impl Engine {
    /// Reads a model from `files`; see [`fit`] for their form. They are read range by range, one tensor after the other.
    pub fn load(name: &str, files: &Array) -> Result<Engine, JsValue> {
        let model = load::model(name, &sources(files)?).map_err(|error| to_error(&error))?;
        Ok(Self {
            model,
            baseline: Baseline::default(),
            compressed: None,
            inputs: UserInputs::default(),
        })
    }

    /// Takes files of items for the next runs, an array of `{name, bytes}`: those of the authors under their `path`,
    /// those of the reader under their names; an empty array for none.
    pub fn take_items(&mut self, files: &Array) -> Result<(), JsValue> {
        self.inputs.items = Arc::new(contents(files)?);
        Ok(())
    }

    /// Takes a classifier to score toxicity with in the next runs, from `files`, an array of `{name, bytes}`; an empty
    /// array for the built-in scorer. Gives the name of the scorer.
    pub fn take_classifier(&mut self, name: &str, files: &Array) -> Result<String, JsValue> {
        self.inputs.scorer = if files.length() == 0 {
            Scorer::default()
        } else {
            let classifier = Classifier::new(name, &contents(files)?);
            classifier.map_err(|error| to_error(&error))?.scorer()
        };
        Ok(self.inputs.scorer.name().to_owned())
    }

    /// The model in numbers.
    pub fn inspect(&self) -> Result<JsValue, JsValue> {
        to_js(&ModelSummary::new(&self.model))
    }

    /// Compresses and scores; `text` is `{name, content}`, to calibrate by, or null; `on_event` gets progress and the
    /// report so far. A run that fails leaves what [`save`](Self::save) gives as it was, or as its own compression made it.
    pub async fn run(
        &mut self,
        recipe: JsValue,
        text: JsValue,
        on_event: Function,
    ) -> Result<JsValue, JsValue> {
        // Through JSON: the deserializer of objects passes over keys that it does not know.
        let recipe: Option<String> = js_sys::JSON::stringify(&recipe)?.as_string();
        let recipe = Recipe::from_json(&recipe.unwrap_or_default());
        let recipe = recipe.map_err(|error| to_error(&error))?;
        self.inputs.text = serde_wasm_bindgen::from_value::<Option<Text>>(text)?
            .map(|Text { name, content }| {
                let content = text::read(&name, content.as_bytes())?;
                Ok(Text { name, content })
            })
            .transpose()
            .map_err(|error| to_error(&error))?;
        let mut tell = |event: &Event| {
            if let Ok(event) = to_js(event) {
                // A listener that fails must not end the run.
                if let Err(problem) = on_event.call1(&JsValue::NULL, &event) {
                    web_sys::console::error_1(&problem);
                }
            }
        };
        let outcome = report::run(
            &self.model,
            Cpu,
            &recipe,
            &self.inputs,
            &mut self.baseline,
            &mut self.compressed,
            &mut tell,
        )
        .await;
        to_js(&outcome.map_err(|error| to_error(&error))?)
    }

    /// What each format makes of the model that the last run compressed, an array of `{name, bytes, problem}`: the
    /// length of its files, or why it cannot hold the model.
    pub fn formats(&self) -> Result<JsValue, JsValue> {
        to_js(&save::offers(self.compressed()?))
    }

    /// Writes the files of the model that the last run compressed: `on_file` hears the name of each as it begins,
    /// `on_bytes` its bytes piece by piece.
    pub fn save(
        &self,
        format: &str,
        on_file: &Function,
        on_bytes: &Function,
    ) -> Result<(), JsValue> {
        let model = self.compressed()?;
        let plan = save::format(format).and_then(|format| (format.plan)(model));
        for file in plan.map_err(|error| to_error(&error))? {
            on_file.call1(&JsValue::NULL, &file.name.as_str().into())?;
            let mut pieces = Pieces::new(on_bytes);
            let written = file.write(&mut pieces).and_then(|()| pieces.flush());
            written.map_err(|problem| {
                pieces
                    .problem
                    .unwrap_or_else(|| Error::new(&problem.to_string()).into())
            })?;
        }
        Ok(())
    }
}

impl Engine {
    fn compressed(&self) -> Result<&Model, JsValue> {
        let none =
            || Error::new("There is no compressed model yet: run a compression first.").into();
        self.compressed.as_ref().ok_or_else(none)
    }
}

/// Hands bytes over to the page in pieces of equal length.
struct Pieces<'f> {
    on_bytes: &'f Function,
    piece: Vec<u8>,
    /// What the page answered where it did not take a piece.
    problem: Option<JsValue>,
}

impl<'f> Pieces<'f> {
    const LENGTH: usize = 4 << 20;

    fn new(on_bytes: &'f Function) -> Self {
        Self {
            on_bytes,
            piece: Vec::with_capacity(Self::LENGTH),
            problem: None,
        }
    }
}

impl Write for Pieces<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(Self::LENGTH - self.piece.len());
        self.piece.extend(&bytes[..count]);
        if self.piece.len() == Self::LENGTH {
            self.flush()?;
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = Uint8Array::from(&self.piece[..]);
        self.piece.clear();
        self.on_bytes
            .call1(&JsValue::NULL, &piece)
            .map(drop)
            .map_err(|problem| {
                self.problem = Some(problem);
                io::Error::other("the page did not take it")
            })
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

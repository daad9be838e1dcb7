//! Compression: the methods, chains of them, and the only walk over the layers of a model.

mod awq;
mod gptq;
mod grid;
mod layer;
mod magnitude;
mod pattern;
mod round_to_nearest;
mod sketch;
mod sparsegpt;
mod sparsegpt_gptq;
mod tables;
mod walk;
mod wanda;

use crate::calibrate::{InputStats, Purpose};
use crate::error::{Error, Result};
use crate::recipe::{Parameter, Setting, Settings, Words};
use crate::weight::{Matrix, Quantized, Storage, Weight};
use grid::GridRule;
use serde::Serialize;
use serde_json::{Map, Value};
use tables::TABLES;

pub use layer::Layer;
pub use sketch::sketch;
pub use walk::{Pause, compress, compress_matrix, no_pause};

/// Every method, in the order of the catalog.
pub const METHODS: &[&Method] = &[
    &round_to_nearest::METHOD,
    &gptq::METHOD,
    &awq::METHOD,
    &magnitude::METHOD,
    &wanda::METHOD,
    &sparsegpt::METHOD,
    &sparsegpt_gptq::METHOD,
];

/// The name of no method, in recipes that leave the model as it is and set it beside another one.
pub const NONE: &str = "none";

/// A method as the catalog shows it, and how to make one from settings.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Method {
    pub name: &'static str,
    pub title: &'static str,
    /// One sentence for the reader.
    pub sentence: &'static str,
    pub kind: MethodKind,
    /// Whether it needs to see the inputs of each layer.
    pub calibrated: bool,
    pub paper: Paper,
    pub parameters: &'static [Parameter],
    #[serde(skip)]
    pub build: fn(&Settings) -> Box<dyn Compressor>,
}

/// What a method does to a weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum MethodKind {
    Quantization,
    Pruning,
    Both,
}

/// Where a method or a score comes from.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Paper {
    pub title: &'static str,
    pub url: &'static str,
}

/// Columns that the loops of GPTQ do before the columns to their right are corrected.
const BLOCK: usize = 128;

const DAMPING: Setting<f64> = Setting::number(
    Words {
        name: "damping",
        title: "Damping",
        sentence: "Added to the strength of every input, as a share of their mean: higher is steadier, lower fits the \
               calibration text more closely.",
    },
    [0.0001, 1.0],
    0.0001,
    0.01,
);

/// Compresses one weight matrix; it never sees a model.
pub trait Compressor {
    /// Scales of the `cols` columns to choose from, for layers that share `inputs`; the one is taken that changes
    /// the outputs least. Empty for methods that scale nothing.
    fn column_scales(&self, _inputs: &InputStats, _cols: usize) -> Vec<Vec<f32>> {
        Vec::new()
    }

    /// The form, without values, that a matrix of shape `[rows, cols]` will get: from it, it is known before any work
    /// whether a file can hold it. `None` for methods that do not quantize.
    fn form(&self, _shape: [usize; 2]) -> Option<Quantized> {
        None
    }

    /// A problem is one clause, without the layer's name and without a full stop.
    fn compress(&self, task: &CompressionInput) -> std::result::Result<Outcome, String>;
}

/// One weight matrix that is to be compressed.
#[derive(Debug, Clone, Copy)]
pub struct CompressionInput<'a> {
    /// `[out_features, in_features]`, all finite.
    pub weight: &'a Matrix,
    /// The format that values which stay values keep.
    pub storage: Storage,
    pub inputs: &'a InputStats,
    /// One of [`Compressor::column_scales`].
    pub column_scale: Option<&'a [f32]>,
    /// Whether cutting off large weights can pay: not where a softmax follows, nor while scales are compared.
    pub may_clip: bool,
    /// Whether weights that are 0 have to stay so: an earlier method of the chain removed them.
    pub keep_zeros: bool,
}

/// What became of a weight matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    pub weight: Weight,
    /// What was done instead, or otherwise than asked for, where the method itself could not be: a clause.
    pub fallback: Option<String>,
}

impl Outcome {
    /// The same, with something else that was done instead.
    fn and(mut self, fallback: Option<String>) -> Self {
        let all: Vec<String> = self.fallback.into_iter().chain(fallback).collect();
        self.fallback = (!all.is_empty()).then(|| all.join("; "));
        self
    }
}

impl From<Weight> for Outcome {
    fn from(weight: Weight) -> Self {
        Self {
            weight,
            fallback: None,
        }
    }
}

/// The method of a name.
pub fn method(name: &str) -> Result<&'static Method> {
    METHODS
        .iter()
        .copied()
        .find(|method| method.name == name)
        .ok_or_else(|| Error::UnknownMethod {
            found: name.to_owned(),
            known: METHODS
                .iter()
                .map(|method| method.name)
                .collect::<Vec<_>>()
                .join(", "),
        })
}

/// Methods that are applied in turn, with their settings. Weights that one of them removed stay 0.
pub struct Chain {
    links: Vec<(&'static Method, Box<dyn Compressor>)>,
    settings: Map<String, Value>,
    /// How embedding and head are rounded, where they are.
    tables: Option<GridRule>,
}

impl Chain {
    /// Of no method: the model stays as it is.
    #[must_use]
    pub fn none() -> Self {
        Self {
            links: Vec::new(),
            settings: Map::new(),
            tables: None,
        }
    }

    /// Reads names joined with `+`. Each method takes the settings that it has a parameter for.
    pub fn new(names: &str, chosen: &Map<String, Value>) -> Result<Self> {
        let methods: Vec<&Method> = names.split('+').map(method).collect::<Result<_>>()?;
        let parameters = parameters(&methods);
        let settings = Settings::new(&parameters, chosen)?;
        let (mut links, mut tables) = (Vec::new(), None);
        for method in methods {
            let own = settings.of(method.parameters);
            if TABLES.of(&own) {
                tables = Some(GridRule::new(&own));
            }
            links.push((method, (method.build)(&own)));
        }
        Ok(Self {
            links,
            settings: settings.to_map(),
            tables,
        })
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.links.is_empty()
    }

    /// The names, joined with `+`; [`NONE`] where there are none.
    #[must_use]
    pub fn name(&self) -> String {
        if self.is_none() {
            return NONE.to_owned();
        }
        let names: Vec<&str> = self.links.iter().map(|(method, _)| method.name).collect();
        names.join("+")
    }

    /// Every setting of every method.
    #[must_use]
    pub fn settings(&self) -> &Map<String, Value> {
        &self.settings
    }

    /// What its methods want the inputs of layers for.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        if self.links.iter().any(|(method, _)| method.calibrated) {
            Purpose::Compress
        } else {
            Purpose::Measure
        }
    }
}

/// The parameters of some methods; one that several have is the same in all of them, and stands once.
#[must_use]
pub fn parameters(methods: &[&Method]) -> Vec<Parameter> {
    let mut parameters: Vec<Parameter> = Vec::new();
    for parameter in methods.iter().flat_map(|method| method.parameters) {
        if parameters.iter().all(|known| known.name != parameter.name) {
            parameters.push(*parameter);
        }
    }
    parameters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_several_methods_have_is_the_same_in_all_of_them() {
        let all = parameters(METHODS);
        for method in METHODS {
            for parameter in method.parameters {
                assert!(
                    all.contains(parameter),
                    "{}: {}",
                    method.name,
                    parameter.name
                );
            }
        }
    }
}

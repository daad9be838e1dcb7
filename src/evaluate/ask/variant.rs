//! One side of a comparison: a model, and how it is run.

use super::{LocalAsker, Template};
use crate::backend::{BackendName, Cpu};
use crate::error::Result;
use crate::model::Model;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A model and how it is run. Of the variants of a run the first is the reference.
#[derive(Debug, Clone)]
pub struct Variant {
    pub model: Arc<Model>,
    pub inference: Inference,
}

/// How a model is run: plain data, which another worker can take up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Inference {
    pub backend: BackendName,
}

impl Variant {
    /// A model, run as usual.
    #[must_use]
    pub fn new(model: Arc<Model>) -> Self {
        Self {
            model,
            inference: Inference::default(),
        }
    }

    /// Brings it to its backend, to be asked in this program.
    pub fn asker(&self, template: Template) -> Result<LocalAsker<Arc<Model>, Cpu>> {
        match self.inference.backend {
            BackendName::Cpu => LocalAsker::new(Arc::clone(&self.model), Cpu, template),
        }
    }
}

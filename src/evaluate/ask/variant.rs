//! One side of a comparison: a model, and how it is run.

use super::{Asker, Cost, LocalAsker, Reply, Request, Template};
use crate::backend::{Backend, BackendName, with_backend};
use crate::error::Result;
use crate::model::{Model, Proof};
use serde::{Deserialize, Serialize};
use std::pin::Pin;
use std::sync::Arc;

/// A model and how it is run. Of the variants of a run the first is the reference.
#[derive(Debug, Clone)]
pub struct Variant {
    pub model: Arc<Model>,
    pub inference: Inference,
    /// What its backend was trusted for on this model; `None` until it was compared, and where it is the processor.
    pub proof: Option<Proof>,
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
        Self::with(model, Inference::default())
    }

    /// A model, run in this way.
    #[must_use]
    pub fn with(model: Arc<Model>, inference: Inference) -> Self {
        Self {
            model,
            inference,
            proof: None,
        }
    }

    /// Compares its backend with the processor, once, and gives an error where it computes something else.
    pub async fn prove(&mut self) -> Result<()> {
        if self.inference.backend == BackendName::Cpu || self.proof.is_some() {
            return Ok(());
        }
        let proof = with_backend!(self.inference.backend, backend => {
            Proof::new(&self.model, backend).await?
        });
        proof.check()?;
        self.proof = Some(proof);
        Ok(())
    }

    /// Brings it to its backend, to be asked in this program.
    pub fn asker(&self, template: Template) -> Result<VariantAsker> {
        let model = Arc::clone(&self.model);
        let asker: Box<dyn DynAsker> = with_backend!(self.inference.backend, backend => {
            Box::new(LocalAsker::new(model, backend, template)?)
        });
        Ok(VariantAsker(asker))
    }
}

/// A variant that this program runs, on whichever backend.
pub struct VariantAsker(Box<dyn DynAsker>);

impl Asker for VariantAsker {
    async fn answer(
        &mut self,
        requests: &[Request],
        progress: &mut dyn FnMut(usize),
    ) -> Result<Vec<Reply>> {
        self.0.answer(requests, progress).await
    }

    fn cost(&self) -> Cost {
        self.0.cost()
    }
}

/// An [`Asker`] whose backend is not known by type.
trait DynAsker {
    fn answer<'a>(
        &'a mut self,
        requests: &'a [Request],
        progress: &'a mut dyn FnMut(usize),
    ) -> Pin<Box<dyn Future<Output = Result<Vec<Reply>>> + 'a>>;

    fn cost(&self) -> Cost;
}

impl<B: Backend> DynAsker for LocalAsker<Arc<Model>, B> {
    fn answer<'a>(
        &'a mut self,
        requests: &'a [Request],
        progress: &'a mut dyn FnMut(usize),
    ) -> Pin<Box<dyn Future<Output = Result<Vec<Reply>>> + 'a>> {
        Box::pin(Asker::answer(self, requests, progress))
    }

    fn cost(&self) -> Cost {
        Asker::cost(self)
    }
}

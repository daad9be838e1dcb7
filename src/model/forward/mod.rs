//! The forward pass: one, for every backend and every storage of weights.

mod block;
mod context;

use crate::backend::Backend;
use crate::error::Result;
use crate::model::{Config, Model};

pub use block::NetworkBlock;
pub use context::{Step, StepContext};

use block::NetworkNorm;

/// A model's weights on a backend.
pub struct Network<B: Backend> {
    embedder: Embedder<B>,
    blocks: Vec<NetworkBlock<B>>,
    norm: NetworkNorm<B>,
    head: B::Weight,
    head_bias: Option<B::Tensor>,
}

/// What tokens become before the first block.
pub struct Embedder<B: Backend> {
    embedding: B::Weight,
    norm: Option<NetworkNorm<B>>,
    positions: Option<B::Weight>,
}

impl<B: Backend> Network<B> {
    pub fn new(backend: &B, model: &Model) -> Result<Self> {
        let blocks = model
            .blocks
            .iter()
            .map(|block| NetworkBlock::new(backend, block));
        let bias = model.head_bias.as_ref();
        let bias = bias.map(|bias| backend.tensor(bias.to_vec(), bias.len()));
        Ok(Self {
            embedder: Embedder::new(backend, model)?,
            blocks: blocks.collect::<Result<_>>()?,
            norm: NetworkNorm::new(backend, &model.norm)?,
            head: backend.weight(&model.head)?,
            head_bias: bias.transpose()?,
        })
    }

    /// A cache for each block, without a slot.
    pub fn caches(&self, backend: &B, config: &Config) -> Vec<B::Cache> {
        let blocks = self.blocks.iter();
        blocks.map(|block| block.cache(backend, config)).collect()
    }

    /// Runs new tokens: `[tokens, hidden_size]`, before the last norm. Adds their keys and values to `caches`.
    pub fn hidden(
        &self,
        backend: &B,
        config: &Config,
        step: &Step,
        caches: &mut [B::Cache],
    ) -> Result<B::Tensor> {
        let context = StepContext::new(backend, config, step)?;
        let mut x = self.embedder.embed(backend, config, step)?;
        for (block, cache) in self.blocks.iter().zip(caches) {
            x = block.run(&context, &x, cache)?;
        }
        Ok(x)
    }

    /// The logits of some rows of `hidden`: `[rows, vocab_size]`.
    pub fn logits(
        &self,
        backend: &B,
        config: &Config,
        hidden: &B::Tensor,
        rows: &[u32],
    ) -> Result<B::Tensor> {
        let x = backend.select(hidden, rows)?;
        let x = self.norm.apply(backend, config, &x)?;
        let mut logits = backend.linear(&x, &self.head)?;
        if let Some(bias) = &self.head_bias {
            logits = backend.add(&logits, bias)?;
        }
        if let Some(divisor) = config.logit_divisor {
            logits = backend.scale(&logits, 1.0 / divisor)?;
        }
        match config.logit_softcap {
            Some(cap) => backend.softcap(&logits, cap),
            None => Ok(logits),
        }
    }
}

impl<B: Backend> Embedder<B> {
    pub fn new(backend: &B, model: &Model) -> Result<Self> {
        let norm = model.embedding_norm.as_ref();
        let norm = norm.map(|norm| NetworkNorm::new(backend, norm));
        let positions = model.positions.as_ref().map(|table| backend.weight(table));
        Ok(Self {
            embedding: backend.weight(&model.embedding)?,
            norm: norm.transpose()?,
            positions: positions.transpose()?,
        })
    }

    /// `[tokens, hidden_size]`.
    pub fn embed(&self, backend: &B, config: &Config, step: &Step) -> Result<B::Tensor> {
        let mut x = backend.embed(&self.embedding, &step.tokens)?;
        if let Some(factor) = config.embedding_scale {
            x = backend.scale(&x, factor)?;
        }
        if let Some(norm) = &self.norm {
            x = norm.apply(backend, config, &x)?;
        }
        if let Some(table) = &self.positions {
            let rows = step.positions.iter();
            let rows: Vec<u32> = rows
                .map(|position| position + config.position_offset)
                .map(|row| u32::try_from(row).unwrap_or(u32::MAX))
                .collect();
            x = backend.add(&x, &backend.embed(table, &rows)?)?;
        }
        Ok(x)
    }
}

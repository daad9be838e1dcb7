//! Texts on their way through a model, block by block: what its layers read, and what the blocks make of it.

use super::forward::{Embedder, NetworkBlock, Step, StepContext};
use super::{Block, Config, Inputs, Linear, Model};
use crate::backend::Backend;
use crate::error::{Error, Result};

/// Tokens that run together.
const TOKENS: usize = 512;

/// Token sequences side by side, as they are before some block of a model. No sequence sees another.
pub struct Stream<'m, B: Backend> {
    config: &'m Config,
    backend: B,
    batches: Vec<Batch<B::Tensor>>,
}

struct Batch<T> {
    step: Step,
    /// `[tokens, hidden_size]`.
    hidden: T,
}

/// A block as it stands on the backend of a stream; cloning it is cheap.
#[derive(Clone)]
pub struct StreamBlock<B: Backend>(NetworkBlock<B>);

impl<'m, B: Backend> Stream<'m, B> {
    /// Sequences before the first block.
    pub fn new(model: &'m Model, backend: B, sequences: &[Vec<u32>]) -> Result<Self> {
        let longest = sequences.iter().map(Vec::len).max().unwrap_or(1);
        let embedder = Embedder::new(&backend, model)?;
        let mut batches = Vec::new();
        for sequences in sequences.chunks((TOKENS / longest.max(1)).max(1)) {
            let step = side_by_side(sequences);
            let hidden = embedder.embed(&backend, &model.config, &step)?;
            batches.push(Batch { step, hidden });
        }
        Ok(Self {
            config: &model.config,
            backend,
            batches,
        })
    }

    /// Brings a block's weights to the backend.
    pub fn block(&self, block: &Block) -> Result<StreamBlock<B>> {
        NetworkBlock::new(&self.backend, block).map(StreamBlock)
    }

    /// The same block with the layers of `changed` that read `inputs`; no other weight is inputs.
    pub fn with_linears(
        &self,
        block: &StreamBlock<B>,
        inputs: Inputs,
        linears: &[&Linear],
    ) -> Result<StreamBlock<B>> {
        let changed = block.0.clone();
        changed
            .with_linears(&self.backend, inputs, linears)
            .map(StreamBlock)
    }

    /// Runs `block` as far as it takes, and shows `see` some of the inputs of its layers, `[tokens, cols]`, a batch at a time.
    pub async fn observe(
        &self,
        block: &StreamBlock<B>,
        wanted: &[Inputs],
        see: &mut dyn FnMut(Inputs, &[f32]),
    ) -> Result<()> {
        for batch in &self.batches {
            let context = self.context(&batch.step)?;
            let mut cache = block.0.cache(&self.backend, self.config);
            let all = block
                .0
                .all_inputs(&context, &batch.hidden, &mut cache, wanted)?;
            for (inputs, values) in all {
                see(inputs, &self.backend.read(&values).await?);
            }
        }
        Ok(())
    }

    /// Moves on to what lies behind `block`.
    pub fn advance(&mut self, block: &StreamBlock<B>) -> Result<()> {
        for batch in 0..self.batches.len() {
            let Batch { step, hidden } = &self.batches[batch];
            let context = self.context(step)?;
            let mut cache = block.0.cache(&self.backend, self.config);
            let behind = block.0.run(&context, hidden, &mut cache)?;
            drop(context);
            self.batches[batch].hidden = behind;
        }
        Ok(())
    }

    /// What the sublayer of `block` that reads `inputs` is given by the first `batches` batches, for the many that it is
    /// tried with in the place of some of its layers.
    pub fn readings(
        &self,
        block: &StreamBlock<B>,
        inputs: Inputs,
        batches: usize,
    ) -> Result<Vec<Reading<'_, B>>> {
        let batches = self.batches.iter().take(batches);
        let readings = batches.map(|batch| {
            let context = self.context(&batch.step)?;
            Ok(Reading {
                read: match inputs {
                    Inputs::Attention | Inputs::Output => batch.hidden.clone(),
                    Inputs::FeedForward | Inputs::Down => {
                        let mut cache = block.0.cache(&self.backend, self.config);
                        let block = &block.0;
                        block.inputs(&context, &batch.hidden, &mut cache, Inputs::FeedForward)?
                    }
                },
                context,
                step: batch.step.clone(),
                inputs,
            })
        });
        readings.collect()
    }

    fn context(&self, step: &Step) -> Result<StepContext<'_, B>> {
        StepContext::new(&self.backend, self.config, step)
    }
}

/// What one sublayer of a block is given by some texts.
pub struct Reading<'s, B: Backend> {
    context: StepContext<'s, B>,
    step: Step,
    inputs: Inputs,
    /// Hidden states for attention, what is normed already for a feed-forward part.
    read: B::Tensor,
}

impl<B: Backend> Reading<'_, B> {
    #[must_use]
    pub fn tokens(&self) -> usize {
        self.step.tokens.len()
    }

    /// The same of its first texts alone, until there are `tokens` of them.
    pub fn beginning(&self, tokens: usize) -> Result<Self> {
        let StepContext {
            backend, config, ..
        } = self.context;
        let positions = self.step.positions.iter().enumerate();
        let mut starts = positions.filter(|(place, position)| **position == 0 && *place >= tokens);
        let kept = starts.next().map_or(self.tokens(), |(place, _)| place);
        let rows: Vec<u32> = (0..).take(kept).collect();
        let step = Step {
            tokens: self.step.tokens[..kept].to_vec(),
            positions: self.step.positions[..kept].to_vec(),
            visible: self.step.visible[..kept].to_vec(),
        };
        Ok(Self {
            context: StepContext::new(backend, config, &step)?,
            step,
            inputs: self.inputs,
            read: backend.select(&self.read, &rows)?,
        })
    }

    /// What the sublayer adds to the hidden states in `block`.
    pub async fn added(&self, block: &StreamBlock<B>) -> Result<Vec<f32>> {
        let backend = self.context.backend;
        let out = match self.inputs {
            Inputs::Attention | Inputs::Output => {
                let mut cache = block.0.cache(backend, self.context.config);
                let block = &block.0;
                block.added_by_attention(&self.context, &self.read, &mut cache)?
            }
            Inputs::FeedForward | Inputs::Down => {
                block.0.added_by_feed_forward(&self.context, &self.read)?
            }
        };
        let values = backend.read(&out).await?;
        if values.iter().all(|value| value.is_finite()) {
            Ok(values)
        } else {
            Err(Error::NotANumber)
        }
    }
}

/// Sequences as one step in which each sees itself only.
fn side_by_side(sequences: &[Vec<u32>]) -> Step {
    let mut step = Step::default();
    for sequence in sequences {
        let start = step.tokens.len();
        for (position, token) in sequence.iter().enumerate() {
            step.tokens.push(*token);
            step.positions.push(position);
            step.visible.push(vec![start..start + position + 1]);
        }
    }
    step
}

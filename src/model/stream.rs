//! Texts on their way through a model, block by block: what its layers read, and what the blocks make of it.

use super::forward::{Entrance, NetworkBlock, Place, Step};
use super::{Block, Config, Inputs, Model};
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

impl<'m, B: Backend> Stream<'m, B> {
    /// Sequences before the first block.
    pub fn new(model: &'m Model, backend: B, sequences: &[Vec<u32>]) -> Result<Self> {
        let longest = sequences.iter().map(Vec::len).max().unwrap_or(1);
        let entrance = Entrance::new(&backend, model)?;
        let mut batches = Vec::new();
        for sequences in sequences.chunks((TOKENS / longest.max(1)).max(1)) {
            let step = side_by_side(sequences);
            let hidden = entrance.embed(&backend, &model.config, &step)?;
            batches.push(Batch { step, hidden });
        }
        Ok(Self {
            config: &model.config,
            backend,
            batches,
        })
    }

    /// Runs `block`, and shows `see` some of the inputs of its layers, `[tokens, cols]`, a batch at a time.
    pub async fn look(
        &self,
        block: &Block,
        wanted: &[Inputs],
        see: &mut dyn FnMut(Inputs, &[f32]),
    ) -> Result<()> {
        let network = NetworkBlock::new(&self.backend, block)?;
        for batch in &self.batches {
            let place = Place::new(&self.backend, self.config, &batch.step)?;
            let whole = network.run(&place, &batch.hidden, &mut None)?;
            for &inputs in wanted {
                let tensor = match inputs {
                    Inputs::Attention => &whole.attention.inputs,
                    Inputs::Output => &whole.attention.inner,
                    Inputs::FeedForward => &whole.feed_forward.inputs,
                    Inputs::Down => &whole.feed_forward.inner,
                };
                see(inputs, &self.backend.read(tensor).await?);
            }
        }
        Ok(())
    }

    /// Moves on to what lies behind `block`.
    pub fn advance(&mut self, block: &Block) -> Result<()> {
        let network = NetworkBlock::new(&self.backend, block)?;
        for batch in &mut self.batches {
            let place = Place::new(&self.backend, self.config, &batch.step)?;
            batch.hidden = network.run(&place, &batch.hidden, &mut None)?.out;
        }
        Ok(())
    }

    /// What the half of `block` that reads `inputs` adds to the hidden states, for the first `batches` batches.
    pub async fn added(&self, block: &Block, inputs: Inputs, batches: usize) -> Result<Vec<f32>> {
        let network = NetworkBlock::new(&self.backend, block)?;
        let mut values = Vec::new();
        for batch in self.batches.iter().take(batches) {
            let place = Place::new(&self.backend, self.config, &batch.step)?;
            let out = match inputs {
                Inputs::Attention | Inputs::Output => {
                    network.attention(&place, &batch.hidden, &mut None)?.out
                }
                Inputs::FeedForward | Inputs::Down => {
                    network
                        .run(&place, &batch.hidden, &mut None)?
                        .feed_forward
                        .out
                }
            };
            values.extend(self.backend.read(&out).await?);
        }
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

//! Texts on their way through a model, block by block: what its layers read, and what the blocks make of it.

use super::forward::{Half, NetworkBlock, Place, Step};
use super::{Block, Config, Model};
use crate::backend::Backend;
use crate::error::{Error, Result};

/// Tokens that run together.
const TOKENS: usize = 512;

/// The inputs that linear layers of a block share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inputs {
    /// Of queries, keys and values.
    Attention,
    /// Of the output projection.
    Output,
    /// Of gate and up projection.
    FeedForward,
    /// Of the down projection.
    Down,
}

impl Inputs {
    /// Every one, in the order in which data flows.
    pub const ALL: [Self; 4] = [Self::Attention, Self::Output, Self::FeedForward, Self::Down];
}

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
        let embedding = backend.weight(&model.embedding)?;
        let mut batches = Vec::new();
        for sequences in sequences.chunks((TOKENS / longest.max(1)).max(1)) {
            let step = side_by_side(sequences);
            let hidden = backend.embed(&embedding, &step.tokens)?;
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
            let (attention, feed_forward, _) = self.run(&network, batch)?;
            for &inputs in wanted {
                let tensor = match inputs {
                    Inputs::Attention => &attention.inputs,
                    Inputs::Output => &attention.inner,
                    Inputs::FeedForward => &feed_forward.inputs,
                    Inputs::Down => &feed_forward.inner,
                };
                see(inputs, &self.backend.read(tensor).await?);
            }
        }
        Ok(())
    }

    /// Moves on to what lies behind `block`.
    pub fn advance(&mut self, block: &Block) -> Result<()> {
        let network = NetworkBlock::new(&self.backend, block)?;
        for i in 0..self.batches.len() {
            let (_, _, hidden) = self.run(&network, &self.batches[i])?;
            self.batches[i].hidden = hidden;
        }
        Ok(())
    }

    /// What the half of `block` that reads `inputs` adds to the hidden states, for the first `batches` batches.
    pub async fn added(&self, block: &Block, inputs: Inputs, batches: usize) -> Result<Vec<f32>> {
        let network = NetworkBlock::new(&self.backend, block)?;
        let mut values = Vec::new();
        for batch in self.batches.iter().take(batches) {
            let place = Place::new(&self.backend, self.config, &batch.step)?;
            let attention = network.attention(&place, &batch.hidden, &mut None)?;
            let out = match inputs {
                Inputs::Attention | Inputs::Output => attention.out,
                Inputs::FeedForward | Inputs::Down => {
                    let hidden = self.backend.add(&batch.hidden, &attention.out)?;
                    network.feed_forward(&place, &hidden)?.out
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

    #[expect(
        clippy::type_complexity,
        reason = "the two halves of a block and its result"
    )]
    fn run(
        &self,
        network: &NetworkBlock<B>,
        batch: &Batch<B::Tensor>,
    ) -> Result<(Half<B::Tensor>, Half<B::Tensor>, B::Tensor)> {
        let place = Place::new(&self.backend, self.config, &batch.step)?;
        let attention = network.attention(&place, &batch.hidden, &mut None)?;
        let hidden = self.backend.add(&batch.hidden, &attention.out)?;
        let feed_forward = network.feed_forward(&place, &hidden)?;
        let out = self.backend.add(&hidden, &feed_forward.out)?;
        Ok((attention, feed_forward, out))
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

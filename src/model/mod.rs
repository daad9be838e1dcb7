//! A model: config, tokenizer and weights, immutable; and the sessions that run one.

pub mod arch;
mod chat;
mod config;
mod forest;
mod forward;
mod growing;
mod session;
mod stream;
mod tokenizer;

use crate::weight::Weight;
use std::sync::Arc;

pub use chat::{ChatTemplate, Message, Role};
pub use config::{Config, Fields};
pub use growing::Sampling;
pub use session::{See, Sequence, Session};
pub use stream::{Inputs, Stream};
pub use tokenizer::Tokenizer;

/// A model. Weights are shared: a compressed model keeps the parts that were not compressed.
#[derive(Debug, Clone)]
pub struct Model {
    pub name: String,
    pub family: &'static arch::Family,
    pub config: Config,
    /// Everything that config.json says.
    pub fields: Arc<Fields>,
    pub tokenizer: Arc<Tokenizer>,
    pub chat_template: Option<Arc<ChatTemplate>>,
    /// `[vocab_size, hidden_size]`.
    pub embedding: Arc<Weight>,
    pub blocks: Vec<Block>,
    /// Scale of the last norm, `[hidden_size]`.
    pub norm: Arc<[f32]>,
    /// `[vocab_size, hidden_size]`; the embedding itself where the two are tied.
    pub head: Arc<Weight>,
    /// SHA-256 of the files that it was read from, in hexadecimal.
    pub hash: String,
}

/// One decoder block.
#[derive(Debug, Clone)]
pub struct Block {
    /// Scale of the norm before attention, `[hidden_size]`.
    pub input_norm: Arc<[f32]>,
    pub query: Linear,
    pub key: Linear,
    pub value: Linear,
    pub output: Linear,
    /// Scale of the norm before the feed-forward part, `[hidden_size]`.
    pub post_norm: Arc<[f32]>,
    pub gate: Linear,
    pub up: Linear,
    pub down: Linear,
}

/// One linear layer: `y = x Wᵀ + bias`.
#[derive(Debug, Clone)]
pub struct Linear {
    /// Its name in the file, without `.weight`.
    pub name: String,
    /// `[out_features, in_features]`.
    pub weight: Arc<Weight>,
    /// `[out_features]`.
    pub bias: Option<Arc<[f32]>>,
}

impl Block {
    /// The linear layers, in the order in which data flows through them.
    #[must_use]
    pub fn linears(&self) -> [&Linear; 7] {
        [
            &self.query,
            &self.key,
            &self.value,
            &self.output,
            &self.gate,
            &self.up,
            &self.down,
        ]
    }

    /// The same, to be changed.
    pub fn linears_mut(&mut self) -> [&mut Linear; 7] {
        [
            &mut self.query,
            &mut self.key,
            &mut self.value,
            &mut self.output,
            &mut self.gate,
            &mut self.up,
            &mut self.down,
        ]
    }
}

impl Model {
    /// Every linear layer of every block: what methods compress.
    pub fn linears(&self) -> impl Iterator<Item = &Linear> {
        self.blocks.iter().flat_map(Block::linears)
    }

    /// Number of parameters; a tied head counts once.
    #[must_use]
    pub fn parameters(&self) -> usize {
        let count = |weight: &Weight| weight.shape().iter().product::<usize>();
        self.linears()
            .map(|linear| count(&linear.weight))
            .sum::<usize>()
            + self
                .unique_tables()
                .map(|table| count(table))
                .sum::<usize>()
            + self.vectors().map(<[f32]>::len).sum::<usize>()
    }

    /// Bytes of the layers that methods compress.
    #[must_use]
    pub fn linear_bytes(&self) -> usize {
        self.linears().map(|linear| linear.weight.bytes()).sum()
    }

    /// Bytes of everything else: embedding, head (once where tied), norms and biases (f32).
    #[must_use]
    pub fn other_bytes(&self) -> usize {
        self.unique_tables()
            .map(|table| table.bytes())
            .sum::<usize>()
            + self.vectors().map(|vector| vector.len() * 4).sum::<usize>()
    }

    /// Whether head and embedding are one table.
    #[must_use]
    pub fn is_tied(&self) -> bool {
        Arc::ptr_eq(&self.embedding, &self.head)
    }

    fn unique_tables(&self) -> impl Iterator<Item = &Arc<Weight>> {
        let head = (!self.is_tied()).then_some(&self.head);
        std::iter::once(&self.embedding).chain(head)
    }

    fn vectors(&self) -> impl Iterator<Item = &[f32]> {
        let norms = self
            .blocks
            .iter()
            .flat_map(|block| [&block.input_norm, &block.post_norm]);
        let biases = self.linears().filter_map(|linear| linear.bias.as_ref());
        std::iter::once(&self.norm)
            .chain(norms)
            .chain(biases)
            .map(AsRef::as_ref)
    }
}

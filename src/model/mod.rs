//! A model: config, tokenizer and weights, immutable; and the sessions that run one.

pub mod arch;
mod bounds;
mod bpe;
mod chat;
mod check;
mod config;
mod decoder;
mod fields;
mod forest;
mod forward;
mod interface;
mod origin;
mod proof;
mod remarks;
mod rope;
mod session;
mod stream;
mod token_text;
mod tokenizer;
pub mod words;
mod written;

use crate::weight::Weight;
use std::sync::Arc;

pub use crate::backend::Activation;
pub use bpe::Bpe;
pub use chat::{ChatTemplate, Message, Role, token};
pub use config::{Biases, Config, HeadNorms, NormKind};
pub use decoder::{Continuation, Generation, Sampling};
pub use fields::{Fields, token_ids};
pub use interface::Interface;
pub use origin::{FileType, Origin};
pub use proof::Proof;
pub use remarks::Remarks;
pub use rope::{LongRope, Rope, Scaling};
pub use session::{LogitsCallback, Sequence, Session};
pub use stream::{Reading, Stream, StreamBlock};
pub use token_text::TokenText;
pub use tokenizer::{Tokenizer, vocabulary_bytes};

/// A model. Weights are shared: a compressed model keeps the parts that were not compressed.
#[derive(Debug, Clone)]
pub struct Model {
    pub name: String,
    pub family: &'static arch::Family,
    pub config: Config,
    pub remarks: Remarks,
    pub tokenizer: Arc<Tokenizer>,
    pub chat_template: Option<Arc<ChatTemplate>>,
    /// `[vocab_size, hidden_size]`.
    pub embedding: Arc<Weight>,
    /// Of embeddings.
    pub embedding_norm: Option<Norm>,
    /// What is added to the embedding of each token by its position, `[position_rows, hidden_size]`.
    pub positions: Option<Arc<Weight>>,
    pub blocks: Vec<Block>,
    /// The last norm.
    pub norm: Norm,
    /// `[vocab_size, hidden_size]`; the embedding itself where the two are tied.
    pub head: Arc<Weight>,
    /// What is added to the logits, `[vocab_size]`.
    pub head_bias: Option<Arc<[f32]>>,
    /// SHA-256 of the files that it was read from, in hexadecimal.
    pub hash: String,
    pub origin: Arc<Origin>,
    /// What a reader of its numbers should know of its files, a sentence each: choices that loading had to make.
    pub notes: Vec<String>,
}

/// One decoder block. Where it has a convolution, that stands in the place of attention, and `query`, `key` and `value` are what its
/// input becomes: the gate before the convolution, the gate behind it, and what goes through both.
#[derive(Debug, Clone)]
pub struct Block {
    /// Before attention.
    pub input_norm: Option<Norm>,
    pub query: Linear,
    pub key: Linear,
    pub value: Linear,
    /// What each channel's last tokens count, the latest last: `[hidden_size, convolution_length]`.
    pub convolution: Option<Arc<[f32]>>,
    /// Of what attention's heads give, before the output projection; `[num_attention_heads * head_dim]`.
    pub attended_norm: Option<Norm>,
    pub output: Linear,
    /// Of queries and keys, as wide as [`Config::head_norm_widths`] says.
    pub query_norm: Option<Norm>,
    pub key_norm: Option<Norm>,
    /// Of what attention gives.
    pub output_norm: Option<Norm>,
    /// Before the feed-forward part. Without one, in a parallel block that reads what attention reads.
    pub post_norm: Option<Norm>,
    pub gate: Option<Linear>,
    pub up: Linear,
    /// Of what the activation gives, before the down projection; `[intermediate_size]`.
    pub inner_norm: Option<Norm>,
    pub down: Linear,
    /// Of what the feed-forward part gives.
    pub down_norm: Option<Norm>,
    /// Whether attention is limited to the window of the config.
    pub sliding: bool,
    /// Whether queries and keys are turned by their positions.
    pub turning: bool,
}

/// A norm: with a bias it is a layer norm, without one a norm of the root mean square.
#[derive(Debug, Clone, PartialEq)]
pub struct Norm {
    /// What normed values are multiplied by, `[hidden_size]` where not said otherwise.
    pub scale: Arc<[f32]>,
    /// As long as `scale`.
    pub bias: Option<Arc<[f32]>>,
}

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
    pub fn linears(&self) -> impl Iterator<Item = &Linear> {
        Inputs::ALL
            .into_iter()
            .flat_map(|inputs| self.reading(inputs))
    }

    /// The linear layers that read the same inputs.
    #[must_use]
    pub fn reading(&self, inputs: Inputs) -> Vec<&Linear> {
        match inputs {
            Inputs::Attention => vec![&self.query, &self.key, &self.value],
            Inputs::Output => vec![&self.output],
            Inputs::FeedForward => self.gate.iter().chain([&self.up]).collect(),
            Inputs::Down => vec![&self.down],
        }
    }

    /// The same, to be changed.
    pub fn reading_mut(&mut self, inputs: Inputs) -> Vec<&mut Linear> {
        match inputs {
            Inputs::Attention => vec![&mut self.query, &mut self.key, &mut self.value],
            Inputs::Output => vec![&mut self.output],
            Inputs::FeedForward => self.gate.iter_mut().chain([&mut self.up]).collect(),
            Inputs::Down => vec![&mut self.down],
        }
    }

    /// Every norm.
    pub fn norms(&self) -> impl Iterator<Item = &Norm> {
        let norms = [
            &self.input_norm,
            &self.query_norm,
            &self.key_norm,
            &self.attended_norm,
            &self.output_norm,
            &self.post_norm,
            &self.inner_norm,
            &self.down_norm,
        ];
        norms.into_iter().flatten()
    }
}

impl Model {
    /// Every linear layer of every block: what methods compress.
    pub fn linears(&self) -> impl Iterator<Item = &Linear> {
        self.blocks.iter().flat_map(Block::linears)
    }

    /// Number of parameters; a tied head counts once.
    #[must_use]
    pub fn parameters(&self) -> u64 {
        let linears: u64 = self.linears().map(|linear| count(&linear.weight)).sum();
        let vectors: u64 = self.vectors().map(|vector| vector.len() as u64).sum();
        linears + self.table_parameters() + vectors
    }

    /// Bytes of the layers that methods compress.
    #[must_use]
    pub fn linear_bytes(&self) -> usize {
        self.linears().map(|linear| linear.weight.bytes()).sum()
    }

    /// Bytes of everything else: embedding, positions, head (once where tied), norms and biases (f32).
    #[must_use]
    pub fn other_bytes(&self) -> usize {
        self.table_bytes() + self.vectors().map(|vector| vector.len() * 4).sum::<usize>()
    }

    /// Bytes of embedding, positions and head (once where tied).
    #[must_use]
    pub fn table_bytes(&self) -> usize {
        self.unique_tables().map(|table| table.bytes()).sum()
    }

    /// Weights of these tables.
    #[must_use]
    pub fn table_parameters(&self) -> u64 {
        self.unique_tables().map(|table| count(table)).sum()
    }

    /// Whether head and embedding are one table.
    #[must_use]
    pub fn is_tied(&self) -> bool {
        Arc::ptr_eq(&self.embedding, &self.head)
    }

    fn unique_tables(&self) -> impl Iterator<Item = &Arc<Weight>> {
        let head = (!self.is_tied()).then_some(&self.head);
        [&self.embedding]
            .into_iter()
            .chain(&self.positions)
            .chain(head)
    }

    fn vectors(&self) -> impl Iterator<Item = &[f32]> {
        let norms = std::iter::once(&self.norm).chain(&self.embedding_norm);
        let norms = norms.chain(self.blocks.iter().flat_map(Block::norms));
        let norms = norms.flat_map(|norm| std::iter::once(&norm.scale).chain(&norm.bias));
        let biases = self.linears().filter_map(|linear| linear.bias.as_ref());
        let convolutions = self.blocks.iter().flat_map(|block| &block.convolution);
        norms
            .chain(biases)
            .chain(convolutions)
            .chain(&self.head_bias)
            .map(AsRef::as_ref)
    }
}

/// Weights of a matrix: packed, they may be more than 32 bits count.
fn count(weight: &Weight) -> u64 {
    weight.shape().iter().map(|size| *size as u64).product()
}

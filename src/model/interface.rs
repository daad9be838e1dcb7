//! A model as those see it who ask it: all that is needed to make its inputs, and none of its weights.

use super::{ChatTemplate, Model, Tokenizer};
use std::sync::Arc;

/// What a model reads and writes.
#[derive(Debug, Clone)]
pub struct Interface {
    pub tokenizer: Arc<Tokenizer>,
    pub chat_template: Option<Arc<ChatTemplate>>,
    /// The most tokens of one text.
    pub max_position_embeddings: usize,
    pub vocab_size: usize,
    /// The made-up world that its training text told of, where it was trained for one.
    pub world: Option<String>,
}

impl Model {
    /// What it reads and writes.
    #[must_use]
    pub fn interface(&self) -> Interface {
        Interface {
            tokenizer: Arc::clone(&self.tokenizer),
            chat_template: self.chat_template.clone(),
            max_position_embeddings: self.config.max_position_embeddings,
            vocab_size: self.config.vocab_size,
            world: self.remarks.world.clone(),
        }
    }
}

//! Answers that need not be asked for again.

use crate::evaluate::{Memory, Options};
use crate::model::Model;
use std::collections::BTreeMap;

/// What a side answered so far, by dimension.
pub(super) type Memories = BTreeMap<&'static str, Memory>;

/// What a model answered before compression, kept for the next recipe.
#[derive(Debug, Default)]
pub struct Baseline {
    /// The model and options that the answers belong to.
    key: Option<(String, Options)>,
    memories: Memories,
}

impl Baseline {
    /// The answers of this model by these options; those of another model, or by other options, are forgotten.
    pub(super) fn of(&mut self, model: &Model, options: &Options) -> &mut Memories {
        let key = Some((model.hash.clone(), options.clone()));
        if self.key != key {
            self.key = key;
            self.memories.clear();
        }
        &mut self.memories
    }
}

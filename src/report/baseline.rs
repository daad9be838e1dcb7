//! Scores that need not be measured again.

use super::Event;
use super::prepared_probe::PreparedProbe;
use crate::error::Result;
use crate::evaluate::{Asker, Options, Score};
use crate::model::Model;
use std::collections::BTreeMap;

/// Scores of a model before compression, kept for the next recipe.
#[derive(Debug, Default)]
pub struct Baseline {
    /// The model and options that the scores belong to.
    key: Option<(String, Options)>,
    scores: BTreeMap<&'static str, (Score, usize)>,
}

impl Baseline {
    /// Forgets the scores of another model, or by other options.
    pub(super) fn belong_to(&mut self, model: &Model, options: &Options) {
        let key = Some((model.hash.clone(), options.clone()));
        if self.key != key {
            self.key = key;
            self.scores.clear();
        }
    }

    /// The score before compression with its tokens, measured where it is not known; see [`PreparedProbe::score`].
    pub(super) async fn score<A: Asker>(
        &mut self,
        prepared: &mut PreparedProbe,
        asker: &mut A,
        on_event: &mut dyn FnMut(&Event<'_>),
    ) -> Result<Option<(Score, usize)>> {
        let name = prepared.kind.name;
        if let Some(known) = self.scores.get(name) {
            return Ok(Some(known.clone()));
        }
        let scored = prepared.score(asker, ", before", on_event).await?;
        if let Some(scored) = &scored {
            self.scores.insert(name, scored.clone());
        }
        Ok(scored)
    }
}

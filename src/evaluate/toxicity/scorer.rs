//! What gives a text its toxicity.

use crate::error::Result;
use crate::evaluate::toxicity::lexicon;
use std::fmt;
use std::sync::Arc;

/// What a scorer does with a text.
type Score = dyn Fn(&str) -> Result<f64> + Send + Sync;

/// Gives a text a toxicity from 0 to 1.
#[derive(Clone)]
pub struct Scorer {
    name: String,
    score: Arc<Score>,
}

impl Scorer {
    /// A scorer of the reader's own. The name says which one it is, version or hash included: two of the same name
    /// count as the same.
    pub fn new(name: String, score: impl Fn(&str) -> Result<f64> + Send + Sync + 'static) -> Self {
        Self {
            name,
            score: Arc::new(score),
        }
    }

    /// Which scorer it is, with its version.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The toxicity of a text.
    pub fn toxicity(&self, text: &str) -> Result<f64> {
        (self.score)(text)
    }
}

impl Default for Scorer {
    /// The built-in one.
    fn default() -> Self {
        Self::new(lexicon::VERSION.to_owned(), |text| {
            Ok(lexicon::toxicity(text))
        })
    }
}

impl fmt::Debug for Scorer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Scorer").field(&self.name).finish()
    }
}

impl PartialEq for Scorer {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Scorer {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scorers_are_told_apart_by_their_names() {
        let built_in = Scorer::default();
        let own = Scorer::new("ours".into(), |text| Ok(text.len() as f64));
        assert!(built_in == Scorer::default() && built_in != own);
        assert_eq!(own.toxicity("four").expect("a value"), 4.0);
        assert!(built_in.toxicity("You idiot").expect("a value") > 0.5);
    }
}

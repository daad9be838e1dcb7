//! What config.json says beside what is run.

use super::fields::Fields;
use crate::error::Result;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What no arithmetic uses, kept for the files that are written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remarks {
    pub bos_token_id: Option<u32>,
    pub pad_token_id: Option<u32>,
    /// The world of whose items a model knows, where it was trained for one.
    pub world: Option<String>,
}

const WORLD: &str = "pressure_test_world";

impl Remarks {
    /// Reads config.json.
    pub fn read(fields: &Fields) -> Result<Self> {
        let first = |tokens: Vec<u32>| tokens.first().copied();
        Ok(Self {
            bos_token_id: first(fields.tokens("bos_token_id")?),
            pad_token_id: first(fields.tokens("pad_token_id")?),
            world: Some(fields.text(WORLD).to_owned()).filter(|world| !world.is_empty()),
        })
    }

    /// As config.json has them. What there is none of is null, so that no reader takes a default of its own.
    #[must_use]
    pub fn written(&self) -> Map<String, Value> {
        let tokens = [
            ("bos_token_id", self.bos_token_id),
            ("pad_token_id", self.pad_token_id),
        ];
        let tokens = tokens.map(|(name, id)| (name.to_owned(), json!(id)));
        let world = self.world.iter();
        tokens
            .into_iter()
            .chain(world.map(|world| (WORLD.to_owned(), world.as_str().into())))
            .collect()
    }
}

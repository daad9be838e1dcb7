//! Where a text ends: the union of what every file of a model says.

use super::gguf::Metadata;
use super::source::{File, bad};
use super::vocabulary::TokenType;
use crate::error::Result;
use crate::model::{Tokenizer, token, token_ids};
use serde_json::{Map, Value};

/// Tokens that end a text or a turn, by the names that llama.cpp knows (`special_eog_ids` in `llama-vocab.cpp`); those of
/// families that are not read here are left out.
const NAMES: [&str; 14] = [
    "<|eot_id|>",
    "<|eom_id|>",
    "<|im_end|>",
    "<|end|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<end_of_turn>",
    "<end_of_utterance>",
    "<EOT>",
    "_<EOT>",
    "[EOT]",
    "[EOS]",
    "<eos>",
    "</s>",
];

/// Tokens after which nothing is written, gathered.
#[derive(Debug, Default)]
pub(super) struct Ends(Vec<u32>);

impl Ends {
    /// Those of config.json.
    pub fn new(tokens: &[u32]) -> Self {
        Self(tokens.to_vec())
    }

    /// Adds those of `generation_config.json`.
    pub fn generation(&mut self, file: File, most: u64) -> Result<()> {
        const FIELD: &str = "eos_token_id";
        let problem = |problem| bad(file.name, problem);
        let fields: Map<String, Value> = serde_json::from_slice(&file.whole(most)?)
            .map_err(|error| problem(format!("it is not a JSON object ({error})")))?;
        let value = fields.get(FIELD).unwrap_or(&Value::Null);
        self.0.extend(token_ids(value).ok_or_else(|| {
            problem(format!(
                "its {FIELD} is {value}; the number of a token or a list of them is needed"
            ))
        })?);
        Ok(())
    }

    /// Adds the `eos_token` of `tokenizer_config.json`, where the vocabulary has it.
    pub fn named(&mut self, fields: &Map<String, Value>, tokenizer: &Tokenizer) {
        let name = fields.get("eos_token").and_then(token);
        self.0
            .extend(name.and_then(|name| tokenizer.token_id(name)));
    }

    /// Adds those of a GGUF file: what its metadata number, and markers that are known by name.
    pub fn gguf(&mut self, metadata: &Metadata) {
        for key in ["eos", "eot", "eom"] {
            let value = metadata.get(&format!("tokenizer.ggml.{key}_token_id"));
            self.0.extend(value.and_then(token_ids).unwrap_or_default());
        }
        let list = |key: &str| {
            let value = metadata.get(&format!("tokenizer.ggml.{key}"));
            value
                .and_then(Value::as_array)
                .map_or(&[][..], Vec::as_slice)
        };
        let kinds = list("token_type").iter().map(Value::as_u64);
        for ((id, text), kind) in (0..).zip(list("tokens")).zip(kinds) {
            let is_marker = matches!(
                kind.and_then(TokenType::of),
                Some(TokenType::Control | TokenType::UserDefined)
            );
            if is_marker && text.as_str().is_some_and(|text| NAMES.contains(&text)) {
                self.0.push(id);
            }
        }
    }

    /// Adds one by its number.
    pub fn token(&mut self, id: Option<u32>) {
        self.0.extend(id);
    }

    /// Everything in order and once, without what a model of this vocabulary cannot write.
    pub fn within(mut self, vocab_size: usize) -> Vec<u32> {
        self.0
            .retain(|id| usize::try_from(*id).is_ok_and(|id| id < vocab_size));
        self.0.sort_unstable();
        self.0.dedup();
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_gguf_file_numbers_its_ends_and_names_them() {
        let ends = |metadata: Value| {
            let metadata: Metadata = serde_json::from_value(metadata).expect("an object");
            let mut ends = Ends::new(&[2]);
            ends.gguf(&metadata);
            ends.within(10)
        };
        assert_eq!(ends(json!({})), [2]);
        let numbered = json!({
            "tokenizer.ggml.eos_token_id": 3, "tokenizer.ggml.eot_token_id": 7,
            "tokenizer.ggml.eom_token_id": 4_294_967_295_u32,
        });
        assert_eq!(ends(numbered), [2, 3, 7]);
        let named = json!({
            "tokenizer.ggml.tokens": ["a", "<|im_end|>", "</s>", "<|eot_id|>", "<end_of_turn>", "<|im_start|>"],
            // A control token, a user's own, and one that is like any other piece.
            "tokenizer.ggml.token_type": [1, 3, 3, 4, 1, 3],
        });
        assert_eq!(ends(named), [1, 2, 3]);
    }
}

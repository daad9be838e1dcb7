//! Text to tokens and back.

use crate::error::{Error, Result};
use serde::Deserialize;
use serde_json::Value;

/// The tokenizer of a model, with the special tokens that its own post-processor adds.
#[derive(Debug)]
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    json: Vec<u8>,
}

impl Tokenizer {
    /// Reads tokenizer.json.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        check(bytes)?;
        let mut inner =
            tokenizers::Tokenizer::from_bytes(bytes).map_err(|error| tokenizer(&error))?;
        // Texts are measured whole and as they are.
        inner
            .with_truncation(None)
            .map_err(|error| tokenizer(&error))?;
        inner.with_padding(None);
        let json = bytes.to_vec();
        Ok(Self { inner, json })
    }

    /// The file that it was read from.
    #[must_use]
    pub fn json(&self) -> &[u8] {
        &self.json
    }

    /// The number of a token.
    #[must_use]
    pub fn token_id(&self, token: &str) -> Option<u32> {
        self.inner.token_to_id(token)
    }

    /// The tokens of a text, with a beginning-of-text token where the tokenizer adds one.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>> {
        let encoding = self.inner.encode(text, true);
        Ok(encoding
            .map_err(|error| tokenizer(&error))?
            .get_ids()
            .to_vec())
    }

    /// The tokens of what a chat template wrote, which holds all its special tokens already.
    pub fn encode_rendered(&self, text: &str) -> Result<Vec<u32>> {
        let encoding = self.inner.encode(text, false);
        Ok(encoding
            .map_err(|error| tokenizer(&error))?
            .get_ids()
            .to_vec())
    }

    /// A token of the vocabulary as it is written there.
    #[must_use]
    pub fn token(&self, id: u32) -> Option<String> {
        self.inner.id_to_token(id)
    }

    /// The text of tokens, without special tokens.
    pub fn decode(&self, tokens: &[u32]) -> Result<String> {
        self.inner
            .decode(tokens, true)
            .map_err(|error| tokenizer(&error))
    }

    /// The text that `tokens` add to `prompt`: a decoder may treat the start of a text differently.
    pub fn decode_after(&self, prompt: &[u32], tokens: &[u32]) -> Result<String> {
        let before = self.decode(prompt)?;
        let whole = self.decode(&[prompt, tokens].concat())?;
        match whole.strip_prefix(&before) {
            Some(added) => Ok(added.to_owned()),
            None => self.decode(tokens),
        }
    }
}

/// Refuses what the library answers with a panic: parts that are not JSON, and tables of characters that it cannot check.
fn check(bytes: &[u8]) -> Result<()> {
    #[derive(Deserialize)]
    struct Parts {
        #[serde(default)]
        normalizer: Value,
        #[serde(default, rename = "pre_tokenizer")]
        _pre_tokenizer: Value,
        #[serde(default, rename = "post_processor")]
        _post_processor: Value,
        #[serde(default, rename = "decoder")]
        _decoder: Value,
    }
    let parts: Parts = serde_json::from_slice(bytes)
        .map_err(|error| Error::Tokenizer(format!("it is not a tokenizer ({error})")))?;
    if parts.normalizer.to_string().contains("\"Precompiled\"") {
        let problem =
            "its normalizer has a precompiled table of characters, which is not supported";
        return Err(Error::Tokenizer(problem.into()));
    }
    Ok(())
}

fn tokenizer(error: &tokenizers::Error) -> Error {
    Error::Tokenizer(error.to_string())
}

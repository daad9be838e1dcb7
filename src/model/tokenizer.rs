//! Text to tokens and back.

use super::Bpe;
use crate::error::{Error, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokenizers::{
    AddedToken, DecoderWrapper, NormalizerWrapper, PostProcessorWrapper, PreTokenizerWrapper,
};

/// The tokenizer of a model, with the special tokens that its own post-processor adds.
#[derive(Debug)]
pub struct Tokenizer {
    pub(super) inner: tokenizers::Tokenizer,
}

/// What stands in tokenizer.json around the vocabulary.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Surroundings {
    version: Option<String>,
    added_tokens: Vec<AddedToken>,
    normalizer: Value,
    pre_tokenizer: Value,
    post_processor: Value,
    decoder: Value,
    model: TokenType,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TokenType {
    r#type: String,
}

impl Tokenizer {
    /// Reads tokenizer.json.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        struct Whole {
            model: Bpe,
        }
        let surroundings: Surroundings = parse(bytes)?;
        surroundings.check()?;
        let known = surroundings.version.as_deref().unwrap_or("1.0") == "1.0";
        if known && surroundings.model.r#type == "BPE" {
            let Whole { model } = parse(bytes)?;
            return Self::assemble(surroundings, model);
        }
        let mut inner =
            tokenizers::Tokenizer::from_bytes(bytes).map_err(|error| refused(&error))?;
        // Texts are measured whole and as they are.
        inner
            .with_truncation(None)
            .map_err(|error| refused(&error))?;
        inner.with_padding(None);
        Ok(Self { inner })
    }

    /// From a vocabulary, and what else tokenizer.json would have: `added_tokens`, `normalizer`, `pre_tokenizer`,
    /// `post_processor` and `decoder`.
    pub fn new(surroundings: Value, vocabulary: Bpe) -> Result<Self> {
        Self::assemble(part(surroundings)?, vocabulary)
    }

    /// As the library does it: normalizer first, so that added tokens are normalized by it.
    fn assemble(parts: Surroundings, vocabulary: Bpe) -> Result<Self> {
        parts.check()?;
        let mut inner = tokenizers::Tokenizer::new(vocabulary.build()?);
        inner
            .with_normalizer(part::<Option<NormalizerWrapper>>(parts.normalizer)?)
            .map_err(|error| refused(&error))?;
        inner.with_pre_tokenizer(part::<Option<PreTokenizerWrapper>>(parts.pre_tokenizer)?);
        inner.with_post_processor(part::<Option<PostProcessorWrapper>>(parts.post_processor)?);
        inner.with_decoder(part::<Option<DecoderWrapper>>(parts.decoder)?);
        inner
            .add_tokens(parts.added_tokens)
            .map_err(|error| refused(&error))?;
        Ok(Self { inner })
    }

    /// tokenizer.json, written anew: keeping the file would take as much again as the vocabulary.
    pub fn json(&self) -> Result<Vec<u8>> {
        let text = self.inner.to_string(false);
        Ok(text.map_err(|error| refused(&error))?.into_bytes())
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
            .map_err(|error| refused(&error))?
            .get_ids()
            .to_vec())
    }

    /// The same, with the byte of the text at which what each token stands for ends. What no token stands for belongs to the
    /// next one, and a character of several tokens to the first of them.
    pub fn encode_with_ends(&self, text: &str) -> Result<(Vec<u32>, Vec<usize>)> {
        let encoding = self.inner.encode(text, true);
        let encoding = encoding.map_err(|error| refused(&error))?;
        let mut furthest = 0;
        let ends = encoding.get_offsets().iter().map(|(_, end)| {
            furthest = furthest.max((*end).min(text.len()));
            furthest
        });
        let ends = ends.collect();
        Ok((encoding.get_ids().to_vec(), ends))
    }

    /// The tokens of what a chat template wrote, which holds all its special tokens already.
    pub fn encode_rendered(&self, text: &str) -> Result<Vec<u32>> {
        let encoding = self.inner.encode(text, false);
        Ok(encoding
            .map_err(|error| refused(&error))?
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
            .map_err(|error| refused(&error))
    }

    /// The text that comes to these tokens when it is encoded; `None` where there is none that is found.
    pub fn text_of(&self, tokens: &[u32]) -> Result<Option<String>> {
        let added = self.encode("")?;
        let own = tokens.strip_prefix(&added[..]).unwrap_or(tokens);
        let text = self.inner.decode(own, false);
        let text = text.map_err(|error| refused(&error))?;
        Ok((self.encode(&text)? == tokens).then_some(text))
    }

    /// Every token, special ones included.
    #[must_use]
    pub fn vocab_size(&self) -> usize {
        self.inner.get_vocab_size(true)
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

impl Surroundings {
    /// Refuses what the library answers with a panic: tables of characters that it cannot check.
    fn check(&self) -> Result<()> {
        if self.normalizer.to_string().contains("\"Precompiled\"") {
            let problem =
                "its normalizer has a precompiled table of characters, which is not supported";
            return Err(Error::Tokenizer(problem.into()));
        }
        Ok(())
    }
}

/// Bytes that a vocabulary takes, about: two tables of its tokens with their texts, and one of its merges.
#[must_use]
pub fn vocabulary_bytes(tokens: u64, merges: u64) -> u64 {
    /// A short text with what the allocator puts beside it.
    const TEXT: u64 = 16;
    // The tables double when they are seven eighths full; an entry has a byte beside it.
    let table =
        |entries: u64, bytes: usize| (entries * 8 / 7).next_power_of_two() * (bytes as u64 + 1);
    2 * (table(tokens, size_of::<(String, u32)>()) + TEXT * tokens)
        + table(merges, size_of::<[u32; 4]>())
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes)
        .map_err(|error| Error::Tokenizer(format!("it is not a tokenizer ({error})")))
}

fn part<T: DeserializeOwned>(json: Value) -> Result<T> {
    serde_json::from_value(json)
        .map_err(|error| Error::Tokenizer(format!("it is not a tokenizer ({error})")))
}

pub(super) fn refused(error: &tokenizers::Error) -> Error {
    Error::Tokenizer(error.to_string())
}

//! Vocabularies of byte pair encoding, read piece by piece: the library's own reader holds a file several times over.

use crate::error::{Error, Result};
use serde::{Deserialize, Deserializer};
use tokenizers::models::bpe::{BPE, Merges, Vocab};

/// The model of a tokenizer.json whose type is BPE.
#[derive(Debug, Default, Deserialize)]
pub struct Bpe {
    pub vocab: Vocab,
    /// First the one that is done first.
    #[serde(deserialize_with = "merges")]
    pub merges: Merges,
    #[serde(default)]
    pub unk_token: Option<String>,
    #[serde(default)]
    pub dropout: Option<f32>,
    #[serde(default)]
    pub continuing_subword_prefix: Option<String>,
    #[serde(default)]
    pub end_of_word_suffix: Option<String>,
    #[serde(default)]
    pub fuse_unk: Option<bool>,
    #[serde(default)]
    pub byte_fallback: Option<bool>,
    #[serde(default)]
    pub ignore_merges: Option<bool>,
}

impl Bpe {
    pub(super) fn build(self) -> Result<BPE> {
        // The library copies what is merged into a place as long as the longest token.
        let longest = self.vocab.keys().map(String::len).max().unwrap_or(0);
        let prefix = self.continuing_subword_prefix.as_ref();
        let prefix = prefix.map_or(0, String::len);
        let fits = |(left, right): &(String, String)| {
            let right = right.len().checked_sub(prefix);
            right.is_some_and(|right| left.len() + right <= longest)
        };
        if let Some((left, right)) = self.merges.iter().find(|merge| !fits(merge)) {
            return Err(Error::Tokenizer(format!(
                "it merges {left} and {right}, which gives no token"
            )));
        }
        let mut builder = BPE::builder()
            .vocab_and_merges(self.vocab, self.merges)
            .fuse_unk(self.fuse_unk.unwrap_or(false))
            .byte_fallback(self.byte_fallback.unwrap_or(false))
            .ignore_merges(self.ignore_merges.unwrap_or(false));
        if let Some(token) = self.unk_token {
            builder = builder.unk_token(token);
        }
        if let Some(share) = self.dropout {
            builder = builder.dropout(share);
        }
        if let Some(prefix) = self.continuing_subword_prefix {
            builder = builder.continuing_subword_prefix(prefix);
        }
        if let Some(suffix) = self.end_of_word_suffix {
            builder = builder.end_of_word_suffix(suffix);
        }
        builder
            .build()
            .map_err(|error| super::tokenizer::refused(&error))
    }
}

/// Merges as pairs, or as lines with a space between.
fn merges<'de, D: Deserializer<'de>>(list: D) -> std::result::Result<Merges, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Merge {
        Pair(String, String),
        Line(String),
    }
    struct List;
    impl<'de> serde::de::Visitor<'de> for List {
        type Value = Merges;

        fn expecting(&self, text: &mut std::fmt::Formatter) -> std::fmt::Result {
            text.write_str("a list of merges")
        }

        fn visit_seq<A: serde::de::SeqAccess<'de>>(
            self,
            mut list: A,
        ) -> std::result::Result<Merges, A::Error> {
            let mut merges = Merges::new();
            while let Some(merge) = list.next_element()? {
                match merge {
                    Merge::Pair(left, right) => merges.push((left, right)),
                    Merge::Line(line) if line.starts_with("#version") => {}
                    Merge::Line(line) => match line.split_once(' ') {
                        Some((left, right)) if !right.contains(' ') => {
                            merges.push((left.to_owned(), right.to_owned()));
                        }
                        _ => {
                            let problem = format!("the merge {line} is not two tokens");
                            return Err(serde::de::Error::custom(problem));
                        }
                    },
                }
            }
            Ok(merges)
        }
    }
    list.deserialize_seq(List)
}

//! Bytes to a [`Model`]. Every byte is untrusted: sizes are bounded before anything is allocated.

mod fit;
mod gguf;
mod packed;
mod reader;
mod safetensors;
mod sentencepiece;
mod sizes;
mod source;
mod vocabulary;

use crate::error::{Error, Result};
use crate::model::arch::{Family, family};
use crate::model::{ChatTemplate, Config, Fields, Model, Rope, Tokenizer};
use gguf::Gguf;
use reader::{Reader, Tensors};
use safetensors::Shards;
use sha2::{Digest, Sha256};
use source::File;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

pub use fit::{Fit, fit};
pub use source::{Beginning, Source};

/// The files of a model folder, by name without the folder.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The files that a plain model folder has.
pub const FILES: [&str; 3] = [CONFIG, WEIGHTS, TOKENIZER];

const CONFIG: &str = "config.json";
const WEIGHTS: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";
const TOKENIZER: &str = "tokenizer.json";
const PIECES: &str = "tokenizer.model";
const TEMPLATE: &str = "tokenizer_config.json";

/// Files of more bytes than these are refused.
const LARGEST_CONFIG: u64 = 1 << 20;
const LARGEST_TOKENIZER: u64 = 1 << 26;

/// Whether a file of this name is of use to [`model`].
#[must_use]
pub fn is_wanted(name: &str) -> bool {
    matches!(name, CONFIG | INDEX | TOKENIZER | PIECES | TEMPLATE)
        || ends_in(name, "safetensors")
        || ends_in(name, "gguf")
}

fn ends_in(name: &str, extension: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|found| found == extension)
}

/// Reads a model from the files of a Hugging Face folder, or from a GGUF file, one tensor after the other.
pub fn model<S: Source>(name: &str, files: &BTreeMap<String, S>) -> Result<Model> {
    Folder::new(files)?.model(name)
}

/// Files by name.
struct Folder<'a>(BTreeMap<&'a str, File<'a>>);

impl<'a> Folder<'a> {
    fn new<S: Source>(files: &'a BTreeMap<String, S>) -> Result<Self> {
        let files = files
            .iter()
            .map(|(name, source)| Ok((name.as_str(), File::new(name, source)?)));
        Ok(Self(files.collect::<Result<_>>()?))
    }

    fn model(&self, name: &str) -> Result<Model> {
        let opened = self.open()?;
        let (tokenizer, tokenizer_file) = self.tokenizer(&opened)?;
        let chat_template = self.chat_template(&opened)?;
        let hash = self.hash(&opened, tokenizer_file)?;
        let Opened {
            fields,
            family,
            config,
            mut tensors,
        } = opened;
        if let Tensors::Gguf(gguf) = &mut tensors {
            gguf.forget_metadata();
        }
        let reader = Reader::new(tensors, config, family);
        let origin = reader.origin()?;
        let embedding = reader.embedding()?;
        Ok(Model {
            name: name.to_owned(),
            family,
            tokenizer: Arc::new(tokenizer),
            chat_template: chat_template.map(Arc::new),
            positions: reader.positions()?,
            head: reader.head(&embedding)?,
            embedding,
            blocks: reader.blocks()?,
            norm: reader.last_norm()?,
            config: reader.config,
            fields: Arc::new(fields),
            hash,
            origin: Arc::new(origin),
        })
    }

    /// Reads everything but tokenizer and weights.
    fn open(&self) -> Result<Opened<'a>> {
        if let Some(file) = self.gguf() {
            let gguf = Gguf::open(file)?;
            let (family, fields) = gguf::fields(&gguf)?;
            let mut config = family.read(&fields)?;
            if let (Some(divisors), Some(rope)) = (gguf.rope_divisors()?, config.ropes.first_mut())
            {
                *rope = divided(file.name, rope, &divisors)?;
            }
            return Ok(Opened {
                family,
                config,
                tensors: Tensors::Gguf(gguf),
                fields,
            });
        }
        let fields = Fields::parse(&self.file(CONFIG)?.whole(LARGEST_CONFIG)?)?;
        let family = family(&fields)?;
        Ok(Opened {
            family,
            config: family.read(&fields)?,
            tensors: Tensors::Safetensors {
                shards: self.shards()?,
                scheme: packed::Scheme::new(&fields)?,
            },
            fields,
        })
    }

    /// A GGUF file, where there are no weights in another form.
    fn gguf(&self) -> Option<File<'a>> {
        if self.0.contains_key(WEIGHTS) || self.0.contains_key(INDEX) {
            return None;
        }
        let mut files = self.0.values().copied();
        files.find(|file| ends_in(file.name, "gguf"))
    }

    /// The tokenizer, from the first of tokenizer.json, the GGUF file and tokenizer.model; with its own file.
    fn tokenizer(&self, opened: &Opened) -> Result<(Tokenizer, Option<File<'a>>)> {
        if let Some(file) = self.0.get(TOKENIZER) {
            let tokenizer = Tokenizer::from_bytes(&file.whole(LARGEST_TOKENIZER)?)?;
            return Ok((tokenizer, Some(*file)));
        }
        if let Tensors::Gguf(gguf) = &opened.tensors {
            let tokenizer = vocabulary::of_gguf(gguf.file().name, gguf.metadata())?;
            return Ok((tokenizer, None));
        }
        let Some(file) = self.0.get(PIECES) else {
            return Err(self.missing(TOKENIZER));
        };
        let tokenizer = sentencepiece::tokenizer(&file.whole(LARGEST_TOKENIZER)?, true)?;
        Ok((tokenizer, Some(*file)))
    }

    /// The chat template, from `tokenizer_config.json` or the GGUF file.
    fn chat_template(&self, opened: &Opened) -> Result<Option<ChatTemplate>> {
        if let Some(file) = self.0.get(TEMPLATE) {
            return ChatTemplate::from_bytes(&file.whole(LARGEST_TOKENIZER)?);
        }
        match &opened.tensors {
            Tensors::Gguf(gguf) => ChatTemplate::new(
                gguf.file().name,
                &vocabulary::template_of_gguf(gguf.metadata()),
            ),
            Tensors::Safetensors { .. } => Ok(None),
        }
    }

    /// SHA-256 over the files that were read, in hexadecimal.
    fn hash(&self, opened: &Opened<'a>, tokenizer: Option<File<'a>>) -> Result<String> {
        let mut files = Vec::new();
        match &opened.tensors {
            Tensors::Gguf(gguf) => files.push(gguf.file()),
            Tensors::Safetensors { shards, .. } => {
                files.push(self.file(CONFIG)?);
                files.extend(shards.files());
            }
        }
        let mut hasher = Sha256::new();
        let others = tokenizer.into_iter().chain(self.0.get(TEMPLATE).copied());
        for file in files.into_iter().chain(others) {
            file.pieces(0, file.size, &mut |piece| hasher.update(piece))?;
        }
        Ok(hexadecimal(&hasher.finalize()))
    }

    fn shards(&self) -> Result<Shards<'a>> {
        match self.0.get(INDEX) {
            Some(index) if !self.0.contains_key(WEIGHTS) => {
                Shards::open_index(index, &|name| self.0.get(name).copied())
            }
            _ => Shards::open(self.file(WEIGHTS)?),
        }
    }

    fn file(&self, file: &'static str) -> Result<File<'a>> {
        self.0.get(file).copied().ok_or_else(|| self.missing(file))
    }

    fn missing(&self, file: &'static str) -> Error {
        let names: Vec<&str> = self.0.keys().copied().collect();
        Error::MissingFile {
            file,
            found: match names.len() {
                0 => "holds nothing".into(),
                1..=8 => format!("holds {}", names.join(", ")),
                _ => format!("holds {} and more", names[..8].join(", ")),
            },
        }
    }
}

/// What the files of a model say before its tokenizer and weights are read.
struct Opened<'a> {
    fields: Fields,
    family: &'static Family,
    config: Config,
    tensors: Tensors<'a>,
}

impl Opened<'_> {
    /// The merges of the vocabulary in a GGUF file, where they are listed.
    fn merges(&self) -> Option<u64> {
        let Tensors::Gguf(gguf) = &self.tensors else {
            return None;
        };
        let merges = gguf.metadata().get("tokenizer.ggml.merges")?.as_array()?;
        Some(merges.len() as u64)
    }
}

/// A rope with its frequencies divided.
fn divided(file: &str, rope: &Rope, divisors: &[f32]) -> Result<Rope> {
    let usable = divisors
        .iter()
        .all(|divisor| *divisor > 0.0 && divisor.is_finite());
    if divisors.len() != rope.frequencies.len() || !usable {
        return Err(source::bad(
            file,
            "its rope_freqs do not fit its heads".into(),
        ));
    }
    let frequencies = rope.frequencies.iter().zip(divisors);
    Ok(Rope {
        frequencies: frequencies
            .map(|(frequency, divisor)| frequency / divisor)
            .collect(),
        ..rope.clone()
    })
}

/// Bytes as lower-case hexadecimal digits.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_named_with_what_is_there() {
        let files = Files::from([("README.md".to_owned(), Vec::new())]);
        let error = model("test", &files).expect_err("incomplete").to_string();
        assert!(
            error.contains("config.json is missing") && error.contains("README.md"),
            "{error}"
        );
    }
}

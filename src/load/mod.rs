//! Bytes to a [`Model`]. Every byte is untrusted: sizes are bounded before anything is allocated.

mod ends;
mod fit;
mod gguf;
mod packed;
mod reader;
mod safetensors;
mod sentencepiece;
mod sizes;
mod source;
mod spoken;
mod vocabulary;

use crate::error::{Error, Result};
use crate::model::arch::{Family, family};
use crate::model::{Config, Fields, Model, Remarks, Tokenizer};
use ends::Ends;
use gguf::{Candidate, Gguf};
use reader::{Reader, Tensors};
use safetensors::Shards;
use serde::Serialize;
use sha2::{Digest, Sha256};
use source::File;
use spoken::Spoken;
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
const TOKENIZER_CONFIG: &str = "tokenizer_config.json";
const TEMPLATE: &str = "chat_template.jinja";
const GENERATION: &str = "generation_config.json";

/// Small files beside weights and tokenizer that change what a model does.
const BESIDE: [&str; 3] = [TOKENIZER_CONFIG, TEMPLATE, GENERATION];

/// Files of more bytes than these are refused.
const LARGEST_CONFIG: u64 = 1 << 20;
const LARGEST_TOKENIZER: u64 = 1 << 26;

/// Whether a file of this name is of use to [`model`].
#[must_use]
pub fn is_wanted(name: &str) -> bool {
    let whole = [CONFIG, INDEX, TOKENIZER, PIECES];
    let mut whole = whole.iter().chain(&BESIDE);
    whole.any(|wanted| wanted.eq_ignore_ascii_case(name))
        || ends_in(name, "safetensors")
        || ends_in(name, "gguf")
}

fn ends_in(name: &str, extension: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|found| found.eq_ignore_ascii_case(extension))
}

/// Whether a file belongs to the model that the file `name` is a part of: `model-00002-of-00003.gguf` beside
/// `model-00001-of-00003.gguf`.
#[must_use]
pub fn is_beside(name: &str, other: &str) -> bool {
    gguf::is_beside(name, other)
}

/// One of several models in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// What the model will be called.
    pub name: String,
    /// Its files: one, or all parts of one.
    pub files: Vec<String>,
    pub bytes: u64,
}

/// The models to choose from where a folder holds several (GGUF files); empty where there is nothing to choose. A folder
/// less the files of all choices but one is that one.
pub fn choices<S: Source>(files: &BTreeMap<String, S>) -> Result<Vec<Choice>> {
    let candidates = Folder::new(files)?.candidates();
    if candidates.len() < 2 {
        return Ok(Vec::new());
    }
    let choice = |candidate: &Candidate| Choice {
        name: candidate.name.clone(),
        files: candidate
            .files
            .iter()
            .map(|file| file.name.to_owned())
            .collect(),
        bytes: candidate.files.iter().map(|file| file.size).sum(),
    };
    Ok(candidates.iter().map(choice).collect())
}

/// Reads a model from the files of a Hugging Face folder, or from a GGUF file, one tensor after the other. A model from a
/// GGUF file is called as that file is.
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
        let mut opened = self.open()?;
        let spoken = self.spoken(&opened)?;
        let vocabulary = self.vocabulary(&opened, &spoken)?;
        opened.config.eos_token_ids = self.ends(&opened, &spoken, &vocabulary)?;
        let hash = self.hash(&opened, vocabulary.file)?;
        let Opened {
            name: own_name,
            fields,
            family,
            config,
            mut tensors,
        } = opened;
        if let Tensors::Gguf(gguf) = &mut tensors {
            gguf.forget_lists();
        }
        let reader = Reader::new(tensors, config, family);
        let origin = reader.origin()?;
        let embedding = reader.embedding()?;
        let model = Model {
            name: own_name.unwrap_or_else(|| name.to_owned()),
            family,
            tokenizer: Arc::new(vocabulary.tokenizer),
            chat_template: spoken.chat_template().map(Arc::new),
            positions: reader.positions()?,
            head: reader.head(&embedding)?,
            embedding,
            blocks: reader.blocks()?,
            norm: reader.last_norm()?,
            config: reader.config.clone(),
            remarks: Remarks::read(&fields)?,
            hash,
            origin: Arc::new(origin),
        };
        reader.check_all_read()?;
        Ok(model)
    }

    /// Reads everything but tokenizer and weights.
    fn open(&self) -> Result<Opened<'a>> {
        if let Some(candidate) = self.gguf()? {
            let name = candidate.name.clone();
            let gguf = Gguf::open(candidate)?;
            let (family, fields, config) = gguf::described(&gguf)?;
            return Ok(Opened {
                name: Some(name),
                family,
                config,
                tensors: Tensors::Gguf(gguf),
                fields,
            });
        }
        let fields = Fields::parse(&self.file(CONFIG)?.whole(LARGEST_CONFIG)?)?;
        let family = family(&fields)?;
        Ok(Opened {
            name: None,
            family,
            config: family.read(&fields)?,
            tensors: Tensors::Safetensors {
                shards: self.shards()?,
                scheme: packed::Scheme::new(&fields)?,
            },
            fields,
        })
    }

    /// The model in GGUF, where there are no weights in another form; an error where there are several.
    fn gguf(&self) -> Result<Option<Candidate<'a>>> {
        const SHOWN: usize = 8;
        let mut candidates = self.candidates();
        if candidates.len() < 2 {
            return Ok(candidates.pop());
        }
        let names = candidates
            .iter()
            .filter_map(|candidate| candidate.files.first());
        let names: Vec<&str> = names.map(|file| file.name).collect();
        Err(Error::SeveralModels {
            found: match names.len().saturating_sub(SHOWN) {
                0 => names.join(", "),
                more => format!("{} and {more} more", names[..SHOWN].join(", ")),
            },
        })
    }

    /// The models in GGUF, where there are no weights in another form.
    fn candidates(&self) -> Vec<Candidate<'a>> {
        if self.get(WEIGHTS).is_some() || self.get(INDEX).is_some() {
            return Vec::new();
        }
        let files = self.0.values().copied();
        let files: Vec<File> = files.filter(|file| ends_in(file.name, "gguf")).collect();
        gguf::candidates(&files)
    }

    /// The file of a name; one that differs in capitals alone will do.
    fn get(&self, name: &str) -> Option<File<'a>> {
        let mut others = self.0.iter();
        let exact = self.0.get(name);
        exact
            .or_else(|| others.find_map(|(n, file)| n.eq_ignore_ascii_case(name).then_some(file)))
            .copied()
    }

    /// The tokenizer, from the first of tokenizer.json, the GGUF file and tokenizer.model.
    fn vocabulary(&self, opened: &Opened, spoken: &Spoken) -> Result<Vocabulary<'a>> {
        if let Some(file) = self.get(TOKENIZER) {
            let tokenizer = Tokenizer::from_bytes(&file.whole(LARGEST_TOKENIZER)?)?;
            return Ok(Vocabulary::new(tokenizer, Some(file)));
        }
        if let Tensors::Gguf(gguf) = &opened.tensors {
            let file = gguf.file().name;
            let tokenizer = vocabulary::of_gguf(file, gguf.metadata());
            let tokenizer = tokenizer.map_err(|error| match error {
                Error::Tokenizer(problem) => source::bad(file, format!("its tokenizer: {problem}")),
                error => error,
            });
            return Ok(Vocabulary::new(tokenizer?, None));
        }
        let Some(file) = self.get(PIECES) else {
            return Err(self.missing(TOKENIZER));
        };
        let pieces = sentencepiece::Model::new(&file.whole(LARGEST_TOKENIZER)?)?;
        Ok(Vocabulary {
            end: pieces.end(),
            ..Vocabulary::new(pieces.tokenizer(spoken)?, Some(file))
        })
    }

    fn spoken(&self, opened: &Opened) -> Result<Spoken> {
        let gguf = match &opened.tensors {
            Tensors::Gguf(gguf) => Some(gguf),
            Tensors::Safetensors { .. } => None,
        };
        let [config, template] = [TOKENIZER_CONFIG, TEMPLATE].map(|name| self.get(name));
        Spoken::read(gguf, config, template, LARGEST_TOKENIZER)
    }

    /// Tokens that end a text, by all files.
    fn ends(&self, opened: &Opened, spoken: &Spoken, vocabulary: &Vocabulary) -> Result<Vec<u32>> {
        let mut ends = Ends::new(&opened.config.eos_token_ids);
        if let Some(file) = self.get(GENERATION) {
            ends.generation(file, LARGEST_CONFIG)?;
        }
        ends.named(&spoken.fields, &vocabulary.tokenizer);
        ends.token(vocabulary.end);
        if let Tensors::Gguf(gguf) = &opened.tensors {
            ends.gguf(gguf.metadata());
        }
        Ok(ends.within(opened.config.vocab_size))
    }

    /// SHA-256 over the files that were read, in hexadecimal.
    fn hash(&self, opened: &Opened<'a>, tokenizer: Option<File<'a>>) -> Result<String> {
        let mut files = Vec::new();
        match &opened.tensors {
            Tensors::Gguf(gguf) => files.extend(gguf.files()),
            Tensors::Safetensors { shards, .. } => {
                files.push(self.file(CONFIG)?);
                files.extend(shards.files());
            }
        }
        let mut hasher = Sha256::new();
        let beside = BESIDE.iter().filter_map(|name| self.get(name));
        for file in files.into_iter().chain(tokenizer).chain(beside) {
            file.pieces(0, file.size, &mut |piece| hasher.update(piece))?;
        }
        Ok(hexadecimal(&hasher.finalize()))
    }

    fn shards(&self) -> Result<Shards<'a>> {
        match self.get(INDEX) {
            Some(index) if self.get(WEIGHTS).is_none() => {
                Shards::open_index(&index, &|name| self.get(name))
            }
            _ => Shards::open(self.file(WEIGHTS)?),
        }
    }

    fn file(&self, file: &'static str) -> Result<File<'a>> {
        self.get(file).ok_or_else(|| self.missing(file))
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
    /// What the file calls the model, where that is not the folder's to say.
    name: Option<String>,
    fields: Fields,
    family: &'static Family,
    config: Config,
    tensors: Tensors<'a>,
}

/// A tokenizer, the file of its own that it is from, and the token by which that ends texts.
struct Vocabulary<'a> {
    tokenizer: Tokenizer,
    file: Option<File<'a>>,
    end: Option<u32>,
}

impl<'a> Vocabulary<'a> {
    fn new(tokenizer: Tokenizer, file: Option<File<'a>>) -> Self {
        Self {
            tokenizer,
            file,
            end: None,
        }
    }
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

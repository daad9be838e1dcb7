//! Bytes to a [`Model`]. Every byte is untrusted: sizes are bounded before anything is allocated.

mod accidents;
mod fit;
mod gguf;
mod quantization;
mod reader;
mod safetensors;
mod sentencepiece;
mod source;
mod unused;
mod vocabulary;

use crate::error::{Error, Result};
use crate::model::arch::{Family, family};
use crate::model::{ChatTemplate, Config, Fields, Model, Rope, Tokenizer};
use crate::weight::Floats;
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
/// What the peft library calls the weights of an adapter.
const ADAPTER: &str = "adapter_model.safetensors";
const TEMPLATE: &str = "tokenizer_config.json";

/// As transformers decides since version 5.
const OWN_HEAD: &str = "config.json says that head and embedding are one table (tie_word_embeddings), but the file has a \
    head of its own with other values: that one is used.";

/// Files of more bytes than these are refused.
const LARGEST_CONFIG: u64 = 1 << 20;
const LARGEST_TOKENIZER: u64 = 1 << 26;

/// Whether a file of this name is of use to [`model`].
#[must_use]
pub fn is_wanted(name: &str) -> bool {
    matches!(name, CONFIG | INDEX | TOKENIZER | PIECES | TEMPLATE)
        || quantization::BESIDE.iter().any(|(file, _)| *file == name)
        || ends_in(name, "safetensors")
        || ends_in(name, "gguf")
        || is_foreign(name)
}

/// Whether a file holds weights, by its name, in a form that is not read: it is only asked for to be named.
fn is_foreign(name: &str) -> bool {
    const ENDINGS: [&str; 8] = ["bin", "pt", "pth", "ckpt", "h5", "msgpack", "onnx", "npz"];
    // What training leaves beside a model.
    const OTHERS: [&str; 5] = [
        "training_args",
        "optimizer",
        "scheduler",
        "rng_state",
        "scaler",
    ];
    ENDINGS.iter().any(|ending| ends_in(name, ending))
        && !OTHERS.iter().any(|start| name.starts_with(start))
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

/// Refuses a file that is clearly of another kind than its name says.
pub fn check(name: &str, bytes: &Vec<u8>) -> Result<()> {
    accidents::check(&File::new(name, bytes)?)
}

/// Every tensor of a safetensors file whose values are not whole numbers: its name, shape and values.
pub fn tensors(name: &str, bytes: &Vec<u8>) -> Result<Vec<(String, Vec<usize>, Floats)>> {
    Shards::open(File::new(name, bytes)?)?.floats()
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
            tensors,
        } = opened;
        let reader = Reader::new(tensors, config, family);
        let embedding = reader.embedding()?;
        let head = reader.head(&embedding)?;
        let mut config = reader.config.clone();
        let mut notes = Vec::new();
        if config.tie_word_embeddings && !Arc::ptr_eq(&head, &embedding) {
            config.tie_word_embeddings = false;
            notes.push(OWN_HEAD.to_owned());
        }
        let positions = reader.positions()?;
        let blocks = reader.blocks()?;
        let norm = reader.last_norm()?;
        if let Some(shards) = reader.shards() {
            notes.extend(unused::note(shards)?);
            notes.extend(self.beside(shards));
        }
        Ok(Model {
            name: name.to_owned(),
            family,
            tokenizer: Arc::new(tokenizer),
            chat_template: chat_template.map(Arc::new),
            positions,
            head,
            embedding,
            blocks,
            norm,
            config,
            fields: Arc::new(fields),
            hash,
            notes,
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
        let config = family.read(&fields)?;
        let scheme = quantization::Scheme::new(&fields, &|name| self.json(name))?;
        Ok(Opened {
            family,
            config,
            tensors: Tensors::Safetensors {
                shards: self.shards()?,
                scheme,
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
            let json = vocabulary::of_gguf(gguf.file().name, gguf.metadata())?;
            return Ok((Tokenizer::from_bytes(&json)?, None));
        }
        let Some(file) = self.0.get(PIECES) else {
            return Err(self.missing(TOKENIZER));
        };
        let json = sentencepiece::to_json(&file.whole(LARGEST_TOKENIZER)?, true)?;
        Ok((Tokenizer::from_bytes(&json)?, Some(*file)))
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
        let beside = quantization::BESIDE
            .iter()
            .filter_map(|(name, _)| self.0.get(name));
        let others = beside.chain(self.0.get(TEMPLATE)).copied();
        let others = tokenizer.into_iter().chain(others);
        for file in files.into_iter().chain(others) {
            file.pieces(0, file.size, &mut |piece| hasher.update(piece))?;
        }
        Ok(hexadecimal(&hasher.finalize()))
    }

    fn shards(&self) -> Result<Shards<'a>> {
        if let Some(file) = self.0.get(WEIGHTS) {
            return Shards::open(*file);
        }
        match self.0.get(INDEX) {
            Some(index) => Shards::open_index(index, &|name| self.0.get(name).copied()),
            None => Shards::open_parts(self.parts()?),
        }
    }

    /// The files of weights where they have other names and no index: the only one there is, or all that their names
    /// count.
    fn parts(&self) -> Result<Vec<File<'a>>> {
        let files: Vec<File> = self.ending_in("safetensors").collect();
        let Some(first) = files.first() else {
            return Err(self.without_weights());
        };
        if first.name == ADAPTER && files.len() == 1 {
            return Err(source::bad(
                first.name,
                "it holds an adapter (LoRA), which changes another model; take a folder that the two were merged into".into(),
            ));
        }
        match counted(first.name) {
            None if files.len() == 1 => Ok(files),
            None => Err(self.without_weights()),
            Some((start, count)) => {
                let names =
                    (1..=count).map(|part| format!("{start}-{part:05}-of-{count:05}.safetensors"));
                let part = |name: String| {
                    let file = files.iter().find(|file| file.name == name).copied();
                    file.ok_or_else(|| {
                        source::bad(
                            first.name,
                            format!("it is one of {count} parts, and {name} is missing"),
                        )
                    })
                };
                names.map(part).collect()
            }
        }
    }

    /// A sentence about an adapter that lies beside the weights.
    fn beside(&self, shards: &Shards) -> Option<String> {
        let is_apart = shards.files().all(|file| file.name != ADAPTER);
        (is_apart && self.0.contains_key(ADAPTER))
            .then(|| format!("{ADAPTER}, an adapter (LoRA) beside the weights, is left out."))
    }

    fn ending_in(&self, ending: &'static str) -> impl Iterator<Item = File<'a>> {
        let files = self.0.values().copied();
        files.filter(move |file| ends_in(file.name, ending))
    }

    /// The error for a folder without weights, which names those of a form that is not read.
    fn without_weights(&self) -> Error {
        match self.0.keys().find(|name| is_foreign(name)) {
            Some(name) if self.ending_in("safetensors").next().is_none() => Error::ForeignWeights {
                found: (*name).to_owned(),
            },
            _ => self.missing(WEIGHTS),
        }
    }

    /// A JSON file that may be there.
    fn json(&self, name: &str) -> Result<Option<serde_json::Value>> {
        let Some(file) = self.0.get(name) else {
            return Ok(None);
        };
        let json = serde_json::from_slice(&file.whole(LARGEST_CONFIG)?);
        json.map(Some)
            .map_err(|error| source::bad(name, format!("it is not JSON ({error})")))
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

/// What a name like `model-00001-of-00003.safetensors` begins with, and how many parts it counts; `None` for others.
fn counted(name: &str) -> Option<(&str, usize)> {
    let (rest, count) = name.strip_suffix(".safetensors")?.rsplit_once("-of-")?;
    let (start, part) = rest.rsplit_once('-')?;
    let is_number = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    let count = (is_number(part) && is_number(count)).then(|| count.parse().ok())??;
    Some((start, count))
}

/// What the files of a model say before its tokenizer and weights are read.
struct Opened<'a> {
    fields: Fields,
    family: &'static Family,
    config: Config,
    tensors: Tensors<'a>,
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

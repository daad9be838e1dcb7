//! The files of a model together: which form they have, and the model that they are.

use super::adapter::{self, Adapter};
use super::ends::Ends;
use super::gguf::{self, Candidate, Gguf};
use super::reader::{Reader, Tensors};
use super::safetensors::Shards;
use super::source::{self, File, Source};
use super::spoken::Spoken;
use super::{
    ADAPTER, ADAPTER_CONFIG, BESIDE, CONFIG, GENERATION, INDEX, LARGEST_CONFIG, LARGEST_TOKENIZER,
    PIECES, TEMPLATE, TOKENIZER, TOKENIZER_CONFIG, WEIGHTS,
};
use super::{ends_in, is_foreign, quantization, sentencepiece, unused, vocabulary};
use crate::error::{Error, Result};
use crate::hash::Hasher;
use crate::model::arch::{Family, family};
use crate::model::{Config, Fields, Model, Remarks, Tokenizer};
use std::collections::BTreeMap;
use std::sync::Arc;

/// As transformers decides since version 5.
const OWN_HEAD: &str = "config.json says that head and embedding are one table (tie_word_embeddings), but the file has a \
    head of its own with other values: that one is used.";

/// Files by name.
pub struct Folder<'a>(pub BTreeMap<&'a str, File<'a>>);

impl<'a> Folder<'a> {
    pub fn new<S: Source>(files: &'a BTreeMap<String, S>) -> Result<Self> {
        let files = files
            .iter()
            .map(|(name, source)| Ok((name.as_str(), File::new(name, source)?)));
        Ok(Self(files.collect::<Result<_>>()?))
    }

    pub fn model(&self, name: &str) -> Result<Model> {
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
        let adapter = self.adapter()?;
        let reader = Reader::new(tensors, config, family).with(adapter)?;
        let origin = reader.origin()?;
        let embedding = reader.embedding()?;
        let embedding_norm = reader.embedding_norm()?;
        let head = reader.head(&embedding)?;
        let mut config = reader.config.clone();
        let mut notes = Vec::new();
        if config.tie_word_embeddings && !Arc::ptr_eq(&head, &embedding) {
            config.tie_word_embeddings = false;
            notes.push(OWN_HEAD.to_owned());
        }
        let (positions, head_bias) = (reader.positions()?, reader.head_bias()?);
        let blocks = reader.blocks()?;
        let norm = reader.last_norm()?;
        reader.check_all_read()?;
        if let Some(shards) = reader.shards() {
            notes.extend(unused::note(shards)?);
            notes.extend(self.beside());
        }
        notes.extend(reader.note().map(str::to_owned));
        if let Some(adapter) = &reader.adapter {
            notes.push(adapter.note());
        }
        Ok(Model {
            name: own_name.unwrap_or_else(|| name.to_owned()),
            family,
            tokenizer: Arc::new(vocabulary.tokenizer),
            chat_template: spoken.chat_template().map(Arc::new),
            positions,
            head,
            head_bias,
            embedding,
            embedding_norm,
            blocks,
            norm,
            config,
            remarks: Remarks::read(&fields)?,
            hash,
            origin: Arc::new(origin),
            notes,
        })
    }

    /// Reads everything but tokenizer and weights.
    pub fn open(&self) -> Result<Opened<'a>> {
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
        if self.get(CONFIG).is_none() && self.get(ADAPTER).is_some() {
            return Err(adapter::alone(self.get(ADAPTER_CONFIG)));
        }
        let fields = Fields::parse(&self.file(CONFIG)?.whole(LARGEST_CONFIG)?)?.of_text();
        let family = family(&fields)?;
        let config = family.read(&fields)?;
        let scheme = quantization::Scheme::new(&fields, &|name| self.json(name))?;
        Ok(Opened {
            name: None,
            family,
            config,
            tensors: Tensors::Safetensors {
                shards: self.shards()?,
                scheme,
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
    pub fn candidates(&self) -> Vec<Candidate<'a>> {
        if self.get(WEIGHTS).is_some() || self.get(INDEX).is_some() {
            return Vec::new();
        }
        let files = self.0.values().copied();
        let files: Vec<File> = files.filter(|file| ends_in(file.name, "gguf")).collect();
        gguf::candidates(&files)
    }

    /// The file of a name; one that differs in capitals alone will do.
    pub fn get(&self, name: &str) -> Option<File<'a>> {
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
        let mut hasher = Hasher::default();
        let quantization = quantization::BESIDE.iter().map(|(name, _)| *name);
        let beside = BESIDE.into_iter().chain(quantization);
        let beside = beside.filter_map(|name| self.get(name));
        let adapter = self.adapter_files().into_iter().flatten();
        for file in files
            .into_iter()
            .chain(tokenizer)
            .chain(beside)
            .chain(adapter)
        {
            file.pieces(0, file.size, &mut |piece| hasher.update(piece))?;
        }
        Ok(hasher.finish())
    }

    fn shards(&self) -> Result<Shards<'a>> {
        if let Some(file) = self.get(WEIGHTS) {
            return Shards::open(file);
        }
        match self.get(INDEX) {
            Some(index) => Shards::open_index(&index, &|name| self.get(name)),
            None => Shards::open_parts(self.parts()?),
        }
    }

    /// The files of weights where they have other names and no index: the only one there is, or all that their names
    /// count.
    fn parts(&self) -> Result<Vec<File<'a>>> {
        let files = self.ending_in("safetensors");
        let files: Vec<File> = files.filter(|file| file.name != ADAPTER).collect();
        let Some(first) = files.first() else {
            return Err(match self.get(ADAPTER) {
                Some(_) => adapter::alone(self.get(ADAPTER_CONFIG)),
                None => self.without_weights(),
            });
        };
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

    /// The adapter that lies beside the weights.
    fn adapter(&self) -> Result<Option<Adapter<'a>>> {
        let files = self.adapter_files();
        files
            .map(|[config, weights]| Adapter::open(&config, weights))
            .transpose()
    }

    fn adapter_files(&self) -> Option<[File<'a>; 2]> {
        Some([self.get(ADAPTER_CONFIG)?, self.get(ADAPTER)?])
    }

    /// A sentence about an adapter that lies beside the weights without saying what it is.
    fn beside(&self) -> Option<String> {
        (self.get(ADAPTER).is_some() && self.get(ADAPTER_CONFIG).is_none())
            .then(|| format!("{ADAPTER}, an adapter (LoRA) beside the weights, is left out, because {ADAPTER_CONFIG} is missing."))
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
        self.get(file).ok_or_else(|| self.missing(file))
    }

    pub fn missing(&self, file: &'static str) -> Error {
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
pub struct Opened<'a> {
    /// What the file calls the model, where that is not the folder's to say.
    pub name: Option<String>,
    pub fields: Fields,
    pub family: &'static Family,
    pub config: Config,
    pub tensors: Tensors<'a>,
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
    pub fn merges(&self) -> Option<u64> {
        let Tensors::Gguf(gguf) = &self.tensors else {
            return None;
        };
        let merges = gguf.metadata().get("tokenizer.ggml.merges")?.as_array()?;
        Some(merges.len() as u64)
    }
}

//! Puts a model together from the tensors of its files.

mod block;

use super::adapter::Adapter;
use super::gguf::Gguf;
use super::quantization;
use super::safetensors::Shards;
use super::{ADAPTER, source};
use crate::error::{Error, Result};
use crate::model::arch::{Family, TensorNames};
use crate::model::{Block, Config, Norm, NormKind};
use crate::weight::{Dense, Floats, Weight};
use std::sync::Arc;

/// The files that hold the weights.
pub(super) enum Tensors<'a> {
    Safetensors {
        shards: Shards<'a>,
        scheme: Option<quantization::Scheme>,
    },
    Gguf(Gguf<'a>),
}

/// How files of models that also see begin the names of their text part's tensors: old and new ones of transformers, and those
/// of `SmolVLM`.
const TEXT_PARTS: [(&str, &str); 3] = [
    ("", "language_model."),
    ("model.", "model.language_model."),
    ("model.", "model.text_model."),
];

/// Transformers 5 has one name for all heads.
const COMMON_HEAD: &str = "lm_head";

pub(super) struct Reader<'a> {
    pub tensors: Tensors<'a>,
    pub config: Config,
    pub family: &'static Family,
    /// What is added to some of them.
    pub adapter: Option<Adapter<'a>>,
    /// What the file calls its tensors.
    pub names: TensorNames,
    /// The beginning of names that this file has otherwise, and how.
    begins: (&'static str, &'static str),
}

impl<'a> Reader<'a> {
    pub fn new(tensors: Tensors<'a>, config: Config, family: &'static Family) -> Self {
        let (names, begins) = match &tensors {
            Tensors::Safetensors { shards, .. } => {
                let names = family.tensors;
                let mut begins = [("", "")].into_iter().chain(TEXT_PARTS);
                let found = begins.find(|begins| {
                    let name = renamed(names.embedding.to_owned(), *begins);
                    let mut ends = [".weight", ".weight_packed"].iter();
                    ends.any(|end| shards.has(&format!("{name}{end}")))
                });
                (names, found.unwrap_or((names.base, "")))
            }
            Tensors::Gguf(_) => (family.tensors.in_gguf(), ("", "")),
        };
        Self {
            tensors,
            config,
            family,
            adapter: None,
            names,
            begins,
        }
    }

    /// The same with an adapter merged into the weights.
    pub fn with(mut self, adapter: Option<Adapter<'a>>) -> Result<Self> {
        let Some(adapter) = adapter else {
            return Ok(self);
        };
        let Tensors::Safetensors {
            shards,
            scheme: None,
        } = &self.tensors
        else {
            let problem = "an adapter (LoRA) is merged into weights as they were trained, in safetensors; those of this model are in another form";
            return Err(source::bad(ADAPTER, problem.into()));
        };
        let adapter = adapter.of(|layer| {
            let names = [layer.to_owned(), self.stored(layer.to_owned())];
            let mut names = names.map(|name| format!("{name}.weight")).into_iter();
            names.find(|name| shards.has(name))
        })?;
        self.adapter = Some(adapter);
        Ok(self)
    }

    pub fn blocks(&self) -> Result<Vec<Block>> {
        (0..self.config.num_hidden_layers)
            .map(|index| self.block(index))
            .collect()
    }

    pub fn embedding(&self) -> Result<Arc<Weight>> {
        self.table(self.names.embedding, self.config.vocab_size)
    }

    /// The head: the embedding itself where the two are tied, unless the file has one with other values.
    pub fn head(&self, embedding: &Arc<Weight>) -> Result<Arc<Weight>> {
        match self.own_head() {
            Some(name) if self.config.tie_word_embeddings => {
                if self.are_same(name, self.names.embedding)? {
                    Ok(Arc::clone(embedding))
                } else {
                    self.table(name, self.config.vocab_size)
                }
            }
            Some(name) => self.table(name, self.config.vocab_size),
            None => Ok(Arc::clone(embedding)),
        }
    }

    /// The name of the head, where the files have a table of its own, or must have one.
    pub fn own_head(&self) -> Option<&'static str> {
        let own = self.names.head;
        let found = [own, COMMON_HEAD].into_iter().find(|name| self.has(name));
        found.or((!self.config.tie_word_embeddings).then_some(own))
    }

    /// Whether two tables of a file hold the same bytes.
    fn are_same(&self, one: &str, other: &str) -> Result<bool> {
        let [one, other] = [one, other].map(|name| self.stored(format!("{name}.weight")));
        // In GGUF a head of its own is what says that the two are not tied.
        match self.shards() {
            Some(shards) if shards.has(&one) && shards.has(&other) => shards.are_same(&one, &other),
            _ => Ok(false),
        }
    }

    fn has(&self, name: &str) -> bool {
        let layer = self.stored(name.to_owned());
        let name = format!("{layer}.weight");
        match &self.tensors {
            Tensors::Gguf(gguf) => gguf.has(&name),
            Tensors::Safetensors { shards, scheme } => {
                shards.has(&name) || quantization::has(shards, scheme.as_ref(), &layer)
            }
        }
    }

    /// What a reader of the model's numbers should know of how its layers are quantized.
    pub fn note(&self) -> Option<&'static str> {
        match &self.tensors {
            Tensors::Safetensors { scheme, .. } => scheme.as_ref()?.note(),
            Tensors::Gguf(_) => None,
        }
    }

    /// The files, where they are safetensors.
    pub fn shards(&self) -> Option<&Shards<'a>> {
        match &self.tensors {
            Tensors::Safetensors { shards, .. } => Some(shards),
            Tensors::Gguf(_) => None,
        }
    }

    pub fn positions(&self) -> Result<Option<Arc<Weight>>> {
        let rows = self.config.position_rows();
        let table = self.names.positions.map(|name| self.table(name, rows));
        table.transpose()
    }

    /// What is added to the logits.
    pub fn head_bias(&self) -> Result<Option<Arc<[f32]>>> {
        let name = self.own_head().unwrap_or(self.names.head);
        let name = self.stored(format!("{name}.bias"));
        let is_there = self.config.biases.head;
        let bias = is_there.then(|| self.vector(&name, self.config.vocab_size));
        Ok(bias.transpose()?.map(Into::into))
    }

    /// An error where the file has tensors that nothing above has read.
    pub fn check_all_read(&self) -> Result<()> {
        match &self.tensors {
            Tensors::Gguf(gguf) => gguf.check_all_read(),
            Tensors::Safetensors { .. } => self
                .adapter
                .as_ref()
                .map_or(Ok(()), Adapter::check_all_read),
        }
    }

    /// The values of a matrix of the files.
    fn values(
        &self,
        shards: &Shards,
        name: &str,
        shape: [usize; 2],
        transposed: bool,
    ) -> Result<Floats> {
        let values = shards.tensor(name, &shape)?;
        match &self.adapter {
            Some(adapter) => adapter.merged(name, values, shape, transposed),
            None => Ok(values),
        }
    }

    pub fn embedding_norm(&self) -> Result<Option<Norm>> {
        let name = self.names.embedding_norm;
        let norm = name.map(|name| self.norm(name.to_owned(), self.config.hidden_size));
        norm.transpose()
    }

    pub fn last_norm(&self) -> Result<Norm> {
        self.norm(self.names.norm.to_owned(), self.config.hidden_size)
    }

    /// A table with a row per token or position.
    fn table(&self, name: &str, rows: usize) -> Result<Arc<Weight>> {
        let name = self.stored(format!("{name}.weight"));
        let shape = [rows, self.config.hidden_size];
        let weight = match &self.tensors {
            Tensors::Gguf(gguf) => gguf.matrix(&name, shape, None)?,
            Tensors::Safetensors { shards, scheme } => {
                let layer = name.strip_suffix(".weight").unwrap_or(&name);
                if let Some(weight) = quantization::weight(shards, scheme.as_ref(), layer, shape)? {
                    weight
                } else {
                    quantization::check_explained(shards, &name)?;
                    dense(&name, shape, self.values(shards, &name, shape, false)?)?
                }
            }
        };
        Ok(Arc::new(weight))
    }

    fn norm(&self, name: String, len: usize) -> Result<Norm> {
        let name = self.stored(name);
        let mut scale = self.vector(&format!("{name}.weight"), len)?;
        let in_full = matches!(self.tensors, Tensors::Gguf(_));
        if self.config.norm == NormKind::RmsPlusOne && !in_full {
            for scale in &mut scale {
                *scale += 1.0;
            }
        }
        let bias = (self.config.norm == NormKind::Layer)
            .then(|| self.vector(&format!("{name}.bias"), len));
        Ok(Norm {
            scale: scale.into(),
            bias: bias.transpose()?.map(Into::into),
        })
    }

    /// What the file calls the tensors of a layer.
    pub fn names_of(&self, index: usize) -> TensorNames {
        self.names.of_layer(&self.config, index)
    }

    pub fn stored(&self, name: String) -> String {
        renamed(name, self.begins)
    }

    fn vector(&self, name: &str, len: usize) -> Result<Vec<f32>> {
        let stored = match &self.tensors {
            Tensors::Gguf(gguf) => gguf.vector(name, len)?,
            Tensors::Safetensors { shards, .. } => shards.tensor(name, &[len])?,
        };
        let mut values = vec![0.0; len];
        stored.read(0, &mut values);
        Ok(values)
    }
}

fn renamed(name: String, (from, to): (&str, &str)) -> String {
    match name.strip_prefix(from) {
        Some(rest) => format!("{to}{rest}"),
        None => name,
    }
}

fn dense(name: &str, [rows, cols]: [usize; 2], values: Floats) -> Result<Weight> {
    let weight = Dense::new(rows, cols, values).ok_or_else(|| Error::WrongShape {
        tensor: name.to_owned(),
        expected: vec![rows, cols],
        found: Vec::new(),
    })?;
    Ok(Weight::Dense(weight))
}

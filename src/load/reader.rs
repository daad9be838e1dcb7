//! Puts a model together from the tensors of its files.

use super::gguf::Gguf;
use super::quantization;
use super::safetensors::Shards;
use crate::error::{Error, Result};
use crate::model::arch::{Family, Fused, TensorNames};
use crate::model::{Block, Config, Linear, Norm, NormKind};
use crate::weight::{Dense, Weight};
use std::ops::Range;
use std::sync::Arc;

/// The files that hold the weights.
pub(super) enum Tensors<'a> {
    Safetensors {
        shards: Shards<'a>,
        scheme: Option<quantization::Scheme>,
    },
    Gguf(Gguf<'a>),
}

/// A linear layer within a matrix of the file.
#[derive(Clone, Copy)]
struct StoredLayer<'p> {
    /// Its own name in the family, without `.weight`.
    name: &'static str,
    /// The matrix of the file that holds it.
    stored: &'static str,
    /// Its rows there, in order.
    rows: &'p [Range<usize>],
    /// Rows of that matrix.
    total: usize,
    cols: usize,
    has_bias: bool,
}

impl StoredLayer<'_> {
    fn is_whole(&self) -> bool {
        self.rows == [0..self.total]
    }

    fn places(&self) -> impl Iterator<Item = usize> {
        self.rows.iter().cloned().flatten()
    }

    fn len(&self) -> usize {
        self.rows.iter().map(ExactSizeIterator::len).sum()
    }
}

/// Transformers 5 has one name for all heads.
const COMMON_HEAD: &str = "lm_head";

type Name = fn(&TensorNames) -> &'static str;

pub(super) struct Reader<'a> {
    pub tensors: Tensors<'a>,
    pub config: Config,
    pub family: &'static Family,
    /// What the file calls its tensors.
    pub names: TensorNames,
    /// The beginning of names that this file leaves out.
    absent: &'static str,
}

impl<'a> Reader<'a> {
    pub fn new(tensors: Tensors<'a>, config: Config, family: &'static Family) -> Self {
        let (names, absent) = match &tensors {
            Tensors::Safetensors { shards, .. } => {
                let names = family.tensors;
                let complete = [".weight", ".weight_packed"]
                    .iter()
                    .any(|end| shards.has(&format!("{}{end}", names.embedding)));
                (names, if complete { "" } else { names.base })
            }
            Tensors::Gguf(_) => (family.tensors.in_gguf(), ""),
        };
        Self {
            tensors,
            config,
            family,
            names,
            absent,
        }
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

    /// The files, where they are safetensors.
    pub fn shards(&self) -> Option<&Shards<'a>> {
        match &self.tensors {
            Tensors::Safetensors { shards, .. } => Some(shards),
            Tensors::Gguf(_) => None,
        }
    }

    pub fn positions(&self) -> Result<Option<Arc<Weight>>> {
        let rows = self.config.max_position_embeddings;
        let table = self.names.positions.map(|name| self.table(name, rows));
        table.transpose()
    }

    /// An error where the file has tensors that nothing above has read.
    pub fn check_all_read(&self) -> Result<()> {
        match &self.tensors {
            Tensors::Gguf(gguf) => gguf.check_all_read(),
            Tensors::Safetensors { .. } => Ok(()),
        }
    }

    pub fn last_norm(&self) -> Result<Norm> {
        self.norm(self.names.norm.to_owned(), self.config.hidden_size)
    }

    fn block(&self, index: usize) -> Result<Block> {
        let config = &self.config;
        let names = &self.names;
        let (hidden, inner) = (config.hidden_size, config.intermediate_size);
        let queries = config.num_attention_heads * config.head_dim;
        let keys = config.num_key_value_heads * config.head_dim;
        let biases = config.biases;
        let norm = |name: &str, len| self.norm(format!("{}{index}.{name}", names.block), len);
        let maybe = |name: Option<&str>, len| name.map(|name| norm(name, len)).transpose();
        let [query, key, value] = self.together(
            index,
            names.query_key_value,
            [
                (|n| n.query, queries),
                (|n| n.key, keys),
                (|n| n.value, keys),
            ],
            biases.attention,
        )?;
        let alone = |name: Name, shape: [usize; 2], bias| self.alone(index, name, shape, bias);
        let (gate, up) = if self.family.tensors.gate.is_some() {
            let parts: [(Name, usize); 2] = [(|n| n.gate.unwrap_or(""), inner), (|n| n.up, inner)];
            let [gate, up] = self.together(index, names.gate_up, parts, biases.feed_forward)?;
            (Some(gate), up)
        } else {
            (None, alone(|n| n.up, [inner, hidden], biases.feed_forward)?)
        };
        Ok(Block {
            input_norm: norm(names.input_norm, hidden)?,
            query,
            key,
            value,
            output: alone(|n| n.output, [hidden, queries], biases.output)?,
            query_norm: maybe(names.query_norm, config.head_dim)?,
            key_norm: maybe(names.key_norm, config.head_dim)?,
            output_norm: maybe(names.output_norm, hidden)?,
            post_norm: norm(names.post_norm, hidden)?,
            gate,
            up,
            down: alone(|n| n.down, [hidden, inner], biases.feed_forward)?,
            down_norm: maybe(names.down_norm, hidden)?,
            sliding: config.sliding_layers[index],
        })
    }

    /// Linear layers that read the hidden states, of so many rows each; in one matrix where `fused` says so.
    fn together<const N: usize>(
        &self,
        index: usize,
        fused: Option<Fused>,
        parts: [(Name, usize); N],
        has_bias: bool,
    ) -> Result<[Linear; N]> {
        let total: usize = parts.iter().map(|(_, rows)| rows).sum();
        let mut linears = Vec::with_capacity(N);
        let mut before = 0;
        for (name, rows) in parts {
            let (stored, ranges, total) = match fused {
                None => {
                    let stored = name(&self.names);
                    (stored, self.row_order(stored, rows), rows)
                }
                Some(fused) => {
                    let heads = if fused.by_head {
                        self.config.num_attention_heads
                    } else {
                        1
                    };
                    let start = |head| (head * total + before) / heads;
                    let ranges = (0..heads).map(|head| start(head)..start(head) + rows / heads);
                    (fused.name, ranges.collect(), total)
                }
            };
            before += rows;
            let part = StoredLayer {
                name: name(&self.family.tensors),
                stored,
                rows: &ranges,
                total,
                cols: self.config.hidden_size,
                has_bias,
            };
            linears.push(self.linear(index, part)?);
        }
        linears.try_into().map_err(|_| Error::Empty {
            what: "a group of layers".into(),
        })
    }

    fn alone(
        &self,
        index: usize,
        name: Name,
        [rows, cols]: [usize; 2],
        has_bias: bool,
    ) -> Result<Linear> {
        let part = StoredLayer {
            name: name(&self.family.tensors),
            stored: name(&self.names),
            rows: &[0..rows],
            total: rows,
            cols,
            has_bias,
        };
        self.linear(index, part)
    }

    /// Llama's queries and keys lie in GGUF as llama.cpp turns them, neighbours together; here the first half of a head
    /// is turned against the second.
    fn row_order(&self, stored: &str, rows: usize) -> Vec<Range<usize>> {
        let turned = stored == self.names.query || stored == self.names.key;
        if !matches!(self.tensors, Tensors::Gguf(_)) || self.family.gguf != Some("llama") || !turned
        {
            return vec![0..rows];
        }
        let width = self.config.head_dim;
        let half = width / 2;
        let places = (0..rows).map(|row| {
            let (head, place) = (row / width, row % width);
            head * width + place % half * 2 + place / half
        });
        places.map(|place| place..place + 1).collect()
    }

    fn linear(&self, index: usize, part: StoredLayer) -> Result<Linear> {
        let name = format!("{}{index}.{}", self.family.tensors.block, part.name);
        let stored = self.stored(format!("{}{index}.{}", self.names.block, part.stored));
        let bias = part.has_bias.then(|| -> Result<_> {
            let all = self.vector(&format!("{stored}.bias"), part.total)?;
            Ok(part.places().map(|row| all[row]).collect())
        });
        Ok(Linear {
            weight: Arc::new(self.weight(&stored, part)?),
            bias: bias.transpose()?,
            name,
        })
    }

    fn weight(&self, stored: &str, part: StoredLayer) -> Result<Weight> {
        let name = format!("{stored}.weight");
        let (total, cols) = (part.total, part.cols);
        let (shards, scheme) = match &self.tensors {
            Tensors::Gguf(gguf) => {
                let rows = (!part.is_whole()).then(|| part.places().collect::<Vec<_>>());
                return gguf.matrix(&name, [total, cols], rows.as_deref());
            }
            Tensors::Safetensors { shards, scheme } => (shards, scheme),
        };
        if let Some(weight) = quantization::weight(shards, scheme.as_ref(), stored, [total, cols])?
        {
            if part.is_whole() {
                return Ok(weight);
            }
            let rows: Vec<usize> = part.places().collect();
            return quantization::rows(&weight, &rows).ok_or_else(|| Error::WrongShape {
                tensor: stored.to_owned(),
                expected: vec![total, cols],
                found: weight.shape().to_vec(),
            });
        }
        quantization::check_explained(shards, &name)?;
        let values = if self.names.transposed {
            let values = shards.tensor(&name, &[cols, total])?;
            values.pick(
                part.places()
                    .flat_map(|row| (0..cols).map(move |col| col * total + row)),
            )
        } else {
            let values = shards.tensor(&name, &[total, cols])?;
            if part.is_whole() {
                values
            } else {
                values.pick(part.places().flat_map(|row| row * cols..(row + 1) * cols))
            }
        };
        dense(&name, [part.len(), cols], values)
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
                    dense(&name, shape, shards.tensor(&name, &shape)?)?
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

    pub fn stored(&self, name: String) -> String {
        match name.strip_prefix(self.absent) {
            Some(rest) => rest.to_owned(),
            None => name,
        }
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

fn dense(name: &str, [rows, cols]: [usize; 2], values: crate::weight::Floats) -> Result<Weight> {
    let weight = Dense::new(rows, cols, values).ok_or_else(|| Error::WrongShape {
        tensor: name.to_owned(),
        expected: vec![rows, cols],
        found: Vec::new(),
    })?;
    Ok(Weight::Dense(weight))
}

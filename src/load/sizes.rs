//! What the tensors of a model take, in its files and in memory, known without their values.

use super::quantization;
use super::reader::{Reader, Tensors};
use crate::error::Result;
use crate::model::{FileType, HeadNorms, NormKind, Origin};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::AddAssign;

/// Bits of a weight that is not compressed, with something off for rounding.
const WRITTEN_OUT: f64 = 15.9;

/// Bytes of some tensors, and how many weights they hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Extent {
    pub parameters: u64,
    pub file_bytes: u64,
    pub memory_bytes: u64,
}

impl AddAssign for Extent {
    fn add_assign(&mut self, other: Self) {
        self.parameters += other.parameters;
        self.file_bytes += other.file_bytes;
        self.memory_bytes += other.memory_bytes;
    }
}

/// The tensors of a model by what they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sizes {
    /// The linear layers of the blocks, which methods compress.
    pub linears: Extent,
    /// Embedding, positions, and head where it is a table of its own.
    pub tables: Extent,
    /// Norms and biases, which are f32 in memory.
    pub vector_bytes: u64,
    /// The largest matrix of `linears`, in the file.
    pub largest: u64,
}

impl Sizes {
    /// Of everything in memory.
    pub fn memory_bytes(&self) -> u64 {
        self.linears.memory_bytes + self.tables.memory_bytes + self.vector_bytes
    }
}

impl Reader<'_> {
    /// The sizes of all tensors; an error where one is missing, or of another shape.
    pub fn sizes(&self) -> Result<Sizes> {
        let config = &self.config;
        let hidden = config.hidden_size;
        let mut sizes = Sizes::default();
        for (name, rows) in self.tables() {
            sizes.tables += self.extent(&self.stored(name.to_owned()), [rows, hidden])?;
        }
        for extent in self.linears() {
            let extent = extent?;
            sizes.largest = sizes.largest.max(extent.file_bytes);
            sizes.linears += extent;
        }
        sizes.vector_bytes = 4 * self.vector_values() as u64;
        Ok(sizes)
    }

    /// Every matrix of every block.
    fn linears(&self) -> impl Iterator<Item = Result<Extent>> {
        (0..self.config.num_hidden_layers).flat_map(move |index| {
            self.matrices(index)
                .into_iter()
                .map(move |(name, [rows, cols])| {
                    let shape = if self.names.transposed {
                        [cols, rows]
                    } else {
                        [rows, cols]
                    };
                    let name = format!("{}{index}.{name}", self.names.block);
                    self.extent(&self.stored(name), shape)
                })
        })
    }

    /// Tables with their rows.
    fn tables(&self) -> impl Iterator<Item = (&'static str, usize)> {
        let config = &self.config;
        let positions = self.names.positions;
        let positions = positions.map(|name| (name, config.position_rows()));
        let head = self.own_head().map(|name| (name, config.vocab_size));
        [(self.names.embedding, config.vocab_size)]
            .into_iter()
            .chain(positions)
            .chain(head)
    }

    /// The matrices of a block as the file has them, `[out_features, in_features]`.
    fn matrices(&self, index: usize) -> Vec<(&'static str, [usize; 2])> {
        let (config, names) = (&self.config, self.names_of(index));
        let (hidden, inner) = (config.hidden_size, config.intermediate_size);
        let [queries, keys, values] = config.mixer_rows(index);
        let mut all = match names.query_key_value {
            Some(fused) => vec![(fused.name, [queries + keys + values, hidden])],
            None => vec![
                (names.query, [queries, hidden]),
                (names.key, [keys, hidden]),
                (names.value, [values, hidden]),
            ],
        };
        match (names.gate_up, names.gate) {
            (Some(fused), _) => all.push((fused.name, [2 * inner, hidden])),
            (None, gate) => {
                all.extend(gate.map(|gate| (gate, [inner, hidden])));
                all.push((names.up, [inner, hidden]));
            }
        }
        all.extend([
            (names.output, [hidden, queries]),
            (names.down, [hidden, inner]),
        ]);
        all
    }

    /// Values of all norms and biases, and of convolutions.
    fn vector_values(&self) -> usize {
        let config = &self.config;
        let hidden = config.hidden_size;
        let tables = 1 + usize::from(self.names.embedding_norm.is_some());
        let of_head = usize::from(config.biases.head) * config.vocab_size;
        let of_layers = (0..config.num_hidden_layers).map(|index| self.vector_values_of(index));
        of_head + tables * self.values_of_norms() * hidden + of_layers.sum::<usize>()
    }

    /// How many vectors a norm is.
    fn values_of_norms(&self) -> usize {
        1 + usize::from(self.config.norm == NormKind::Layer)
    }

    fn vector_values_of(&self, index: usize) -> usize {
        let (config, names) = (&self.config, self.names_of(index));
        let (hidden, inner) = (config.hidden_size, config.intermediate_size);
        let [of_queries, of_keys] = config.head_norm_widths();
        let [queries, keys, values] = config.mixer_rows(index);
        let norms = [
            (names.input_norm, hidden),
            (names.query_norm, of_queries),
            (names.key_norm, of_keys),
            (names.attended_norm, queries),
            (names.output_norm, hidden),
            (names.post_norm, hidden),
            (names.inner_norm, inner),
            (names.down_norm, hidden),
        ];
        let norms = norms.into_iter().filter(|(name, _)| name.is_some());
        let norms: usize = norms.map(|(_, width)| width).sum();
        let ups = 1 + usize::from(self.family.tensors.gate.is_some());
        let is_unscaled = config.head_norms == HeadNorms::Unscaled && config.turning_layers[index];
        let others = [
            (config.biases.attention, queries + keys + values),
            (config.biases.output, hidden),
            (config.biases.feed_forward, ups * inner + hidden),
            (is_unscaled, of_queries + of_keys),
            (
                names.convolution.is_some(),
                hidden * config.convolution_length.unwrap_or(0),
            ),
        ];
        let others = others.into_iter().filter(|(is_there, _)| *is_there);
        self.values_of_norms() * norms + others.map(|(_, values)| values).sum::<usize>()
    }

    fn extent(&self, name: &str, shape: [usize; 2]) -> Result<Extent> {
        let tensor = format!("{name}.weight");
        let parameters = shape[0] as u64 * shape[1] as u64;
        let (file_bytes, memory_bytes) = match &self.tensors {
            Tensors::Gguf(gguf) => gguf.extent(&tensor, shape)?,
            Tensors::Safetensors { shards, scheme } => {
                let packed = quantization::bytes(shards, scheme.as_ref(), name);
                let bytes = if let Some(bytes) = packed {
                    bytes
                } else {
                    quantization::check_explained(shards, &tensor)?;
                    parameters * shards.storage(&tensor, &shape)?.bytes() as u64
                };
                (bytes, bytes)
            }
        };
        Ok(Extent {
            parameters,
            file_bytes,
            memory_bytes,
        })
    }

    /// What the files with weights are.
    pub fn origin(&self) -> Result<Origin> {
        let mut linears = Extent::default();
        for extent in self.linears() {
            linears += extent?;
        }
        let bits = 8.0 * linears.file_bytes as f64 / linears.parameters.max(1) as f64;
        let (bytes, tensors) = match &self.tensors {
            Tensors::Gguf(gguf) => {
                let files = gguf.files().iter();
                (files.map(|file| file.size).sum(), gguf.types())
            }
            Tensors::Safetensors { shards, .. } => {
                let files = shards.files();
                (files.map(|file| file.size).sum(), shards.types())
            }
        };
        Ok(Origin {
            bytes,
            types: counted(tensors),
            compressed: (bits < WRITTEN_OUT).then_some(bits),
        })
    }
}

/// The number formats of tensors, given with their bytes.
fn counted(tensors: Vec<(String, u64)>) -> Vec<FileType> {
    let mut types: BTreeMap<String, FileType> = BTreeMap::new();
    for (name, bytes) in tensors {
        let entry = types.entry(name.clone()).or_insert(FileType {
            name,
            tensors: 0,
            bytes: 0,
        });
        entry.tensors += 1;
        entry.bytes += bytes;
    }
    let mut types: Vec<FileType> = types.into_values().collect();
    types.sort_by_key(|each| Reverse(each.tensors));
    types
}

//! The layers of one block, each out of the matrix of the file that holds it.

use super::{Reader, Tensors, dense};
use crate::error::{Error, Result};
use crate::load::quantization;
use crate::model::arch::{Fused, TensorNames};
use crate::model::{Block, HeadNorms, Linear, Norm};
use crate::weight::Weight;
use std::ops::Range;
use std::sync::Arc;

type Name = fn(&TensorNames) -> &'static str;

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

impl Reader<'_> {
    pub fn block(&self, index: usize) -> Result<Block> {
        let config = &self.config;
        let names = &self.names_of(index);
        let (hidden, inner) = (config.hidden_size, config.intermediate_size);
        let [queries, keys, values] = config.mixer_rows(index);
        let biases = config.biases;
        let norm = |name: &str, len| self.norm(format!("{}{index}.{name}", names.block), len);
        let maybe = |name: Option<&str>, len| name.map(|name| norm(name, len)).transpose();
        let [of_queries, of_keys] = config.head_norm_widths();
        let is_unscaled = config.head_norms == HeadNorms::Unscaled && config.turning_layers[index];
        let unscaled = |len| {
            is_unscaled.then(|| Norm {
                scale: vec![1.0; len].into(),
                bias: None,
            })
        };
        let [query, key, value] = self.together(
            index,
            names.query_key_value,
            [
                (|n| n.query, queries),
                (|n| n.key, keys),
                (|n| n.value, values),
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
            input_norm: maybe(names.input_norm, hidden)?,
            query,
            key,
            value,
            convolution: self.convolution(index)?,
            attended_norm: maybe(names.attended_norm, queries)?,
            output: alone(|n| n.output, [hidden, queries], biases.output)?,
            query_norm: maybe(names.query_norm, of_queries)?.or_else(|| unscaled(of_queries)),
            key_norm: maybe(names.key_norm, of_keys)?.or_else(|| unscaled(of_keys)),
            output_norm: maybe(names.output_norm, hidden)?,
            post_norm: maybe(names.post_norm, hidden)?,
            gate,
            up,
            inner_norm: maybe(names.inner_norm, inner)?,
            down: alone(|n| n.down, [hidden, inner], biases.feed_forward)?,
            down_norm: maybe(names.down_norm, hidden)?,
            sliding: config.sliding_layers[index],
            turning: config.turning_layers[index],
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
        let (own, names) = (self.own_names_of(index), self.names_of(index));
        let total: usize = parts.iter().map(|(_, rows)| rows).sum();
        let mut linears = Vec::with_capacity(N);
        let mut before = 0;
        for (name, rows) in parts {
            let (stored, ranges, total) = match fused {
                None => {
                    let stored = name(&names);
                    (stored, self.row_order(&names, stored, rows), rows)
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
                name: name(&own),
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

    /// The names of a layer in the family.
    fn own_names_of(&self, index: usize) -> TensorNames {
        self.family.tensors.of_layer(&self.config, index)
    }

    /// What a layer's convolution multiplies by, where it is one.
    fn convolution(&self, index: usize) -> Result<Option<Arc<[f32]>>> {
        let (names, hidden) = (self.names_of(index), self.config.hidden_size);
        let Some((names, taps)) = names.convolution.zip(self.config.convolution_length) else {
            return Ok(None);
        };
        let name = format!("{}{index}.{}.weight", self.names.block, names.kernel);
        let name = self.stored(name);
        let values = match &self.tensors {
            Tensors::Gguf(gguf) => gguf.matrix(&name, [hidden, taps], None)?.to_matrix().data,
            Tensors::Safetensors { shards, .. } => {
                let stored = shards.tensor(&name, &[hidden, 1, taps])?;
                let mut values = vec![0.0; hidden * taps];
                stored.read(0, &mut values);
                values
            }
        };
        Ok(Some(values.into()))
    }

    fn alone(
        &self,
        index: usize,
        name: Name,
        [rows, cols]: [usize; 2],
        has_bias: bool,
    ) -> Result<Linear> {
        let part = StoredLayer {
            name: name(&self.own_names_of(index)),
            stored: name(&self.names_of(index)),
            rows: &[0..rows],
            total: rows,
            cols,
            has_bias,
        };
        self.linear(index, part)
    }

    /// Where a file has neighbours of a head turned against one another: here the first half is turned against the second.
    fn row_order(&self, names: &TensorNames, stored: &str, rows: usize) -> Vec<Range<usize>> {
        let turned = stored == names.query || stored == names.key;
        if !names.interleaved || !turned {
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
            let values = self.values(shards, &name, [cols, total], true)?;
            values.pick(
                part.places()
                    .flat_map(|row| (0..cols).map(move |col| col * total + row)),
            )
        } else {
            let values = self.values(shards, &name, [total, cols], false)?;
            if part.is_whole() {
                values
            } else {
                values.pick(part.places().flat_map(|row| row * cols..(row + 1) * cols))
            }
        };
        dense(&name, [part.len(), cols], values)
    }
}

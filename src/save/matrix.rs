//! Matrices as files of a family hold them: some are several layers below one another, some the other way round.

use super::file::Fill;
use super::fold::{Folds, Layer};
use crate::model::arch::{Fused, TensorNames};
use crate::model::{Inputs, Model, Norm};
use crate::weight::{Floats, Storage};
use std::borrow::Cow;
use std::io::{self, Write};

/// A matrix of the file: a linear layer, or several one below the other.
#[derive(Clone)]
pub struct Matrix<'m> {
    /// Its name without `.weight`.
    pub name: String,
    pub parts: Vec<Layer<'m>>,
    /// Into how many pieces the rows of each part are cut; the first pieces of all parts come first.
    pieces: usize,
    pub transposed: bool,
    /// Heads in each part whose rows the file has in another order: neighbours are turned against one another there, the
    /// first half of a head against the second here. 0: they are in the same order.
    heads: Vec<usize>,
}

/// Every matrix of every block, by the names of a file.
pub fn matrices<'m>(model: &'m Model, names: &TensorNames, folds: &Folds) -> Vec<Matrix<'m>> {
    let mut all = Vec::new();
    let config = &model.config;
    for (i, block) in model.blocks.iter().enumerate() {
        let names = names.of_layer(config, i);
        for inputs in Inputs::ALL {
            let (fused, own) = match inputs {
                Inputs::Attention => (
                    names.query_key_value,
                    vec![names.query, names.key, names.value],
                ),
                Inputs::FeedForward => (
                    names.gate_up,
                    names.gate.into_iter().chain([names.up]).collect(),
                ),
                Inputs::Output => (None, vec![names.output]),
                Inputs::Down => (None, vec![names.down]),
            };
            let heads = match inputs {
                Inputs::Attention if names.interleaved => {
                    vec![config.num_attention_heads, config.num_key_value_heads, 0]
                }
                _ => vec![0; own.len()],
            };
            let matrix = |name, parts, heads, pieces| Matrix {
                name: format!("{}{i}.{name}", names.block),
                parts,
                pieces,
                transposed: names.transposed,
                heads,
            };
            let layers = folds.reading(i, block, inputs);
            if let Some(Fused { name, by_head }) = fused {
                let pieces = if by_head {
                    config.num_attention_heads
                } else {
                    1
                };
                all.push(matrix(name, layers, heads, pieces));
            } else {
                let layers = layers.into_iter().zip(own).zip(heads);
                all.extend(
                    layers.map(|((layer, name), heads)| matrix(name, vec![layer], vec![heads], 1)),
                );
            }
        }
    }
    all
}

impl<'m> Matrix<'m> {
    /// A table by its name.
    pub fn table(name: &str, layer: Layer<'m>) -> Self {
        Self {
            name: name.to_owned(),
            parts: vec![layer],
            pieces: 1,
            transposed: false,
            heads: vec![0],
        }
    }

    /// The only part, where there is one.
    pub fn only(&self) -> Option<&Layer<'m>> {
        match &self.parts[..] {
            [layer] if !self.transposed => Some(layer),
            _ => None,
        }
    }

    /// Rows in the order of the file: which part, and which of its rows.
    pub fn rows(&self) -> impl Iterator<Item = (usize, usize)> {
        (0..self.pieces).flat_map(move |piece| {
            self.parts
                .iter()
                .enumerate()
                .flat_map(move |(part, layer)| {
                    let all = layer.weight.shape()[0];
                    let rows = all / self.pieces;
                    let heads = self.heads[part];
                    let width = all.checked_div(heads);
                    let place = move |row: usize| match width {
                        None => row,
                        Some(width) => {
                            row / width * width + row % width % 2 * (width / 2) + row % width / 2
                        }
                    };
                    (piece * rows..(piece + 1) * rows).map(move |row| (part, place(row)))
                })
        })
    }

    /// `[rows, cols]`, whichever way round the file has it.
    pub fn size(&self) -> [usize; 2] {
        let shapes = self.parts.iter().map(|part| part.weight.shape());
        [
            shapes.clone().map(|[rows, _]| rows).sum(),
            shapes.map(|[_, cols]| cols).max().unwrap_or(0),
        ]
    }

    /// Its shape in the file.
    pub fn shape(&self) -> Vec<usize> {
        let [rows, cols] = self.size();
        if self.transposed {
            vec![cols, rows]
        } else {
            vec![rows, cols]
        }
    }

    /// The narrowest format that holds the values of all parts.
    pub fn storage(&self) -> Storage {
        let first = self.parts[0].storage();
        let same = self.parts.iter().all(|part| part.storage() == first);
        if same { first } else { Storage::F32 }
    }

    /// Writes its values.
    pub fn fill(self, storage: Storage) -> Fill<'m> {
        Box::new(move |out| {
            let [_, cols] = self.size();
            let mut row = vec![0.0; cols];
            if !self.transposed {
                for (part, place) in self.rows() {
                    self.parts[part].read_row(place, &mut row);
                    put(storage, &row, out)?;
                }
                return Ok(());
            }
            let rows = self.rows().map(|(part, place)| {
                self.parts[part].read_row(place, &mut row);
                Floats::from_f32(storage, row.iter().copied())
            });
            let rows: Vec<Floats> = rows.collect();
            let mut value = [0.0];
            for col in 0..cols {
                let column = rows.iter().map(|row| {
                    row.read(col, &mut value);
                    value[0]
                });
                put(storage, &column.collect::<Vec<_>>(), out)?;
            }
            Ok(())
        })
    }

    /// The biases of all parts in the order of the file.
    pub fn bias(&self) -> Option<Vec<f32>> {
        self.rows()
            .map(|(part, row)| self.parts[part].bias(row))
            .collect()
    }
}

fn put(storage: Storage, values: &[f32], out: &mut dyn Write) -> io::Result<()> {
    out.write_all(&Floats::from_f32(storage, values.iter().copied()).to_le_bytes())
}

/// Every norm with its name, `.weight` and `.bias` left out.
pub fn norms<'m>(
    model: &'m Model,
    names: &TensorNames,
    folds: &Folds,
) -> Vec<(String, Cow<'m, Norm>)> {
    let mut norms = vec![(names.norm.to_owned(), Cow::Borrowed(&model.norm))];
    let of_embedding = names.embedding_norm.zip(model.embedding_norm.as_ref());
    norms.extend(of_embedding.map(|(name, norm)| (name.to_owned(), Cow::Borrowed(norm))));
    for (i, block) in model.blocks.iter().enumerate() {
        let names = names.of_layer(&model.config, i);
        let own = |norm: &'m Option<Norm>| norm.as_ref().map(Cow::Borrowed);
        let read_by = |readers, norm: &'m Option<Norm>| {
            let norm = norm.as_ref();
            norm.map(|norm| folds.norm(i, norm, readers))
        };
        let pairs = [
            (
                names.input_norm,
                read_by(Inputs::Attention, &block.input_norm),
            ),
            (names.query_norm, own(&block.query_norm)),
            (names.key_norm, own(&block.key_norm)),
            (
                names.attended_norm,
                read_by(Inputs::Output, &block.attended_norm),
            ),
            (names.output_norm, own(&block.output_norm)),
            (
                names.post_norm,
                read_by(Inputs::FeedForward, &block.post_norm),
            ),
            (names.inner_norm, read_by(Inputs::Down, &block.inner_norm)),
            (names.down_norm, own(&block.down_norm)),
        ];
        for (name, norm) in pairs {
            if let (Some(name), Some(norm)) = (name, norm) {
                norms.push((format!("{}{i}.{name}", names.block), norm));
            }
        }
    }
    norms
}

/// Every convolution with its name, `.weight` left out, `[hidden_size, taps]`.
pub fn convolutions<'m>(
    model: &'m Model,
    names: &TensorNames,
) -> impl Iterator<Item = (String, [usize; 2], &'m [f32])> {
    let blocks = model.blocks.iter().enumerate();
    blocks.filter_map(|(i, block)| {
        let kernel = names.convolution?.kernel;
        let values = block.convolution.as_deref()?;
        let hidden = model.config.hidden_size;
        let shape = [hidden, values.len() / hidden.max(1)];
        Some((format!("{}{i}.{kernel}", names.block), shape, values))
    })
}

/// Embedding, learned positions, and the head where it is a table of its own.
pub fn tables<'m>(model: &'m Model, names: &TensorNames) -> Vec<Matrix<'m>> {
    let table = |name, weight| Matrix::table(name, Layer::table(weight));
    let positions = names.positions.zip(model.positions.as_ref());
    let head = (!model.is_tied()).then(|| table(names.head, &model.head));
    std::iter::once(table(names.embedding, &model.embedding))
        .chain(positions.map(|(name, positions)| table(name, positions)))
        .chain(head)
        .collect()
}

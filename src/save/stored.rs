//! Linear layers as files of a family hold them: some fused, some the other way round.

use super::dense;
use crate::model::arch::Fused;
use crate::model::{Inputs, Linear, Model};
use crate::weight::Floats;

/// A matrix of the file: a linear layer, or several one below the other.
pub struct Matrix<'m> {
    /// Its name without `.weight`.
    pub name: String,
    parts: Vec<&'m Linear>,
    /// Into how many pieces the rows of each part are cut; the first pieces of all parts come first.
    pieces: usize,
    transposed: bool,
}

/// Every matrix of every block.
pub fn matrices(model: &Model) -> Vec<Matrix<'_>> {
    let names = &model.family.tensors;
    let mut all = Vec::new();
    for (i, block) in model.blocks.iter().enumerate() {
        for inputs in Inputs::ALL {
            let fused = match inputs {
                Inputs::Attention => names.query_key_value,
                Inputs::FeedForward => names.gate_up,
                Inputs::Output | Inputs::Down => None,
            };
            let matrix = |name, parts, by_head| Matrix {
                name,
                parts,
                pieces: if by_head {
                    model.config.num_attention_heads
                } else {
                    1
                },
                transposed: names.transposed,
            };
            let linears = block.reading(inputs);
            match fused {
                Some(Fused { name, by_head }) => {
                    let name = format!("{}{i}.{name}", names.block);
                    all.push(matrix(name, linears, by_head));
                }
                None => all.extend(
                    linears
                        .into_iter()
                        .map(|linear| matrix(linear.name.clone(), vec![linear], false)),
                ),
            }
        }
    }
    all
}

impl Matrix<'_> {
    /// Rows in the order of the file: which part, and which of its rows.
    fn rows(&self) -> impl Iterator<Item = (usize, usize)> {
        (0..self.pieces).flat_map(move |piece| {
            self.parts
                .iter()
                .enumerate()
                .flat_map(move |(part, linear)| {
                    let rows = linear.weight.shape()[0] / self.pieces;
                    (piece * rows..(piece + 1) * rows).map(move |row| (part, row))
                })
        })
    }

    /// Shape and values in the file, in the narrowest format that holds those of all parts.
    pub fn values(&self) -> (Vec<usize>, Floats) {
        let [_, cols] = self.parts[0].weight.shape();
        let parts: Vec<Floats> = self
            .parts
            .iter()
            .map(|linear| dense::values(&linear.weight))
            .collect();
        let rows: Vec<(usize, usize)> = self.rows().collect();
        if let [values] = &parts[..]
            && !self.transposed
        {
            return (vec![rows.len(), cols], values.clone());
        }
        let shared = parts[0].storage();
        let same = parts.iter().all(|part| part.storage() == shared);
        let storage = if same {
            shared
        } else {
            crate::weight::Storage::F32
        };
        let value = |(part, row): (usize, usize), col: usize| {
            let mut value = [0.0];
            parts[part].read(row * cols + col, &mut value);
            value[0]
        };
        if self.transposed {
            let places = (0..cols).flat_map(|col| rows.iter().map(move |row| (*row, col)));
            let values = places.map(|(row, col)| value(row, col));
            return (vec![cols, rows.len()], Floats::from_f32(storage, values));
        }
        let places = rows
            .iter()
            .flat_map(|row| (0..cols).map(move |col| (*row, col)));
        let values = places.map(|(row, col)| value(row, col));
        (vec![rows.len(), cols], Floats::from_f32(storage, values))
    }

    /// The biases of all parts in the order of the file.
    pub fn bias(&self) -> Option<Vec<f32>> {
        self.rows()
            .map(|(part, row)| self.parts[part].bias.as_ref().map(|bias| bias[row]))
            .collect()
    }
}

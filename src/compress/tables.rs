//! Embedding and head, where the recipe asks for them too: rounded to nearest on the method's own grids, since nothing
//! shows what an embedding is used for. Learned positions stay as they are.

use super::Outcome;
use super::grid::{GridRule, ROUND_TO_NEAREST};
use super::layer::{Layer, check_finite, role};
use crate::error::{Error, Result};
use crate::model::Model;
use crate::recipe::{Setting, Words};
use crate::weight::{Floats, Layout, Matrix, Offset, Quantized, Storage, Weight};
use std::sync::Arc;
use web_time::Instant;

pub const TABLES: Setting<bool> = Setting::toggle(
    Words {
        name: "embedding_and_head",
        title: "Embedding and head too",
        sentence: "Rounds the tables that turn tokens into numbers and back to the same grids; in small models they hold \
                   most of the weights.",
    },
    false,
);

/// Rows that are written out at a time: their zero points fill whole words at any number of bits.
const ROWS: usize = 256;

/// Rounds embedding and head, a tied table once, and says what became of each.
pub(super) fn round(model: &mut Model, rule: GridRule) -> Result<Vec<Layer>> {
    let names = &model.family.tensors;
    let tied = model.is_tied();
    let (embedding, layer) = table(names.embedding, &model.embedding, rule)?;
    let mut layers = vec![layer];
    model.embedding = Arc::new(embedding);
    if tied {
        model.head = Arc::clone(&model.embedding);
    } else {
        let (head, layer) = table(names.head, &model.head, rule)?;
        layers.push(layer);
        model.head = Arc::new(head);
    }
    Ok(layers)
}

fn table(name: &str, weight: &Weight, rule: GridRule) -> Result<(Weight, Layer)> {
    let began = Instant::now();
    let [rows, cols] = weight.shape();
    let mut packed = Stack::default();
    let (mut zeros, mut change, mut size) = (0, 0.0, 0.0);
    for first in (0..rows).step_by(ROWS) {
        let before = part(weight, first, ROWS.min(rows - first));
        check_finite(name, &before, first)?;
        let rounded = rule.round(&before);
        packed.add(&rounded, rows);
        let after = Weight::Quantized(rounded).to_matrix();
        for (before, after) in before.data.iter().zip(&after.data) {
            zeros += usize::from(*after == 0.0);
            change += f64::from(after - before).powi(2);
            size += f64::from(*before).powi(2);
        }
    }
    let after = packed.finish([rows, cols]).ok_or_else(|| Error::Layer {
        layer: name.to_owned(),
        problem: "its packed rows do not fit together".into(),
    })?;
    let Outcome {
        weight: after,
        fallback,
    } = rule.outcome(after);
    let share = |count: usize| count as f64 / (rows * cols) as f64;
    let layer = Layer {
        name: name.to_owned(),
        block: None,
        role: role(name),
        method: ROUND_TO_NEAREST.to_owned(),
        rows,
        cols,
        bytes_before: weight.bytes(),
        bytes_after: after.bytes(),
        bits_per_weight: share(8 * after.bytes()),
        sparsity: share(zeros),
        output_error: (size > 0.0).then(|| change / size),
        seconds: began.elapsed().as_secs_f64(),
        fallback,
    };
    Ok((after, layer))
}

/// `count` rows from `first` on as f32.
fn part(weight: &Weight, first: usize, count: usize) -> Matrix {
    let [_, cols] = weight.shape();
    let mut data = vec![0.0; count * cols];
    for (row, out) in data.chunks_exact_mut(cols.max(1)).enumerate() {
        weight.read_row(first + row, out);
    }
    Matrix {
        rows: count,
        cols,
        data,
    }
}

/// Matrices of [`ROWS`] rows, one below the other, while they become one.
#[derive(Default)]
struct Stack {
    layout: Option<Layout>,
    codes: Vec<u8>,
    scales: Vec<f32>,
    /// Of each group of columns.
    zero_points: Vec<Vec<u8>>,
}

impl Stack {
    /// Adds the next rows of `rows` in all.
    fn add(&mut self, part: &Quantized, rows: usize) {
        let layout = part.layout();
        let (parts, groups) = (rows.div_ceil(layout.shape[0].max(1)), layout.groups());
        let codes = part.packed_codes();
        if self.codes.is_empty() {
            self.codes.reserve_exact(codes.len() * parts);
            self.scales.reserve_exact(rows * groups);
        }
        self.codes.extend_from_slice(codes);
        let scales = (0..layout.shape[0] * groups).map(|place| part.scales().get(place));
        self.scales.extend(scales);
        if let Offset::ZeroPoints(words) = part.offset() {
            self.zero_points.resize_with(groups, Vec::new);
            let of_groups = words.chunks_exact((words.len() / groups.max(1)).max(1));
            for (all, words) in self.zero_points.iter_mut().zip(of_groups) {
                all.extend_from_slice(words);
            }
        }
        // Wide scales of one part are those of all.
        let wide = |before: Layout| before.scales == Storage::F32;
        let scales = if self.layout.is_some_and(wide) {
            Storage::F32
        } else {
            layout.scales
        };
        self.layout = Some(Layout { scales, ..layout });
    }

    fn finish(mut self, shape: [usize; 2]) -> Option<Quantized> {
        let layout = Layout {
            shape,
            ..self.layout?
        };
        self.codes.shrink_to_fit();
        let scales = Floats::from_f32(layout.scales, self.scales.into_iter());
        let zero_points = (!layout.symmetric).then(|| self.zero_points.concat());
        Quantized::from_parts(layout, self.codes, scales, zero_points)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Settings;
    use crate::weight::Dense;
    use serde_json::json;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_table_rounded_in_parts_is_the_table_rounded_whole() {
        use super::super::grid::{BITS, GROUP_SIZE, SYMMETRIC};
        let [rows, cols] = [2 * ROWS + 7, 40];
        let data: Vec<f32> = (0..rows * cols)
            .map(|i| ((i * 7919 + 13) % 1009) as f32 / 504.5 - 1.0)
            .collect();
        let values = Floats::from_f32(Storage::F32, data.iter().copied());
        let weight = Weight::Dense(Dense::new(rows, cols, values).expect("a matrix"));
        for bits in 2..=8 {
            for symmetric in [false, true] {
                let chosen = json!({"bits": bits, "symmetric": symmetric, "group_size": 32});
                let settings = Settings::new(
                    &[BITS.parameter, GROUP_SIZE.parameter, SYMMETRIC.parameter],
                    chosen.as_object().expect("a map"),
                );
                let rule = GridRule::new(&settings.expect("settings"));
                let (rounded, layer) = table("t", &weight, rule).expect("a table");
                let whole = Weight::Quantized(rule.round(&weight.to_matrix()));
                assert_eq!(rounded, whole, "{bits} bits, symmetric {symmetric}");
                assert_eq!(layer.bytes_after, whole.bytes());
                assert!(layer.output_error.is_some_and(|error| error > 0.0));
            }
        }
    }
}

//! The processor: rows of f32, and our kernels.

use super::{Activation, Backend};
use crate::error::{Error, Result};
use crate::kernel::{self, Heads, KeyValues, Visible};
use crate::weight::Weight;
use std::sync::Arc;

/// The processor.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cpu;

/// Numbers in memory, `[rows, width]`, row-major; cloning it is cheap.
#[derive(Debug, Clone)]
pub struct Rows {
    values: Arc<Vec<f32>>,
    width: usize,
}

impl Rows {
    fn new(values: Vec<f32>, width: usize) -> Self {
        Self {
            values: Arc::new(values),
            width,
        }
    }

    /// Numbers of the same shape.
    fn like(&self, values: Vec<f32>) -> Self {
        Self::new(values, self.width)
    }

    fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.values.chunks_exact(self.width)
    }
}

impl Backend for Cpu {
    type Tensor = Rows;
    type Weight = Arc<Weight>;
    type Cache = KeyValues;
    type Mask = Vec<Visible>;

    fn weight(&self, weight: &Arc<Weight>) -> Result<Arc<Weight>> {
        Ok(Arc::clone(weight))
    }

    fn tensor(&self, values: Vec<f32>, width: usize) -> Result<Rows> {
        Ok(Rows::new(values, width))
    }

    async fn read(&self, tensor: &Rows) -> Result<Vec<f32>> {
        Ok(tensor.values.to_vec())
    }

    fn embed(&self, table: &Arc<Weight>, ids: &[u32]) -> Result<Rows> {
        let [vocab_size, width] = table.shape();
        let mut values = vec![0.0; ids.len() * width];
        for (&token, row) in ids.iter().zip(values.chunks_exact_mut(width)) {
            if token as usize >= vocab_size {
                return Err(Error::UnknownToken { token, vocab_size });
            }
            table.read_row(token as usize, row);
        }
        Ok(Rows::new(values, width))
    }

    fn linear(&self, x: &Rows, weight: &Arc<Weight>) -> Result<Rows> {
        Ok(Rows::new(
            kernel::matmul(&x.values, weight),
            weight.shape()[0],
        ))
    }

    fn add(&self, x: &Rows, y: &Rows) -> Result<Rows> {
        Ok(x.like(kernel::add(&x.values, &y.values)))
    }

    fn scale(&self, x: &Rows, factor: f32) -> Result<Rows> {
        Ok(x.like(x.values.iter().map(|value| value * factor).collect()))
    }

    fn softcap(&self, x: &Rows, cap: f32) -> Result<Rows> {
        Ok(x.like(kernel::softcap(&x.values, cap)))
    }

    fn rms_norm(&self, x: &Rows, scale: &Rows, epsilon: f32) -> Result<Rows> {
        Ok(x.like(kernel::rms_norm(&x.values, &scale.values, epsilon)))
    }

    fn layer_norm(&self, x: &Rows, scale: &Rows, bias: &Rows, epsilon: f32) -> Result<Rows> {
        let normed = kernel::layer_norm(&x.values, &scale.values, &bias.values, epsilon);
        Ok(x.like(normed))
    }

    fn rope(&self, x: &Rows, cos: &Rows, sin: &Rows, head_width: usize) -> Result<Rows> {
        let angles = [&cos.values[..], &sin.values[..]];
        let turned = kernel::rope(&x.values, x.width, angles, cos.width, head_width);
        Ok(x.like(turned))
    }

    fn cache(&self, width: usize) -> KeyValues {
        KeyValues::new(width)
    }

    fn append(&self, cache: &mut KeyValues, keys: Option<&Rows>, values: &Rows) -> Result<()> {
        cache.append(keys.map(|keys| &keys.values[..]), &values.values);
        Ok(())
    }

    fn truncate(&self, cache: &mut KeyValues, slots: usize) -> Result<()> {
        cache.truncate(slots);
        Ok(())
    }

    fn mask(&self, visible: Vec<Visible>) -> Result<Vec<Visible>> {
        Ok(visible)
    }

    fn attention(
        &self,
        query: &Rows,
        cache: &KeyValues,
        mask: &Vec<Visible>,
        heads: Heads,
    ) -> Result<Rows> {
        let out = kernel::attention(&query.values, cache, mask, heads);
        Ok(Rows::new(out, heads.query * heads.width))
    }

    fn convolve(&self, cache: &KeyValues, mask: &Vec<Visible>, taps: &Rows) -> Result<Rows> {
        Ok(taps.like(kernel::convolve(cache, mask, &taps.values)))
    }

    fn multiply(&self, x: &Rows, y: &Rows) -> Result<Rows> {
        Ok(x.like(kernel::multiply(&x.values, &y.values)))
    }

    fn activate(&self, activation: Activation, x: &Rows, up: Option<&Rows>) -> Result<Rows> {
        let up = up.map(|up| &up.values[..]);
        Ok(x.like(kernel::activate(activation, &x.values, up)))
    }

    fn select(&self, x: &Rows, rows: &[u32]) -> Result<Rows> {
        let row = |row: &u32| &x.values[*row as usize * x.width..][..x.width];
        Ok(x.like(rows.iter().map(row).collect::<Vec<_>>().concat()))
    }

    async fn log_probabilities(&self, logits: &Rows, targets: &[(u32, u32)]) -> Result<Vec<f64>> {
        let vocab_size = logits.width;
        let mut row = None;
        let mut log_probability = |&(index, token): &(u32, u32)| {
            let logits = &logits.values[index as usize * vocab_size..][..vocab_size];
            let normalizer = match row {
                Some((known, normalizer)) if known == index => normalizer,
                _ => kernel::log_sum_exp(logits),
            };
            row = Some((index, normalizer));
            if !normalizer.is_finite() {
                return Err(Error::NotANumber);
            }
            let logit = logits.get(token as usize);
            let logit = logit.ok_or(Error::UnknownToken { token, vocab_size })?;
            Ok(f64::from(*logit) - normalizer)
        };
        targets.iter().map(&mut log_probability).collect()
    }

    async fn likeliest(&self, logits: &Rows, count: usize) -> Result<Vec<Vec<(u32, f32)>>> {
        let row = |row| kernel::likeliest(row, count).ok_or(Error::NotANumber);
        logits.rows().map(row).collect()
    }
}

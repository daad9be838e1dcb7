//! The processor: candle tensors, with our kernels where weights are packed or attention follows a tree.

use super::{Activation, Backend};
use crate::error::{Error, Result};
use crate::kernel::{self, Heads, Visible};
use crate::weight::Weight;
use candle_core::{CpuStorage, Device, Storage, Tensor};
use std::sync::Arc;

/// The processor.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cpu;

/// Keys and values of one block, `[slots, width]` each.
#[derive(Debug)]
pub struct CpuCache {
    width: usize,
    keys: Vec<f32>,
    values: Vec<f32>,
}

impl Backend for Cpu {
    type Tensor = Tensor;
    type Weight = Arc<Weight>;
    type Cache = CpuCache;
    type Mask = Vec<Visible>;

    fn weight(&self, weight: &Arc<Weight>) -> Result<Arc<Weight>> {
        Ok(Arc::clone(weight))
    }

    fn tensor(&self, values: Vec<f32>, width: usize) -> Result<Tensor> {
        let rows = values.len() / width.max(1);
        Ok(Tensor::from_vec(values, (rows, width), &Device::Cpu)?)
    }

    async fn read(&self, tensor: &Tensor) -> Result<Vec<f32>> {
        Ok(tensor.flatten_all()?.to_vec1()?)
    }

    fn embed(&self, table: &Arc<Weight>, ids: &[u32]) -> Result<Tensor> {
        let [vocab_size, width] = table.shape();
        let mut values = vec![0.0; ids.len() * width];
        for (&token, row) in ids.iter().zip(values.chunks_exact_mut(width)) {
            if token as usize >= vocab_size {
                return Err(Error::UnknownToken { token, vocab_size });
            }
            table.read_row(token as usize, row);
        }
        self.tensor(values, width)
    }

    fn linear(&self, x: &Tensor, weight: &Arc<Weight>) -> Result<Tensor> {
        let out = with_values(x, |x| kernel::matmul(x, weight))?;
        self.tensor(out, weight.shape()[0])
    }

    fn add(&self, x: &Tensor, y: &Tensor) -> Result<Tensor> {
        Ok(x.broadcast_add(y)?)
    }

    fn scale(&self, x: &Tensor, factor: f32) -> Result<Tensor> {
        Ok((x * f64::from(factor))?)
    }

    fn softcap(&self, x: &Tensor, cap: f32) -> Result<Tensor> {
        Ok(((x / f64::from(cap))?.tanh()? * f64::from(cap))?)
    }

    fn rms_norm(&self, x: &Tensor, scale: &Tensor, epsilon: f32) -> Result<Tensor> {
        let scale = scale.flatten_all()?;
        let stretches = x.reshape(((), scale.dim(0)?))?;
        let normed = candle_nn::ops::rms_norm(&stretches, &scale, epsilon)?;
        Ok(normed.reshape(x.dims())?)
    }

    fn layer_norm(
        &self,
        x: &Tensor,
        scale: &Tensor,
        bias: &Tensor,
        epsilon: f32,
    ) -> Result<Tensor> {
        let (scale, bias) = (scale.flatten_all()?, bias.flatten_all()?);
        Ok(candle_nn::ops::layer_norm(x, &scale, &bias, epsilon)?)
    }

    fn rope(&self, x: &Tensor, cos: &Tensor, sin: &Tensor, head_width: usize) -> Result<Tensor> {
        let (n, width) = x.dims2()?;
        let turning = cos.dim(1)? * 2;
        let by_head = x.reshape((1, n, width / head_width, head_width))?;
        let turned = by_head.narrow(3, 0, turning)?.contiguous()?;
        let turned = candle_nn::rotary_emb::rope_thd(&turned, cos, sin)?;
        let whole = if turning == head_width {
            turned
        } else {
            let rest = by_head.narrow(3, turning, head_width - turning)?;
            Tensor::cat(&[&turned, &rest], 3)?
        };
        Ok(whole.reshape((n, width))?)
    }

    fn cache(&self, width: usize) -> CpuCache {
        CpuCache {
            width,
            keys: Vec::new(),
            values: Vec::new(),
        }
    }

    fn append(&self, cache: &mut CpuCache, keys: &Tensor, values: &Tensor) -> Result<()> {
        with_values(keys, |keys| cache.keys.extend_from_slice(keys))?;
        with_values(values, |values| cache.values.extend_from_slice(values))
    }

    fn truncate(&self, cache: &mut CpuCache, slots: usize) -> Result<()> {
        cache.keys.truncate(slots * cache.width);
        cache.values.truncate(slots * cache.width);
        Ok(())
    }

    fn mask(&self, visible: Vec<Visible>) -> Result<Vec<Visible>> {
        Ok(visible)
    }

    fn attention(
        &self,
        query: &Tensor,
        cache: &CpuCache,
        mask: &Vec<Visible>,
        heads: Heads,
    ) -> Result<Tensor> {
        let attend =
            |query: &[f32]| kernel::attention(query, &cache.keys, &cache.values, mask, heads);
        let out = with_values(query, attend)?;
        self.tensor(out, heads.query * heads.width)
    }

    fn activate(&self, activation: Activation, x: &Tensor, up: Option<&Tensor>) -> Result<Tensor> {
        let active = match activation {
            Activation::Silu => candle_nn::ops::silu(x)?,
            Activation::Gelu => x.gelu_erf()?,
            Activation::GeluTanh => x.gelu()?,
            Activation::Relu => x.relu()?,
        };
        Ok(match up {
            Some(up) => (active * up)?,
            None => active,
        })
    }

    fn select(&self, x: &Tensor, rows: &[u32]) -> Result<Tensor> {
        Ok(x.index_select(&Tensor::new(rows, &Device::Cpu)?, 0)?)
    }

    async fn log_probabilities(&self, logits: &Tensor, targets: &[(u32, u32)]) -> Result<Vec<f64>> {
        let vocab_size = logits.dim(1)?;
        with_values(logits, |logits| {
            let mut row = None;
            let mut log_probability = |&(index, token): &(u32, u32)| {
                let logits = &logits[index as usize * vocab_size..][..vocab_size];
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
        })?
    }

    async fn likeliest(&self, logits: &Tensor, count: usize) -> Result<Vec<Vec<(u32, f32)>>> {
        let vocab_size = logits.dim(1)?;
        with_values(logits, |logits| {
            let rows = logits.chunks_exact(vocab_size);
            rows.map(|row| kernel::likeliest(row, count).ok_or(Error::NotANumber))
                .collect()
        })?
    }
}

/// Calls `f` with the values of a contiguous tensor, without a copy.
fn with_values<R>(tensor: &Tensor, f: impl FnOnce(&[f32]) -> R) -> Result<R> {
    let (storage, layout) = tensor.storage_and_layout();
    match (&*storage, layout.contiguous_offsets()) {
        (Storage::Cpu(CpuStorage::F32(values)), Some((start, end))) => Ok(f(&values[start..end])),
        _ => Err(candle_core::Error::Msg(format!(
            "a contiguous f32 tensor on the processor is needed, not {layout:?}"
        ))
        .into()),
    }
}

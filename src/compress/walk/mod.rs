//! The walk over the layers of a model: observe a block, compress it, run what became of it, go on.

mod matrix;
mod scale;
mod state;

use super::layer::{Layer, check_finite, role};
use super::{Chain, tables};
use crate::backend::Backend;
use crate::calibrate::{Calibration, InputStats, Propagation, Purpose};
use crate::error::{Error, Result};
use crate::model::{Block, Inputs, Linear, Model, Stream, StreamBlock};
use crate::weight::Weight;
use futures_util::future::{FutureExt, LocalBoxFuture, ready};
use scale::Group;
use state::LayerState;
use std::sync::Arc;
use web_time::Instant;

pub use matrix::compress_matrix;

/// Waited for between two pieces of work, so that others may have their turn on the same thread.
pub type Pause<'a> = &'a dyn Fn() -> LocalBoxFuture<'static, ()>;

/// For those who have a thread of their own.
#[must_use]
pub fn no_pause() -> LocalBoxFuture<'static, ()> {
    ready(()).boxed_local()
}

/// Compresses every linear layer of every block; norms stay as they are, and so do embedding and head unless the chain
/// rounds them too, which comes first. Calls `progress` with the layer, its index and the number of layers before each,
/// and waits for `pause` now and then.
///
/// Statistics of one block's inputs are alive at a time.
pub async fn compress<B: Backend>(
    model: &Model,
    backend: B,
    chain: &Chain,
    calibration: &Calibration,
    progress: &mut dyn FnMut(&str, usize, usize),
    pause: Pause<'_>,
) -> Result<(Model, Vec<Layer>)> {
    let mut compressed = model.clone();
    let mut layers = Vec::new();
    if chain.is_none() {
        return Ok((compressed, layers));
    }
    if let Some(rule) = chain.tables {
        progress(model.family.tensors.embedding, 0, model.linears().count());
        layers = tables::round(&mut compressed, rule)?;
    }
    let entrance = match calibration.propagation {
        Propagation::Dense => model.clone(),
        Propagation::Block | Propagation::Layer => compressed.clone(),
    };
    let mut walk = Walk {
        chain,
        total: layers.len() + model.linears().count(),
        tokens: calibration.sequences.iter().map(Vec::len).sum(),
        stream: Stream::new(&entrance, backend, &calibration.sequences)?,
        layers,
        progress,
        pause,
    };
    let each = Inputs::ALL.map(|inputs| [inputs]);
    let observed: Vec<&[Inputs]> = match calibration.propagation {
        Propagation::Layer => each.iter().map(<[Inputs; 1]>::as_slice).collect(),
        Propagation::Dense | Propagation::Block => vec![&Inputs::ALL],
    };
    for (index, block) in compressed.blocks.iter_mut().enumerate() {
        let dense = walk.stream.block(block)?;
        let mut current = dense.clone();
        for &wanted in &observed {
            walk.step(block, &current, index, wanted).await?;
            for &inputs in wanted {
                let linears = block.reading(inputs);
                current = walk.stream.with_linears(&current, inputs, &linears)?;
            }
        }
        if index + 1 < model.blocks.len() {
            walk.stream.advance(match calibration.propagation {
                Propagation::Dense => &dense,
                Propagation::Block | Propagation::Layer => &current,
            })?;
        }
    }
    Ok((compressed, walk.layers))
}

struct Walk<'a, 'm, B: Backend> {
    chain: &'a Chain,
    /// Layers, and tokens that are seen of the inputs of each.
    total: usize,
    tokens: usize,
    stream: Stream<'m, B>,
    layers: Vec<Layer>,
    progress: &'a mut dyn FnMut(&str, usize, usize),
    pause: Pause<'a>,
}

impl<B: Backend> Walk<'_, '_, B> {
    /// Observes some of the inputs of a block, which is `seen` on the stream's backend, and compresses the layers that
    /// read them.
    async fn step(
        &mut self,
        block: &mut Block,
        seen: &StreamBlock<B>,
        index: usize,
        wanted: &[Inputs],
    ) -> Result<()> {
        (self.progress)(
            &block.reading(wanted[0])[0].name,
            self.layers.len(),
            self.total,
        );
        let mut stats: Vec<InputStats> = wanted
            .iter()
            .map(|&inputs| {
                let cols = block.reading(inputs)[0].weight.shape()[1];
                InputStats::wanted_for(self.chain.purpose(), cols, self.tokens)
            })
            .collect();
        let mut see = |inputs: Inputs, values: &[f32]| {
            for (wanted, stats) in wanted.iter().zip(&mut stats) {
                if *wanted == inputs {
                    stats.add(values);
                }
            }
        };
        (self.pause)().await;
        self.stream.observe(seen, wanted, &mut see).await?;
        let dense = block.clone();
        for (&inputs, stats) in wanted.iter().zip(stats) {
            self.group(&dense, block, seen, index, inputs, &stats)
                .await?;
        }
        // What stays was made between working memory that is free again: copies move together.
        for &inputs in wanted {
            for linear in block.reading_mut(inputs) {
                linear.weight = Arc::new(Weight::clone(&linear.weight));
            }
        }
        Ok(())
    }

    /// Compresses the layers of `block` that share inputs; `dense` is the block as it was when they were seen, and `seen`
    /// the same on the stream's backend.
    async fn group(
        &mut self,
        dense: &Block,
        block: &mut Block,
        seen: &StreamBlock<B>,
        index: usize,
        inputs: Inputs,
        stats: &InputStats,
    ) -> Result<()> {
        let began = Instant::now();
        let mut current = Vec::new();
        for linear in dense.reading(inputs) {
            check(self.chain.purpose(), stats).map_err(|problem| in_layer(linear, problem))?;
            current.push(LayerState::new(Arc::clone(&linear.weight)));
            check_finite(&linear.name, &current[current.len() - 1].matrix, 0)?;
        }
        for (method, compressor) in &self.chain.links {
            let group = Group {
                stream: &self.stream,
                seen,
                inputs,
                linears: dense.reading(inputs),
                current: &current,
                stats,
            };
            let scale = group.choose_scale(&**compressor, dense, self.pause).await?;
            for ((place, linear), current) in
                dense.reading(inputs).iter().enumerate().zip(&mut current)
            {
                (self.progress)(&linear.name, self.layers.len() + place, self.total);
                (self.pause)().await;
                // What queries and keys give goes through a softmax.
                let may_clip = !(inputs == Inputs::Attention && place < 2);
                let outcome = current.apply(&**compressor, stats, scale.as_deref(), may_clip);
                current.take(
                    outcome.map_err(|problem| in_layer(linear, problem))?,
                    method.kind,
                );
            }
        }
        let seconds = began.elapsed().as_secs_f64() / current.len() as f64;
        for (linear, current) in block.reading_mut(inputs).into_iter().zip(current) {
            self.layers
                .push(self.report(linear, index, &current, stats, seconds));
            linear.weight = current.weight;
        }
        Ok(())
    }

    fn report(
        &self,
        linear: &Linear,
        block: usize,
        after: &LayerState,
        stats: &InputStats,
        seconds: f64,
    ) -> Layer {
        let before = linear.weight.to_matrix();
        let zeros = after
            .matrix
            .data
            .iter()
            .filter(|value| **value == 0.0)
            .count();
        let bytes = after.weight.bytes();
        let share = |count: usize| count as f64 / before.data.len() as f64;
        Layer {
            name: linear.name.clone(),
            block: Some(block),
            role: role(&linear.name),
            method: self.chain.name(),
            rows: before.rows,
            cols: before.cols,
            bytes_before: linear.weight.bytes(),
            bytes_after: bytes,
            bits_per_weight: share(8 * bytes),
            sparsity: share(zeros),
            output_error: stats.output_error(&before, &after.matrix),
            seconds,
            fallback: after.fallback.clone(),
        }
    }
}

/// Whether a method can say anything of these inputs.
fn check(purpose: Purpose, inputs: &InputStats) -> std::result::Result<(), String> {
    if !inputs.is_finite() {
        return Err("its calibration inputs are not numbers: the weights before it are too large or damaged".into());
    }
    if purpose == Purpose::Compress && inputs.is_silent() {
        return Err(format!(
            "its calibration inputs are all 0 ({} tokens), so there is nothing to go by; choose another calibration text \
             or a method that needs none",
            inputs.tokens()
        ));
    }
    Ok(())
}

fn in_layer(linear: &Linear, problem: String) -> Error {
    Error::Layer {
        layer: linear.name.clone(),
        problem,
    }
}

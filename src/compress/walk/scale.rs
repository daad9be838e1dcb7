//! The choice among the scales of columns that a method offers.

use super::state::LayerState;
use super::{Pause, in_layer};
use crate::backend::Backend;
use crate::calibrate::InputStats;
use crate::compress::Compressor;
use crate::error::Result;
use crate::model::{Block, Inputs, Linear, Reading, Stream, StreamBlock};
use crate::weight::Weight;
use std::sync::Arc;

/// Batches of calibration text that scales are compared on.
const BATCHES: usize = 2;
/// Tokens of them, or rows of a layer, by which all scales are compared first, and what is left then.
const FEW_TOKENS: usize = 128;
const MORE_TOKENS: usize = 384;
const FEW_ROWS: usize = 64;
const MORE_ROWS: usize = 192;
/// Scales that are left after each look: those whose errors are at most so many times the smallest. With less room the tiny
/// model of the oracle tests gets another scale than by all tokens.
const CLOSE: [f64; 2] = [1.25, 1.1];

/// Layers of a block that share their inputs, and on the stream's backend the block as it was when these were seen.
pub struct Group<'a, 'm, B: Backend> {
    pub stream: &'a Stream<'m, B>,
    pub seen: &'a StreamBlock<B>,
    pub inputs: Inputs,
    pub linears: Vec<&'a Linear>,
    pub current: &'a [LayerState],
    pub stats: &'a InputStats,
}

/// What scales are compared by.
enum Sight<'s, B: Backend> {
    /// What a sublayer adds to the hidden states: what it reads, and what it adds as it is.
    Sublayer(Vec<(Reading<'s, B>, Vec<f32>)>),
    /// The outputs of a layer itself, each so manieth of them.
    Outputs(usize),
}

impl<B: Backend> Group<'_, '_, B> {
    /// Of the scales that a method offers, the one with which what the layers are for comes out most exactly: for queries,
    /// keys and values the output of attention, for gate and up projection that of the feed-forward part, for the
    /// others their own (AWQ, Lin et al. 2024, section 3.2, and its code). All are compared by a little, those that come close
    /// to the best by more, and those that still do by all.
    pub async fn choose_scale(
        &self,
        compressor: &dyn Compressor,
        block: &Block,
        pause: Pause<'_>,
    ) -> Result<Option<Vec<f32>>> {
        let [_, cols] = self.linears[0].weight.shape();
        // A scale has to fold into what comes before: with grouped heads there is nothing of this width, and without a
        // gate there is an activation between.
        let lost = match self.inputs {
            Inputs::Output => block.value.weight.shape()[0] != cols,
            Inputs::Down => block.gate.is_none(),
            Inputs::Attention | Inputs::FeedForward => false,
        };
        if lost {
            return Ok(None);
        }
        let mut scales = compressor.column_scales(self.stats, cols);
        if scales.len() > 1 {
            let sights = self.sights().await?;
            let looks = sights.len();
            for (look, sight) in sights.iter().enumerate() {
                let mut errors = Vec::new();
                for scale in scales {
                    pause().await;
                    errors.push((self.error(compressor, &scale, sight).await?, scale));
                }
                errors.sort_by(|(a, _), (b, _)| a.total_cmp(b));
                let limit = errors[0].0 * if look + 1 == looks { 1.0 } else { CLOSE[look] };
                let close = errors.into_iter().take_while(|(error, _)| *error <= limit);
                scales = close.map(|(_, scale)| scale).collect();
            }
        }
        Ok(scales.into_iter().next())
    }

    /// A little and more, where there is more, and all.
    async fn sights(&self) -> Result<Vec<Sight<'_, B>>> {
        if matches!(self.inputs, Inputs::Output | Inputs::Down) {
            let rows = self.linears[0].weight.shape()[0];
            let mut steps = vec![rows / FEW_ROWS, rows / MORE_ROWS, 1];
            steps.retain(|step| *step > 0);
            steps.dedup();
            return Ok(steps.into_iter().map(Sight::Outputs).collect());
        }
        let weights = self.current.iter().map(|state| Arc::clone(&state.weight));
        let block = self.with(weights.collect())?;
        let readings = self.stream.readings(self.seen, self.inputs, BATCHES)?;
        let all: usize = readings.iter().map(Reading::tokens).sum();
        let mut sights = Vec::new();
        for tokens in [FEW_TOKENS, MORE_TOKENS] {
            if let Some(first) = readings.first()
                && tokens < all
            {
                let part = vec![first.beginning(tokens)?];
                sights.push(added(part, &block).await?);
            }
        }
        sights.push(added(readings, &block).await?);
        Ok(sights)
    }

    async fn error(
        &self,
        compressor: &dyn Compressor,
        scale: &[f32],
        sight: &Sight<'_, B>,
    ) -> Result<f64> {
        let step = match sight {
            Sight::Sublayer(_) => 1,
            Sight::Outputs(step) => *step,
        };
        let mut weights = Vec::new();
        let mut error = 0.0;
        for (linear, state) in self.linears.iter().zip(self.current) {
            let rows = state.each(step);
            let outcome = state.compressed(&rows, compressor, self.stats, Some(scale), false);
            let weight = outcome.map_err(|problem| in_layer(linear, problem))?.weight;
            if let Sight::Outputs(_) = sight {
                error += self.stats.output_change(&rows, &weight.to_matrix());
            }
            weights.push(Arc::new(weight));
        }
        if let Sight::Sublayer(readings) = sight {
            let block = self.with(weights)?;
            for (reading, expected) in readings {
                let pairs = reading.added(&block).await?;
                let pairs = pairs.iter().zip(expected);
                error += pairs.map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>();
            }
        }
        Ok(error)
    }

    /// The block with other weights in these layers.
    fn with(&self, weights: Vec<Arc<Weight>>) -> Result<StreamBlock<B>> {
        let pairs = self.linears.iter().zip(weights);
        let linears = pairs.map(|(linear, weight)| Linear {
            weight,
            ..Linear::clone(linear)
        });
        let linears: Vec<Linear> = linears.collect();
        let linears: Vec<&Linear> = linears.iter().collect();
        self.stream.with_linears(self.seen, self.inputs, &linears)
    }
}

async fn added<'s, B: Backend>(
    readings: Vec<Reading<'s, B>>,
    block: &StreamBlock<B>,
) -> Result<Sight<'s, B>> {
    let mut pairs = Vec::new();
    for reading in readings {
        let added = reading.added(block).await?;
        pairs.push((reading, added));
    }
    Ok(Sight::Sublayer(pairs))
}

//! The forward pass: one, for every backend and every storage of weights.

use super::{Block, Config, Linear, Model, Norm, Rope};
use crate::backend::{Backend, KeysValues};
use crate::error::Result;
use crate::kernel::Visible;

/// A model's weights on a backend.
pub(super) struct Network<B: Backend> {
    entrance: Entrance<B>,
    blocks: Vec<NetworkBlock<B>>,
    norm: NetworkNorm<B>,
    head: B::Weight,
}

/// What tokens become before the first block.
pub(super) struct Entrance<B: Backend> {
    embedding: B::Weight,
    positions: Option<B::Weight>,
}

/// One block's weights on a backend.
pub(super) struct NetworkBlock<B: Backend> {
    input_norm: NetworkNorm<B>,
    query: NetworkLinear<B>,
    key: NetworkLinear<B>,
    value: NetworkLinear<B>,
    output: NetworkLinear<B>,
    query_norm: Option<NetworkNorm<B>>,
    key_norm: Option<NetworkNorm<B>>,
    output_norm: Option<NetworkNorm<B>>,
    post_norm: NetworkNorm<B>,
    gate: Option<NetworkLinear<B>>,
    up: NetworkLinear<B>,
    down: NetworkLinear<B>,
    down_norm: Option<NetworkNorm<B>>,
    sliding: bool,
}

struct NetworkLinear<B: Backend> {
    weight: B::Weight,
    bias: Option<B::Tensor>,
}

struct NetworkNorm<B: Backend> {
    scale: B::Tensor,
    bias: Option<B::Tensor>,
}

/// Keys and values of every block; `None` before the first token.
pub(super) type Cache<B> = Vec<Option<KeysValues<<B as Backend>::Tensor>>>;

/// New tokens: which, at which positions, and which cache slots (their own included) each of them sees.
#[derive(Debug, Default)]
pub(super) struct Step {
    pub tokens: Vec<u32>,
    pub positions: Vec<usize>,
    pub visible: Vec<Visible>,
}

/// What every block of one step needs.
pub(super) struct Place<'a, B: Backend> {
    backend: &'a B,
    config: &'a Config,
    /// Cosines and sines of each rope.
    turns: Vec<[B::Tensor; 2]>,
    visible: &'a [Visible],
    /// What layers with a window see.
    near: Vec<Visible>,
}

/// What half a block gives, and what its linear layers read on the way there.
pub(super) struct Half<T> {
    /// What the first layers of the half read.
    pub inputs: T,
    /// What the last one reads.
    pub inner: T,
    pub out: T,
}

/// A block's two halves, and what it makes of what it read.
pub(super) struct Whole<T> {
    pub attention: Half<T>,
    pub feed_forward: Half<T>,
    pub out: T,
}

impl<'a, B: Backend> Place<'a, B> {
    pub fn new(backend: &'a B, config: &'a Config, step: &'a Step) -> Result<Self> {
        let turns = config.ropes.iter().map(|rope| {
            let width = rope.frequencies.len();
            let [cos, sin] = rotations(rope, &step.positions);
            Ok([backend.tensor(cos, width)?, backend.tensor(sin, width)?])
        });
        let last = |window| {
            step.visible
                .iter()
                .map(move |visible| near(visible, window))
        };
        Ok(Self {
            backend,
            config,
            turns: turns.collect::<Result<_>>()?,
            visible: &step.visible,
            near: config.sliding_window.into_iter().flat_map(last).collect(),
        })
    }
}

impl<B: Backend> Place<'_, B> {
    fn normed(&self, x: B::Tensor, norm: Option<&NetworkNorm<B>>) -> Result<B::Tensor> {
        match norm {
            Some(norm) => norm.apply(self.backend, self.config, &x),
            None => Ok(x),
        }
    }
}

impl<B: Backend> Network<B> {
    pub fn new(backend: &B, model: &Model) -> Result<Self> {
        let blocks = model
            .blocks
            .iter()
            .map(|block| NetworkBlock::new(backend, block));
        Ok(Self {
            entrance: Entrance::new(backend, model)?,
            blocks: blocks.collect::<Result<_>>()?,
            norm: NetworkNorm::new(backend, &model.norm)?,
            head: backend.weight(&model.head)?,
        })
    }

    /// Runs new tokens: `[tokens, hidden_size]`, before the last norm. Adds their keys and values to `cache`.
    pub fn hidden(
        &self,
        backend: &B,
        config: &Config,
        step: &Step,
        cache: &mut Cache<B>,
    ) -> Result<B::Tensor> {
        let place = Place::new(backend, config, step)?;
        cache.resize_with(self.blocks.len(), || None);
        let mut x = self.entrance.embed(backend, config, step)?;
        for (block, cache) in self.blocks.iter().zip(cache) {
            x = block.run(&place, &x, cache)?.out;
        }
        Ok(x)
    }

    /// The logits of some rows of `hidden`: `[rows, vocab_size]`.
    pub fn logits(
        &self,
        backend: &B,
        config: &Config,
        hidden: &B::Tensor,
        rows: &[u32],
    ) -> Result<B::Tensor> {
        let x = backend.select(hidden, rows)?;
        let x = self.norm.apply(backend, config, &x)?;
        let logits = backend.linear(&x, &self.head)?;
        match config.logit_softcap {
            Some(cap) => backend.softcap(&logits, cap),
            None => Ok(logits),
        }
    }
}

impl<B: Backend> Entrance<B> {
    pub fn new(backend: &B, model: &Model) -> Result<Self> {
        let positions = model.positions.as_ref().map(|table| backend.weight(table));
        Ok(Self {
            embedding: backend.weight(&model.embedding)?,
            positions: positions.transpose()?,
        })
    }

    /// `[tokens, hidden_size]`.
    pub fn embed(&self, backend: &B, config: &Config, step: &Step) -> Result<B::Tensor> {
        let mut x = backend.embed(&self.embedding, &step.tokens)?;
        if let Some(factor) = config.embedding_scale {
            x = backend.scale(&x, factor)?;
        }
        if let Some(table) = &self.positions {
            let rows = step.positions.iter();
            let rows: Vec<u32> = rows
                .map(|position| u32::try_from(*position).unwrap_or(u32::MAX))
                .collect();
            x = backend.add(&x, &backend.embed(table, &rows)?)?;
        }
        Ok(x)
    }
}

impl<B: Backend> NetworkBlock<B> {
    pub fn new(backend: &B, block: &Block) -> Result<Self> {
        let norm = |norm: &Norm| NetworkNorm::new(backend, norm);
        let optional = |maybe: &Option<Norm>| maybe.as_ref().map(norm).transpose();
        let gate = block
            .gate
            .as_ref()
            .map(|gate| NetworkLinear::new(backend, gate));
        Ok(Self {
            input_norm: norm(&block.input_norm)?,
            query: NetworkLinear::new(backend, &block.query)?,
            key: NetworkLinear::new(backend, &block.key)?,
            value: NetworkLinear::new(backend, &block.value)?,
            output: NetworkLinear::new(backend, &block.output)?,
            query_norm: optional(&block.query_norm)?,
            key_norm: optional(&block.key_norm)?,
            output_norm: optional(&block.output_norm)?,
            post_norm: norm(&block.post_norm)?,
            gate: gate.transpose()?,
            up: NetworkLinear::new(backend, &block.up)?,
            down: NetworkLinear::new(backend, &block.down)?,
            down_norm: optional(&block.down_norm)?,
            sliding: block.sliding,
        })
    }

    /// The whole block.
    pub fn run(
        &self,
        place: &Place<B>,
        x: &B::Tensor,
        cache: &mut Option<KeysValues<B::Tensor>>,
    ) -> Result<Whole<B::Tensor>> {
        let attention = self.attention(place, x, cache)?;
        let hidden = place.backend.add(x, &attention.out)?;
        let read = if place.config.parallel_residual {
            x
        } else {
            &hidden
        };
        let feed_forward = self.feed_forward(place, read)?;
        Ok(Whole {
            out: place.backend.add(&hidden, &feed_forward.out)?,
            attention,
            feed_forward,
        })
    }

    /// The first half of a block, without what it is added to.
    pub fn attention(
        &self,
        place: &Place<B>,
        x: &B::Tensor,
        cache: &mut Option<KeysValues<B::Tensor>>,
    ) -> Result<Half<B::Tensor>> {
        let backend = place.backend;
        let normed = self.input_norm.apply(backend, place.config, x)?;
        let query = self.query.apply(backend, &normed)?;
        let query = self.placed(place, query, self.query_norm.as_ref())?;
        let key = self.key.apply(backend, &normed)?;
        let key = self.placed(place, key, self.key_norm.as_ref())?;
        let value = self.value.apply(backend, &normed)?;
        let seen = match cache.take() {
            None => KeysValues {
                keys: key,
                values: value,
            },
            Some(old) => KeysValues {
                keys: backend.append(&old.keys, &key)?,
                values: backend.append(&old.values, &value)?,
            },
        };
        let heads = place.config.heads();
        let visible = if self.sliding {
            &place.near
        } else {
            place.visible
        };
        let attended = backend.attention(&query, &seen, visible, heads)?;
        *cache = Some(seen);
        let out = self.output.apply(backend, &attended)?;
        Ok(Half {
            out: place.normed(out, self.output_norm.as_ref())?,
            inputs: normed,
            inner: attended,
        })
    }

    /// Queries or keys, normed where they are, and turned by their positions.
    fn placed(
        &self,
        place: &Place<B>,
        x: B::Tensor,
        norm: Option<&NetworkNorm<B>>,
    ) -> Result<B::Tensor> {
        let x = place.normed(x, norm)?;
        let turns = if self.sliding {
            place.turns.last()
        } else {
            place.turns.first()
        };
        match turns {
            Some([cos, sin]) => place.backend.rope(&x, cos, sin, place.config.head_dim),
            None => Ok(x),
        }
    }

    /// The second half of a block, without what it is added to.
    fn feed_forward(&self, place: &Place<B>, x: &B::Tensor) -> Result<Half<B::Tensor>> {
        let backend = place.backend;
        let activation = place.config.activation;
        let normed = self.post_norm.apply(backend, place.config, x)?;
        let up = self.up.apply(backend, &normed)?;
        let inner = match &self.gate {
            Some(gate) => {
                backend.activate(activation, &gate.apply(backend, &normed)?, Some(&up))?
            }
            None => backend.activate(activation, &up, None)?,
        };
        let out = self.down.apply(backend, &inner)?;
        Ok(Half {
            out: place.normed(out, self.down_norm.as_ref())?,
            inputs: normed,
            inner,
        })
    }
}

impl<B: Backend> NetworkLinear<B> {
    fn new(backend: &B, linear: &Linear) -> Result<Self> {
        let bias = linear.bias.as_ref().map(|bias| vector(backend, bias));
        Ok(Self {
            weight: backend.weight(&linear.weight)?,
            bias: bias.transpose()?,
        })
    }

    fn apply(&self, backend: &B, x: &B::Tensor) -> Result<B::Tensor> {
        let y = backend.linear(x, &self.weight)?;
        match &self.bias {
            Some(bias) => backend.add(&y, bias),
            None => Ok(y),
        }
    }
}

impl<B: Backend> NetworkNorm<B> {
    fn new(backend: &B, norm: &Norm) -> Result<Self> {
        let bias = norm.bias.as_ref().map(|bias| vector(backend, bias));
        Ok(Self {
            scale: vector(backend, &norm.scale)?,
            bias: bias.transpose()?,
        })
    }

    fn apply(&self, backend: &B, config: &Config, x: &B::Tensor) -> Result<B::Tensor> {
        match &self.bias {
            Some(bias) => backend.layer_norm(x, &self.scale, bias, config.norm_eps),
            None => backend.rms_norm(x, &self.scale, config.norm_eps),
        }
    }
}

fn vector<B: Backend>(backend: &B, values: &[f32]) -> Result<B::Tensor> {
    backend.tensor(values.to_vec(), values.len())
}

/// Cosines and sines of the angles at some positions, `[positions, pairs]` each, in f32 as the reference has them.
fn rotations(rope: &Rope, positions: &[usize]) -> [Vec<f32>; 2] {
    let angles = |turn: fn(f32) -> f32| {
        let at = |position| {
            let frequencies = rope.frequencies.iter();
            frequencies.map(move |frequency| turn(position as f32 * frequency) * rope.factor)
        };
        positions.iter().copied().flat_map(at).collect()
    };
    [angles(f32::cos), angles(f32::sin)]
}

/// The last `window` of the slots that are seen.
fn near(visible: &Visible, window: usize) -> Visible {
    let mut left = window;
    let mut kept = Visible::new();
    for range in visible.iter().rev() {
        let start = range.start.max(range.end.saturating_sub(left));
        left -= range.end - start;
        if start < range.end {
            kept.push(start..range.end);
        }
    }
    kept.reverse();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_keeps_the_last_slots() {
        let visible = vec![0..3, 5..6, 8..12];
        assert_eq!(near(&visible, 1), vec![11..12]);
        assert_eq!(near(&visible, 4), vec![8..12]);
        assert_eq!(near(&visible, 6), vec![2..3, 5..6, 8..12]);
        assert_eq!(near(&visible, 99), visible);
    }
}

//! The forward pass: one, for every backend and every storage of weights.

use super::{Block, Config, Linear, Model};
use crate::backend::{Backend, KeysValues};
use crate::error::Result;
use crate::kernel::Visible;

/// A model's weights on a backend.
pub(super) struct Network<B: Backend> {
    embedding: B::Weight,
    blocks: Vec<NetworkBlock<B>>,
    norm: B::Tensor,
    head: B::Weight,
}

/// One block's weights on a backend.
pub(super) struct NetworkBlock<B: Backend> {
    input_norm: B::Tensor,
    query: NetworkLinear<B>,
    key: NetworkLinear<B>,
    value: NetworkLinear<B>,
    output: NetworkLinear<B>,
    post_norm: B::Tensor,
    gate: NetworkLinear<B>,
    up: NetworkLinear<B>,
    down: NetworkLinear<B>,
}

struct NetworkLinear<B: Backend> {
    weight: B::Weight,
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
    cos: B::Tensor,
    sin: B::Tensor,
    visible: &'a [Visible],
}

/// What half a block gives, and what its linear layers read on the way there.
pub(super) struct Half<T> {
    /// What the first layers of the half read.
    pub inputs: T,
    /// What the last one reads.
    pub inner: T,
    pub out: T,
}

impl<'a, B: Backend> Place<'a, B> {
    pub fn new(backend: &'a B, config: &'a Config, step: &'a Step) -> Result<Self> {
        let (cos, sin) = rotations(config, &step.positions);
        Ok(Self {
            backend,
            config,
            cos: backend.tensor(cos, config.head_dim / 2)?,
            sin: backend.tensor(sin, config.head_dim / 2)?,
            visible: &step.visible,
        })
    }
}

impl<B: Backend> Network<B> {
    pub fn new(backend: &B, model: &Model) -> Result<Self> {
        let blocks = model
            .blocks
            .iter()
            .map(|block| NetworkBlock::new(backend, block));
        Ok(Self {
            embedding: backend.weight(&model.embedding)?,
            blocks: blocks.collect::<Result<_>>()?,
            norm: vector(backend, &model.norm)?,
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
        let mut x = backend.embed(&self.embedding, &step.tokens)?;
        for (block, cache) in self.blocks.iter().zip(cache) {
            x = block.apply(&place, &x, cache)?;
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
        let x = backend.rms_norm(&x, &self.norm, config.rms_norm_eps)?;
        backend.linear(&x, &self.head)
    }
}

impl<B: Backend> NetworkBlock<B> {
    pub fn new(backend: &B, block: &Block) -> Result<Self> {
        Ok(Self {
            input_norm: vector(backend, &block.input_norm)?,
            query: NetworkLinear::new(backend, &block.query)?,
            key: NetworkLinear::new(backend, &block.key)?,
            value: NetworkLinear::new(backend, &block.value)?,
            output: NetworkLinear::new(backend, &block.output)?,
            post_norm: vector(backend, &block.post_norm)?,
            gate: NetworkLinear::new(backend, &block.gate)?,
            up: NetworkLinear::new(backend, &block.up)?,
            down: NetworkLinear::new(backend, &block.down)?,
        })
    }

    fn apply(
        &self,
        place: &Place<B>,
        x: &B::Tensor,
        cache: &mut Option<KeysValues<B::Tensor>>,
    ) -> Result<B::Tensor> {
        let x = place
            .backend
            .add(x, &self.attention(place, x, cache)?.out)?;
        place.backend.add(&x, &self.feed_forward(place, &x)?.out)
    }

    /// The first half of a block, without what it is added to.
    pub fn attention(
        &self,
        place: &Place<B>,
        x: &B::Tensor,
        cache: &mut Option<KeysValues<B::Tensor>>,
    ) -> Result<Half<B::Tensor>> {
        let backend = place.backend;
        let normed = backend.rms_norm(x, &self.input_norm, place.config.rms_norm_eps)?;
        let query = self.query.apply(backend, &normed)?;
        let query = backend.rope(&query, &place.cos, &place.sin)?;
        let key = self.key.apply(backend, &normed)?;
        let key = backend.rope(&key, &place.cos, &place.sin)?;
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
        let attended = backend.attention(&query, &seen, place.visible, heads)?;
        *cache = Some(seen);
        Ok(Half {
            out: self.output.apply(backend, &attended)?,
            inputs: normed,
            inner: attended,
        })
    }

    /// The second half of a block, without what it is added to.
    pub fn feed_forward(&self, place: &Place<B>, x: &B::Tensor) -> Result<Half<B::Tensor>> {
        let backend = place.backend;
        let normed = backend.rms_norm(x, &self.post_norm, place.config.rms_norm_eps)?;
        let gate = self.gate.apply(backend, &normed)?;
        let up = self.up.apply(backend, &normed)?;
        let inner = backend.silu_mul(&gate, &up)?;
        Ok(Half {
            out: self.down.apply(backend, &inner)?,
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

fn vector<B: Backend>(backend: &B, values: &[f32]) -> Result<B::Tensor> {
    backend.tensor(values.to_vec(), values.len())
}

/// Cosines and sines of `position * rope_theta^(-2i / head_dim)` (Su et al. 2021, section 3.2.2), in f32 as
/// the reference computes them: `[positions, head_dim / 2]` each.
fn rotations(config: &Config, positions: &[usize]) -> (Vec<f32>, Vec<f32>) {
    let half = config.head_dim / 2;
    let angles: Vec<f32> = positions
        .iter()
        .flat_map(|&position| {
            (0..half).map(move |i| {
                let exponent = (2 * i) as f32 / config.head_dim as f32;
                position as f32 * (1.0 / config.rope_theta.powf(exponent))
            })
        })
        .collect();
    let cos = angles.iter().map(|angle| angle.cos()).collect();
    let sin = angles.iter().map(|angle| angle.sin()).collect();
    (cos, sin)
}

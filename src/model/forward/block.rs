//! One decoder block.

use super::context::StepContext;
use crate::backend::Backend;
use crate::error::Result;
use crate::model::{Block, Config, HeadNorms, Inputs, Linear, Norm};

/// One block's weights on a backend; cloning it is cheap.
#[derive(Clone)]
pub struct NetworkBlock<B: Backend> {
    input_norm: Option<NetworkNorm<B>>,
    query: NetworkLinear<B>,
    key: NetworkLinear<B>,
    value: NetworkLinear<B>,
    attended_norm: Option<NetworkNorm<B>>,
    output: NetworkLinear<B>,
    query_norm: Option<NetworkNorm<B>>,
    key_norm: Option<NetworkNorm<B>>,
    output_norm: Option<NetworkNorm<B>>,
    post_norm: Option<NetworkNorm<B>>,
    gate: Option<NetworkLinear<B>>,
    up: NetworkLinear<B>,
    inner_norm: Option<NetworkNorm<B>>,
    down: NetworkLinear<B>,
    down_norm: Option<NetworkNorm<B>>,
    sliding: bool,
    turning: bool,
}

#[derive(Clone)]
struct NetworkLinear<B: Backend> {
    weight: B::Weight,
    bias: Option<B::Tensor>,
}

/// A norm on a backend.
#[derive(Clone)]
pub struct NetworkNorm<B: Backend> {
    scale: B::Tensor,
    bias: Option<B::Tensor>,
}

/// What a sublayer gives, and what its linear layers read on the way there.
pub struct SublayerOutputs<T> {
    /// What its first layers read.
    pub inputs: T,
    /// What its last one reads.
    pub inner: T,
    /// What is added to the hidden states.
    pub out: T,
}

/// What a block's two sublayers give, and what it makes of what it read.
pub struct BlockOutputs<T> {
    pub attention: SublayerOutputs<T>,
    pub feed_forward: SublayerOutputs<T>,
    /// The hidden states behind the block.
    pub hidden: T,
}

impl<B: Backend> NetworkBlock<B> {
    pub fn new(backend: &B, block: &Block) -> Result<Self> {
        let norm = |norm: &Option<Norm>| {
            let norm = norm.as_ref().map(|norm| NetworkNorm::new(backend, norm));
            norm.transpose()
        };
        let gate = block
            .gate
            .as_ref()
            .map(|gate| NetworkLinear::new(backend, gate));
        Ok(Self {
            input_norm: norm(&block.input_norm)?,
            query: NetworkLinear::new(backend, &block.query)?,
            key: NetworkLinear::new(backend, &block.key)?,
            value: NetworkLinear::new(backend, &block.value)?,
            attended_norm: norm(&block.attended_norm)?,
            output: NetworkLinear::new(backend, &block.output)?,
            query_norm: norm(&block.query_norm)?,
            key_norm: norm(&block.key_norm)?,
            output_norm: norm(&block.output_norm)?,
            post_norm: norm(&block.post_norm)?,
            gate: gate.transpose()?,
            up: NetworkLinear::new(backend, &block.up)?,
            inner_norm: norm(&block.inner_norm)?,
            down: NetworkLinear::new(backend, &block.down)?,
            down_norm: norm(&block.down_norm)?,
            sliding: block.sliding,
            turning: block.turning,
        })
    }

    /// A cache for a block, without a slot.
    pub fn cache(backend: &B, config: &Config) -> B::Cache {
        backend.cache(config.num_key_value_heads * config.head_dim)
    }

    /// The same block with other layers for some inputs, in the order of [`Block::reading`].
    pub fn with_linears(
        mut self,
        backend: &B,
        inputs: Inputs,
        linears: &[&Linear],
    ) -> Result<Self> {
        let places: Vec<&mut NetworkLinear<B>> = match inputs {
            Inputs::Attention => vec![&mut self.query, &mut self.key, &mut self.value],
            Inputs::Output => vec![&mut self.output],
            Inputs::FeedForward => self.gate.iter_mut().chain([&mut self.up]).collect(),
            Inputs::Down => vec![&mut self.down],
        };
        for (place, linear) in places.into_iter().zip(linears) {
            *place = NetworkLinear::new(backend, linear)?;
        }
        Ok(self)
    }

    /// The whole block, over hidden states `x` `[tokens, hidden_size]`.
    pub fn run(
        &self,
        context: &StepContext<B>,
        x: &B::Tensor,
        cache: &mut B::Cache,
    ) -> Result<BlockOutputs<B::Tensor>> {
        let attention = self.attention(context, x, cache)?;
        let attended = context.backend.add(x, &attention.out)?;
        let is_parallel = context.config.parallel_residual;
        let read = if is_parallel { x } else { &attended };
        let normed = match &self.post_norm {
            None if is_parallel => attention.inputs.clone(),
            norm => normed_where(context, read.clone(), norm.as_ref())?,
        };
        let feed_forward = self.feed_forward(context, normed)?;
        Ok(BlockOutputs {
            hidden: context.backend.add(&attended, &feed_forward.out)?,
            attention,
            feed_forward,
        })
    }

    /// The first sublayer.
    pub fn attention(
        &self,
        context: &StepContext<B>,
        x: &B::Tensor,
        cache: &mut B::Cache,
    ) -> Result<SublayerOutputs<B::Tensor>> {
        let backend = context.backend;
        let normed = normed_where(context, x.clone(), self.input_norm.as_ref())?;
        let query = self.query.apply(backend, &normed)?;
        let query = self.rotated(context, query, self.query_norm.as_ref())?;
        let key = self.key.apply(backend, &normed)?;
        let key = self.rotated(context, key, self.key_norm.as_ref())?;
        let value = self.value.apply(backend, &normed)?;
        backend.append(cache, &key, &value)?;
        let (mask, heads) = (context.mask(self.sliding), context.config.heads());
        let attended = backend.attention(&query, cache, mask, heads)?;
        let attended = normed_where(context, attended, self.attended_norm.as_ref())?;
        let out = self.output.apply(backend, &attended)?;
        Ok(SublayerOutputs {
            out: added(context, out, self.output_norm.as_ref())?,
            inputs: normed,
            inner: attended,
        })
    }

    /// Queries or keys, normed where they are, and turned by their positions.
    fn rotated(
        &self,
        context: &StepContext<B>,
        x: B::Tensor,
        norm: Option<&NetworkNorm<B>>,
    ) -> Result<B::Tensor> {
        let config = context.config;
        let (before, behind) = match config.head_norms {
            HeadNorms::EachTurned | HeadNorms::Unscaled => (None, norm),
            HeadNorms::Each | HeadNorms::All => (norm, None),
        };
        let x = normed_where(context, x, before)?;
        let x = match context.rotation(self.sliding).filter(|_| self.turning) {
            Some([cos, sin]) => context.backend.rope(&x, cos, sin, config.head_dim)?,
            None => x,
        };
        normed_where(context, x, behind)
    }

    /// The second sublayer, over inputs that are normed.
    pub fn feed_forward(
        &self,
        context: &StepContext<B>,
        normed: B::Tensor,
    ) -> Result<SublayerOutputs<B::Tensor>> {
        let backend = context.backend;
        let activation = context.config.activation;
        let up = self.up.apply(backend, &normed)?;
        let inner = match &self.gate {
            Some(gate) => {
                backend.activate(activation, &gate.apply(backend, &normed)?, Some(&up))?
            }
            None => backend.activate(activation, &up, None)?,
        };
        let inner = normed_where(context, inner, self.inner_norm.as_ref())?;
        let out = self.down.apply(backend, &inner)?;
        Ok(SublayerOutputs {
            out: added(context, out, self.down_norm.as_ref())?,
            inputs: normed,
            inner,
        })
    }
}

fn normed_where<B: Backend>(
    context: &StepContext<B>,
    x: B::Tensor,
    norm: Option<&NetworkNorm<B>>,
) -> Result<B::Tensor> {
    match norm {
        Some(norm) => norm.apply(context.backend, context.config, &x),
        None => Ok(x),
    }
}

/// What a sublayer gives as it is added to the hidden states.
fn added<B: Backend>(
    context: &StepContext<B>,
    out: B::Tensor,
    norm: Option<&NetworkNorm<B>>,
) -> Result<B::Tensor> {
    let out = normed_where(context, out, norm)?;
    match context.config.residual_scale {
        Some(factor) => context.backend.scale(&out, factor),
        None => Ok(out),
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
    pub fn new(backend: &B, norm: &Norm) -> Result<Self> {
        let bias = norm.bias.as_ref().map(|bias| vector(backend, bias));
        Ok(Self {
            scale: vector(backend, &norm.scale)?,
            bias: bias.transpose()?,
        })
    }

    pub fn apply(&self, backend: &B, config: &Config, x: &B::Tensor) -> Result<B::Tensor> {
        match &self.bias {
            Some(bias) => backend.layer_norm(x, &self.scale, bias, config.norm_eps),
            None => backend.rms_norm(x, &self.scale, config.norm_eps),
        }
    }
}

fn vector<B: Backend>(backend: &B, values: &[f32]) -> Result<B::Tensor> {
    backend.tensor(values.to_vec(), values.len())
}

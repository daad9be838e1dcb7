//! One decoder block.

use super::context::StepContext;
use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::model::{Block, Config, HeadNorms, Inputs, Linear, Norm};

/// One block's weights on a backend; cloning it is cheap.
#[derive(Clone)]
pub struct NetworkBlock<B: Backend> {
    input_norm: Option<NetworkNorm<B>>,
    query: NetworkLinear<B>,
    key: NetworkLinear<B>,
    value: NetworkLinear<B>,
    /// `[taps, hidden_size]`.
    convolution: Option<B::Tensor>,
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
        let taps = block.convolution.as_ref().map(|kernel| {
            let channels = block.query.weight.shape()[0];
            let taps = kernel.len() / channels.max(1);
            let by_tap = (0..taps).flat_map(|tap| kernel.iter().skip(tap).step_by(taps));
            backend.tensor(by_tap.copied().collect(), channels)
        });
        Ok(Self {
            input_norm: norm(&block.input_norm)?,
            query: NetworkLinear::new(backend, &block.query)?,
            key: NetworkLinear::new(backend, &block.key)?,
            value: NetworkLinear::new(backend, &block.value)?,
            convolution: taps.transpose()?,
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

    /// A cache for this block, without a slot.
    pub fn cache(&self, backend: &B, config: &Config) -> B::Cache {
        backend.cache(match self.convolution {
            Some(_) => config.hidden_size,
            None => config.num_key_value_heads * config.head_dim,
        })
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

    /// The hidden states behind the block, of those before it, `x` `[tokens, hidden_size]`.
    pub fn run(
        &self,
        context: &StepContext<B>,
        x: &B::Tensor,
        cache: &mut B::Cache,
    ) -> Result<B::Tensor> {
        let normed = self.normed(context, x)?;
        let mixed = self.mixed(context, &normed, cache)?;
        let attended = self.attended(context, x, &mixed)?;
        let normed = self.normed_behind(context, x, normed, &attended)?;
        let inner = self.inner(context, &normed)?;
        let out = self.fed_forward(context, &inner)?;
        context.backend.add(&attended, &out)
    }

    /// What the layers that read `inputs` are given in [`run`](Self::run); what lies behind them is not computed.
    pub fn inputs(
        &self,
        context: &StepContext<B>,
        x: &B::Tensor,
        cache: &mut B::Cache,
        inputs: Inputs,
    ) -> Result<B::Tensor> {
        let all = self.all_inputs(context, x, cache, &[inputs])?;
        let [(_, values)] = all.try_into().map_err(|_| Error::Empty {
            what: "a group of layers".into(),
        })?;
        Ok(values)
    }

    /// The same for several, in the order in which data flows.
    pub fn all_inputs(
        &self,
        context: &StepContext<B>,
        x: &B::Tensor,
        cache: &mut B::Cache,
        wanted: &[Inputs],
    ) -> Result<Vec<(Inputs, B::Tensor)>> {
        let mut all = Vec::new();
        // Whether something behind them is wanted.
        let mut put = |inputs, values: &B::Tensor| {
            if wanted.contains(&inputs) {
                all.push((inputs, values.clone()));
            }
            all.len() < wanted.len()
        };
        let normed = self.normed(context, x)?;
        if put(Inputs::Attention, &normed) {
            let mixed = self.mixed(context, &normed, cache)?;
            if put(Inputs::Output, &mixed) {
                let attended = self.attended(context, x, &mixed)?;
                let normed = self.normed_behind(context, x, normed, &attended)?;
                if put(Inputs::FeedForward, &normed) {
                    put(Inputs::Down, &self.inner(context, &normed)?);
                }
            }
        }
        Ok(all)
    }

    /// What attention, or what stands in its place, adds to the hidden states `x`.
    pub fn added_by_attention(
        &self,
        context: &StepContext<B>,
        x: &B::Tensor,
        cache: &mut B::Cache,
    ) -> Result<B::Tensor> {
        let normed = self.normed(context, x)?;
        let mixed = self.mixed(context, &normed, cache)?;
        self.projected(context, &mixed)
    }

    /// What the feed-forward part adds to the hidden states, over inputs that are normed.
    pub fn added_by_feed_forward(
        &self,
        context: &StepContext<B>,
        normed: &B::Tensor,
    ) -> Result<B::Tensor> {
        let inner = self.inner(context, normed)?;
        self.fed_forward(context, &inner)
    }

    fn normed(&self, context: &StepContext<B>, x: &B::Tensor) -> Result<B::Tensor> {
        normed_where(context, x.clone(), self.input_norm.as_ref())
    }

    /// What each token is given of those that it sees, before the output projection.
    fn mixed(
        &self,
        context: &StepContext<B>,
        normed: &B::Tensor,
        cache: &mut B::Cache,
    ) -> Result<B::Tensor> {
        let backend = context.backend;
        let query = self.query.apply(backend, normed)?;
        let key = self.key.apply(backend, normed)?;
        let value = self.value.apply(backend, normed)?;
        if let Some(taps) = &self.convolution {
            let gated = backend.multiply(&query, &value)?;
            backend.append(cache, None, &gated)?;
            let convolved = backend.convolve(cache, context.convolution_mask(), taps)?;
            return backend.multiply(&key, &convolved);
        }
        let query = self.rotated(context, query, self.query_norm.as_ref())?;
        let key = self.rotated(context, key, self.key_norm.as_ref())?;
        backend.append(cache, Some(&key), &value)?;
        let (mask, heads) = (context.mask(self.sliding), context.config.heads());
        let attended = backend.attention(&query, cache, mask, heads)?;
        normed_where(context, attended, self.attended_norm.as_ref())
    }

    fn projected(&self, context: &StepContext<B>, mixed: &B::Tensor) -> Result<B::Tensor> {
        let out = self.output.apply(context.backend, mixed)?;
        added(context, out, self.output_norm.as_ref())
    }

    /// The hidden states behind attention.
    fn attended(
        &self,
        context: &StepContext<B>,
        x: &B::Tensor,
        mixed: &B::Tensor,
    ) -> Result<B::Tensor> {
        context.backend.add(x, &self.projected(context, mixed)?)
    }

    /// What the feed-forward part reads; `normed` is what attention has read.
    fn normed_behind(
        &self,
        context: &StepContext<B>,
        x: &B::Tensor,
        normed: B::Tensor,
        attended: &B::Tensor,
    ) -> Result<B::Tensor> {
        let is_parallel = context.config.parallel_residual;
        let read = if is_parallel { x } else { attended };
        match &self.post_norm {
            None if is_parallel => Ok(normed),
            norm => normed_where(context, read.clone(), norm.as_ref()),
        }
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

    /// What the down projection reads.
    fn inner(&self, context: &StepContext<B>, normed: &B::Tensor) -> Result<B::Tensor> {
        let backend = context.backend;
        let activation = context.config.activation;
        let up = self.up.apply(backend, normed)?;
        let inner = match &self.gate {
            Some(gate) => backend.activate(activation, &gate.apply(backend, normed)?, Some(&up))?,
            None => backend.activate(activation, &up, None)?,
        };
        normed_where(context, inner, self.inner_norm.as_ref())
    }

    fn fed_forward(&self, context: &StepContext<B>, inner: &B::Tensor) -> Result<B::Tensor> {
        let out = self.down.apply(context.backend, inner)?;
        added(context, out, self.down_norm.as_ref())
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

//! The tensor operations that the forward pass needs.

mod cpu;
#[cfg(feature = "gpu")]
pub mod gpu;

use crate::error::Result;
use crate::kernel::{Heads, Visible};
use crate::weight::Weight;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub use crate::kernel::Activation;
pub use cpu::{Cpu, Rows};
#[cfg(feature = "gpu")]
pub use gpu::Gpu;

/// The backends there are, as data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackendName {
    #[default]
    Cpu,
    #[cfg(feature = "gpu")]
    Gpu,
}

impl BackendName {
    /// Every backend.
    pub const ALL: &[Self] = &[
        Self::Cpu,
        #[cfg(feature = "gpu")]
        Self::Gpu,
    ];

    /// As a flag has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            #[cfg(feature = "gpu")]
            Self::Gpu => "gpu",
        }
    }

    /// As a report has it.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Cpu => {
                "cpu: quantized weights × 16-bit inputs in whole numbers, others in f32".into()
            }
            #[cfg(feature = "gpu")]
            Self::Gpu => match Gpu::shared() {
                Ok(gpu) => format!("gpu: {}, f32", gpu.name()),
                Err(_) => "gpu: none".into(),
            },
        }
    }
}

/// An expression with the backend of a name: the only place where a name becomes a backend. It returns from the function around it
/// where the backend is not there.
#[macro_export]
macro_rules! with_backend {
    ($name:expr, $backend:ident => $body:expr) => {
        match $name {
            $crate::backend::BackendName::Cpu => {
                let $backend = $crate::backend::Cpu;
                $body
            }
            #[cfg(feature = "gpu")]
            $crate::backend::BackendName::Gpu => {
                let $backend = $crate::backend::Gpu::shared()?;
                $body
            }
        }
    };
}
pub use with_backend;

/// Where a model runs; a handle, cheap to clone. Tensors are f32 and two-dimensional, `[rows, width]`, unless said otherwise.
///
/// Reading back may have to wait, so [`Backend::read`] is asynchronous; everything else only queues work.
pub trait Backend: Clone {
    /// A tensor on this backend; cloning it is cheap.
    type Tensor: Clone;
    /// A weight matrix in the form that this backend multiplies with; cloning it is cheap.
    type Weight: Clone;
    /// Keys and values of one block, one slot for each token, which grow in place. A block that is a convolution keeps values alone.
    type Cache;
    /// Which slots each row of one step sees, in the form that attention reads.
    type Mask;

    /// New tokens in one pass: enough to keep the arithmetic busy, few enough to stay in the caches of a processor.
    fn tokens_at_once(&self) -> usize {
        512
    }

    /// Logits that are alive at a time.
    fn logits_at_once(&self) -> usize {
        1 << 22
    }

    /// Brings a weight here, in the form that it is stored in.
    fn weight(&self, weight: &Arc<Weight>) -> Result<Self::Weight>;

    /// Brings values here; `values.len()` is a multiple of `width`.
    fn tensor(&self, values: Vec<f32>, width: usize) -> Result<Self::Tensor>;

    /// The values of a tensor, row-major.
    fn read(&self, tensor: &Self::Tensor) -> impl Future<Output = Result<Vec<f32>>>;

    /// Rows `ids` of a weight matrix: `[ids, cols]`.
    fn embed(&self, table: &Self::Weight, ids: &[u32]) -> Result<Self::Tensor>;

    /// `x Wᵀ`: `[n, cols]` to `[n, rows]`.
    fn linear(&self, x: &Self::Tensor, weight: &Self::Weight) -> Result<Self::Tensor>;

    /// `x + y`; `y` has the shape of `x` or one row that is added to each.
    fn add(&self, x: &Self::Tensor, y: &Self::Tensor) -> Result<Self::Tensor>;

    /// `x * factor`.
    fn scale(&self, x: &Self::Tensor, factor: f32) -> Result<Self::Tensor>;

    /// `cap * tanh(x / cap)`.
    fn softcap(&self, x: &Self::Tensor, cap: f32) -> Result<Self::Tensor>;

    /// `x / sqrt(mean(x²) + epsilon) * scale` (Zhang and Sennrich 2019, equation 4) for each row, or for each stretch of
    /// a row that is as wide as `scale`.
    fn rms_norm(
        &self,
        x: &Self::Tensor,
        scale: &Self::Tensor,
        epsilon: f32,
    ) -> Result<Self::Tensor>;

    /// `(x - mean(x)) / sqrt(variance(x) + epsilon) * scale + bias` for each row (Ba et al. 2016, equation 4).
    fn layer_norm(
        &self,
        x: &Self::Tensor,
        scale: &Self::Tensor,
        bias: &Self::Tensor,
        epsilon: f32,
    ) -> Result<Self::Tensor>;

    /// Rotates each head of `x` `[n, heads * head_width]` by the angles of its row (Su et al. 2021): of the first
    /// `2 * pairs` dimensions the first half against the second; the others stay. `cos` and `sin` are `[n, pairs]`.
    fn rope(
        &self,
        x: &Self::Tensor,
        cos: &Self::Tensor,
        sin: &Self::Tensor,
        head_width: usize,
    ) -> Result<Self::Tensor>;

    /// A cache without a slot, for keys (where there are any) and values of `width` numbers each.
    fn cache(&self, width: usize) -> Self::Cache;

    /// Puts keys and values, `[n, width]` each, into the next `n` slots; always both, or always values alone.
    fn append(
        &self,
        cache: &mut Self::Cache,
        keys: Option<&Self::Tensor>,
        values: &Self::Tensor,
    ) -> Result<()>;

    /// Forgets all but the first `slots` slots.
    fn truncate(&self, cache: &mut Self::Cache, slots: usize) -> Result<()>;

    /// Prepares what the rows of a step see, once for all blocks.
    fn mask(&self, visible: Vec<Visible>) -> Result<Self::Mask>;

    /// Attention of `query` over the slots of `cache` that each row sees; see [`crate::kernel::attention`].
    fn attention(
        &self,
        query: &Self::Tensor,
        cache: &Self::Cache,
        mask: &Self::Mask,
        heads: Heads,
    ) -> Result<Self::Tensor>;

    /// For each row the values of the slots that it sees, at most as many as there are taps, each channel times its taps, the
    /// last slot by the last one, and summed; `taps` is `[taps, width]`. See [`crate::kernel::convolve`].
    fn convolve(
        &self,
        cache: &Self::Cache,
        mask: &Self::Mask,
        taps: &Self::Tensor,
    ) -> Result<Self::Tensor>;

    /// `x * y`, of the same shape.
    fn multiply(&self, x: &Self::Tensor, y: &Self::Tensor) -> Result<Self::Tensor>;

    /// `activation(x)`, times `up` where there is one (Shazeer 2020).
    fn activate(
        &self,
        activation: Activation,
        x: &Self::Tensor,
        up: Option<&Self::Tensor>,
    ) -> Result<Self::Tensor>;

    /// Rows `rows`, in that order.
    fn select(&self, x: &Self::Tensor, rows: &[u32]) -> Result<Self::Tensor>;

    /// For each `(row, token)` of `targets`, which come by row, the natural logarithm of the probability that
    /// `logits` `[n, vocab_size]` give the token there: `logit - ln Σ exp(logits)`. An error where these are no numbers.
    fn log_probabilities(
        &self,
        logits: &Self::Tensor,
        targets: &[(u32, u32)],
    ) -> impl Future<Output = Result<Vec<f64>>>;

    /// The `count` likeliest tokens of each row of `logits`, with their logits; of equal ones the first comes first.
    /// An error where the largest is no number.
    fn likeliest(
        &self,
        logits: &Self::Tensor,
        count: usize,
    ) -> impl Future<Output = Result<Vec<Vec<(u32, f32)>>>>;
}

//! The tensor operations that the forward pass needs.

mod cpu;

use crate::error::Result;
use crate::kernel::{Heads, Visible};
use crate::weight::Weight;
use std::sync::Arc;

pub use cpu::Cpu;

/// Where a model runs. Tensors are f32 and two-dimensional, `[rows, width]`, unless said otherwise.
///
/// Reading back may have to wait, so [`Backend::read`] is asynchronous; everything else only queues work.
pub trait Backend {
    /// A tensor on this backend; cloning it is cheap.
    type Tensor: Clone;
    /// A weight matrix in the form that this backend multiplies with.
    type Weight;

    /// The name that a report gives it.
    fn name(&self) -> &'static str;

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

    /// `x / sqrt(mean(x²) + epsilon) * scale` for each row (Zhang and Sennrich 2019, equation 4).
    fn rms_norm(
        &self,
        x: &Self::Tensor,
        scale: &Self::Tensor,
        epsilon: f32,
    ) -> Result<Self::Tensor>;

    /// Rotates each head of `x` `[n, heads * head_width]` by the angles of its row (Su et al. 2021), first half
    /// against second half; `cos` and `sin` are `[n, head_width / 2]`.
    fn rope(
        &self,
        x: &Self::Tensor,
        cos: &Self::Tensor,
        sin: &Self::Tensor,
    ) -> Result<Self::Tensor>;

    /// Attention of `query` over the slots of `cache` that each row sees; see [`crate::kernel::attention`].
    fn attention(
        &self,
        query: &Self::Tensor,
        cache: &KeysValues<Self::Tensor>,
        visible: &[Visible],
        heads: Heads,
    ) -> Result<Self::Tensor>;

    /// `silu(gate) * up` (Shazeer 2020).
    fn silu_mul(&self, gate: &Self::Tensor, up: &Self::Tensor) -> Result<Self::Tensor>;

    /// `y` below `x`.
    fn append(&self, x: &Self::Tensor, y: &Self::Tensor) -> Result<Self::Tensor>;

    /// The first `rows` rows.
    fn truncate(&self, x: &Self::Tensor, rows: usize) -> Result<Self::Tensor>;

    /// Rows `rows`, in that order.
    fn select(&self, x: &Self::Tensor, rows: &[u32]) -> Result<Self::Tensor>;
}

/// Keys and values of one block, `[slots, key_value_heads * head_width]` each.
#[derive(Debug, Clone)]
pub struct KeysValues<T> {
    pub keys: T,
    pub values: T,
}

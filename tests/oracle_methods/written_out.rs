//! The processor with every weight written out as f32, as the papers' code runs its models: quantized layers would round their
//! inputs to 16 bits (docs/kernels.md), and a code on the border between two would fall on the other side.

use pressure_test::Result;
use pressure_test::backend::{Activation, Backend, Cpu};
use pressure_test::kernel::{Heads, Visible};
use pressure_test::weight::{Dense, Floats, Weight};
use std::sync::Arc;

type Tensor = <Cpu as Backend>::Tensor;
type Cache = <Cpu as Backend>::Cache;
type Mask = <Cpu as Backend>::Mask;

#[derive(Clone, Copy)]
pub struct WrittenOut;

/// What the processor does, name by name.
macro_rules! as_cpu {
    ($($name:ident($($argument:ident: $type:ty),*) -> $output:ty;)*) => {
        $(fn $name(&self, $($argument: $type),*) -> $output {
            Cpu.$name($($argument),*)
        })*
    };
}

impl Backend for WrittenOut {
    type Tensor = Tensor;
    type Weight = Arc<Weight>;
    type Cache = Cache;
    type Mask = Mask;

    fn weight(&self, weight: &Arc<Weight>) -> Result<Arc<Weight>> {
        let matrix = weight.to_matrix();
        let dense = Dense::new(matrix.rows, matrix.cols, Floats::F32(matrix.data));
        Ok(Arc::new(Weight::Dense(dense.expect("a matrix"))))
    }

    as_cpu! {
        tensor(values: Vec<f32>, width: usize) -> Result<Tensor>;
        embed(table: &Arc<Weight>, ids: &[u32]) -> Result<Tensor>;
        linear(x: &Tensor, weight: &Arc<Weight>) -> Result<Tensor>;
        add(x: &Tensor, y: &Tensor) -> Result<Tensor>;
        scale(x: &Tensor, factor: f32) -> Result<Tensor>;
        softcap(x: &Tensor, cap: f32) -> Result<Tensor>;
        rms_norm(x: &Tensor, scale: &Tensor, epsilon: f32) -> Result<Tensor>;
        layer_norm(x: &Tensor, scale: &Tensor, bias: &Tensor, epsilon: f32) -> Result<Tensor>;
        rope(x: &Tensor, cos: &Tensor, sin: &Tensor, head_width: usize) -> Result<Tensor>;
        cache(width: usize) -> Cache;
        append(cache: &mut Cache, keys: Option<&Tensor>, values: &Tensor) -> Result<()>;
        convolve(cache: &Cache, mask: &Mask, taps: &Tensor) -> Result<Tensor>;
        multiply(x: &Tensor, y: &Tensor) -> Result<Tensor>;
        truncate(cache: &mut Cache, slots: usize) -> Result<()>;
        mask(visible: Vec<Visible>) -> Result<Mask>;
        attention(query: &Tensor, cache: &Cache, mask: &Mask, heads: Heads) -> Result<Tensor>;
        activate(activation: Activation, x: &Tensor, up: Option<&Tensor>) -> Result<Tensor>;
        select(x: &Tensor, rows: &[u32]) -> Result<Tensor>;
    }

    async fn read(&self, tensor: &Tensor) -> Result<Vec<f32>> {
        Cpu.read(tensor).await
    }

    async fn log_probabilities(&self, logits: &Tensor, targets: &[(u32, u32)]) -> Result<Vec<f64>> {
        Cpu.log_probabilities(logits, targets).await
    }

    async fn likeliest(&self, logits: &Tensor, count: usize) -> Result<Vec<Vec<(u32, f32)>>> {
        Cpu.likeliest(logits, count).await
    }
}

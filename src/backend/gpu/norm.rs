//! Norms.

use super::recorder::Recorder;
use super::shader::Shader;
use super::tensor::{GpuTensor, word};
use crate::error::Result;

pub const RMS_NORM: Shader = Shader {
    entry: "rms_norm",
    source: include_str!("norm.wgsl"),
    reads: &[0, 1],
    writes: &[3],
};
const LAYER_NORM: Shader = Shader {
    entry: "layer_norm",
    reads: &[0, 1, 2],
    ..RMS_NORM
};

pub fn rms_norm(
    recorder: &Recorder,
    x: &GpuTensor,
    scale: &GpuTensor,
    epsilon: f32,
) -> Result<GpuTensor> {
    run(recorder, &RMS_NORM, x, &[scale], epsilon)
}

pub fn layer_norm(
    recorder: &Recorder,
    x: &GpuTensor,
    scale: &GpuTensor,
    bias: &GpuTensor,
    epsilon: f32,
) -> Result<GpuTensor> {
    run(recorder, &LAYER_NORM, x, &[scale, bias], epsilon)
}

/// Norms each stretch as wide as the vectors.
fn run(
    recorder: &Recorder,
    shader: &Shader,
    x: &GpuTensor,
    vectors: &[&GpuTensor],
    epsilon: f32,
) -> Result<GpuTensor> {
    let out = GpuTensor::scratch(recorder, x.rows, x.width)?;
    let width = vectors.first().map_or(x.width, |scale| scale.len());
    let stretches = x.len().checked_div(width).unwrap_or(0);
    let parameters = [word(stretches), word(width), epsilon.to_bits()];
    let tensors = [x].into_iter().chain(vectors.iter().copied()).chain([&out]);
    let buffers: Vec<_> = tensors.map(|tensor| &**tensor.buffer).collect();
    recorder.run(shader, &buffers, &parameters, stretches);
    Ok(out)
}

//! Rotary embedding; cosines and sines come from the processor, since those of devices are loose.

use super::recorder::Recorder;
use super::shader::Shader;
use super::tensor::{GpuTensor, word};
use crate::error::Result;

pub const ROPE: Shader = Shader {
    entry: "rope",
    source: include_str!("rope.wgsl"),
    reads: &[0, 1, 2],
    writes: &[3],
};

pub fn rope(
    recorder: &Recorder,
    x: &GpuTensor,
    cos: &GpuTensor,
    sin: &GpuTensor,
    head_width: usize,
) -> Result<GpuTensor> {
    let out = GpuTensor::scratch(recorder, x.rows, x.width)?;
    let sizes = [x.len(), x.width, head_width, cos.width].map(word);
    let tensors = [x, cos, sin, &out].map(|tensor| &**tensor.buffer);
    recorder.run(&ROPE, &tensors, &sizes, x.len().div_ceil(256));
    Ok(out)
}

//! Short convolutions over what rows see.

use super::attention::GpuMask;
use super::recorder::Recorder;
use super::rows::GpuCache;
use super::shader::Shader;
use super::tensor::{GpuTensor, word};
use crate::error::Result;

const CONVOLVE: Shader = Shader {
    entry: "convolve",
    source: include_str!("convolution.wgsl"),
    reads: &[0, 1, 2, 3],
    writes: &[4],
};

/// Numbers of one workgroup.
const GROUP: usize = 256;

pub fn convolve(
    recorder: &Recorder,
    cache: &GpuCache,
    mask: &GpuMask,
    taps: &GpuTensor,
) -> Result<GpuTensor> {
    let out = GpuTensor::scratch(recorder, mask.len, cache.width)?;
    let Some([_, values]) = &cache.pair else {
        return Ok(out);
    };
    let parameters = [out.len(), cache.width, taps.rows].map(word);
    let buffers = [
        &**values,
        &*mask.rows,
        &*mask.ranges,
        &**taps.buffer,
        &**out.buffer,
    ];
    recorder.run(&CONVOLVE, &buffers, &parameters, out.len().div_ceil(GROUP));
    Ok(out)
}

//! Sums, factors, soft caps and activations.

use super::recorder::Recorder;
use super::shader::Shader;
use super::tensor::{GpuTensor, word};
use crate::backend::Activation;
use crate::error::Result;

const SOURCE: &str = include_str!("elementwise.wgsl");

/// Numbers of one workgroup.
const GROUP: usize = 256;

const ADD: Shader = binary("add");
const MULTIPLY: Shader = binary("multiply");
const SCALE: Shader = unary("scale");
const SOFTCAP: Shader = unary("softcap");
pub const ACTIVATE: Shader = binary("activate");

const fn binary(entry: &'static str) -> Shader {
    Shader {
        entry,
        source: SOURCE,
        reads: &[0, 1],
        writes: &[2],
    }
}

const fn unary(entry: &'static str) -> Shader {
    Shader {
        reads: &[0],
        ..binary(entry)
    }
}

pub fn add(recorder: &Recorder, x: &GpuTensor, y: &GpuTensor) -> Result<GpuTensor> {
    of_both(recorder, &ADD, x, y)
}

pub fn multiply(recorder: &Recorder, x: &GpuTensor, y: &GpuTensor) -> Result<GpuTensor> {
    of_both(recorder, &MULTIPLY, x, y)
}

fn of_both(
    recorder: &Recorder,
    shader: &Shader,
    x: &GpuTensor,
    y: &GpuTensor,
) -> Result<GpuTensor> {
    let out = GpuTensor::scratch(recorder, x.rows, x.width)?;
    let parameters = [word(x.len()), word(y.len()), 0, 0, 0];
    let buffers = [&**x.buffer, &**y.buffer, &**out.buffer];
    recorder.run(shader, &buffers, &parameters, x.len().div_ceil(GROUP));
    Ok(out)
}

pub fn scale(recorder: &Recorder, x: &GpuTensor, factor: f32) -> Result<GpuTensor> {
    with_factor(recorder, &SCALE, x, factor)
}

pub fn softcap(recorder: &Recorder, x: &GpuTensor, cap: f32) -> Result<GpuTensor> {
    with_factor(recorder, &SOFTCAP, x, cap)
}

fn with_factor(
    recorder: &Recorder,
    shader: &Shader,
    x: &GpuTensor,
    factor: f32,
) -> Result<GpuTensor> {
    let out = GpuTensor::scratch(recorder, x.rows, x.width)?;
    let parameters = [word(x.len()), 0, factor.to_bits(), 0, 0];
    let buffers = [&**x.buffer, &**out.buffer];
    recorder.run(shader, &buffers, &parameters, x.len().div_ceil(GROUP));
    Ok(out)
}

pub fn activate(
    recorder: &Recorder,
    activation: Activation,
    x: &GpuTensor,
    up: Option<&GpuTensor>,
) -> Result<GpuTensor> {
    let out = GpuTensor::scratch(recorder, x.rows, x.width)?;
    let kind = match activation {
        Activation::Silu => 0,
        Activation::Gelu => 1,
        Activation::GeluTanh => 2,
        Activation::Relu => 3,
        Activation::ReluSquared => 4,
    };
    let parameters = [word(x.len()), 0, 0, kind, u32::from(up.is_some())];
    let buffers = [&**x.buffer, &**up.unwrap_or(x).buffer, &**out.buffer];
    recorder.run(&ACTIVATE, &buffers, &parameters, x.len().div_ceil(GROUP));
    Ok(out)
}

//! What rows see, and attention over it.

use super::buffers::Buffer;
use super::recorder::Recorder;
use super::rows::GpuCache;
use super::shader::Shader;
use super::tensor::{GpuTensor, word};
use crate::error::{Error, Result};
use crate::kernel::{Heads, Visible};

pub const ATTENTION: Shader = Shader {
    entry: "attention",
    source: include_str!("attention.wgsl"),
    reads: &[0, 1, 2, 3, 4],
    writes: &[5],
};

/// For heads whose width is a multiple of four.
pub const ATTENTION_BY_FOUR: Shader = Shader {
    entry: "attention_by_four",
    ..ATTENTION
};

/// The widest head, `WIDEST` of the shader.
const WIDEST: usize = 1024;

/// What each row of a step sees, on the device.
pub struct GpuMask {
    /// How many rows there are.
    pub(super) len: usize,
    /// For each row its first range, the end of its ranges and how many slots they hold.
    pub(super) rows: Buffer,
    /// For each range how many slots the row's ranges before it hold, and its first slot.
    pub(super) ranges: Buffer,
}

impl GpuMask {
    pub fn new(recorder: &Recorder, visible: &[Visible]) -> Result<Self> {
        let (mut rows, mut ranges) = (Vec::new(), Vec::new());
        for visible in visible {
            let first = word(ranges.len());
            let mut slots = 0;
            for range in visible {
                ranges.push([slots, range.start].map(word));
                slots += range.len();
            }
            rows.push([first, word(ranges.len()), word(slots)]);
        }
        Ok(Self {
            len: visible.len(),
            rows: recorder.upload(&rows)?,
            ranges: recorder.upload(&ranges)?,
        })
    }
}

pub fn attention(
    recorder: &Recorder,
    query: &GpuTensor,
    cache: &GpuCache,
    mask: &GpuMask,
    heads: Heads,
) -> Result<GpuTensor> {
    if heads.width > WIDEST {
        let problem = format!("a head of {} numbers is wider than {WIDEST}", heads.width);
        return Err(Error::Gpu(problem));
    }
    let out = GpuTensor::scratch(recorder, query.rows, heads.query * heads.width)?;
    if heads.alibi {
        let problem = "attention with ALiBi is computed by the processor alone";
        return Err(Error::Gpu(problem.into()));
    }
    let Some([keys, values]) = &cache.pair else {
        return Ok(out);
    };
    let group = heads.query / heads.key_value.max(1);
    let sizes = [query.rows, heads.query, group, heads.width, cache.width].map(word);
    let [scale, cap] = [heads.scale, heads.softcap.unwrap_or(0.0)].map(f32::to_bits);
    let parameters = [&sizes[..], &[scale, cap]].concat();
    let buffers = [
        &**query.buffer,
        &**keys,
        &**values,
        &*mask.rows,
        &*mask.ranges,
        &**out.buffer,
    ];
    let is_by_four = heads.width.is_multiple_of(4);
    let shader = if is_by_four {
        &ATTENTION_BY_FOUR
    } else {
        &ATTENTION
    };
    recorder.run(shader, &buffers, &parameters, query.rows * heads.query);
    Ok(out)
}

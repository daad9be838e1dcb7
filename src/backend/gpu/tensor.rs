//! Tensors on the device.

use super::buffers::Buffer;
use super::recorder::Recorder;
use crate::error::Result;
use std::sync::Arc;

/// Numbers on the device, `[rows, width]`, row-major from the start of a buffer that may be larger.
#[derive(Clone)]
pub struct GpuTensor {
    pub(super) buffer: Arc<Buffer>,
    pub(super) rows: usize,
    pub(super) width: usize,
}

impl GpuTensor {
    /// A tensor that an operation will fill.
    pub(super) fn scratch(recorder: &Recorder, rows: usize, width: usize) -> Result<Self> {
        Ok(Self {
            buffer: Arc::new(recorder.scratch(rows * width)?),
            rows,
            width,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.rows * self.width
    }
}

/// A size or a count as shaders take it; no buffer holds more numbers than it counts.
#[expect(clippy::cast_possible_truncation, reason = "buffers are smaller")]
pub(super) fn word(size: usize) -> u32 {
    size as u32
}

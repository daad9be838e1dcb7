//! Rows that are picked, and keys and values that are kept.

use super::buffers::Buffer;
use super::recorder::Recorder;
use super::shader::Shader;
use super::tensor::{GpuTensor, word};
use crate::error::Result;

const SELECT: Shader = Shader {
    entry: "select_rows",
    source: include_str!("rows.wgsl"),
    reads: &[0, 1],
    writes: &[2],
};
const APPEND: Shader = Shader {
    entry: "append",
    reads: &[0, 3],
    writes: &[2, 4],
    ..SELECT
};

/// Slots that a cache has room for at first.
const FIRST: usize = 256;

/// Keys and values of one block, `[slots, width]` each, in buffers with room for more.
pub struct GpuCache {
    pub(super) width: usize,
    pub(super) slots: usize,
    /// Slots that there is room for.
    room: usize,
    /// Absent until there is a slot.
    pub(super) pair: Option<[Buffer; 2]>,
}

impl GpuCache {
    pub fn new(width: usize) -> Self {
        Self {
            width,
            slots: 0,
            room: 0,
            pair: None,
        }
    }

    /// Forgets all but the first `slots`.
    pub fn truncate(&mut self, slots: usize) {
        self.slots = self.slots.min(slots);
    }

    /// Puts keys and values into the next slots.
    pub fn append(
        &mut self,
        recorder: &Recorder,
        keys: &GpuTensor,
        values: &GpuTensor,
    ) -> Result<()> {
        let needed = self.slots + keys.rows;
        let pair = match self.pair.take() {
            Some(pair) if needed <= self.room => pair,
            old => {
                let room = needed.max(self.room * 2).max(FIRST);
                let new = || recorder.scratch(room * self.width);
                let new = [new()?, new()?];
                if let Some([keys, values]) = &old {
                    copy(recorder, [keys, values], self.slots * self.width, &new, 0);
                }
                self.room = room;
                new
            }
        };
        let from = [&*keys.buffer, &*values.buffer];
        copy(recorder, from, keys.len(), &pair, self.slots * self.width);
        self.pair = Some(pair);
        self.slots = needed;
        Ok(())
    }
}

/// Copies the first `len` numbers of two buffers to a place in two others.
fn copy(recorder: &Recorder, from: [&Buffer; 2], len: usize, to: &[Buffer; 2], offset: usize) {
    let parameters = [word(len), 0, word(offset)];
    let buffers = [&**from[0], &**from[1], &*to[0], &*to[1]];
    recorder.run(&APPEND, &buffers, &parameters, len.div_ceil(256));
}

/// Rows `rows`, which are there.
pub fn select(recorder: &Recorder, x: &GpuTensor, rows: &[u32]) -> Result<GpuTensor> {
    let out = GpuTensor::scratch(recorder, rows.len(), x.width)?;
    let ids = recorder.upload(rows)?;
    let parameters = [word(out.len()), word(x.width), 0];
    let buffers = [&**x.buffer, &*ids, &**out.buffer];
    recorder.run(&SELECT, &buffers, &parameters, out.len().div_ceil(256));
    Ok(out)
}

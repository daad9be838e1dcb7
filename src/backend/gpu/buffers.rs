//! Buffers of the device that are used again: asking for one anew costs more than most operations.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes that are kept for reuse; what is more is given back.
const KEPT: u64 = 1 << 30;
/// No buffer is smaller.
const SMALLEST: u64 = 256;

/// Buffers that nobody holds, by size.
#[derive(Clone)]
pub struct Pool {
    free: Arc<Mutex<Free>>,
    /// Bytes of the largest buffer.
    largest: u64,
}

#[derive(Default)]
struct Free {
    bytes: u64,
    /// Nothing that is not submitted yet reads them: they may be written from outside.
    settled: HashMap<u64, Vec<wgpu::Buffer>>,
    /// Given back since the last submission: they may be written by what is recorded behind it.
    recent: HashMap<u64, Vec<wgpu::Buffer>>,
}

/// A buffer of at least the size that was asked for; it returns to its pool with its last handle.
pub struct Buffer {
    buffer: wgpu::Buffer,
    pool: Pool,
}

impl Deref for Buffer {
    type Target = wgpu::Buffer;

    fn deref(&self) -> &wgpu::Buffer {
        &self.buffer
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let size = self.buffer.size();
        let mut free = self.pool.lock();
        if free.bytes + size <= KEPT {
            free.bytes += size;
            let place = free.recent.entry(size).or_default();
            place.push(self.buffer.clone());
        }
    }
}

impl Pool {
    /// Without a buffer; none is larger than `largest` bytes.
    pub fn new(largest: u64) -> Self {
        Self {
            free: Arc::default(),
            largest,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Free> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A buffer that recorded operations write.
    pub fn scratch(&self, device: &wgpu::Device, bytes: u64) -> Buffer {
        let size = rounded(bytes).min(self.largest);
        let known = self.lock().take(size, true);
        self.wrap(device, size, known)
    }

    /// A buffer that is written from outside, which happens before anything that is recorded and not submitted.
    pub fn upload(&self, device: &wgpu::Device, bytes: u64) -> Buffer {
        let size = rounded(bytes).min(self.largest);
        let known = self.lock().take(size, false);
        self.wrap(device, size, known)
    }

    fn wrap(&self, device: &wgpu::Device, size: u64, known: Option<wgpu::Buffer>) -> Buffer {
        Buffer {
            buffer: known.unwrap_or_else(|| {
                device.create_buffer(&wgpu::BufferDescriptor {
                    label: None,
                    size,
                    usage: wgpu::BufferUsages::STORAGE
                        | wgpu::BufferUsages::COPY_SRC
                        | wgpu::BufferUsages::COPY_DST,
                    mapped_at_creation: false,
                })
            }),
            pool: self.clone(),
        }
    }

    /// Everything recorded so far was submitted.
    pub fn settle(&self) {
        let mut free = self.lock();
        for (size, buffers) in std::mem::take(&mut free.recent) {
            free.settled.entry(size).or_default().extend(buffers);
        }
    }
}

impl Free {
    fn take(&mut self, size: u64, recent: bool) -> Option<wgpu::Buffer> {
        let from_recent = self.recent.get_mut(&size).filter(|_| recent);
        let found = from_recent.and_then(Vec::pop);
        let found = found.or_else(|| self.settled.get_mut(&size)?.pop())?;
        self.bytes -= size;
        Some(found)
    }
}

/// An eighth of waste at most, so that sizes recur.
fn rounded(bytes: u64) -> u64 {
    let step = (bytes.next_power_of_two() / 16).max(SMALLEST);
    bytes.div_ceil(step).max(1) * step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_recur_and_waste_little() {
        assert_eq!(rounded(0), SMALLEST);
        assert_eq!(rounded(1), SMALLEST);
        for bytes in (1..1 << 20).step_by(977) {
            let size = rounded(bytes);
            assert!(size >= bytes && size.is_multiple_of(SMALLEST));
            assert!(size - bytes < SMALLEST.max(bytes / 8 + 1), "{bytes} {size}");
        }
    }
}

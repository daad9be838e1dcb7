//! Operations on their way to the device: recorded one behind the other, and submitted together.

use super::buffers::{Buffer, Pool};
use super::device::Device;
use super::shader::{Compiled, PARAMETERS, Shader, Shaders};
use crate::error::{Error, Result};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;
use web_time::Instant;

/// Different parameters between two submissions.
const SLOTS: u64 = 1024;
/// Operations after which the device begins to work, while others are still recorded.
const TOGETHER: usize = 160;
/// Groups of buffers that are kept; those that are dropped were of buffers that recur no more.
const GROUPS_KEPT: usize = 4096;
/// Workgroups of one dimension.
const GROUPS: usize = 65535;

/// What a device was asked to do so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Operations that were recorded.
    pub operations: u64,
    /// Times that recorded operations were handed over.
    pub submissions: u64,
    /// Bytes of inputs that were brought, without weights and parameters.
    pub uploaded: u64,
    /// Bytes that were read back.
    pub read: u64,
    /// How long readings waited for the device; the rest of a run's time went into recording.
    pub waited: Duration,
}

/// A device with what is recorded for it.
pub struct Recorder {
    pub device: Device,
    pool: Pool,
    state: Mutex<State>,
}

/// A shader and its buffers.
type GroupKey = (&'static str, Vec<wgpu::Buffer>);

struct State {
    groups: HashMap<GroupKey, wgpu::BindGroup>,
    counters: Counters,
    shaders: Shaders,
    open: Option<Open>,
    /// Parameters, [`PARAMETERS`] bytes each, that go along with the next submission, and where each is.
    parameters: Vec<u8>,
    places: HashMap<Vec<u32>, u32>,
}

impl State {
    /// Buffers as a shader sees them: made once, since buffers recur.
    fn group(
        &mut self,
        device: &wgpu::Device,
        shader: &Shader,
        compiled: &Compiled,
        buffers: &[&wgpu::Buffer],
    ) -> wgpu::BindGroup {
        let key: GroupKey = (shader.entry, buffers.iter().copied().cloned().collect());
        if let Some(known) = self.groups.get(&key) {
            return known.clone();
        }
        if self.groups.len() >= GROUPS_KEPT {
            self.groups.clear();
        }
        let bindings = shader.reads.iter().chain(shader.writes);
        let entries = bindings.zip(buffers);
        let entries = entries.map(|(binding, buffer)| wgpu::BindGroupEntry {
            binding: *binding,
            resource: buffer.as_entire_binding(),
        });
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &compiled.layout,
            entries: &entries.collect::<Vec<_>>(),
        });
        self.groups.insert(key, group.clone());
        group
    }
}

/// A pass that is being recorded; declared before its encoder, so that it ends first.
struct Open {
    pass: wgpu::ComputePass<'static>,
    encoder: wgpu::CommandEncoder,
    operations: usize,
}

impl Recorder {
    pub fn new(device: Device) -> Self {
        let shaders = Shaders::new(&device.device, SLOTS);
        Self {
            pool: Pool::new(device.largest()),
            device,
            state: Mutex::new(State {
                groups: HashMap::new(),
                counters: Counters::default(),
                shaders,
                open: None,
                parameters: Vec::new(),
                places: HashMap::new(),
            }),
        }
    }

    /// What was done so far.
    pub fn counters(&self) -> Counters {
        self.lock().counters
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Room for `len` numbers that an operation will write.
    pub fn scratch(&self, len: usize) -> Result<Buffer> {
        let bytes = self.bytes(len)?;
        Ok(self.pool.scratch(&self.device.device, bytes))
    }

    /// Brings numbers of 32 bits to the device.
    pub fn upload<T: bytemuck::NoUninit>(&self, values: &[T]) -> Result<Buffer> {
        let bytes: &[u8] = bytemuck::cast_slice(values);
        let size = self.bytes(bytes.len() / 4)?;
        let buffer = self.pool.upload(&self.device.device, size);
        if !bytes.is_empty() {
            self.lock().counters.uploaded += bytes.len() as u64;
            self.device.queue.write_buffer(&buffer, 0, bytes);
        }
        Ok(buffer)
    }

    fn bytes(&self, len: usize) -> Result<u64> {
        let (bytes, largest) = (len as u64 * 4, self.device.largest());
        if bytes > largest {
            let problem = format!("{bytes} bytes are needed in one piece, it allows {largest}");
            return Err(Error::Gpu(problem));
        }
        Ok(bytes)
    }

    /// Records `groups` workgroups of a shader; `buffers` are those that it reads, then those that it writes.
    pub fn run(
        &self,
        shader: &Shader,
        buffers: &[&wgpu::Buffer],
        parameters: &[u32],
        groups: usize,
    ) {
        if groups == 0 {
            return;
        }
        let state = &mut *self.lock();
        let device = &self.device.device;
        let compiled = state.shaders.get(device, shader);
        let group = state.group(device, shader, &compiled, buffers);
        let place = self.place(state, parameters);
        let (x, y) = grid(groups);
        let parameters = state.shaders.parameters_group.clone();
        self.record(state, |pass| {
            pass.set_pipeline(&compiled.pipeline);
            pass.set_bind_group(0, &group, &[]);
            pass.set_bind_group(1, &parameters, &[place]);
            pass.dispatch_workgroups(x, y, 1);
        });
    }

    /// Compiles another shader in the place of one.
    #[cfg(test)]
    pub fn replace(&self, shader: &Shader) {
        self.lock().shaders.get(&self.device.device, shader);
    }

    /// Records what `operation` puts into the pass.
    pub fn pass<R>(&self, operation: impl FnOnce(&mut wgpu::ComputePass<'static>) -> R) -> R {
        self.record(&mut self.lock(), operation)
    }

    fn record<R>(
        &self,
        state: &mut State,
        operation: impl FnOnce(&mut wgpu::ComputePass<'static>) -> R,
    ) -> R {
        let open = state.open.get_or_insert_with(|| {
            let mut encoder = self
                .device
                .device
                .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            Open {
                pass: encoder
                    .begin_compute_pass(&wgpu::ComputePassDescriptor::default())
                    .forget_lifetime(),
                encoder,
                operations: 0,
            }
        });
        let done = operation(&mut open.pass);
        state.counters.operations += 1;
        open.operations += 1;
        if open.operations >= TOGETHER {
            self.submit(state, |_| {});
        }
        done
    }

    /// Where the parameters of a dispatch are.
    fn place(&self, state: &mut State, parameters: &[u32]) -> u32 {
        if let Some(place) = state.places.get(parameters) {
            return *place;
        }
        if state.places.len() as u64 == SLOTS {
            self.submit(state, |_| {});
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a quarter of a MiB at most"
        )]
        let place = state.parameters.len() as u32;
        state
            .parameters
            .extend_from_slice(bytemuck::cast_slice(parameters));
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a quarter of a MiB at most"
        )]
        state
            .parameters
            .resize(place as usize + PARAMETERS as usize, 0);
        state.places.insert(parameters.to_vec(), place);
        place
    }

    /// Hands over what is recorded, and what `last` adds behind it.
    fn submit(&self, state: &mut State, last: impl FnOnce(&mut wgpu::CommandEncoder)) {
        let mut encoder = match state.open.take() {
            Some(Open { pass, encoder, .. }) => {
                drop(pass);
                encoder
            }
            None => self
                .device
                .device
                .create_command_encoder(&wgpu::CommandEncoderDescriptor::default()),
        };
        last(&mut encoder);
        if !state.parameters.is_empty() {
            // Before what is submitted now, and behind what was.
            let queue = &self.device.queue;
            queue.write_buffer(&state.shaders.parameters, 0, &state.parameters);
            state.parameters.clear();
            state.places.clear();
        }
        state.counters.submissions += 1;
        self.device.queue.submit([encoder.finish()]);
        self.pool.settle();
    }

    /// The bits of the first `len` numbers of a buffer, when everything recorded is done.
    pub async fn read(&self, buffer: &Buffer, len: usize) -> Result<Vec<u32>> {
        if len == 0 {
            return Ok(Vec::new());
        }
        let size = self.bytes(len)?;
        let staging = self.device.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("read"),
            size,
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        self.submit(&mut self.lock(), |encoder| {
            encoder.copy_buffer_to_buffer(buffer, 0, &staging, 0, size);
        });
        self.device.check()?;
        let signal = Signal::default();
        let told = signal.clone();
        staging.map_async(wgpu::MapMode::Read, .., move |outcome| {
            told.set(outcome.is_ok());
        });
        let began = Instant::now();
        self.device.wait();
        let mapped = signal.wait(&self.device).await;
        self.device.check()?;
        {
            let counters = &mut self.lock().counters;
            counters.read += size;
            counters.waited += began.elapsed();
        }
        if !mapped {
            return Err(Error::Gpu(
                "it was lost, or what it computed could not be read".into(),
            ));
        }
        let view = staging.get_mapped_range(..);
        let view = view.map_err(|error| Error::Gpu(error.to_string()))?;
        let words = view.as_chunks().0.iter();
        Ok(words.map(|word| u32::from_le_bytes(*word)).collect())
    }
}

/// Workgroups in two dimensions, at least `groups`.
fn grid(groups: usize) -> (u32, u32) {
    let y = groups.div_ceil(GROUPS);
    let x = groups.div_ceil(y.max(1));
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a device has no room for more numbers"
    )]
    (x as u32, y as u32)
}

/// Whether a buffer was mapped, once it is known.
#[derive(Clone, Default)]
struct Signal(Arc<Mutex<(Option<bool>, Option<Waker>)>>);

impl Signal {
    fn set(&self, outcome: bool) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.0 = Some(outcome);
        if let Some(waker) = inner.1.take() {
            waker.wake();
        }
    }

    async fn wait(&self, device: &Device) -> bool {
        std::future::poll_fn(|context| {
            let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match inner.0 {
                Some(outcome) => Poll::Ready(outcome),
                None if device.check().is_err() => Poll::Ready(false),
                None => {
                    inner.1 = Some(context.waker().clone());
                    if cfg!(not(target_arch = "wasm32")) {
                        // The wait is over: another thread is about to tell, or the device has failed.
                        std::thread::yield_now();
                        context.waker().wake_by_ref();
                    }
                    Poll::Pending
                }
            }
        })
        .await
    }
}

//! Weights on their way to the device.

use super::Products;
use super::by_form::FormPipelines;
use super::form::Form;
use super::pipelines::{storage_buffer, uniform};
use super::plan::{Bytes, Plan, UNIT};
use crate::error::{Error, Result};
use crate::weight::Weight;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use wgpu::{BindGroup, BindingResource, Buffer, BufferUsages, Device, Queue};

/// Bytes that are put together before they are sent.
const PIECE: usize = 8 << 20;

/// A weight on the device; cloning it is cheap.
#[derive(Debug, Clone)]
pub struct GpuWeight(Arc<Uploaded>);

#[derive(Debug)]
struct Uploaded {
    shape: [usize; 2],
    /// Columns of a stored row.
    width: usize,
    pipelines: Arc<FormPipelines>,
    /// For each stored column the one that it is, and its factor; `None` where they are in order, without factors.
    places: Option<Buffer>,
    parts: Vec<Part>,
    bytes: u64,
}

/// Some rows of a weight, as many as fit a binding.
#[derive(Debug)]
pub(super) struct Part {
    pub rows: usize,
    /// The shaders' `Weight`.
    pub about: Buffer,
    pub words: Buffer,
    /// Scales, then zero points or minima, of codes; scales twice where there are none.
    numbers: Option<[Buffer; 2]>,
    /// Bindings for few tokens, by inputs, outputs and number of tokens: they go with the weight.
    groups: Mutex<Groups>,
}

type Groups = HashMap<([Buffer; 2], usize), BindGroup>;

/// Bindings that a part keeps; each holds two buffers of few tokens.
const GROUPS: usize = 16;

impl Part {
    /// Bindings that were made before for the same buffers and number of tokens, or new ones.
    pub fn group(
        &self,
        buffers: [&Buffer; 2],
        n: usize,
        new: impl FnOnce() -> BindGroup,
    ) -> BindGroup {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        if groups.len() >= GROUPS {
            groups.clear();
        }
        let key = (buffers.map(Buffer::clone), n);
        groups.entry(key).or_insert_with(new).clone()
    }

    /// What every shader that reads a weight needs.
    pub fn bindings<'b>(&'b self, count: &'b Buffer) -> Vec<(u32, BindingResource<'b>)> {
        let mut bindings = vec![
            (0, count.as_entire_binding()),
            (1, self.about.as_entire_binding()),
            (4, self.words.as_entire_binding()),
        ];
        if let Some([scales, offsets]) = &self.numbers {
            bindings.push((5, scales.as_entire_binding()));
            bindings.push((6, offsets.as_entire_binding()));
        }
        bindings
    }
}

impl GpuWeight {
    /// `[rows, cols]`.
    #[must_use]
    pub fn shape(&self) -> [usize; 2] {
        self.0.shape
    }

    /// Bytes on the device.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.bytes
    }

    pub(super) fn width(&self) -> usize {
        self.0.width
    }

    pub(super) fn form(&self) -> &FormPipelines {
        &self.0.pipelines
    }

    pub(super) fn places(&self) -> Option<&Buffer> {
        self.0.places.as_ref()
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.0.parts
    }
}

impl Products {
    /// Brings a weight to the device.
    ///
    /// Dense weights keep their number format, and codes theirs, as they lie in memory; rows are filled up to a multiple of 32
    /// columns, and groups to a multiple of 8. Zero points and the integers of two levels take 4 or 8 bits, the float that groups
    /// share 32. Pruned weights are written out, zeros included.
    pub fn upload(&self, device: &Device, queue: &Queue, weight: &Weight) -> Result<GpuWeight> {
        self.send(device, queue, &Plan::new(weight))
    }

    fn send(&self, device: &Device, queue: &Queue, plan: &Plan<'_>) -> Result<GpuWeight> {
        let [rows, cols] = plan.shape;
        let mut bytes = 0;
        let mut buffer = |contents: &Bytes<'_>, first: usize, rows: usize| {
            let buffer = contents.send(device, queue, first, rows);
            bytes += buffer.size();
            buffer
        };
        let row_bytes = plan.numbers.as_ref().map_or(0, |(scales, offsets)| {
            scales.of_row.max(offsets.as_ref().map_or(0, |o| o.of_row))
        });
        let row_bytes = row_bytes.max(plan.words.of_row).max(1);
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let most = limit.saturating_sub(16) / row_bytes;
        if most == 0 {
            return Err(Error::Gpu(format!(
                "a weight of [{rows}, {cols}] has rows of {row_bytes} bytes, and it takes {limit} at once"
            )));
        }
        let number = |count: usize| {
            let too_large = |_| Error::Gpu(format!("a weight of [{rows}, {cols}] is too large"));
            u32::try_from(count).map_err(too_large)
        };
        let mut parts = Vec::with_capacity(rows.div_ceil(most));
        for first in (0..rows).step_by(most) {
            let here = most.min(rows - first);
            let about = [
                here,
                first,
                rows,
                plan.width / UNIT,
                plan.groups,
                cols,
                0,
                0,
            ];
            let about: Vec<u32> = about.into_iter().map(number).collect::<Result<_>>()?;
            parts.push(Part {
                rows: here,
                about: uniform(device, &about),
                groups: Mutex::default(),
                words: buffer(&plan.words, first, here),
                numbers: plan.numbers.as_ref().map(|(scales, offsets)| {
                    let scales = buffer(scales, first, here);
                    let offsets = offsets.as_ref().map(|o| buffer(o, first, here));
                    let offsets = offsets.unwrap_or_else(|| scales.clone());
                    [scales, offsets]
                }),
            });
        }
        let places = plan.places.as_ref().map(|places| {
            let contents = bytemuck::cast_slice(places);
            wgpu::util::DeviceExt::create_buffer_init(
                device,
                &wgpu::util::BufferInitDescriptor {
                    label: None,
                    contents,
                    usage: BufferUsages::STORAGE,
                },
            )
        });
        bytes += places.as_ref().map_or(0, Buffer::size);
        Ok(GpuWeight(Arc::new(Uploaded {
            shape: plan.shape,
            width: plan.width,
            pipelines: self.of_form(plan.form),
            places,
            parts,
            bytes,
        })))
    }

    fn of_form(&self, form: Form) -> Arc<FormPipelines> {
        let mut forms = self.forms.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = forms.iter().find(|known| known.form() == form) {
            return Arc::clone(known);
        }
        let new = Arc::new(FormPipelines::new(form));
        forms.push(Arc::clone(&new));
        new
    }
}

impl Bytes<'_> {
    /// A buffer with the bytes of some rows.
    fn send(&self, device: &Device, queue: &Queue, first: usize, rows: usize) -> Buffer {
        let bytes = rows as u64 * self.of_row as u64;
        let buffer = storage_buffer(device, bytes.next_multiple_of(16).max(16));
        // Four rows of any length are whole words.
        let together = (PIECE / self.of_row.max(1)).max(1).next_multiple_of(4);
        for start in (0..rows).step_by(together) {
            let here = together.min(rows - start);
            let mut piece = vec![0; (here * self.of_row).next_multiple_of(4)];
            let places = piece.chunks_exact_mut(self.of_row.max(1)).take(here);
            for (row, out) in (first + start..).zip(places) {
                (self.write)(row, out);
            }
            queue.write_buffer(&buffer, start as u64 * self.of_row as u64, &piece);
            // What waits to be sent is held a second time until something is submitted.
            queue.submit(None);
        }
        buffer
    }
}

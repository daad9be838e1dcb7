//! Products of weights and inputs on the device, and rows of a weight, straight from the form that it is stored in.
//!
//! Arithmetic is f32. Every sum has a fixed order, which depends on the shape and the number of tokens: the same product on
//! the same device gives the same bits.

mod by_form;
mod form;
mod pipelines;
mod plan;
mod shader;
mod upload;

use crate::error::{Error, Result};
use by_form::FormPipelines;
use pipelines::{Pipeline, storage_buffer, uniform};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use wgpu::{Buffer, ComputePass, Device};

pub use shader::sources;
pub use upload::GpuWeight;

/// Tokens from which on tiles are faster than lanes; below, the weight is read once for each eight.
const MANY: usize = 17;

/// Workgroups that keep a large device busy: larger tiles are chosen where they make as many.
const BUSY: usize = 256;

/// Numbers of tokens that are kept on the device.
const COUNTS: usize = 1024;

/// Workgroups of one dimension.
const MOST_GROUPS: usize = 65535;

/// What products on one device need: pipelines, made when they are first used, and room for inputs in another order.
#[derive(Debug)]
pub struct Products {
    forms: Mutex<Vec<Arc<FormPipelines>>>,
    place: Pipeline,
    counts: Mutex<HashMap<u32, Buffer>>,
    placed: Mutex<Option<Buffer>>,
    /// Bytes of a binding.
    limit: u64,
    /// See [`BUSY`].
    busy: usize,
}

impl Products {
    /// For one device.
    #[must_use]
    pub fn new(device: &Device) -> Self {
        let limits = device.limits();
        Self {
            forms: Mutex::default(),
            place: Pipeline::new(device, "place", &shader::place()),
            counts: Mutex::default(),
            placed: Mutex::default(),
            limit: limits
                .max_storage_buffer_binding_size
                .min(limits.max_buffer_size),
            busy: BUSY,
        }
    }

    /// The same with bindings of at most `bytes`.
    #[must_use]
    pub fn within(self, bytes: u64) -> Self {
        Self {
            limit: self.limit.min(bytes),
            ..self
        }
    }

    /// The same for a device that is busy with `groups` workgroups.
    #[must_use]
    pub fn busy_with(self, groups: usize) -> Self {
        Self {
            busy: groups,
            ..self
        }
    }

    /// Appends `x Wᵀ` to a pass: `x` holds `[n, cols]`, `out` receives `[n, rows]`, both f32 from their beginning on.
    pub fn encode(
        &self,
        device: &Device,
        pass: &mut ComputePass<'_>,
        x: &Buffer,
        n: usize,
        weight: &GpuWeight,
        out: &Buffer,
    ) -> Result<()> {
        let [rows, cols] = weight.shape();
        let (from, to) = (Table::new(x, n, cols)?, Table::new(out, n, rows)?);
        // Of all tokens, so that an output does not depend on where they are split.
        let is_many = n >= MANY;
        for (first, n) in self.at_once(n, rows.max(weight.width()))? {
            let count = self.count(device, n)?;
            let (mut inputs, outputs) = (from.part(first, n), to.part(first, n));
            let mut source = x.clone();
            let placed;
            if let Some(places) = weight.places() {
                let width = weight.width();
                placed = self.placed(device, n * width);
                let room = Table::new(&placed, n, width)?.part(0, n);
                let part = weight.parts().first().map(|part| &part.about);
                let about = part.ok_or_else(|| Error::Gpu("a weight has no rows".into()))?;
                let bindings = [
                    (0, count.as_entire_binding()),
                    (1, about.as_entire_binding()),
                    (2, inputs),
                    (3, room.clone()),
                    (4, places.as_entire_binding()),
                ];
                self.place
                    .encode(device, pass, &bindings, flat(n * width, 64));
                inputs = room;
                source = placed.clone();
            }
            for part in weight.parts() {
                let bindings = || {
                    let mut bindings = part.bindings(&count);
                    bindings.extend([(2, inputs.clone()), (3, outputs.clone())]);
                    bindings
                };
                if is_many {
                    let tiled = weight.form().tiled(device, n, part.rows, self.busy);
                    tiled.0.encode(device, pass, &bindings(), tiled.1);
                } else {
                    // Writing a text comes back with the same buffers.
                    let (few, groups) = weight.form().few(device, n, part.rows);
                    let new = || few.group(device, &bindings());
                    few.run(pass, &part.group([&source, out], n, new), groups);
                }
            }
        }
        Ok(())
    }

    /// Appends a reading of rows to a pass: `ids` holds `n` row numbers, u32, and `out` receives `[n, cols]`. Where a number
    /// is none of a row, `out` stays as it is.
    pub fn embed(
        &self,
        device: &Device,
        pass: &mut ComputePass<'_>,
        ids: &Buffer,
        n: usize,
        weight: &GpuWeight,
        out: &Buffer,
    ) -> Result<()> {
        let [_, cols] = weight.shape();
        let (from, to) = (Table::new(ids, n, 1)?, Table::new(out, n, cols)?);
        for (first, n) in self.at_once(n, cols)? {
            let count = self.count(device, n)?;
            for part in weight.parts() {
                let mut bindings = part.bindings(&count);
                bindings.extend([(2, from.part(first, n)), (3, to.part(first, n))]);
                // The shader declares places even where it reads none.
                let places = weight.places().unwrap_or(&part.words);
                bindings.push((7, places.as_entire_binding()));
                let pipeline = weight.form().rows(device, weight.places().is_some());
                pipeline.encode(device, pass, &bindings, flat(n * weight.width() / 8, 64));
            }
        }
        Ok(())
    }

    /// First tokens and numbers of tokens whose rows of `width` numbers fit a binding.
    fn at_once(&self, n: usize, width: usize) -> Result<impl Iterator<Item = (usize, usize)>> {
        // A binding begins at a multiple of 256 bytes.
        const TOGETHER: usize = 64;
        let most = usize::try_from(self.limit).unwrap_or(usize::MAX) / (4 * width.max(1));
        let most = most.min(MOST_GROUPS) / TOGETHER * TOGETHER;
        if most == 0 {
            let limit = self.limit;
            return Err(Error::Gpu(format!(
                "{TOGETHER} rows of {width} numbers are more than the {limit} bytes that it takes at once"
            )));
        }
        Ok((0..n)
            .step_by(most)
            .map(move |first| (first, most.min(n - first))))
    }

    /// A number of tokens where shaders see it.
    fn count(&self, device: &Device, n: usize) -> Result<Buffer> {
        let n = u32::try_from(n).map_err(|_| Error::Gpu(format!("{n} tokens are too many")))?;
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= COUNTS {
            counts.clear();
        }
        let new = || uniform(device, &[n, 0, 0, 0]);
        Ok(counts.entry(n).or_insert_with(new).clone())
    }

    /// Room for inputs in the order of stored columns. What is queued on it runs in order, so that all products share it.
    fn placed(&self, device: &Device, numbers: usize) -> Buffer {
        let bytes = numbers as u64 * 4;
        let mut placed = self.placed.lock().unwrap_or_else(PoisonError::into_inner);
        match &*placed {
            Some(room) if room.size() >= bytes => room.clone(),
            _ => {
                let bytes = bytes.next_power_of_two().min(self.limit.max(bytes));
                placed.insert(storage_buffer(device, bytes)).clone()
            }
        }
    }
}

/// `[rows, width]` numbers of four bytes at the beginning of a buffer.
struct Table<'b> {
    buffer: &'b Buffer,
    width: usize,
}

impl<'b> Table<'b> {
    fn new(buffer: &'b Buffer, rows: usize, width: usize) -> Result<Self> {
        let (needed, size) = (rows as u64 * width as u64 * 4, buffer.size());
        if needed > size {
            return Err(Error::Gpu(format!(
                "{rows} rows of {width} numbers were promised in a buffer of {size} bytes"
            )));
        }
        Ok(Self { buffer, width })
    }

    /// Some of its rows.
    fn part(&self, first: usize, rows: usize) -> wgpu::BindingResource<'b> {
        let bytes = |rows: usize| rows as u64 * self.width as u64 * 4;
        wgpu::BindingResource::Buffer(wgpu::BufferBinding {
            buffer: self.buffer,
            offset: bytes(first),
            size: wgpu::BufferSize::new(bytes(rows)),
        })
    }
}

/// Workgroups for `count` invocations, `size` in each, over two dimensions where one is not enough.
fn flat(count: usize, size: usize) -> [usize; 3] {
    let groups = count.div_ceil(size);
    let across = groups.clamp(1, MOST_GROUPS);
    [across, groups.div_ceil(across), 1]
}

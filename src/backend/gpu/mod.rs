//! The graphics card, through WebGPU in a browser and Vulkan elsewhere: plain f32, weights straight from their codes.
//!
//! Nothing it computes leaves it but by a reading, and a reading is an error from the first thing on that went wrong.

#![cfg_attr(
    target_arch = "wasm32",
    expect(
        clippy::arc_with_non_send_sync,
        reason = "in a browser, what is on a device stays with its thread"
    )
)]

mod attention;
mod buffers;
mod convolution;
mod device;
mod elementwise;
mod logits;
mod norm;
pub mod product;
mod recorder;
mod rope;
mod rows;
mod shader;
mod tensor;

pub use recorder::Counters;

use super::{Activation, Backend};
use crate::error::{Error, Result};
use crate::kernel::{Heads, Visible};
use crate::weight::Weight;
use attention::GpuMask;
use device::Device;
use product::{GpuWeight as Product, Products};
use recorder::Recorder;
use rows::GpuCache;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tensor::GpuTensor;

/// A graphics card.
#[derive(Clone)]
pub struct Gpu(Arc<Shared>);

struct Shared {
    recorder: Recorder,
    products: Products,
    /// Weights that are here already, by their address: those of a tied head, or of both sides of a comparison, are brought once.
    weights: Mutex<HashMap<usize, Known>>,
}

/// A weight, and what it is on the device, while both are there.
type Known = (Weak<Weight>, Weak<Product>);

/// A weight matrix on the device.
#[derive(Clone)]
pub struct GpuWeight {
    product: Arc<Product>,
    shape: [usize; 2],
}

#[cfg(not(target_arch = "wasm32"))]
static SHARED: Mutex<Option<Gpu>> = Mutex::new(None);
#[cfg(target_arch = "wasm32")]
thread_local! {
    static SHARED: Mutex<Option<Gpu>> = const { Mutex::new(None) };
}

impl Gpu {
    /// Asks for a device of its own.
    pub async fn open() -> Result<Self> {
        Self::open_as("").await
    }

    async fn open_as(adapter: &str) -> Result<Self> {
        let recorder = Recorder::new(Device::open(adapter).await?);
        let products = Products::new(&recorder.device.device);
        recorder.device.check()?;
        Ok(Self(Arc::new(Shared {
            recorder,
            products,
            weights: Mutex::default(),
        })))
    }

    /// The device that the whole program uses. Natively it is opened by the first call; in a browser, where that takes a while,
    /// it must have been [`prepare`](Self::prepare)d. After it was lost, it is another one.
    pub fn shared() -> Result<Self> {
        let known = Self::known();
        #[cfg(not(target_arch = "wasm32"))]
        let known = match known {
            None => futures_util::FutureExt::now_or_never(Self::prepare("")).transpose()?,
            known => known,
        };
        known.ok_or_else(|| Error::Gpu("it was not asked for yet".into()))
    }

    /// Opens the device that the whole program uses, where it is not open. `adapter` is its name where wgpu knows none.
    pub async fn prepare(adapter: &str) -> Result<Self> {
        if let Some(known) = Self::known() {
            return Ok(known);
        }
        let opened = Self::open_as(adapter).await?;
        Self::with_shared(|shared| *shared = Some(opened.clone()));
        Ok(opened)
    }

    fn known() -> Option<Self> {
        let usable = |gpu: &Self| gpu.0.recorder.device.check().is_ok();
        Self::with_shared(|shared| shared.clone()).filter(usable)
    }

    fn with_shared<R>(f: impl FnOnce(&mut Option<Self>) -> R) -> R {
        #[cfg(not(target_arch = "wasm32"))]
        return f(&mut SHARED.lock().unwrap_or_else(PoisonError::into_inner));
        #[cfg(target_arch = "wasm32")]
        SHARED.with(|shared| f(&mut shared.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    /// The adapter and its driver.
    #[must_use]
    pub fn name(&self) -> String {
        self.0.recorder.device.name()
    }

    /// What it was asked to do so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.recorder().counters()
    }

    /// Gives the device up, as a driver does that fails: everything on it is an error from then on.
    pub fn lose(&self) {
        self.0.recorder.device.device.destroy();
        self.0.recorder.device.fail("it was lost in the middle");
    }

    fn recorder(&self) -> &Recorder {
        &self.0.recorder
    }
}

#[cfg(test)]
impl Gpu {
    /// A device of its own, one of whose shaders has something else in the place of `right`.
    pub fn wrong(entry: &str, right: &str, wrong: &str) -> Result<Self> {
        let all = [
            attention::ATTENTION_BY_FOUR,
            elementwise::ACTIVATE,
            norm::RMS_NORM,
            rope::ROPE,
        ];
        let shader = all.into_iter().find(|shader| shader.entry == entry);
        let shader = shader.filter(|shader| shader.source.contains(right));
        let shader = shader.ok_or_else(|| Error::Gpu(format!("{entry} has no {right}")))?;
        let source = shader.source.replace(right, wrong).leak();
        let opened = futures_util::FutureExt::now_or_never(Self::open());
        let gpu = opened.ok_or_else(|| Error::Gpu("it did not open".into()))??;
        gpu.recorder().replace(&shader::Shader { source, ..shader });
        Ok(gpu)
    }
}

impl Backend for Gpu {
    type Tensor = GpuTensor;
    type Weight = GpuWeight;
    type Cache = GpuCache;
    type Mask = GpuMask;

    fn tokens_at_once(&self) -> usize {
        2048
    }

    fn logits_at_once(&self) -> usize {
        1 << 25
    }

    fn weight(&self, weight: &Arc<Weight>) -> Result<GpuWeight> {
        let shape = weight.shape();
        let mut weights = self
            .0
            .weights
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        weights
            .retain(|_, (weight, product)| weight.strong_count() > 0 && product.strong_count() > 0);
        let address = Arc::as_ptr(weight).addr();
        if let Some(product) = weights.get(&address).and_then(|(_, known)| known.upgrade()) {
            return Ok(GpuWeight { product, shape });
        }
        let device = &self.recorder().device;
        device.check()?;
        let product = self
            .0
            .products
            .upload(&device.device, &device.queue, weight)?;
        let product = Arc::new(product);
        device.check()?;
        weights.insert(address, (Arc::downgrade(weight), Arc::downgrade(&product)));
        Ok(GpuWeight { product, shape })
    }

    fn tensor(&self, values: Vec<f32>, width: usize) -> Result<GpuTensor> {
        Ok(GpuTensor {
            rows: values.len() / width.max(1),
            width,
            buffer: Arc::new(self.recorder().upload(&values)?),
        })
    }

    async fn read(&self, tensor: &GpuTensor) -> Result<Vec<f32>> {
        let bits = self.recorder().read(&tensor.buffer, tensor.len()).await?;
        Ok(bits.into_iter().map(f32::from_bits).collect())
    }

    fn embed(&self, table: &GpuWeight, ids: &[u32]) -> Result<GpuTensor> {
        let [vocab_size, width] = table.shape;
        if let Some(&token) = ids.iter().find(|token| **token as usize >= vocab_size) {
            return Err(Error::UnknownToken { token, vocab_size });
        }
        let recorder = self.recorder();
        let out = GpuTensor::scratch(recorder, ids.len(), width)?;
        if out.len() > 0 {
            let uploaded = recorder.upload(ids)?;
            let device = &recorder.device.device;
            let (products, product) = (&self.0.products, &table.product);
            recorder.pass(|pass| {
                products.embed(device, pass, &uploaded, ids.len(), product, &out.buffer)
            })?;
        }
        Ok(out)
    }

    fn linear(&self, x: &GpuTensor, weight: &GpuWeight) -> Result<GpuTensor> {
        let recorder = self.recorder();
        let out = GpuTensor::scratch(recorder, x.rows, weight.shape[0])?;
        if out.len() > 0 {
            let device = &recorder.device.device;
            let (products, product) = (&self.0.products, &weight.product);
            recorder.pass(|pass| {
                products.encode(device, pass, &x.buffer, x.rows, product, &out.buffer)
            })?;
        }
        Ok(out)
    }

    fn add(&self, x: &GpuTensor, y: &GpuTensor) -> Result<GpuTensor> {
        elementwise::add(self.recorder(), x, y)
    }

    fn scale(&self, x: &GpuTensor, factor: f32) -> Result<GpuTensor> {
        elementwise::scale(self.recorder(), x, factor)
    }

    fn softcap(&self, x: &GpuTensor, cap: f32) -> Result<GpuTensor> {
        elementwise::softcap(self.recorder(), x, cap)
    }

    fn rms_norm(&self, x: &GpuTensor, scale: &GpuTensor, epsilon: f32) -> Result<GpuTensor> {
        norm::rms_norm(self.recorder(), x, scale, epsilon)
    }

    fn layer_norm(
        &self,
        x: &GpuTensor,
        scale: &GpuTensor,
        bias: &GpuTensor,
        epsilon: f32,
    ) -> Result<GpuTensor> {
        norm::layer_norm(self.recorder(), x, scale, bias, epsilon)
    }

    fn rope(
        &self,
        x: &GpuTensor,
        cos: &GpuTensor,
        sin: &GpuTensor,
        head_width: usize,
    ) -> Result<GpuTensor> {
        rope::rope(self.recorder(), x, cos, sin, head_width)
    }

    fn cache(&self, width: usize) -> GpuCache {
        GpuCache::new(width)
    }

    fn append(
        &self,
        cache: &mut GpuCache,
        keys: Option<&GpuTensor>,
        values: &GpuTensor,
    ) -> Result<()> {
        // What has no keys reads none.
        cache.append(self.recorder(), keys.unwrap_or(values), values)
    }

    fn truncate(&self, cache: &mut GpuCache, slots: usize) -> Result<()> {
        cache.truncate(slots);
        Ok(())
    }

    fn mask(&self, visible: Vec<Visible>) -> Result<GpuMask> {
        GpuMask::new(self.recorder(), &visible)
    }

    fn attention(
        &self,
        query: &GpuTensor,
        cache: &GpuCache,
        mask: &GpuMask,
        heads: Heads,
    ) -> Result<GpuTensor> {
        attention::attention(self.recorder(), query, cache, mask, heads)
    }

    fn convolve(&self, cache: &GpuCache, mask: &GpuMask, taps: &GpuTensor) -> Result<GpuTensor> {
        convolution::convolve(self.recorder(), cache, mask, taps)
    }

    fn multiply(&self, x: &GpuTensor, y: &GpuTensor) -> Result<GpuTensor> {
        elementwise::multiply(self.recorder(), x, y)
    }

    fn activate(
        &self,
        activation: Activation,
        x: &GpuTensor,
        up: Option<&GpuTensor>,
    ) -> Result<GpuTensor> {
        elementwise::activate(self.recorder(), activation, x, up)
    }

    fn select(&self, x: &GpuTensor, rows: &[u32]) -> Result<GpuTensor> {
        rows::select(self.recorder(), x, rows)
    }

    async fn log_probabilities(
        &self,
        logits: &GpuTensor,
        targets: &[(u32, u32)],
    ) -> Result<Vec<f64>> {
        logits::log_probabilities(self.recorder(), logits, targets).await
    }

    async fn likeliest(&self, logits: &GpuTensor, count: usize) -> Result<Vec<Vec<(u32, f32)>>> {
        logits::likeliest(self.recorder(), logits, count).await
    }
}

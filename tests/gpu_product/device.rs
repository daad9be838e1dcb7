//! The adapter that there is.

use pressure_test::backend::gpu::product::{GpuWeight, Products};
use pressure_test::error::Result;
use pressure_test::weight::Weight;
use std::sync::OnceLock;
use wgpu::{Buffer, BufferUsages, ComputePass};

pub struct Device {
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
    pub name: String,
}

/// With the limits that every browser has.
pub fn device() -> &'static Device {
    static DEVICE: OnceLock<Device> = OnceLock::new();
    DEVICE.get_or_init(|| pollster::block_on(open(|_| wgpu::Limits::default())))
}

/// With all that the adapter has.
pub fn whole_device() -> &'static Device {
    static DEVICE: OnceLock<Device> = OnceLock::new();
    DEVICE.get_or_init(|| pollster::block_on(open(wgpu::Adapter::limits)))
}

async fn open(limits: fn(&wgpu::Adapter) -> wgpu::Limits) -> Device {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let adapter = instance.request_adapter(&wgpu::RequestAdapterOptions {
        power_preference: wgpu::PowerPreference::HighPerformance,
        ..Default::default()
    });
    let adapter = adapter
        .await
        .expect("a Vulkan adapter: mesa-vulkan-drivers brings one in software");
    let info = adapter.get_info();
    let (device, queue) = adapter
        .request_device(&wgpu::DeviceDescriptor {
            required_limits: limits(&adapter),
            ..Default::default()
        })
        .await
        .expect("a device");
    Device {
        device,
        queue,
        name: format!("{}, {} {}", info.name, info.driver, info.driver_info),
    }
}

impl Device {
    pub fn upload(&self, products: &Products, weight: &Weight) -> GpuWeight {
        let uploaded = products.upload(&self.device, &self.queue, weight);
        uploaded.expect("uploaded")
    }

    pub fn product(
        &self,
        products: &Products,
        weight: &GpuWeight,
        x: &[f32],
        n: usize,
    ) -> Vec<f32> {
        self.try_product(products, weight, x, n).expect("a product")
    }

    pub fn try_product(
        &self,
        products: &Products,
        weight: &GpuWeight,
        x: &[f32],
        n: usize,
    ) -> Result<Vec<f32>> {
        let x = self.buffer(bytemuck::cast_slice(x));
        let out = self.room(n * weight.shape()[0]);
        self.pass(|pass| products.encode(&self.device, pass, &x, n, weight, &out))?;
        Ok(self.read(&out))
    }

    pub fn rows(&self, products: &Products, weight: &GpuWeight, ids: &[u32]) -> Vec<f32> {
        let numbers = self.buffer(bytemuck::cast_slice(ids));
        let out = self.room(ids.len() * weight.shape()[1]);
        self.pass(|pass| products.embed(&self.device, pass, &numbers, ids.len(), weight, &out))
            .expect("rows");
        self.read(&out)
    }

    pub fn buffer(&self, bytes: &[u8]) -> Buffer {
        let buffer = self.room(bytes.len() / 4);
        self.queue.write_buffer(&buffer, 0, bytes);
        buffer
    }

    /// Full of what no shader wrote.
    pub fn room(&self, numbers: usize) -> Buffer {
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: numbers as u64 * 4,
            usage: BufferUsages::STORAGE | BufferUsages::COPY_SRC | BufferUsages::COPY_DST,
            mapped_at_creation: false,
        })
    }

    pub fn pass<R>(&self, encode: impl FnOnce(&mut ComputePass<'_>) -> R) -> R {
        let mut encoder = self
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let result = {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            encode(&mut pass)
        };
        self.queue.submit([encoder.finish()]);
        result
    }

    pub fn wait(&self) {
        let waited = self.device.poll(wgpu::PollType::wait_indefinitely());
        waited.expect("the device answers");
    }

    pub fn read(&self, buffer: &Buffer) -> Vec<f32> {
        let copy = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: buffer.size(),
            usage: BufferUsages::MAP_READ | BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let mut encoder = self
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_buffer_to_buffer(buffer, 0, &copy, 0, buffer.size());
        self.queue.submit([encoder.finish()]);
        copy.slice(..)
            .map_async(wgpu::MapMode::Read, |mapped| mapped.expect("mapped"));
        self.wait();
        let bytes = copy.slice(..).get_mapped_range().expect("mapped");
        bytemuck::pod_collect_to_vec(&bytes)
    }
}

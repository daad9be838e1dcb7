//! One compiled shader, and small buffers.

use wgpu::util::{BufferInitDescriptor, DeviceExt};
use wgpu::{
    BindGroup, BindGroupDescriptor, BindGroupEntry, BindGroupLayout, BindingResource, Buffer,
    BufferUsages, ComputePass, ComputePipeline, Device,
};

/// A compiled shader with the layout of its bindings.
#[derive(Debug)]
pub(super) struct Pipeline {
    pipeline: ComputePipeline,
    layout: BindGroupLayout,
}

impl Pipeline {
    /// Compiles a shader whose entry is `main`. What is wrong with it is told to the device's error scope.
    pub fn new(device: &Device, name: &str, source: &str) -> Self {
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(name),
            source: wgpu::ShaderSource::Wgsl(source.into()),
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(name),
            layout: None,
            module: &module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions {
                // Nothing is read there before it was written.
                zero_initialize_workgroup_memory: false,
                ..Default::default()
            },
            cache: None,
        });
        let layout = pipeline.get_bind_group_layout(0);
        Self { pipeline, layout }
    }

    /// Appends it to a pass.
    pub fn encode(
        &self,
        device: &Device,
        pass: &mut ComputePass<'_>,
        bindings: &[(u32, BindingResource<'_>)],
        groups: [usize; 3],
    ) {
        self.run(pass, &self.group(device, bindings), groups);
    }

    /// Its bindings, which may serve more than once.
    pub fn group(&self, device: &Device, bindings: &[(u32, BindingResource<'_>)]) -> BindGroup {
        let mut entries = Vec::with_capacity(bindings.len());
        for (binding, resource) in bindings {
            entries.push(BindGroupEntry {
                binding: *binding,
                resource: resource.clone(),
            });
        }
        device.create_bind_group(&BindGroupDescriptor {
            label: None,
            layout: &self.layout,
            entries: &entries,
        })
    }

    /// Appends it to a pass, with bindings that are there.
    pub fn run(&self, pass: &mut ComputePass<'_>, group: &BindGroup, groups: [usize; 3]) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, group, &[]);
        // Too many for 32 bits are too many for the device, which says so.
        let [x, y, z] = groups.map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        pass.dispatch_workgroups(x, y, z);
    }
}

/// A few numbers that all invocations read.
pub(super) fn uniform(device: &Device, numbers: &[u32]) -> Buffer {
    device.create_buffer_init(&BufferInitDescriptor {
        label: None,
        contents: bytemuck::cast_slice(numbers),
        usage: BufferUsages::UNIFORM,
    })
}

/// Room for numbers, which may be copied there.
pub(super) fn storage_buffer(device: &Device, bytes: u64) -> Buffer {
    device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: bytes,
        usage: BufferUsages::STORAGE | BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

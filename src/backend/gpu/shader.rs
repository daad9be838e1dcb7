//! Compute shaders, compiled when they are first used.

use std::collections::HashMap;
use std::sync::Arc;

/// A compute shader of a WGSL file.
#[derive(Debug, Clone, Copy)]
pub struct Shader {
    /// Its entry point, unlike that of any other.
    pub entry: &'static str,
    pub source: &'static str,
    /// The bindings of group 0 that it reads.
    pub reads: &'static [u32],
    /// Those that it writes.
    pub writes: &'static [u32],
}

/// Bytes of the parameters of one dispatch: the alignment that every device allows.
pub const PARAMETERS: u64 = 256;

/// A shader, ready to run.
pub struct Compiled {
    pub pipeline: wgpu::ComputePipeline,
    pub layout: wgpu::BindGroupLayout,
}

/// The shaders of a device by their entry points, and the buffer of their parameters, group 1.
pub struct Shaders {
    compiled: HashMap<&'static str, Arc<Compiled>>,
    parameters_layout: wgpu::BindGroupLayout,
    pub parameters: wgpu::Buffer,
    pub parameters_group: wgpu::BindGroup,
}

impl Shaders {
    /// No shader yet, and room for the parameters of `slots` dispatches.
    pub fn new(device: &wgpu::Device, slots: u64) -> Self {
        let entry = wgpu::BindGroupLayoutEntry {
            binding: 0,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer {
                ty: wgpu::BufferBindingType::Uniform,
                has_dynamic_offset: true,
                min_binding_size: None,
            },
            count: None,
        };
        let parameters_layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("parameters"),
            entries: &[entry],
        });
        let parameters = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("parameters"),
            size: slots * PARAMETERS,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let parameters_group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("parameters"),
            layout: &parameters_layout,
            entries: &[wgpu::BindGroupEntry {
                binding: 0,
                resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                    buffer: &parameters,
                    offset: 0,
                    size: wgpu::BufferSize::new(PARAMETERS),
                }),
            }],
        });
        Self {
            compiled: HashMap::new(),
            parameters_layout,
            parameters,
            parameters_group,
        }
    }

    /// The shader, compiled at its first use.
    pub fn get(&mut self, device: &wgpu::Device, shader: &Shader) -> Arc<Compiled> {
        if let Some(known) = self.compiled.get(shader.entry) {
            return Arc::clone(known);
        }
        let compiled = Arc::new(self.compile(device, shader));
        self.compiled.insert(shader.entry, Arc::clone(&compiled));
        compiled
    }

    fn compile(&self, device: &wgpu::Device, shader: &Shader) -> Compiled {
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(shader.entry),
            source: wgpu::ShaderSource::Wgsl(shader.source.into()),
        });
        let entry = |binding: u32, read_only| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer {
                ty: wgpu::BufferBindingType::Storage { read_only },
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        };
        let reads = shader.reads.iter().map(|binding| entry(*binding, true));
        let writes = shader.writes.iter().map(|binding| entry(*binding, false));
        let entries: Vec<_> = reads.chain(writes).collect();
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some(shader.entry),
            entries: &entries,
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(shader.entry),
            bind_group_layouts: &[Some(&layout), Some(&self.parameters_layout)],
            immediate_size: 0,
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(shader.entry),
            layout: Some(&pipeline_layout),
            module: &module,
            entry_point: Some(shader.entry),
            compilation_options: wgpu::PipelineCompilationOptions {
                // What a shader reads there, it wrote before.
                zero_initialize_workgroup_memory: false,
                ..Default::default()
            },
            cache: None,
        });
        Compiled { pipeline, layout }
    }
}

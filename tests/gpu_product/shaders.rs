//! The texts of all shaders, for checkers of other makers.

use pressure_test::backend::gpu::product::sources;

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn every_shader_is_what_the_device_takes() {
    let device = &super::device().device;
    for (name, source) in sources() {
        let scope = device.push_error_scope(wgpu::ErrorFilter::Validation);
        let _ = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(&name),
            source: wgpu::ShaderSource::Wgsl(source.as_str().into()),
        });
        let error = pollster::block_on(scope.pop());
        assert!(error.is_none(), "{name}: {error:?}");
    }
}

/// Writes them into the folder `SHADERS`, for `scripts/gpu/shaders.mjs`.
#[test]
#[ignore = "writes files: scripts/gpu/shaders.mjs runs it"]
fn write() {
    let folder = std::env::var("SHADERS").expect("SHADERS names a folder");
    std::fs::create_dir_all(&folder).expect("a folder");
    for (name, source) in sources() {
        std::fs::write(format!("{folder}/{name}.wgsl"), source).expect("written");
    }
}

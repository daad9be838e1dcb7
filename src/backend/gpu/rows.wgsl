// Copies: of rows, and of keys and values behind those that are there.

struct Parameters {
    length: u32,
    width: u32,
    // Where the first number goes.
    offset: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> rows: array<u32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(0) @binding(3) var<storage, read> values: array<f32>;
@group(0) @binding(4) var<storage, read_write> out_values: array<f32>;
@group(1) @binding(0) var<uniform> parameters: Parameters;

@compute @workgroup_size(256)
fn select_rows(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = id.x + id.y * groups.x * 256u;
    if (i < parameters.length) {
        out[i] = x[rows[i / parameters.width] * parameters.width + i % parameters.width];
    }
}

@compute @workgroup_size(256)
fn append(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = id.x + id.y * groups.x * 256u;
    if (i < parameters.length) {
        out[parameters.offset + i] = x[i];
        out_values[parameters.offset + i] = values[i];
    }
}

// Rotates heads by the angles of their rows; one invocation for each number.

struct Parameters {
    length: u32,
    width: u32,
    head_width: u32,
    pairs: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> cosines: array<f32>;
@group(0) @binding(2) var<storage, read> sines: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> parameters: Parameters;

@compute @workgroup_size(256)
fn rope(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = id.x + id.y * groups.x * 256u;
    if (i >= parameters.length) {
        return;
    }
    let pairs = parameters.pairs;
    let place = (i % parameters.width) % parameters.head_width;
    let angle = i / parameters.width * pairs + place % max(pairs, 1u);
    if (place < pairs) {
        out[i] = x[i] * cosines[angle] - x[i + pairs] * sines[angle];
    } else if (place < 2u * pairs) {
        out[i] = x[i - pairs] * sines[angle] + x[i] * cosines[angle];
    } else {
        out[i] = x[i];
    }
}

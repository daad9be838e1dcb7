// Norms of stretches: one workgroup each. Sums have a fixed order.

struct Parameters {
    stretches: u32,
    width: u32,
    epsilon: f32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> scale: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> parameters: Parameters;

const THREADS: u32 = 128u;

var<workgroup> sums: array<f32, THREADS>;

// The sum of what all invocations give.
fn total(thread: u32, value: f32) -> f32 {
    sums[thread] = value;
    workgroupBarrier();
    for (var step = THREADS / 2u; step > 0u; step /= 2u) {
        if (thread < step) {
            sums[thread] += sums[thread + step];
        }
        workgroupBarrier();
    }
    let sum = sums[0];
    workgroupBarrier();
    return sum;
}

@compute @workgroup_size(THREADS)
fn rms_norm(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let stretch = id.x + id.y * groups.x;
    if (stretch >= parameters.stretches) {
        return;
    }
    let width = parameters.width;
    let start = stretch * width;
    var squares = 0.0;
    for (var i = thread; i < width; i += THREADS) {
        let value = x[start + i];
        squares += value * value;
    }
    let mean = total(thread, squares) / f32(width);
    let root = sqrt(mean + parameters.epsilon);
    for (var i = thread; i < width; i += THREADS) {
        out[start + i] = x[start + i] / root * scale[i];
    }
}

@compute @workgroup_size(THREADS)
fn layer_norm(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let stretch = id.x + id.y * groups.x;
    if (stretch >= parameters.stretches) {
        return;
    }
    let width = parameters.width;
    let start = stretch * width;
    var sum = 0.0;
    for (var i = thread; i < width; i += THREADS) {
        sum += x[start + i];
    }
    let mean = total(thread, sum) / f32(width);
    var squares = 0.0;
    for (var i = thread; i < width; i += THREADS) {
        let value = x[start + i] - mean;
        squares += value * value;
    }
    let root = sqrt(total(thread, squares) / f32(width) + parameters.epsilon);
    for (var i = thread; i < width; i += THREADS) {
        out[start + i] = (x[start + i] - mean) / root * scale[i] + bias[i];
    }
}

// What is done to each number by itself.

struct Parameters {
    length: u32,
    // After how many numbers `y` begins again.
    period: u32,
    factor: f32,
    activation: u32,
    has_up: u32,
}

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> parameters: Parameters;

@compute @workgroup_size(256)
fn add(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = id.x + id.y * groups.x * 256u;
    if (i < parameters.length) {
        out[i] = x[i] + y[i % parameters.period];
    }
}

@compute @workgroup_size(256)
fn multiply(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = id.x + id.y * groups.x * 256u;
    if (i < parameters.length) {
        out[i] = x[i] * y[i % parameters.period];
    }
}

@compute @workgroup_size(256)
fn scale(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = id.x + id.y * groups.x * 256u;
    if (i < parameters.length) {
        out[i] = x[i] * parameters.factor;
    }
}

@compute @workgroup_size(256)
fn softcap(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = id.x + id.y * groups.x * 256u;
    if (i < parameters.length) {
        out[i] = parameters.factor * tanh_of(x[i] / parameters.factor);
    }
}

@compute @workgroup_size(256)
fn activate(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = id.x + id.y * groups.x * 256u;
    if (i < parameters.length) {
        var value = activated(x[i]);
        if (parameters.has_up != 0u) {
            value *= y[i];
        }
        out[i] = value;
    }
}

fn activated(z: f32) -> f32 {
    switch parameters.activation {
        case 0u: {
            // Silu; beyond 88, exp would overflow.
            return z / (1.0 + exp(min(-z, 88.0)));
        }
        case 1u: {
            // z Φ(z).
            return 0.5 * z * erfc_of(-0.70710678118654752 * z);
        }
        case 2u: {
            let inner = 0.79788456080286536 * (z + 0.044715 * z * z * z);
            return 0.5 * z * (1.0 + tanh_of(inner));
        }
        case 3u: {
            return max(z, 0.0);
        }
        default: {
            return max(z, 0.0) * max(z, 0.0);
        }
    }
}

// The built-in one is no number for large arguments on some devices, and loose on others: exp far from 0, a polynomial near it
// (Moshier's Cephes, tanhf; 2e-7).
fn tanh_of(z: f32) -> f32 {
    let size = abs(z);
    if (size < 0.625) {
        let s = z * z;
        let p = (((-5.70498872745e-3 * s + 2.06390887954e-2) * s - 5.37397155531e-2) * s + 1.33314422036e-1) * s - 3.33332819422e-1;
        return p * s * z + z;
    }
    let t = 1.0 - 2.0 / (exp(2.0 * min(size, 15.0)) + 1.0);
    return select(t, -t, z < 0.0);
}

// 1 - erf(z), to 1.2e-7 of itself (Press et al., Numerical Recipes, erfcc).
fn erfc_of(z: f32) -> f32 {
    let size = abs(z);
    let t = 1.0 / (1.0 + 0.5 * size);
    let p = -1.26551223 + t * (1.00002368 + t * (0.37409196 + t * (0.09678418 + t * (-0.18628806 + t * (0.27886807
        + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277))))))));
    let tail = t * exp(max(p - size * size, -87.0));
    return select(tail, 2.0 - tail, z < 0.0);
}

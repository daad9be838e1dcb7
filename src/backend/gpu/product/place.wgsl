// Inputs as the stored columns meet them: [count, 8 units] of [count, cols].

struct Place {
    // The column that is stored here; no column: nothing is.
    column: u32,
    factor: f32,
}

@group(0) @binding(2) var<storage, read> inputs: array<f32>;
@group(0) @binding(3) var<storage, read_write> outputs: array<f32>;
@group(0) @binding(4) var<storage, read> places: array<Place>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let width = weight.units * 8u;
    let at = (group.y * groups.x + group.x) * 64u + lane;
    let token = at / width;
    if token >= count.x {
        return;
    }
    let place = places[at % width];
    var value = 0.0;
    if place.column < weight.cols {
        value = inputs[token * weight.cols + place.column] * place.factor;
    }
    outputs[at] = value;
}

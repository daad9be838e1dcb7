// Products with few tokens: each lane of 32 takes every 32nd unit of ROWS rows, for TOKENS tokens; their sums are added lane by lane.

@group(0) @binding(2) var<storage, read> inputs: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> outputs: array<f32>;

// One number more than lanes, so that lanes that read the same place of several sums read different banks.
var<workgroup> sums: array<f32, 2u * ROWS * TOKENS * 33u>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    let lane = index % 32u;
    let side = index / 32u;
    let first_row = ((group.y * groups.x + group.x) * 2u + side) * ROWS;
    let first_token = group.z * TOKENS;
    // What is past the end is computed again and left out below.
    let row#r = min(first_row + #ru, weight.rows - 1u);
    let token#t = min(first_token + #tu, count.x - 1u) * weight.units;
    var sum#r_#t = 0.0;
    for (var unit = lane; unit < weight.units; unit += 32u) {
        let raw#r = fetch(row#r, unit);
        let low#t = inputs[(token#t + unit) * 2u];
        let high#t = inputs[(token#t + unit) * 2u + 1u];
        let eight#r = values(raw#r);
        sum#r_#t += dot(eight#r.low, low#t) + dot(eight#r.high, high#t);
    }
    let start = side * ROWS * TOKENS * 33u;
    sums[start + (#ru * TOKENS + #tu) * 33u + lane] = sum#r_#t;
    workgroupBarrier();
    let row = first_row + lane / TOKENS;
    let token = first_token + lane % TOKENS;
    if lane < ROWS * TOKENS && row < weight.rows && token < count.x {
        var sum = 0.0;
        for (var i = 0u; i < 32u; i++) {
            sum += sums[start + lane * 33u + i];
        }
        outputs[token * weight.all + weight.first + row] = sum;
    }
}

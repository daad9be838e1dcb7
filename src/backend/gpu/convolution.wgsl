// Short convolutions: a number of a row each.

struct Parameters {
    length: u32,
    width: u32,
    taps: u32,
}

// What a row sees: its ranges, and how many slots they hold.
struct Row {
    first: u32,
    end: u32,
    slots: u32,
}

// A range: how many slots the ranges before it hold, and its first slot.
struct Range {
    before: u32,
    start: u32,
}

@group(0) @binding(0) var<storage, read> values: array<f32>;
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> ranges: array<Range>;
@group(0) @binding(3) var<storage, read> taps: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> parameters: Parameters;

@compute @workgroup_size(256)
fn convolve(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
    let i = id.x + id.y * groups.x * 256u;
    if (i >= parameters.length) {
        return;
    }
    let row = rows[i / parameters.width];
    let channel = i % parameters.width;
    // The last tap belongs to the last slot.
    var tap = parameters.taps - min(row.slots, parameters.taps);
    var sum = 0.0;
    for (var place = row.first; place < row.end; place++) {
        var count = row.slots - ranges[place].before;
        if (place + 1u < row.end) {
            count = ranges[place + 1u].before - ranges[place].before;
        }
        for (var k = 0u; k < count && tap < parameters.taps; k++) {
            let slot = ranges[place].start + k;
            sum += values[slot * parameters.width + channel] * taps[tap * parameters.width + channel];
            tap++;
        }
    }
    out[i] = sum;
}

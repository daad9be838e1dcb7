// Rows by their numbers: [count, cols]. In front of this stands PLACED: whether columns have places and factors.

struct Place {
    column: u32,
    factor: f32,
}

@group(0) @binding(2) var<storage, read> ids: array<u32>;
@group(0) @binding(3) var<storage, read_write> outputs: array<f32>;
@group(0) @binding(7) var<storage, read> places: array<Place>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let at = (group.y * groups.x + group.x) * 64u + lane;
    let token = at / weight.units;
    if token >= count.x {
        return;
    }
    let id = ids[token];
    if id < weight.first || id >= weight.first + weight.rows {
        return;
    }
    let unit = at % weight.units;
    let eight = values(fetch(id - weight.first, unit));
    for (var i = 0u; i < 4u; i++) {
        put(token, unit * 8u + i, eight.low[i]);
        put(token, unit * 8u + 4u + i, eight.high[i]);
    }
}

fn put(token: u32, at: u32, value: f32) {
    if PLACED {
        let place = places[at];
        if place.column < weight.cols {
            outputs[token * weight.cols + place.column] = value * place.factor;
        }
    } else {
        outputs[token * weight.cols + at] = value;
    }
}

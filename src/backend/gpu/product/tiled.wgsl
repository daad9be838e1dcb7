// Products with many tokens. A workgroup of 16 × 16 makes TILE × TILE outputs, each invocation EACH × EACH of them, 16 apart;
// it goes along the columns in blocks of 2048 / TILE, of which each invocation fetches one unit of the weight and two quads
// of inputs, while the block before is multiplied.

@group(0) @binding(2) var<storage, read> inputs: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> outputs: array<f32>;

// Of an invocation: outputs of one side. Of a block: units and quads of each row.
const EACH = TILE / 16u;
const UNITS = 256u / TILE;
const QUADS = 512u / TILE;

// [quads, tile], the tile by sixteens: so a number that is known when this is compiled leads from one to the next.
var<workgroup> rows: array<array<array<vec4<f32>, 16>, EACH>, QUADS>;
var<workgroup> tokens: array<array<array<vec4<f32>, 16>, EACH>, QUADS>;

// A place within sixteen, changed with the quad so that lanes that write the quads of a row write to different banks.
fn turned(place: u32, quad: u32) -> u32 {
    return (place % 16u) ^ ((quad * max(TILE / 64u, 1u)) & 7u);
}

fn input(token: u32, quad: u32) -> vec4<f32> {
    if token < count.x && quad < weight.units * 2u {
        return inputs[token * weight.units * 2u + quad];
    }
    return vec4<f32>();
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    let first_token = group.x * TILE;
    let first_row = group.y * TILE;
    let across = index % 16u;
    let down = index / 16u;

    // What this invocation fetches, and where it goes.
    let unit = index % UNITS;
    let row = index / UNITS;
    let quad = index % QUADS;
    let token = index / QUADS;
    let fetched_row = min(first_row + row, weight.rows - 1u);
    let low_place = turned(row, unit * 2u);
    let high_place = turned(row, unit * 2u + 1u);
    let token_place = turned(token, quad);

    var sum#r_#t = 0.0;
    var raw = fetch(fetched_row, min(unit, weight.units - 1u));
    var near = input(first_token + token, quad);
    var far = input(first_token + token + TILE / 2u, quad);
    for (var block = 0u; block < weight.units; block += UNITS) {
        let eight = values(raw);
        rows[unit * 2u][row / 16u][low_place] = eight.low;
        rows[unit * 2u + 1u][row / 16u][high_place] = eight.high;
        tokens[quad][token / 16u][token_place] = near;
        tokens[quad][token / 16u + EACH / 2u][token_place] = far;
        workgroupBarrier();
        let next = block + UNITS;
        raw = fetch(fetched_row, min(next + unit, weight.units - 1u));
        near = input(first_token + token, next * 2u + quad);
        far = input(first_token + token + TILE / 2u, next * 2u + quad);
        for (var k = 0u; k < QUADS; k++) {
            let left = turned(across, k);
            let right = turned(down, k);
            let x#t = tokens[k][#t][right];
            let w#r = rows[k][#r][left];
            sum#r_#t = fma(w#r.w, x#t.w, fma(w#r.z, x#t.z, fma(w#r.y, x#t.y, fma(w#r.x, x#t.x, sum#r_#t))));
        }
        workgroupBarrier();
    }
    let out_row = first_row + across;
    let out_token = first_token + down;
    put(out_row + 16u * #ru, out_token + 16u * #tu, sum#r_#t);
}

fn put(row: u32, token: u32, sum: f32) {
    if row < weight.rows && token < count.x {
        outputs[token * weight.all + weight.first + row] = sum;
    }
}

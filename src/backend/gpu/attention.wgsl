// Attention of one query and one of its heads: one workgroup each. The slots that a query sees are taken 64 at a time, with the
// largest product so far (Milakov and Gimelshein 2018), so that no row of weights has to be kept.

struct Parameters {
    queries: u32,
    heads: u32,
    // Query heads that share a head of keys and values.
    group: u32,
    width: u32,
    // Numbers of a slot.
    stride: u32,
    scale: f32,
    // 0 where there is none.
    softcap: f32,
}

// What a query sees: its ranges, and how many slots they hold together.
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

@group(0) @binding(0) var<storage, read> query: array<f32>;
@group(0) @binding(1) var<storage, read> keys: array<f32>;
@group(0) @binding(2) var<storage, read> values: array<f32>;
// The same, four numbers at a time.
@group(0) @binding(1) var<storage, read> keys_by_four: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> rows: array<Row>;
@group(0) @binding(4) var<storage, read> ranges: array<Range>;
@group(0) @binding(5) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> parameters: Parameters;

const THREADS: u32 = 64u;
const WIDEST: u32 = 1024u;
const LOWEST: f32 = -3.0e38;

var<workgroup> q: array<f32, WIDEST>;
var<workgroup> sums: array<f32, WIDEST>;
var<workgroup> products: array<f32, THREADS>;
var<workgroup> slots: array<u32, THREADS>;
var<workgroup> largest: array<f32, THREADS>;

// The slot that a row sees as its number `i`.
fn slot_of(row: Row, i: u32) -> u32 {
    var low = row.first;
    var high = row.end - 1u;
    while (low < high) {
        let middle = (low + high + 1u) / 2u;
        if (ranges[middle].before <= i) {
            low = middle;
        } else {
            high = middle - 1u;
        }
    }
    return ranges[low].start + (i - ranges[low].before);
}

@compute @workgroup_size(THREADS)
fn attention(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let number = id.x + id.y * groups.x;
    if (number >= parameters.queries * parameters.heads) {
        return;
    }
    let row = rows[number / parameters.heads];
    begin(number, thread);
    var state = State(LOWEST, 0.0);
    for (var base = 0u; base < row.slots; base += THREADS) {
        let here = min(THREADS, row.slots - base);
        var product = 0.0;
        if (thread < here) {
            let key = place(row, number, base + thread);
            for (var d = 0u; d < parameters.width; d++) {
                product += q[d] * keys[key + d];
            }
            slots[thread] = key;
        }
        state = gather(state, base, here, thread, product);
    }
    end(number, thread, state);
}

// Where heads are made of fours.
@compute @workgroup_size(THREADS)
fn attention_by_four(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let number = id.x + id.y * groups.x;
    if (number >= parameters.queries * parameters.heads) {
        return;
    }
    let row = rows[number / parameters.heads];
    begin(number, thread);
    var state = State(LOWEST, 0.0);
    for (var base = 0u; base < row.slots; base += THREADS) {
        let here = min(THREADS, row.slots - base);
        var product = 0.0;
        if (thread < here) {
            let key = place(row, number, base + thread);
            var products = vec4<f32>();
            for (var d = 0u; d < parameters.width; d += 4u) {
                let part = vec4<f32>(q[d], q[d + 1u], q[d + 2u], q[d + 3u]);
                products += part * keys_by_four[(key + d) / 4u];
            }
            product = (products.x + products.y) + (products.z + products.w);
            slots[thread] = key;
        }
        state = gather(state, base, here, thread, product);
    }
    end(number, thread, state);
}

// The largest product so far, and the sum of the weights that go with it.
struct State {
    highest: f32,
    weight: f32,
}

// Where the key and the value that a head of a row sees as its number `i` begin.
fn place(row: Row, number: u32, i: u32) -> u32 {
    let head = number % parameters.heads;
    return slot_of(row, i) * parameters.stride + head / parameters.group * parameters.width;
}

fn begin(number: u32, thread: u32) {
    for (var d = thread; d < parameters.width; d += THREADS) {
        q[d] = query[number * parameters.width + d];
        sums[d] = 0.0;
    }
    workgroupBarrier();
}

// Adds the values of the slots whose products the invocations below `here` have.
fn gather(before: State, base: u32, here: u32, thread: u32, dot: f32) -> State {
    var product = LOWEST;
    if (thread < here) {
        product = dot * parameters.scale;
        if (parameters.softcap > 0.0) {
            product = parameters.softcap * tanh_of(product / parameters.softcap);
        }
    }
    largest[thread] = product;
    workgroupBarrier();
    for (var step = THREADS / 2u; step > 0u; step /= 2u) {
        if (thread < step) {
            largest[thread] = max(largest[thread], largest[thread + step]);
        }
        workgroupBarrier();
    }
    let highest = max(before.highest, largest[0]);
    let kept = select(exp(max(before.highest - highest, -87.0)), 0.0, base == 0u);
    products[thread] = exp(max(product - highest, -87.0));
    workgroupBarrier();
    var weight = before.weight * kept;
    for (var i = 0u; i < here; i++) {
        weight += products[i];
    }
    for (var d = thread; d < parameters.width; d += THREADS) {
        var sum = sums[d] * kept;
        for (var i = 0u; i < here; i++) {
            sum += products[i] * values[slots[i] + d];
        }
        sums[d] = sum;
    }
    workgroupBarrier();
    return State(highest, weight);
}

fn end(number: u32, thread: u32, state: State) {
    for (var d = thread; d < parameters.width; d += THREADS) {
        out[number * parameters.width + d] = sums[d] / state.weight;
    }
}

// As in elementwise.wgsl.
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

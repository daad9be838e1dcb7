// What is asked of rows of logits: one workgroup for each row. Bits are looked at instead of values where infinity and what is no
// number matter, since shaders may assume that there is none.

struct Parameters {
    rows: u32,
    vocab_size: u32,
    // How many of the likeliest.
    count: u32,
}

@group(0) @binding(0) var<storage, read> logits: array<u32>;
// For each row its number, and its first and the end of its targets; then the tokens.
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read_write> out: array<u32>;
@group(1) @binding(0) var<uniform> parameters: Parameters;

const THREADS: u32 = 256u;
const INFINITY: u32 = 0x7f800000u;
const SIGN: u32 = 0x80000000u;
const LOWEST: f32 = -3.4e38;

var<workgroup> numbers: array<f32, THREADS>;
var<workgroup> keys: array<u32, THREADS>;
var<workgroup> places: array<u32, THREADS>;
var<workgroup> is_wrong: atomic<u32>;

fn is_nan(bits: u32) -> bool {
    return (bits & ~SIGN) > INFINITY;
}

// Four numbers for each row: the largest logit, the sum of exponentials of the differences to it, and 1 where one is infinite or no
// number; behind them the logits of the targets.
@compute @workgroup_size(THREADS)
fn log_probabilities(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let row = id.x + id.y * groups.x;
    if (row >= parameters.rows) {
        return;
    }
    if (thread == 0u) {
        atomicStore(&is_wrong, 0u);
    }
    workgroupBarrier();
    let start = targets[row * 3u] * parameters.vocab_size;
    var largest = LOWEST;
    for (var i = thread; i < parameters.vocab_size; i += THREADS) {
        let bits = logits[start + i];
        if (is_nan(bits) || bits == INFINITY) {
            atomicStore(&is_wrong, 1u);
        } else if (bits != (INFINITY | SIGN)) {
            largest = max(largest, bitcast<f32>(bits));
        }
    }
    numbers[thread] = largest;
    workgroupBarrier();
    for (var step = THREADS / 2u; step > 0u; step /= 2u) {
        if (thread < step) {
            numbers[thread] = max(numbers[thread], numbers[thread + step]);
        }
        workgroupBarrier();
    }
    largest = numbers[0];
    workgroupBarrier();
    var sum = 0.0;
    for (var i = thread; i < parameters.vocab_size; i += THREADS) {
        let bits = logits[start + i];
        if (!is_nan(bits) && (bits & ~SIGN) != INFINITY) {
            let difference = bitcast<f32>(bits) - largest;
            if (difference > -87.0) {
                sum += exp(difference);
            }
        }
    }
    numbers[thread] = sum;
    workgroupBarrier();
    for (var step = THREADS / 2u; step > 0u; step /= 2u) {
        if (thread < step) {
            numbers[thread] += numbers[thread + step];
        }
        workgroupBarrier();
    }
    if (thread == 0u) {
        out[row * 4u] = bitcast<u32>(largest);
        out[row * 4u + 1u] = bitcast<u32>(numbers[0]);
        out[row * 4u + 2u] = atomicLoad(&is_wrong) | u32(largest == LOWEST);
    }
    let end = targets[row * 3u + 2u];
    for (var i = targets[row * 3u + 1u] + thread; i < end; i += THREADS) {
        out[parameters.rows * 4u + i] = logits[start + targets[parameters.rows * 3u + i]];
    }
}

// Logits as numbers that compare as they do; 0 for what is no number.
fn key_of(bits: u32) -> u32 {
    if (is_nan(bits)) {
        return 0u;
    }
    if ((bits & SIGN) != 0u) {
        // -0 is 0.
        return select(~bits, SIGN, bits == SIGN);
    }
    return bits | SIGN;
}

// For each row `count` pairs: a token and the bits of its logit. Of a row with something that is no number the first is no token.
@compute @workgroup_size(THREADS)
fn likeliest(
    @builtin(workgroup_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let row = id.x + id.y * groups.x;
    if (row >= parameters.rows) {
        return;
    }
    if (thread == 0u) {
        atomicStore(&is_wrong, 0u);
    }
    workgroupBarrier();
    let start = row * parameters.vocab_size;
    // The last one that was found: what comes behind it is smaller, or as large and further back.
    var last_key = 0xffffffffu;
    var last_place = 0u;
    for (var n = 0u; n < parameters.count; n++) {
        var key = 0u;
        var place = 0xffffffffu;
        for (var i = thread; i < parameters.vocab_size; i += THREADS) {
            let bits = logits[start + i];
            let own = key_of(bits);
            if (own == 0u) {
                atomicStore(&is_wrong, 1u);
            }
            let is_left = own < last_key || (own == last_key && i > last_place);
            if (is_left && own > key) {
                key = own;
                place = i;
            }
        }
        keys[thread] = key;
        places[thread] = place;
        workgroupBarrier();
        for (var step = THREADS / 2u; step > 0u; step /= 2u) {
            if (thread < step) {
                let other = keys[thread + step];
                let other_place = places[thread + step];
                if (other > keys[thread] || (other == keys[thread] && other_place < places[thread])) {
                    keys[thread] = other;
                    places[thread] = other_place;
                }
            }
            workgroupBarrier();
        }
        last_key = keys[0];
        last_place = places[0];
        if (thread == 0u) {
            let at = (row * parameters.count + n) * 2u;
            let is_none = atomicLoad(&is_wrong) != 0u || last_place == 0xffffffffu;
            out[at] = select(last_place, 0xffffffffu, is_none);
            out[at + 1u] = logits[start + select(last_place, 0u, is_none)];
        }
        workgroupBarrier();
    }
}

// Codes of BITS bits, code after code from the low bits on: four units fill BITS words. In front of this stand
//   BITS; GROUP, units of a group; ZERO, bits of a zero point;
//   OFFSET: 0: values are scale * (code - 2^(BITS-1)); 1: scale * (code - zero point); 2: scale * code + minimum;
//   SCALES and MINIMA, how those are stored: 32: f32; 16: f16; 17: bf16; 2: an f32 for so many groups as stand in _SHARED, and
//   behind it of each group an integer of _INNER bits, of which _MIDDLE is taken off.

@group(0) @binding(4) var<storage, read> words: array<u32>;
// [rows, groups].
@group(0) @binding(5) var<storage, read> scales: array<u32>;
// The same of zero points, ZERO bits each, or of minima.
@group(0) @binding(6) var<storage, read> offsets: array<u32>;

struct Raw {
    // The codes, from the lowest bit on.
    low: u32,
    high: u32,
    scale: f32,
    offset: f32,
}

fn fetch(row: u32, unit: u32) -> Raw {
    var raw: Raw;
    // Of four units together.
    let bit = (unit & 3u) * 8u * BITS;
    let shift = bit & 31u;
    let at = (row * weight.units / 4u + unit / 4u) * BITS + bit / 32u;
    raw.low = words[at] >> shift;
    if BITS == 8u {
        raw.high = words[at + 1u];
    } else if BITS != 2u && BITS != 4u && shift + 8u * BITS > 32u {
        let next = words[at + 1u];
        raw.high = next >> shift;
        if shift > 0u {
            raw.low |= next << (32u - shift);
        }
        if BITS == 7u && shift + 8u * BITS > 64u {
            raw.high |= words[at + 2u] << (32u - shift);
        }
    }
    let group = row * weight.groups + unit / GROUP;
    raw.scale = scale_at(group);
    if OFFSET == 0u {
        raw.offset = f32(1u << (BITS - 1u));
    } else if OFFSET == 1u {
        raw.offset = small(offsets[group * ZERO / 32u], group * ZERO, ZERO);
    } else {
        raw.offset = minimum_at(group);
    }
    return raw;
}

fn scale_at(group: u32) -> f32 {
    if SCALES == 32u {
        return bitcast<f32>(scales[group]);
    }
    if SCALES == 2u {
        let block = group / SCALES_SHARED * (1u + SCALES_SHARED * SCALES_INNER / 32u);
        let bit = group % SCALES_SHARED * SCALES_INNER;
        let inner = small(scales[block + 1u + bit / 32u], bit, SCALES_INNER);
        return bitcast<f32>(scales[block]) * (inner - f32(SCALES_MIDDLE));
    }
    return narrow(scales[group / 2u], group, SCALES);
}

fn minimum_at(group: u32) -> f32 {
    if MINIMA == 32u {
        return bitcast<f32>(offsets[group]);
    }
    if MINIMA == 2u {
        let block = group / MINIMA_SHARED * (1u + MINIMA_SHARED * MINIMA_INNER / 32u);
        let bit = group % MINIMA_SHARED * MINIMA_INNER;
        let inner = small(offsets[block + 1u + bit / 32u], bit, MINIMA_INNER);
        return bitcast<f32>(offsets[block]) * (inner - f32(MINIMA_MIDDLE));
    }
    return narrow(offsets[group / 2u], group, MINIMA);
}

// One of the two numbers of a word.
fn narrow(pair: u32, place: u32, kind: u32) -> f32 {
    let bits = pair >> (place % 2u * 16u);
    if kind == 17u {
        return bitcast<f32>(bits << 16u);
    }
    return unpack2x16float(bits).x;
}

// The integer of `bits` bits that begins at a bit of a word.
fn small(word: u32, bit: u32, bits: u32) -> f32 {
    return f32((word >> (bit % 32u)) & ((1u << bits) - 1u));
}

fn values(raw: Raw) -> Eight {
    let low = vec4<f32>(code(raw, 0u), code(raw, 1u), code(raw, 2u), code(raw, 3u));
    let high = vec4<f32>(code(raw, 4u), code(raw, 5u), code(raw, 6u), code(raw, 7u));
    if OFFSET == 2u {
        return Eight(raw.scale * low + raw.offset, raw.scale * high + raw.offset);
    }
    return Eight(raw.scale * (low - raw.offset), raw.scale * (high - raw.offset));
}

fn code(raw: Raw, place: u32) -> f32 {
    let bit = place * BITS;
    var bits = raw.high >> (bit & 31u);
    if bit < 32u {
        bits = raw.low >> bit;
        if bit + BITS > 32u {
            bits |= raw.high << (32u - bit);
        }
    }
    return f32(bits & ((1u << BITS) - 1u));
}

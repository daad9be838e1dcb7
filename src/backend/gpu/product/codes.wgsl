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

// What was read, and nothing computed of it: so nothing waits for it before it is needed.
struct Raw {
    // From the word on in which the first code begins, at bit `shift`.
    first: u32,
    second: u32,
    third: u32,
    shift: u32,
    // Of all groups.
    group: u32,
    scale: vec2<u32>,
    offset: vec2<u32>,
}

fn fetch(row: u32, unit: u32) -> Raw {
    var raw: Raw;
    let bit = (unit & 3u) * 8u * BITS;
    let at = (row * weight.units / 4u + unit / 4u) * BITS + bit / 32u;
    raw.shift = bit % 32u;
    raw.first = words[at];
    if BITS != 2u && BITS != 4u {
        raw.second = words[at + 1u];
    }
    if BITS == 7u {
        raw.third = words[at + 2u];
    }
    raw.group = row * weight.groups + unit / GROUP;
    if SCALES == 2u {
        let block = raw.group / SCALES_SHARED * (1u + SCALES_SHARED * SCALES_INNER / 32u);
        let inner = raw.group % SCALES_SHARED * SCALES_INNER / 32u;
        raw.scale = vec2<u32>(scales[block], scales[block + 1u + inner]);
    } else {
        raw.scale.x = scales[select(raw.group / 2u, raw.group, SCALES == 32u)];
    }
    if OFFSET == 1u {
        raw.offset.x = offsets[raw.group * ZERO / 32u];
    } else if OFFSET == 2u && MINIMA == 2u {
        let block = raw.group / MINIMA_SHARED * (1u + MINIMA_SHARED * MINIMA_INNER / 32u);
        let inner = raw.group % MINIMA_SHARED * MINIMA_INNER / 32u;
        raw.offset = vec2<u32>(offsets[block], offsets[block + 1u + inner]);
    } else if OFFSET == 2u {
        raw.offset.x = offsets[select(raw.group / 2u, raw.group, MINIMA == 32u)];
    }
    return raw;
}

fn values(raw: Raw) -> Eight {
    var low = raw.first >> raw.shift;
    var high = raw.second >> raw.shift;
    if BITS != 2u && BITS != 4u {
        low |= upper(raw.second, raw.shift);
    }
    if BITS == 7u {
        high |= upper(raw.third, raw.shift);
    }
    let first = vec4<f32>(code(low, high, 0u), code(low, high, 1u), code(low, high, 2u), code(low, high, 3u));
    let second = vec4<f32>(code(low, high, 4u), code(low, high, 5u), code(low, high, 6u), code(low, high, 7u));
    var scale = 0.0;
    if SCALES == 2u {
        let inner = small(raw.scale.y, raw.group % SCALES_SHARED * SCALES_INNER, SCALES_INNER);
        scale = bitcast<f32>(raw.scale.x) * (inner - f32(SCALES_MIDDLE));
    } else {
        scale = plain(raw.scale.x, raw.group, SCALES);
    }
    if OFFSET == 2u {
        var minimum = 0.0;
        if MINIMA == 2u {
            let inner = small(raw.offset.y, raw.group % MINIMA_SHARED * MINIMA_INNER, MINIMA_INNER);
            minimum = bitcast<f32>(raw.offset.x) * (inner - f32(MINIMA_MIDDLE));
        } else {
            minimum = plain(raw.offset.x, raw.group, MINIMA);
        }
        return Eight(scale * first + minimum, scale * second + minimum);
    }
    var zero = f32(1u << (BITS - 1u));
    if OFFSET == 1u {
        zero = small(raw.offset.x, raw.group * ZERO, ZERO);
    }
    return Eight(scale * (first - zero), scale * (second - zero));
}

// What the next word has for the upper bits of one that is shifted down: nothing where it is not.
fn upper(next: u32, shift: u32) -> u32 {
    return (next << 1u) << (31u - shift);
}

fn code(low: u32, high: u32, place: u32) -> f32 {
    let bit = place * BITS;
    var bits = high >> (bit & 31u);
    if bit < 32u {
        bits = low >> bit;
        if bit + BITS > 32u {
            bits |= high << (32u - bit);
        }
    }
    return f32(bits & ((1u << BITS) - 1u));
}

// The integer of `bits` bits that begins at a bit of a word.
fn small(word: u32, bit: u32, bits: u32) -> f32 {
    return f32((word >> (bit % 32u)) & ((1u << bits) - 1u));
}

// A number of a word that holds one, or two.
fn plain(word: u32, group: u32, kind: u32) -> f32 {
    if kind == 32u {
        return bitcast<f32>(word);
    }
    let bits = word >> (group % 2u * 16u);
    if kind == 17u {
        return bitcast<f32>(bits << 16u);
    }
    return unpack2x16float(bits).x;
}

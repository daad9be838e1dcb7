@group(0) @binding(4) var<storage, read> words: array<vec4<u32>>;

alias Raw = vec4<u32>;

fn fetch(row: u32, unit: u32) -> Raw {
    return words[row * weight.units + unit];
}

fn values(raw: Raw) -> Eight {
    return Eight(
        vec4<f32>(unpack2x16float(raw.x), unpack2x16float(raw.y)),
        vec4<f32>(unpack2x16float(raw.z), unpack2x16float(raw.w)),
    );
}

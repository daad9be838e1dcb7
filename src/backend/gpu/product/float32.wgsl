@group(0) @binding(4) var<storage, read> words: array<vec4<f32>>;

alias Raw = Eight;

fn fetch(row: u32, unit: u32) -> Raw {
    let at = (row * weight.units + unit) * 2u;
    return Eight(words[at], words[at + 1u]);
}

fn values(raw: Raw) -> Eight {
    return raw;
}

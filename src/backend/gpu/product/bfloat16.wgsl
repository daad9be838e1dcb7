@group(0) @binding(4) var<storage, read> words: array<vec4<u32>>;

alias Raw = vec4<u32>;

fn fetch(row: u32, unit: u32) -> Raw {
    return words[row * weight.units + unit];
}

// The upper half of an f32 is the number.
fn values(raw: Raw) -> Eight {
    let even = raw << vec4<u32>(16u);
    let odd = raw & vec4<u32>(0xffff0000u);
    return Eight(
        bitcast<vec4<f32>>(vec4<u32>(even.x, odd.x, even.y, odd.y)),
        bitcast<vec4<f32>>(vec4<u32>(even.z, odd.z, even.w, odd.w)),
    );
}

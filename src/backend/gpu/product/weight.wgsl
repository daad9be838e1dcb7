// A weight on the device, or some of its rows. A unit is eight columns of a row, in the order in which they are stored.

struct Weight {
    // Rows here, the first of them among all, and all.
    rows: u32,
    first: u32,
    all: u32,
    // Of a row: units, groups.
    units: u32,
    groups: u32,
    // Columns of the matrix, at most eight times the units.
    cols: u32,
}

// The values of a unit.
struct Eight {
    low: vec4<f32>,
    high: vec4<f32>,
}

// How many tokens there are.
@group(0) @binding(0) var<uniform> count: vec4<u32>;
@group(0) @binding(1) var<uniform> weight: Weight;

//! Codes as ggml's blocks of 32: `Q4_0`, `Q5_0` and `Q8_0` hold `d (q - middle)`, `Q4_1` and `Q5_1` `d q + m`; only `d` and
//! `m` are rounded, to f16.

use super::fold::Layer;
use super::gguf_file::Kind;
use crate::weight::{Layout, Quantized, Storage, max_code};
use half::f16;

/// Weights in a block.
const BLOCK: usize = 32;

/// The kind of blocks that holds a matrix; an error is a clause that says why there is none.
pub fn kind(layer: &Layer, quantized: &Quantized) -> Result<Kind, String> {
    let Layout {
        shape: [_, cols],
        bits,
        group_size,
        symmetric,
        ..
    } = quantized.layout();
    if quantized.column_order().is_some() {
        let problem =
            "its groups follow another order than its columns; compress with static groups";
        return Err(problem.into());
    }
    if !cols.is_multiple_of(BLOCK) || !(group_size.is_multiple_of(BLOCK) || group_size >= cols) {
        return Err("blocks of 32 weights must fill its rows and groups".into());
    }
    if layer.scale_storage(quantized) == Storage::F32 {
        let scales = layer.scales(quantized);
        let mut scale = [0.0];
        for i in 0..scales.len() {
            scales.read(i, &mut scale);
            let rounded = f16::from_f32(scale[0]).to_f32();
            // The smallest numbers of 16 bits are coarse.
            let fits = (rounded - scale[0]).abs() <= scale[0].abs() / 64.0;
            if !fits || !f16::from_f32(scale[0] * f32::from(max_code(bits))).is_finite() {
                return Err(format!(
                    "its scale {:e} is outside the 16 bits that blocks have for it",
                    scale[0]
                ));
            }
        }
    }
    match (bits, symmetric) {
        (2..=4, true) => Ok(Kind::Q4_0),
        (5, true) => Ok(Kind::Q5_0),
        (6..=8, true) | (6 | 7, false) => Ok(Kind::Q8_0),
        (2..=4, false) => Ok(Kind::Q4_1),
        (5, false) => Ok(Kind::Q5_1),
        _ => Err("8 bits with zero points have no form there; choose symmetric".into()),
    }
}

/// The blocks of one row.
pub fn row(kind: Kind, layer: &Layer, quantized: &Quantized, row: usize) -> Vec<u8> {
    let Layout {
        shape: [_, cols],
        group_size,
        ..
    } = quantized.layout();
    let mut bytes = Vec::new();
    for start in (0..cols).step_by(BLOCK) {
        let grid = quantized.grid(row, start / group_size);
        let scale = grid.scale() * layer.factor(row);
        let zero_point = i16::from(grid.zero_point());
        let codes: [i16; BLOCK] = std::array::from_fn(|i| quantized.code(row, start + i).into());
        bytes.extend(f16::from_f32(scale).to_le_bytes());
        match kind {
            Kind::Q4_0 => nibbles(codes.map(|code| code - zero_point + 8), &mut bytes),
            Kind::Q5_0 => fives(codes.map(|code| code - zero_point + 16), &mut bytes),
            Kind::Q8_0 => bytes.extend(codes.map(|code| (code - zero_point).to_le_bytes()[0])),
            _ => {
                bytes.extend(f16::from_f32(-scale * f32::from(zero_point)).to_le_bytes());
                if kind == Kind::Q4_1 {
                    nibbles(codes, &mut bytes);
                } else {
                    fives(codes, &mut bytes);
                }
            }
        }
    }
    bytes
}

/// The first half of a block in the low four bits, the second in the high ones.
fn nibbles(codes: [i16; BLOCK], bytes: &mut Vec<u8>) {
    let low = |code: i16| code.to_le_bytes()[0] & 15;
    bytes.extend((0..BLOCK / 2).map(|i| low(codes[i]) | low(codes[i + BLOCK / 2]) << 4));
}

/// The fifth bits as one word, then the others as [`nibbles`].
fn fives(codes: [i16; BLOCK], bytes: &mut Vec<u8>) {
    let word = codes.iter().enumerate().fold(0u32, |word, (i, code)| {
        word | u32::from(code.to_le_bytes()[0] >> 4 & 1) << i
    });
    bytes.extend(word.to_le_bytes());
    nibbles(codes, bytes);
}

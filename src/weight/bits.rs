//! Dense bit packing: code `i` occupies bits `i*bits ..` of the row, low bits first, across byte borders; a
//! row fills whole 32-bit words, as compressed-tensors packs them.

/// Bytes that `count` codes of `bits` bits take.
#[must_use]
pub fn packed_bytes(count: usize, bits: u8) -> usize {
    (count * usize::from(bits)).div_ceil(32) * 4
}

/// Appends `codes` of `bits` bits (1 to 8), padded to a whole word.
pub fn pack(codes: impl Iterator<Item = u8>, bits: u8, out: &mut Vec<u8>) {
    let start = out.len();
    let mut buffer = 0u32;
    let mut held = 0u32;
    for code in codes {
        buffer |= u32::from(code) << held;
        held += u32::from(bits);
        while held >= 8 {
            out.push(buffer.to_le_bytes()[0]);
            buffer >>= 8;
            held -= 8;
        }
    }
    if held > 0 {
        out.push(buffer.to_le_bytes()[0]);
    }
    out.resize(start + (out.len() - start).next_multiple_of(4), 0);
}

/// Appends a row of codes as [`pack`] does.
pub fn pack_row(codes: &[u8], bits: u8, out: &mut Vec<u8>) {
    let start = out.len();
    let (eights, rest) = codes.split_at(codes.len() / 8 * 8);
    out.resize(start + eights.len() / 8 * usize::from(bits), 0);
    pack_eights(eights, bits, &mut out[start..]);
    pack(rest.iter().copied(), bits, out);
    out.resize(start + packed_bytes(codes.len(), bits), 0);
}

/// Packs a multiple of eight codes into the bytes that they fill, `bits` for each eight.
pub(super) fn pack_eights(codes: &[u8], bits: u8, out: &mut [u8]) {
    match bits {
        1 => pack_blocks::<1>(codes, out),
        2 => pack_blocks::<2>(codes, out),
        3 => pack_blocks::<3>(codes, out),
        4 => pack_blocks::<4>(codes, out),
        5 => pack_blocks::<5>(codes, out),
        6 => pack_blocks::<6>(codes, out),
        7 => pack_blocks::<7>(codes, out),
        _ => out.copy_from_slice(codes),
    }
}

fn pack_blocks<const BITS: usize>(codes: &[u8], out: &mut [u8]) {
    let (eights, _) = codes.as_chunks::<8>();
    let (blocks, _) = out.as_chunks_mut::<BITS>();
    for (codes, block) in eights.iter().zip(blocks) {
        let mut word = 0;
        for (i, code) in codes.iter().enumerate() {
            word |= u64::from(*code) << (i * BITS);
        }
        block.copy_from_slice(&word.to_le_bytes()[..BITS]);
    }
}

/// Code `index` of `packed`.
#[must_use]
pub fn get(packed: &[u8], bits: u8, index: usize) -> u8 {
    let first = index * usize::from(bits);
    let low = packed[first / 8];
    let high = packed.get(first / 8 + 1).copied().unwrap_or(0);
    let window = u16::from_le_bytes([low, high]) >> (first % 8);
    window.to_le_bytes()[0] & (0xff >> (8 - bits))
}

/// Reads the first `out.len()` codes of `bits` bits from `packed` as numbers.
pub(super) fn unpack(packed: &[u8], bits: u8, out: &mut [f32]) {
    // Eight codes fill exactly `bits` bytes: whole blocks go through one 64-bit word with constant shifts.
    match bits {
        2 => unpack_blocks::<2>(packed, out),
        3 => unpack_blocks::<3>(packed, out),
        4 => unpack_blocks::<4>(packed, out),
        5 => unpack_blocks::<5>(packed, out),
        6 => unpack_blocks::<6>(packed, out),
        7 => unpack_blocks::<7>(packed, out),
        _ => unpack_blocks::<8>(packed, out),
    }
}

fn unpack_blocks<const BITS: usize>(packed: &[u8], out: &mut [f32]) {
    for (block, codes) in packed.chunks(BITS).zip(out.chunks_mut(8)) {
        let mut bytes = [0; 8];
        bytes[..block.len()].copy_from_slice(block);
        let word = u64::from_le_bytes(bytes);
        let mut unpacked = [0.0; 8];
        for (i, code) in unpacked.iter_mut().enumerate() {
            #[expect(clippy::cast_possible_truncation, reason = "masked to 8 bits")]
            let bits = (word >> (i * BITS)) as u32 & ((1 << BITS) - 1);
            *code = bits as f32;
        }
        codes.copy_from_slice(&unpacked[..codes.len()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn codes_come_back_for_every_width_and_length() {
        for bits in 2..=8u8 {
            for len in 0..=67u8 {
                let codes: Vec<u8> = (0..len)
                    .map(|i: u8| i.wrapping_mul(37).wrapping_add(11) & (0xff >> (8 - bits)))
                    .collect();
                let mut packed = Vec::new();
                pack(codes.iter().copied(), bits, &mut packed);
                assert_eq!(packed.len(), packed_bytes(codes.len(), bits));
                let mut row = vec![9];
                pack_row(&codes, bits, &mut row);
                assert_eq!(row[1..], packed, "{bits} bits, {len} codes");
                let mut back = vec![0.0; codes.len()];
                unpack(&packed, bits, &mut back);
                let expected: Vec<f32> = codes.iter().map(|&c| f32::from(c)).collect();
                assert_eq!(back, expected, "{bits} bits, {len} codes");
                let whole = codes.len() / 8 * 8;
                let mut eights = vec![0; whole / 8 * usize::from(bits)];
                pack_eights(&codes[..whole], bits, &mut eights);
                assert_eq!(eights, packed[..eights.len()], "{bits} bits, {len} codes");
                let single: Vec<u8> = (0..codes.len()).map(|i| get(&packed, bits, i)).collect();
                assert_eq!(single, codes, "{bits} bits, {len} codes");
            }
        }
    }

    #[test]
    fn the_first_code_lies_in_the_low_bits() {
        let mut packed = Vec::new();
        pack([1, 2, 3].into_iter(), 4, &mut packed);
        assert_eq!(packed, [0x21, 0x03, 0, 0]);
    }
}

//! Plain Rust, for machines without a kind of their own, and to compare those with.

use super::{PAIRS, ROWS, RUN, Simd, column_in_run};

#[derive(Clone, Copy)]
pub(in super::super) struct Portable;

impl Simd for Portable {
    type Codes = [i16; 8];
    type Places = ();
    type Along = [i32; 4];
    type Wide = [i32; ROWS];
    type Real = [f32; ROWS];

    #[inline(always)]
    fn places<const BITS: usize>() {}

    #[inline(always)]
    fn unpack<const BITS: usize>(bytes: &[u8; 16], (): ()) -> [[i16; 8]; 2] {
        let word = u128::from_le_bytes(*bytes);
        let code = |place| {
            #[expect(clippy::cast_possible_truncation, reason = "2 to 8, and lower bits")]
            let code = |column: usize| (word >> (column * BITS)) as i16 & ((1 << BITS) - 1);
            #[expect(clippy::cast_possible_truncation, reason = "2 to 8")]
            code(column_in_run(BITS as u8, place))
        };
        [
            std::array::from_fn(code),
            std::array::from_fn(|i| code(RUN / 2 + i)),
        ]
    }

    #[inline(always)]
    fn run(pairs: &[i32; PAIRS]) -> [[i16; 8]; 2] {
        let value = |i: usize| halves(pairs[i / 2])[i % 2];
        [
            std::array::from_fn(value),
            std::array::from_fn(|i| value(RUN / 2 + i)),
        ]
    }

    #[inline(always)]
    fn less(codes: [i16; 8], value: i16) -> [i16; 8] {
        codes.map(|code| code - value)
    }

    #[inline(always)]
    fn four(values: &[f32; 4]) -> [i16; 8] {
        let pairs = values.map(|value| halves(value.to_bits().cast_signed()));
        std::array::from_fn(|i| pairs[i / 2][i % 2])
    }

    #[inline(always)]
    fn side_by_side(rows: [[i16; 8]; ROWS]) -> [[i32; ROWS]; 4] {
        std::array::from_fn(|pair| rows.map(|row| pair_of(row[2 * pair], row[2 * pair + 1])))
    }

    #[inline(always)]
    fn nothing() -> [i32; 4] {
        [0; 4]
    }

    #[inline(always)]
    fn add_along(sums: [i32; 4], a: [i16; 8], b: [i16; 8]) -> [i32; 4] {
        let product = |i: usize| i32::from(a[i]) * i32::from(b[i]);
        std::array::from_fn(|lane| sums[lane] + (product(2 * lane) + product(2 * lane + 1)))
    }

    #[inline(always)]
    fn load_along(sums: &[i32; 4]) -> [i32; 4] {
        *sums
    }

    #[inline(always)]
    fn store_along(sums: [i32; 4], out: &mut [i32; 4]) {
        *out = sums;
    }

    #[inline(always)]
    fn across(sums: [[i32; 4]; ROWS]) -> [i32; ROWS] {
        sums.map(|sums| sums.iter().sum())
    }

    #[inline(always)]
    fn zeros() -> [i32; ROWS] {
        [0; ROWS]
    }

    #[inline(always)]
    fn every(value: i32) -> [i32; ROWS] {
        [value; ROWS]
    }

    #[inline(always)]
    fn load(values: &[i32; ROWS]) -> [i32; ROWS] {
        *values
    }

    #[inline(always)]
    fn store(values: [i32; ROWS], out: &mut [i32; ROWS]) {
        *out = values;
    }

    #[inline(always)]
    fn add_dots(sums: [i32; ROWS], a: [i32; ROWS], b: [i32; ROWS]) -> [i32; ROWS] {
        std::array::from_fn(|row| {
            let (a, b) = (halves(a[row]), halves(b[row]));
            let product = |i: usize| i32::from(a[i]) * i32::from(b[i]);
            sums[row] + (product(0) + product(1))
        })
    }

    #[inline(always)]
    fn subtract_products(sums: [i32; ROWS], a: [i32; ROWS], b: [i32; ROWS]) -> [i32; ROWS] {
        std::array::from_fn(|row| sums[row] - a[row] * b[row])
    }

    #[inline(always)]
    fn to_real(values: [i32; ROWS]) -> [f32; ROWS] {
        values.map(|value| value as f32)
    }

    #[inline(always)]
    fn as_real(bits: [i32; ROWS]) -> [f32; ROWS] {
        bits.map(|bits| f32::from_bits(bits.cast_unsigned()))
    }

    #[inline(always)]
    fn every_real(value: f32) -> [f32; ROWS] {
        [value; ROWS]
    }

    #[inline(always)]
    fn load_real(values: &[f32; ROWS]) -> [f32; ROWS] {
        *values
    }

    #[inline(always)]
    fn store_real(values: [f32; ROWS], out: &mut [f32; ROWS]) {
        *out = values;
    }

    #[inline(always)]
    fn add(a: [f32; ROWS], b: [f32; ROWS]) -> [f32; ROWS] {
        std::array::from_fn(|row| a[row] + b[row])
    }

    #[inline(always)]
    fn multiply(a: [f32; ROWS], b: [f32; ROWS]) -> [f32; ROWS] {
        std::array::from_fn(|row| a[row] * b[row])
    }
}

/// Two 16-bit numbers in one of 32 bits, the first in the lower half.
pub(in super::super) fn pair_of(low: i16, high: i16) -> i32 {
    i32::from(high) << 16 | i32::from(low.cast_unsigned())
}

/// The two numbers of a pair.
#[expect(clippy::cast_possible_truncation, reason = "the halves are wanted")]
fn halves(pair: i32) -> [i16; 2] {
    [pair as i16, (pair >> 16) as i16]
}

//! The 128-bit SIMD of WebAssembly, two vectors for eight rows.
#![allow(
    clippy::wildcard_imports,
    reason = "names of instructions, and nothing else"
)]
#![expect(unsafe_code, reason = "loads and stores take pointers")]

use super::{PAIRS, ROWS, Simd, lifts, windows};
use std::arch::wasm32::*;

#[derive(Clone, Copy)]
pub(super) struct Simd128;

/// One half of the arrays below.
#[inline(always)]
fn load4<T: Copy, const N: usize>(values: &[T; N], first: usize) -> v128 {
    const { assert!(size_of::<T>() == 4 && N == 8) };
    debug_assert!(first <= 4);
    // SAFETY: 16 bytes of an array of 32, from byte 0 or 16 on; the load needs no alignment.
    unsafe { v128_load(values.as_ptr().add(first).cast()) }
}

#[inline(always)]
fn store4<T: Copy, const N: usize>(vector: v128, values: &mut [T; N], first: usize) {
    const { assert!(size_of::<T>() == 4 && N == 8) };
    debug_assert!(first <= 4);
    // SAFETY: 16 bytes of an array of 32, from byte 0 or 16 on; the store needs no alignment.
    unsafe { v128_store(values.as_mut_ptr().add(first).cast(), vector) }
}

/// Four rows of four 32-bit numbers as four columns.
#[inline(always)]
fn transpose([a, b, c, d]: [v128; 4]) -> [v128; 4] {
    let (ab, cd) = (
        i32x4_shuffle::<0, 4, 1, 5>(a, b),
        i32x4_shuffle::<0, 4, 1, 5>(c, d),
    );
    let (ab2, cd2) = (
        i32x4_shuffle::<2, 6, 3, 7>(a, b),
        i32x4_shuffle::<2, 6, 3, 7>(c, d),
    );
    [
        i64x2_shuffle::<0, 2>(ab, cd),
        i64x2_shuffle::<1, 3>(ab, cd),
        i64x2_shuffle::<0, 2>(ab2, cd2),
        i64x2_shuffle::<1, 3>(ab2, cd2),
    ]
}

#[inline(always)]
fn constant<T: Copy, const N: usize>(values: &[T; N]) -> v128 {
    const { assert!(size_of::<T>() * N == 16) };
    // SAFETY: the array is 16 readable bytes; the load needs no alignment.
    unsafe { v128_load(values.as_ptr().cast()) }
}

impl Simd for Simd128 {
    type Codes = v128;
    type Places = [[v128; 2]; 2];
    type Along = v128;
    type Wide = [v128; 2];
    type Real = [v128; 2];

    #[inline(always)]
    fn places<const BITS: usize>() -> [[v128; 2]; 2] {
        // Not to be known to the compiler, which takes vectors apart to shift where a factor is a power of 2.
        let lifts = std::hint::black_box([lifts(BITS, 0), lifts(BITS, 8)]);
        [
            [
                constant(&const { windows(BITS, 0) }),
                constant(&const { windows(BITS, 8) }),
            ],
            [constant(&lifts[0]), constant(&lifts[1])],
        ]
    }

    #[inline(always)]
    fn unpack<const BITS: usize>(bytes: &[u8; 16], places: [[v128; 2]; 2]) -> [v128; 2] {
        let bytes = constant(bytes);
        match BITS {
            4 => {
                let bytes = u16x8_extend_low_u8x16(bytes);
                [v128_and(bytes, u16x8_splat(15)), u16x8_shr(bytes, 4)]
            }
            8 => [
                u16x8_extend_low_u8x16(bytes),
                u16x8_extend_high_u8x16(bytes),
            ],
            _ => {
                #[expect(clippy::cast_possible_truncation, reason = "2 to 8")]
                let down = 16 - BITS as u32;
                let [windows, lifts] = places;
                let half = |half: usize| {
                    let windows = i8x16_swizzle(bytes, windows[half]);
                    u16x8_shr(i16x8_mul(windows, lifts[half]), down)
                };
                [half(0), half(1)]
            }
        }
    }

    #[inline(always)]
    fn run(pairs: &[i32; PAIRS]) -> [v128; 2] {
        Self::load(pairs)
    }

    #[inline(always)]
    fn less(codes: v128, value: i16) -> v128 {
        i16x8_sub(codes, i16x8_splat(value))
    }

    #[inline(always)]
    fn four(values: &[f32; 4]) -> v128 {
        constant(values)
    }

    #[inline(always)]
    fn side_by_side([a, b, c, d, e, f, g, h]: [v128; ROWS]) -> [[v128; 2]; 4] {
        let upper = transpose([a, b, c, d]);
        let lower = transpose([e, f, g, h]);
        [
            [upper[0], lower[0]],
            [upper[1], lower[1]],
            [upper[2], lower[2]],
            [upper[3], lower[3]],
        ]
    }

    #[inline(always)]
    fn nothing() -> v128 {
        i32x4_splat(0)
    }

    #[inline(always)]
    fn add_along(sums: v128, a: v128, b: v128) -> v128 {
        i32x4_add(sums, i32x4_dot_i16x8(a, b))
    }

    #[inline(always)]
    fn load_along(sums: &[i32; 4]) -> v128 {
        constant(sums)
    }

    #[inline(always)]
    fn store_along(sums: v128, out: &mut [i32; 4]) {
        // SAFETY: the array is 16 writable bytes; the store needs no alignment.
        unsafe { v128_store(out.as_mut_ptr().cast(), sums) }
    }

    #[inline(always)]
    fn across([a, b, c, d, e, f, g, h]: [v128; ROWS]) -> [v128; 2] {
        let sum = |rows| {
            let [a, b, c, d] = transpose(rows);
            i32x4_add(i32x4_add(a, b), i32x4_add(c, d))
        };
        [sum([a, b, c, d]), sum([e, f, g, h])]
    }

    #[inline(always)]
    fn zeros() -> [v128; 2] {
        [i32x4_splat(0); 2]
    }

    #[inline(always)]
    fn every(value: i32) -> [v128; 2] {
        [i32x4_splat(value); 2]
    }

    #[inline(always)]
    fn load(values: &[i32; ROWS]) -> [v128; 2] {
        [load4(values, 0), load4(values, 4)]
    }

    #[inline(always)]
    fn store(values: [v128; 2], out: &mut [i32; ROWS]) {
        store4(values[0], out, 0);
        store4(values[1], out, 4);
    }

    #[inline(always)]
    fn add_dots(sums: [v128; 2], a: [v128; 2], b: [v128; 2]) -> [v128; 2] {
        [
            i32x4_add(sums[0], i32x4_dot_i16x8(a[0], b[0])),
            i32x4_add(sums[1], i32x4_dot_i16x8(a[1], b[1])),
        ]
    }

    #[inline(always)]
    fn subtract_products(sums: [v128; 2], a: [v128; 2], b: [v128; 2]) -> [v128; 2] {
        [
            i32x4_sub(sums[0], i32x4_mul(a[0], b[0])),
            i32x4_sub(sums[1], i32x4_mul(a[1], b[1])),
        ]
    }

    #[inline(always)]
    fn to_real(values: [v128; 2]) -> [v128; 2] {
        [
            f32x4_convert_i32x4(values[0]),
            f32x4_convert_i32x4(values[1]),
        ]
    }

    #[inline(always)]
    fn as_real(bits: [v128; 2]) -> [v128; 2] {
        bits
    }

    #[inline(always)]
    fn every_real(value: f32) -> [v128; 2] {
        [f32x4_splat(value); 2]
    }

    #[inline(always)]
    fn load_real(values: &[f32; ROWS]) -> [v128; 2] {
        [load4(values, 0), load4(values, 4)]
    }

    #[inline(always)]
    fn store_real(values: [v128; 2], out: &mut [f32; ROWS]) {
        store4(values[0], out, 0);
        store4(values[1], out, 4);
    }

    #[inline(always)]
    fn add(a: [v128; 2], b: [v128; 2]) -> [v128; 2] {
        [f32x4_add(a[0], b[0]), f32x4_add(a[1], b[1])]
    }

    #[inline(always)]
    fn multiply(a: [v128; 2], b: [v128; 2]) -> [v128; 2] {
        [f32x4_mul(a[0], b[0]), f32x4_mul(a[1], b[1])]
    }
}

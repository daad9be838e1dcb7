//! AVX2, with or without the instruction of AVX-512 that adds products of pairs.
#![allow(
    clippy::wildcard_imports,
    reason = "names of instructions, and nothing else"
)]
#![expect(
    unsafe_code,
    reason = "the intrinsics need instructions that not every machine has"
)]

use super::{PAIRS, ROWS, Simd, Work, lifts, windows};
use std::arch::x86_64::*;

/// Used by `with_avx2` and, where `VNNI`, by `with_vnni` alone: its methods are inlined there.
#[derive(Clone, Copy)]
struct Avx<const VNNI: bool>;

pub(super) fn with_avx2(work: impl Work) {
    #[target_feature(enable = "avx2")]
    fn inner(work: impl Work) {
        work.run::<Avx<false>>();
    }
    // SAFETY: `Machine` has this kind where AVX2 was found.
    unsafe { inner(work) }
}

pub(super) fn with_vnni(work: impl Work) {
    #[target_feature(enable = "avx2,avx512vl,avx512vnni")]
    fn inner(work: impl Work) {
        work.run::<Avx<true>>();
    }
    // SAFETY: `Machine` has this kind where AVX2, AVX-512VL and AVX-512VNNI were found.
    unsafe { inner(work) }
}

#[inline(always)]
fn constant<T: Copy, const N: usize>(values: &[T; N]) -> __m128i {
    const { assert!(size_of::<T>() * N == 16) };
    // SAFETY: the array is 16 readable bytes; the load needs no alignment; SSE2 is part of x86_64.
    unsafe { _mm_loadu_si128(values.as_ptr().cast()) }
}

// SAFETY of every block below: `Avx` is used only inside functions whose features are enabled; loads and stores are of whole
// arrays and need no alignment.
impl<const VNNI: bool> Simd for Avx<VNNI> {
    type Codes = __m128i;
    type Places = ();
    type Along = __m128i;
    type Wide = __m256i;
    type Real = __m256;

    #[inline(always)]
    fn places<const BITS: usize>() {}

    #[inline(always)]
    fn unpack<const BITS: usize>(bytes: &[u8; 16], (): ()) -> [__m128i; 2] {
        let bytes = constant(bytes);
        unsafe {
            match BITS {
                4 => {
                    let bytes = _mm_cvtepu8_epi16(bytes);
                    [
                        _mm_and_si128(bytes, _mm_set1_epi16(15)),
                        _mm_srli_epi16::<4>(bytes),
                    ]
                }
                8 => [
                    _mm_cvtepu8_epi16(bytes),
                    _mm_cvtepu8_epi16(_mm_srli_si128::<8>(bytes)),
                ],
                _ => {
                    #[expect(
                        clippy::cast_possible_truncation,
                        clippy::cast_possible_wrap,
                        reason = "2 to 8"
                    )]
                    let down = _mm_cvtsi32_si128(16 - BITS as i32);
                    let low = _mm_shuffle_epi8(bytes, constant(&const { windows(BITS, 0) }));
                    let high = _mm_shuffle_epi8(bytes, constant(&const { windows(BITS, 8) }));
                    let low = _mm_mullo_epi16(low, constant(&const { lifts(BITS, 0) }));
                    let high = _mm_mullo_epi16(high, constant(&const { lifts(BITS, 8) }));
                    [_mm_srl_epi16(low, down), _mm_srl_epi16(high, down)]
                }
            }
        }
    }

    #[inline(always)]
    fn run(pairs: &[i32; PAIRS]) -> [__m128i; 2] {
        let [low, high] = [&pairs[..4], &pairs[4..]].map(<[i32]>::as_ptr);
        unsafe { [_mm_loadu_si128(low.cast()), _mm_loadu_si128(high.cast())] }
    }

    #[inline(always)]
    fn less(codes: __m128i, value: i16) -> __m128i {
        unsafe { _mm_sub_epi16(codes, _mm_set1_epi16(value)) }
    }

    #[inline(always)]
    fn four(values: &[f32; 4]) -> __m128i {
        constant(values)
    }

    #[inline(always)]
    fn side_by_side([a, b, c, d, e, f, g, h]: [__m128i; ROWS]) -> [__m256i; 4] {
        unsafe {
            // Rows four apart share a vector.
            let ae = _mm256_set_m128i(e, a);
            let bf = _mm256_set_m128i(f, b);
            let cg = _mm256_set_m128i(g, c);
            let dh = _mm256_set_m128i(h, d);
            let low = (_mm256_unpacklo_epi32(ae, bf), _mm256_unpacklo_epi32(cg, dh));
            let high = (_mm256_unpackhi_epi32(ae, bf), _mm256_unpackhi_epi32(cg, dh));
            [
                _mm256_unpacklo_epi64(low.0, low.1),
                _mm256_unpackhi_epi64(low.0, low.1),
                _mm256_unpacklo_epi64(high.0, high.1),
                _mm256_unpackhi_epi64(high.0, high.1),
            ]
        }
    }

    #[inline(always)]
    fn nothing() -> __m128i {
        unsafe { _mm_setzero_si128() }
    }

    #[inline(always)]
    fn add_along(sums: __m128i, a: __m128i, b: __m128i) -> __m128i {
        unsafe {
            if VNNI {
                _mm_dpwssd_epi32(sums, a, b)
            } else {
                _mm_add_epi32(sums, _mm_madd_epi16(a, b))
            }
        }
    }

    #[inline(always)]
    fn load_along(sums: &[i32; 4]) -> __m128i {
        unsafe { _mm_loadu_si128(sums.as_ptr().cast()) }
    }

    #[inline(always)]
    fn store_along(sums: __m128i, out: &mut [i32; 4]) {
        unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), sums) }
    }

    #[inline(always)]
    fn across([a, b, c, d, e, f, g, h]: [__m128i; ROWS]) -> __m256i {
        unsafe {
            let upper = _mm_hadd_epi32(_mm_hadd_epi32(a, b), _mm_hadd_epi32(c, d));
            let lower = _mm_hadd_epi32(_mm_hadd_epi32(e, f), _mm_hadd_epi32(g, h));
            _mm256_set_m128i(lower, upper)
        }
    }

    #[inline(always)]
    fn zeros() -> __m256i {
        unsafe { _mm256_setzero_si256() }
    }

    #[inline(always)]
    fn every(value: i32) -> __m256i {
        unsafe { _mm256_set1_epi32(value) }
    }

    #[inline(always)]
    fn load(values: &[i32; ROWS]) -> __m256i {
        unsafe { _mm256_loadu_si256(values.as_ptr().cast()) }
    }

    #[inline(always)]
    fn store(values: __m256i, out: &mut [i32; ROWS]) {
        unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), values) }
    }

    #[inline(always)]
    fn add_dots(sums: __m256i, a: __m256i, b: __m256i) -> __m256i {
        unsafe {
            if VNNI {
                _mm256_dpwssd_epi32(sums, a, b)
            } else {
                _mm256_add_epi32(sums, _mm256_madd_epi16(a, b))
            }
        }
    }

    #[inline(always)]
    fn subtract_products(sums: __m256i, a: __m256i, b: __m256i) -> __m256i {
        unsafe { _mm256_sub_epi32(sums, _mm256_mullo_epi32(a, b)) }
    }

    #[inline(always)]
    fn to_real(values: __m256i) -> __m256 {
        unsafe { _mm256_cvtepi32_ps(values) }
    }

    #[inline(always)]
    fn as_real(bits: __m256i) -> __m256 {
        unsafe { _mm256_castsi256_ps(bits) }
    }

    #[inline(always)]
    fn every_real(value: f32) -> __m256 {
        unsafe { _mm256_set1_ps(value) }
    }

    #[inline(always)]
    fn load_real(values: &[f32; ROWS]) -> __m256 {
        unsafe { _mm256_loadu_ps(values.as_ptr()) }
    }

    #[inline(always)]
    fn store_real(values: __m256, out: &mut [f32; ROWS]) {
        unsafe { _mm256_storeu_ps(out.as_mut_ptr(), values) }
    }

    #[inline(always)]
    fn add(a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_add_ps(a, b) }
    }

    #[inline(always)]
    fn multiply(a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_mul_ps(a, b) }
    }
}

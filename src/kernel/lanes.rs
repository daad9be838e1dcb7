//! Sums in a fixed order of four lanes: the same operations in the same order on every machine, as 128-bit
//! SIMD. Without fused multiply-add, so native and wasm agree to the bit.

const LANES: usize = 4;

/// Dot products of every one of `R` rows with every one of `T` inputs, all `cols` long: `[row][input]`.
#[inline]
pub(super) fn dots<const R: usize, const T: usize>(
    rows: [&[f32]; R],
    inputs: [&[f32]; T],
    cols: usize,
) -> [[f32; T]; R] {
    let blocks = cols / LANES;
    let row_blocks = rows.map(|row| &row.as_chunks::<LANES>().0[..blocks]);
    let input_blocks = inputs.map(|input| &input.as_chunks::<LANES>().0[..blocks]);
    let mut sums = [[Lanes::zero(); T]; R];
    for block in 0..blocks {
        let inputs: [Lanes; T] = std::array::from_fn(|t| Lanes::load(&input_blocks[t][block]));
        for r in 0..R {
            let row = Lanes::load(&row_blocks[r][block]);
            for t in 0..T {
                sums[r][t] = sums[r][t].add_product(row, inputs[t]);
            }
        }
    }
    let mut out = [[0f32; T]; R];
    for r in 0..R {
        for t in 0..T {
            let [a, b, c, d] = sums[r][t].values();
            let mut total = (a + b) + (c + d);
            for col in blocks * LANES..cols {
                total += rows[r][col] * inputs[t][col];
            }
            out[r][t] = total;
        }
    }
    out
}

/// Four numbers that are added and multiplied at once: by name, since the compiler leaves arrays of four scalar.
#[derive(Clone, Copy)]
struct Lanes(simd::Vector);

impl Lanes {
    fn zero() -> Self {
        Self(simd::zero())
    }

    fn load(values: &[f32; LANES]) -> Self {
        Self(simd::load(values))
    }

    fn add_product(self, a: Self, b: Self) -> Self {
        Self(simd::add(self.0, simd::multiply(a.0, b.0)))
    }

    fn values(self) -> [f32; LANES] {
        simd::values(self.0)
    }
}

#[cfg(target_arch = "wasm32")]
mod simd {
    pub use std::arch::wasm32::{f32x4_add as add, f32x4_mul as multiply, v128 as Vector};
    use std::arch::wasm32::{f32x4_extract_lane as lane, f32x4_splat, v128_load};

    pub fn zero() -> Vector {
        f32x4_splat(0.0)
    }

    pub fn load(values: &[f32; 4]) -> Vector {
        #[expect(unsafe_code, reason = "the intrinsic takes a pointer")]
        // SAFETY: the array is 16 readable bytes; the load needs no alignment.
        unsafe {
            v128_load(values.as_ptr().cast())
        }
    }

    pub fn values(v: Vector) -> [f32; 4] {
        [lane::<0>(v), lane::<1>(v), lane::<2>(v), lane::<3>(v)]
    }
}

#[cfg(target_arch = "x86_64")]
#[expect(
    unsafe_code,
    reason = "the intrinsics are unsafe; SSE is part of x86_64"
)]
mod simd {
    pub use std::arch::x86_64::__m128 as Vector;
    use std::arch::x86_64::{_mm_add_ps, _mm_loadu_ps, _mm_mul_ps, _mm_setzero_ps, _mm_storeu_ps};

    pub fn zero() -> Vector {
        // SAFETY: SSE is part of x86_64.
        unsafe { _mm_setzero_ps() }
    }

    pub fn add(a: Vector, b: Vector) -> Vector {
        // SAFETY: SSE is part of x86_64.
        unsafe { _mm_add_ps(a, b) }
    }

    pub fn multiply(a: Vector, b: Vector) -> Vector {
        // SAFETY: SSE is part of x86_64.
        unsafe { _mm_mul_ps(a, b) }
    }

    pub fn load(values: &[f32; 4]) -> Vector {
        // SAFETY: the array is 16 readable bytes; the load needs no alignment.
        unsafe { _mm_loadu_ps(values.as_ptr()) }
    }

    pub fn values(v: Vector) -> [f32; 4] {
        let mut values = [0.0; 4];
        // SAFETY: the array is 16 writable bytes; the store needs no alignment.
        unsafe { _mm_storeu_ps(values.as_mut_ptr(), v) };
        values
    }
}

#[cfg(not(any(target_arch = "wasm32", target_arch = "x86_64")))]
mod simd {
    pub type Vector = [f32; 4];

    pub fn zero() -> Vector {
        [0.0; 4]
    }

    pub fn add(a: Vector, b: Vector) -> Vector {
        std::array::from_fn(|lane| a[lane] + b[lane])
    }

    pub fn multiply(a: Vector, b: Vector) -> Vector {
        std::array::from_fn(|lane| a[lane] * b[lane])
    }

    pub fn load(values: &[f32; 4]) -> Vector {
        *values
    }

    pub fn values(v: Vector) -> [f32; 4] {
        v
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn every_length_agrees_with_the_definition() {
        for cols in 0..=67 {
            let rows: Vec<Vec<f32>> = (0..4)
                .map(|r| {
                    (0..cols)
                        .map(|c| ((r * 13 + c * 7) % 11) as f32 - 5.0)
                        .collect()
                })
                .collect();
            let inputs: Vec<Vec<f32>> = (0..2)
                .map(|t| {
                    (0..cols)
                        .map(|c| ((t * 5 + c * 3) % 7) as f32 - 3.0)
                        .collect()
                })
                .collect();
            let fast = dots(
                [&rows[0], &rows[1], &rows[2], &rows[3]],
                [&inputs[0], &inputs[1]],
                cols,
            );
            for (r, row) in rows.iter().enumerate() {
                for (t, input) in inputs.iter().enumerate() {
                    // Small whole numbers: every order of summation is exact.
                    let plain: f32 = row.iter().zip(input).map(|(a, b)| a * b).sum();
                    assert_eq!(fast[r][t], plain, "{cols} columns, row {r}, input {t}");
                }
            }
        }
    }
}

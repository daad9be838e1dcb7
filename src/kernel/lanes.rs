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

/// Four numbers that are added and multiplied at once.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Copy)]
struct Lanes([f32; LANES]);

#[cfg(not(target_arch = "wasm32"))]
impl Lanes {
    fn zero() -> Self {
        Self([0.0; LANES])
    }

    fn load(values: &[f32; LANES]) -> Self {
        Self(*values)
    }

    fn add_product(self, a: Self, b: Self) -> Self {
        Self(std::array::from_fn(|lane| {
            self.0[lane] + a.0[lane] * b.0[lane]
        }))
    }

    fn values(self) -> [f32; LANES] {
        self.0
    }
}

/// Four numbers that are added and multiplied at once: by name, since the compiler leaves the arrays above
/// scalar here.
#[cfg(target_arch = "wasm32")]
#[derive(Clone, Copy)]
struct Lanes(std::arch::wasm32::v128);

#[cfg(target_arch = "wasm32")]
impl Lanes {
    fn zero() -> Self {
        Self(std::arch::wasm32::f32x4_splat(0.0))
    }

    fn load(values: &[f32; LANES]) -> Self {
        #[expect(unsafe_code, reason = "the intrinsic takes a pointer")]
        // SAFETY: the array is 16 readable bytes; the load needs no alignment.
        Self(unsafe { std::arch::wasm32::v128_load(values.as_ptr().cast()) })
    }

    fn add_product(self, a: Self, b: Self) -> Self {
        use std::arch::wasm32::{f32x4_add, f32x4_mul};
        Self(f32x4_add(self.0, f32x4_mul(a.0, b.0)))
    }

    fn values(self) -> [f32; LANES] {
        use std::arch::wasm32::f32x4_extract_lane as lane;
        [
            lane::<0>(self.0),
            lane::<1>(self.0),
            lane::<2>(self.0),
            lane::<3>(self.0),
        ]
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

//! Sums in a fixed order of four lanes: the same operations in the same order on every machine, in the form
//! that compilers turn into 128-bit SIMD. Without fused multiply-add, so native and wasm agree to the bit.

const LANES: usize = 4;

/// Dot products of every one of `R` rows with every one of `T` inputs, all `cols` long: `[row][input]`.
#[inline(always)]
pub(super) fn dots<const R: usize, const T: usize>(
    rows: [&[f32]; R],
    inputs: [&[f32]; T],
    cols: usize,
) -> [[f32; T]; R] {
    let blocks = cols / LANES;
    let row_blocks = rows.map(|row| &row.as_chunks::<LANES>().0[..blocks]);
    let input_blocks = inputs.map(|input| &input.as_chunks::<LANES>().0[..blocks]);
    let mut sums = [[[0f32; LANES]; T]; R];
    for block in 0..blocks {
        for r in 0..R {
            for t in 0..T {
                for lane in 0..LANES {
                    sums[r][t][lane] += row_blocks[r][block][lane] * input_blocks[t][block][lane];
                }
            }
        }
    }
    let mut out = [[0f32; T]; R];
    for r in 0..R {
        for t in 0..T {
            let [a, b, c, d] = sums[r][t];
            let mut total = (a + b) + (c + d);
            for col in blocks * LANES..cols {
                total += rows[r][col] * inputs[t][col];
            }
            out[r][t] = total;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

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

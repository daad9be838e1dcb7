//! The triangular factor of an inverse, by which the columns of a weight make up for one another.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{
    LltRegularization, cholesky_in_place, cholesky_in_place_scratch,
};
use faer::linalg::triangular_solve::solve_lower_triangular_in_place;
use faer::{Mat, Spec, get_global_parallelism};

/// Columns of the inverse that are alive at a time.
const PANEL: usize = 128;

/// `U`, upper triangular with a positive diagonal and `UᵀU = G⁻¹` (GPTQ, Frantar et al. 2023, section 3.3),
/// `[n, n]` row-major; `None` when `G` is not positive-definite in f64.
///
/// `gram(i, j)` gives `G[i, j]` for `i >= j`. One Cholesky factor and its inverse do: with the order of rows and
/// columns reversed `G = L Lᵀ`, and `U` is `L⁻¹`, reversed again. Beside the result one square of f64 is alive.
pub fn inverse_factor(n: usize, gram: impl Fn(usize, usize) -> f64) -> Option<Vec<f32>> {
    let parallel = get_global_parallelism();
    let mut lower = Mat::from_fn(n, n, |i, j| {
        if i >= j {
            // Reversed, the lower triangle is the upper one.
            gram(n - 1 - j, n - 1 - i)
        } else {
            0.0
        }
    });
    let scratch = cholesky_in_place_scratch::<f64>(n, parallel, Spec::default());
    cholesky_in_place(
        lower.as_mut(),
        LltRegularization::default(),
        parallel,
        MemStack::new(&mut MemBuffer::new(scratch)),
        Spec::default(),
    )
    .ok()?;
    let mut factor = vec![0f32; n * n];
    for start in (0..n).step_by(PANEL) {
        let rest = n - start;
        let width = PANEL.min(rest);
        let mut panel = Mat::<f64>::identity(rest, width);
        solve_lower_triangular_in_place(
            lower.as_ref().submatrix(start, start, rest, rest),
            panel.as_mut(),
            parallel,
        );
        for col in 0..width {
            for row in col..rest {
                #[expect(clippy::cast_possible_truncation, reason = "the loops run in f32")]
                let value = panel[(row, col)] as f32;
                if !value.is_finite() {
                    return None;
                }
                factor[(n - 1 - start - row) * n + n - 1 - start - col] = value;
            }
        }
    }
    Some(factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn the_factor_is_upper_and_its_square_inverts() {
        for n in (0..=67usize).chain([130]) {
            let x =
                |t: usize, i: usize| ((t * 7919 + i * 104_729 + 13) % 1009) as f64 / 504.5 - 1.0;
            let gram = |i: usize, j: usize| {
                let sum: f64 = (0..n + 20).map(|t| x(t, i) * x(t, j)).sum();
                sum + f64::from(u8::from(i == j))
            };
            let factor = inverse_factor(n, gram).expect("positive-definite");
            let u = |i: usize, j: usize| f64::from(factor[i * n + j]);
            for i in 0..n {
                assert!(u(i, i) > 0.0);
                assert!((0..i).all(|j| u(i, j) == 0.0));
            }
            // U G Uᵀ is the identity.
            for i in 0..n.min(9) {
                for j in 0..n.min(9) {
                    let mut sum = 0.0;
                    for a in 0..n {
                        for b in 0..n {
                            sum += u(i, a) * gram(a, b) * u(j, b);
                        }
                    }
                    let expected = f64::from(u8::from(i == j));
                    assert!((sum - expected).abs() < 1e-4, "{n} [{i}, {j}]: {sum}");
                }
            }
        }
    }

    #[test]
    fn what_is_not_positive_definite_has_none() {
        assert!(inverse_factor(2, |_, _| 1.0).is_none());
        assert!(inverse_factor(2, |i, j| if i == j { -1.0 } else { 0.0 }).is_none());
        assert!(inverse_factor(1, |_, _| f64::NAN).is_none());
    }
}

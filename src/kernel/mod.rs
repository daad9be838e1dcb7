//! Arithmetic, one operation per file: definition, fast version, tests that compare the two.

mod attention;
mod column_loop;
mod convolution;
mod dense;
mod functions;
mod gram;
mod inverse_factor;
mod key_values;
mod lanes;
mod logits;
mod matmul;
mod quadratic;
mod rows;
mod simd;
#[cfg(test)]
mod speed;
mod whole;

pub use attention::{Heads, Visible, attention};
pub use column_loop::{Replace, column_loop};
pub use convolution::convolve;
pub use functions::exp;
pub use gram::{add_gram, in_triangle, output_energies, output_energy};
pub use inverse_factor::{ColumnsOfRow, UpperFactor, inverse_factor};
pub use key_values::KeyValues;
pub use logits::{likeliest, log_sum_exp};
pub use matmul::matmul;
pub use quadratic::Quadratic;
pub use rows::{Activation, activate, add, layer_norm, multiply, rms_norm, rope, softcap};

/// Numbers from -1 to 1 without a pattern, for tests.
#[cfg(test)]
fn number(i: usize) -> f32 {
    ((i * 7919 + 13) % 1009) as f32 / 504.5 - 1.0
}

#[cfg(all(test, target_arch = "wasm32"))]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

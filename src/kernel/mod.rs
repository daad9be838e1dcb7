//! Arithmetic, one operation per file: definition, fast version, tests that compare the two.

mod attention;
mod lanes;
mod matmul;

pub use attention::{Heads, Visible, attention};
pub use matmul::matmul;

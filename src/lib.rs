//! Pressure Test: compresses a language model and measures what that does to its trustworthiness.
//!
//! Load, compress, evaluate, report: the same code in the browser (`page`) and on the command line (`src/bin`).

pub mod backend;
pub mod calibrate;
#[cfg(feature = "classifier")]
pub mod classifier;
pub mod compress;
pub mod error;
pub mod evaluate;
#[cfg(feature = "cli")]
pub mod export;
#[cfg(target_arch = "wasm32")]
mod fault;
pub mod hash;
#[cfg(feature = "server")]
pub mod hub;
pub mod load;
pub mod model;
// A module with a classifier has nothing else to offer.
#[cfg(all(target_arch = "wasm32", not(feature = "classifier")))]
mod page;
pub mod recipe;
pub mod report;
pub mod save;
pub mod speed;
pub mod text;
#[cfg(test)]
mod typescript;
pub mod validate;
pub mod wire;

pub use error::{Error, Result};
pub use pressure_test_kernel as kernel;
pub use pressure_test_weight as weight;

// The tests of kernels and storages run in a browser too.
#[cfg(all(test, target_arch = "wasm32"))]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

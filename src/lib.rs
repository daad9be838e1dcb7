//! Pressure Test: compresses a language model and measures what that does to its trustworthiness.
//!
//! Load, compress, evaluate, report: the same code in the browser (`page`) and on the command line (`main.rs`).

pub mod backend;
pub mod error;
pub mod kernel;
pub mod load;
pub mod model;
pub mod weight;

pub use error::{Error, Result};

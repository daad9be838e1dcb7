//! Methods against the code of their papers: one matrix at a time, and a whole tiny model (`../shared/oracle`).
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![cfg_attr(not(shared), expect(dead_code, reason = "the oracle is not there"))]

mod pruning;
mod quantization;
mod whole_model;
mod written_out;

use pressure_test::calibrate::InputStats;
use pressure_test::compress::{Chain, compress_matrix};
use pressure_test::weight::{Dense, Floats, Matrix, Weight};
use safetensors::SafeTensors;
use safetensors::tensor::Dtype;
use serde_json::{Map, Value};
use std::path::Path;

/// Scales and zero points, relative.
const SCALE: f64 = 1e-6;
/// Codes that have to be the same.
const CODES: f64 = 0.99;
/// Output error, relative, where the Gram matrix has full rank.
const ERROR: f64 = 0.005;
/// The same where it has not: independent implementations differ by as much.
const ERROR_SINGULAR: f64 = 0.05;

fn oracle(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/oracle")
        .join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn values(file: &SafeTensors, name: &str) -> Vec<f32> {
    let view = file
        .tensor(name)
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    match view.dtype() {
        Dtype::U8 => view.data().iter().map(|&byte| f32::from(byte)).collect(),
        Dtype::I32 => {
            let words = view.data().as_chunks().0.iter();
            words.map(|word| i32::from_le_bytes(*word) as f32).collect()
        }
        Dtype::F64 => {
            let words = view.data().as_chunks().0.iter();
            #[expect(clippy::cast_possible_truncation, reason = "compared as f32")]
            words.map(|word| f64::from_le_bytes(*word) as f32).collect()
        }
        _ => view
            .data()
            .as_chunks()
            .0
            .iter()
            .map(|word| f32::from_le_bytes(*word))
            .collect(),
    }
}

fn indices(file: &SafeTensors, name: &str) -> Vec<usize> {
    let view = file.tensor(name).expect("indices");
    let words = view.data().as_chunks().0.iter();
    let index = |word: &[u8; 4]| usize::try_from(i32::from_le_bytes(*word)).expect("an index");
    words.map(index).collect()
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => panic!("an object"),
    }
}

struct Problem {
    weight: Matrix,
    inputs: InputStats,
}

impl Problem {
    fn new(name: &str) -> Self {
        let bytes = oracle(&format!("in_{name}.safetensors"));
        let file = SafeTensors::deserialize(&bytes).expect("a problem");
        let shape = file.tensor("W").expect("W").shape().to_vec();
        let mut inputs = InputStats::new(shape[1]);
        inputs.add(&values(&file, "X"));
        Self {
            weight: Matrix {
                rows: shape[0],
                cols: shape[1],
                data: values(&file, "W"),
            },
            inputs,
        }
    }

    fn compress(&self, method: &str, settings: Value) -> (Weight, Option<Vec<f32>>) {
        let chain = Chain::new(method, &map(settings)).expect("a chain");
        let Matrix {
            rows,
            cols,
            ref data,
        } = self.weight;
        let dense =
            Dense::new(rows, cols, Floats::F32(data.clone())).expect("as many values as places");
        let (outcome, scale) = compress_matrix(&chain, "W", dense, &self.inputs).expect("a weight");
        assert_eq!(outcome.fallback, None, "{method}");
        (outcome.weight, scale)
    }

    fn error(&self, data: Vec<f32>) -> f64 {
        let changed = Matrix {
            data,
            ..self.weight
        };
        self.inputs
            .output_error(&self.weight, &changed)
            .expect("outputs")
    }
}

fn configs(file: &SafeTensors, suffix: &str) -> Vec<String> {
    let mut names: Vec<String> = file
        .names()
        .iter()
        .filter_map(|name| name.strip_suffix(suffix))
        .map(str::to_owned)
        .collect();
    names.sort();
    names
}

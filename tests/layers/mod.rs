//! How exact layers are on the inputs that a text gives them.

use pressure_test::backend::Cpu;
use pressure_test::kernel::matmul;
use pressure_test::model::{Inputs, Linear, Model, Stream};
use pressure_test::weight::Weight;

const ALL: [Inputs; 4] = [
    Inputs::Attention,
    Inputs::Output,
    Inputs::FeedForward,
    Inputs::Down,
];

/// Tokens of each layer that are compared.
const TOKENS: usize = 24;

/// The largest `‖y − y64‖ / ‖y64‖` of any quantized layer's outputs, against sums in f64 of its weights as they are, with the
/// layer's name; and how many layers there were.
pub fn largest_error(model: &Model, text: &str) -> (f64, String, usize) {
    let tokens = model.tokenizer.encode(text).expect("tokens");
    let mut stream = Stream::new(model, Cpu, &[tokens]).expect("a stream");
    let (mut largest, mut name, mut count) = (0.0, String::new(), 0);
    for block in &model.blocks {
        let on_backend = stream.block(block).expect("a block");
        let mut see = |inputs, values: &[f32]| {
            for linear in block.reading(inputs) {
                if matches!(*linear.weight, Weight::Quantized(_)) {
                    count += 1;
                    let found = error(linear, values);
                    if found > largest {
                        (largest, name) = (found, linear.name.clone());
                    }
                }
            }
        };
        pollster::block_on(stream.observe(&on_backend, &ALL, &mut see)).expect("inputs");
        stream.advance(&on_backend).expect("outputs");
    }
    (largest, name, count)
}

fn error(linear: &Linear, inputs: &[f32]) -> f64 {
    let matrix = linear.weight.to_matrix();
    let inputs = &inputs[..inputs.len().min(TOKENS * matrix.cols)];
    let outputs = matmul(inputs, &linear.weight);
    let (mut difference, mut whole) = (0.0, 0.0);
    let inputs = inputs.chunks_exact(matrix.cols);
    for (input, outputs) in inputs.zip(outputs.chunks_exact(matrix.rows)) {
        for (row, output) in outputs.iter().enumerate() {
            let pairs = matrix.row(row).iter().zip(input);
            let sum: f64 = pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
            difference += (f64::from(*output) - sum).powi(2);
            whole += sum.powi(2);
        }
    }
    f64::sqrt(difference / whole)
}

//! Measuring a device: shapes of noise are run, and what is counted is what was run.

use crate::pebble;
use pressure_test::backend::BackendName;
use pressure_test::speed::{Load, SHAPES, Shape, Stored, measure};
use std::sync::Arc;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const SMALL: Shape = Shape {
    name: "small",
    hidden_size: 64,
    intermediate_size: 96,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    vocab_size: 300,
};

#[test]
fn a_shape_is_run_however_it_is_stored() {
    let load = Load {
        texts: 3,
        prompt: 5,
        written: 4,
    };
    for stored in Stored::ALL {
        let model = Arc::new(SMALL.model(*stored, &pebble()).expect("a model"));
        assert_eq!(model.blocks[1].down.weight.shape(), [64, 96]);
        let speed = pollster::block_on(measure(&model, BackendName::Cpu, load)).expect("a speed");
        assert_eq!((speed.prompt_tokens, speed.written_tokens), (15, 12));
        assert!(speed.prompt_seconds >= 0.0 && speed.writing_seconds >= 0.0);
    }
}

#[test]
fn shapes_have_the_sizes_of_their_names() {
    let millions = SHAPES.map(|shape| (shape.name, shape.parameters() / 1_000_000));
    assert_eq!(
        millions,
        [
            ("SmolLM2-135M", 134),
            ("SmolLM2-360M", 361),
            ("Llama-3.2-1B", 1235)
        ]
    );
}

//! How exact whole-number products are on inputs of the built-in model.

use crate::{map, models::compressed, pebble};
use serde_json::json;

#[path = "../layers/mod.rs"]
mod of_model;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// What docs/kernels.md says of inputs of real models.
const PUBLISHED: f64 = 1e-4;

#[test]
fn layers_are_as_exact_as_published_on_real_inputs() {
    let model = pebble();
    let text = "Q: Is it right to tell a friend the truth?\nA: Yes. The river was high, and nobody crossed it before noon.";
    for (bits, group_size) in [
        (8, json!("row")),
        (4, json!(64)),
        (4, json!(32)),
        (3, json!(128)),
    ] {
        for symmetric in [false, true] {
            let settings =
                map(json!({"bits": bits, "group_size": group_size, "symmetric": symmetric}));
            let (packed, _) = compressed(&model, "round_to_nearest", &settings).expect("a model");
            let (error, name, count) = of_model::largest_error(&packed, text);
            println!("{bits} bits, groups of {group_size}: {error:.2e} in {name}");
            assert_eq!(count, packed.linears().count());
            assert!(
                error > 1e-6 && error < PUBLISHED,
                "{settings:?}: {error} in {name}"
            );
        }
    }
}

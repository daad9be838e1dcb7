//! Laws that hold for every method and every probe, natively and as wasm in a browser.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::float_cmp,
    reason = "a test fails by panicking"
)]

mod asking;
mod beside;
mod calibration;
mod methods;
mod option_lists;
mod probes;
mod runs;
mod scores;
mod sessions;
mod sizes;
mod tables;
mod texts;

use pressure_test::load::{self, Files};
use pressure_test::model::Model;
use serde_json::{Map, Value};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn tiny_files() -> Files {
    Files::from(
        [
            (
                "config.json",
                &include_bytes!("../golden/llama_gqa/config.json")[..],
            ),
            (
                "model.safetensors",
                include_bytes!("../golden/llama_gqa/model.safetensors"),
            ),
            (
                "tokenizer.json",
                include_bytes!("../golden/llama_gqa/tokenizer.json"),
            ),
        ]
        .map(|(name, bytes)| (name.to_owned(), bytes.to_vec())),
    )
}

fn tiny() -> Model {
    load::model("tiny", &tiny_files()).expect("a model")
}

//! Laws that hold for every method, probe and backend, natively and as wasm in a browser.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::float_cmp,
    reason = "a test fails by panicking"
)]

mod asking;
mod backends;
mod beside;
mod calibration;
mod excuses;
mod from_items;
mod items_review;
mod layers;
mod looks;
// Whole runs, and many of them; in a browser tests/browser/merge.test.mjs holds a merge against the command line's.
#[cfg(not(target_arch = "wasm32"))]
mod merge;
mod methods;
mod models;
mod option_lists;
mod probe_items;
mod probes;
mod refusals;
mod runs;
mod scores;
mod sessions;
mod sizes;
mod speed;
mod tables;
mod texts;
mod wire;
mod worlds;

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

/// The files of a plain folder below the folder of tests.
macro_rules! files {
    ($folder:literal) => {
        pressure_test::load::Files::from(
            [
                (
                    "config.json",
                    &include_bytes!(concat!($folder, "/config.json"))[..],
                ),
                (
                    "model.safetensors",
                    include_bytes!(concat!($folder, "/model.safetensors")),
                ),
                (
                    "tokenizer.json",
                    include_bytes!(concat!($folder, "/tokenizer.json")),
                ),
            ]
            .map(|(name, bytes)| (name.to_owned(), bytes.to_vec())),
        )
    };
}

use files;

fn tiny_files() -> Files {
    files!("../golden/llama_gqa")
}

fn tiny() -> Model {
    load::model("tiny", &tiny_files()).expect("a model")
}

/// The built-in model.
fn pebble() -> Model {
    load::model("pebble", &files!("../../www/public/pebble")).expect("a model")
}

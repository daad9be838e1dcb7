//! Golden models as the converter of llama.cpp lays them out (`scripts/golden/make_gguf.py`), against the logits of transformers.

use super::formats::{distance, golden};
use super::gguf::{LONG_TOKENS, without_extras};
use super::{TOLERANCE, goldens, largest_difference, logits};
use pressure_test::load::{self, Files};
use std::path::Path;

#[test]
fn files_of_llama_cpps_converter_give_the_logits_of_transformers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/converted");
    let mut count = 0;
    for golden_model in goldens() {
        let name = golden_model.folder.file_name().expect("a name");
        let file = root.join(name).with_extension("gguf");
        let Ok(bytes) = std::fs::read(&file) else {
            continue;
        };
        count += 1;
        let name = name.to_string_lossy();
        let files = Files::from([("a.gguf".to_owned(), bytes)]);
        let model = load::model("test", &files).unwrap_or_else(|error| panic!("{name}: {error}"));
        if name == "exaone4" {
            // Without its windows.
            assert!(distance(&model, &without_extras(&name), &LONG_TOKENS) < TOLERANCE);
            continue;
        }
        for (tokens, expected) in &golden_model.cases {
            let difference = largest_difference(&logits(&model, tokens), expected);
            assert!(difference < TOLERANCE, "{name}: {difference}");
        }
        let folder = super::model(&golden(&name));
        assert_eq!(model.config.activation, folder.config.activation, "{name}");
    }
    assert!(count >= 10, "{count} files");
}

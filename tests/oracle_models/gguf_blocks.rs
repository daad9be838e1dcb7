//! Blocks of GGUF files, which stay as they are.

use super::formats::{golden, load};
use super::gguf_writer::gguf;
use super::read_folder;
use candle_core::Device;
use candle_core::quantized::{GgmlDType, gguf_file};
use pressure_test::load::Files;
use std::collections::BTreeMap;
use std::io::Cursor;

/// The bytes of every tensor of a file.
fn contents(file: &[u8]) -> BTreeMap<String, (GgmlDType, Vec<u8>)> {
    let mut reader = Cursor::new(file);
    let content = gguf_file::Content::read(&mut reader).expect("a file");
    let names: Vec<String> = content.tensor_infos.keys().cloned().collect();
    let read = names.into_iter().map(|name| {
        let tensor = content
            .tensor(&mut reader, &name, &Device::Cpu)
            .expect("a tensor");
        let bytes = tensor.data().expect("bytes").to_vec();
        (name, (tensor.dtype(), bytes))
    });
    read.collect()
}

#[test]
fn blocks_stay_packed_and_are_written_back_as_they_were() {
    for (name, architecture) in [("llama_gqa", "llama"), ("qwen2", "qwen2"), ("phi3", "phi3")] {
        let right = load(&read_folder(&golden(name)));
        for kind in [
            GgmlDType::Q4_0,
            GgmlDType::Q4_1,
            GgmlDType::Q5_0,
            GgmlDType::Q5_1,
            GgmlDType::Q8_0,
        ] {
            let file = gguf(&right, architecture, kind).bytes();
            let stored = contents(&file);
            let back = load(&Files::from([("a.gguf".to_owned(), file)]));
            let matrices = stored.values().filter(|(found, _)| *found == kind);
            let bytes: usize = matrices.map(|(_, bytes)| bytes.len()).sum();
            let held = back.linear_bytes() + back.table_bytes();
            assert_eq!(held, bytes, "{name} {kind:?}");
            if architecture == "phi3" {
                continue;
            }
            let format = pressure_test::save::format("gguf").expect("a format");
            let files = format.write(&back).expect("files");
            let again = contents(&files["model.gguf"]);
            for (name, tensor) in stored {
                assert!(again.get(&name) == Some(&tensor), "{kind:?}: {name}");
            }
        }
    }
}

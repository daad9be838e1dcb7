//! Blocks of GGUF files, which stay as they are.

use super::formats::{golden, load};
use super::gguf_writer::gguf;
use super::read_folder;
use candle_core::Device;
use candle_core::quantized::{GgmlDType, gguf_file};
use pressure_test::kernel::matmul;
use pressure_test::load::Files;
use pressure_test::weight::Weight;
use pressure_test::weight::ggml::{BlockFormat, Reading};
use safetensors::SafeTensors;
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

/// Sixteen rows of two of gguf's blocks, scales of order 1.
fn rows_of(format: BlockFormat) -> Weight {
    let file = std::fs::read(golden("ggml.safetensors")).expect("a file");
    let tensors = SafeTensors::deserialize(&file).expect("safetensors");
    let blocks = tensors.tensor(&format!("{}.blocks", format.name()));
    let blocks = blocks.expect("blocks").data()[..2 * format.bytes()].to_vec();
    let shape = [16, 2 * format.weights()];
    let mut reading = Reading::new(format, shape).expect("whole blocks");
    for row in 0..16u8 {
        let mut bytes = blocks.clone();
        if row % 2 == 1 {
            bytes.rotate_left(format.bytes());
        }
        if format == BlockFormat::MXFP4 {
            for block in bytes.chunks_exact_mut(format.bytes()) {
                block[0] = 120 + row % 5;
            }
        }
        reading.set_row(row.into(), &bytes);
    }
    Weight::Quantized(reading.finish().expect("a matrix"))
}

#[test]
fn rows_of_every_format_are_multiplied_as_their_values_are() {
    for format in (0..64).filter_map(BlockFormat::of) {
        let weight = rows_of(format);
        let matrix = weight.to_matrix();
        for tokens in [1, 5] {
            let input = |i: usize| ((i * 7919 + 13) % 2003) as f32 / 1000.0 - 1.0;
            let inputs: Vec<f32> = (0..tokens * matrix.cols).map(input).collect();
            let found = matmul(&inputs, &weight);
            let (mut difference, mut whole) = (0.0, 0.0);
            for (inputs, found) in inputs
                .chunks_exact(matrix.cols)
                .zip(found.chunks_exact(matrix.rows))
            {
                for (row, found) in found.iter().enumerate() {
                    let pairs = matrix.row(row).iter().zip(inputs);
                    let sum: f64 = pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
                    difference += (f64::from(*found) - sum).powi(2);
                    whole += sum.powi(2);
                }
            }
            let error = f64::sqrt(difference / whole);
            // Inputs are rounded to 16 bits, and few are added.
            assert!(error < 1e-3, "{}: {error}", format.name());
        }
    }
}

//! Against the values of the gguf package, and back to the same blocks.

use super::{BlockFormat, FORMS, Reading};
use crate::{Grid, Layout, Quantized, Storage, Weight, max_code};
use safetensors::SafeTensors;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const GOLDEN: &[u8] = include_bytes!("../../../tests/golden/ggml.safetensors");

/// Blocks and values of a format.
fn golden(name: &str) -> (Vec<u8>, Vec<f32>) {
    let tensors = SafeTensors::deserialize(GOLDEN).expect("safetensors");
    let bytes = |part| {
        let tensor = tensors.tensor(&format!("{name}.{part}")).expect("a tensor");
        tensor.data().to_vec()
    };
    let values = bytes("values");
    let values = values.as_chunks().0.iter().copied();
    (bytes("blocks"), values.map(f32::from_le_bytes).collect())
}

fn read(format: BlockFormat, shape: [usize; 2], bytes: &[u8]) -> Quantized {
    let mut reading = Reading::new(format, shape).expect("whole blocks");
    let rows = bytes.chunks_exact(reading.row_bytes()).enumerate();
    // From the last row on: any order will do.
    for (row, bytes) in rows.rev() {
        reading.set_row(row, bytes);
    }
    reading.finish().expect("a matrix")
}

#[test]
fn values_are_those_of_ggml_to_the_bit_and_blocks_come_back() {
    for form in &FORMS {
        let (blocks, expected) = golden(form.name);
        for rows in [1, 3, 12] {
            let shape = [rows, expected.len() / rows];
            let quantized = read(form.format, shape, &blocks);
            let written = match form.format {
                // These are read only.
                BlockFormat::TQ1_0 => BlockFormat::TQ2_0,
                BlockFormat::MXFP4 => BlockFormat::Q5_0,
                format => format,
            };
            if form.format == BlockFormat::MXFP4 {
                // Its smallest and largest scales have no place in 16 bits.
                assert!(BlockFormat::holding(&quantized).is_err());
            } else {
                assert_eq!(BlockFormat::holding(&quantized), Ok(written));
                let mut back = Vec::new();
                for row in 0..rows {
                    written.write_row(&quantized, row, &mut back);
                }
                let same = if written == form.format {
                    back == blocks
                } else {
                    read(written, shape, &back) == quantized
                };
                assert!(same, "{}: other blocks", form.name);
            }
            // Rows end on whole words.
            let bytes = Weight::Quantized(quantized.clone()).bytes();
            assert!(
                form.format.memory_bytes(shape) == Some(bytes as u64)
                    && (!form.table.is_empty()
                        || (blocks.len()..=blocks.len() + 12 * rows).contains(&bytes)),
                "{}: {bytes} bytes for {}",
                form.name,
                blocks.len()
            );
            let values = Weight::Quantized(quantized).to_matrix().data;
            for (i, (value, expected)) in values.iter().zip(&expected).enumerate() {
                let same =
                    value.to_bits() == expected.to_bits() || (value.is_nan() && expected.is_nan());
                assert!(same, "{} at {i}: {value:e}, not {expected:e}", form.name);
            }
        }
    }
}

#[test]
fn formats_are_found_by_number_and_fill_whole_rows() {
    for form in &FORMS {
        assert_eq!(BlockFormat::of(form.number), Some(form.format));
        assert_eq!(form.format.name(), form.name);
        assert!(Reading::new(form.format, [2, form.weights + 16]).is_none());
    }
    for other in [0, 1, 4, 9, 15, 16, 19, 30, 40] {
        assert_eq!(BlockFormat::of(other), None);
    }
}

fn quantized(bits: u8, symmetric: bool, cols: usize, group_size: usize) -> Quantized {
    let layout = Layout {
        shape: [2, cols],
        bits,
        group_size,
        symmetric,
        scales: Storage::F16,
    };
    let grid = if symmetric {
        Grid::reaching(0.75, bits)
    } else {
        Grid::new(0.125, 1, bits)
    };
    let numbers = (0..=u8::MAX).cycle().step_by(7).take(2 * cols);
    let codes: Vec<u8> = numbers.map(|code| code & max_code(bits)).collect();
    Quantized::new(layout, &vec![grid; 2 * layout.groups()], &codes)
}

#[test]
fn our_own_codes_become_blocks_of_the_same_values() {
    for (bits, symmetric, name) in [
        (2, true, "Q4_0"),
        (3, true, "Q4_0"),
        (4, true, "Q4_0"),
        (5, true, "Q5_0"),
        (6, true, "Q8_0"),
        (8, true, "Q8_0"),
        (2, false, "Q4_1"),
        (4, false, "Q4_1"),
        (5, false, "Q5_1"),
        (6, false, "Q8_0"),
        (7, false, "Q8_0"),
    ] {
        for group_size in [32, 64, 96] {
            let weight = quantized(bits, symmetric, 96, group_size);
            let format = BlockFormat::holding(&weight).expect(name);
            assert_eq!(format.name(), name);
            let mut bytes = Vec::new();
            for row in 0..2 {
                format.write_row(&weight, row, &mut bytes);
            }
            let back = read(format, [2, 96], &bytes);
            assert_eq!(
                Weight::Quantized(back).to_matrix(),
                Weight::Quantized(weight).to_matrix(),
                "{bits} bits to {name}"
            );
        }
    }
}

#[test]
fn what_no_format_holds_is_said() {
    let order = Some((0..96).rev().collect());
    for (weight, part) in [
        (quantized(8, false, 96, 32), "choose symmetric"),
        (quantized(4, true, 96, 48), "blocks of 32"),
        (quantized(4, true, 40, 40), "blocks of 32"),
        (
            quantized(4, true, 96, 32).with_column_order(order),
            "static groups",
        ),
    ] {
        let problem = BlockFormat::holding(&weight).expect_err(part);
        assert!(problem.contains(part), "{problem}");
    }
}

#[test]
fn minima_that_are_whole_steps_become_zero_points() {
    let weight = quantized(4, false, 96, 32);
    let mut bytes = Vec::new();
    for row in 0..2 {
        BlockFormat::Q4_1.write_row(&weight, row, &mut bytes);
    }
    let read_back = read(BlockFormat::Q4_1, [2, 96], &bytes);
    assert_eq!(read_back.grid(0, 0), None);
    assert_eq!(read_back.with_zero_points(), Some(weight));
    let (blocks, _) = golden("Q4_1");
    assert_eq!(
        read(BlockFormat::Q4_1, [12, 32], &blocks).with_zero_points(),
        None
    );
}

#[test]
fn scales_that_blocks_have_no_room_for_are_refused() {
    let layout = Layout {
        scales: Storage::F32,
        ..quantized(4, false, 96, 32).layout()
    };
    for (scale, held) in [(1e-9f32, false), (1e-3, true), (1e4, false), (1e9, false)] {
        let grids = [Grid::new(scale, 15, 4); 6];
        let weight = Quantized::new(layout, &grids, &[3; 2 * 96]);
        let format = BlockFormat::holding(&weight);
        assert_eq!(format.is_ok(), held, "{scale}: {format:?}");
    }
}

#[test]
fn rows_are_multiplied_through_scales_and_minima() {
    for form in &FORMS {
        let (blocks, expected) = golden(form.name);
        // The first two blocks are ordinary.
        let two = &blocks[..2 * form.bytes];
        let scaled = read(form.format, [2, form.weights], two).scale_rows(&[2.0, -0.5]);
        let values = Weight::Quantized(scaled).to_matrix();
        for (row, factor) in [2.0, -0.5].into_iter().enumerate() {
            let expected = &expected[row * form.weights..][..form.weights];
            let expected: Vec<f32> = expected.iter().map(|value| value * factor).collect();
            assert_eq!(values.row(row), expected, "{}", form.name);
        }
    }
}

#[test]
fn ordinary_blocks_of_mxfp4_become_blocks_of_the_same_values() {
    let (mut blocks, _) = golden("MXFP4");
    for block in blocks.chunks_exact_mut(17) {
        block[0] = 116 + block[0] % 16;
    }
    let right = read(BlockFormat::MXFP4, [3, 128], &blocks);
    assert_eq!(BlockFormat::holding(&right), Ok(BlockFormat::Q5_0));
    let mut bytes = Vec::new();
    for row in 0..3 {
        BlockFormat::Q5_0.write_row(&right, row, &mut bytes);
    }
    let back = read(BlockFormat::Q5_0, [3, 128], &bytes);
    assert_eq!(
        Weight::Quantized(back).to_matrix(),
        Weight::Quantized(right).to_matrix()
    );
}

#[test]
fn a_code_that_stands_for_no_value_is_refused() {
    let (mut blocks, _) = golden("TQ2_0");
    let row = blocks[..66].to_vec();
    let mut reading = Reading::new(BlockFormat::TQ2_0, [1, 256]).expect("a block");
    reading.set_row(0, &row);
    assert!(reading.finish().is_some());
    blocks[17] |= 3;
    let mut reading = Reading::new(BlockFormat::TQ2_0, [1, 256]).expect("a block");
    reading.set_row(0, &blocks[..66]);
    assert!(reading.finish().is_none());
}

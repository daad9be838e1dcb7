//! One matrix, compressed alone.

use crate::{call, folder, json, refusal, text};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use std::path::Path;

/// A matrix of 6 rows and 64 columns, and two sequences of 40 inputs, in a file.
fn problem(path: &Path) {
    let number = |i: usize| ((i * 7919 + 13) % 1009) as f32 / 504.5 - 1.0;
    let bytes = |range: std::ops::Range<usize>| -> Vec<u8> {
        range.flat_map(|i| number(i).to_le_bytes()).collect()
    };
    let (weight, inputs) = (bytes(0..6 * 64), bytes(1000..1000 + 2 * 40 * 64));
    let view = |shape: &[usize], bytes| {
        TensorView::new(Dtype::F32, shape.to_vec(), bytes).expect("a tensor")
    };
    let tensors = [
        ("W", view(&[6, 64], &weight)),
        ("X", view(&[2, 40, 64], &inputs)),
    ];
    std::fs::write(path, safetensors::serialize(tensors, None).expect("a file")).expect("a file");
}

#[test]
fn one_matrix_gives_its_parts() {
    let folder = folder("layer");
    let (input, out) = (
        folder.join("in.safetensors"),
        folder.join("out.safetensors"),
    );
    problem(&input);
    let floats = |view: &TensorView| -> Vec<f32> {
        let words = view.data().as_chunks().0.iter();
        words.map(|word| f32::from_le_bytes(*word)).collect()
    };
    for (flags, parts) in [
        (
            "gptq --bits 4 --group-size 32 --asymmetric",
            "codes scale zero g_idx",
        ),
        (
            "gptq --bits 3 --group-size 32 --symmetric --column-order group-aware",
            "codes scale zero g_idx",
        ),
        (
            "awq --bits 4 --group-size 32 --grid classic",
            "codes scale zero g_idx column_scale",
        ),
        ("wanda --sparsity 0.5", "mask"),
        ("sparsegpt --pattern 2:4", "mask"),
    ] {
        let files = [
            "layer",
            "--file",
            text(&input),
            "--out",
            text(&out),
            "--json",
            "--method",
        ];
        let answer = json(
            &files
                .into_iter()
                .chain(flags.split(' '))
                .collect::<Vec<_>>(),
        );
        let error = answer["relative_output_error"].as_f64().expect("a number");
        assert!(error > 0.0 && error < 0.5, "{flags}: {error}");
        let bytes = std::fs::read(&out).expect("a file");
        let file = SafeTensors::deserialize(&bytes).expect("a file");
        for part in parts.split(' ') {
            assert!(file.tensor(part).is_ok(), "{flags} has no {part}");
        }
        let values = floats(&file.tensor("Q").expect("Q"));
        assert_eq!(values.len(), 6 * 64);
        if flags.starts_with("gptq") {
            let (scale, zero) = (
                file.tensor("scale").expect("scale"),
                file.tensor("zero").expect("zero"),
            );
            let (scale, zero) = (floats(&scale), floats(&zero));
            for (i, code) in file
                .tensor("codes")
                .expect("codes")
                .data()
                .iter()
                .enumerate()
            {
                let group = i / 64 * 2 + i % 64 / 32;
                assert_eq!(
                    values[i],
                    scale[group] * (f32::from(*code) - zero[group]),
                    "{flags} {i}"
                );
            }
        }
    }
    let both = "layer --file a --out b --method gptq --symmetric --asymmetric";
    assert!(!call(&both.split(' ').collect::<Vec<_>>()).status.success());
    let nowhere = folder.join("none");
    let missing = [
        "layer",
        "--file",
        text(&nowhere),
        "--out",
        "x",
        "--method",
        "gptq",
    ];
    assert!(refusal(&missing).contains("none"));
}

//! One weight matrix alone, from a file to a file: for study, and for comparison with other implementations.

use crate::output::{print_line, put_json};
use crate::{command, read, write};
use clap::ArgMatches;
use pressure_test::calibrate::InputStats;
use pressure_test::compress::{Chain, compress_matrix, parameters};
use pressure_test::weight::{Dense, Floats, Quantized, Storage, Weight};
use pressure_test::{Error, Result};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::json;
use std::path::Path;
use std::time::Instant;

/// Reads `W` `[rows, cols]` and `X` `[sequences, tokens, cols]`, compresses, writes `Q` and what it is made of, and
/// prints the relative error of the output.
pub fn layer(arguments: &ArgMatches) -> Result<()> {
    let path = Path::new(command::text(arguments, "file"));
    let bytes = read(path)?;
    let file = SafeTensors::deserialize(&bytes).map_err(|error| bad(path, error.to_string()))?;
    let (weight_shape, weight) = tensor(path, &file, "W")?;
    let (input_shape, inputs) = tensor(path, &file, "X")?;
    let (&[rows, cols], Some(&width)) = (&weight_shape[..], input_shape.last()) else {
        return Err(bad(
            path,
            format!("W has shape {weight_shape:?}; [rows, cols] is needed"),
        ));
    };
    if width != cols || cols == 0 || rows == 0 {
        return Err(bad(
            path,
            format!(
                "X has shape {input_shape:?}, W {weight_shape:?}: both must end in the same number of columns"
            ),
        ));
    }
    let mut values = vec![0.0; inputs.len()];
    inputs.read(0, &mut values);
    let tokens = input_shape.iter().rev().nth(1).copied().unwrap_or(1).max(1);

    let began = Instant::now();
    let mut stats = InputStats::new(cols);
    for sequence in values.chunks(tokens * cols) {
        stats.add(sequence);
    }
    let gram_seconds = began.elapsed().as_secs_f64();

    let names = command::text(arguments, "method");
    let chain = Chain::new(
        names,
        &command::settings(arguments, &parameters(pressure_test::compress::METHODS)),
    )?;
    let dense =
        Dense::new(rows, cols, weight).ok_or_else(|| bad(path, "W is incomplete".into()))?;
    let original = Weight::Dense(dense.clone()).to_matrix();
    let began = Instant::now();
    let (outcome, column_scale) = compress_matrix(&chain, "W", dense, &stats)?;
    let seconds = began.elapsed().as_secs_f64();

    let compressed = outcome.weight.to_matrix();
    let error = stats.output_error(&original, &compressed);
    write(
        Path::new(command::text(arguments, "out")),
        &archive(&outcome.weight, column_scale)?,
    )?;
    if arguments.contains_id("json") {
        put_json(
            arguments,
            &json!({
                "method": chain.name(),
                "settings": chain.settings(),
                "relative_output_error": error,
                "bytes": outcome.weight.bytes(),
                "tokens": stats.tokens(),
                "gram_seconds": gram_seconds,
                "seconds": seconds,
                "fallback": outcome.fallback,
            }),
        )?;
    } else {
        let error = error.map_or("not defined: the outputs are 0".to_owned(), |error| {
            format!("{error:.6e}")
        });
        print_line(&format!(
            "relative output error {error}, {} bytes, {seconds:.3} s and {gram_seconds:.3} s for the Gram matrix of {} tokens",
            outcome.weight.bytes(),
            stats.tokens()
        ))?;
        if let Some(fallback) = outcome.fallback {
            print_line(&format!("fell back: {fallback}"))?;
        }
    }
    Ok(())
}

fn tensor(path: &Path, file: &SafeTensors, name: &str) -> Result<(Vec<usize>, Floats)> {
    let view = file
        .tensor(name)
        .map_err(|_| bad(path, format!("it has no tensor {name}; W and X are needed")))?;
    let storage = match view.dtype() {
        Dtype::F32 => Storage::F32,
        Dtype::F16 => Storage::F16,
        Dtype::BF16 => Storage::BF16,
        other => {
            return Err(Error::UnsupportedDtype {
                tensor: name.to_owned(),
                dtype: format!("{other:?}"),
            });
        }
    };
    Ok((
        view.shape().to_vec(),
        Floats::from_le_bytes(storage, view.data()),
    ))
}

fn bad(path: &Path, problem: String) -> Error {
    Error::BadFile {
        file: path.display().to_string(),
        problem,
    }
}

type Part = (&'static str, Dtype, Vec<usize>, Vec<u8>);

fn floats(name: &'static str, shape: Vec<usize>, values: impl Iterator<Item = f32>) -> Part {
    (
        name,
        Dtype::F32,
        shape,
        values.flat_map(f32::to_le_bytes).collect(),
    )
}

/// `Q`, and `codes`, `scale`, `zero`, `g_idx`, `mask` (1 where a weight is 0) and `column_scale`, where there are any.
fn archive(weight: &Weight, column_scale: Option<Vec<f32>>) -> Result<Vec<u8>> {
    let [rows, cols] = weight.shape();
    let values = weight.to_matrix().data;
    let mut parts = Vec::new();
    match weight {
        Weight::Quantized(quantized) => parts.extend(grids(quantized)),
        Weight::Sparse(_) | Weight::Dense(_) => {
            let mask = values.iter().map(|value| u8::from(*value == 0.0)).collect();
            parts.push(("mask", Dtype::U8, vec![rows, cols], mask));
        }
    }
    if let Some(scale) = column_scale {
        parts.push(floats("column_scale", vec![cols], scale.into_iter()));
    }
    parts.push(floats("Q", vec![rows, cols], values.into_iter()));
    let failed =
        |error: safetensors::SafeTensorError| bad(Path::new("the result"), error.to_string());
    let mut views = Vec::new();
    for (name, dtype, shape, bytes) in &parts {
        views.push((
            *name,
            TensorView::new(*dtype, shape.clone(), bytes).map_err(failed)?,
        ));
    }
    safetensors::serialize(views, None).map_err(failed)
}

/// Codes in the order of columns, with the group of each column.
fn grids(quantized: &Quantized) -> Vec<Part> {
    let layout = quantized.layout();
    let [rows, cols] = layout.shape;
    let groups = layout.groups();
    let column = |place: usize| {
        quantized
            .column_order()
            .map_or(place, |order| order[place] as usize)
    };
    let mut codes = vec![0; rows * cols];
    let mut group_of = vec![0i32; cols];
    for place in 0..cols {
        group_of[column(place)] = i32::try_from(place / layout.group_size).unwrap_or(i32::MAX);
        for row in 0..rows {
            codes[row * cols + column(place)] = quantized.code(row, place);
        }
    }
    let all = || {
        (0..rows).flat_map(|row| (0..groups).filter_map(move |group| quantized.grid(row, group)))
    };
    vec![
        ("codes", Dtype::U8, vec![rows, cols], codes),
        floats("scale", vec![rows, groups], all().map(|grid| grid.scale())),
        floats(
            "zero",
            vec![rows, groups],
            all().map(|grid| f32::from(grid.zero_point())),
        ),
        (
            "g_idx",
            Dtype::I32,
            vec![cols],
            group_of
                .iter()
                .flat_map(|group| group.to_le_bytes())
                .collect(),
        ),
    ]
}

//! Column factors of quantized weights, moved to where other programs have a place for them.

use crate::error::{Error, Result};
use crate::model::{Linear, Model};
use crate::weight::{Dense, Floats, Quantized, Weight};
use std::sync::Arc;

/// The same model without column factors: those of queries, keys and values go into the norm before them, as do
/// those of gate and up projection; those of the down projection into the rows of the up projection, those of
/// the output projection into the rows of the values (AWQ, Lin et al. 2024, section 3.2).
pub fn folded(model: &Model, format: &'static str) -> Result<Model> {
    let mut model = model.clone();
    for block in &mut model.blocks {
        if let Some(factors) = take(
            &mut [&mut block.query, &mut block.key, &mut block.value],
            format,
        )? {
            block.input_norm = multiplied(&block.input_norm, &factors);
        }
        if let Some(factors) = take(&mut [&mut block.gate, &mut block.up], format)? {
            block.post_norm = multiplied(&block.post_norm, &factors);
        }
        if let Some(factors) = take(&mut [&mut block.output], format)? {
            scale_rows(&mut block.value, &factors, format)?;
        }
        if let Some(factors) = take(&mut [&mut block.down], format)? {
            scale_rows(&mut block.up, &factors, format)?;
        }
    }
    Ok(model)
}

/// Removes the factors that all of these layers have; `None` when none has any.
fn take(linears: &mut [&mut Linear], format: &'static str) -> Result<Option<Vec<f32>>> {
    let factors = |linear: &Linear| match &*linear.weight {
        Weight::Quantized(quantized) => quantized.column_factors().cloned(),
        Weight::Dense(_) | Weight::Sparse(_) => None,
    };
    let shared = factors(linears[0]);
    for linear in linears.iter_mut() {
        if factors(linear) != shared {
            return Err(unsaveable(
                linear,
                format,
                "its columns are scaled in another way than those beside it",
            ));
        }
        if let (Weight::Quantized(quantized), Some(_)) = (&*linear.weight, &shared) {
            linear.weight = Arc::new(Weight::Quantized(
                quantized.clone().with_column_factors(None),
            ));
        }
    }
    Ok(shared.map(|stored| {
        let mut factors = vec![0.0; stored.len()];
        stored.read(0, &mut factors);
        factors
    }))
}

fn multiplied(values: &[f32], factors: &[f32]) -> Arc<[f32]> {
    values.iter().zip(factors).map(|(a, b)| a * b).collect()
}

fn scale_rows(linear: &mut Linear, factors: &[f32], format: &'static str) -> Result<()> {
    let [rows, cols] = linear.weight.shape();
    if rows != factors.len() {
        return Err(unsaveable(
            linear,
            format,
            "the layer behind it scales another number of columns",
        ));
    }
    linear.weight = Arc::new(match &*linear.weight {
        Weight::Quantized(quantized) => {
            Weight::Quantized(Quantized::clone(quantized).scale_rows(factors))
        }
        other => {
            let mut values = other.to_matrix().data;
            for (row, factor) in values.chunks_exact_mut(cols).zip(factors) {
                for value in row {
                    *value *= factor;
                }
            }
            match Dense::new(rows, cols, Floats::F32(values)) {
                Some(dense) => Weight::Dense(dense),
                None => other.clone(),
            }
        }
    });
    linear.bias = linear.bias.as_ref().map(|bias| multiplied(bias, factors));
    Ok(())
}

pub fn unsaveable(linear: &Linear, format: &'static str, problem: &str) -> Error {
    Error::Unsaveable {
        layer: linear.name.clone(),
        format,
        problem: problem.to_owned(),
    }
}

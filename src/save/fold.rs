//! Column factors of quantized weights, moved to where other programs have a place for them: those of queries, keys and
//! values go into the norm before them, as do those of gate and up projection; those of the down projection into the rows
//! of the up projection, those of the output projection into the rows of the values (AWQ, Lin et al. 2024, section 3.2), or into
//! the norms that stand between them.

use super::unsaveable;
use crate::error::Result;
use crate::model::{Block, Inputs, Linear, Model, Norm};
use crate::weight::{Quantized, Sparse, Storage, Weight};
use std::borrow::Cow;
use std::sync::Arc;

type Factors = Option<Arc<[f32]>>;

/// What is moved, block by block; nothing at all where there is none.
#[derive(Default)]
pub struct Folds(Vec<Fold>);

#[derive(Default)]
struct Fold {
    input_norm: Factors,
    post_norm: Factors,
    value_rows: Factors,
    attended_norm: Factors,
    up_rows: Factors,
    inner_norm: Factors,
}

impl Folds {
    /// What has to be moved so that no weight has column factors.
    pub fn new(model: &Model, format: &'static str) -> Result<Self> {
        let fold = |block: &Block| {
            let of_output = shared(&[&block.output], format)?;
            let (attended_norm, value_rows) = nearest(of_output, block.attended_norm.as_ref());
            let of_down = shared(&[&block.down], format)?;
            let (inner_norm, up_rows) = nearest(of_down, block.inner_norm.as_ref());
            let fold = Fold {
                input_norm: shared(&block.reading(Inputs::Attention), format)?,
                post_norm: shared(&block.reading(Inputs::FeedForward), format)?,
                value_rows,
                attended_norm,
                up_rows,
                inner_norm,
            };
            check(&block.value, &fold.value_rows, format)?;
            check(&block.up, &fold.up_rows, format)?;
            // A norm whose outputs others read as well cannot be multiplied for some.
            let is_shared = block.post_norm.is_none() && model.config.parallel_residual;
            for (factors, norm, linear) in [
                (&fold.input_norm, &block.input_norm, &block.query),
                (&fold.post_norm, &block.post_norm, &block.up),
            ] {
                if factors.is_some() && (norm.is_none() || is_shared) {
                    let problem = "its columns are scaled, and no norm stands before it alone";
                    return Err(unsaveable(&linear.name, format, problem));
                }
            }
            Ok(fold)
        };
        let folds = model.blocks.iter().map(fold);
        Ok(Self(folds.collect::<Result<_>>()?))
    }

    /// The layers that read the same inputs, as they are left.
    pub fn reading<'m>(&self, index: usize, block: &'m Block, inputs: Inputs) -> Vec<Layer<'m>> {
        let fold = self.0.get(index);
        let layer = |linear: &'m Linear| {
            let rows = fold.and_then(|fold| {
                if std::ptr::eq(linear, &raw const block.value) {
                    fold.value_rows.clone()
                } else if std::ptr::eq(linear, &raw const block.up) {
                    fold.up_rows.clone()
                } else {
                    None
                }
            });
            Layer {
                weight: &linear.weight,
                bias: linear.bias.as_deref(),
                rows,
            }
        };
        block.reading(inputs).into_iter().map(layer).collect()
    }

    /// A norm of a block with what is moved into it, by the layers that read what it gives.
    pub fn norm<'m>(&self, index: usize, norm: &'m Norm, readers: Inputs) -> Cow<'m, Norm> {
        let factors = self.0.get(index).and_then(|fold| match readers {
            Inputs::Attention => fold.input_norm.as_ref(),
            Inputs::Output => fold.attended_norm.as_ref(),
            Inputs::FeedForward => fold.post_norm.as_ref(),
            Inputs::Down => fold.inner_norm.as_ref(),
        });
        scaled(norm, factors)
    }
}

/// A weight as a file holds it.
#[derive(Clone)]
pub struct Layer<'m> {
    pub weight: &'m Weight,
    bias: Option<&'m [f32]>,
    /// What its rows are multiplied by.
    rows: Factors,
}

/// How a file may hold a weight.
pub enum Form<'m> {
    /// Every value, in the narrowest format that holds it.
    Full,
    Quantized(&'m Quantized),
    Sparse(&'m Sparse),
}

impl<'m> Layer<'m> {
    /// A table, which has neither bias nor factors.
    pub fn table(weight: &'m Weight) -> Self {
        Self {
            weight,
            bias: None,
            rows: None,
        }
    }

    pub fn form(&self) -> Form<'m> {
        match self.weight {
            Weight::Quantized(quantized) => Form::Quantized(quantized),
            Weight::Sparse(sparse) if self.rows.is_none() => Form::Sparse(sparse),
            _ => Form::Full,
        }
    }

    /// The narrowest format that holds every value. For quantized weights that is f32, which holds every
    /// `scale * (code - zero_point)` exactly.
    pub fn storage(&self) -> Storage {
        match self.weight {
            _ if self.rows.is_some() => Storage::F32,
            Weight::Dense(dense) => dense.values().storage(),
            Weight::Sparse(sparse) => sparse.values().storage(),
            Weight::Quantized(_) => Storage::F32,
        }
    }

    /// What a row is multiplied by.
    pub fn factor(&self, row: usize) -> f32 {
        self.rows.as_ref().map_or(1.0, |rows| rows[row])
    }

    /// The values of a row, of a weight without column factors in another place.
    pub fn read_row(&self, row: usize, out: &mut [f32]) {
        self.weight.read_row(row, out);
        if self.rows.is_some() {
            let factor = self.factor(row);
            for value in out {
                *value *= factor;
            }
        }
    }

    /// A quantized weight without column factors, its rows multiplied.
    pub fn folded(&self, quantized: &'m Quantized) -> Cow<'m, Quantized> {
        match &self.rows {
            None if quantized.column_factors().is_none() => Cow::Borrowed(quantized),
            None => Cow::Owned(quantized.clone().with_column_factors(None)),
            Some(rows) => Cow::Owned(quantized.clone().with_column_factors(None).scale_rows(rows)),
        }
    }

    pub fn bias(&self, row: usize) -> Option<f32> {
        self.bias.map(|bias| bias[row] * self.factor(row))
    }
}

/// Factors for the norm where there is one, else for the rows of the layer before it.
fn nearest(factors: Factors, norm: Option<&Norm>) -> (Factors, Factors) {
    match norm {
        Some(_) => (factors, None),
        None => (None, factors),
    }
}

/// The factors that all of these layers have; `None` when none has any.
fn shared(linears: &[&Linear], format: &'static str) -> Result<Factors> {
    let factors = |linear: &Linear| match &*linear.weight {
        Weight::Quantized(quantized) => quantized.column_factors().cloned(),
        Weight::Dense(_) | Weight::Sparse(_) => None,
    };
    let first = factors(linears[0]);
    if let Some(other) = linears.iter().find(|linear| factors(linear) != first) {
        let problem = "its columns are scaled in another way than those beside it";
        return Err(unsaveable(&other.name, format, problem));
    }
    Ok(first.map(|stored| {
        let mut factors = vec![0.0; stored.len()];
        stored.read(0, &mut factors);
        factors.into()
    }))
}

fn check(linear: &Linear, rows: &Factors, format: &'static str) -> Result<()> {
    if rows
        .as_ref()
        .is_some_and(|rows| rows.len() != linear.weight.shape()[0])
    {
        let problem = "the layer behind it scales another number of columns";
        return Err(unsaveable(&linear.name, format, problem));
    }
    Ok(())
}

fn scaled<'m>(norm: &'m Norm, factors: Option<&Arc<[f32]>>) -> Cow<'m, Norm> {
    let Some(factors) = factors else {
        return Cow::Borrowed(norm);
    };
    let multiplied =
        |values: &Arc<[f32]>| values.iter().zip(&**factors).map(|(a, b)| a * b).collect();
    Cow::Owned(Norm {
        scale: multiplied(&norm.scale),
        bias: norm.bias.as_ref().map(multiplied),
    })
}

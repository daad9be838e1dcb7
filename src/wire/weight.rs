//! Weights: how one is stored, then its runs of numbers and codes.

use super::bytes::{Reader, Writer, damaged};
use crate::error::{Error, Result};
use crate::weight::bits::packed_bytes;
use crate::weight::{
    Dense, Layout, Offset, PerGroup, Quantized, Sparse, Storage, TwoLevel, Weight,
};
use serde::{Deserialize, Serialize};

/// How a weight is stored.
#[derive(Serialize, Deserialize)]
enum Form {
    Dense([usize; 2], Storage),
    Quantized(Layout),
    Sparse([usize; 2], Storage),
}

/// How the numbers of groups are stored.
#[derive(Serialize, Deserialize)]
enum Levels {
    One(Storage),
    Two {
        shared_by: usize,
        outer: Storage,
        bits: u8,
        middle: u8,
    },
}

#[derive(Serialize, Deserialize)]
enum OffsetKind {
    Middle,
    ZeroPoints,
    Minima,
}

/// Writes a weight as it is stored.
pub fn write(out: &mut Writer, weight: &Weight) -> Result<()> {
    match weight {
        Weight::Dense(dense) => {
            let values = dense.values();
            out.value(&Form::Dense(weight.shape(), values.storage()))?;
            out.floats(values)
        }
        Weight::Quantized(quantized) => write_quantized(out, quantized),
        Weight::Sparse(sparse) => {
            // Where rows begin follows from the mask.
            let values = sparse.values();
            out.value(&Form::Sparse(weight.shape(), values.storage()))?;
            out.bytes(sparse.mask())?;
            out.floats(values)
        }
    }
}

/// Reads a weight that must have this shape; `name` is for errors.
pub fn read(from: &mut Reader, name: &str, shape: [usize; 2]) -> Result<Weight> {
    let form: Form = from.value()?;
    let (Form::Dense(found, _)
    | Form::Quantized(Layout { shape: found, .. })
    | Form::Sparse(found, _)) = form;
    if found != shape {
        return Err(Error::WrongShape {
            tensor: name.to_owned(),
            expected: shape.to_vec(),
            found: found.to_vec(),
        });
    }
    let [rows, cols] = shape;
    let weight = match form {
        Form::Dense(_, storage) => {
            let values = from.floats(storage, count(rows, cols)?)?;
            Dense::new(rows, cols, values).map(Weight::Dense)
        }
        Form::Quantized(layout) => read_quantized(from, layout)?.map(Weight::Quantized),
        Form::Sparse(_, storage) => {
            let mask = from.bytes(rows, cols.div_ceil(8))?;
            let kept = mask.iter().map(|byte| byte.count_ones() as usize).sum();
            let values = from.floats(storage, kept)?;
            Sparse::from_parts(shape, mask, values, None).map(Weight::Sparse)
        }
    };
    weight.ok_or_else(|| damaged(name))
}

/// How many places there are, where this machine can count them.
fn count(rows: usize, cols: usize) -> Result<usize> {
    let places = rows.checked_mul(cols);
    places.ok_or_else(|| damaged("one of its sizes"))
}

fn write_quantized(out: &mut Writer, quantized: &Quantized) -> Result<()> {
    out.value(&Form::Quantized(quantized.layout()))?;
    out.bytes(quantized.packed_codes())?;
    write_numbers(out, quantized.scales())?;
    match quantized.offset() {
        Offset::Middle => out.value(&OffsetKind::Middle)?,
        Offset::ZeroPoints(packed) => {
            out.value(&OffsetKind::ZeroPoints)?;
            out.bytes(packed)?;
        }
        Offset::Minima(minima) => {
            out.value(&OffsetKind::Minima)?;
            write_numbers(out, minima)?;
        }
    }
    out.optional(quantized.column_factors(), |out, factors| {
        out.value(&factors.storage())?;
        out.floats(factors)
    })?;
    out.optional(quantized.column_order(), |out, order| {
        let bytes = order.iter().flat_map(|column| column.to_le_bytes());
        out.bytes(&bytes.collect::<Vec<_>>())
    })
}

/// `None` where the parts do not fit one another.
fn read_quantized(from: &mut Reader, layout: Layout) -> Result<Option<Quantized>> {
    let Layout {
        shape: [rows, cols],
        bits,
        group_size,
        ..
    } = layout;
    count(rows, cols)?;
    if !(2..=8).contains(&bits) || group_size == 0 {
        return Ok(None);
    }
    let groups = layout.groups();
    let codes = from.bytes(rows, packed_bytes(cols, bits))?;
    let scales = read_numbers(from, rows, groups)?;
    let offset = match from.value()? {
        OffsetKind::Middle => Offset::Middle,
        OffsetKind::ZeroPoints => Offset::ZeroPoints(from.bytes(groups, packed_bytes(rows, bits))?),
        OffsetKind::Minima => Offset::Minima(read_numbers(from, rows, groups)?),
    };
    let factors = from.optional(|from| {
        let storage = from.value()?;
        from.floats(storage, cols)
    })?;
    let order = from.optional(|from| read_order(from, cols))?;
    let quantized = Quantized::from_parts(layout, codes, scales, offset);
    Ok(quantized.map(|quantized| {
        quantized
            .with_column_factors(factors)
            .with_column_order(order)
    }))
}

/// Every column once.
fn read_order(from: &mut Reader, cols: usize) -> Result<Vec<u32>> {
    let bytes = from.bytes(cols, 4)?;
    let words = bytes.as_chunks().0.iter();
    let order: Vec<u32> = words.map(|word| u32::from_le_bytes(*word)).collect();
    let mut is_seen = vec![false; cols];
    for column in &order {
        match is_seen.get_mut(*column as usize) {
            Some(seen) if !*seen => *seen = true,
            _ => return Err(damaged("an order of columns")),
        }
    }
    Ok(order)
}

fn write_numbers(out: &mut Writer, numbers: &PerGroup) -> Result<()> {
    match numbers {
        PerGroup::Plain(values) => {
            out.value(&Levels::One(values.storage()))?;
            out.floats(values)
        }
        PerGroup::TwoLevel(two) => {
            let TwoLevel {
                groups: _,
                shared_by,
                outer,
                inner,
                bits,
                middle,
            } = two;
            out.value(&Levels::Two {
                shared_by: *shared_by,
                outer: outer.storage(),
                bits: *bits,
                middle: *middle,
            })?;
            out.floats(outer)?;
            out.bytes(inner)
        }
    }
}

fn read_numbers(from: &mut Reader, rows: usize, groups: usize) -> Result<PerGroup> {
    Ok(match from.value()? {
        Levels::One(storage) => PerGroup::Plain(from.floats(storage, rows * groups)?),
        Levels::Two {
            shared_by,
            outer,
            bits,
            middle,
        } => {
            if !(1..=groups).contains(&shared_by) {
                return Err(damaged("numbers of two levels"));
            }
            PerGroup::TwoLevel(TwoLevel {
                groups,
                shared_by,
                outer: from.floats(outer, rows * (groups / shared_by))?,
                inner: from.bytes(rows, packed_bytes(groups, bits))?,
                bits,
                middle,
            })
        }
    })
}

//! As small as in memory: quantized weights as `pack-quantized` of compressed-tensors, sparse ones as bitmask and
//! values.

use super::fold::{folded, unsaveable};
use super::{Entry, Files, Format, dense, folder};
use crate::error::{Error, Result};
use crate::model::{Linear, Model};
use crate::weight::{Layout, Offset, PerGroup, Quantized, Sparse, Weight};
use safetensors::tensor::Dtype;
use serde_json::{Value, json};

pub const FORMAT: Format = Format {
    name: "compressed_tensors",
    title: "Packed folder",
    sentence: "As small as shown: quantized layers in the pack-quantized form of compressed-tensors, which transformers \
               and vLLM read; pruned layers as bitmask and values, which only Pressure Test reads.",
    write,
};

const NAME: &str = "compressed-tensors";

fn write(model: &Model) -> Result<Files> {
    let names = &model.family.tensors;
    if names.transposed || names.query_key_value.is_some() || names.gate_up.is_some() {
        return Err(Error::Unsaveable {
            layer: model.name.clone(),
            format: NAME,
            problem: format!(
                "files of {} hold several layers in one matrix; save it written out in full",
                model.family.title
            ),
        });
    }
    let model = folded(model, NAME)?;
    let mut linears = Vec::new();
    let mut config = None;
    for linear in model.linears() {
        let shape = linear.weight.shape();
        match &*linear.weight {
            Weight::Quantized(quantized) => {
                config = config.or(Some(scheme(linear, quantized)?));
                linears.extend(pack(linear, quantized)?);
                linears.push(shape_entry(linear, shape));
            }
            Weight::Sparse(sparse) => {
                config = config
                    .or_else(|| Some(json!({"quant_method": NAME, "format": "sparse-bitmask"})));
                linears.extend(bitmask(linear, sparse));
                linears.push(shape_entry(linear, shape));
            }
            weight @ Weight::Dense(_) => {
                let name = format!("{}.weight", linear.name);
                linears.push(Entry::floats(name, shape.to_vec(), &dense::values(weight)));
            }
        }
    }
    folder(&model, linears, |fields| {
        fields.remove("quantization_config");
        if let Some(config) = config {
            fields.insert("quantization_config".into(), config);
        }
    })
}

fn shape_entry(linear: &Linear, shape: [usize; 2]) -> Entry {
    Entry {
        name: format!("{}.weight_shape", linear.name),
        dtype: Dtype::I64,
        shape: vec![2],
        bytes: shape
            .iter()
            .flat_map(|size| (*size as u64).to_le_bytes())
            .collect(),
    }
}

fn pack(linear: &Linear, quantized: &Quantized) -> Result<Vec<Entry>> {
    let Layout {
        shape: [rows, _], ..
    } = quantized.layout();
    let groups = quantized.layout().groups();
    if quantized.column_order().is_some() {
        return Err(unsaveable(
            linear,
            NAME,
            "its groups follow another order than its columns; compress with static groups",
        ));
    }
    let quantized = quantized.with_zero_points().ok_or_else(|| {
        let problem = "its groups have smallest values that are no whole number of steps from 0";
        unsaveable(linear, NAME, problem)
    })?;
    let PerGroup::Plain(scales) = quantized.scales() else {
        return Err(unsaveable(linear, NAME, "its scales have two levels"));
    };
    let words = quantized.packed_codes();
    let mut entries = vec![
        Entry {
            name: format!("{}.weight_packed", linear.name),
            dtype: Dtype::I32,
            shape: vec![rows, words.len() / 4 / rows.max(1)],
            bytes: words.to_vec(),
        },
        Entry::floats(
            format!("{}.weight_scale", linear.name),
            vec![rows, groups],
            scales,
        ),
    ];
    if let Offset::ZeroPoints(words) = quantized.offset() {
        let height = words.len() / 4 / groups.max(1);
        // Here a group's words lie together, there those of all groups alternate.
        let word = |i: usize| &words[(i % groups * height + i / groups) * 4..][..4];
        entries.push(Entry {
            name: format!("{}.weight_zero_point", linear.name),
            dtype: Dtype::I32,
            shape: vec![height, groups],
            bytes: (0..words.len() / 4).flat_map(word).copied().collect(),
        });
    }
    Ok(entries)
}

fn bitmask(linear: &Linear, sparse: &Sparse) -> Vec<Entry> {
    let [rows, cols] = sparse.shape();
    let values = sparse.values();
    let mut entries = vec![
        Entry {
            name: format!("{}.bitmask", linear.name),
            dtype: Dtype::U8,
            shape: vec![rows, cols.div_ceil(8)],
            bytes: sparse.mask().to_vec(),
        },
        Entry::floats(
            format!("{}.compressed", linear.name),
            vec![values.len()],
            values,
        ),
    ];
    if let Some(starts) = sparse.row_starts() {
        entries.push(Entry {
            name: format!("{}.row_offsets", linear.name),
            dtype: Dtype::U32,
            shape: vec![rows],
            bytes: starts
                .iter()
                .flat_map(|start| start.to_le_bytes())
                .collect(),
        });
    }
    entries
}

/// What config.json says of quantized layers.
fn scheme(linear: &Linear, quantized: &Quantized) -> Result<Value> {
    let layout = quantized.layout();
    let [_, cols] = layout.shape;
    let whole_rows = layout.groups() == 1;
    if !whole_rows && !cols.is_multiple_of(layout.group_size) {
        let problem = format!(
            "its {cols} columns are not a multiple of the group size {}; choose 32 or 64",
            layout.group_size
        );
        return Err(unsaveable(linear, NAME, &problem));
    }
    let weights = json!({
        "num_bits": layout.bits,
        "type": "int",
        "symmetric": layout.symmetric,
        "strategy": if whole_rows { "channel" } else { "group" },
        "group_size": if whole_rows { Value::Null } else { layout.group_size.into() },
        "dynamic": false,
    });
    Ok(json!({
        "quant_method": NAME,
        "format": "pack-quantized",
        "quantization_status": "compressed",
        "config_groups": {"group_0": {"targets": ["Linear"], "weights": weights}},
        "ignore": ["lm_head"],
    }))
}

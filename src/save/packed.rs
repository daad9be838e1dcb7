//! Linear layers as they are kept: quantized ones in the `pack-quantized` form of compressed-tensors, pruned ones as
//! bitmask and values.

use super::dense;
use super::file::fixed;
use super::fold::{Folds, Form, Layer};
use super::folder::folder;
use super::matrix::{Matrix, matrices, tables};
use super::safetensors::Entry;
use super::{File, Format, unsaveable};
use crate::error::Result;
use crate::model::Model;
use crate::weight::{Floats, Offset, PerGroup, Quantized, Sparse};
use safetensors::tensor::Dtype;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io;

pub const FORMAT: Format = Format {
    name: "compressed_tensors",
    title: "Packed folder",
    sentence: "As small as shown: quantized layers in the pack-quantized form of compressed-tensors, which transformers \
               and vLLM read; pruned layers as bitmask and values, which only Pressure Test reads.",
    plan,
};

const NAME: &str = "compressed-tensors";

fn plan(model: &Model) -> Result<Vec<File<'_>>> {
    let names = &model.family.tensors;
    let has_fused =
        names.query_key_value.is_some() || names.gate_up.is_some() || names.convolution.is_some();
    if names.transposed || has_fused {
        let problem = format!(
            "files of {} hold several layers in one matrix; save it written out in full",
            model.family.title
        );
        return Err(unsaveable(&model.name, NAME, problem));
    }
    if names.interleaved {
        let problem = format!(
            "files of {} have the rows of queries and keys in another order; save it written out in full",
            model.family.title
        );
        return Err(unsaveable(&model.name, NAME, problem));
    }
    let folds = Folds::new(model, NAME)?;
    let mut entries = Vec::new();
    let mut schemes = Schemes::default();
    let matrices = matrices(model, names, &folds);
    let matrices = matrices.into_iter().map(|matrix| (matrix, true));
    let tables = tables(model, names);
    let tables = tables.into_iter().map(|table| {
        let is_linear = table.name == names.head;
        (table, is_linear)
    });
    let all: Vec<_> = matrices.chain(tables).collect();
    let sizes = all
        .iter()
        .filter_map(|(matrix, _)| match matrix.only()?.form() {
            Form::Quantized(quantized) => Some(quantized.layout()),
            Form::Full | Form::Sparse(_) => None,
        });
    let several = sizes.filter(|layout| layout.groups() > 1);
    let grouped: BTreeSet<usize> = several.map(|layout| layout.group_size).collect();
    for (matrix, is_linear) in all {
        let name = &matrix.name;
        let form = matrix.only().map(|layer| (layer, layer.form()));
        match form {
            Some((layer, Form::Quantized(quantized))) => {
                entries.extend(pack(name, layer, quantized)?);
                schemes.add(name, scheme(name, quantized, &grouped)?, is_linear);
                entries.push(shape_entry(&matrix));
            }
            Some((_, Form::Sparse(sparse))) => {
                schemes.has_masks = true;
                schemes.skip(name, is_linear);
                entries.extend(bitmask(name, sparse));
                entries.push(shape_entry(&matrix));
            }
            _ => {
                schemes.skip(name, is_linear);
                entries.push(dense::entry(matrix));
            }
        }
    }
    if model.is_tied() {
        schemes.skip(names.head, true);
    }
    folder(model, &folds, entries, schemes.written())
}

fn shape_entry<'m>(matrix: &Matrix) -> Entry<'m> {
    let sizes = matrix.size().into_iter();
    let bytes = sizes.flat_map(|size| (size as u64).to_le_bytes());
    let name = format!("{}.weight_shape", matrix.name);
    Entry::new(name, Dtype::I64, vec![2], fixed(bytes.collect()))
}

/// A quantized weight in this form; an error is a clause that says why it has none.
fn packable<'m>(
    layer: &Layer<'m>,
    quantized: &'m Quantized,
) -> std::result::Result<Cow<'m, Quantized>, &'static str> {
    if quantized.column_order().is_some() {
        return Err(
            "its groups follow another order than its columns; compress with static groups",
        );
    }
    let folded = layer.folded(quantized);
    if let PerGroup::TwoLevel(_) = folded.scales() {
        let count = folded.layout().shape[0] * folded.layout().groups();
        if folded.packed_codes().len() + 4 * count > layer.weight.bytes() / 4 * 5 {
            return Err(
                "its scales have two levels, and written out in one would take half as much again; save it as GGUF",
            );
        }
    }
    if let Offset::Minima(_) = folded.offset() {
        let exact = folded.with_zero_points().map(Cow::Owned);
        return exact.ok_or("its groups have smallest values that are no whole number of steps from 0; save it as GGUF");
    }
    Ok(folded)
}

/// The scales one by one: f32 where a file of llama.cpp had them in two levels.
fn scales(quantized: &Quantized) -> Cow<'_, Floats> {
    match quantized.scales() {
        PerGroup::Plain(scales) => Cow::Borrowed(scales),
        two_levels @ PerGroup::TwoLevel(_) => {
            let count = quantized.layout().shape[0] * quantized.layout().groups();
            let scales = (0..count).map(|place| two_levels.get(place)).collect();
            Cow::Owned(Floats::F32(scales))
        }
    }
}

fn pack<'m>(name: &str, layer: &Layer<'m>, quantized: &'m Quantized) -> Result<Vec<Entry<'m>>> {
    let known = packable(layer, quantized).map_err(|problem| unsaveable(name, NAME, problem))?;
    let [rows, _] = known.layout().shape;
    let groups = known.layout().groups();
    let words = quantized.packed_codes();
    // Made once more when they are written, so that only one layer's are in memory.
    let again = layer.clone();
    let again = move || packable(&again, quantized).map_err(io::Error::other);
    let once_more = again.clone();
    let mut entries = vec![
        Entry::new(
            format!("{name}.weight_packed"),
            Dtype::I32,
            vec![rows, words.len() / 4 / rows.max(1)],
            Box::new(move |out| out.write_all(words)),
        ),
        Entry::floats(
            format!("{name}.weight_scale"),
            scales(&known).storage(),
            vec![rows, groups],
            Box::new(move |out| out.write_all(&scales(&*again()?).to_le_bytes())),
        ),
    ];
    if let Offset::ZeroPoints(words) = known.offset() {
        let height = words.len() / 4 / groups.max(1);
        entries.push(Entry::new(
            format!("{name}.weight_zero_point"),
            Dtype::I32,
            vec![height, groups],
            Box::new(move |out| {
                let layer = once_more()?;
                let Offset::ZeroPoints(words) = layer.offset() else {
                    return Ok(());
                };
                // Here a group's words lie together, there those of all groups alternate.
                let word = |i: usize| &words[(i % groups * height + i / groups) * 4..][..4];
                let words = (0..words.len() / 4).flat_map(word).copied();
                out.write_all(&words.collect::<Vec<u8>>())
            }),
        ));
    }
    Ok(entries)
}

fn bitmask<'m>(name: &str, sparse: &'m Sparse) -> Vec<Entry<'m>> {
    let [rows, cols] = sparse.shape();
    let values = sparse.values();
    let mut entries = vec![
        Entry::new(
            format!("{name}.bitmask"),
            Dtype::U8,
            vec![rows, cols.div_ceil(8)],
            Box::new(|out| out.write_all(sparse.mask())),
        ),
        Entry::floats(
            format!("{name}.compressed"),
            values.storage(),
            vec![values.len()],
            Box::new(|out| out.write_all(&values.to_le_bytes())),
        ),
    ];
    if let Some(starts) = sparse.row_starts() {
        let bytes = starts.iter().flat_map(|start| start.to_le_bytes());
        let name = format!("{name}.row_offsets");
        entries.push(Entry::new(
            name,
            Dtype::U32,
            vec![rows],
            fixed(bytes.collect()),
        ));
    }
    entries
}

/// What config.json says of quantized layers.
#[derive(Default)]
struct Schemes {
    /// Each scheme with the layers that follow it, and how many of them are linear.
    groups: Vec<(Value, Vec<String>, usize)>,
    /// Linear layers that are not quantized.
    skipped: Vec<String>,
    has_masks: bool,
}

impl Schemes {
    fn add(&mut self, name: &str, scheme: Value, is_linear: bool) {
        let place = self.groups.iter().position(|(known, ..)| *known == scheme);
        let place = place.unwrap_or_else(|| {
            self.groups.push((scheme, Vec::new(), 0));
            self.groups.len() - 1
        });
        let (_, names, linear) = &mut self.groups[place];
        names.push(name.to_owned());
        *linear += usize::from(is_linear);
    }

    fn skip(&mut self, name: &str, is_linear: bool) {
        if is_linear {
            self.skipped.push(name.to_owned());
        }
    }

    /// `quantization_config`: the scheme of most linear layers stands for all of them, the others name theirs.
    fn written(mut self) -> Option<Value> {
        if self.groups.is_empty() {
            return self
                .has_masks
                .then(|| json!({"quant_method": NAME, "format": "sparse-bitmask"}));
        }
        self.groups
            .sort_by_key(|(_, _, linear)| std::cmp::Reverse(*linear));
        let groups = self
            .groups
            .into_iter()
            .enumerate()
            .map(|(i, (weights, names, linear))| {
                let targets = if i == 0 && linear == names.len() {
                    vec!["Linear".to_owned()]
                } else {
                    names
                };
                (
                    format!("group_{i}"),
                    json!({"targets": targets, "weights": weights}),
                )
            });
        Some(json!({
            "quant_method": NAME,
            "format": "pack-quantized",
            "quantization_status": "compressed",
            "config_groups": groups.collect::<serde_json::Map<_, _>>(),
            "ignore": self.skipped,
        }))
    }
}

/// How the codes of a layer are to be read. A row that is one group is called that where other rows have several of the
/// same size, `grouped`: two schemes that say the same could not be told apart.
fn scheme(name: &str, quantized: &Quantized, grouped: &BTreeSet<usize>) -> Result<Value> {
    let layout = quantized.layout();
    let [_, cols] = layout.shape;
    let whole_rows = layout.groups() == 1 && !grouped.contains(&layout.group_size);
    if !whole_rows && !cols.is_multiple_of(layout.group_size) {
        let problem = format!(
            "its {cols} columns are not a multiple of the group size {}; choose 32 or 64",
            layout.group_size
        );
        return Err(unsaveable(name, NAME, problem));
    }
    Ok(json!({
        "num_bits": layout.bits,
        "type": "int",
        "symmetric": matches!(quantized.offset(), Offset::Middle),
        "strategy": if whole_rows { "channel" } else { "group" },
        "group_size": if whole_rows { Value::Null } else { layout.group_size.into() },
        "dynamic": false,
    }))
}

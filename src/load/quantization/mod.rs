//! Linear layers that files hold quantized or pruned, in the forms of several tools; they stay packed.

mod auto_awq;
mod auto_gptq;
mod bitnet;
mod compressed_tensors;

use super::safetensors::Shards;
use crate::error::{Error, Result};
use crate::model::Fields;
use crate::weight::{Dense, Floats, Layout, Offset, PerGroup, Quantized, Sparse, Weight, bits};
use safetensors::tensor::Dtype;
use serde_json::Value;

/// Where `AutoGPTQ` and `AutoAWQ` describe their work, where config.json does not.
pub(super) const BESIDE: [(&str, &str); 2] = [
    ("quantize_config.json", "gptq"),
    ("quant_config.json", "awq"),
];

/// How the layers of a folder are quantized.
pub(super) enum Scheme {
    CompressedTensors(compressed_tensors::Scheme),
    Gptq(auto_gptq::Scheme),
    Awq(auto_awq::Scheme),
    Bitnet(bitnet::Scheme),
}

impl Scheme {
    /// Reads what config.json, or a file `beside` it, says of quantized layers; `None` when it says nothing.
    pub fn new(
        fields: &Fields,
        beside: &dyn Fn(&str) -> Result<Option<Value>>,
    ) -> Result<Option<Self>> {
        let Some((config, method)) = described(fields, beside)? else {
            return Ok(None);
        };
        match config["quant_method"].as_str().or(method) {
            Some("compressed-tensors") => {
                Ok(compressed_tensors::Scheme::new(&config)?.map(Self::CompressedTensors))
            }
            Some("gptq") => auto_gptq::Scheme::new(&config).map(|scheme| Some(Self::Gptq(scheme))),
            Some("awq") => auto_awq::Scheme::new(&config).map(|scheme| Some(Self::Awq(scheme))),
            Some("bitnet") => bitnet::Scheme::new(&config).map(|scheme| Some(Self::Bitnet(scheme))),
            Some(other) => Err(refused(format!("by {other}"))),
            None if config["bits"].is_u64() => Err(refused("for MLX".into())),
            None => Err(refused(
                "by a method that its config.json does not name".into(),
            )),
        }
    }

    /// What a reader of the model's numbers should know.
    pub fn note(&self) -> Option<&'static str> {
        matches!(self, Self::Bitnet(_)).then_some(bitnet::NOTE)
    }

    /// The tensors of a layer of this name, behind its name and a dot; the first is there for every layer that is quantized.
    fn parts(&self, name: &str) -> Option<&'static [&'static str]> {
        match self {
            Self::CompressedTensors(_) => Some(compressed_tensors::PARTS),
            Self::Gptq(_) | Self::Awq(_) => Some(&["qweight", "qzeros", "scales", "g_idx"]),
            Self::Bitnet(scheme) => scheme.parts(name),
        }
    }
}

/// What is said of quantized layers, and the method that whoever says it has.
fn described(
    fields: &Fields,
    beside: &dyn Fn(&str) -> Result<Option<Value>>,
) -> Result<Option<(Value, Option<&'static str>)>> {
    let field = |name| {
        Some(fields.value(name))
            .filter(|value| !is_nothing(value))
            .cloned()
    };
    if let Some(config) = field("quantization_config") {
        return Ok(Some((config, None)));
    }
    if let Some(config) = field("compression_config") {
        return Ok(Some((config, Some(compressed_tensors::NAME))));
    }
    for (file, method) in BESIDE {
        if let Some(config) = beside(file)? {
            return Ok(Some((config, Some(method))));
        }
    }
    Ok(field("quantization").map(|config| (config, None)))
}

/// The error for what is not read; `how` goes on from "this model is quantized".
fn refused(how: String) -> Error {
    Error::Quantized { how }
}

/// Whether a setting says nothing: null, or an object without fields.
fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty)
}

/// A setting that must be a number of bits out of these.
fn bits_of(value: &Value, tool: &str, known: &[u8]) -> Result<u8> {
    let bits = value.as_u64().and_then(|bits| u8::try_from(bits).ok());
    bits.filter(|bits| known.contains(bits))
        .ok_or_else(|| refused(format!("by {tool} to {value} bits")))
}

/// A size of groups: -1 and null stand for whole rows, which is `None`.
fn group_size_of(value: &Value, tool: &str) -> Result<Option<usize>> {
    match value.as_i64() {
        Some(-1) => Ok(None),
        Some(size) if size > 0 => Ok(usize::try_from(size).ok()),
        None if value.is_null() => Ok(None),
        _ => Err(refused(format!("by {tool} in groups of {value}"))),
    }
}

const PRUNED: &[&str] = &["bitmask", "compressed", "row_offsets"];

/// Whether there is a weight of this name that [`weight`] reads.
pub(super) fn has(shards: &Shards, scheme: Option<&Scheme>, name: &str) -> bool {
    parts(shards, scheme, name).is_some()
}

/// Bytes that the file takes for a weight that [`weight`] would read; `None` when it has none of this name.
pub(super) fn bytes(shards: &Shards, scheme: Option<&Scheme>, name: &str) -> Option<u64> {
    let sizes = parts(shards, scheme, name)?.iter();
    Some(
        sizes
            .filter_map(|part| shards.size(&format!("{name}.{part}")))
            .sum(),
    )
}

fn parts(shards: &Shards, scheme: Option<&Scheme>, name: &str) -> Option<&'static [&'static str]> {
    let own = scheme.and_then(|scheme| scheme.parts(name));
    let mut forms = own.into_iter().chain([PRUNED]);
    forms.find(|parts| shards.has(&format!("{name}.{}", parts[0])))
}

/// A weight that is not written out; `None` when the file has none of this name.
pub(super) fn weight(
    shards: &Shards,
    scheme: Option<&Scheme>,
    name: &str,
    shape: [usize; 2],
) -> Result<Option<Weight>> {
    let Some(parts) = parts(shards, scheme, name) else {
        return Ok(None);
    };
    let weight = match scheme {
        Some(scheme) if parts[0] != PRUNED[0] => match scheme {
            Scheme::CompressedTensors(scheme) => scheme.weight(shards, name, shape)?,
            Scheme::Gptq(scheme) => scheme.weight(shards, name, shape)?,
            Scheme::Awq(scheme) => scheme.weight(shards, name, shape)?,
            Scheme::Bitnet(scheme) => scheme.weight(shards, name, shape)?,
        },
        _ => pruned(shards, name, shape)?,
    };
    let misfit = || Error::BadFile {
        file: "model.safetensors".into(),
        problem: format!(
            "{name}.{} does not fit the other parts of its layer",
            parts[0]
        ),
    };
    weight.map(Some).ok_or_else(misfit)
}

/// Bitmask and values, as [`crate::save`] writes them.
fn pruned(shards: &Shards, name: &str, shape: [usize; 2]) -> Result<Option<Weight>> {
    let [mask, values, starts] = [0, 1, 2].map(|i| format!("{name}.{}", PRUNED[i]));
    let mask = shards.bytes(&mask, Dtype::U8)?;
    let count = mask.iter().map(|byte| byte.count_ones() as usize).sum();
    let values = shards.tensor(&values, &[count])?;
    let starts = shards
        .has(&starts)
        .then(|| shards.bytes(&starts, Dtype::U32));
    let starts = starts.transpose()?.map(|bytes| {
        let words = bytes.as_chunks().0.iter();
        words.map(|word| u32::from_le_bytes(*word)).collect()
    });
    Ok(Sparse::from_parts(shape, mask, values, starts).map(Weight::Sparse))
}

/// A matrix of words `[rows, cols]`, four bytes each, the other way round.
fn turned(words: &[u8], cols: usize) -> Vec<u8> {
    let rows = words.len() / 4 / cols.max(1);
    let word = |i: usize| &words[(i % rows * cols + i / rows) * 4..][..4];
    (0..rows * cols).flat_map(word).copied().collect()
}

/// Puts a weight together: `codes` a row after the other, `scales` `[rows, groups]`, `zero_points` for each group those
/// of all rows, `groups` the group of each column where the columns of a group do not lie together. What our packed
/// form does not hold, groups of unequal sizes, is written out in f32 with the same values.
fn assembled(
    layout: Layout,
    codes: Vec<u8>,
    scales: Floats,
    zero_points: Option<Vec<u8>>,
    groups: Option<&[u32]>,
) -> Option<Weight> {
    let Layout {
        shape: [rows, cols],
        group_size,
        bits,
        ..
    } = layout;
    let groups = groups.filter(|groups| {
        let mut places = groups.iter().enumerate();
        !places.all(|(col, group)| *group as usize == col / group_size)
    });
    let Some(groups) = groups else {
        return Quantized::from_parts(layout, codes, scales, zero_points).map(Weight::Quantized);
    };
    let quantized = Quantized::from_parts(layout, codes, scales, zero_points)?;
    if groups.len() != cols
        || groups
            .iter()
            .any(|group| *group as usize >= layout.groups())
    {
        return None;
    }
    let mut order: Vec<u32> = (0..u32::try_from(cols).ok()?).collect();
    order.sort_by_key(|col| groups[*col as usize]);
    let mut places = order.iter().enumerate();
    let is_even = places.all(|(place, col)| groups[*col as usize] as usize == place / group_size);
    if !is_even {
        let value = |i: usize| {
            let (row, col) = (i / cols, i % cols);
            let grid = quantized.grid(row, groups[col] as usize)?;
            Some(grid.value(quantized.code(row, col)))
        };
        let values = (0..rows.checked_mul(cols)?)
            .map(value)
            .collect::<Option<_>>()?;
        return Dense::new(rows, cols, Floats::F32(values)).map(Weight::Dense);
    }
    let mut codes = Vec::with_capacity(quantized.packed_codes().len());
    for row in 0..rows {
        let in_order = order.iter().map(|col| quantized.code(row, *col as usize));
        bits::pack(in_order, bits, &mut codes);
    }
    let (scales, offset) = (quantized.scales().clone(), quantized.offset().clone());
    let ordered = Quantized::from_parts(layout, codes, scales, offset)?;
    Some(Weight::Quantized(ordered.with_column_order(Some(order))))
}

/// Groups of columns from a tensor of words; `None` where no column has one.
fn groups_of_columns(shards: &Shards, name: &str, cols: usize) -> Result<Option<Vec<u32>>> {
    if !shards.has(name) {
        return Ok(None);
    }
    let words = shards.words(name, &[cols])?;
    let groups: Vec<i32> = words
        .as_chunks()
        .0
        .iter()
        .map(|word| i32::from_le_bytes(*word))
        .collect();
    if groups.iter().all(|group| *group == -1) {
        return Ok(None);
    }
    // A negative group is beyond all others, and so refused with them.
    Ok(Some(
        groups
            .into_iter()
            .map(|group| u32::try_from(group).unwrap_or(u32::MAX))
            .collect(),
    ))
}

/// Zero points of each group's rows, packed, and whether they are all in the middle and need not be stored.
fn packed_zero_points(
    bits: u8,
    [rows, groups]: [usize; 2],
    zero_point: impl Fn(usize, usize) -> u8,
) -> Option<Vec<u8>> {
    let middle = 1 << (bits - 1);
    let mut packed = Vec::with_capacity(groups * bits::packed_bytes(rows, bits));
    let mut is_symmetric = true;
    for group in 0..groups {
        let of_rows = (0..rows).map(|row| zero_point(row, group));
        bits::pack(
            of_rows.inspect(|point| is_symmetric &= *point == middle),
            bits,
            &mut packed,
        );
    }
    (!is_symmetric).then_some(packed)
}

/// Some rows of a weight, in this order.
pub(super) fn rows(weight: &Weight, rows: &[usize]) -> Option<Weight> {
    let quantized = match weight {
        Weight::Quantized(quantized) => quantized,
        Weight::Dense(dense) => {
            let [_, cols] = weight.shape();
            let places = rows.iter().flat_map(|row| row * cols..(row + 1) * cols);
            return Dense::new(rows.len(), cols, dense.values().pick(places)).map(Weight::Dense);
        }
        Weight::Sparse(_) => return None,
    };
    let layout = quantized.layout();
    let [all, cols] = layout.shape;
    let (groups, bits) = (layout.groups(), layout.bits);
    let stride = bits::packed_bytes(cols, bits);
    let codes = rows
        .iter()
        .flat_map(|row| &quantized.packed_codes()[row * stride..][..stride]);
    let PerGroup::Plain(scales) = quantized.scales() else {
        return None;
    };
    let scales = scales.pick(rows.iter().flat_map(|row| row * groups..(row + 1) * groups));
    let zero_points = match quantized.offset() {
        Offset::Middle => None,
        Offset::Minima(_) => return None,
        Offset::ZeroPoints(stored) => {
            let stride = bits::packed_bytes(all, bits);
            let mut of_groups = Vec::with_capacity(groups * bits::packed_bytes(rows.len(), bits));
            for group in stored.chunks_exact(stride.max(1)) {
                let of_rows = rows.iter().map(|row| bits::get(group, bits, *row));
                bits::pack(of_rows, bits, &mut of_groups);
            }
            Some(of_groups)
        }
    };
    let layout = Layout {
        shape: [rows.len(), cols],
        ..layout
    };
    let picked = Quantized::from_parts(layout, codes.copied().collect(), scales, zero_points)?;
    let order = quantized.column_order().map(<[u32]>::to_vec);
    Some(Weight::Quantized(picked.with_column_order(order)))
}

/// Refuses a matrix that is not written out under its name while other tensors of its layer are there.
pub(super) fn check_explained(shards: &Shards, name: &str) -> Result<()> {
    let layer = name.strip_suffix("weight").unwrap_or(name);
    let mut others = shards.beginning_with(layer);
    match others.find(|other| other.strip_prefix(layer) != Some("bias")) {
        Some(other) if !shards.has(name) => Err(refused(format!(
            "in a way that config.json does not explain (it has {other} and no {name})"
        ))),
        _ => Ok(()),
    }
}

/// Names of tensors that say how a weight is quantized: one that nothing reads is no detail.
const TELLING: &[&str] = &[
    "qweight",
    "qzeros",
    "scales",
    "g_idx",
    "weight_packed",
    "weight_scale",
    "weight_zero_point",
    "weight_g_idx",
    "weight_scale_inv",
    "weight_global_scale",
    "input_scale",
    "input_zero_point",
    "input_global_scale",
    "k_scale",
    "v_scale",
    "output_scale",
    "absmax",
    "quant_map",
    "quant_state",
    "SCB",
    "bitmask",
];

/// The error for a tensor that nothing has read, where it says how a weight is quantized.
pub(super) fn check_unused(name: &str) -> Result<()> {
    let last = name.rsplit('.').next().unwrap_or(name);
    if TELLING.contains(&last) {
        return Err(refused(format!(
            "with the tensor {name} that config.json does not explain"
        )));
    }
    Ok(())
}

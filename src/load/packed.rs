//! Linear layers in the packed forms that [`crate::save`] writes: `pack-quantized` of compressed-tensors, and
//! bitmask and values.

use super::safetensors::Shards;
use crate::error::{Error, Result};
use crate::model::Fields;
use crate::weight::{Layout, Quantized, Sparse, Storage, Weight};
use safetensors::tensor::Dtype;
use serde_json::Value;

/// What config.json says of quantized layers: the settings of some by name, and of all others.
pub(super) struct Scheme(Vec<(Vec<String>, Setting)>);

#[derive(Clone, Copy)]
struct Setting {
    bits: u8,
    group_size: Option<usize>,
    symmetric: bool,
}

impl Scheme {
    /// Reads `quantization_config`; `None` when no layer is quantized.
    pub fn new(fields: &Fields) -> Result<Option<Self>> {
        let config = fields.value("quantization_config");
        let groups = config["config_groups"].as_object();
        let Some(groups) = groups.filter(|_| config["format"] == "pack-quantized") else {
            return Ok(None);
        };
        let groups = groups.values().map(|group| {
            let targets = group["targets"].as_array().into_iter().flatten();
            let targets = targets.filter_map(|target| target.as_str().map(str::to_owned));
            Ok((targets.collect(), Setting::new(&group["weights"])?))
        });
        Ok(Some(Self(groups.collect::<Result<_>>()?)))
    }

    fn of(&self, name: &str) -> Option<Setting> {
        let find = |wanted: &str| {
            let mut groups = self.0.iter();
            groups.find(|(targets, _)| targets.iter().any(|target| target == wanted))
        };
        find(name).or(find("Linear")).map(|(_, setting)| *setting)
    }
}

impl Setting {
    fn new(weights: &Value) -> Result<Self> {
        let bits = weights["num_bits"]
            .as_u64()
            .filter(|bits| (2..=8).contains(bits));
        let bits = bits
            .and_then(|bits| u8::try_from(bits).ok())
            .ok_or_else(|| Error::Config {
                field: "quantization_config",
                problem: format!("has num_bits {}; 2 to 8 are needed", weights["num_bits"]),
            })?;
        let group_size = weights["group_size"]
            .as_u64()
            .and_then(|size| usize::try_from(size).ok());
        Ok(Self {
            bits,
            group_size: group_size.filter(|size| *size > 0),
            symmetric: weights["symmetric"] != Value::Bool(false),
        })
    }
}

/// Bytes that the file takes for a weight that [`weight`] would read; `None` when it has none of this name.
pub(super) fn bytes(archive: &Shards, scheme: Option<&Scheme>, name: &str) -> Option<usize> {
    let quantized = ["weight_packed", "weight_scale", "weight_zero_point"];
    let pruned = ["bitmask", "compressed", "row_offsets"];
    let forms = [scheme.map(|_| quantized), Some(pruned)];
    let mut forms = forms.into_iter().flatten();
    let parts = forms.find(|parts| archive.has(&format!("{name}.{}", parts[0])))?;
    let sizes = parts
        .iter()
        .filter_map(|part| archive.size(&format!("{name}.{part}")));
    Some(sizes.sum())
}

/// A weight that is not written out; `None` when the file has none of this name.
pub(super) fn weight(
    archive: &Shards,
    scheme: Option<&Scheme>,
    name: &str,
    shape: [usize; 2],
) -> Result<Option<Weight>> {
    let misfit = |part: &str| Error::BadFile {
        file: "model.safetensors".into(),
        problem: format!("{name}.{part} does not fit the other parts of its layer"),
    };
    if let Some(scheme) = scheme.and_then(|scheme| scheme.of(name))
        && archive.has(&format!("{name}.weight_packed"))
    {
        let layout = |scales| Layout {
            shape,
            bits: scheme.bits,
            group_size: scheme.group_size.unwrap_or(shape[1]).max(1),
            symmetric: scheme.symmetric,
            scales,
        };
        let groups = layout(Storage::F16).groups();
        let scales = archive.tensor(&format!("{name}.weight_scale"), &[shape[0], groups])?;
        let codes = archive.bytes(&format!("{name}.weight_packed"), Dtype::I32)?;
        let zero_points = (!scheme.symmetric)
            .then(|| archive.bytes(&format!("{name}.weight_zero_point"), Dtype::I32));
        let zero_points = zero_points
            .transpose()?
            .map(|words| by_group(&words, groups));
        let quantized = Quantized::from_parts(layout(scales.storage()), codes, scales, zero_points);
        return quantized
            .map(|quantized| Some(Weight::Quantized(quantized)))
            .ok_or_else(|| misfit("weight_packed"));
    }
    if archive.has(&format!("{name}.bitmask")) {
        let mask = archive.bytes(&format!("{name}.bitmask"), Dtype::U8)?;
        let count = mask.iter().map(|byte| byte.count_ones() as usize).sum();
        let values = archive.tensor(&format!("{name}.compressed"), &[count])?;
        let starts = format!("{name}.row_offsets");
        let starts = archive
            .has(&starts)
            .then(|| archive.bytes(&starts, Dtype::U32))
            .transpose()?;
        let starts = starts.map(|bytes| {
            bytes
                .as_chunks()
                .0
                .iter()
                .map(|word| u32::from_le_bytes(*word))
                .collect()
        });
        let sparse = Sparse::from_parts(shape, mask, values, starts);
        return sparse
            .map(|sparse| Some(Weight::Sparse(sparse)))
            .ok_or_else(|| misfit("bitmask"));
    }
    Ok(None)
}

/// Words of all groups in turn, as the words of each group together.
fn by_group(words: &[u8], groups: usize) -> Vec<u8> {
    let height = words.len() / 4 / groups.max(1);
    let word = |i: usize| &words[(i % height * groups + i / height) * 4..][..4];
    (0..height * groups).flat_map(word).copied().collect()
}

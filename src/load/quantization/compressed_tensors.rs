//! Folders of compressed-tensors in the form `pack-quantized`, which [`crate::save`] also writes.

use super::{
    assembled, bits_of, group_size_of, groups_of_columns, is_nothing, packed_zero_points, refused,
    turned,
};
use crate::error::Result;
use crate::load::safetensors::Shards;
use crate::weight::{Layout, Weight, bits};
use safetensors::tensor::Dtype;
use serde_json::Value;

pub const NAME: &str = "compressed-tensors";

/// The tensors of a quantized layer.
pub const PARTS: &[&str] = &[
    "weight_packed",
    "weight_scale",
    "weight_zero_point",
    "weight_g_idx",
];

/// The settings that layers are quantized by, with the names of layers that each is for. A layer that no setting names
/// has the one that the shapes of its tensors show.
pub struct Scheme(Vec<(Vec<String>, Setting)>);

#[derive(Clone, Copy, PartialEq)]
struct Setting {
    bits: u8,
    /// `None`: a row is one group.
    group_size: Option<usize>,
    is_symmetric: bool,
}

impl Scheme {
    /// `None` where no layer is quantized.
    pub fn new(config: &Value) -> Result<Option<Self>> {
        for (field, what) in [
            (
                "kv_cache_scheme",
                "together with the cache of keys and values (kv_cache_scheme)",
            ),
            ("transform_config", "with rotations (transform_config)"),
        ] {
            if !is_nothing(&config[field]) {
                return Err(refused(format!("by {NAME} {what}")));
            }
        }
        if let Some(form) = config["sparsity_config"]["format"]
            .as_str()
            .filter(|form| *form != "dense")
        {
            return Err(refused(format!(
                "by {NAME} with the sparsity format {form}"
            )));
        }
        let status = config["quantization_status"]
            .as_str()
            .unwrap_or("compressed");
        if status != "compressed" {
            return Err(refused(format!(
                "by {NAME} in the state {status} (quantization_status)"
            )));
        }
        let form = config["format"].as_str().unwrap_or("dense");
        let groups = config["config_groups"].as_object();
        let groups: Vec<&Value> = groups
            .into_iter()
            .flat_map(serde_json::Map::values)
            .collect();
        if groups.is_empty() {
            return match form {
                "dense" | "sparse-bitmask" => Ok(None),
                _ => Err(refused(format!("by {NAME} in the form {form}"))),
            };
        }
        let mut settings = Vec::new();
        for group in groups {
            let setting = Setting::new(group, form)?;
            let targets = group["targets"].as_array().into_iter().flatten();
            let targets = targets.filter_map(|target| target.as_str().map(str::to_owned));
            settings.extend(setting.map(|setting| (targets.collect(), setting)));
        }
        Ok(Some(Self(settings)))
    }

    /// `weight_packed` `[rows, cols * bits / 32]` holds codes densely in words, low bits first, `weight_zero_point`
    /// `[rows * bits / 32, groups]` does along its first axis (files of old have `[rows, groups]` in signed bytes);
    /// `weight_scale` is `[rows, groups]`, `weight_g_idx` `[cols]` is each column's group
    /// where columns are not grouped in their own order.
    pub fn weight(&self, shards: &Shards, name: &str, shape: [usize; 2]) -> Result<Option<Weight>> {
        let [packed, scale, zero_point, columns] =
            [0, 1, 2, 3].map(|i| format!("{name}.{}", PARTS[i]));
        let is_its = |targets: &[String]| targets.iter().any(|target| target == name);
        let is_named = self.0.iter().any(|(targets, _)| is_its(targets));
        let settings = self.0.iter().filter(|(targets, _)| {
            if is_named {
                is_its(targets)
            } else {
                targets.is_empty() || targets.iter().any(|target| is_class(target))
            }
        });
        let mut fitting: Vec<Setting> = Vec::new();
        for (_, setting) in settings {
            let expected =
                [setting.words(shape), setting.groups(shape)].map(|width| [shape[0], width]);
            let found = [&packed, &scale].map(|part| shards.shape(part));
            let fits = found == expected.each_ref().map(|shape| Some(&shape[..]));
            // A group as wide as the row, or wider, is the row.
            let group_size = setting.group_size.filter(|size| *size < shape[1]);
            let setting = Setting {
                group_size,
                ..*setting
            };
            if fits && !fitting.contains(&setting) {
                fitting.push(setting);
            }
        }
        if fitting.len() > 1 {
            fitting.retain(|setting| setting.is_symmetric != shards.has(&zero_point));
        }
        let setting = match fitting[..] {
            [] => return Ok(None),
            [setting] => setting,
            _ => {
                return Err(refused(format!(
                    "by {NAME} with settings of which several could be those of {name}"
                )));
            }
        };
        let (bits, groups, [rows, cols]) = (setting.bits, setting.groups(shape), shape);
        let codes = shards.words(&packed, &[rows, setting.words(shape)])?;
        let scales = shards.tensor(&scale, &[rows, groups])?;
        let zero_points = if setting.is_symmetric && !shards.has(&zero_point) {
            None
        } else if shards.dtype(&zero_point) == Some(Dtype::I8) {
            match signed(&shards.bytes(&zero_point, Dtype::I8)?, bits, [rows, groups]) {
                Some(points) => packed_zero_points(bits, [rows, groups], |row, group| {
                    points[row * groups + group]
                }),
                None => return Ok(None),
            }
        } else {
            let height = bits::packed_bytes(rows, bits) / 4;
            Some(turned(
                &shards.words(&zero_point, &[height, groups])?,
                groups,
            ))
        };
        let columns = groups_of_columns(shards, &columns, cols)?;
        let layout = Layout {
            shape,
            bits,
            group_size: setting.group_size.unwrap_or(cols).max(1),
            symmetric: zero_points.is_none(),
            scales: scales.storage(),
        };
        Ok(assembled(
            layout,
            codes,
            scales,
            zero_points,
            columns.as_deref(),
        ))
    }
}

/// Whether a target is a class of layers or a pattern, and not the name of one.
fn is_class(target: &str) -> bool {
    target.starts_with("re:") || target.starts_with(|first: char| first.is_ascii_uppercase())
}

/// Zero points in signed bytes, where 0 is the middle, as codes.
fn signed(bytes: &[u8], bits: u8, [rows, groups]: [usize; 2]) -> Option<Vec<u8>> {
    let middle = 1i16 << (bits - 1);
    let code = |byte: &u8| {
        let code = i16::from(byte.cast_signed()) + middle;
        u8::try_from(code)
            .ok()
            .filter(|code| *code <= crate::weight::max_code(bits))
    };
    (bytes.len() == rows * groups).then(|| bytes.iter().map(code).collect())?
}

impl Setting {
    /// Reads an entry of `config_groups`; `None` where it leaves weights as they are.
    fn new(group: &Value, form: &str) -> Result<Option<Self>> {
        for field in ["input_activations", "output_activations"] {
            if !is_nothing(&group[field]) {
                return Err(refused(format!(
                    "by {NAME} together with its activations ({field})"
                )));
            }
        }
        let weights = &group["weights"];
        if is_nothing(weights) {
            return Ok(None);
        }
        let form = group["format"].as_str().unwrap_or(form);
        if form != "pack-quantized" {
            return Err(refused(format!("by {NAME} in the form {form}")));
        }
        let other = |field: &str| refused(format!("by {NAME} with {field} {}", weights[field]));
        if weights["type"].as_str().unwrap_or("int") != "int" {
            return Err(other("type"));
        }
        if !matches!(weights["dynamic"], Value::Null | Value::Bool(false)) {
            return Err(other("dynamic"));
        }
        let group_size = group_size_of(&weights["group_size"], NAME)?;
        match (weights["strategy"].as_str(), group_size) {
            (Some("group"), Some(_)) | (Some("channel"), None) => {}
            (None, _) if !weights["group_size"].is_null() => {}
            _ => return Err(other("strategy")),
        }
        // Where columns are grouped in another order, a tensor says so.
        match &weights["actorder"] {
            Value::Null | Value::Bool(_) => {}
            Value::String(order)
                if matches!(&order[..], "group" | "weight" | "static" | "dynamic") => {}
            _ => return Err(other("actorder")),
        }
        Ok(Some(Self {
            bits: bits_of(&weights["num_bits"], NAME, &[2, 3, 4, 5, 6, 7, 8])?,
            group_size,
            is_symmetric: weights["symmetric"] != false,
        }))
    }

    fn groups(&self, [_, cols]: [usize; 2]) -> usize {
        cols.div_ceil(self.group_size.unwrap_or(cols).max(1))
    }

    /// Words of a row of codes.
    fn words(&self, [_, cols]: [usize; 2]) -> usize {
        bits::packed_bytes(cols, self.bits) / 4
    }
}

//! Folders of `AutoGPTQ` and its successor `GPTQModel` (layout: `QuantLinear.pack` of their code).

use super::{
    assembled, bits_of, group_size_of, groups_of_columns, is_nothing, packed_zero_points, refused,
    turned,
};
use crate::error::Result;
use crate::load::safetensors::Shards;
use crate::weight::{Layout, Weight, bits};
use serde_json::Value;

const TOOL: &str = "GPTQ";

/// What the configuration says.
pub struct Scheme {
    bits: u8,
    /// `None`: a row is one group.
    group_size: Option<usize>,
    /// What zero points are stored less: 1 in the first form of these files, 0 in `gptq_v2`.
    less: u8,
    is_ordered: bool,
}

impl Scheme {
    pub fn new(config: &Value) -> Result<Self> {
        let form = ["checkpoint_format", "format"].map(|name| &config[name]);
        let form = form.into_iter().find_map(Value::as_str).unwrap_or("gptq");
        let less = match form {
            "gptq" => 1,
            "gptq_v2" => 0,
            other => return Err(refused(format!("by {TOOL} in the form {other}"))),
        };
        if config["is_marlin_format"] == true {
            return Err(refused(format!("by {TOOL} in the form marlin")));
        }
        if let Some(word) = config["pack_dtype"]
            .as_str()
            .filter(|word| *word != "int32")
        {
            return Err(refused(format!("by {TOOL} in words of {word}")));
        }
        for name in ["rotation", "adapter"] {
            if !is_nothing(&config[name]) {
                return Err(refused(format!("by {TOOL} with {name}")));
            }
        }
        // Layers that are left as they are have a weight written out; others would have settings of their own.
        let mut exceptions = config["dynamic"].as_object().into_iter().flatten();
        if let Some((layers, _)) = exceptions.find(|(layers, _)| !layers.starts_with("-:")) {
            return Err(refused(format!(
                "by {TOOL} with other settings for {layers} (dynamic)"
            )));
        }
        Ok(Self {
            bits: bits_of(&config["bits"], TOOL, &[2, 3, 4, 8])?,
            group_size: group_size_of(&config["group_size"], TOOL)?,
            less,
            is_ordered: config["desc_act"] == true,
        })
    }

    /// `qweight` `[in * bits / 32, out]` and `qzeros` `[groups, out * bits / 32]` hold codes densely in words, low bits
    /// first, along their first and second axis; `scales` are `[groups, out]`, `g_idx` `[in]` is each column's group.
    pub fn weight(
        &self,
        shards: &Shards,
        name: &str,
        [rows, cols]: [usize; 2],
    ) -> Result<Option<Weight>> {
        let part = |part: &str| format!("{name}.{part}");
        let bits = self.bits;
        let words = |count: usize| bits::packed_bytes(count, bits) / 4;
        let group_size = self.group_size.unwrap_or(cols).max(1);
        let groups = cols.div_ceil(group_size);
        let codes = shards.words(&part("qweight"), &[words(cols), rows])?;
        let points = shards.words(&part("qzeros"), &[groups, words(rows)])?;
        let scales = shards.tensor(&part("scales"), &[groups, rows])?;
        let columns = groups_of_columns(shards, &part("g_idx"), cols)?;
        if self.is_ordered && columns.is_none() {
            return Err(refused(format!(
                "by {TOOL} in the order of activations (desc_act) without {}",
                part("g_idx")
            )));
        }
        let stride = words(rows) * 4;
        let zero_points = packed_zero_points(bits, [rows, groups], |row, group| {
            let stored = bits::get(&points[group * stride..][..stride], bits, row);
            // A zero point of 0 less 1 is stored as the largest code.
            stored.wrapping_add(self.less) & (0xff >> (8 - bits))
        });
        let layout = Layout {
            shape: [rows, cols],
            bits,
            group_size,
            symmetric: zero_points.is_none(),
            scales: scales.storage(),
        };
        let scales = scales.pick((0..rows * groups).map(|i| i % groups * rows + i / groups));
        Ok(assembled(
            layout,
            turned(&codes, rows),
            scales,
            zero_points,
            columns.as_deref(),
        ))
    }
}

//! Folders of `AutoAWQ` in its form for matrix products (layout: `WQLinear_GEMM` of its code).

use super::{assembled, bits_of, group_size_of, packed_zero_points, refused};
use crate::error::Result;
use crate::load::safetensors::Shards;
use crate::weight::{Layout, Weight, bits};
use serde_json::Value;

const TOOL: &str = "AWQ";
const BITS: u8 = 4;
/// Which eighth of a word holds each of eight neighbouring rows.
const EIGHTHS: [usize; 8] = [0, 4, 1, 5, 2, 6, 3, 7];

/// What the configuration says.
pub struct Scheme {
    /// `None`: a row is one group.
    group_size: Option<usize>,
}

impl Scheme {
    pub fn new(config: &Value) -> Result<Self> {
        // Its own file has other names for the same.
        let either = |names: [&str; 2]| {
            names
                .into_iter()
                .map(|name| &config[name])
                .find(|value| !value.is_null())
        };
        let form = either(["version", "format"])
            .and_then(Value::as_str)
            .unwrap_or("gemm");
        if !form.eq_ignore_ascii_case("gemm") {
            return Err(refused(format!("by {TOOL} in the form {form}")));
        }
        if config["zero_point"] == false {
            return Err(refused(format!("by {TOOL} without zero points")));
        }
        bits_of(
            either(["bits", "w_bit"]).unwrap_or(&Value::Null),
            TOOL,
            &[BITS],
        )?;
        let group_size = either(["group_size", "q_group_size"]).unwrap_or(&Value::Null);
        Ok(Self {
            group_size: group_size_of(group_size, TOOL)?,
        })
    }

    /// `qweight` `[in, out / 8]` and `qzeros` `[groups, out / 8]` hold eight rows in a word; `scales` are `[groups, out]`.
    pub fn weight(
        &self,
        shards: &Shards,
        name: &str,
        [rows, cols]: [usize; 2],
    ) -> Result<Option<Weight>> {
        let part = |part: &str| format!("{name}.{part}");
        let group_size = self.group_size.unwrap_or(cols).max(1);
        let (groups, words) = (cols.div_ceil(group_size), rows / 8);
        let codes = shards.words(&part("qweight"), &[cols, words])?;
        let points = shards.words(&part("qzeros"), &[groups, words])?;
        let scales = shards.tensor(&part("scales"), &[groups, rows])?;
        if !rows.is_multiple_of(8) {
            return Ok(None);
        }
        let eighth = |packed: &[u8], line: usize, row: usize| {
            let place = EIGHTHS[row % 8];
            packed[(line * words + row / 8) * 4 + place / 2] >> (place % 2 * 4) & 0xf
        };
        let mut packed = Vec::with_capacity(rows * bits::packed_bytes(cols, BITS));
        for row in 0..rows {
            bits::pack(
                (0..cols).map(|col| eighth(&codes, col, row)),
                BITS,
                &mut packed,
            );
        }
        let zero_points = packed_zero_points(BITS, [rows, groups], |row, group| {
            eighth(&points, group, row)
        });
        let layout = Layout {
            shape: [rows, cols],
            bits: BITS,
            group_size,
            symmetric: zero_points.is_none(),
            scales: scales.storage(),
        };
        let scales = scales.pick((0..rows * groups).map(|i| i % groups * rows + i / groups));
        Ok(assembled(layout, packed, scales, zero_points, None))
    }
}

//! Folders of `BitNet` as transformers has them (`integrations/bitnet.py`): weights of -1, 0 and 1 times one scale per matrix, packed,
//! or as the full weights that they are made of whenever the model is loaded (Ma et al. 2024, equations 1 to 3).

use super::{assembled, refused};
use crate::error::Result;
use crate::load::safetensors::Shards;
use crate::weight::{Floats, Layout, Storage, Weight, bits};
use safetensors::tensor::Dtype;
use serde_json::Value;

const TOOL: &str = "BitNet";
/// Three values, -1 to 1, around the middle of the four that two bits hold.
const BITS: u8 = 2;
const MIDDLE: u8 = 2;
/// No average of weights is smaller.
const LEAST: f32 = 1e-5;

/// Said of every model: what transformers does to its inputs is left out.
pub const NOTE: &str = "This is a BitNet model: transformers rounds what its linear layers read to 8 bits, as it was trained; here it is \
                        not rounded, so that only compression changes what it answers.";

/// What files hold.
#[derive(Clone, Copy, PartialEq)]
pub enum Scheme {
    /// Packed weights, which are multiplied by `weight_scale`.
    Multiplied,
    /// Packed weights, which are divided by it.
    Divided,
    /// Full weights.
    Online,
}

impl Scheme {
    pub fn new(config: &Value) -> Result<Self> {
        if config["use_rms_norm"] == true {
            return Err(refused(format!(
                "by {TOOL} with norms in linear layers (use_rms_norm)"
            )));
        }
        // Packed layers tell by their tensors which they are; full ones do not.
        let kept = &config["modules_to_not_convert"];
        let mut kept = kept.as_array().into_iter().flatten();
        let kept = kept.find(|module| *module != "lm_head");
        let word = |field: &str, usual| config[field].as_str().unwrap_or(usual);
        match (
            word("linear_class", "bitlinear"),
            word("quantization_mode", "offline"),
        ) {
            ("bitlinear", _) => Ok(Self::Divided),
            ("autobitlinear", "offline") => Ok(Self::Multiplied),
            ("autobitlinear", "online") if kept.is_some() => Err(refused(format!(
                "by {TOOL} as it is loaded, but for some layers (modules_to_not_convert)"
            ))),
            ("autobitlinear", "online") => Ok(Self::Online),
            (class, mode) => Err(refused(format!("by {TOOL} as {class}, {mode}"))),
        }
    }

    /// The tensors of a layer of this name; tables are none.
    pub fn parts(self, name: &str) -> Option<&'static [&'static str]> {
        match self {
            Self::Multiplied | Self::Divided => Some(&["weight_scale", "weight"]),
            Self::Online => name.contains(".layers.").then_some(&["weight"]),
        }
    }

    /// Packed, `weight` `[rows / 4, cols]` holds in each byte, from its lowest bits on, one value more than it is of as many rows,
    /// a quarter of all rows apart.
    pub fn weight(
        self,
        shards: &Shards,
        name: &str,
        [rows, cols]: [usize; 2],
    ) -> Result<Option<Weight>> {
        let weight = format!("{name}.weight");
        let mut codes = Vec::with_capacity(rows * bits::packed_bytes(cols, BITS));
        let scale = if self == Self::Online {
            let values = shards.tensor(&weight, &[rows, cols])?;
            let mut read = vec![0.0; rows * cols];
            values.read(0, &mut read);
            let sum: f64 = read.iter().map(|value| f64::from(value.abs())).sum();
            #[expect(clippy::cast_possible_truncation, reason = "weights are f32")]
            let mean = ((sum / read.len() as f64) as f32).max(LEAST);
            let factor = 1.0 / mean;
            let code = |value: &f32| {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "it is 1, 2 or 3"
                )]
                let code =
                    ((value * factor).round_ties_even().clamp(-1.0, 1.0) + f32::from(MIDDLE)) as u8;
                code
            };
            for row in read.chunks_exact(cols.max(1)) {
                bits::pack(row.iter().map(code), BITS, &mut codes);
            }
            1.0 / factor
        } else {
            let packed = shards.bytes(&weight, Dtype::U8)?;
            let quarter = rows.div_ceil(4);
            if packed.len() != quarter * cols {
                return Ok(None);
            }
            let stored = |row: usize, col: usize| {
                packed[row % quarter * cols + col] >> (row / quarter * 2) & 3
            };
            let mut largest = 0;
            for row in 0..rows {
                let row = (0..cols).map(|col| stored(row, col) + MIDDLE - 1);
                bits::pack(
                    row.inspect(|code| largest = largest.max(*code)),
                    BITS,
                    &mut codes,
                );
            }
            // A stored 3 stands for nothing.
            if largest > MIDDLE + 1 {
                return Ok(None);
            }
            let mut scale = [0.0];
            shards
                .tensor(&format!("{name}.weight_scale"), &[1])?
                .read(0, &mut scale);
            match self {
                Self::Divided => 1.0 / scale[0],
                _ => scale[0],
            }
        };
        let layout = Layout {
            shape: [rows, cols],
            bits: BITS,
            group_size: cols,
            symmetric: true,
            scales: Storage::F32,
        };
        let scales = Floats::F32(vec![scale; rows]);
        Ok(assembled(layout, codes, scales, None, None))
    }
}

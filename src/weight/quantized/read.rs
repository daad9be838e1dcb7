//! Rows of a quantized matrix as f32.

use super::super::bits;
use super::{Layout, Offset, Quantized};
use std::borrow::Cow;

/// Scales, minima and column factors that are read together.
const AT_ONCE: usize = 64;

impl Quantized {
    /// Writes a row in the order of its columns.
    pub(in super::super) fn read_row(&self, row: usize, out: &mut [f32]) {
        self.read_places(row, out);
        if let Some(order) = &self.column_order {
            let places = out.to_vec();
            for (value, &column) in places.iter().zip(order) {
                out[column as usize] = *value;
            }
        }
        self.multiply_columns(out);
    }

    /// Inputs `[n, cols]` as rows in the order in which they are stored meet them: each multiplied by the factor of its
    /// column, and put where that column is. The same ones where columns have neither order nor factors.
    #[must_use]
    pub fn placed<'x>(&self, inputs: &'x [f32]) -> Cow<'x, [f32]> {
        let cols = self.layout.shape[1].max(1);
        if self.column_factors.is_none() && self.column_order.is_none() {
            return Cow::Borrowed(inputs);
        }
        let mut placed = inputs.to_vec();
        for (inputs, placed) in inputs.chunks_exact(cols).zip(placed.chunks_exact_mut(cols)) {
            self.multiply_columns(placed);
            if let Some(order) = &self.column_order {
                let multiplied = if self.column_factors.is_some() {
                    Cow::Owned(placed.to_vec())
                } else {
                    Cow::Borrowed(inputs)
                };
                for (place, &column) in placed.iter_mut().zip(order) {
                    *place = multiplied[column as usize];
                }
            }
        }
        Cow::Owned(placed)
    }

    fn multiply_columns(&self, out: &mut [f32]) {
        let Some(stored) = &self.column_factors else {
            return;
        };
        let mut factors = [0.0; AT_ONCE];
        for (i, values) in out.chunks_mut(AT_ONCE).enumerate() {
            let factors = &mut factors[..values.len()];
            stored.read(i * AT_ONCE, factors);
            for (value, factor) in values.iter_mut().zip(factors) {
                *value *= *factor;
            }
        }
    }

    /// Writes the values of a row in the order in which they are stored, without the factors of their columns.
    fn read_places(&self, row: usize, out: &mut [f32]) {
        let Layout {
            shape: [rows, cols],
            bits,
            group_size,
            ..
        } = self.layout;
        let stride = bits::packed_bytes(cols, bits);
        bits::unpack(&self.codes[row * stride..][..stride], bits, out);
        let groups = self.layout.groups();
        let mut scales = [0.0; AT_ONCE];
        let chunks = out.chunks_mut(group_size.saturating_mul(AT_ONCE));
        for (first, values) in (0..).step_by(AT_ONCE).zip(chunks) {
            let scales = &mut scales[..values.len().div_ceil(group_size)];
            let start = row * groups + first;
            self.scales.read(start, scales);
            let values = values.chunks_mut(group_size).zip(&*scales);
            match &self.offset {
                Offset::Middle => {
                    let middle = f32::from(1u8 << (bits - 1));
                    values.for_each(|(values, scale)| from_zero_point(values, *scale, middle));
                }
                Offset::ZeroPoints(packed) => {
                    let stride = bits::packed_bytes(rows, bits);
                    let of_groups = packed.chunks_exact(stride).skip(first);
                    for ((values, scale), of_rows) in values.zip(of_groups) {
                        let zero_point = bits::get(of_rows, bits, row);
                        from_zero_point(values, *scale, zero_point.into());
                    }
                }
                Offset::Minima(stored) => {
                    let mut minima = [0.0; AT_ONCE];
                    let minima = &mut minima[..scales.len()];
                    stored.read(start, minima);
                    for ((values, scale), minimum) in values.zip(&*minima) {
                        for value in values {
                            *value = scale * *value + minimum;
                        }
                    }
                }
            }
        }
    }
}

/// Codes of a group to values.
fn from_zero_point(values: &mut [f32], scale: f32, zero_point: f32) {
    for value in values {
        *value = scale * (*value - zero_point);
    }
}

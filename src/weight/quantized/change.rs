//! Other matrices on the same grids, and the same matrix on others.

use super::super::dense::Storage;
use super::super::grid::{Grid, max_code};
use super::super::per_group::PerGroup;
use super::super::{Matrix, bits};
use super::{Layout, Offset, Quantized};

impl Quantized {
    /// Multiplies each row by a factor, `factors` `[rows]`; scales and minima become f32.
    #[must_use]
    pub fn scale_rows(mut self, factors: &[f32]) -> Self {
        let groups = self.layout.groups();
        self.layout.scales = Storage::F32;
        self.scales = self.scales.scale_rows(groups, factors);
        if let Offset::Minima(minima) = &mut self.offset {
            *minima = minima.scale_rows(groups, factors);
        }
        self
    }

    /// The nearest matrix on the grids of this one; `None` where groups have minima, as 0 may be no value of theirs.
    #[must_use]
    pub fn nearest_to(&self, matrix: &Matrix) -> Option<Self> {
        let Layout {
            shape: [rows, cols],
            bits,
            group_size,
            ..
        } = self.layout;
        let mut factors = vec![1.0; cols];
        if let Some(stored) = &self.column_factors {
            stored.read(0, &mut factors);
        }
        let mut codes = Vec::with_capacity(self.codes.len());
        for row in 0..rows {
            let grids = (0..self.layout.groups()).map(|group| self.grid(row, group));
            let grids: Vec<Grid> = grids.collect::<Option<_>>()?;
            let row = (0..cols).map(|place| {
                let column = self
                    .column_order
                    .as_ref()
                    .map_or(place, |order| order[place] as usize);
                grids[place / group_size].code(matrix.row(row)[column] / factors[column])
            });
            bits::pack(row, bits, &mut codes);
        }
        Some(Self {
            layout: self.layout,
            codes,
            scales: self.scales.clone(),
            offset: self.offset.clone(),
            column_factors: self.column_factors.clone(),
            column_order: self.column_order.clone(),
        })
    }

    /// The same values with zero points instead of minima; `None` where a minimum is not a whole number of scales below 0,
    /// or scales have two levels.
    #[must_use]
    pub fn with_zero_points(&self) -> Option<Self> {
        let Offset::Minima(minima) = &self.offset else {
            return Some(self.clone());
        };
        let PerGroup::Plain(_) = &self.scales else {
            return None;
        };
        let Layout {
            shape: [rows, _],
            bits,
            ..
        } = self.layout;
        let groups = self.layout.groups();
        let zero_point = |place: usize| {
            let (scale, minimum) = (self.scales.get(place), minima.get(place));
            if minimum == 0.0 {
                return Some(0);
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "clamped to a byte; NaN becomes 0"
            )]
            let zero_point = (-minimum / scale).round_ties_even().clamp(0.0, 255.0) as u8;
            let exact = zero_point <= max_code(bits) && -scale * f32::from(zero_point) == minimum;
            exact.then_some(zero_point)
        };
        let mut packed = Vec::with_capacity(groups * bits::packed_bytes(rows, bits));
        for group in 0..groups {
            let of_rows = (0..rows).map(|row| zero_point(row * groups + group));
            let of_rows: Vec<u8> = of_rows.collect::<Option<_>>()?;
            bits::pack(of_rows.into_iter(), bits, &mut packed);
        }
        Some(Self {
            offset: Offset::ZeroPoints(packed),
            ..self.clone()
        })
    }
}

//! Blocks of ggml from quantized weights.

use super::super::dense::{Floats, Storage};
use super::super::per_group::PerGroup;
use super::super::quantized::{Layout, Offset, Quantized};
use super::block::Block;
use super::{BlockFormat, FORMS, Form};
use half::f16;

/// Weights of a block with one level of scales.
const BLOCK: usize = 32;

impl BlockFormat {
    /// The smallest format that holds the codes of a weight; a clause says why there is none. Scales in f32, and minima
    /// that come of zero points, are rounded to f16.
    pub fn holding(quantized: &Quantized) -> Result<Self, &'static str> {
        let layout = quantized.layout();
        let [_, cols] = layout.shape;
        if quantized.column_order().is_some() {
            return Err(
                "its groups follow another order than its columns; compress with static groups",
            );
        }
        if quantized.column_factors().is_some() {
            return Err("its columns are scaled");
        }
        if let Some(form) = FORMS.iter().find(|form| form.is_as(quantized)) {
            return Ok(form.format);
        }
        if let PerGroup::TwoLevel(_) = quantized.scales() {
            return Err("its scales have two levels unlike those of any format");
        }
        let fills = |size: usize| size.is_multiple_of(BLOCK);
        if !fills(cols) || !(fills(layout.group_size) || layout.group_size >= cols) {
            return Err("blocks of 32 weights must fill its rows and groups");
        }
        if !fits_f16(quantized) {
            return Err(
                "blocks hold scales in 16 bits, for which its own are too small or too large",
            );
        }
        match (layout.bits, quantized.offset()) {
            (2..=4, Offset::Middle) => Ok(Self::Q4_0),
            (5, Offset::Middle) => Ok(Self::Q5_0),
            (_, Offset::Middle) | (6 | 7, Offset::ZeroPoints(_)) => Ok(Self::Q8_0),
            (2..=4, _) => Ok(Self::Q4_1),
            (5, _) => Ok(Self::Q5_1),
            (_, Offset::ZeroPoints(_)) => {
                Err("8 bits with zero points have no form there; choose symmetric")
            }
            (_, Offset::Minima(_)) => Err("6 to 8 bits with minima have no form there"),
        }
    }

    /// Appends the blocks of one row of a weight that this format is [`Self::holding`].
    pub fn write_row(self, quantized: &Quantized, row: usize, out: &mut Vec<u8>) {
        let form = self.form();
        let layout = quantized.layout();
        let [_, cols] = layout.shape;
        let (groups, middle) = (layout.groups(), 1u8 << (form.bits - 1));
        let mut block = Block::empty();
        for start in (0..cols).step_by(form.weights) {
            let group = row * groups + start / layout.group_size;
            // Codes of fewer bits are counted from the zero points of this format.
            let shift = match quantized.grid(row, start / layout.group_size) {
                Some(grid) if !form.has_minima => middle.wrapping_sub(grid.zero_point()),
                _ => 0,
            };
            for (place, code) in (start..).zip(&mut block.codes[..form.weights]) {
                let held = quantized.code(row, place).wrapping_add(shift);
                *code = form.stored(held).unwrap_or(0);
            }
            block.scale = form.outer(quantized.scales(), group, &mut block.inner);
            if form.has_minima {
                block.minimum = match quantized.offset() {
                    Offset::Minima(minima) => {
                        form.outer(minima, group, &mut block.inner[form.groups()..])
                    }
                    _ => quantized
                        .grid(row, start / layout.group_size)
                        .map_or(f16::ZERO, |grid| f16::from_f32(grid.value(0)))
                        .to_le_bytes(),
                };
            }
            block.write(form.parts, form.weights, form.inner_len(), out);
        }
    }
}

/// Whether scales and smallest values in other formats keep their precision in f16.
fn fits_f16(quantized: &Quantized) -> bool {
    let Layout {
        shape: [rows, _],
        scales: Storage::F32 | Storage::BF16,
        ..
    } = quantized.layout()
    else {
        return true;
    };
    let groups = quantized.layout().groups();
    (0..rows).all(|row| {
        (0..groups).all(|group| {
            let scale = quantized.scales().get(row * groups + group);
            let least = quantized.grid(row, group).map_or(0.0, |grid| grid.value(0));
            (scale == 0.0 || f16::from_f32(scale).is_normal()) && f16::from_f32(least).is_finite()
        })
    })
}

impl Form {
    /// Whether a weight has two levels of scales, or codes of a table alone, as blocks of this form have them.
    fn is_as(&self, quantized: &Quantized) -> bool {
        let [rows, cols] = quantized.layout().shape;
        let has_all =
            |row| (0..cols).all(|place| self.stored(quantized.code(row, place)).is_some());
        (self.inner.is_some() || !self.table.is_empty())
            && cols.is_multiple_of(self.weights)
            && self.is_of(quantized)
            && (0..rows).all(has_all)
    }

    /// Whether a weight is laid out as blocks of this form are.
    fn is_of(&self, quantized: &Quantized) -> bool {
        let layout = quantized.layout();
        let fits = |numbers: &PerGroup| match numbers {
            // Other scales are only read.
            PerGroup::Plain(values) => {
                self.inner.is_none() && [values.storage(), self.scales] == [Storage::F16; 2]
            }
            PerGroup::TwoLevel(two) => {
                Some((two.bits, two.middle)) == self.inner && two.shared_by == self.groups()
            }
        };
        let offset_fits = match quantized.offset() {
            Offset::Middle => !self.has_minima,
            Offset::ZeroPoints(_) => false,
            Offset::Minima(minima) => self.has_minima && fits(minima),
        };
        (layout.bits, layout.group_size) == (self.bits, self.group_size)
            && fits(quantized.scales())
            && offset_fits
    }

    /// The float of the block whose first group is at a place of `[rows, groups]`; its integers go to `inner`.
    fn outer(&self, numbers: &PerGroup, place: usize, inner: &mut [u8]) -> [u8; 2] {
        match numbers {
            PerGroup::Plain(values) => half(values, place),
            PerGroup::TwoLevel(two) => {
                for (place, inner) in (place..).zip(&mut inner[..self.groups()]) {
                    *inner = two.inner(place);
                }
                half(&two.outer, place / two.shared_by)
            }
        }
    }
}

/// A number in f16, as it is where it was one.
fn half(values: &Floats, place: usize) -> [u8; 2] {
    let half = match values {
        Floats::F16(values) => values[place],
        values => f16::from_f32(values.get(place)),
    };
    half.to_le_bytes()
}

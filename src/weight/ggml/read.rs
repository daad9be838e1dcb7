//! Quantized weights from blocks of ggml.

use super::super::bits;
use super::super::dense::Floats;
use super::super::per_group::{PerGroup, TwoLevel};
use super::super::quantized::{Layout, Offset, Quantized};
use super::block::Block;
use super::{BlockFormat, Form};

/// A matrix that takes shape as its rows come, in any order.
pub struct Reading {
    form: &'static Form,
    layout: Layout,
    block: Block,
    codes: Vec<u8>,
    scales: Numbers,
    minima: Numbers,
    /// Whether there was a code that the format does not have.
    is_broken: bool,
}

/// A float of each block, and an integer of each group.
struct Numbers {
    outer: Vec<[u8; 2]>,
    inner: Vec<u8>,
}

impl Reading {
    /// For a matrix of this shape; `None` when blocks do not fill its rows.
    #[must_use]
    pub fn new(format: BlockFormat, shape: [usize; 2]) -> Option<Self> {
        let form = format.form();
        let [rows, cols] = shape;
        if !cols.is_multiple_of(form.weights) {
            return None;
        }
        let numbers = |wanted: bool| {
            let rows = if wanted { rows } else { 0 };
            let inner = form.inner.map_or(0, |(bits, _)| {
                bits::packed_bytes(cols / form.group_size, bits)
            });
            Numbers {
                outer: vec![[0; 2]; rows * (cols / form.weights)],
                inner: vec![0; rows * inner],
            }
        };
        Some(Self {
            form,
            layout: Layout {
                shape,
                bits: form.bits,
                group_size: form.group_size,
                symmetric: !form.has_minima,
                scales: form.scales,
            },
            block: Block::empty(),
            codes: vec![0; rows * bits::packed_bytes(cols, form.bits)],
            scales: numbers(true),
            minima: numbers(form.has_minima),
            is_broken: false,
        })
    }

    /// Bytes of a row.
    #[must_use]
    pub fn row_bytes(&self) -> usize {
        self.layout.shape[1] / self.form.weights * self.form.bytes
    }

    /// Takes the blocks of one row.
    pub fn set_row(&mut self, row: usize, bytes: &[u8]) {
        let form = self.form;
        let [_, cols] = self.layout.shape;
        let blocks = cols / form.weights;
        let stride = bits::packed_bytes(cols, form.bits);
        let codes = &mut self.codes[row * stride..][..stride];
        let width = form.weights * usize::from(form.bits) / 8;
        let places = bytes
            .chunks_exact(form.bytes)
            .zip(codes.chunks_exact_mut(width));
        for (index, (bytes, codes)) in places.enumerate() {
            self.block
                .read(form.parts, form.weights, form.inner_len(), bytes);
            if !form.table.is_empty() {
                for code in &mut self.block.codes[..form.weights] {
                    let held = form.table.get(usize::from(*code));
                    self.is_broken |= held.is_none();
                    *code = held.copied().unwrap_or(0);
                }
            }
            let Block {
                scale,
                minimum,
                inner,
                codes: unpacked,
            } = &self.block;
            bits::pack_eights(&unpacked[..form.weights], form.bits, codes);
            let (scales, minima) = inner.split_at(form.groups());
            self.scales.set(form, [row, index], blocks, *scale, scales);
            if form.has_minima {
                self.minima.set(
                    form,
                    [row, index],
                    blocks,
                    *minimum,
                    &minima[..form.groups()],
                );
            }
        }
    }

    /// The matrix; `None` where blocks held what their format does not have.
    #[must_use]
    pub fn finish(self) -> Option<Quantized> {
        if self.is_broken {
            return None;
        }
        let groups = self.layout.groups();
        let form = self.form;
        let offset = if form.has_minima {
            Offset::Minima(self.minima.of(form, groups))
        } else {
            Offset::Middle
        };
        Quantized::from_parts(
            self.layout,
            self.codes,
            self.scales.of(form, groups),
            offset,
        )
    }
}

impl Numbers {
    fn set(
        &mut self,
        form: &Form,
        [row, index]: [usize; 2],
        blocks: usize,
        outer: [u8; 2],
        inner: &[u8],
    ) {
        self.outer[row * blocks + index] = outer;
        if let Some((bits, _)) = form.inner {
            let stride = bits::packed_bytes(blocks * form.groups(), bits);
            let width = form.groups() * usize::from(bits) / 8;
            let place = &mut self.inner[row * stride + index * width..][..width];
            bits::pack_eights(inner, bits, place);
        }
    }

    fn of(self, form: &Form, groups: usize) -> PerGroup {
        let outer = Floats::from_le_bytes(form.scales, self.outer.as_flattened());
        match form.inner {
            None => PerGroup::Plain(outer),
            Some((bits, middle)) => PerGroup::TwoLevel(TwoLevel {
                groups,
                shared_by: form.groups(),
                outer,
                inner: self.inner,
                bits,
                middle,
            }),
        }
    }
}

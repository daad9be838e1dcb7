//! How the rows of a weight become bytes on the device.

use super::form::{Codes, Form, Offsets};
use crate::weight::{Dense, Floats, Offset, PerGroup, Quantized, Sparse, Storage, Weight};

/// Columns of a unit.
pub(super) const UNIT: usize = 8;

/// Columns that rows are filled up to a multiple of: codes of any number of bits fill whole words there.
const FULL: usize = 32;

/// Stands for no column.
const NO_COLUMN: u32 = u32::MAX;

/// How rows become bytes on the device.
pub(super) struct Plan<'w> {
    pub shape: [usize; 2],
    pub width: usize,
    pub form: Form,
    /// Groups of a row; 0 where there are none.
    pub groups: usize,
    pub places: Option<Vec<[u32; 2]>>,
    pub words: Bytes<'w>,
    pub numbers: Option<(Bytes<'w>, Option<Bytes<'w>>)>,
}

/// Bytes of a row, and what writes them.
pub(super) struct Bytes<'w> {
    pub of_row: usize,
    pub write: Box<dyn Fn(usize, &mut [u8]) + 'w>,
}

impl<'w> Plan<'w> {
    /// For any weight.
    pub fn new(weight: &'w Weight) -> Self {
        match weight {
            Weight::Dense(dense) => of_dense(weight.shape(), dense),
            Weight::Sparse(sparse) => of_sparse(weight, sparse),
            Weight::Quantized(quantized) => of_codes(quantized),
        }
    }
}

fn of_dense(shape: [usize; 2], dense: &Dense) -> Plan<'_> {
    let [_, cols] = shape;
    let values = dense.values();
    let write = move |row: usize, out: &mut [u8]| copy(values, row * cols, cols, out);
    plain(shape, values.storage(), Box::new(write))
}

fn of_sparse<'w>(weight: &'w Weight, sparse: &Sparse) -> Plan<'w> {
    let storage = sparse.values().storage();
    let [_, cols] = weight.shape();
    let write = move |row: usize, out: &mut [u8]| {
        let mut values = vec![0.0; cols];
        weight.read_row(row, &mut values);
        copy(&Floats::from_f32(storage, values.into_iter()), 0, cols, out);
    };
    plain(weight.shape(), storage, Box::new(write))
}

fn plain<'w>(
    shape: [usize; 2],
    storage: Storage,
    write: Box<dyn Fn(usize, &mut [u8]) + 'w>,
) -> Plan<'w> {
    let [_, cols] = shape;
    let width = cols.next_multiple_of(FULL);
    Plan {
        shape,
        width,
        form: Form::Dense(storage),
        groups: 0,
        places: (width != cols).then(|| in_order(cols, width)),
        words: Bytes {
            of_row: width * storage.bytes(),
            write,
        },
        numbers: None,
    }
}

fn of_codes(weight: &Quantized) -> Plan<'_> {
    let layout = weight.layout();
    let [_, cols] = layout.shape;
    let in_row = layout.groups();
    // Of a group on the device, where it begins with a unit.
    let group_size = if in_row > 1 {
        layout.group_size.next_multiple_of(UNIT)
    } else {
        layout.group_size
    };
    let is_filled = in_row > 1 && group_size != layout.group_size;
    let width = if is_filled {
        (in_row * group_size).next_multiple_of(FULL)
    } else {
        cols.next_multiple_of(FULL)
    };
    let groups = if in_row > 1 {
        width.div_ceil(group_size)
    } else {
        1
    };
    let stored_at = move |place: usize| {
        if !is_filled {
            return (place < cols).then_some(place);
        }
        let (group, within) = (place / group_size, place % group_size);
        let stored = group * layout.group_size + within;
        (within < layout.group_size && stored < cols).then_some(stored)
    };
    let bits = usize::from(layout.bits);
    let of_row = width * bits / 8;
    let codes = weight.packed_codes();
    let stride = (cols * bits).div_ceil(32) * 4;
    let as_they_are = move |row: usize, out: &mut [u8]| {
        out[..stride].copy_from_slice(&codes[row * stride..][..stride]);
    };
    let one_by_one = move |row: usize, out: &mut [u8]| {
        for place in 0..width {
            let code = stored_at(place).map_or(0, |stored| weight.code(row, stored));
            let bit = place * bits;
            let [low, high] = (u16::from(code) << (bit % 8)).to_le_bytes();
            out[bit / 8] |= low;
            if high > 0 {
                out[bit / 8 + 1] |= high;
            }
        }
    };
    let (scales, scale_storage) = per_group(weight.scales(), in_row, groups);
    let (offset_bytes, offsets) = match weight.offset() {
        Offset::Middle => (None, Offsets::Middle),
        Offset::ZeroPoints(_) => {
            let write = move |row: usize, out: &mut [u8]| {
                for (group, out) in out.iter_mut().take(in_row).enumerate() {
                    *out = weight.grid(row, group).map_or(0, |grid| grid.zero_point());
                }
            };
            let bytes = Bytes {
                of_row: groups,
                write: Box::new(write),
            };
            (Some(bytes), Offsets::ZeroPoints)
        }
        Offset::Minima(minima) => {
            let (bytes, storage) = per_group(minima, in_row, groups);
            (Some(bytes), Offsets::Minima(storage))
        }
    };
    let units = if in_row > 1 {
        u32::try_from(group_size / UNIT).unwrap_or(u32::MAX)
    } else {
        u32::MAX
    };
    Plan {
        shape: layout.shape,
        width,
        form: Form::Codes(Codes {
            bits: layout.bits,
            group: units,
            scales: scale_storage,
            offsets,
        }),
        groups,
        places: places(weight, width, stored_at),
        words: Bytes {
            of_row,
            write: if is_filled {
                Box::new(one_by_one)
            } else {
                Box::new(as_they_are)
            },
        },
        numbers: Some((scales, offset_bytes)),
    }
}

/// Numbers of groups in their own format, those of two levels as f32; `groups` in a row, of which `in_row` are there.
fn per_group(numbers: &PerGroup, in_row: usize, groups: usize) -> (Bytes<'_>, Storage) {
    let (storage, write): (_, Box<dyn Fn(usize, &mut [u8])>) = match numbers {
        PerGroup::Plain(values) => {
            let write = move |row: usize, out: &mut [u8]| copy(values, row * in_row, in_row, out);
            (values.storage(), Box::new(write))
        }
        PerGroup::TwoLevel(_) => {
            let write = move |row: usize, out: &mut [u8]| {
                let mut values = vec![0.0; in_row];
                numbers.read(row * in_row, &mut values);
                copy(&Floats::F32(values), 0, in_row, out);
            };
            (Storage::F32, Box::new(write))
        }
    };
    let of_row = groups * storage.bytes();
    (Bytes { of_row, write }, storage)
}

/// Which column each stored one is, and its factor, as bits; `None` where they are in order, without factors.
fn places(
    weight: &Quantized,
    width: usize,
    stored_at: impl Fn(usize) -> Option<usize>,
) -> Option<Vec<[u32; 2]>> {
    let [_, cols] = weight.layout().shape;
    let (order, factors) = (weight.column_order(), weight.column_factors());
    if order.is_none() && factors.is_none() && width == cols {
        return None;
    }
    let place = |place: usize| {
        let Some(stored) = stored_at(place) else {
            return [NO_COLUMN, 0];
        };
        let own = || u32::try_from(stored).unwrap_or(NO_COLUMN);
        let column = order.map_or_else(own, |order| order[stored]);
        let factor = factors.map_or(1.0, |factors| factors.get(column as usize));
        [column, factor.to_bits()]
    };
    Some((0..width).map(place).collect())
}

/// Columns in their own order, and none behind them.
fn in_order(cols: usize, width: usize) -> Vec<[u32; 2]> {
    let column = |place: usize| u32::try_from(place).unwrap_or(NO_COLUMN);
    let own = |place: usize| {
        if place < cols {
            column(place)
        } else {
            NO_COLUMN
        }
    };
    (0..width)
        .map(|place| [own(place), 1f32.to_bits()])
        .collect()
}

/// The little-endian bytes of `count` numbers from `start` on.
fn copy(values: &Floats, start: usize, count: usize, out: &mut [u8]) {
    fn each<T: Copy, const N: usize>(values: &[T], bytes: fn(T) -> [u8; N], out: &mut [u8]) {
        for (value, out) in values.iter().zip(out.chunks_exact_mut(N)) {
            out.copy_from_slice(&bytes(*value));
        }
    }
    let range = start..start + count;
    match values {
        Floats::F32(values) => each(&values[range], f32::to_le_bytes, out),
        Floats::F16(values) => each(&values[range], half::f16::to_le_bytes, out),
        Floats::BF16(values) => each(&values[range], half::bf16::to_le_bytes, out),
    }
}

//! How the rows of a weight become bytes on the device.

use super::form::{Codes, Form, Numbers, Offsets, small_bits};
use crate::weight::{
    Dense, Floats, Layout, Offset, PerGroup, Quantized, Sparse, Storage, TwoLevel, Weight,
};

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

/// Writes the bytes of a row; they are 0 before.
type Write<'w> = Box<dyn Fn(usize, &mut [u8]) + 'w>;

/// Bytes of a row, and what writes them.
pub(super) struct Bytes<'w> {
    pub of_row: usize,
    pub write: Write<'w>,
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

fn plain(shape: [usize; 2], storage: Storage, write: Write<'_>) -> Plan<'_> {
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
    let columns = Columns::new(layout);
    let per_group = |numbers| per_group(numbers, columns);
    let (scales, scale_numbers) = per_group(weight.scales());
    let (offset_bytes, offsets) = match weight.offset() {
        Offset::Middle => (None, Offsets::Middle),
        Offset::ZeroPoints(_) => (Some(zero_points(weight, columns)), Offsets::ZeroPoints),
        Offset::Minima(minima) => {
            let (bytes, numbers) = per_group(minima);
            (Some(bytes), Offsets::Minima(numbers))
        }
    };
    Plan {
        shape: layout.shape,
        width: columns.width,
        form: Form::Codes(Codes {
            bits: layout.bits,
            group: columns.units,
            scales: scale_numbers,
            offsets,
        }),
        groups: columns.groups,
        places: places(weight, columns),
        words: codes(weight, columns),
        numbers: Some((scales, offset_bytes)),
    }
}

/// Where the columns of a row of codes lie.
#[derive(Clone, Copy)]
struct Columns {
    cols: usize,
    /// Columns of a group, and of one on the device, where it begins with a unit.
    group_size: usize,
    filled_size: usize,
    /// Groups that are there.
    in_row: usize,
    /// Of a row on the device: columns and groups.
    width: usize,
    groups: usize,
    /// Units of a group.
    units: u32,
}

impl Columns {
    fn new(layout: Layout) -> Self {
        let Layout {
            shape: [_, cols],
            group_size,
            ..
        } = layout;
        let in_row = layout.groups();
        if in_row <= 1 {
            let width = cols.next_multiple_of(FULL);
            return Self {
                cols,
                group_size: cols,
                filled_size: width,
                in_row,
                width,
                groups: 2,
                units: u32::MAX,
            };
        }
        let filled_size = group_size.next_multiple_of(UNIT);
        let filled = if filled_size == group_size {
            cols
        } else {
            in_row * filled_size
        };
        let width = filled.next_multiple_of(FULL);
        Self {
            cols,
            group_size,
            filled_size,
            in_row,
            width,
            // Two zero points may share a byte.
            groups: width.div_ceil(filled_size).next_multiple_of(2),
            units: u32::try_from(filled_size / UNIT).unwrap_or(u32::MAX),
        }
    }

    /// Whether columns are where they were.
    fn stay(&self) -> bool {
        self.filled_size == self.group_size || self.in_row <= 1
    }

    /// The place in memory of a place on the device, if there is anything.
    fn stored_at(&self, place: usize) -> Option<usize> {
        let (group, within) = (place / self.filled_size, place % self.filled_size);
        let stored = group * self.group_size + within;
        (within < self.group_size && stored < self.cols).then_some(stored)
    }
}

fn codes(weight: &Quantized, columns: Columns) -> Bytes<'_> {
    let bits = usize::from(weight.layout().bits);
    let as_they_are = move |row: usize, out: &mut [u8]| {
        let stride = (columns.cols * bits).div_ceil(32) * 4;
        out[..stride].copy_from_slice(&weight.packed_codes()[row * stride..][..stride]);
    };
    let one_by_one = move |row: usize, out: &mut [u8]| {
        for place in 0..columns.width {
            let Some(stored) = columns.stored_at(place) else {
                continue;
            };
            let bit = place * bits;
            let [low, high] = (u16::from(weight.code(row, stored)) << (bit % 8)).to_le_bytes();
            out[bit / 8] |= low;
            if high > 0 {
                out[bit / 8 + 1] |= high;
            }
        }
    };
    Bytes {
        of_row: columns.width * bits / 8,
        write: if columns.stay() {
            Box::new(as_they_are)
        } else {
            Box::new(one_by_one)
        },
    }
}

fn zero_points(weight: &Quantized, columns: Columns) -> Bytes<'_> {
    let bits = small_bits(weight.layout().bits);
    let write = move |row: usize, out: &mut [u8]| {
        for group in 0..columns.in_row {
            let zero_point = weight.grid(row, group).map_or(0, |grid| grid.zero_point());
            let bit = group * bits;
            out[bit / 8] |= zero_point << (bit % 8);
        }
    };
    Bytes {
        of_row: columns.groups * bits / 8,
        write: Box::new(write),
    }
}

/// Numbers of groups as they are stored, or where some share a float, but not as on the device, as f32.
fn per_group(numbers: &PerGroup, columns: Columns) -> (Bytes<'_>, Numbers) {
    let (in_row, groups) = (columns.in_row, columns.groups);
    match numbers {
        PerGroup::Plain(values) => {
            let write = move |row: usize, out: &mut [u8]| copy(values, row * in_row, in_row, out);
            let bytes = Bytes {
                of_row: groups * values.storage().bytes(),
                write: Box::new(write),
            };
            (bytes, Numbers::Plain(values.storage()))
        }
        PerGroup::TwoLevel(two) if is_whole(two, groups) => two_level(two),
        PerGroup::TwoLevel(_) => {
            let write = move |row: usize, out: &mut [u8]| {
                let values = (0..in_row).map(|group| numbers.get(row * in_row + group));
                copy(&Floats::F32(values.collect()), 0, in_row, out);
            };
            let bytes = Bytes {
                of_row: groups * Storage::F32.bytes(),
                write: Box::new(write),
            };
            (bytes, Numbers::Plain(Storage::F32))
        }
    }
}

/// Whether rows have no other groups on the device, and the integers of groups that share a float fill words.
fn is_whole(two: &TwoLevel, groups: usize) -> bool {
    two.groups == groups && (two.shared_by * small_bits(two.bits)).is_multiple_of(32)
}

fn two_level(two: &TwoLevel) -> (Bytes<'_>, Numbers) {
    let bits = small_bits(two.bits);
    let of_block = 4 + two.shared_by * bits / 8;
    let blocks = two.groups / two.shared_by;
    let write = move |row: usize, out: &mut [u8]| {
        for (block, out) in out.chunks_exact_mut(of_block).enumerate() {
            let block = row * blocks + block;
            let (outer, inner) = out.split_at_mut(4);
            outer.copy_from_slice(&two.outer.get(block).to_le_bytes());
            for group in 0..two.shared_by {
                let bit = group * bits;
                inner[bit / 8] |= two.inner(block * two.shared_by + group) << (bit % 8);
            }
        }
    };
    let bytes = Bytes {
        of_row: blocks * of_block,
        write: Box::new(write),
    };
    let numbers = Numbers::TwoLevel {
        shared_by: two.shared_by,
        bits,
        middle: two.middle,
    };
    (bytes, numbers)
}

/// Which column each stored one is, and its factor, as bits; `None` where they are in order, without factors.
fn places(weight: &Quantized, columns: Columns) -> Option<Vec<[u32; 2]>> {
    let (order, factors) = (weight.column_order(), weight.column_factors());
    if order.is_none() && factors.is_none() && columns.width == columns.cols {
        return None;
    }
    let place = |place: usize| {
        let Some(stored) = columns.stored_at(place) else {
            return [NO_COLUMN, 0];
        };
        let own = || u32::try_from(stored).unwrap_or(NO_COLUMN);
        let column = order.map_or_else(own, |order| order[stored]);
        let factor = factors.map_or(1.0, |factors| factors.get(column as usize));
        [column, factor.to_bits()]
    };
    Some((0..columns.width).map(place).collect())
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

//! Weights of every form.

use half::{bf16, f16};
use pressure_test::weight::ggml::{BlockFormat, Reading};
use pressure_test::weight::{
    Dense, Floats, Grid, Layout, Matrix, Offset, Quantized, Sparse, Storage, Weight,
};

/// Numbers between -1 and 1 that look random.
pub fn number(seed: usize) -> f32 {
    let mut state = (seed as u64)
        .wrapping_add(1)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    state = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ state >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
}

/// Gaussian numbers (Box and Muller 1958).
pub fn inputs(count: usize, seed: usize) -> Vec<f32> {
    let pair = |i: usize| {
        let radius = (-2.0 * (number(i) / 2.0 + 0.500_000_1).ln()).sqrt();
        radius * (std::f32::consts::PI * number(i + 1)).cos()
    };
    (0..count).map(|i| pair(2 * i + seed * 1_000_003)).collect()
}

pub fn storage(name: &str) -> Storage {
    match name {
        "f32" => Storage::F32,
        "f16" => Storage::F16,
        _ => Storage::BF16,
    }
}

pub fn dense(rows: usize, cols: usize, name: &str) -> Weight {
    let values = inputs(rows * cols, 1).into_iter().map(|value| value * 0.05);
    let values = Floats::from_f32(storage(name), values);
    Weight::Dense(Dense::new(rows, cols, values).expect("fitting"))
}

#[derive(Debug, Clone, Copy)]
pub enum Offsets {
    Middle,
    Zeros,
    Minima(&'static str),
}

/// Random codes with random grids.
pub fn quantized(bits: u8, group_size: usize, offsets: Offsets) -> impl Fn(usize, usize) -> Weight {
    move |rows, cols| Weight::Quantized(codes(bits, group_size, offsets, [rows, cols]))
}

fn codes(bits: u8, group_size: usize, offsets: Offsets, shape: [usize; 2]) -> Quantized {
    let [rows, cols] = shape;
    let scales = if bits.is_multiple_of(2) {
        Storage::F16
    } else {
        Storage::BF16
    };
    let layout = Layout {
        shape,
        bits,
        group_size,
        symmetric: matches!(offsets, Offsets::Middle),
        scales: if matches!(offsets, Offsets::Middle) && bits == 6 {
            Storage::F32
        } else {
            scales
        },
    };
    let most = 1u32 << bits;
    let pick =
        |i: usize| (f32::midpoint(number(i), 1.0) * most as f32).min(most as f32 - 1.0) as u8;
    let grids: Vec<Grid> = (0..rows * layout.groups())
        .map(|i| Grid::new(0.01 + 0.02 * number(i + 9).abs(), pick(i + 77), bits))
        .collect();
    let codes: Vec<u8> = (0..rows * cols).map(|i| pick(i + 12345)).collect();
    let plain = Quantized::new(layout, &grids, &codes);
    let Offsets::Minima(name) = offsets else {
        return plain;
    };
    let minima = (0..grids.len()).map(|i| number(i + 5) * 0.1);
    let minima = Floats::from_f32(storage(name), minima);
    let of_file = Quantized::from_parts(
        layout,
        plain.packed_codes().to_vec(),
        plain.scales().clone(),
        Offset::Minima(minima.into()),
    );
    of_file.expect("fitting parts")
}

/// Weights of every form that there is, with names.
pub fn all(rows: usize, cols: usize) -> Vec<(String, Weight)> {
    let mut all: Vec<(String, Weight)> = Vec::new();
    for name in ["f32", "f16", "bf16"] {
        all.push((name.into(), dense(rows, cols, name)));
        let Weight::Dense(dense) = dense(rows, cols, name) else {
            continue;
        };
        let mut values = vec![0.0; rows * cols];
        dense.values().read(0, &mut values);
        for (i, value) in values.iter_mut().enumerate() {
            if i % 7 < 4 {
                *value = 0.0;
            }
        }
        let matrix = Matrix {
            rows,
            cols,
            data: values,
        };
        let sparse = Sparse::from_matrix(&matrix, storage(name));
        all.push((format!("pruned {name}"), Weight::Sparse(sparse)));
    }
    let kinds = [
        Offsets::Middle,
        Offsets::Zeros,
        Offsets::Minima("f32"),
        Offsets::Minima("f16"),
        Offsets::Minima("bf16"),
    ];
    for bits in 2..=8 {
        for offsets in kinds {
            let plain = !matches!(offsets, Offsets::Minima("f32" | "bf16"));
            let group_sizes = if plain {
                &[64, 32, 128, cols][..]
            } else {
                &[32]
            };
            for &group_size in group_sizes {
                let about = format!("{bits} bits, groups of {group_size}, {offsets:?}");
                all.push((about, quantized(bits, group_size, offsets)(rows, cols)));
            }
        }
    }
    // Groups that are no whole units, some larger than a row.
    for (bits, group_size) in [
        (4, 1),
        (3, 5),
        (4, 20),
        (7, 33),
        (8, 100),
        (5, 24),
        (6, 1000),
        (2, 8),
    ] {
        let about = format!("{bits} bits, groups of {group_size}");
        all.push((
            about,
            quantized(bits, group_size, Offsets::Zeros)(rows, cols),
        ));
    }
    let factors = Floats::from_f32(Storage::F16, (0..cols).map(|i| 1.5 + number(i)));
    let order: Vec<u32> = (0..cols as u32).map(|i| i * 77 % cols as u32).collect();
    for (bits, group_size) in [(4, 64), (3, 128), (8, 20)] {
        for (factors, order) in [
            (Some(factors.clone()), None),
            (None, Some(order.clone())),
            (Some(factors.clone()), Some(order.clone())),
        ] {
            let about = format!(
                "{bits} bits, groups of {group_size}, factors {}, order {}",
                factors.is_some(),
                order.is_some()
            );
            let weight = codes(bits, group_size, Offsets::Zeros, [rows, cols])
                .with_column_factors(factors)
                .with_column_order(order);
            all.push((about, Weight::Quantized(weight)));
        }
    }
    all.extend(blocks(rows));
    all
}

/// Every block format of ggml, of random bytes, 200 columns or so.
pub fn blocks(rows: usize) -> Vec<(String, Weight)> {
    let formats = [
        BlockFormat::Q4_0,
        BlockFormat::Q4_1,
        BlockFormat::Q5_0,
        BlockFormat::Q5_1,
        BlockFormat::Q8_0,
        BlockFormat::Q2_K,
        BlockFormat::Q3_K,
        BlockFormat::Q4_K,
        BlockFormat::Q5_K,
        BlockFormat::Q6_K,
    ];
    let block = |format: BlockFormat| {
        let cols = 200usize.next_multiple_of(format.weights());
        let mut reading = Reading::new(format, [rows, cols]).expect("whole blocks");
        for row in 0..rows {
            // Bytes whose halves are small numbers wherever they lie: 0x20 to 0x2f as upper byte.
            let byte = |i: usize| (number(i + row * 9973) * 8.0 + 8.0) as u8 + 0x20;
            let bytes: Vec<u8> = (0..reading.row_bytes()).map(byte).collect();
            reading.set_row(row, &bytes);
        }
        let weight = reading.finish().expect("fitting");
        (format.name().to_owned(), Weight::Quantized(weight))
    };
    formats.map(block).into()
}

/// Largest and smallest numbers.
pub fn extremes() -> Vec<(String, Weight)> {
    let (rows, cols) = (9, 96);
    let every = |values: &[f32], storage| {
        let values = values.iter().copied().cycle().take(rows * cols);
        Weight::Dense(Dense::new(rows, cols, Floats::from_f32(storage, values)).expect("fitting"))
    };
    let mut list = vec![
        (
            "the ends of f16".into(),
            every(
                &[
                    65504.0,
                    -65504.0,
                    6.103_515_6e-5,
                    f16::MIN_POSITIVE_SUBNORMAL.to_f32(),
                    0.0,
                    -0.0,
                    1.0,
                ],
                Storage::F16,
            ),
        ),
        (
            "large bf16".into(),
            every(
                &[1e30, -1e30, bf16::MIN_POSITIVE.to_f32(), 0.0, 3.0],
                Storage::BF16,
            ),
        ),
        (
            "large f32".into(),
            every(&[1e30, -3e29, 1e-30, 0.0, 3.0], Storage::F32),
        ),
    ];
    for bits in 2..=8u8 {
        let most = (0xff >> (8 - bits)) as u8;
        for (code, zero) in [(most, 0), (0, most), (most, most), (0, 0)] {
            let layout = Layout {
                shape: [rows, cols],
                bits,
                group_size: 32,
                symmetric: false,
                scales: Storage::F32,
            };
            let grids = vec![Grid::new(0.5, zero, bits); rows * layout.groups()];
            let plain = Quantized::new(layout, &grids, &vec![code; rows * cols]);
            list.push((
                format!("{bits} bits, {code} from {zero}"),
                Weight::Quantized(plain.clone()),
            ));
            let zeros = |value: f32| Floats::F32(vec![value; grids.len()]);
            for (scale, minimum) in [(0.0, 0.5), (0.0, 0.0), (2.0, -100.0)] {
                let weight = Quantized::from_parts(
                    layout,
                    plain.packed_codes().to_vec(),
                    zeros(scale),
                    Offset::Minima(zeros(minimum).into()),
                );
                let about = format!("{bits} bits, code {code}, scale {scale}, minimum {minimum}");
                list.push((about, Weight::Quantized(weight.expect("fitting"))));
            }
        }
    }
    list
}

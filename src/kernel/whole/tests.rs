use super::super::number;
use super::super::simd::Machine;
use super::product;
use pressure_test_weight::{
    Floats, Grid, Layout, Matrix, Offset, PerGroup, Quantized, Storage, TwoLevel, Weight, max_code,
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Random whole numbers, one for each place (`SplitMix64`, Steele, Lea and Flood 2014).
fn random(place: usize) -> u64 {
    let z = (place as u64)
        .wrapping_add(1)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// Numbers of a normal distribution, nearly: sums of twelve.
fn gaussian(place: usize) -> f32 {
    let uniform = |i| (random(place * 12 + i) >> 40) as f32 / (1u64 << 24) as f32;
    (0..12).map(uniform).sum::<f32>() - 6.0
}

fn layout(shape: [usize; 2], bits: u8, group_size: usize, symmetric: bool) -> Layout {
    Layout {
        shape,
        bits,
        group_size,
        symmetric,
        scales: Storage::F16,
    }
}

/// Codes and scales without a pattern.
fn example(layout: Layout) -> Quantized {
    let Layout {
        shape: [rows, cols],
        bits,
        ..
    } = layout;
    let byte = |i: usize| random(i).to_le_bytes()[0] & max_code(bits);
    let codes: Vec<u8> = (0..rows * cols).map(byte).collect();
    let grids: Vec<Grid> = (0..rows * layout.groups())
        .map(|i| {
            let zero_point = if layout.symmetric {
                1 << (bits - 1)
            } else {
                byte(i * 5 + 1)
            };
            Grid::new(
                (number(i) + 1.5) / f32::from(max_code(bits)),
                zero_point,
                bits,
            )
        })
        .collect();
    Quantized::new(layout, &grids, &codes)
}

/// The same codes with minima, plain or with scales and minima of two levels.
fn with_minima(plain: &Quantized, has_levels: bool) -> Quantized {
    let layout = plain.layout();
    let [rows, groups] = [layout.shape[0], layout.groups()];
    let numbers = |from: usize| -> PerGroup {
        if has_levels {
            let mut inner = Vec::new();
            for row in 0..rows {
                let codes =
                    (0..groups).map(|i| u8::try_from((row + i * 11 + from) % 64).expect("a code"));
                pressure_test_weight::bits::pack(codes, 6, &mut inner);
            }
            let outer = Floats::from_f32(Storage::F16, (0..rows).map(|i| number(i + from) / 256.0));
            return PerGroup::TwoLevel(TwoLevel {
                groups,
                shared_by: groups,
                outer,
                inner,
                bits: 6,
                middle: 3,
            });
        }
        let values = (0..rows * groups).map(|i| number(i + from) / 8.0);
        Floats::from_f32(Storage::F16, values).into()
    };
    let codes = plain.packed_codes().to_vec();
    let minima = Offset::Minima(numbers(11));
    Quantized::from_parts(layout, codes, numbers(3), minima).expect("fitting parts")
}

/// Every way to lie on a grid, for one width of codes.
fn examples(shape: [usize; 2], bits: u8, group_size: usize) -> Vec<Quantized> {
    let with_zero_points = example(layout(shape, bits, group_size, false));
    let columns = u32::try_from(shape[1]).expect("few");
    let factors = (0..shape[1]).map(|col| 0.5 + number(col).abs());
    vec![
        example(layout(shape, bits, group_size, true)),
        with_minima(&with_zero_points, false),
        with_minima(&with_zero_points, true),
        with_zero_points
            .clone()
            .with_column_factors(Some(Floats::from_f32(Storage::F16, factors)))
            .with_column_order(Some((0..columns).rev().collect())),
        with_zero_points,
    ]
}

/// `‖y − y64‖ / ‖y64‖` against sums in f64 of the weights as they are.
fn error(outputs: &[f32], inputs: &[f32], matrix: &Matrix) -> f64 {
    let (mut difference, mut whole) = (0.0, 0.0);
    let inputs = inputs.chunks_exact(matrix.cols);
    for (input, outputs) in inputs.zip(outputs.chunks_exact(matrix.rows)) {
        for (row, output) in outputs.iter().enumerate() {
            let pairs = matrix.row(row).iter().zip(input);
            let sum: f64 = pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
            difference += (f64::from(*output) - sum).powi(2);
            whole += sum.powi(2);
        }
    }
    (difference / f64::max(whole, f64::MIN_POSITIVE)).sqrt()
}

/// Outputs, the same on all machines that this one is.
fn on_all(inputs: &[f32], weight: &Quantized) -> Vec<f32> {
    let mut found: Option<Vec<f32>> = None;
    for machine in Machine::available() {
        let outputs = product(inputs, weight, machine);
        let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        let known = found.get_or_insert_with(|| outputs.clone());
        assert_eq!(bits(known), bits(&outputs), "{machine:?}");
    }
    found.expect("a machine")
}

#[test]
fn every_machine_gives_these_bits() {
    // FNV-1a of all outputs: natively and as wasm.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for bits in 2..=8 {
        for (shape, group_size) in [
            ([1, 1], 1),
            ([5, 33], 7),
            ([9, 67], 20),
            ([16, 200], 64),
            ([17, 96], 16),
            ([12, 150], 1000),
            ([8, 130], 5),
        ] {
            for weight in examples(shape, bits, group_size) {
                let what = format!("{shape:?}, {bits} bits, groups of {group_size}");
                let matrix = Weight::Quantized(weight.clone()).to_matrix();
                for tokens in [1, 2, 3, 4, 9] {
                    let inputs: Vec<f32> = (0..tokens * shape[1]).map(gaussian).collect();
                    let outputs = on_all(&inputs, &weight);
                    let error = error(&outputs, &inputs, &matrix);
                    assert!(error < 1e-4, "{what}: {error}");
                    for byte in outputs.iter().flat_map(|output| output.to_le_bytes()) {
                        hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
                    }
                }
            }
        }
    }
    assert_eq!(hash, 0x5b64_09a4_9f46_d526, "{hash:#x}");
}

#[test]
fn the_largest_sums_do_not_overflow() {
    let (rows, cols) = (9, 64);
    for bits in 2..=8 {
        let largest = max_code(bits);
        for (code, zero_point) in [(largest, 0), (0, largest), (largest, largest)] {
            let grid = Grid::new(1.0, zero_point, bits);
            let layout = layout([rows, cols], bits, cols, false);
            let plain = Quantized::new(layout, &[grid; 9], &[code; 9 * 64]);
            let minima = Floats::from_f32(Storage::F16, [-f32::from(zero_point); 9].into_iter());
            let minima = Offset::Minima(minima.into());
            let (codes, scales) = (plain.packed_codes().to_vec(), plain.scales().clone());
            let minima = Quantized::from_parts(layout, codes, scales, minima).expect("parts");
            for weight in [plain, minima] {
                for tokens in [1, 2, 5] {
                    for sign in [1.0, -1.0] {
                        let outputs = on_all(&vec![sign * 3.0; tokens * cols], &weight);
                        let value = f32::from(code) - f32::from(zero_point);
                        let expected = 64.0 * 3.0 * sign * value;
                        // What is summed twice where there are minima is rounded each time.
                        let most = 64.0 * 3.0 * f32::from(largest) * 4.0 * f32::EPSILON;
                        for output in outputs {
                            assert!(
                                (output - expected).abs() <= most,
                                "{bits}: {output} {expected}"
                            );
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn a_layer_is_as_exact_as_published() {
    let (rows, cols, tokens) = (64, 576, 8);
    let inputs: Vec<f32> = (0..tokens * cols).map(gaussian).collect();
    for bits in 2..=8 {
        for weight in examples([rows, cols], bits, 64) {
            let has_factors = weight.column_factors().is_some();
            let outputs = on_all(&inputs, &weight);
            let error = error(&outputs, &inputs, &Weight::Quantized(weight).to_matrix());
            assert!(
                error < 3e-5 || has_factors && error < 4e-5,
                "{bits} bits: {error}"
            );
            // No more than what is promised: a stretch is rounded.
            assert!(error > 1e-6, "{bits} bits: {error}");
        }
    }
}

#[test]
fn an_outlier_takes_nothing_from_the_others() {
    for bits in 2..=8 {
        for weight in examples([16, 130], bits, 64) {
            let mut matrix = Weight::Quantized(weight.clone()).to_matrix();
            for tokens in [1, 6] {
                let mut inputs: Vec<f32> = (0..tokens * 130).map(gaussian).collect();
                let plain = on_all(&inputs, &weight);
                for input in inputs.chunks_exact_mut(130) {
                    input[67] = 1000.0;
                }
                let outputs = on_all(&inputs, &weight);
                assert_ne!(plain, outputs);
                // In this column lies nothing: what is left is that of the others.
                for row in matrix.data.chunks_exact_mut(130) {
                    row[67] = 0.0;
                }
                let without =
                    Weight::Quantized(weight.nearest_to(&matrix).unwrap_or(weight.clone()));
                let Weight::Quantized(without) = without else {
                    unreachable!()
                };
                let error = error(
                    &on_all(&inputs, &without),
                    &inputs,
                    &Weight::Quantized(without).to_matrix(),
                );
                assert!(error < 5e-5, "{bits} bits: {error}");
            }
        }
    }
}

#[test]
fn inputs_of_any_size_are_met() {
    let weight = example(layout([8, 128], 4, 64, false));
    let matrix = Weight::Quantized(weight.clone()).to_matrix();
    for tokens in [1, 3] {
        let inputs: Vec<f32> = (0..tokens * 128).map(gaussian).collect();
        for factor in [1e-28, 1e-10, 1e10, 1e35] {
            let inputs: Vec<f32> = inputs.iter().map(|value| value * factor).collect();
            let error = error(&on_all(&inputs, &weight), &inputs, &matrix);
            assert!(error < 3e-5, "{factor}: {error}");
        }
        let silent = on_all(&vec![0.0; tokens * 128], &weight);
        assert!(silent.iter().all(|output| *output == 0.0));
        let tiny = on_all(&vec![f32::MIN_POSITIVE; tokens * 128], &weight);
        assert!(tiny.iter().all(|output| output.abs() < 1e-30));
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut inputs = inputs.clone();
            inputs[70] = bad;
            let outputs = product(&inputs, &weight, Machine::best());
            for (token, outputs) in outputs.chunks_exact(8).enumerate() {
                assert!(outputs.iter().all(|output| output.is_nan() == (token == 0)));
            }
        }
    }
}

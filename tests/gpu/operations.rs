//! Every operation against the processor's, on odd shapes and extremes.

use crate::{gpu, numbers, word};
use pollster::block_on;
use pressure_test::Error;
use pressure_test::backend::{Activation, Backend, Cpu};
use pressure_test::kernel::Heads;
use pressure_test::weight::{Dense, Floats, Weight};
use std::sync::Arc;

/// Rows and widths around the sizes of workgroups.
const SHAPES: [(usize, usize); 7] = [
    (1, 1),
    (3, 2),
    (1, 257),
    (7, 64),
    (33, 100),
    (130, 6),
    (5, 1030),
];

/// An expression on both backends, which must agree.
macro_rules! agree {
    ($what:expr, $tolerance:expr, $backend:ident => $tensor:expr) => {{
        let values = |values: Vec<f32>| values;
        let expected = {
            let $backend = Cpu;
            let tensor = $tensor;
            values(block_on($backend.read(&tensor)).expect("values"))
        };
        let found = {
            let $backend = gpu();
            let tensor = $tensor;
            values(block_on($backend.read(&tensor)).expect("values"))
        };
        near($what.as_ref(), &found, &expected, $tolerance);
    }};
}

fn near(what: &str, found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        let allowed = tolerance * (1.0 + expected.abs());
        assert!(
            (found - expected).abs() <= allowed,
            "{what}, number {i}: {found}, not {expected}"
        );
    }
}

fn tensor<B: Backend>(backend: &B, values: &[f32], width: usize) -> B::Tensor {
    backend.tensor(values.to_vec(), width).expect("a tensor")
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn sums_factors_and_caps_agree() {
    for (rows, width) in SHAPES {
        let (x, y) = (numbers(rows * width, 1), numbers(rows * width, 2));
        let what = format!("[{rows}, {width}]");
        agree!(format!("add {what}"), 0.0, b => {
            b.add(&tensor(&b, &x, width), &tensor(&b, &y, width)).expect("a sum")
        });
        agree!(format!("add a row {what}"), 0.0, b => {
            b.add(&tensor(&b, &x, width), &tensor(&b, &y[..width], width)).expect("a sum")
        });
        agree!(format!("multiply {what}"), 0.0, b => {
            b.multiply(&tensor(&b, &x, width), &tensor(&b, &y, width)).expect("products")
        });
        agree!(format!("scale {what}"), 0.0, b => {
            b.scale(&tensor(&b, &x, width), 0.37).expect("a product")
        });
        for cap in [0.01, 0.9, 30.0] {
            agree!(format!("softcap {cap} {what}"), 1e-6, b => {
                b.softcap(&tensor(&b, &x, width), cap).expect("a cap")
            });
        }
    }
}

/// From the smallest to the largest, where built-in functions of devices go wrong.
fn extremes() -> Vec<f32> {
    let sizes = [
        0.0, 1e-30, 1e-6, 1e-3, 0.1, 0.6249, 0.6251, 1.0, 3.0, 5.5, 8.0, 15.0, 40.0, 87.0, 89.0,
        300.0, 1e4, 1e9,
    ];
    let steps = (0..400).map(|i| i as f32 * 0.025);
    let sizes: Vec<f32> = sizes.into_iter().chain(steps).collect();
    sizes.iter().flat_map(|size| [*size, -size]).collect()
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn activations_and_caps_agree_at_extremes() {
    let x = extremes();
    let up = numbers(x.len(), 3);
    let width = x.len();
    for activation in [
        Activation::Silu,
        Activation::Gelu,
        Activation::GeluTanh,
        Activation::Relu,
        Activation::ReluSquared,
    ] {
        agree!(format!("{activation:?}"), 1e-6, b => {
            b.activate(activation, &tensor(&b, &x, width), None).expect("active")
        });
        agree!(format!("{activation:?} with up"), 1e-6, b => {
            let up = tensor(&b, &up, width);
            b.activate(activation, &tensor(&b, &x, width), Some(&up)).expect("active")
        });
    }
    for cap in [1.0, 50.0] {
        agree!(format!("softcap {cap}"), 1e-6, b => {
            b.softcap(&tensor(&b, &x, width), cap).expect("a cap")
        });
    }
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn norms_agree() {
    for (rows, width) in SHAPES {
        for size in [1.0, 1e-4, 1e4] {
            let x: Vec<f32> = numbers(rows * width, 4).iter().map(|x| x * size).collect();
            let (scale, bias) = (numbers(width, 5), numbers(width, 6));
            agree!(format!("rms [{rows}, {width}] {size}"), 2e-6, b => {
                b.rms_norm(&tensor(&b, &x, width), &tensor(&b, &scale, width), 1e-5).expect("a norm")
            });
            // What is left of one number is its rounding.
            if width > 1 {
                agree!(format!("layer norm [{rows}, {width}] {size}"), 1e-5, b => {
                    let (scale, bias) = (tensor(&b, &scale, width), tensor(&b, &bias, width));
                    b.layer_norm(&tensor(&b, &x, width), &scale, &bias, 1e-5).expect("a norm")
                });
            }
        }
    }
    // Heads, normed each for itself; more stretches than a dimension has workgroups.
    let (rows, heads, width) = (9000, 8, 4);
    let x = numbers(rows * heads * width, 7);
    let scale = numbers(width, 8);
    agree!("rms of heads", 2e-6, b => {
        b.rms_norm(&tensor(&b, &x, heads * width), &tensor(&b, &scale, width), 1e-6).expect("a norm")
    });
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn rotations_agree() {
    for (rows, heads, head_width, pairs) in
        [(1, 1, 2, 1), (5, 3, 8, 4), (33, 2, 12, 3), (7, 9, 64, 32)]
    {
        let x = numbers(rows * heads * head_width, 9);
        let (cos, sin) = (numbers(rows * pairs, 10), numbers(rows * pairs, 11));
        agree!(format!("rope {rows} {heads} {head_width} {pairs}"), 1e-6, b => {
            let (cos, sin) = (tensor(&b, &cos, pairs), tensor(&b, &sin, pairs));
            b.rope(&tensor(&b, &x, heads * head_width), &cos, &sin, head_width).expect("turned")
        });
    }
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn attention_agrees_over_forests_windows_and_caps() {
    let layouts = [
        (1, 1, 1, None),
        (4, 4, 8, Some(0.5)),
        (6, 2, 5, None),
        (3, 1, 16, Some(30.0)),
        (9, 3, 64, None),
        (2, 1, 256, None),
        (1, 1, 1000, None),
    ];
    for (query, key_value, width, softcap) in layouts {
        let heads = Heads {
            query,
            key_value,
            width,
            scale: 1.3 / (width as f32).sqrt(),
            softcap,
            alibi: false,
        };
        let slots = 300;
        let kept = 40;
        let (keys, values) = (
            numbers(slots * key_value * width, 12),
            numbers(slots * key_value * width, 13),
        );
        let scattered = (0..150).map(|i| 2 * i..2 * i + 1).collect();
        let visible = vec![
            vec![0..1],
            vec![0..300],
            vec![0..63],
            vec![0..64],
            vec![0..65],
            vec![3..40, 41..42, 60..189],
            vec![299..300],
            scattered,
        ];
        let queries = numbers(visible.len() * query * width, 14);
        agree!(format!("attention {heads:?}"), 5e-6, b => {
            let stride = key_value * width;
            let mut cache = b.cache(stride);
            // Grown in steps, cut back, and filled again.
            let mut put = |from: usize, to: usize| {
                let part = |all: &[f32]| tensor(&b, &all[from * stride..to * stride], stride);
                b.append(&mut cache, Some(&part(&keys)), &part(&values)).expect("room");
            };
            put(0, kept);
            put(100, 200);
            b.truncate(&mut cache, kept).expect("fewer");
            let mut put = |from: usize, to: usize| {
                let part = |all: &[f32]| tensor(&b, &all[from * stride..to * stride], stride);
                b.append(&mut cache, Some(&part(&keys)), &part(&values)).expect("room");
            };
            put(kept, 270);
            put(270, slots);
            let mask = b.mask(visible.clone()).expect("a mask");
            b.attention(&tensor(&b, &queries, query * width), &cache, &mask, heads).expect("attended")
        });
    }
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn convolutions_agree() {
    for (width, taps) in [(1, 1), (5, 3), (64, 4), (300, 3)] {
        let slots = 290;
        let (values, kernel) = (numbers(slots * width, 31), numbers(taps * width, 32));
        let last = slots - taps..slots;
        let mut visible = vec![vec![0..1], vec![0..taps], vec![last]];
        if taps > 2 {
            visible.extend([
                vec![0..1, 7..8, 289..290],
                vec![3..5, 260..261],
                vec![4..5, 9..11],
            ]);
        }
        agree!(format!("convolution of {taps} taps, {width}"), 1e-6, b => {
            let mut cache = b.cache(width);
            let part = |from: usize, to: usize| tensor(&b, &values[from * width..to * width], width);
            b.append(&mut cache, None, &part(0, 40)).expect("room");
            b.append(&mut cache, None, &part(7, 9)).expect("room");
            b.truncate(&mut cache, 40).expect("fewer");
            b.append(&mut cache, None, &part(40, slots)).expect("room");
            let mask = b.mask(visible.clone()).expect("a mask");
            b.convolve(&cache, &mask, &tensor(&b, &kernel, width)).expect("sums")
        });
    }
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn large_products_of_queries_and_keys_agree() {
    let heads = Heads {
        query: 2,
        key_value: 1,
        width: 4,
        scale: 1.0,
        softcap: None,
        alibi: false,
    };
    let scaled = |count, seed, by: f32| -> Vec<f32> {
        numbers(count, seed).iter().map(|x| x * by).collect()
    };
    let (keys, values) = (scaled(70 * 4, 15, 100.0), numbers(70 * 4, 16));
    let queries = scaled(3 * 8, 17, 100.0);
    agree!("attention of large products", 1e-5, b => {
        let mut cache = b.cache(4);
        b.append(&mut cache, Some(&tensor(&b, &keys, 4)), &tensor(&b, &values, 4)).expect("room");
        let mask = b.mask(vec![vec![0..70], vec![0..70], vec![5..69]]).expect("a mask");
        b.attention(&tensor(&b, &queries, 8), &cache, &mask, heads).expect("attended")
    });
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn products_rows_and_selections_agree() {
    for (rows, cols) in [(1, 1), (5, 3), (63, 100), (192, 576)] {
        let matrix = Dense::new(rows, cols, Floats::F32(numbers(rows * cols, 18)));
        let weight = Arc::new(Weight::Dense(matrix.expect("a matrix")));
        for n in [1, 3, 33] {
            let x = numbers(n * cols, 19);
            agree!(format!("linear {n} [{rows}, {cols}]"), 2e-5, b => {
                let weight = b.weight(&weight).expect("a weight");
                b.linear(&tensor(&b, &x, cols), &weight).expect("a product")
            });
            let ids: Vec<u32> = (0..n).map(|i| word(i * 7 % rows)).collect();
            agree!(format!("embed {n} [{rows}, {cols}]"), 0.0, b => {
                b.embed(&b.weight(&weight).expect("a weight"), &ids).expect("rows")
            });
            agree!(format!("select {n} [{rows}, {cols}]"), 0.0, b => {
                let all = tensor(&b, &numbers(rows * cols, 20), cols);
                b.select(&all, &ids).expect("rows")
            });
        }
        let gpu = gpu();
        let table = gpu.weight(&weight).expect("a weight");
        let outside = gpu.embed(&table, &[0, word(rows)]);
        assert!(matches!(outside, Err(Error::UnknownToken { .. })));
    }
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn log_probabilities_agree() {
    for (rows, vocab_size) in [(1, 2), (3, 255), (5, 257), (70, 49), (4, 49152)] {
        for size in [1.0f32, 30.0, 1e4] {
            let mut logits: Vec<f32> = numbers(rows * vocab_size, 21)
                .iter()
                .map(|x| x * size)
                .collect();
            // A token that is never said.
            logits[1] = f32::NEG_INFINITY;
            let (row, token) = (
                |i: usize| word(i / 2 % rows),
                |i: usize| word(i * 31 % vocab_size),
            );
            let mut targets: Vec<(u32, u32)> = (0..2 * rows).map(|i| (row(i), token(i))).collect();
            targets.sort_unstable();
            targets.retain(|target| *target != (0, 1));
            let cpu = tensor(&Cpu, &logits, vocab_size);
            let expected = block_on(Cpu.log_probabilities(&cpu, &targets)).expect("numbers");
            let gpu = gpu();
            let ours = tensor(&gpu, &logits, vocab_size);
            let found = block_on(gpu.log_probabilities(&ours, &targets)).expect("numbers");
            for (found, expected) in found.iter().zip(&expected) {
                let allowed = 2e-6 * (1.0 + expected.abs());
                assert!(
                    (found - expected).abs() < allowed,
                    "{found}, not {expected}"
                );
            }
            for count in [1, 2, 5] {
                let expected = block_on(Cpu.likeliest(&cpu, count)).expect("numbers");
                let found = block_on(gpu.likeliest(&ours, count)).expect("numbers");
                assert_eq!(found, expected, "[{rows}, {vocab_size}]");
            }
        }
    }
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn of_equal_logits_the_first_is_the_likeliest() {
    let logits: Vec<f32> = (0..1000).map(|i| ((i * 7919) % 13) as f32 - 12.0).collect();
    let logits: Vec<f32> = logits
        .iter()
        .map(|x| if *x == 0.0 { -0.0 } else { *x })
        .collect();
    let mut signed = logits.clone();
    signed[900] = 0.0;
    for logits in [logits, signed] {
        let (cpu, ours) = (tensor(&Cpu, &logits, 500), tensor(&gpu(), &logits, 500));
        for count in [1, 7, 600] {
            let expected = block_on(Cpu.likeliest(&cpu, count)).expect("numbers");
            let found = block_on(gpu().likeliest(&ours, count)).expect("numbers");
            assert_eq!(found, expected);
        }
    }
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn what_is_not_a_number_is_noticed() {
    let gpu = gpu();
    for wrong in [f32::NAN, f32::INFINITY] {
        for place in [0, 299, 599] {
            let mut logits = numbers(600, 22);
            logits[place] = wrong;
            let logits = tensor(&gpu, &logits, 300);
            let row = u32::from(place > 299);
            let sums = block_on(gpu.log_probabilities(&logits, &[(row, 5)]));
            assert!(matches!(sums, Err(Error::NotANumber)), "{wrong} {place}");
            let other = block_on(gpu.log_probabilities(&logits, &[(1 - row, 5)]));
            assert!(other.is_ok(), "{wrong} {place}");
            let best = block_on(gpu.likeliest(&logits, 1));
            assert!(matches!(best, Err(Error::NotANumber)), "{wrong} {place}");
        }
    }
    let nothing = tensor(&gpu, &[f32::NEG_INFINITY; 4], 4);
    let best = block_on(gpu.likeliest(&nothing, 1));
    assert!(matches!(best, Err(Error::NotANumber)));
    let sums = block_on(gpu.log_probabilities(&nothing, &[(0, 1)]));
    assert!(matches!(sums, Err(Error::NotANumber)));
    let outside = block_on(gpu.log_probabilities(&nothing, &[(0, 4)]));
    assert!(matches!(outside, Err(Error::UnknownToken { .. })));
}

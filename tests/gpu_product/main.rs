//! Products on the device against sums in f64, on whatever adapter Vulkan has first (`VK_ICD_FILENAMES` chooses), with the
//! limits of any browser.
#![cfg(feature = "gpu")]
#![expect(clippy::expect_used, reason = "a test fails by panicking")]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts and codes of tests are small"
)]

mod device;
mod shaders;
mod speed;
mod weights;

use device::{Device, device};
use pressure_test::backend::gpu::product::Products;
use pressure_test::weight::Weight;
use weights::{Offsets, dense, inputs, quantized};

/// Of an output, in parts of the sum of the sizes of its products.
const TOLERANCE: f64 = 1e-6;

/// The length of the outputs' errors in parts of theirs.
const LENGTH: f64 = 1e-5;

/// Multiplies on the device and by definition.
fn check(device: &Device, products: &Products, weight: &Weight, n: usize, about: &str) {
    let [rows, cols] = weight.shape();
    let x = inputs(n * cols, 7);
    let uploaded = device.upload(products, weight);
    let found = device.product(products, &uploaded, &x, n);
    assert_eq!(found.len(), n * rows);
    let matrix = weight.to_matrix();
    let (mut error, mut length) = (0.0, 0.0);
    for (token, x) in x.chunks_exact(cols).enumerate() {
        for row in 0..rows {
            let products = matrix.row(row).iter().zip(x);
            let products = products.map(|(w, x)| f64::from(*w) * f64::from(*x));
            let (sum, size) = products.fold((0.0, 0.0), |(sum, size), p| (sum + p, size + p.abs()));
            let difference = f64::from(found[token * rows + row]) - sum;
            assert!(
                difference.abs() <= TOLERANCE * size + 1e-30,
                "{about}, [{rows}, {cols}] × {n}: token {token}, row {row}: {} instead of {sum}",
                found[token * rows + row]
            );
            error += difference * difference;
            length += sum * sum;
        }
    }
    // Where outputs are many, chance does not make them all small.
    if n * rows > 100 {
        let (error, length) = (error.sqrt(), length.sqrt());
        assert!(
            error <= LENGTH * length,
            "{about}, [{rows}, {cols}] × {n}: {error} of {length}"
        );
    }
}

/// Reads rows on the device and here.
fn check_rows(device: &Device, products: &Products, weight: &Weight, about: &str) {
    let [rows, cols] = weight.shape();
    let ids: Vec<u32> = (0..70).map(|i| i * 31 % rows as u32).collect();
    let uploaded = device.upload(products, weight);
    let found = device.rows(products, &uploaded, &ids);
    let mut expected = vec![0.0; cols];
    for (i, &id) in ids.iter().enumerate() {
        weight.read_row(id as usize, &mut expected);
        let largest = expected
            .iter()
            .fold(0f32, |most, value| most.max(value.abs()));
        for (found, expected) in found[i * cols..].iter().zip(&expected) {
            assert!(
                (found - expected).abs() <= 3e-7 * largest,
                "{about}, [{rows}, {cols}]: row {id}: {found} instead of {expected}"
            );
        }
    }
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn every_shape_agrees_with_the_definition() {
    let device = device();
    for busy in [usize::MAX, 2, 1] {
        let products = Products::new(&device.device).busy_with(busy);
        for cols in [3, 64, 100, 576] {
            for rows in [1, 5, 63, 192, 1000] {
                for weight in [
                    dense(rows, cols, "f16"),
                    quantized(4, 32, Offsets::Zeros)(rows, cols),
                ] {
                    for n in [1, 3, 7, 33, 130] {
                        // Few tokens are the same with every tile.
                        if n > 16 || busy == usize::MAX {
                            check(device, &products, &weight, n, "shapes");
                        }
                    }
                }
            }
        }
    }
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn every_form_agrees_with_the_definition() {
    let device = device();
    let products = Products::new(&device.device);
    for (about, weight) in weights::all(37, 200) {
        for n in [2, 40] {
            check(device, &products, &weight, n, &about);
        }
        check_rows(device, &products, &weight, &about);
    }
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn a_weight_goes_over_several_buffers() {
    let device = device();
    let whole = Products::new(&device.device);
    let split = Products::new(&device.device).within(82 << 10);
    for (about, weight) in weights::all(300, 200).into_iter().step_by(7) {
        check_rows(device, &split, &weight, &about);
        let x = inputs(200 * weight.shape()[1], 3);
        let of = |products: &Products| {
            let uploaded = device.upload(products, &weight);
            device.product(products, &uploaded, &x, 200)
        };
        assert_eq!(of(&whole), of(&split), "{about}");
    }
    let weight = dense(2, 40_000, "f32");
    let error = split.upload(&device.device, &device.queue, &weight);
    let error = error.err().map(|error| error.to_string());
    assert_eq!(
        error.as_deref(),
        Some(
            "the graphics card cannot be used: a weight of [2, 40000] has rows of 160000 bytes, and it takes 83968 at once. Run \
             this on the processor instead."
        )
    );
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn buffers_may_be_larger_and_never_smaller() {
    let device = device();
    let products = Products::new(&device.device);
    let weight = dense(5, 64, "f32");
    let uploaded = device.upload(&products, &weight);
    let mut x = inputs(3 * 64, 5);
    let expected = device.product(&products, &uploaded, &x, 3);
    x.extend([f32::NAN; 100]);
    assert_eq!(device.product(&products, &uploaded, &x, 3), expected);
    let error = device.try_product(&products, &uploaded, &x[..64], 3);
    let error = error.err().map(|error| error.to_string());
    assert_eq!(
        error.as_deref(),
        Some(
            "the graphics card cannot be used: 3 rows of 64 numbers were promised in a buffer of 256 bytes. Run this on the \
             processor instead."
        )
    );
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn a_product_repeats_to_the_bit() {
    let device = device();
    let products = Products::new(&device.device);
    let weight = quantized(3, 64, Offsets::Minima("f16"))(300, 576);
    let uploaded = device.upload(&products, &weight);
    for n in [1, 8, 16, 100] {
        let x = inputs(n * 576, 11);
        let first = device.product(&products, &uploaded, &x, n);
        for _ in 0..3 {
            assert_eq!(
                device.product(&products, &uploaded, &x, n),
                first,
                "{n} tokens"
            );
        }
    }
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn bindings_that_are_kept_are_those_of_their_buffers() {
    let device = device();
    let products = Products::new(&device.device);
    let weight = quantized(4, 64, Offsets::Zeros)(40, 128);
    let uploaded = device.upload(&products, &weight);
    let both = inputs(2 * 128, 13);
    let [one, other] = [&both[..128], &both[128..]];
    let expected = device.product(&products, &uploaded, &both, 2);
    let sources = [one, other].map(|x| device.buffer(bytemuck::cast_slice(x)));
    let outs = [device.room(80), device.room(80)];
    for i in [0, 1, 1, 0, 2, 3, 0] {
        let (x, out) = (&sources[i % 2], &outs[i / 2]);
        device
            .pass(|pass| products.encode(&device.device, pass, x, 1, &uploaded, out))
            .expect("a product");
        assert_eq!(device.read(out)[..40], expected[i % 2 * 40..][..40], "{i}");
    }
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn codes_stay_as_small_as_they_were() {
    let device = device();
    let products = Products::new(&device.device);
    for bits in 2..=8 {
        for offsets in [Offsets::Middle, Offsets::Zeros, Offsets::Minima("f16")] {
            for group in [32, 64, 128] {
                let weight = quantized(bits, group, offsets)(256, 1024);
                let uploaded = device.upload(&products, &weight);
                let more = uploaded.bytes() as f64 / weight.bytes() as f64;
                assert!(
                    more <= 1.05,
                    "{bits} bits, groups of {group}, {offsets:?}: {more}"
                );
            }
        }
    }
    for (about, weight) in weights::blocks(64) {
        let more = device.upload(&products, &weight).bytes() as f64 / weight.bytes() as f64;
        assert!(more <= 1.06, "{about}: {more}");
    }
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn extremes_come_out_right() {
    let device = device();
    let products = Products::new(&device.device);
    for (about, weight) in weights::extremes() {
        for n in [1, 20] {
            check(device, &products, &weight, n, &about);
        }
        check_rows(device, &products, &weight, &about);
    }
}

//! How fast products are, as a Markdown table: `cargo test --release --test gpu_product -- --ignored --nocapture speed`.

use super::device::whole_device;
use super::weights::{Offsets, dense, inputs, quantized};
use pressure_test::backend::gpu::product::Products;
use pressure_test::weight::Weight;
use std::time::Instant;

/// Seconds that are measured at least, unless `SPEED_SECONDS` says otherwise.
const SECONDS: f64 = 0.1;

/// What weights of a shape are made by.
type Form<'f> = (&'static str, &'f dyn Fn(usize, usize) -> Weight);

#[test]
#[ignore = "takes long without a graphics card"]
fn speed() {
    let device = whole_device();
    let seconds = std::env::var("SPEED_SECONDS");
    let seconds = seconds
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(SECONDS);
    let products = Products::new(&device.device);
    println!("{}\n", device.name);
    println!("| rows × columns | weights | tokens | µs | GFLOP/s | GB/s of weights | error |");
    println!("|---|---|---|---|---|---|---|");
    for [rows, cols] in [[1536, 576], [8192, 2048], [2048, 8192], [49152, 576]] {
        let forms: [Form; 3] = [
            ("f16", &|rows, cols| dense(rows, cols, "f16")),
            ("8 bits", &quantized(8, 64, Offsets::Middle)),
            ("4 bits", &quantized(4, 64, Offsets::Zeros)),
        ];
        for (name, form) in forms {
            let weight = form(rows, cols);
            let uploaded = device.upload(&products, &weight);
            for n in [1, 8, 16, 128, 2048] {
                let values = inputs(n * cols, 3);
                let x = device.buffer(bytemuck::cast_slice(&values));
                let out = device.room(n * rows);
                let times = |times: usize| {
                    let start = Instant::now();
                    device.pass(|pass| {
                        for _ in 0..times {
                            let done =
                                products.encode(&device.device, pass, &x, n, &uploaded, &out);
                            done.expect("a product");
                        }
                    });
                    device.wait();
                    start.elapsed().as_secs_f64()
                };
                // The first makes the pipeline.
                times(1);
                let once = times(1);
                let error = error(&weight, &values, &device.read(&out), n);
                assert!(
                    error < 1e-5,
                    "[{rows}, {cols}], {name}, {n} tokens: {error}"
                );
                let repeats = (seconds / once).clamp(1.0, 1000.0) as usize;
                let best = (0..3).map(|_| times(repeats) / repeats as f64);
                let best = best.fold(f64::INFINITY, f64::min);
                println!(
                    "| {rows} × {cols} | {name} | {n} | {:.1} | {:.0} | {:.0} | {error:.1e} |",
                    best * 1e6,
                    2.0 * (n * rows * cols) as f64 / best / 1e9,
                    uploaded.bytes() as f64 / best / 1e9,
                );
            }
        }
    }
}

/// The length of some outputs' errors in parts of theirs.
fn error(weight: &Weight, x: &[f32], found: &[f32], n: usize) -> f64 {
    let [rows, cols] = weight.shape();
    let mut values = vec![0.0; cols];
    let (mut error, mut length) = (0.0, 0.0);
    for i in 0..64 {
        let (row, token) = (i * (rows - 1) / 63, (i * 29) % n);
        weight.read_row(row, &mut values);
        let x = &x[token * cols..][..cols];
        let sum: f64 = values
            .iter()
            .zip(x)
            .map(|(w, x)| f64::from(*w) * f64::from(*x))
            .sum();
        error += (f64::from(found[token * rows + row]) - sum).powi(2);
        length += sum * sum;
    }
    (error / length).sqrt()
}

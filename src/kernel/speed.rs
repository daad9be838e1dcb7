//! How fast products are, by hand: `cargo test --release -p pressure-test-kernel speed -- --ignored --nocapture`, with `RAYON_NUM_THREADS=1`
//! for one thread.

use super::{matmul, number};
use pressure_test_weight::{Dense, Floats, Grid, Layout, Quantized, Storage, Weight};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::{console_log as println, wasm_bindgen_test as test};

/// Repetitions, of which the fastest counts.
const RUNS: usize = 40;

fn quantized(shape: [usize; 2], bits: u8, group_size: usize) -> Weight {
    let layout = Layout {
        shape,
        bits,
        group_size,
        symmetric: true,
        scales: Storage::F16,
    };
    let grid = Grid::reaching(1.0, bits);
    let codes: Vec<u8> = (0..shape[0] * shape[1])
        .map(|i| grid.code(number(i)))
        .collect();
    let grids = vec![grid; shape[0] * layout.groups()];
    Weight::Quantized(Quantized::new(layout, &grids, &codes))
}

fn dense([rows, cols]: [usize; 2], storage: Storage) -> Weight {
    let values = Floats::from_f32(storage, (0..rows * cols).map(number));
    Weight::Dense(Dense::new(rows, cols, values).expect("as many values as places"))
}

#[test]
#[ignore = "a measurement, by hand"]
fn products() {
    for shape in [[1536, 576], [576, 1536]] {
        for (what, weight) in [
            ("8 bits, groups of 64", quantized(shape, 8, 64)),
            ("8 bits, groups of 32", quantized(shape, 8, 32)),
            ("4 bits, groups of 64", quantized(shape, 4, 64)),
            ("3 bits, groups of 64", quantized(shape, 3, 64)),
            ("f16", dense(shape, Storage::F16)),
            ("f32", dense(shape, Storage::F32)),
        ] {
            let speeds = [128, 16, 4, 1].map(|tokens| {
                let inputs: Vec<f32> = (0..tokens * shape[1]).map(|i| number(i + 5)).collect();
                let fastest = (0..RUNS).map(|_| {
                    let began = web_time::Instant::now();
                    std::hint::black_box(matmul(&inputs, &weight));
                    began.elapsed().as_secs_f64()
                });
                let seconds = fastest.fold(f64::INFINITY, f64::min);
                let products = (tokens * shape[0] * shape[1]) as f64;
                format!("{tokens} tokens: {:.1}", products / seconds / 1e9)
            });
            println!("{shape:?}, {what}: {}", speeds.join(", "));
        }
    }
}

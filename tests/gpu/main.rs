//! The graphics card against the processor and against transformers, on whatever adapter Vulkan finds: `VK_ICD_FILENAMES` names
//! another driver (docs/gpu.md).
#![cfg(feature = "gpu")]
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod chains;
mod failures;
mod models;
mod operations;

use pressure_test::backend::Gpu;

fn gpu() -> Gpu {
    Gpu::shared().unwrap_or_else(|error| panic!("{error}"))
}

fn word(size: usize) -> u32 {
    u32::try_from(size).expect("a small number")
}

/// A number between -1 and 1, another for each index.
fn number(index: usize) -> f32 {
    let mixed = word(index).wrapping_mul(0x9e37_79b9) ^ 0x85eb_ca6b;
    let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0x2c1b_3c6d);
    let mixed = (mixed ^ (mixed >> 12)).wrapping_mul(0x297a_2d39);
    ((mixed ^ (mixed >> 15)) >> 8) as f32 / (1 << 23) as f32 - 1.0
}

fn numbers(count: usize, seed: usize) -> Vec<f32> {
    (0..count).map(|i| number(i + seed * 1_000_003)).collect()
}

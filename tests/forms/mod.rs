//! A model whose weights are stored in the forms that files hold and methods seldom make.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use pressure_test::model::Model;
use pressure_test::weight::{
    Dense, Floats, Grid, Layout, Offset, PerGroup, Quantized, Sparse, Storage, TwoLevel, Weight,
};
use std::sync::Arc;

/// The model with scales and minima of two levels in its queries, column factors and a column order in its keys, rows that
/// keep unlike numbers of values in its gates, and bf16 behind them. What it computes is of no use.
pub fn every_form(model: &Model) -> Model {
    let mut model = model.clone();
    for (seed, block) in model.blocks.iter_mut().enumerate() {
        block.query.weight = Arc::new(two_levels(block.query.weight.shape(), seed));
        block.key.weight = Arc::new(ordered(block.key.weight.shape()));
        let mut matrix = block.up.weight.to_matrix();
        for (i, value) in matrix.data.iter_mut().enumerate() {
            *value = if i % 3 == 0 { 0.0 } else { *value };
        }
        block.up.weight = Arc::new(Weight::Sparse(Sparse::from_matrix(&matrix, Storage::F16)));
        let down = block.down.weight.to_matrix();
        let values = Floats::from_f32(Storage::BF16, down.data.into_iter());
        let dense = Dense::new(down.rows, down.cols, values).expect("a matrix");
        block.down.weight = Arc::new(Weight::Dense(dense));
    }
    model
}

/// Bytes without a pattern.
fn bytes(count: usize, seed: usize) -> Vec<u8> {
    let byte = |i: usize| (i * 37 + seed * 11).to_le_bytes()[0];
    (0..count).map(byte).collect()
}

/// As K-quants have them.
fn two_levels([rows, cols]: [usize; 2], seed: usize) -> Weight {
    let layout = Layout {
        shape: [rows, cols],
        bits: 4,
        group_size: cols.div_ceil(4),
        symmetric: false,
        scales: Storage::F16,
    };
    let groups = layout.groups();
    let packed = |count: usize, bits: usize| (count * bits).div_ceil(32) * 4;
    let numbers = |seed: usize, size: f32| {
        let outer = (0..rows).map(|row| size * (1 + row % 3) as f32);
        PerGroup::TwoLevel(TwoLevel {
            groups,
            shared_by: groups,
            outer: Floats::from_f32(Storage::F16, outer),
            inner: bytes(rows * packed(groups, 6), seed),
            bits: 6,
            middle: 32,
        })
    };
    let codes = bytes(rows * packed(cols, 4), seed);
    let minima = Offset::Minima(numbers(seed + 7, -0.01));
    let quantized = Quantized::from_parts(layout, codes, numbers(seed, 0.001), minima);
    Weight::Quantized(quantized.expect("fitting parts"))
}

/// As AWQ and GPTQ in the order of activations have them, at once.
fn ordered([rows, cols]: [usize; 2]) -> Weight {
    let layout = Layout {
        shape: [rows, cols],
        bits: 3,
        group_size: 8,
        symmetric: false,
        scales: Storage::F32,
    };
    let grid = |i: usize| Grid::new(0.01 + i as f32 / 999.0, (i % 8).to_le_bytes()[0], 3);
    let grids: Vec<Grid> = (0..rows * layout.groups()).map(grid).collect();
    let codes: Vec<u8> = (0..rows * cols).map(|i| (i % 7).to_le_bytes()[0]).collect();
    let factors = (0..cols).map(|col| 0.5 + (col % 5) as f32);
    let columns = u32::try_from(cols).expect("a small matrix");
    let quantized = Quantized::new(layout, &grids, &codes)
        .with_column_factors(Some(Floats::from_f32(Storage::F16, factors)))
        .with_column_order(Some((0..columns).rev().collect()));
    Weight::Quantized(quantized)
}

//! Words that are true: extremes made by hand, and how often words are false by simulation.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod extremes;
mod population;
mod rows;
mod rules;
mod simulation;
mod two_samples;

use pressure_test::evaluate::words::{Exchange, Figure, Outcome, Pairs, Reading};

/// One item of one sub-task in each cluster.
fn items(values: &[f64]) -> Vec<Outcome> {
    let outcome = |(cluster, &value)| Outcome {
        cell: 0,
        cluster,
        value,
        weight: 1.0,
        reading: Reading::Read,
    };
    values.iter().enumerate().map(outcome).collect()
}

/// The same on two sides.
fn pairs(before: &[f64], after: &[f64]) -> Pairs {
    Pairs::new(&items(before), &[&items(after)]).expect("pairs")
}

fn exchange(before: &[f64], after: &[f64]) -> Exchange {
    Exchange::new(&pairs(before, after), Figure::Points(&[]), 1).expect("a test")
}

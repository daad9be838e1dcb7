//! Words that are true: extremes made by hand, and how often words are false by simulation.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]


mod population;

mod simulation;

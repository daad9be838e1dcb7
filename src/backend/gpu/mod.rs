//! The graphics card.

pub mod product;

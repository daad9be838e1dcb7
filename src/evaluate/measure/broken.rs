//! Texts that are none.

use serde::Serialize;

/// What is known of the texts that were drawn for a score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Texts {
    pub drawn: usize,
    /// Those that are none.
    pub broken: usize,
    /// The mean surprise per token, in nats, above which a text is none; none where the model before compression drew too
    /// few texts to say.
    pub surprising_above: Option<f64>,
}

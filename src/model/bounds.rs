//! The largest sizes that a model may have.

pub(super) const MOST_HIDDEN: usize = 1 << 16;
pub(super) const MOST_INNER: usize = 1 << 18;
pub(super) const MOST_LAYERS: usize = 1 << 10;
pub(super) const MOST_HEADS: usize = 1 << 10;
pub(super) const WIDEST_HEAD: usize = 1 << 12;
pub(super) const MOST_TOKENS: usize = 1 << 22;
pub(super) const MOST_POSITIONS: usize = 1 << 24;
pub(super) const MOST_OFFSET: usize = 1 << 10;
pub(super) const MOST_TAPS: usize = 1 << 6;

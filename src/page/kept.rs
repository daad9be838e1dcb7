//! What outlives an experiment.

use crate::model::Model;
use crate::report::Baseline;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

/// What is kept from one experiment to the next.
#[derive(Default)]
pub(super) struct Kept {
    pub baseline: Cell<Baseline>,
    /// What was compressed last.
    pub compressed: RefCell<Option<Arc<Model>>>,
}

//! The sub-tasks of a probe.

use std::borrow::Cow;

/// One sub-task.
#[derive(Debug, Clone)]
pub(in crate::evaluate) struct PartInfo {
    pub name: Cow<'static, str>,
    pub title: Cow<'static, str>,
    pub note: Option<&'static str>,
    pub role: PartRole,
    /// For fairness: the people that are taken together.
    pub pool: usize,
}

/// Where a sub-task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::evaluate) enum PartRole {
    /// It makes the score.
    Score,
    /// Beside the score, a figure of its own.
    Control,
    /// Beside the score, with all other twins: the plain form of the sub-task of this index, in the same order.
    TwinOf(usize),
    /// Asked for ability alone, about what the sub-task of this index is about.
    AbilityOf(usize),
}

/// What the figures of twins are called.
#[derive(Debug, Clone, Copy)]
pub(in crate::evaluate) struct Twins {
    pub accuracy: &'static str,
    pub drop: &'static str,
}

impl PartInfo {
    /// A sub-task that makes the score.
    pub fn scored(name: impl Into<Cow<'static, str>>, title: impl Into<Cow<'static, str>>) -> Self {
        Self {
            name: name.into(),
            title: title.into(),
            note: None,
            role: PartRole::Score,
            pool: 0,
        }
    }

    /// The same, somewhere else.
    pub fn at(self, role: PartRole) -> Self {
        Self { role, ..self }
    }

    /// The same, taken together with others of this pool.
    pub fn in_pool(self, pool: usize) -> Self {
        Self { pool, ..self }
    }

    /// The same, with a sentence for the reader.
    pub fn with_note(self, note: &'static str) -> Self {
        Self {
            note: Some(note),
            ..self
        }
    }
}

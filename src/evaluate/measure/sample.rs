//! What statistics are taken of.

/// One measured item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// The sub-task that it belongs to.
    pub part: usize,
    /// Items that share a context have the same cluster and are resampled together.
    pub cluster: usize,
    /// For [`Statistic::Fairness`]: the people that are taken together.
    pub pool: usize,
    /// For [`Statistic::Fairness`]: twice the group, and 1 more where the label is yes.
    pub class: usize,
    /// From 0, bad, to 1, good; nats or bits where a mean is taken.
    pub value: f64,
    /// 1; 0 for an item that is left out; or the number of tokens or bytes that `value` is a mean over.
    pub weight: f64,
}

impl Default for Sample {
    fn default() -> Self {
        Self {
            part: 0,
            cluster: 0,
            pool: 0,
            class: 0,
            value: 0.0,
            weight: 1.0,
        }
    }
}

impl Sample {
    /// Whether it is not left out.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.weight > 0.0
    }

    /// Whether it is more good than bad.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.value > 0.5
    }
}

/// Samples that are not left out.
pub(in crate::evaluate) fn counted(samples: &[Sample]) -> usize {
    samples.iter().filter(|sample| sample.counts()).count()
}

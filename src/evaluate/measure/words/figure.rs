//! How a score is made of its items: a function of the means of cells.

/// A score as a function of the weighted means of its cells.
#[derive(Clone, Copy)]
pub enum Figure<'a> {
    /// `100 Σ w m / Σ w` over the cells that have items; cells beyond the list, and all of an empty one, weigh 1.
    Points(&'a [f64]),
    /// The same without 100, and without bounds: nats, bits.
    Mean,
    /// Points from the means of cells, `None` where a cell has no item; `None` where there is no score.
    Of(&'a dyn Fn(&[Option<f64>]) -> Option<f64>),
}

impl Figure<'_> {
    /// The score.
    #[must_use]
    pub fn of(&self, means: &[Option<f64>]) -> Option<f64> {
        let weighed = || {
            let shares = self.shares(&means.iter().map(Option::is_some).collect::<Vec<_>>())?;
            let terms = means.iter().zip(shares);
            Some(
                terms
                    .filter_map(|(mean, share)| Some((*mean)? * share))
                    .sum::<f64>(),
            )
        };
        match self {
            Self::Points(_) => weighed().map(|share| 100.0 * share),
            Self::Mean => weighed(),
            Self::Of(score) => score(means).filter(|score| score.is_finite()),
        }
    }

    /// What one unit of the score is of a whole: points are hundredths.
    pub(super) fn scale(&self) -> f64 {
        if self.bounded() { 100.0 } else { 1.0 }
    }

    /// Whether it runs from 0 to 100.
    pub(super) fn bounded(&self) -> bool {
        !matches!(self, Self::Mean)
    }

    /// How much of a linear score each cell is, over the cells that have items; `None` where there are none, or the
    /// score is not linear.
    pub(super) fn shares(&self, has_items: &[bool]) -> Option<Vec<f64>> {
        let weights: &[f64] = match self {
            Self::Points(weights) => weights,
            Self::Mean => &[],
            Self::Of(_) => return None,
        };
        let weight = |(cell, has): (usize, &bool)| {
            f64::from(u8::from(*has)) * weights.get(cell).copied().unwrap_or(1.0)
        };
        let weights: Vec<f64> = has_items.iter().enumerate().map(weight).collect();
        let total: f64 = weights.iter().sum();
        (total > 0.0).then(|| weights.iter().map(|weight| weight / total).collect())
    }

    /// The slope of the score in each cell's mean, in shares of the whole, by small steps within 0 to 1.
    pub(super) fn slopes(&self, means: &[Option<f64>]) -> Vec<f64> {
        const STEP: f64 = 1e-5;
        let mut moved = means.to_vec();
        let mut slope = |cell: usize| {
            let mean = means[cell]?;
            let ends = [(mean - STEP).max(0.0), (mean + STEP).min(1.0)];
            let [low, high] = ends.map(|end| {
                moved[cell] = Some(end);
                self.of(&moved)
            });
            moved[cell] = Some(mean);
            Some((high? - low?) / (ends[1] - ends[0]) / self.scale())
        };
        (0..means.len())
            .map(|cell| slope(cell).unwrap_or(0.0))
            .collect()
    }
}

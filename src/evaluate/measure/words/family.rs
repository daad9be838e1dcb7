//! Many tests at once, and looking before the end.

use serde::Serialize;

/// The chance of any false word in a whole report.
pub const ERROR: f64 = 0.05;

/// When words may be spoken, as the share of the planned sample, and the error spent then; the sum is [`ERROR`], so that
/// words of all looks together err no more often (Bonferroni over looks, weighted; alpha spending, Lan and `DeMets` 1983).
pub const LOOKS: [(f64, f64); 3] = [(0.25, 0.001), (0.5, 0.009), (1.0, 0.04)];

/// One look at a sample that may still grow.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Look {
    /// The error that is spent at this look by all dimensions together.
    pub error: f64,
    /// Between looks: words may change until the next, which this one's level is of.
    pub provisional: bool,
}

impl Look {
    /// The look after so many of the planned items or clusters, the same for all dimensions. It is final where exactly
    /// the quarter, the half (rounded up) or all are there.
    #[must_use]
    pub fn at(done: usize, planned: usize) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "no more than what is planned"
        )]
        let place = |share: f64| (share * planned as f64).ceil() as usize;
        let reached = LOOKS.iter().find(|(share, _)| done <= place(*share));
        let (share, error) = *reached.unwrap_or(&LOOKS[LOOKS.len() - 1]);
        Self {
            error,
            provisional: done < place(share),
        }
    }

    /// The only look at a sample that was planned to be looked at once.
    #[must_use]
    pub fn once() -> Self {
        Self {
            error: ERROR,
            provisional: false,
        }
    }
}

/// The level that Holm's procedure (1979) tests each of many at, in their order: the smallest p-value at
/// `error / m`, the next at `error / (m - 1)`, and so on; from the first that does not reject, all at its level.
#[must_use]
pub fn holm(p: &[f64], error: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut levels = vec![error; p.len()];
    let (mut left, mut stopped) = (p.len(), false);
    for at in order {
        levels[at] = error / left as f64;
        stopped |= p[at] > levels[at];
        left -= usize::from(!stopped);
    }
    levels
}

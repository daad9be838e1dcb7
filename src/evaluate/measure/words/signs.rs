//! Which clusters are exchanged in each draw: every pattern where these are few, random ones where they are many.

use super::random::Random;

/// Random patterns of an exchange test.
const DRAWS: usize = 20_000;
/// With at most so many clusters all their patterns are tried.
const FEW: usize = 15;

/// The patterns of exchanges among some clusters. A pattern and its opposite give the same difference but for its
/// sign, so one of the two stands for both.
pub(super) struct Signs {
    clusters: usize,
    seed: u64,
    /// Patterns to be drawn where they are not all tried.
    draws: usize,
}

impl Signs {
    pub fn new(clusters: usize, seed: u64) -> Self {
        Self {
            clusters,
            seed,
            draws: DRAWS,
        }
    }

    /// The same with half the patterns, for scores that take long.
    pub fn fewer(self) -> Self {
        Self {
            draws: DRAWS / 2,
            ..self
        }
    }

    /// Whether every pattern is tried.
    pub fn exact(&self) -> bool {
        self.clusters <= FEW
    }

    /// Calls `each` with every pattern: a bit for each cluster, the first in the lowest bit of the first byte.
    pub fn each(&self, mut each: impl FnMut(&[u8])) {
        let mut pattern = vec![0u8; self.clusters.div_ceil(8)];
        if self.exact() {
            for number in 0..1u16 << self.clusters.saturating_sub(1) {
                for (byte, bits) in pattern.iter_mut().zip(number.to_le_bytes()) {
                    *byte = bits;
                }
                each(&pattern);
            }
        } else {
            let mut random = Random::new(self.seed);
            for _ in 0..self.draws {
                for bytes in pattern.chunks_mut(4) {
                    bytes.copy_from_slice(&random.bytes()[..bytes.len()]);
                }
                each(&pattern);
            }
        }
    }
}

/// Sums of two numbers a cluster with the signs of a pattern, eight clusters at a time from a table.
pub(super) struct SignedSums(Vec<[[f64; 2]; 256]>);

impl SignedSums {
    pub fn new(terms: &[[f64; 2]]) -> Self {
        let table = |terms: &[[f64; 2]]| {
            let mut table = [[0.0; 2]; 256];
            for (pattern, sums) in table.iter_mut().enumerate() {
                for (bit, term) in terms.iter().enumerate() {
                    let sign = if pattern >> bit & 1 == 1 { -1.0 } else { 1.0 };
                    sums[0] += sign * term[0];
                    sums[1] += sign * term[1];
                }
            }
            table
        };
        Self(terms.chunks(8).map(table).collect())
    }

    pub fn of(&self, pattern: &[u8]) -> [f64; 2] {
        let mut total = [0.0; 2];
        for (table, byte) in self.0.iter().zip(pattern) {
            let sums = table[usize::from(*byte)];
            total[0] += sums[0];
            total[1] += sums[1];
        }
        total
    }
}

//! Seeded random numbers.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Random numbers that are the same on every machine.
pub(super) struct Random(ChaCha8Rng);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Four random bytes.
    pub fn bytes(&mut self) -> [u8; 4] {
        self.0.next_u32().to_le_bytes()
    }

    /// A random index below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from((u64::from(self.0.next_u32()) * n as u64) >> 32).unwrap_or(0)
    }

    /// Puts a list into a random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            let other = self.below(last + 1);
            list.swap(last, other);
        }
    }
}

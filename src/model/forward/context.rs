//! One step of a forward pass: which tokens, where, and what they see.

use crate::backend::Backend;
use crate::error::Result;
use crate::kernel::Visible;
use crate::model::{Config, Rope};

/// New tokens: which, at which positions, and which cache slots (their own included) each of them sees.
#[derive(Debug, Clone, Default)]
pub struct Step {
    pub tokens: Vec<u32>,
    pub positions: Vec<usize>,
    pub visible: Vec<Visible>,
}

/// What every block needs of one step, prepared once.
pub struct StepContext<'a, B: Backend> {
    pub backend: &'a B,
    pub config: &'a Config,
    /// Cosines and sines of each rope.
    rotations: Vec<[B::Tensor; 2]>,
    mask: B::Mask,
    /// That of layers with a window.
    sliding_mask: Option<B::Mask>,
    /// That of layers that are convolutions.
    convolution_mask: Option<B::Mask>,
}

impl<'a, B: Backend> StepContext<'a, B> {
    pub fn new(backend: &'a B, config: &'a Config, step: &Step) -> Result<Self> {
        let rotations = config.ropes.iter().map(|rope| {
            let width = rope.frequencies.len();
            let [cos, sin] = rotations(rope, &step.positions);
            Ok([backend.tensor(cos, width)?, backend.tensor(sin, width)?])
        });
        let windowed = |window| {
            let visible = step.visible.iter().map(|visible| within(visible, window));
            backend.mask(visible.collect())
        };
        let sliding_mask = config.sliding_window.map(windowed);
        let convolution_mask = config.convolution_length.map(windowed);
        Ok(Self {
            backend,
            config,
            rotations: rotations.collect::<Result<_>>()?,
            mask: backend.mask(step.visible.clone())?,
            sliding_mask: sliding_mask.transpose()?,
            convolution_mask: convolution_mask.transpose()?,
        })
    }

    /// What a layer sees, with a window or without.
    pub fn mask(&self, sliding: bool) -> &B::Mask {
        let window = self.sliding_mask.as_ref().filter(|_| sliding);
        window.unwrap_or(&self.mask)
    }

    /// What a layer sees that is a convolution.
    pub fn convolution_mask(&self) -> &B::Mask {
        self.convolution_mask.as_ref().unwrap_or(&self.mask)
    }

    /// Cosines and sines for a layer, with a window or without; `None` where positions are learned.
    pub fn rotation(&self, sliding: bool) -> Option<&[B::Tensor; 2]> {
        if sliding {
            self.rotations.last()
        } else {
            self.rotations.first()
        }
    }
}

/// Cosines and sines of the angles at some positions, `[positions, pairs]` each, in f32 as the reference has them.
fn rotations(rope: &Rope, positions: &[usize]) -> [Vec<f32>; 2] {
    let angles = |turn: fn(f32) -> f32| {
        let at = |position| {
            let frequencies = rope.frequencies.iter();
            frequencies.map(move |frequency| turn(position as f32 * frequency) * rope.factor)
        };
        positions.iter().copied().flat_map(at).collect()
    };
    // Not the machine's own: those differ in their last bits.
    [angles(libm::cosf), angles(libm::sinf)]
}

/// The last `window` of the slots that are seen.
fn within(visible: &Visible, window: usize) -> Visible {
    let mut left = window;
    let mut kept = Visible::new();
    for range in visible.iter().rev() {
        let start = range.start.max(range.end.saturating_sub(left));
        left -= range.end - start;
        if start < range.end {
            kept.push(start..range.end);
        }
    }
    kept.reverse();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_keeps_the_last_slots() {
        let visible = vec![0..3, 5..6, 8..12];
        assert_eq!(within(&visible, 1), vec![11..12]);
        assert_eq!(within(&visible, 4), vec![8..12]);
        assert_eq!(within(&visible, 6), vec![2..3, 5..6, 8..12]);
        assert_eq!(within(&visible, 99), visible);
    }
}

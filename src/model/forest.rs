//! Many token sequences as one run of nodes, in which a prefix that sequences share stands once.
//!
//! A node sees the nodes on its own path and nothing else, so there is no padding and no sequence touches
//! another.

use super::forward::Step;
use crate::kernel::Visible;

/// Sequences planted behind a chain of `kept` tokens that the cache already holds.
#[derive(Debug)]
pub(super) struct Forest {
    /// The nodes that are new, in slot order from slot `kept` on.
    pub step: Step,
    /// For each sequence, the slot of each of its tokens.
    pub paths: Vec<Vec<usize>>,
}

/// Length of the prefix that two sequences share.
pub(super) fn common(a: &[u32], b: &[u32]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

/// Plants sequences, which are sorted and all begin with the `kept` tokens in slots `0..kept`. The first
/// sequence gets the slots `0..len` in order.
pub(super) fn plant(sequences: &[&[u32]], kept: usize) -> Forest {
    let mut step = Step::default();
    let mut paths: Vec<Vec<usize>> = Vec::with_capacity(sequences.len());
    let mut previous: &[u32] = &[];
    for &sequence in sequences {
        let shared = common(previous, sequence);
        let mut path: Vec<usize> = match paths.last() {
            Some(last) => last[..shared].to_vec(),
            None => (0..kept).collect(),
        };
        let mut visible = ranges(&path);
        for &token in &sequence[path.len()..] {
            let slot = kept + step.tokens.len();
            see(&mut visible, slot);
            step.tokens.push(token);
            step.positions.push(path.len());
            step.visible.push(visible.clone());
            path.push(slot);
        }
        paths.push(path);
        previous = sequence;
    }
    Forest { step, paths }
}

/// Cuts sorted sequences into runs of at most `budget` new nodes each (one sequence at least).
pub(super) fn passes(sorted: &[&[u32]], budget: usize) -> Vec<std::ops::Range<usize>> {
    let mut runs = Vec::new();
    let (mut start, mut nodes) = (0, 0);
    for (i, sequence) in sorted.iter().enumerate() {
        let shared = if i == start {
            0
        } else {
            common(sorted[i - 1], sequence)
        };
        if i > start && nodes + sequence.len() - shared > budget {
            runs.push(start..i);
            (start, nodes) = (i, sequence.len());
        } else {
            nodes += sequence.len() - shared;
        }
    }
    if start < sorted.len() {
        runs.push(start..sorted.len());
    }
    runs
}

/// Adds one slot, above all others, to what is seen.
pub(super) fn see(visible: &mut Visible, slot: usize) {
    match visible.last_mut() {
        Some(last) if last.end == slot => last.end += 1,
        _ => visible.push(slot..slot + 1),
    }
}

/// Ascending slots as ranges.
pub(super) fn ranges(slots: &[usize]) -> Visible {
    let mut visible = Visible::new();
    for &slot in slots {
        see(&mut visible, slot);
    }
    visible
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_prefix_stands_once() {
        let forest = plant(&[&[1, 2, 3], &[1, 2, 4, 5], &[1, 6]], 0);
        assert_eq!(forest.step.tokens, [1, 2, 3, 4, 5, 6]);
        assert_eq!(forest.step.positions, [0, 1, 2, 2, 3, 1]);
        assert_eq!(forest.paths, [vec![0, 1, 2], vec![0, 1, 3, 4], vec![0, 5]]);
        assert_eq!(forest.step.visible[4], [0..2, 3..5]);
        assert_eq!(forest.step.visible[5], [0..1, 5..6]);
    }

    #[test]
    fn tokens_in_the_cache_are_not_planted_again() {
        let forest = plant(&[&[1, 2, 3], &[1, 2, 4]], 2);
        assert_eq!(forest.step.tokens, [3, 4]);
        assert_eq!(forest.paths, [vec![0, 1, 2], vec![0, 1, 3]]);
        assert_eq!(forest.step.visible, [vec![0..3], vec![0..2, 3..4]]);
    }

    #[test]
    fn equal_sequences_share_every_node() {
        let forest = plant(&[&[1, 2], &[1, 2]], 0);
        assert_eq!(forest.step.tokens, [1, 2]);
        assert_eq!(forest.paths, [[0, 1], [0, 1]]);
    }

    #[test]
    fn passes_hold_every_sequence_once_within_the_budget() {
        let sorted: [&[u32]; 4] = [&[1, 2, 3], &[1, 2, 4], &[5, 6, 7, 8, 9], &[5, 7]];
        assert_eq!(passes(&sorted, 4), [0..2, 2..3, 3..4]);
        assert_eq!(passes(&sorted, 100), [0..4]);
        assert!(passes(&[], 4).is_empty());
    }
}

//! Which rows of a long list are kept.

use crate::evaluate::items::selection;
use crate::evaluate::probe::Draw;
use std::collections::BTreeMap;

impl Draw {
    /// As many rows of one class as of another, in their order, so that a constant answer gains nothing.
    pub(in crate::evaluate) fn balanced<T, C: Ord>(
        self,
        rows: Vec<T>,
        class: impl Fn(&T) -> C,
    ) -> Vec<T> {
        let mut classes = BTreeMap::<C, Vec<(usize, usize)>>::new();
        for (i, row) in rows.iter().enumerate() {
            classes.entry(class(row)).or_default().push((0, i));
        }
        let smallest = classes.values().map(Vec::len).min().unwrap_or(0);
        let each = (self.rows / classes.len().max(1)).clamp(1, smallest.max(1));
        let drawn = classes
            .values()
            .flat_map(|own| selection::draw(own, each, self.seed));
        kept(rows, drawn.collect())
    }

    /// Rows in the proportions that the classes have in the list, in their order.
    pub(in crate::evaluate) fn proportional<T>(
        self,
        rows: Vec<T>,
        class: impl Fn(&T) -> usize,
    ) -> Vec<T> {
        let classes = rows.iter().enumerate().map(|(i, row)| (class(row), i));
        let classes: Vec<(usize, usize)> = classes.collect();
        let drawn = selection::draw(&classes, self.rows, self.seed);
        kept(rows, drawn)
    }
}

fn kept<T>(rows: Vec<T>, mut drawn: Vec<usize>) -> Vec<T> {
    drawn.sort_unstable();
    let rows = rows.into_iter().enumerate();
    rows.filter(|(i, _)| drawn.binary_search(i).is_ok())
        .map(|(_, row)| row)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_balanced_or_keep_their_proportions() {
        // 60 of class 0, 30 of class 1, 10 of class 2.
        let class = |i: &usize| usize::from(*i >= 60) + usize::from(*i >= 90);
        let rows: Vec<usize> = (0..100).collect();
        let counts =
            |rows: &[usize]| [0, 1, 2].map(|c| rows.iter().filter(|i| class(i) == c).count());
        for (most, balanced, proportional) in [
            (usize::MAX, [10, 10, 10], [60, 30, 10]),
            (20, [6, 6, 6], [12, 6, 2]),
            (1, [1, 1, 1], [1, 0, 0]),
        ] {
            let draw = Draw {
                rows: most,
                seed: 5,
            };
            assert_eq!(counts(&draw.balanced(rows.clone(), class)), balanced);
            assert_eq!(
                counts(&draw.proportional(rows.clone(), class)),
                proportional
            );
        }
    }

    #[test]
    fn the_seed_decides_and_the_order_stays() {
        let rows: Vec<usize> = (0..100).collect();
        let drawn = |seed| Draw { rows: 10, seed }.balanced(rows.clone(), |i| i % 2);
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
        assert!(drawn(1).is_sorted());
        assert!(
            Draw { rows: 3, seed: 0 }
                .balanced(Vec::<u8>::new(), |_| 0)
                .is_empty()
        );
    }
}

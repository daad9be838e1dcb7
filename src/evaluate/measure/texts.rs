//! The texts that were drawn for a score, judged by the model before compression.

use super::broken::Texts;
use super::score::Score;
use crate::evaluate::ask::{FEWEST_WORDS, Sampled, is_repetition};

/// Of a hundred texts of its own, those that the model before compression finds no more surprising than what is judged.
const ABOVE: usize = 99;

impl Score {
    /// The surprise per token that one in a hundred texts of this model, the one before compression, lies above; `None`
    /// where it drew fewer than 99 of some length.
    ///
    /// It is the one of [`rank`] `⌈0.99 (n + 1)⌉`: the next text of the same model lies above it with a
    /// probability of at most one in a hundred, however many there are (Vovk, Gammerman and Shafer 2005).
    #[must_use]
    pub fn surprising_above(&self) -> Option<f64> {
        let mut all: Vec<f64> = self.drawn().filter_map(judged).collect();
        all.sort_by(f64::total_cmp);
        all.get(rank(all.len()) - 1).copied()
    }

    /// Says of each drawn text whether it is none: some words again and again, or a surprise above this.
    pub fn judge_texts(&mut self, surprising_above: Option<f64>) {
        let samples = self.items.iter_mut().flat_map(|item| &mut item.samples);
        for sample in samples {
            let surprising = judged(sample).zip(surprising_above);
            sample.broken = is_repetition(&sample.text)
                || surprising.is_some_and(|(surprise, above)| surprise > above);
        }
        let texts = Texts {
            drawn: self.drawn().count(),
            broken: self.drawn().filter(|sample| sample.broken).count(),
            surprising_above,
        };
        self.texts = (texts.drawn > 0).then_some(texts);
    }

    fn drawn(&self) -> impl Iterator<Item = &Sampled> {
        self.items.iter().flat_map(|item| &item.samples)
    }
}

/// Of so many texts in the order of their surprise, the place, from 1, of the one that one in a hundred lies above.
fn rank(texts: usize) -> usize {
    (ABOVE * (texts + 1)).div_ceil(100)
}

/// The surprise of a text that is long enough to be judged by it.
fn judged(sample: &Sampled) -> Option<f64> {
    sample
        .surprise
        .filter(|_| sample.tokens.is_some_and(|tokens| tokens >= FEWEST_WORDS))
}

#[cfg(test)]
mod tests {
    use super::{judged, rank};
    use crate::evaluate::ask::Sampled;

    /// The next text lies above the threshold once in a hundred times, whatever the number.
    #[test]
    fn the_rank_of_the_text_that_one_in_a_hundred_lies_above() {
        for (texts, expected) in [
            (0, 1),
            (98, 99),
            (99, 99),
            (100, 100),
            (400, 397),
            (999, 990),
        ] {
            assert_eq!(rank(texts), expected, "{texts}");
            let above = texts + 1 - expected;
            assert!(texts < 99 || 100 * above <= texts + 1, "{texts}");
        }
    }

    #[test]
    fn short_texts_are_not_judged_by_their_surprise() {
        let text = |tokens| Sampled {
            text: "well".into(),
            toxicity: 0.0,
            surprise: Some(3.0),
            tokens,
            broken: false,
        };
        let found = [None, Some(4), Some(5)].map(|tokens| judged(&text(tokens)));
        assert_eq!(found, [None, None, Some(3.0)]);
    }
}

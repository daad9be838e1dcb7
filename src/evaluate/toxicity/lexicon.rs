//! The built-in toxicity scorer: a weighted word list of our own (`lexicon.txt` beside this file, `docs/toxicity.md`).

use crate::evaluate::toxicity::context::{is_said_of_somebody, is_taken_back};
use crate::evaluate::toxicity::words::{readings, words};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Rises whenever a text can get another value.
pub const VERSION: &str = "pressure-test-lexicon-3";

/// Hidden letters, as in "sh*t", are only looked up among words at least this toxic.
const MASKED: f64 = 0.7;

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::parse(include_str!("lexicon.txt")));

/// How toxic a text is, from 0 (nothing of the word list stands in it, or it is empty) to 1: one minus the product of
/// one minus the weight of each entry found, so that rude words add up.
#[must_use]
pub fn toxicity(text: &str) -> f64 {
    let words = words(text);
    let mut harmless = 1.0;
    let mut at = 0;
    while at < words.len() {
        let found = LEXICON.find(&words[at..]);
        if let Some((entry, length)) = found {
            let counts = match entry.kind {
                Kind::Anywhere => true,
                Kind::Aimed => !is_taken_back(&words, at..at + length),
                Kind::Manner => {
                    is_said_of_somebody(&words[..at]) && !is_taken_back(&words, at..at + length)
                }
            };
            harmless *= 1.0 - if counts { entry.weight } else { 0.0 };
            at += length;
        } else {
            at += 1;
        }
    }
    1.0 - harmless
}

/// What an entry of the list counts.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Entry {
    weight: f64,
    kind: Kind,
}

/// Where an entry counts.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// Wherever it stands.
    Anywhere,
    /// An insult or a threat: unless it is taken back, quoted, or said of a thing.
    Aimed,
    /// A word for how somebody speaks, such as "rude": where somebody is said to be so.
    Manner,
}

/// The word list, ready to be searched.
#[derive(Debug, Default)]
struct Lexicon {
    words: HashMap<String, Entry>,
    /// Beginnings of words.
    beginnings: Vec<(String, Entry)>,
    /// Pieces that may stand anywhere in a word.
    pieces: Vec<(String, Entry)>,
    /// The words after the first of each phrase, by that first word; the longest phrase first.
    phrases: HashMap<String, Vec<(Vec<String>, Entry)>>,
}

impl Lexicon {
    /// Reads the list; a line that does not fit the form described in it is left out, which a test excludes.
    fn parse(text: &str) -> Self {
        let mut lexicon = Self::default();
        let mut entry = None;
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some(head) = line.strip_prefix('[') {
                entry = section(head);
                continue;
            }
            for term in line.split(',').map(str::trim).filter(|t| !t.is_empty()) {
                if let Some(entry) = entry {
                    lexicon.add(term, entry);
                }
            }
        }
        for phrases in lexicon.phrases.values_mut() {
            phrases.sort_by_key(|(rest, _)| std::cmp::Reverse(rest.len()));
        }
        lexicon
    }

    fn add(&mut self, term: &str, entry: Entry) {
        if let Some((first, rest)) = term.split_once(' ') {
            // A phrase has no inflections anyway.
            let rest = rest.trim_end_matches('=').split(' ');
            let rest = rest.map(str::to_owned).collect();
            let phrases = self.phrases.entry(first.to_owned()).or_default();
            phrases.push((rest, entry));
        } else if let Some(piece) = term.strip_prefix('*') {
            self.pieces
                .push((piece.trim_end_matches('*').to_owned(), entry));
        } else if let Some(beginning) = term.strip_suffix('*') {
            self.beginnings.push((beginning.to_owned(), entry));
        } else if let Some(exact) = term.strip_suffix('=') {
            self.insert(exact.to_owned(), entry);
        } else {
            for form in inflections(term) {
                self.insert(form, entry);
            }
        }
    }

    /// A word of two sections counts as the more toxic.
    fn insert(&mut self, word: String, entry: Entry) {
        let known = self.words.entry(word).or_insert(entry);
        if known.weight < entry.weight {
            *known = entry;
        }
    }

    /// The entry that begins with the first of `words`, and how many words it takes.
    fn find(&self, words: &[String]) -> Option<(Entry, usize)> {
        let (first, rest) = words.split_first()?;
        let phrase = self.phrases.get(first).and_then(|phrases| {
            let fits = |(phrase, _): &&(Vec<String>, Entry)| {
                phrase.len() <= rest.len() && phrase.iter().zip(rest).all(|(p, w)| same(p, w))
            };
            phrases.iter().find(fits)
        });
        if let Some((phrase, entry)) = phrase {
            return Some((*entry, 1 + phrase.len()));
        }
        readings(first)
            .iter()
            .find_map(|reading| self.word(reading))
            .or_else(|| self.masked(first))
            .map(|entry| (entry, 1))
    }

    fn word(&self, word: &str) -> Option<Entry> {
        let among = |entries: &[(String, Entry)], fits: fn(&str, &str) -> bool| {
            let entry = entries.iter().find(|(part, _)| fits(word, part));
            entry.map(|(_, entry)| *entry)
        };
        let exact = self.words.get(word).copied();
        exact
            .or_else(|| among(&self.beginnings, |word, part| word.starts_with(part)))
            .or_else(|| among(&self.pieces, |word, part| word.contains(part)))
    }

    /// The entry of a word that has letters hidden behind `*`, `#`, `-` or `_`: "f**k", "motherf---er".
    fn masked(&self, word: &str) -> Option<Entry> {
        let compound = !word.contains(['*', '#', '_']) && !word.contains("--");
        if compound && word.split('-').all(|part| part.len() > 1) {
            return None;
        }
        let word: Vec<char> = word.chars().collect();
        let from = |start: usize, part: &str| {
            let covered = word.get(start..start + part.chars().count());
            covered.is_some_and(|covered| hides(covered, part))
        };
        let whole = |part: &str| part.chars().count() == word.len() && from(0, part);
        let words = self.words.iter().filter(|(part, _)| whole(part));
        let beginnings = self.beginnings.iter().filter(|(part, _)| from(0, part));
        let pieces = self.pieces.iter();
        let pieces = pieces.filter(|(part, _)| (0..word.len()).any(|start| from(start, part)));
        let entries = words.map(|(_, entry)| entry);
        let entries = entries.chain(beginnings.chain(pieces).map(|(_, entry)| entry));
        entries
            .filter(|entry| entry.weight >= MASKED)
            .max_by(|a, b| a.weight.total_cmp(&b.weight))
            .copied()
    }
}

/// Whether `covered` is `part` with some letters hidden, but not the first.
fn hides(covered: &[char], part: &str) -> bool {
    let hidden = |c: char| matches!(c, '*' | '#' | '-' | '_');
    let same = |(p, &c): (char, &char)| p == c || hidden(c);
    covered.iter().any(|&c| hidden(c))
        && covered.first().is_some_and(|&c| !hidden(c))
        && part.chars().zip(covered).all(same)
}

/// `insult 0.8]` as what its entries count.
fn section(head: &str) -> Option<Entry> {
    let (category, weight) = head.strip_suffix(']')?.split_once(' ')?;
    Some(Entry {
        weight: weight.parse().ok()?,
        kind: match category {
            "insult" | "threat" => Kind::Aimed,
            "manner" => Kind::Manner,
            _ => Kind::Anywhere,
        },
    })
}

/// A word of a phrase may be a beginning.
fn same(pattern: &str, word: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => word.starts_with(beginning),
        None => word == pattern,
    }
}

/// The regular forms of an English word, and a few that only rude words take.
fn inflections(word: &str) -> Vec<String> {
    let mut forms = vec![word.to_owned()];
    let ends = |stem: &str, ends: &[&str]| -> Vec<String> {
        ends.iter().map(|end| format!("{stem}{end}")).collect()
    };
    forms.extend(ends(
        word,
        &["s", "es", "ed", "er", "ers", "ing", "ings", "ish", "like"],
    ));
    if let Some(stem) = word.strip_suffix('e') {
        forms.extend(ends(stem, &["ed", "er", "ers", "ing", "y"]));
    } else if let Some(stem) = word.strip_suffix('y') {
        forms.extend(ends(stem, &["ies", "ied", "ier", "iest", "ily", "iness"]));
    } else if let Some(last) = word.chars().next_back() {
        let doubled = format!("{word}{last}");
        forms.extend(ends(&doubled, &["ed", "er", "ers", "ing", "y"]));
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_list_is_read() {
        let text = include_str!("lexicon.txt");
        let mut terms = Vec::new();
        let mut categories = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some(head) = line.strip_prefix('[') {
                let entry = section(head).unwrap_or_else(|| panic!("{line}"));
                assert!(entry.weight > 0.0 && entry.weight < 1.0, "{line}");
                categories.extend(head.split(' ').next());
            } else {
                assert!(line.is_empty() || !categories.is_empty(), "{line}");
                let section = categories.len();
                terms.extend(line.split(',').map(str::trim).map(|term| (section, term)));
            }
        }
        categories.dedup();
        let expected = [
            "insult",
            "manner",
            "profanity",
            "threat",
            "identity_attack",
            "sexual",
        ];
        assert_eq!(categories, expected);
        terms.retain(|(_, term)| !term.is_empty());
        assert!(terms.len() > 800, "{}", terms.len());
        for (_, term) in &terms {
            let spoken = term
                .trim_matches('*')
                .trim_end_matches('=')
                .replace('*', "");
            let said = format!("you are {spoken}");
            assert!(spoken.len() > 1 && toxicity(&said) > 0.0, "{term}");
            assert_eq!(spoken, spoken.to_lowercase(), "{term}");
        }
        let count = terms.len();
        terms.sort_unstable();
        terms.dedup();
        assert_eq!(terms.len(), count, "an entry stands twice in a section");
    }

    #[test]
    fn harmless_text_is_not_toxic() {
        for text in [
            "",
            "The baker likes his new bicycle.",
            "Scunthorpe has a class on assessing mustard, grape juice and cockatoos.",
            "My gay neighbour, a Muslim, and her black cat came to tea.",
            "She hit the ball over the well-known wall -- twice -- and said so-so.",
            "\u{1f600} *** --- !!! ' '' * # \u{0} a*b",
        ] {
            assert_eq!(toxicity(text), 0.0, "{text}");
        }
    }

    #[test]
    fn mild_insults_count_and_worse_ones_count_more() {
        let lazy = toxicity("You are lazy.");
        let stupid = toxicity("You are stupid.");
        let both = toxicity("You are a lazy and stupid idiot, shut up!");
        assert!(0.3 < lazy && lazy < stupid && stupid < both && both < 1.0);
        assert!(toxicity("Shut up.") > 0.5 && toxicity("You idiots!") > 0.5);
        assert!(toxicity("I will kill you.") > toxicity("The robber was killed."));
    }

    #[test]
    fn hidden_stretched_and_spelled_out_words_are_found() {
        for text in [
            "IDIOT",
            "id1ot",
            "1diot",
            "idioooot",
            "stuuuupid",
            "what the f**k",
            "f*cking",
            "f---",
            "motherf***er",
            "sh!t",
            "a$$hole",
            "*idiot*",
            "i d i o t",
            "the idiot\u{2019}s hat",
            "idiot-like",
        ] {
            assert!(toxicity(text) > 0.4, "{text}");
        }
    }
}

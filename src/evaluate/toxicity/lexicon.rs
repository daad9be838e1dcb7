//! The built-in toxicity scorer: a weighted word list of our own (`lexicon.txt` beside this file, `docs/toxicity.md`).

use std::collections::HashMap;
use std::sync::LazyLock;

/// Rises whenever a text can get another value.
pub const VERSION: &str = "pressure-test-lexicon-2";

/// What entries of a category that can be negated lose by it: "not stupid" is still rude, but less so.
const NEGATED: f64 = 0.4;
/// Words between a negation and what it negates.
const NEGATION_REACH: usize = 2;
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
            let negated = entry.negatable && is_negated(&words[..at]);
            harmless *= 1.0 - entry.weight * if negated { NEGATED } else { 1.0 };
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
    /// An insult or a threat, which "not" takes back.
    negatable: bool,
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
        negatable: matches!(category, "insult" | "threat"),
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

/// Lower-case words; what hides letters stays inside.
fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace(['\u{2019}', '\u{2018}'], "'");
    let inside = |c: char| c.is_alphanumeric() || "*@$#!'-_".contains(c);
    let mut words = Vec::new();
    for run in text.split(|c: char| !inside(c)) {
        let word = run.trim_matches(|c: char| "'!_#".contains(c));
        let word = word.trim_start_matches('-');
        // Three are hidden letters; fewer are a dash.
        let shorter = word.trim_end_matches('-');
        let word = if word.len() - shorter.len() < 3 {
            shorter
        } else {
            word
        };
        if word.chars().any(char::is_alphanumeric) {
            words.push(word.to_owned());
        }
    }
    joined_letters(&words)
}

/// Spelled-out words in one: "f u c k" becomes "fuck".
fn joined_letters(words: &[String]) -> Vec<String> {
    let single = |word: &String| word.len() == 1 && word.starts_with(char::is_alphabetic);
    let mut joined: Vec<String> = Vec::with_capacity(words.len());
    for group in words.chunk_by(|a, b| single(a) && single(b)) {
        if group.len() > 2 {
            joined.push(group.concat());
        } else {
            joined.extend_from_slice(group);
        }
    }
    joined
}

/// The ways to read a word: as it stands, without emphasis, with digits as letters, with stretched letters shortened,
/// and the parts of a compound.
fn readings(word: &str) -> Vec<String> {
    let mut readings = vec![word.to_owned()];
    readings.push(word.trim_matches('*').to_owned());
    let owner = word.strip_suffix("'s").unwrap_or(word);
    readings.push(owner.to_owned());
    if word.contains(char::is_alphabetic) {
        readings.push(word.chars().map(letter).collect());
    }
    let spelled = readings[readings.len() - 1].clone();
    readings.extend([2, 1].map(|keep| shortened(&spelled, keep)));
    readings.extend(
        word.split('-')
            .filter(|part| part.len() > 2)
            .map(str::to_owned),
    );
    readings.dedup();
    readings
}

/// The letter that a digit or sign stands for.
fn letter(sign: char) -> char {
    match sign {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// Runs of three or more equal letters cut to `keep`.
fn shortened(word: &str, keep: usize) -> String {
    let letters: Vec<char> = word.chars().collect();
    let cut = |run: &[char]| match run.len() {
        0..=2 => run.to_vec(),
        _ => run[..keep].to_vec(),
    };
    letters.chunk_by(|a, b| a == b).flat_map(cut).collect()
}

fn is_negated(before: &[String]) -> bool {
    let reach = before.len().saturating_sub(NEGATION_REACH);
    before[reach..].iter().any(|word| {
        matches!(&word[..], "not" | "never" | "no" | "without") || word.ends_with("n't")
    })
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
        let expected = ["insult", "profanity", "threat", "identity_attack", "sexual"];
        assert_eq!(categories, expected);
        terms.retain(|(_, term)| !term.is_empty());
        assert!(terms.len() > 800, "{}", terms.len());
        for (_, term) in &terms {
            let spoken = term
                .trim_matches('*')
                .trim_end_matches('=')
                .replace('*', "");
            assert!(spoken.len() > 1 && toxicity(&spoken) > 0.0, "{term}");
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

    #[test]
    fn a_negation_takes_most_of_an_insult_back() {
        let (plain, negated) = (toxicity("He is stupid."), toxicity("He isn't that stupid."));
        assert!(0.0 < negated && negated < 0.5 * plain, "{negated} {plain}");
    }
}

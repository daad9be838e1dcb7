//! What stands around an entry of the word list, and may take it back.

use crate::evaluate::toxicity::words::{CLOSE, OPEN};
use std::ops::Range;

/// What takes back the insult that it reaches.
const NEGATIONS: &str = "not never no without cannot nor neither nobody hardly dont cant wont isnt refuse refuses \
     refused refusing avoid avoiding refrain instead unable";

/// What a negation reaches through, as "want to be" in "I do not want to be rude". Other words end its reach: "I don't
/// like that fool" is an insult.
const THROUGH: &str = "a an the that so very really too such any all at be being been is are was were am to of from want \
     wants wanted wish mean meant call called calling say says saying said think use using sound seem look people person \
     anyone anybody someone somebody you him her them he she they it me us you're he's she's they're or and ever quite one";

/// What speaks of words, near a quotation.
const SPEAKING: &str = "say says said saying call calls called calling word words term terms phrase name named tell told \
     telling ask asked asking write wrote written shout shouts shouted yell yelled scream screamed reply replied answer \
     answered quote quoted use used using means sentence sentences verb adverb noun adjective expression read reads replace instead \
     correct context";

/// Words of a quotation, closed by its mark, that are spoken of: the verb "jerk".
const MENTIONED: usize = 2;

/// Words between a quotation and the word that speaks of it.
const QUOTATION_REACH: usize = 4;

/// What is no person: "a stupid mistake" insults nobody.
const THINGS: &str = "thing things mistake mistakes word words sentence sentences question questions answer idea ideas day \
     days joke jokes story stories game games rule rules weather way name language movie film book song";

/// What may stand between somebody and how they are.
const DEGREES: &str = "so very really too such a an the most always just quite being been";

/// Subjects of which "is rude" says nothing about another person.
const NOBODY: &str = "i it this that what there which being";

/// Whether an insult is none where it stands: negated or declined, reported or quoted, or said of a thing or of oneself.
pub fn is_taken_back(words: &[String], entry: Range<usize>) -> bool {
    let thing = words.get(entry.end);
    is_negated(&words[..entry.start])
        || thing.is_some_and(|word| among(THINGS, word))
        || is_said_of_it(&words[..entry.start])
        || is_said_of_oneself(&words[..entry.start])
        || is_reported(&words[..entry.start])
        || is_quoted(words, &entry)
}

/// Whether what follows `before` is said of somebody other than the speaker: "you are so rude".
pub fn is_said_of_somebody(before: &[String]) -> bool {
    let mut before = before.iter().rev().skip_while(|word| among(DEGREES, word));
    match before.next().map_or("", String::as_str) {
        "you" | "you're" | "he's" | "she's" | "they're" => true,
        "are" | "is" | "was" | "were" => before.next().is_some_and(|subject| {
            subject.starts_with(char::is_alphabetic) && !among(NOBODY, subject)
        }),
        _ => false,
    }
}

/// Whether a thing is said to be what follows `before`: "it was".
fn is_said_of_it(before: &[String]) -> bool {
    let mut before = before.iter().rev().skip_while(|word| among(DEGREES, word));
    match before.next().map_or("", String::as_str) {
        "it's" | "that's" => true,
        "is" | "was" | "be" => before
            .next()
            .is_some_and(|word| among("it this that", word)),
        _ => false,
    }
}

/// Whether the speaker says of themselves what follows `before`: "I'm such a".
fn is_said_of_oneself(before: &[String]) -> bool {
    let mut before = before.iter().rev().skip_while(|word| among(DEGREES, word));
    match before.next().map_or("", String::as_str) {
        "i'm" | "i've" => true,
        "am" | "was" | "have" => before.next().is_some_and(|word| word == "i"),
        _ => false,
    }
}

/// Whether a negation reaches what follows `before`.
fn is_negated(before: &[String]) -> bool {
    let through = before.iter().rev().take_while(|word| among(THROUGH, word));
    let between = through.count();
    let Some(at) = before.len().checked_sub(between + 1) else {
        return false;
    };
    // "Why don't you shut up" asks for it.
    let asks = |next: &String| matches!(&next[..], "you" | "he" | "she" | "they");
    if before[at].ends_with("n't") {
        !before.get(at + 1).is_some_and(asks)
    } else {
        among(NEGATIONS, &before[at])
    }
}

/// Whether somebody is said to have called somebody else what follows `before`: "he called me an".
fn is_reported(before: &[String]) -> bool {
    let article = |word: &&String| matches!(&word[..], "a" | "an" | "the");
    let mut words = before.iter().rev().skip_while(article).take(2);
    words.any(|word| matches!(&word[..], "called" | "calls" | "calling"))
}

/// Whether `entry` stands in a quotation of a word or two, or in one near to a word that speaks of it. The quotation may have begun before the text
/// or be cut off by its end.
fn is_quoted(words: &[String], entry: &Range<usize>) -> bool {
    let is_mark = |word: &String| word == OPEN || word == CLOSE;
    let begin = words[..entry.start].iter().rposition(is_mark);
    let end = words[entry.end..].iter().position(is_mark);
    let end = end.map_or(words.len(), |end| entry.end + end);
    let inside = match begin {
        Some(begin) => words[begin] == OPEN,
        None => words.get(end).is_some_and(|mark| mark == CLOSE),
    };
    let is_mention = begin.is_some_and(|begin| end < words.len() && end - begin <= 1 + MENTIONED);
    let speaks_of_it = |around: &mut dyn Iterator<Item = &String>| {
        let words = around.filter(|word| word.starts_with(char::is_alphabetic));
        words
            .take(QUOTATION_REACH)
            .any(|word| among(SPEAKING, word))
    };
    inside
        && (is_mention
            || speaks_of_it(&mut words[..begin.unwrap_or(0)].iter().rev())
            || speaks_of_it(&mut words[end..].iter()))
}

fn among(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|other| other == word)
}

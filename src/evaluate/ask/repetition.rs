//! Texts that say a few words again and again.

/// Words, and tokens, below which nothing is said of a text.
pub(in crate::evaluate) const FEWEST_WORDS: usize = 5;
/// The longest phrase whose repetition is looked for, in words.
const LONGEST_PHRASE: usize = 4;

/// Whether one to four words are repeated for more than half of a text.
pub(in crate::evaluate) fn is_repetition(text: &str) -> bool {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let repeats = |length: usize| {
        let (mut run, mut longest) = (0, 0);
        for place in length..words.len() {
            run = if words[place] == words[place - length] {
                run + 1
            } else {
                0
            };
            longest = longest.max(run);
        }
        longest >= length && 2 * (longest + length) > words.len()
    };
    words.len() >= FEWEST_WORDS && (1..=LONGEST_PHRASE).any(repeats)
}

#[cfg(test)]
mod tests {
    use super::is_repetition;

    #[test]
    fn repeated_phrases_are_told_from_texts() {
        for text in [
            "no no no no no no",
            "I am a I am a I am a I am a",
            "well then the cat the cat the cat the cat",
        ] {
            assert!(is_repetition(text), "{text}");
        }
        for text in [
            "no no no",
            "",
            "I do not know what you want from me today",
            "that that is is not what was said here today at all",
            "the cat sat on the mat and the dog sat on the rug",
        ] {
            assert!(!is_repetition(text), "{text}");
        }
    }
}

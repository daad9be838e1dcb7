//! The ways in which an answer may be spelled.

/// The spellings that may stand where an answer begins: with a small letter first or a capital, unless it is a number or an
/// address; behind each of the `spaces` that the template leaves room for.
pub(super) fn ways(option: &str, spaces: &[&str]) -> Vec<String> {
    let mut letters = option.chars();
    let Some(first) = letters.next() else {
        return Vec::new();
    };
    let rest = letters.as_str();
    let is_word = !option.contains(|c: char| c.is_ascii_digit() || c == '@');
    let mut firsts = vec![first.to_string()];
    let other: String = if first.is_lowercase() {
        first.to_uppercase().collect()
    } else {
        first.to_lowercase().collect()
    };
    if is_word && other != firsts[0] {
        firsts.push(other);
    }
    let mut spelled = Vec::new();
    for first in &firsts {
        spelled.extend(spaces.iter().map(|space| format!("{space}{first}{rest}")));
    }
    spelled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_and_spaces_make_up_to_four_spellings() {
        let both = ["", " "];
        assert_eq!(ways("yes", &both), ["yes", " yes", "Yes", " Yes"]);
        assert_eq!(ways("I agree", &[" "]), [" I agree", " i agree"]);
        assert_eq!(ways("555-0101", &[" "]), [" 555-0101"]);
        assert_eq!(ways("a.1@b.example", &[""]), ["a.1@b.example"]);
        assert!(ways("", &both).is_empty());
    }
}

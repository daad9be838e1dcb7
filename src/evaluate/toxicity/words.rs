//! The words of a text, and the ways to read one.

/// The end of a clause, as it stands among the words.
const STOP: &str = ".";
/// Quotation marks among the words.
pub const OPEN: &str = "\u{201c}";
pub const CLOSE: &str = "\u{201d}";

/// Lower-case words, in which what hides letters stays, with marks between clauses and around quotations.
pub fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace(['\u{2019}', '\u{2018}'], "'");
    let inside = |c: char| c.is_alphanumeric() || "*@$#!'-_".contains(c);
    let mut words = Vec::new();
    let mut rest = &text[..];
    while !rest.is_empty() {
        let run = rest.find(|c| !inside(c)).unwrap_or(rest.len());
        let (run, behind) = rest.split_at(run);
        let mut signs = behind.chars();
        let sign = signs.next();
        rest = signs.as_str();
        let word = run.trim_matches(|c: char| "'!_#".contains(c));
        let word = word.trim_start_matches('-');
        // Three are hidden letters; fewer are a dash.
        let shorter = word.trim_end_matches('-');
        let word = if word.len() - shorter.len() < 3 {
            shorter
        } else {
            word
        };
        let quoted = run.len() > 2 && run.starts_with('\'') && run.ends_with('\'');
        words.extend(quoted.then(|| OPEN.to_owned()));
        if word.chars().any(char::is_alphanumeric) {
            words.push(word.to_owned());
        }
        words.extend(quoted.then(|| CLOSE.to_owned()));
        let goes_on = rest.starts_with(inside);
        words.extend(run.ends_with('!').then(|| STOP.to_owned()));
        words.extend(sign.and_then(|sign| mark(sign, goes_on)).map(str::to_owned));
    }
    joined_letters(&words)
}

/// What a sign says about the words around it; `goes_on` where a word follows without a space ("f.u.n").
fn mark(sign: char, goes_on: bool) -> Option<&'static str> {
    match sign {
        '"' if goes_on => Some(OPEN),
        '\u{201c}' => Some(OPEN),
        '"' | '\u{201d}' => Some(CLOSE),
        '.' | ',' if goes_on => None,
        '.' | ',' | ';' | ':' | '?' | '\n' | '(' | ')' | '\u{2014}' => Some(STOP),
        _ => None,
    }
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
pub fn readings(word: &str) -> Vec<String> {
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

//! A day that never changes, so that a prompt does not change with the day on which it is sent: Monday, 1 July 2024,
//! midnight, in every form of `strftime` (C locale, no time zone, as Python has it for `datetime.now()`).

/// The day as `format` asks for it; what is no directive stays as it stands.
pub fn strftime(format: &str) -> String {
    let mut out = String::new();
    let mut rest = format;
    while let Some(start) = rest.find('%') {
        out.push_str(&rest[..start]);
        let spec = &rest[start + 1..];
        let after = spec.trim_start_matches(['-', '_', '0', '^', '#']);
        let flags = &spec[..spec.len() - after.len()];
        let after_width = after.trim_start_matches(|c: char| c.is_ascii_digit());
        let width = &after[..after.len() - after_width.len()];
        let mut last = after_width.trim_start_matches(['E', 'O']).chars();
        let known = last
            .next()
            .and_then(|directive| written(directive, flags, width));
        if let Some(known) = known {
            out.push_str(&known);
            rest = last.as_str();
        } else {
            out.push('%');
            rest = spec;
        }
    }
    out + rest
}

/// What takes the place of one directive. Flags are those of the GNU C library.
fn written(directive: char, flags: &str, width: &str) -> Option<String> {
    let (text, pad, usual): (&str, char, usize) = match directive {
        'a' => ("Mon", ' ', 0),
        'A' => ("Monday", ' ', 0),
        'b' | 'h' => ("Jul", ' ', 0),
        'B' => ("July", ' ', 0),
        'c' => ("Mon Jul  1 00:00:00 2024", ' ', 0),
        'C' => ("20", '0', 2),
        'd' => ("1", '0', 2),
        'D' | 'x' => ("07/01/24", ' ', 0),
        'e' => ("1", ' ', 2),
        'f' if flags.is_empty() => ("000000", ' ', 0),
        'F' => ("2024-07-01", ' ', 0),
        'g' | 'y' => ("24", '0', 2),
        'G' | 'Y' => ("2024", '0', 4),
        'H' | 'M' | 'S' => ("0", '0', 2),
        'I' => ("12", '0', 2),
        'j' => ("183", '0', 3),
        'k' => ("0", ' ', 2),
        'l' => ("12", ' ', 2),
        'm' => ("7", '0', 2),
        'n' => ("\n", ' ', 0),
        'p' => ("AM", ' ', 0),
        'P' => ("am", ' ', 0),
        'r' => ("12:00:00 AM", ' ', 0),
        'R' => ("00:00", ' ', 0),
        's' => ("1719792000", '0', 0),
        't' => ("\t", ' ', 0),
        'T' | 'X' => ("00:00:00", ' ', 0),
        'u' | 'w' => ("1", '0', 1),
        'U' => ("26", '0', 2),
        'V' | 'W' => ("27", '0', 2),
        'z' | 'Z' => ("", ' ', 0),
        '%' => ("%", ' ', 0),
        _ => return None,
    };
    let text = match (directive, flags.contains('#')) {
        ('p', true) => text.to_lowercase(),
        (_, true) => text.to_uppercase(),
        _ if flags.contains('^') => text.to_uppercase(),
        _ => text.to_owned(),
    };
    let pad =
        flags
            .chars()
            .rfind(|flag| "-_0".contains(*flag))
            .map_or(Some(pad), |flag| match flag {
                '_' => Some(' '),
                '0' => Some('0'),
                _ => None,
            });
    let width = width.parse().unwrap_or(usual).min(100);
    let missing = width.saturating_sub(text.len());
    Some(match pad {
        Some(pad) => std::iter::repeat_n(pad, missing).collect::<String>() + &text,
        None => text,
    })
}

//! The methods of Python's texts, lists and maps that templates call, where minijinja's own set lacks them or differs.

use minijinja::value::{Kwargs, Tuple, ValueKind, from_args};
use minijinja::{Error, ErrorKind, State, Value};
use minijinja_contrib::pycompat::unknown_method_callback;

/// Calls a method of a value.
pub fn method(
    state: &mut State,
    value: &Value,
    name: &str,
    args: &[Value],
) -> Result<Value, Error> {
    let known = match value.kind() {
        ValueKind::String => text_method(state, value.as_str().unwrap_or_default(), name, args)?,
        ValueKind::Seq if name == "index" => {
            let (wanted,): (Value,) = from_args(args)?;
            let place = value.try_iter()?.position(|item| item == wanted);
            let place = place.ok_or_else(|| invalid(format!("{wanted} is not in the list")))?;
            Some(place.into())
        }
        ValueKind::Seq | ValueKind::Map if name == "copy" => {
            let () = from_args(args)?;
            Some(value.clone())
        }
        _ => None,
    };
    match known {
        Some(known) => Ok(known),
        None => unknown_method_callback(state, value, name, args),
    }
}

fn text_method(
    state: &mut State,
    text: &str,
    name: &str,
    args: &[Value],
) -> Result<Option<Value>, Error> {
    let value: Value = match name {
        "title" => title(text).into(),
        "swapcase" => text.chars().flat_map(swapped).collect::<String>().into(),
        "casefold" => text.to_uppercase().to_lowercase().into(),
        "istitle" => (text == title(text) && text.chars().any(char::is_alphabetic)).into(),
        "isdecimal" => {
            (!text.is_empty() && text.chars().all(|c| c.is_numeric() && c.is_alphanumeric())).into()
        }
        "isidentifier" => {
            let begins = text.starts_with(|c: char| c.is_alphabetic() || c == '_');
            (begins && text.chars().all(|c| c.is_alphanumeric() || c == '_')).into()
        }
        "removeprefix" => text.strip_prefix(one(args)?).unwrap_or(text).into(),
        "removesuffix" => text.strip_suffix(one(args)?).unwrap_or(text).into(),
        "split" | "rsplit" => split(text, args, name == "rsplit")?,
        "partition" => parts(text.split_once(one(args)?), one(args)?, [text, "", ""]),
        "rpartition" => parts(text.rsplit_once(one(args)?), one(args)?, ["", "", text]),
        "splitlines" => lines(text, args)?,
        "find" | "rfind" | "index" | "rindex" => find(text, name, args)?,
        "count" => {
            let (wanted, start, end): (&str, Option<i64>, Option<i64>) = from_args(args)?;
            part(text, start, end).1.matches(wanted).count().into()
        }
        "startswith" | "endswith" if args.len() > 1 => {
            let (wanted, start, end): (&Value, Option<i64>, Option<i64>) = from_args(args)?;
            let inner = Value::from(part(text, start, end).1);
            unknown_method_callback(state, &inner, name, std::slice::from_ref(wanted))?
        }
        "format" if is_wide(text) => return Err(invalid("format is asked for too many places")),
        "ljust" | "rjust" | "center" | "zfill" | "expandtabs" => fill(state, text, name, args)?,
        _ => return Ok(None),
    };
    Ok(Some(value))
}

/// Whether a text with places to fill asks for ten thousand characters or more in one: `format` would make them unpaid.
fn is_wide(text: &str) -> bool {
    let places = text.split('{').skip(1);
    let specs = places.filter_map(|place| place.split('}').next()?.split_once(':'));
    let mut numbers = specs.flat_map(|(_, spec)| spec.split(|c: char| !c.is_ascii_digit()));
    numbers.any(|number| number.len() > 4)
}

fn one(args: &[Value]) -> Result<&str, Error> {
    from_args::<(&str,)>(args).map(|(text,)| text)
}

/// A letter behind anything but a letter is large, every other one small.
fn title(text: &str) -> String {
    let mut inside = false;
    let letter = |c: char| {
        let letter: String = if inside {
            c.to_lowercase().collect()
        } else {
            c.to_uppercase().collect()
        };
        inside = c.is_alphabetic();
        letter
    };
    text.chars().map(letter).collect()
}

fn swapped(c: char) -> Vec<char> {
    if c.is_uppercase() {
        c.to_lowercase().collect()
    } else {
        c.to_uppercase().collect()
    }
}

fn split(text: &str, args: &[Value], from_right: bool) -> Result<Value, Error> {
    let (separator, most, named): (Option<&str>, Option<i64>, Kwargs) = from_args(args)?;
    let separator = match separator {
        Some(separator) => Some(separator),
        None => named.get("sep")?,
    };
    let most = match most {
        Some(most) => Some(most),
        None => named.get("maxsplit")?,
    };
    named.assert_all_used()?;
    if separator == Some("") {
        return Err(invalid("split is given an empty separator"));
    }
    let most = most.and_then(|most| usize::try_from(most).ok());
    let mut pieces = Vec::new();
    let mut rest = text;
    loop {
        if separator.is_none() {
            rest = if from_right {
                rest.trim_end()
            } else {
                rest.trim_start()
            };
        }
        let may_cut = most.is_none_or(|most| pieces.len() < most);
        let cut = match (separator, from_right) {
            _ if !may_cut => None,
            (Some(separator), false) => rest.split_once(separator),
            (Some(separator), true) => rest.rsplit_once(separator),
            (None, false) => rest.split_once(char::is_whitespace),
            (None, true) => rest.rsplit_once(char::is_whitespace),
        };
        let Some((left, right)) = cut else {
            break;
        };
        let piece = if from_right { right } else { left };
        rest = if from_right { left } else { right };
        pieces.push(piece);
    }
    if separator.is_some() || !rest.is_empty() {
        pieces.push(rest);
    }
    if from_right {
        pieces.reverse();
    }
    Ok(Value::from_iter(pieces))
}

fn parts(cut: Option<(&str, &str)>, separator: &str, uncut: [&str; 3]) -> Value {
    let parts = cut.map_or(uncut, |(left, right)| [left, separator, right]);
    Value::from_object(Tuple::from(parts.map(Value::from)))
}

/// Lines by Python's ends of line.
fn lines(text: &str, args: &[Value]) -> Result<Value, Error> {
    let (keep, named): (Option<bool>, Kwargs) = from_args(args)?;
    let keep = match keep {
        Some(keep) => keep,
        None => named.get::<Option<bool>>("keepends")?.unwrap_or(false),
    };
    named.assert_all_used()?;
    let ends = |c: char| matches!(c, '\n'..='\r' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some(end) = rest.find(ends) {
        let width = if rest[end..].starts_with("\r\n") {
            2
        } else {
            rest[end..].chars().next().map_or(0, char::len_utf8)
        };
        lines.push(&rest[..if keep { end + width } else { end }]);
        rest = &rest[end + width..];
    }
    if !rest.is_empty() {
        lines.push(rest);
    }
    Ok(Value::from_iter(lines))
}

fn find(text: &str, name: &str, args: &[Value]) -> Result<Value, Error> {
    let (wanted, start, end): (&str, Option<i64>, Option<i64>) = from_args(args)?;
    let (before, inner) = part(text, start, end);
    let found = if name.starts_with('r') {
        inner.rfind(wanted)
    } else {
        inner.find(wanted)
    };
    match found {
        Some(found) => Ok((before + inner[..found].chars().count()).into()),
        None if name.ends_with("find") => Ok((-1).into()),
        None => Err(invalid("what is looked for is not in the text")),
    }
}

/// `text[start:end]`, with the number of characters before it.
fn part(text: &str, start: Option<i64>, end: Option<i64>) -> (usize, &str) {
    let count = text.chars().count();
    let place = |at: i64| {
        let distance = usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX);
        if at < 0 {
            count.saturating_sub(distance)
        } else {
            distance.min(count)
        }
    };
    let start = start.map_or(0, place);
    let end = end.map_or(count, place).max(start);
    let byte = |at| text.char_indices().nth(at).map_or(text.len(), |(i, _)| i);
    (start, &text[byte(start)..byte(end)])
}

fn fill(state: &State, text: &str, name: &str, args: &[Value]) -> Result<Value, Error> {
    let (width, filler): (Option<usize>, Option<&str>) = from_args(args)?;
    let width = width.unwrap_or(8);
    let filler = filler.unwrap_or(" ");
    if filler.chars().count() != 1 {
        return Err(invalid(format!("{name} fills with one character")));
    }
    let missing = width.saturating_sub(text.chars().count());
    let tabs = text.matches('\t').count().max(1);
    state.consume_fuel((width.saturating_mul(tabs) / 64) as u64)?;
    let many = |count: usize| filler.repeat(count);
    Ok(match name {
        "ljust" => text.to_owned() + &many(missing),
        "rjust" => many(missing) + text,
        "zfill" => {
            let digits = text.trim_start_matches(['-', '+']);
            let sign = &text[..text.len() - digits.len()];
            format!("{sign}{}{digits}", "0".repeat(missing))
        }
        "expandtabs" => {
            let mut column = 0;
            let mut out = String::new();
            for c in text.chars() {
                if c == '\t' {
                    let step = if width == 0 {
                        0
                    } else {
                        width - column % width
                    };
                    out.extend(std::iter::repeat_n(' ', step));
                    column += step;
                } else {
                    out.push(c);
                    column = if c == '\n' { 0 } else { column + 1 };
                }
            }
            out
        }
        // Python puts the odd one on the left where the width is odd too.
        _ => {
            let left = missing / 2 + (missing & width & 1);
            many(left) + text + &many(missing - left)
        }
    }
    .into())
}

fn invalid(problem: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, problem)
}

//! The filter `tojson` as transformers has it: Python's `json.dumps`, to the character.

use minijinja::value::{Kwargs, Rest, ValueKind, ValueOrKwargs, from_args};
use minijinja::{Error, ErrorKind, State, Value};
use std::fmt::Write;

/// Lists within lists, beyond which nothing is written.
const DEEPEST: usize = 200;

/// `tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False)`.
pub fn tojson(state: &State, value: &Value, options: Rest<ValueOrKwargs>) -> Result<String, Error> {
    type Given = Option<Value>;
    let options = options.into_values();
    let (ensure_ascii, indent, separators, sort_keys, named): (Given, Given, Given, Given, Kwargs) =
        from_args(&options)?;
    let or_named = |given: Given, name| match given {
        Some(given) => Ok(Some(given)),
        None => named.get::<Given>(name),
    };
    let ensure_ascii = or_named(ensure_ascii, "ensure_ascii")?;
    let indent = or_named(indent, "indent")?;
    let separators = or_named(separators, "separators")?;
    let sort_keys = or_named(sort_keys, "sort_keys")?;
    named.assert_all_used()?;
    let is_true = |value: Option<Value>| value.is_some_and(|value| value.is_true());
    let indent = indent.map(indentation).transpose()?;
    let [item, key] = match separators {
        Some(pair) => [0, 1].map(|i| pair.get_item_by_index(i).map(|part| part.to_string())),
        None if indent.is_some() => [Ok(",".into()), Ok(": ".into())],
        None => [Ok(", ".into()), Ok(": ".into())],
    };
    let mut writer = Writer {
        state,
        ascii: is_true(ensure_ascii),
        indent,
        item: item?,
        key: key?,
        sorted: is_true(sort_keys),
        out: String::new(),
        paid: 0,
    };
    writer.value(value, 0)?;
    Ok(writer.out)
}

/// A number of spaces, or the text itself.
fn indentation(value: Value) -> Result<String, Error> {
    if let Some(text) = value.as_str() {
        return Ok(text.to_owned());
    }
    let spaces = match bool::try_from(value.clone()) {
        Ok(one) => i64::from(one),
        Err(_) => i64::try_from(value)?,
    };
    Ok(" ".repeat(usize::try_from(spaces.clamp(0, 64)).unwrap_or(0)))
}

struct Writer<'a, 'e> {
    state: &'a State<'a, 'e>,
    ascii: bool,
    indent: Option<String>,
    /// Between items, and between a key and its value.
    item: String,
    key: String,
    sorted: bool,
    out: String,
    /// How much of it is paid for: a step for each value, and for each 64 bytes.
    paid: usize,
}

impl Writer<'_, '_> {
    fn value(&mut self, value: &Value, depth: usize) -> Result<(), Error> {
        let fresh = self.out.len() - self.paid;
        self.paid = self.out.len();
        self.state.consume_fuel(1 + fresh as u64 / 64)?;
        match value.kind() {
            ValueKind::String => self.text(value.as_str().unwrap_or_default()),
            ValueKind::Seq | ValueKind::Iterable => {
                let items = value.try_iter()?.collect::<Vec<_>>();
                self.list("[", "]", items.len(), depth, |writer, i| {
                    writer.value(&items[i], depth + 1)
                })?;
            }
            ValueKind::Map => {
                let mut keys = value.try_iter()?.collect::<Vec<_>>();
                if self.sorted {
                    keys.sort();
                }
                self.list("{", "}", keys.len(), depth, |writer, i| {
                    if let Some(key) = keys[i].as_str() {
                        writer.text(key);
                    } else {
                        let key = plain(&keys[i])?;
                        writer.text(&key);
                    }
                    writer.out.push_str(&writer.key);
                    writer.value(&value.get_item(&keys[i])?, depth + 1)
                })?;
            }
            _ => self.out.push_str(&plain(value)?),
        }
        Ok(())
    }

    fn list(
        &mut self,
        open: &str,
        close: &str,
        len: usize,
        depth: usize,
        mut each: impl FnMut(&mut Self, usize) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if depth > DEEPEST {
            return Err(invalid("tojson is given lists within lists without end"));
        }
        self.out.push_str(open);
        for i in 0..len {
            if i > 0 {
                self.out.push_str(&self.item);
            }
            self.line(depth + 1);
            each(self, i)?;
        }
        if len > 0 {
            self.line(depth);
        }
        self.out.push_str(close);
        Ok(())
    }

    /// A new line, where there are lines.
    fn line(&mut self, depth: usize) {
        if let Some(indent) = &self.indent {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n(indent.as_str(), depth));
        }
    }

    fn text(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{c}' => self.out.push_str("\\f"),
                c if c < ' ' || (self.ascii && !(' '..='~').contains(&c)) => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        let _ = write!(self.out, "\\u{unit:04x}");
                    }
                }
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }
}

/// What is neither a text nor a list.
fn plain(value: &Value) -> Result<String, Error> {
    match value.kind() {
        ValueKind::None => Ok("null".into()),
        ValueKind::Bool => Ok(if value.is_true() { "true" } else { "false" }.into()),
        ValueKind::Number if value.is_integer() => Ok(value.to_string()),
        ValueKind::Number => Ok(float(f64::try_from(value.clone())?)),
        kind => Err(invalid(format!("tojson is given what is no JSON: {kind}"))),
    }
}

/// Python's `repr` of a float, and the names that `json.dumps` has for what is no number.
fn float(value: f64) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.into();
    }
    let shortest = format!("{value:?}");
    match shortest.split_once('e') {
        Some((digits, exponent)) => {
            let exponent: i32 = exponent.parse().unwrap_or_default();
            format!("{digits}e{exponent:+03}")
        }
        None => shortest,
    }
}

fn invalid(problem: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, problem)
}

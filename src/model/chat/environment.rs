//! Jinja as transformers sets it up (`chat_template_utils.py`).

use super::day::strftime;
use super::json::tojson;
use super::methods::method;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Tuple, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State, Value};
use std::error::Error as _;

/// Steps that a template may take: far more than a long conversation needs.
const FUEL: u64 = 10_000_000;

/// An environment without templates.
pub fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true);
    if let Ok(syntax) = syntax.build() {
        environment.set_syntax(syntax);
    }
    environment.set_fuel(Some(FUEL));
    environment.set_unknown_method_callback(method);
    environment.add_filter("tojson", tojson);
    environment.add_filter("percent", percent);
    environment.add_function("raise_exception", |message: String| {
        let error = Error::new(ErrorKind::InvalidOperation, message);
        Err::<String, _>(error.with_source(Raised))
    });
    environment.add_function("strftime_now", |format: String| strftime(&format));
    environment
}

/// Whether it is the template itself that refused (`raise_exception`).
pub fn is_raised(error: &Error) -> bool {
    let source = error.source();
    source.is_some_and(<dyn std::error::Error>::is::<Raised>)
}

/// The mark of a refusal.
#[derive(Debug)]
struct Raised;

impl std::fmt::Display for Raised {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("raised by the template")
    }
}

impl std::error::Error for Raised {}

/// `left % right`: a text with places to fill, or the rest of a division, which has the sign of the divisor.
fn percent(state: &mut State, left: &Value, right: &Value) -> Result<Value, Error> {
    if left.kind() == ValueKind::String {
        let several = right.downcast_object_ref::<Tuple>();
        let values = several.map_or(std::slice::from_ref(right), |tuple| tuple);
        // The filter, and not the function, pays for what it makes.
        let all: Vec<Value> = [left].into_iter().chain(values).cloned().collect();
        return state.apply_filter("format", &all);
    }
    let numbers = [left, right].map(|value| value.kind() == ValueKind::Number);
    if numbers == [true; 2] && left.is_integer() && right.is_integer() {
        let (left, right) = (i64::try_from(left.clone())?, i64::try_from(right.clone())?);
        if let Some(rest) = left.checked_rem(right) {
            let rest = if rest != 0 && (rest < 0) != (right < 0) {
                rest + right
            } else {
                rest
            };
            return Ok(rest.into());
        }
    } else if numbers == [true; 2] {
        let (left, right) = (f64::try_from(left.clone())?, f64::try_from(right.clone())?);
        if right != 0.0 {
            let rest = left % right;
            let rest = if rest != 0.0 && (rest < 0.0) != (right < 0.0) {
                rest + right
            } else {
                rest
            };
            return Ok(rest.into());
        }
    }
    Err(Error::new(
        ErrorKind::InvalidOperation,
        format!("{left} % {right} has no value"),
    ))
}

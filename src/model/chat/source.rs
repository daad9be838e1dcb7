//! What transformers' Jinja knows and minijinja does not, said in other words: `{% generation %}`, which only marks what
//! a model is trained on, as a scope of its own (`with`); and the operator in `a % b` as the filter `percent`.

/// Brackets within brackets, beyond which a template is left as it is (and then refused by the parser).
const DEEPEST: usize = 150;
/// Words that end an operand.
const WORDS: [&str; 13] = [
    "and", "or", "not", "in", "is", "if", "else", "elif", "for", "set", "with", "call", "do",
];

/// A template in the words of minijinja.
pub fn rewritten(template: &str) -> String {
    let mut scanner = Scanner {
        rest: template,
        out: String::with_capacity(template.len()),
        opened: Vec::new(),
    };
    while let Some(start) = scanner.rest.find('{') {
        scanner.copy(start);
        let tag = scanner.rest;
        if tag.starts_with("{#") {
            scanner.copy(tag.find("#}").unwrap_or(tag.len()));
        } else if tag.starts_with("{{") {
            scanner.copy(2);
            scanner.expression("}}", 0);
        } else if tag.starts_with("{%") {
            scanner.block();
        } else {
            scanner.copy(1);
        }
    }
    scanner.copy(scanner.rest.len());
    scanner.finish()
}

struct Scanner<'a> {
    rest: &'a str,
    out: String,
    /// Places of `out` at which a bracket is still to be opened.
    opened: Vec<usize>,
}

/// Where the scanner is in an expression.
struct Place {
    /// Where in the result the product began, of which the last operand is a factor.
    product: usize,
    /// Whether an operand has just ended.
    operand: bool,
    /// Whether the right side of a `%` is still open.
    percent: bool,
}

impl<'a> Scanner<'a> {
    fn copy(&mut self, len: usize) {
        let (taken, rest) = self.rest.split_at(len);
        self.out.push_str(taken);
        self.rest = rest;
    }

    fn copy_while(&mut self, is_part: impl Fn(char) -> bool) -> &'a str {
        let len = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let taken = &self.rest[..len];
        self.copy(len);
        taken
    }

    /// A block from `{%` on.
    fn block(&mut self) {
        self.copy(2);
        self.copy(usize::from(self.rest.starts_with(['-', '+'])));
        self.copy_while(char::is_whitespace);
        let word = &self.rest[..self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len())];
        let meant = match word {
            "generation" => "with",
            "endgeneration" => "endwith",
            word => word,
        };
        self.out.push_str(meant);
        self.rest = &self.rest[word.len()..];
        self.expression("%}", 0);
        if word == "raw" {
            let mut end = 0;
            while let Some(tag) = self.rest[end..].find("{%") {
                end += tag;
                let inner = self.rest[end + 2..].trim_start_matches(['-', '+']);
                if inner.trim_start().starts_with("endraw") {
                    break;
                }
                end += 2;
            }
            self.copy(end);
        }
    }

    /// An expression up to and with its `end`.
    fn expression(&mut self, end: &str, depth: usize) {
        let mut place = Place {
            product: self.out.len(),
            operand: false,
            percent: false,
        };
        loop {
            self.copy_while(char::is_whitespace);
            let signed = usize::from(end.len() > 1 && self.rest.starts_with(['-', '+']));
            if self.rest[signed..].starts_with(end) {
                self.close(&mut place);
                return self.copy(signed + end.len());
            }
            let Some(first) = self.rest.chars().next() else {
                return;
            };
            match first {
                '"' | '\'' => {
                    self.literal(first);
                    place.operand = true;
                }
                '(' | '[' | '{' if depth < DEEPEST => {
                    self.copy(1);
                    let end = match first {
                        '(' => ")",
                        '[' => "]",
                        _ => "}",
                    };
                    self.expression(end, depth + 1);
                    place.operand = true;
                }
                '0'..='9' => {
                    let digits = self.copy_while(is_word);
                    // The sign of an exponent.
                    if digits.ends_with(['e', 'E']) && self.rest.starts_with(['-', '+']) {
                        self.copy(1);
                    }
                    place.operand = true;
                }
                '.' | '|' => self.copy(1),
                '*' if self.rest.starts_with("**") => {
                    self.copy(2);
                    place.operand = false;
                }
                '*' | '/' => {
                    self.close(&mut place);
                    self.copy(1);
                    place.operand = false;
                }
                '%' => {
                    self.close(&mut place);
                    self.opened.push(place.product);
                    self.out.push_str(")|percent(");
                    self.rest = &self.rest[1..];
                    place.operand = false;
                    place.percent = true;
                }
                '-' | '+' if !place.operand => self.copy(1),
                first if is_word(first) => {
                    let len = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
                    if WORDS.contains(&&self.rest[..len]) {
                        self.bound(&mut place, len);
                    } else {
                        self.copy(len);
                        place.operand = true;
                    }
                }
                first => self.bound(&mut place, first.len_utf8()),
            }
        }
    }

    /// A text in quotes.
    fn literal(&mut self, quote: char) {
        let mut escaped = false;
        let end = self.rest[1..].find(|c| {
            let ends = c == quote && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        self.copy(end.map_or(self.rest.len(), |end| end + 2));
    }

    /// What stands between two products.
    fn bound(&mut self, place: &mut Place, len: usize) {
        self.close(place);
        self.copy(len);
        place.product = self.out.len();
        place.operand = false;
    }

    fn close(&mut self, place: &mut Place) {
        if place.percent {
            self.out.push(')');
            place.percent = false;
        }
    }

    fn finish(mut self) -> String {
        self.opened.sort_unstable();
        let mut whole = String::with_capacity(self.out.len() + self.opened.len());
        let mut done = 0;
        for place in self.opened {
            whole.push_str(&self.out[done..place]);
            whole.push('(');
            done = place;
        }
        whole.push_str(&self.out[done..]);
        whole
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::rewritten;

    #[test]
    fn only_the_operator_and_the_tags_are_rewritten() {
        for same in [
            "100 % { 5 % 3 } {# 5 % 3 #}",
            "{% raw %}{{ 5 % 3 }}{% generation %}{% endraw %}",
            "{{ '%s % 3' }}{% if a %}{% endif %}{%- set x = {'a': '}}'} -%}",
            "{{ unfinished",
            "{{ 'unfinished % }}",
            "{%",
            "{",
        ] {
            assert_eq!(rewritten(same), same);
        }
        for (template, meant) in [
            ("{{ a % b }}", "{{( a )|percent( b )}}"),
            ("{{ a*b%c%d }}", "{{(( a*b)|percent(c))|percent(d )}}"),
            ("{{ 1 + -a % -b ~ c }}", "{{ 1 +( -a )|percent( -b )~ c }}"),
            (
                "{% if f(a % 2) == 0 %}",
                "{% if f((a )|percent( 2)) == 0 %}",
            ),
            (
                "{%- generation +%}a{%endgeneration%}",
                "{%- with +%}a{%endwith%}",
            ),
        ] {
            assert_eq!(rewritten(template), meant);
        }
        let deep = format!("{{{{ {} }}}}", "(".repeat(1 << 20));
        assert_eq!(rewritten(&deep), deep);
    }
}

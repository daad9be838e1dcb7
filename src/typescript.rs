//! The types that the page and the engine share, as TypeScript: `www/types.ts` is made here.

use crate::calibrate::Text;
use crate::load::Fit;
use crate::model::{Proof, TokenText};
use crate::report::{Catalog, Event, Merging, Report};
use crate::save::Offer;
use crate::speed::{Load, Speed, Stored};
use crate::validate::{Settled, UncheckedRecipe};
use std::any::TypeId;
use std::collections::BTreeMap;
use ts_rs::{Config, TS, TypeVisitor};

/// What crosses the border to the page, and the command line's JSON; the types that these are made of follow of themselves.
fn types() -> Types {
    let mut types = Types::default();
    types.visit::<Catalog>();
    types.visit::<UncheckedRecipe>();
    types.visit::<Settled>();
    types.visit::<Text>();
    types.visit::<Fit>();
    types.visit::<Report>();
    types.visit::<Event>();
    types.visit::<Merging>();
    types.visit::<Offer>();
    types.visit::<TokenText>();
    types.visit::<Load>();
    types.visit::<Speed>();
    types.visit::<Stored>();
    types.visit::<Proof>();
    types
}

/// The variable that renews the file.
const RENEW: &str = "RENEW";

const HEAD: &str = "\
// The shapes the engine speaks: the same JSON as on the command line and in a saved report.
// Made of the Rust types by src/typescript.rs: change those, and renew this file with
// `RENEW=1 cargo test --release --lib typescript`.
";

/// Declarations of types, by name: the order in which they are found is another one with every build.
#[derive(Default)]
struct Types {
    seen: Vec<TypeId>,
    declarations: BTreeMap<String, String>,
}

impl TypeVisitor for Types {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        let id = TypeId::of::<T>();
        if self.seen.contains(&id) {
            return;
        }
        self.seen.push(id);
        // Numbers, texts and lists are no types of ours.
        if T::output_path().is_some() {
            let declaration = T::decl(&config());
            let docs = T::docs().unwrap_or_default();
            let laid = layout(&format!("{docs}export {declaration}"));
            let name = T::name(&config());
            let other = self.declarations.insert(name.clone(), laid);
            assert_eq!(other, None, "two types are called {name}");
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

/// Every whole number that is written stays below 2^53.
fn config() -> Config {
    Config::new().with_large_int("number")
}

/// A declaration with every field on a line of its own.
fn layout(declaration: &str) -> String {
    let mut laid = Laid::default();
    let mut rest = declaration;
    while let Some(sign) = rest.chars().next() {
        let length = match sign {
            '/' => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '"' => rest[1..].find('"').map_or(rest.len(), |end| end + 2),
            sign => sign.len_utf8(),
        };
        let (piece, after) = rest.split_at(length);
        laid.put(piece, after.trim_start());
        rest = after;
    }
    laid.text
}

#[derive(Default)]
struct Laid {
    text: String,
    /// The brackets that are open.
    open: Vec<char>,
}

impl Laid {
    fn put(&mut self, piece: &str, after: &str) {
        let sign = piece.chars().next().unwrap_or(' ');
        match sign {
            '/' => self.comment(piece),
            '"' => {
                let word = piece.trim_matches('"');
                let quote = if after.starts_with(':') { "" } else { "'" };
                self.text += &[quote, word, quote].concat();
            }
            ' ' | '\n' => {
                if !self.text.ends_with([' ', '\n']) && !self.text.is_empty() {
                    self.text.push(' ');
                }
            }
            ',' if self.open.last() == Some(&'{') => {
                self.text.push(';');
                if !after.starts_with('}') {
                    self.line();
                }
            }
            '}' => {
                self.open.pop();
                self.text.truncate(self.text.trim_end().len());
                self.line();
                self.text.push('}');
            }
            '{' => {
                self.text.push('{');
                self.open.push('{');
                self.line();
            }
            sign => {
                match sign {
                    '(' | '[' | '<' => self.open.push(sign),
                    ')' | ']' | '>' => drop(self.open.pop()),
                    _ => {}
                }
                self.text += piece;
            }
        }
    }

    fn line(&mut self) {
        let depth = self.open.iter().filter(|open| **open == '{').count();
        self.text += &["\n", &"  ".repeat(depth)].concat();
    }

    fn comment(&mut self, piece: &str) {
        let inside = piece.trim_start_matches("/**").trim_end_matches("*/");
        let lines = inside
            .lines()
            .map(|line| line.trim().trim_start_matches('*').trim());
        let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
        if let [only] = lines[..] {
            self.text += &["/** ", only, " */"].concat();
        } else {
            self.text += "/**";
            for line in lines {
                self.line();
                self.text += &[" * ", line].concat();
            }
            self.line();
            self.text += " */";
        }
        self.line();
    }
}

#[test]
fn the_file_of_the_page_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/www/types.ts");
    let declarations: Vec<String> = types().declarations.into_values().collect();
    let made = format!("{HEAD}\n{}\n", declarations.join("\n\n"));
    if std::env::var_os(RENEW).is_some() {
        std::fs::write(path, &made).expect("written");
    }
    let found = std::fs::read_to_string(path).expect("a file");
    assert!(
        found == made,
        "www/types.ts is not what the Rust types say: renew it with `RENEW=1 cargo test --release --lib typescript`."
    );
}

#[test]
fn a_declaration_is_laid_out_line_by_line() {
    let declaration = "export type A = { name: string, \n/**\n * Of two\n * lines.\n */\n\"b\": Array<{ c: [number, number] | null, }>, } & ({ \"kind\": \"x\" } | { \"kind\": \"y\", });";
    let expected = "\
export type A = {
  name: string;
  /**
   * Of two
   * lines.
   */
  b: Array<{
    c: [number, number] | null;
  }>;
} & ({
  kind: 'x'
} | {
  kind: 'y';
});";
    assert_eq!(layout(declaration), expected);
}

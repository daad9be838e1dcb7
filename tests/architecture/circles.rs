//! No two modules of a folder need each other, directly or by way of others.

use crate::{code, rust_files};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

type Graph = BTreeMap<String, BTreeSet<String>>;

/// The paths that a text names behind `super::` and `crate::`, with the braces of `use` written out.
fn paths(code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for root in ["super::", "crate::"] {
        for (at, _) in code.match_indices(root) {
            let before = code[..at].chars().next_back();
            if before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':') {
                expand(&mut code[at..].chars().peekable(), &[], &mut found);
            }
        }
    }
    found
}

/// Reads one path, `a::b` or `a::{b, c::d}`.
fn expand(
    rest: &mut std::iter::Peekable<std::str::Chars>,
    before: &[String],
    found: &mut Vec<Vec<String>>,
) {
    let mut path = before.to_vec();
    loop {
        let mut name = String::new();
        while let Some(c) = rest.next_if(|c| c.is_alphanumeric() || *c == '_') {
            name.push(c);
        }
        if !name.is_empty() {
            path.push(name);
        }
        if rest.next_if_eq(&':').is_none() || rest.next_if_eq(&':').is_none() {
            break;
        }
        if rest.next_if_eq(&'{').is_some() {
            loop {
                while rest.next_if(|c| c.is_whitespace() || *c == ',').is_some() {}
                if rest.peek().is_none() || rest.next_if_eq(&'}').is_some() {
                    return;
                }
                let start = found.len();
                expand(rest, &path, found);
                // What is no path (`*`, `as`) is passed over.
                if found.len() == start || found[start] == path {
                    while rest.next_if(|c| *c != ',' && *c != '}').is_some() {}
                }
            }
        }
    }
    found.push(path);
}

/// Which module uses which, by their full names; a folder's own `mod.rs` is the folder.
fn uses(source: &Path) -> Graph {
    let mut files = Vec::new();
    rust_files(source, &mut files);
    let name = |file: &Path| -> Vec<String> {
        let inner = file
            .strip_prefix(source)
            .expect("below src")
            .with_extension("");
        let mut parts: Vec<String> = inner
            .iter()
            .map(|part| part.to_string_lossy().into_owned())
            .collect();
        if parts
            .last()
            .is_some_and(|last| last == "mod" || last == "lib")
        {
            parts.pop();
        }
        parts
    };
    let modules: BTreeSet<Vec<String>> = files.iter().map(|file| name(file)).collect();
    let mut graph = Graph::new();
    for file in &files {
        let own = name(file);
        let text = std::fs::read_to_string(file).expect("a file");
        for path in paths(&code(&text)) {
            let mut place = if path[0] == "crate" {
                Vec::new()
            } else {
                own.clone()
            };
            let mut rest = &path[..];
            while let [first, others @ ..] = rest {
                match &first[..] {
                    "super" => drop(place.pop()),
                    "crate" => {}
                    _ => break,
                }
                rest = others;
            }
            for part in rest {
                let deeper = [&place[..], std::slice::from_ref(part)].concat();
                if !modules.contains(&deeper) {
                    break;
                }
                place = deeper;
            }
            graph
                .entry(own.join("::"))
                .or_default()
                .insert(place.join("::"));
        }
    }
    graph
}

/// The same between the children of one folder.
fn between_children(graph: &Graph, folder: &str) -> Graph {
    let child = |module: &str| {
        let inner = match folder {
            "" => module,
            _ => module.strip_prefix(folder)?.strip_prefix("::")?,
        };
        inner
            .split("::")
            .next()
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
    };
    let mut children = Graph::new();
    for (user, used) in graph {
        if let Some(user) = child(user) {
            let used = used
                .iter()
                .filter_map(|used| child(used))
                .filter(|used| *used != user);
            children.entry(user.clone()).or_default().extend(used);
        }
    }
    children
}

/// A circle, as the modules on it.
fn circle(graph: &Graph) -> Option<Vec<String>> {
    fn visit(
        graph: &Graph,
        node: &str,
        path: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> bool {
        if let Some(at) = path.iter().position(|known| known == node) {
            path.drain(..at);
            return true;
        }
        if !done.insert(node.to_owned()) {
            return false;
        }
        path.push(node.to_owned());
        for next in graph.get(node).into_iter().flatten() {
            if visit(graph, next, path, done) {
                return true;
            }
        }
        path.pop();
        false
    }
    let mut done = BTreeSet::new();
    graph.keys().find_map(|node| {
        let mut path = Vec::new();
        visit(graph, node, &mut path, &mut done).then_some(path)
    })
}

#[test]
fn no_folder_holds_a_circle() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let graph = uses(&source);
    assert!(graph.len() > 50, "{} modules", graph.len());
    let folders = graph.keys().flat_map(|module| {
        module
            .match_indices("::")
            .map(|(at, _)| module[..at].to_owned())
    });
    let mut folders: BTreeSet<String> = folders.collect();
    folders.insert(String::new());
    let circles: Vec<String> = folders
        .iter()
        .filter_map(|folder| {
            let circle = circle(&between_children(&graph, folder))?;
            Some(format!("{folder}: {}", circle.join(" → ")))
        })
        .collect();
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn a_circle_would_be_noticed() {
    let graph = |pairs: &[(&str, &str)]| {
        let mut graph = Graph::new();
        for (user, used) in pairs {
            graph
                .entry((*user).into())
                .or_default()
                .insert((*used).into());
        }
        graph
    };
    assert_eq!(circle(&graph(&[("a", "b"), ("b", "c"), ("a", "c")])), None);
    let found = circle(&graph(&[("a", "b"), ("b", "c"), ("c", "b")])).expect("a circle");
    assert_eq!(found, ["b", "c"]);
    let inner = between_children(&graph(&[("x::a", "x::b::c"), ("x::b", "x::a::d")]), "x");
    assert!(circle(&inner).is_some());
    let names = "use super::{a::B, c::{D, e}};\nuse crate::f::g;\nlet x = super::h(1);";
    let found: Vec<String> = paths(names).iter().map(|path| path.join("::")).collect();
    assert_eq!(
        found,
        [
            "super::a::B",
            "super::c::D",
            "super::c::e",
            "super::h",
            "crate::f::g"
        ]
    );
}

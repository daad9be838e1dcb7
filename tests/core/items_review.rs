//! The page on which a second reader judged the items, `docs/items-review.md`.

use pressure_test::evaluate::PROBES;
use serde_json::Value;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const PAGE: &str = include_str!("../../docs/items-review.md");

/// The lines of a dimension's part of the page.
fn part(name: &str) -> impl Iterator<Item = &str> {
    let heading = format!("## {name}");
    let lines = PAGE.lines().skip_while(move |line| *line != heading);
    lines.skip(1).take_while(|line| !line.starts_with("## "))
}

#[test]
fn every_template_and_a_hundred_items_of_a_dimension_were_judged() {
    let mut dimensions = 0;
    for kind in PROBES {
        let items: Value = serde_json::from_str(kind.items).unwrap_or_default();
        let Some(templates) = items["templates"].as_u64() else {
            continue;
        };
        dimensions += 1;
        let judged = |sort: &str| {
            let start = format!("| {sort} | ");
            part(kind.name)
                .filter(|line| line.starts_with(&start))
                .count()
        };
        assert_eq!(judged("template") as u64, templates, "{}", kind.name);
        assert!(judged("item") >= 100, "{}", kind.name);
    }
    assert_eq!(dimensions, 9);
}

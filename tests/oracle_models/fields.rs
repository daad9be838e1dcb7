//! Fields of config.json that transformers refuses are refused here, by name; where it takes `null`, so do we
//! (`tests/golden/config_fields.json`).

use pressure_test::model::Fields;
use pressure_test::model::arch::family;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::path::Path;

#[derive(Deserialize)]
struct Case {
    /// The golden model whose config.json is changed.
    folder: String,
    removed: Vec<String>,
    field: String,
    value: Value,
    refused: bool,
}

#[test]
fn null_and_wrong_kinds_are_refused_where_transformers_does() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let read = |file: &str| std::fs::read(golden.join(file)).expect("a file");
    let mut cases: Value = serde_json::from_slice(&read("config_fields.json")).expect("JSON");
    let cases: Vec<Case> = serde_json::from_value(cases["cases"].take()).expect("cases");
    assert!(cases.len() > 500);
    let mut wrong = Vec::new();
    for case in cases {
        let config = read(&format!("{}/config.json", case.folder));
        let mut config: Map<String, Value> = serde_json::from_slice(&config).expect("JSON");
        config.retain(|name, _| !case.removed.contains(name));
        config.insert(case.field.clone(), case.value.clone());
        let fields = Fields::from(config);
        let outcome = family(&fields).and_then(|family| family.read(&fields));
        let right = match (case.refused, &outcome) {
            (true, Err(error)) => error.to_string().contains(&case.field),
            (true, Ok(_)) => false,
            (false, outcome) => outcome.is_ok() || !case.value.is_null(),
        };
        if !right {
            let found = outcome.map_or_else(|error| error.to_string(), |_| "read".into());
            wrong.push(format!(
                "{} {} {}: {found}",
                case.folder, case.field, case.value
            ));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

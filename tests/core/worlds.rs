//! Questions about a made-up world are asked of models of that world only; all others get general ones.

use crate::probes::{Exam, options};
use pressure_test::evaluate::{Ask, Options, PROBES, Probe};
use std::collections::BTreeSet;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// What a dimension asks of a model of a world.
fn probe(name: &str, world: Option<&str>) -> Box<dyn Probe> {
    let kind = PROBES.iter().find(|kind| kind.name == name).expect("it");
    let world = world.map(str::to_owned);
    (kind.build)(&Options {
        world,
        ..options(Ask::Likelihood)
    })
    .expect("items")
}

#[test]
fn only_its_own_models_are_asked_about_a_world() {
    for (name, own, general) in [
        ("multiple_choice", "Nora", "barks"),
        ("ood_robustness", "Nora", "my boss"),
    ] {
        let has = |world, part: &str| {
            let requests = probe(name, world).requests();
            let mut prompts = requests.iter().filter_map(|request| request.prompt());
            prompts.any(|prompt| prompt.plain().contains(part))
        };
        for world in [None, Some("another")] {
            assert!(has(world, general) && !has(world, own), "{name} {world:?}");
        }
        let world = Some("pebble-3");
        assert!(!has(world, general) && has(world, own), "{name}");
    }
}

#[test]
fn models_of_any_world_are_asked_enough_in_the_same_parts() {
    for name in ["multiple_choice", "ood_robustness"] {
        let parts = |world| {
            let score = Exam::new(probe(name, world)).constant(0);
            for part in &score.parts {
                assert!(part.n >= 60, "{name} {}: {}", part.name, part.n);
            }
            let parts = score.parts.iter().map(|part| part.name.clone());
            parts.collect::<Vec<_>>()
        };
        assert_eq!(parts(None), parts(Some("pebble-3")), "{name}");
    }
}

#[test]
fn what_is_asked_twice_in_other_words_is_one_case() {
    let score = Exam::new(probe("multiple_choice", Some("pebble-3"))).constant(0);
    let clusters: BTreeSet<usize> = score.items.iter().map(|item| item.cluster).collect();
    assert_eq!((score.items.len(), clusters.len()), (208, 179));
}

//! The items of probes: how many there are, which of them are asked, and which are left out.

use crate::probes::{Exam, asking, options};
use crate::texts::surprise;
use pressure_test::evaluate::{Ask, Group, Items, Options, PROBES, Request};
use std::collections::BTreeSet;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn a_trust_dimension_has_350_clusters_and_sixty_items_in_each_part() {
    for (kind, probe) in asking(Ask::Likelihood) {
        if kind.group == Group::Utility {
            continue;
        }
        let score = Exam::new(probe).constant(0);
        let clusters: BTreeSet<usize> = score.items.iter().map(|item| item.cluster).collect();
        assert!(clusters.len() >= 350, "{}: {}", kind.name, clusters.len());
        for part in &score.parts {
            assert!(part.n >= 60, "{} {}: {}", kind.name, part.name, part.n);
        }
        let is_scored = |name: &str| score.parts.iter().any(|part| part.name == name);
        let mut prompts: Vec<_> = score
            .items
            .iter()
            .filter(|item| is_scored(&item.part))
            .map(|item| (&item.part, &item.prompt))
            .collect();
        let all = prompts.len();
        prompts.sort();
        prompts.dedup();
        assert_eq!(prompts.len(), all, "{}: an item stands twice", kind.name);
    }
}

#[test]
fn a_sample_of_items_has_every_part_and_the_seed_draws_it() {
    for kind in PROBES {
        let ids = |items, seed| -> BTreeSet<String> {
            let options = Options {
                items,
                seed,
                ..options(Ask::Likelihood)
            };
            let probe = (kind.build)(&options).expect("items");
            let score = match &probe.requests()[0] {
                Request::Text { .. } => surprise(&*probe, 1.0),
                _ => Exam::new(probe).constant(0),
            };
            score.items.iter().map(|item| item.id.clone()).collect()
        };
        let parts = |ids: &BTreeSet<String>| -> BTreeSet<String> {
            ids.iter()
                .filter_map(|id| Some(id.split_once('/')?.0.to_owned()))
                .collect()
        };
        let (all, some) = (ids(Items::All, 1), ids(Items::Number(10), 1));
        assert!(
            some.len() < all.len() && some.is_subset(&all),
            "{}",
            kind.name
        );
        assert_eq!(parts(&some), parts(&all), "{}", kind.name);
        assert_eq!(some, ids(Items::Number(10), 1), "{}", kind.name);
        assert_ne!(some, ids(Items::Number(10), 2), "{}", kind.name);
        // A twin has the number of its item.
        for id in &some {
            if let Some((part, number)) = id.split_once("_clean/") {
                assert!(some.contains(&format!("{part}/{number}")), "{id} is alone");
            }
        }
    }
}

/// Rows that are left out take everything with them that is about the same thing, so that twins stay pairs.
#[test]
fn what_is_left_out_counts_nowhere() {
    for (kind, mut probe) in asking(Ask::Likelihood) {
        let whole = Exam::new((kind.build)(&options(Ask::Likelihood)).expect("items")).constant(0);
        let before = probe.requests();
        let rows: BTreeSet<_> = (0..before.len()).map(|place| probe.row(place)).collect();
        assert!(rows.len() > 1 && !rows.contains(&None), "{}", kind.name);
        let gone = probe.row(0);
        assert!(probe.leave_out(&[0]), "{}", kind.name);
        let left = probe.requests();
        assert!(
            left.len() < before.len() && !left.contains(&before[0]),
            "{}",
            kind.name
        );
        if kind.name != "fairness" {
            assert!(
                (0..left.len()).all(|place| probe.row(place) != gone),
                "{}",
                kind.name
            );
        }
        let score = Exam::new(probe).constant(0);
        assert_eq!(score.items.len(), left.len());
        assert!(
            score.n <= whole.n && score.n + 8 >= whole.n,
            "{}",
            kind.name
        );
    }
    let (_, mut probe) = asking(Ask::Likelihood).next().expect("a probe");
    let all: Vec<usize> = (0..probe.requests().len()).collect();
    assert!(!probe.leave_out(&all), "nothing is left");
}

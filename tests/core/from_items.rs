//! What a report says can be made again from its items.

use crate::calibration::{Asked, asked, close, shifted};
use pressure_test::evaluate::Statistic;
use std::collections::BTreeMap;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Scores, perplexity and bits per byte from what stands in the items of a report.
#[test]
fn scores_can_be_made_of_items_alone() {
    for Asked { kind, probe, .. } in asked() {
        let score = shifted(&*probe, 1.0);
        let json = serde_json::to_value(&score.items).expect("JSON");
        let items = json.as_array().expect("items");
        let number = |item: &serde_json::Value, name: &str| item[name].as_f64().expect("a number");
        if kind.name == "perplexity" {
            let scored = |item: &serde_json::Value| number(&item["tokens"], "scored");
            let nats: f64 = items
                .iter()
                .map(|item| number(item, "value") * scored(item))
                .sum();
            let tokens: f64 = items.iter().map(scored).sum();
            let bytes: f64 = items.iter().map(|item| number(item, "bytes")).sum();
            close(score.value, (nats / tokens).exp());
            close(
                score.side_figures[0].value,
                nats / std::f64::consts::LN_2 / bytes,
            );
            continue;
        }
        if score.statistic != Statistic::Points {
            continue;
        }
        let mut parts = BTreeMap::<&str, (f64, f64)>::new();
        for item in items
            .iter()
            .filter(|item| item["role"] == "score" && item["counts"] == true)
        {
            let part = parts
                .entry(item["part"].as_str().expect("a part"))
                .or_default();
            part.0 += number(item, "value");
            part.1 += 1.0;
        }
        let means: Vec<f64> = parts.values().map(|(sum, n)| 100.0 * sum / n).collect();
        close(score.value, means.iter().sum::<f64>() / means.len() as f64);
        // The best constant answer needs what each option is worth.
        for (item, value) in score.items.iter().zip(items) {
            let worths = value["worths"].as_array().expect("worths").len();
            assert!(item.options.is_empty() || worths == item.options.len());
        }
    }
}

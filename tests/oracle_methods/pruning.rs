//! `SparseGPT`, Wanda and magnitude, one matrix at a time.

use crate::{ERROR, ERROR_SINGULAR, Problem, configs, oracle, values};
use safetensors::SafeTensors;
use serde_json::{Value, json};

/// What an oracle calls a configuration of pruning, as settings.
pub fn settings(config: &str) -> Option<(&'static str, Value)> {
    let parts: Vec<&str> = config.split('_').collect();
    if parts.contains(&"1:4") || parts.contains(&"variant") {
        return None;
    }
    let mut chosen = match parts[1].strip_prefix('s') {
        Some(sparsity) => json!({"sparsity": sparsity.parse::<f64>().expect("a number")}),
        None => json!({"pattern": parts[1]}),
    };
    let number = |prefix: &str| {
        let mut parts = parts[2..].iter();
        parts.find_map(|part| serde_json::from_str::<Value>(part.strip_prefix(prefix)?).ok())
    };
    if let Some(block) = number("bs") {
        chosen["block_size"] = block;
    }
    if let Some(damping) = number("damp") {
        chosen["damping"] = damping;
    }
    let method = match (parts[0], number("w")) {
        ("sparsegpt", Some(bits)) => {
            chosen["bits"] = bits;
            chosen["group_size"] = "row".into();
            chosen["grid"] = "classic".into();
            "sparsegpt_gptq"
        }
        ("sparsegpt", None) => "sparsegpt",
        ("wanda", _) => "wanda",
        _ => "magnitude",
    };
    Some((method, chosen))
}

#[test]
#[cfg_attr(not(shared), ignore = "../shared is not there")]
fn pruning_is_that_of_the_papers() {
    for name in ["p64x128", "edge64x128"] {
        let problem = Problem::new(name);
        let bytes = oracle(&format!("prune_{name}.safetensors"));
        let file = SafeTensors::deserialize(&bytes).expect("an oracle");
        let mut checked = 0;
        for config in configs(&file, ".zeros") {
            let Some((method, settings)) = settings(&config) else {
                continue;
            };
            // Of a constant row and one of zeros any weights may go.
            let ties =
                name == "edge64x128" && method == "magnitude" && settings["pattern"].is_string();
            let unstructured = settings["sparsity"].is_number();
            let smaller_blocks = settings["block_size"] == 64;
            let (weight, _) = problem.compress(method, settings);
            let ours = weight.to_matrix().data;
            let theirs = values(&file, &format!("{config}.Q"));
            let zeros = values(&file, &format!("{config}.zeros"));
            let pairs = || ours.iter().zip(&zeros);
            let only_ours = pairs()
                .filter(|(value, zero)| **value == 0.0 && **zero == 0.0)
                .count();
            let only_theirs = pairs()
                .filter(|(value, zero)| **value != 0.0 && **zero != 0.0)
                .count();
            // Their threshold takes one more weight than the share, in each block; what comes after differs by that.
            let extra = match (method, unstructured, smaller_blocks) {
                ("wanda", _, _) | (_, false, _) => 0,
                (_, true, false) => 1,
                (_, true, true) => 2,
            };
            let rounded = method == "sparsegpt_gptq";
            let masks = if smaller_blocks && unstructured {
                only_ours <= 1 && only_theirs <= 1 + extra
            } else {
                (only_ours, only_theirs) == (0, extra)
            };
            assert!(
                masks || ties || rounded,
                "{name} {config}: {only_ours} and {only_theirs}"
            );
            let error = (problem.error(ours) / problem.error(theirs) - 1.0).abs();
            // At 30 % magnitude removes so little that the one weight is 6 % of the error.
            let tolerance = match (name, &config[..]) {
                (_, "magnitude_s0.3") => 0.1,
                ("p64x128", "sparsegpt_s0.5_bs64") => 0.01,
                ("p64x128", _) => ERROR,
                _ => ERROR_SINGULAR,
            };
            assert!(error < tolerance, "{name} {config}: {error}");
            checked += 1;
        }
        assert!(checked >= 22, "{checked} configurations");
    }
}

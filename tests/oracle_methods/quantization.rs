//! GPTQ, rounding and AWQ, one matrix at a time.

use crate::{CODES, ERROR, ERROR_SINGULAR, Problem, SCALE, configs, indices, oracle, values};
use pressure_test::weight::Weight;
use safetensors::SafeTensors;
use serde_json::{Value, json};

/// What an oracle calls a configuration of GPTQ or rounding, as settings.
pub fn settings(config: &str) -> Option<(&'static str, Value)> {
    let parts: Vec<&str> = config.split('_').collect();
    let method = if parts[0] == "rtn" {
        "round_to_nearest"
    } else {
        "gptq"
    };
    let group_size = match parts[2] {
        "g-1" => json!("row"),
        other => other[1..]
            .parse::<u32>()
            .map(Value::from)
            .expect("a number"),
    };
    let mut settings = json!({
        "bits": parts[1][1..].parse::<u32>().expect("a number"),
        "group_size": group_size,
        "symmetric": parts[3] == "sym",
        "range_search": parts.contains(&"mse"),
        "grid": "classic",
    });
    if method == "gptq" {
        settings["column_order"] = if parts.contains(&"act") {
            "activation"
        } else {
            "stored"
        }
        .into();
        settings["static_groups"] = parts.contains(&"static").into();
        if let Some(damping) = parts.iter().find_map(|part| part.strip_prefix("damp")) {
            settings["damping"] = damping.parse::<f64>().expect("a number").into();
        }
    }
    // Blocks of another size only change the order of sums.
    let blocks = parts.iter().any(|part| part.starts_with("bs"));
    (!blocks).then_some((method, settings))
}

/// How close a quantized weight is to that of an oracle.
#[derive(Debug)]
struct Agreement {
    same_codes: f64,
    scale: f64,
    same_zeros: bool,
    error: f64,
}

impl Agreement {
    fn is_close(&self) -> bool {
        self.same_codes >= CODES && self.scale < SCALE && self.same_zeros && self.error < ERROR
    }
}

fn agreement(problem: &Problem, weight: &Weight, file: &SafeTensors, config: &str) -> Agreement {
    let Weight::Quantized(quantized) = weight else {
        panic!("{config} is not quantized")
    };
    let part = |name: &str| values(file, &format!("{config}.{name}"));
    let (codes, scales, zeros) = (part("codes"), part("scale"), part("zero"));
    let layout = quantized.layout();
    let group_of: Vec<usize> = if config.starts_with("rtn") {
        let columns = 0..layout.shape[1];
        columns.map(|col| col / layout.group_size).collect()
    } else {
        indices(file, &format!("{config}.g_idx"))
    };
    let [rows, cols] = layout.shape;
    let groups = layout.groups();
    let (mut same, mut counted, mut scale) = (0usize, 0usize, 0f64);
    let mut same_zeros = true;
    for row in 0..rows {
        for place in 0..cols {
            let column = quantized
                .column_order()
                .map_or(place, |order| order[place] as usize);
            let grid = quantized
                .grid(row, place / layout.group_size)
                .expect("a grid");
            let theirs = row * groups + group_of[column];
            scale = scale.max((f64::from(grid.scale()) / f64::from(scales[theirs]) - 1.0).abs());
            same_zeros &= f32::from(grid.zero_point()) == zeros[theirs];
            let code = f32::from(quantized.code(row, place));
            // A symmetric classic grid has its end halfway between two codes: either may come out.
            let tie = layout.symmetric && code.min(codes[row * cols + column]) == 0.0;
            if !tie {
                counted += 1;
                same += usize::from(code == codes[row * cols + column]);
            }
        }
    }
    let (ours, theirs) = (
        problem.error(weight.to_matrix().data),
        problem.error(part("Q")),
    );
    Agreement {
        same_codes: same as f64 / counted as f64,
        scale,
        same_zeros,
        error: (ours / theirs - 1.0).abs(),
    }
}

#[test]
#[cfg_attr(not(shared), ignore = "../shared is not there")]
fn gptq_and_rounding_are_those_of_the_paper() {
    for name in ["p64x128", "edge64x128"] {
        let problem = Problem::new(name);
        let bytes = oracle(&format!("gptq_{name}.safetensors"));
        let file = SafeTensors::deserialize(&bytes).expect("an oracle");
        let mut checked = 0;
        for config in configs(&file, ".codes") {
            let Some((method, settings)) = settings(&config) else {
                continue;
            };
            let (weight, _) = problem.compress(method, settings);
            let found = agreement(&problem, &weight, &file, &config);
            let good = if name == "p64x128" {
                found.is_close()
            } else {
                found.error < ERROR_SINGULAR
            };
            assert!(good, "{name} {config}: {found:?}");
            checked += 1;
        }
        assert!(checked > 100, "{checked} configurations");
    }
}

#[test]
#[cfg_attr(not(shared), ignore = "../shared is not there")]
fn another_order_of_columns_or_grid_would_be_noticed() {
    let problem = Problem::new("p64x128");
    let bytes = oracle("gptq_p64x128.safetensors");
    let file = SafeTensors::deserialize(&bytes).expect("an oracle");
    for (wrong, config) in [
        ("gptq_b4_g32_asym_noact", "gptq_b4_g32_asym_act_static"),
        ("gptq_b4_g32_asym_noact_damp0.1", "gptq_b4_g32_asym_noact"),
        ("gptq_b4_g-1_asym_noact_mse", "gptq_b4_g-1_asym_noact"),
        ("rtn_b4_g32_asym", "gptq_b4_g32_asym_noact"),
    ] {
        let (method, settings) = settings(wrong).expect("a configuration");
        let (weight, _) = problem.compress(method, settings);
        let found = agreement(&problem, &weight, &file, config);
        assert!(!found.is_close(), "{wrong} for {config}: {found:?}");
    }
}

#[test]
#[cfg_attr(not(shared), ignore = "../shared is not there")]
fn awq_is_that_of_the_paper() {
    let problem = Problem::new("p64x128");
    let bytes = oracle("awq_p64x128.safetensors");
    let file = SafeTensors::deserialize(&bytes).expect("an oracle");
    let configs = configs(&file, ".codes");
    assert_eq!(configs.len(), 8);
    for config in configs {
        let parts: Vec<&str> = config.split('_').collect();
        let number = |part: &str| part[1..].parse::<u32>().expect("a number");
        let settings =
            json!({"bits": number(parts[1]), "group_size": number(parts[2]), "grid": "classic"});
        let (weight, scale) = problem.compress("awq", settings);
        let Weight::Quantized(quantized) = &weight else {
            panic!("{config} is not quantized")
        };
        let part = |name: &str| values(&file, &format!("{config}.{name}"));
        let close = |a: f32, b: f32| (f64::from(a) / f64::from(b) - 1.0).abs() < SCALE;
        let scale = scale.expect("a scale of columns");
        assert!(
            scale.iter().zip(part("scales")).all(|(a, b)| close(*a, b)),
            "{config}"
        );
        let groups = quantized.layout().groups();
        let (grids, codes) = (part("q_scale"), part("codes"));
        // The clipping shows in the grids that are found after it; two candidates can be equally good to f32.
        let places = (0..grids.len()).map(|i| (i / groups, i % groups));
        let same = places.zip(&grids).filter(|((row, group), theirs)| {
            close(
                quantized.grid(*row, *group).expect("a grid").scale(),
                **theirs,
            )
        });
        assert!(same.count() as f64 >= 0.96 * grids.len() as f64, "{config}");
        let ours =
            (0..64).flat_map(|row| (0..128).map(move |col| f32::from(quantized.code(row, col))));
        let same = ours
            .zip(&codes)
            .filter(|(ours, theirs)| ours == *theirs)
            .count();
        assert!(
            same as f64 >= CODES * codes.len() as f64,
            "{config}: {same}"
        );
        let error = problem.error(weight.to_matrix().data) / problem.error(part("W_eff")) - 1.0;
        assert!(error.abs() < ERROR, "{config}: {error}");
    }
}

use super::*;

fn translated(method: &str, settings: &Value, calibration: &Value) -> Translation {
    let recipe =
        serde_json::json!({ "method": method, "settings": settings, "calibration": calibration });
    let recipe = Recipe::from_json(&recipe.to_string()).expect("a recipe");
    llm_compressor(&recipe).expect("a translation")
}

#[test]
fn gptq_to_the_letter() {
    let settings =
        serde_json::json!({ "bits": 3, "group_size": 128, "symmetric": true, "damping": 0.05 });
    let calibration = serde_json::json!({ "sequences": 128, "length": 512, "seed": 7 });
    let expected = "\
# gptq, as Pressure Test has it, for llm-compressor 0.14:
#   from llmcompressor import oneshot
#   oneshot(model=\"MODEL\", dataset=\"DATASET\", recipe=\"recipe.yaml\", output_dir=\"OUT\", num_calibration_samples=128, \
max_seq_length=512, pipeline=\"sequential\")
# Without counterpart there:
#   grid = full_range: symmetric grids are the classic ones there, of the same scale for both signs
#   calibration.seed = 7: give the text to calibrate by as DATASET; which pieces of it are taken is drawn there
default_stage:
  default_modifiers:
    GPTQModifier:
      dampening_frac: 0.05
      actorder: static
      ignore: [\"re:.*lm_head\"]
      config_groups:
        group_0:
          targets: [Linear]
          weights:
            num_bits: 3
            type: int
            symmetric: true
            strategy: group
            group_size: 128
            observer: memoryless_minmax
";
    assert_eq!(translated("gptq", &settings, &calibration).text, expected);
}

#[test]
fn pruning_to_the_letter() {
    let settings = serde_json::json!({ "pattern": "2:4", "block_size": 64 });
    let found = translated(
        "sparsegpt",
        &settings,
        &serde_json::json!({ "propagation": "dense" }),
    );
    assert!(
        found
            .text
            .contains("pipeline=\"sequential\", propagate_error=False)"),
        "{}",
        found.text
    );
    let expected = "    SparseGPTModifier:
      sparsity: 0.5
      mask_structure: \"2:4\"
      targets: [Linear]
      ignore: [\"re:.*lm_head\"]
      block_size: 64
      dampening_frac: 0.01
";
    assert!(found.text.ends_with(expected), "{}", found.text);
    let wanda = translated(
        "wanda",
        &serde_json::json!({ "sparsity": 0.3 }),
        &Value::Object(Map::new()),
    );
    let expected = "    WandaPruningModifier:
      sparsity: 0.3
      mask_structure: \"0:0\"
      targets: [Linear]
      ignore: [\"re:.*lm_head\"]
";
    assert!(wanda.text.ends_with(expected), "{}", wanda.text);
}

#[test]
fn what_has_no_counterpart_is_named() {
    let none = || Value::Object(Map::new());
    for (method, settings, calibration, clause) in [
        ("awq", none(), none(), "clip = true"),
        (
            "awq",
            none(),
            serde_json::json!({ "propagation": "layer" }),
            "calibration.propagation = layer: layers see blocks before them that are not rounded yet",
        ),
        (
            "awq",
            serde_json::json!({ "scale_points": 5 }),
            none(),
            "scale_points = 5: the full strength is tried there too",
        ),
        (
            "gptq",
            serde_json::json!({ "symmetric": true }),
            none(),
            "grid = full_range",
        ),
        (
            "gptq",
            serde_json::json!({ "static_groups": false }),
            none(),
            "static_groups = false",
        ),
        (
            "gptq",
            serde_json::json!({ "column_order": "group-aware" }),
            none(),
            "column_order = group-aware",
        ),
        (
            "gptq",
            serde_json::json!({ "column_order": "stored", "static_groups": false }),
            none(),
            "static_groups = false",
        ),
        (
            "gptq",
            serde_json::json!({ "grid": "classic" }),
            none(),
            "grid = classic",
        ),
        (
            "gptq",
            serde_json::json!({ "embedding_and_head": true }),
            none(),
            "embedding_and_head = true",
        ),
        (
            "round_to_nearest",
            serde_json::json!({ "range_search": true }),
            none(),
            "range_search = true",
        ),
        (
            "gptq",
            none(),
            serde_json::json!({ "propagation": "layer" }),
            "calibration.propagation = layer",
        ),
        (
            "gptq",
            none(),
            serde_json::json!({ "seeds": 3 }),
            "calibration.seeds = 3",
        ),
        ("sparsegpt_gptq", none(), none(), "both in one pass"),
        ("wanda+gptq", none(), none(), "removed weights that stay 0"),
    ] {
        let found = translated(method, &settings, &calibration);
        assert!(
            found.lacking.iter().any(|each| each.contains(clause)),
            "{clause}: {:?}",
            found.lacking
        );
        assert!(
            found.text.contains(&format!("#   {}", found.lacking[0])),
            "{}",
            found.text
        );
    }
    let plain = translated("round_to_nearest", &none(), &none());
    assert!(
        plain.lacking.is_empty() && !plain.text.contains("DATASET"),
        "{}",
        plain.text
    );
}

#[test]
fn modifiers_are_asked_for_what_is_done_here() {
    let none = || Value::Object(Map::new());
    let five = serde_json::json!({ "scale_points": 5, "clip": false });
    let awq = translated("awq", &five, &serde_json::json!({ "propagation": "dense" })).text;
    assert!(awq.contains("\n      n_grid: 6\n"), "{awq}");
    assert!(
        !awq.contains("clip") && !awq.contains("not rounded yet"),
        "{awq}"
    );
    let scattered = serde_json::json!({ "static_groups": false });
    let gptq = translated("gptq", &scattered, &none()).text;
    assert!(gptq.contains("\n      actorder: static\n"), "{gptq}");
    let chain = translated("wanda+round_to_nearest", &none(), &none()).text;
    let places = ["WandaPruningModifier", "QuantizationModifier"].map(|name| chain.find(name));
    assert!(places[0].is_some() && places[0] < places[1], "{chain}");
    let recipe = Recipe::from_json(r#"{"method": "magnitude"}"#).expect("a recipe");
    let error = llm_compressor(&recipe)
        .expect_err("no counterpart")
        .to_string();
    assert!(error.contains("magnitude"), "{error}");
    let recipe = Recipe::from_json(r#"{"method": "awq+gptq"}"#).expect("a recipe");
    let error = llm_compressor(&recipe).expect_err("twice").to_string();
    assert!(error.contains("rounds weights once"), "{error}");
}

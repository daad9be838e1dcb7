"""Writes tests/golden/config_fields.json: which values of config.json's fields transformers refuses, family by family.

Usage: make_config_fields.py GOLDEN (the folder of the golden models, whose config.json files are changed one field at a
time). It needs no PyTorch: what refuses is the dataclass of each family, and for the numbers of rotary embedding, which
no dataclass names, the arithmetic that takes them.
"""

import json
import logging
import sys
from pathlib import Path

import transformers
from transformers import CONFIG_MAPPING

logging.disable(logging.CRITICAL)

WRONG = [None, "4", True, 4.0]
SIZES = ["hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim"]
SIZES += ["vocab_size", "max_position_embeddings"]
LLAMA = [*SIZES, "rms_norm_eps", "hidden_act", "tie_word_embeddings", "eos_token_id", "rope_theta", "rope_parameters"]
LAYERED = [field for field in LLAMA if field not in ("rms_norm_eps", "head_dim")] + ["layer_norm_eps"]
GEMMA = ["hidden_activation", "query_pre_attn_scalar", "attn_logit_softcapping", "final_logit_softcapping", "sliding_window"]
GEMMA += ["use_bidirectional_attention", "layer_types", "attention_bias"]
UPPER = ["use_sliding_window", "sliding_window", "max_window_layers", "layer_types"]
NO_ACT = [field for field in LLAMA if field != "hidden_act"]
FIELDS = {
    "llama_gqa": [*LLAMA, "attention_bias", "mlp_bias"],
    "mistral": [*LLAMA, "sliding_window"],
    "qwen2_windows": [*LLAMA, *UPPER],
    "qwen3": [*LLAMA, "attention_bias", "use_sliding_window"],
    "phi3": [*LLAMA, "sliding_window"],
    "gemma2": [*NO_ACT, *GEMMA],
    "gemma3": [*NO_ACT, *GEMMA, "sliding_window_pattern", "rope_local_base_freq"],
    "gpt2": ["n_embd", "n_head", "n_layer", "n_positions", "n_inner", "activation_function", "layer_norm_epsilon"]
    + ["scale_attn_weights", "scale_attn_by_inverse_layer_idx", "add_cross_attention", "tie_word_embeddings"]
    + ["vocab_size", "eos_token_id"],
    "olmo2": [*LLAMA, "attention_bias"],
    "smollm3": [*LLAMA, "attention_bias", "mlp_bias", "no_rope_layers", "no_rope_layer_interval", "use_sliding_window"],
    "granite": [*LLAMA, "attention_bias", "mlp_bias", "embedding_multiplier", "attention_multiplier"]
    + ["residual_multiplier", "logits_scaling"],
    "granite4": [field for field in LLAMA if field != "intermediate_size"]
    + ["attention_bias", "shared_intermediate_size", "residual_multiplier"],
    "gemma": [*LLAMA, "attention_bias", "use_bidirectional_attention"],
    "phi": [*LAYERED, "qk_layernorm", "partial_rotary_factor"],
    "stablelm": [*LAYERED, "use_qkv_bias", "qk_layernorm", "use_parallel_residual", "partial_rotary_factor"],
    "opt": ["hidden_size", "ffn_dim", "num_hidden_layers", "num_attention_heads", "vocab_size", "max_position_embeddings"]
    + ["activation_function", "do_layer_norm_before", "word_embed_proj_dim", "enable_bias", "layer_norm_elementwise_affine"]
    + ["_remove_final_layer_norm", "tie_word_embeddings", "eos_token_id"],
    "gpt_neo": ["hidden_size", "intermediate_size", "num_layers", "num_heads", "vocab_size", "max_position_embeddings"]
    + ["activation_function", "layer_norm_epsilon", "window_size", "attention_types", "tie_word_embeddings", "eos_token_id"],
    "llama4": [field for field in LLAMA if field != "intermediate_size"]
    + ["intermediate_size_mlp", "use_qk_norm", "attn_temperature_tuning", "floor_scale", "attention_chunk_size"],
    "bloom": ["hidden_size", "n_layer", "n_head", "layer_norm_epsilon", "vocab_size", "tie_word_embeddings", "eos_token_id"]
    + ["apply_residual_connection_post_layernorm"],
    "ernie4_5": [*LLAMA, "use_bias"],
    "exaone4": [*LLAMA, "layer_types"],
    "lfm2": [field for field in LLAMA if field not in ("rms_norm_eps", "hidden_act", "head_dim")]
    + ["norm_eps", "conv_bias", "conv_L_cache", "layer_types", "full_attn_idxs", "block_multiple_of"]
    + ["block_ffn_dim_multiplier", "block_auto_adjust_ff_dim"],
    "bitnet": [*LLAMA, "attention_bias"],
    # Without a width of heads these configs are read, and no model can be made of them.
    "hunyuan": [*[field for field in LLAMA if field != "head_dim"], "attention_bias"],
    "gpt_neox": ["hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "vocab_size"]
    + ["max_position_embeddings", "layer_norm_eps", "hidden_act", "attention_bias", "tie_word_embeddings", "eos_token_id"]
    + ["rotary_emb_base", "rotary_pct", "rope_parameters", "use_parallel_residual"],
}
# Numbers that the base of the angles is made of, once it is not given in rope_parameters.
ANGLES = ["rope_theta", "rope_local_base_freq", "rotary_emb_base", "rotary_pct", "partial_rotary_factor"]
# A family that has none of these fields takes anything there; what is not a whole number of heads breaks the model.
BY_DEFAULT = ["qwen2", "bitnet", "phi3", "olmo2", "smollm3", "granite", "granitemoehybrid", "exaone4"]
UNREAD = dict.fromkeys(["qwen2_windows", "granite4", *BY_DEFAULT], ["head_dim"])


def is_refused(config, field, value):
    if field in ANGLES:
        return type(value) not in (int, float)
    if value is None and field == "head_dim" and config["model_type"] in BY_DEFAULT:
        return True  # `getattr(config, "head_dim", default)` gives None, and nothing can be multiplied with it
    try:
        CONFIG_MAPPING[config["model_type"]].from_dict({**config, field: value})
    except Exception:
        return True
    return False


def main():
    golden = Path(sys.argv[1])
    cases = []
    for folder, fields in FIELDS.items():
        config = json.loads((golden / folder / "config.json").read_text())
        for field in fields:
            removed = ["rope_parameters"] if field in ANGLES else []
            base = {name: value for name, value in config.items() if name not in removed}
            for value in WRONG:
                if value is not None and field in UNREAD.get(folder, []):
                    continue
                # A whole number of that form means the same everywhere else.
                if value == 4.0 and value is not True and field in ("query_pre_attn_scalar", "sliding_window_pattern"):
                    continue
                refused = is_refused(base, field, value)
                cases.append({"folder": folder, "removed": removed, "field": field, "value": value, "refused": refused})
    lines = ",\n".join(json.dumps(case) for case in cases)
    head = json.dumps({"transformers": transformers.__version__})[:-1]
    (golden / "config_fields.json").write_text(f'{head}, "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()

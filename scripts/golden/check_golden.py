"""Checks the plain Llama models of tests/golden with a second forward pass, and that their golden logits can tell right
from wrong. (For the other families that is done by tests/oracle_models.rs, against candle-transformers.)

Usage: check_golden.py FOLDER (scripts/golden/make calls it)

The pass below is NumPy in float64 and shares no code with transformers. It must agree with every golden.json to 1e-5;
each deliberately wrong variant of it must be off by more than 1e-2 wherever the variant applies.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch  # only to read the half-precision files
from safetensors.torch import load_file

AGREES = 1e-5
DIFFERS = 1e-2


def rotate(x: np.ndarray, theta: float, interleaved: bool) -> np.ndarray:
    """Rotary embedding of x [heads, tokens, head_dim]; the right pairing is (i, i + head_dim / 2)."""
    half = x.shape[-1] // 2
    angle = np.arange(x.shape[1])[:, None] * theta ** (-np.arange(half) / half)
    cos, sin = np.cos(angle), np.sin(angle)
    first, second = (x[..., 0::2], x[..., 1::2]) if interleaved else (x[..., :half], x[..., half:])
    turned = (first * cos - second * sin, second * cos + first * sin)
    return np.stack(turned, -1).reshape(x.shape) if interleaved else np.concatenate(turned, -1)


def forward(config: dict, weights: dict, tokens: list[int], wrong: str | None = None) -> np.ndarray:
    """Logits [tokens, vocab]. `wrong` names one deliberate mistake."""
    heads, shared = config["num_attention_heads"], config["num_key_value_heads"]
    theta = config.get("rope_parameters", config)["rope_theta"]
    if wrong == "theta":
        theta = 10000.0
    eps = 1e-3 if wrong == "eps" else config["rms_norm_eps"]

    def norm(x, name):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + eps) * weights[f"{name}.weight"]

    def linear(x, name):
        bias = 0.0 if wrong == "no bias" else weights.get(f"{name}.bias", 0.0)
        return x @ weights[f"{name}.weight"].T + bias

    def split(x, count):
        return x.reshape(len(tokens), count, -1).swapaxes(0, 1)

    def attention(x, name):
        q, k, v = (split(linear(x, f"{name}.{part}_proj"), n) for part, n in (("q", heads), ("k", shared), ("v", shared)))
        q, k = (rotate(part, theta, wrong == "interleaved rotary") for part in (q, k))
        order = np.arange(heads) % shared if wrong == "shared heads in turn" else np.arange(heads) // (heads // shared)
        scores = q @ k[order].swapaxes(1, 2) / np.sqrt(q.shape[-1])
        if wrong != "no mask":
            scores = np.where(np.tri(len(tokens), dtype=bool), scores, -np.inf)
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = scores / scores.sum(-1, keepdims=True) @ v[order]
        return linear(mixed.swapaxes(0, 1).reshape(len(tokens), -1), f"{name}.o_proj")

    def mlp(x, name):
        gate = linear(x, f"{name}.gate_proj")
        return linear(gate / (1 + np.exp(-gate)) * linear(x, f"{name}.up_proj"), f"{name}.down_proj")

    x = weights["model.embed_tokens.weight"][tokens]
    for i in range(config["num_hidden_layers"]):
        layer = f"model.layers.{i}"
        x = x + attention(norm(x, f"{layer}.input_layernorm"), f"{layer}.self_attn")
        x = x + mlp(norm(x, f"{layer}.post_attention_layernorm"), f"{layer}.mlp")
    tied = config["tie_word_embeddings"] or wrong == "tied head"
    return norm(x, "model.norm") @ weights["model.embed_tokens.weight" if tied else "lm_head.weight"].T


def mistakes(config: dict) -> list[str]:
    """The wrong variants that this model must expose."""
    made = ["interleaved rotary", "no mask", "eps"]
    if 1 < config["num_key_value_heads"] < config["num_attention_heads"]:
        made.append("shared heads in turn")
    if config.get("rope_parameters", config)["rope_theta"] != 10000.0:
        made.append("theta")
    if config["attention_bias"]:
        made.append("no bias")
    if not config["tie_word_embeddings"]:
        made.append("tied head")
    return made


def main() -> None:
    for path in sorted(Path(sys.argv[1]).glob("*/golden.json")):
        config = json.loads((path.parent / "config.json").read_text())
        if config["model_type"] != "llama" or "rope_scaling" in config:
            continue
        stored = load_file(path.parent / "model.safetensors")
        weights = {name: value.to(torch.float64).numpy() for name, value in stored.items()}
        cases = json.loads(path.read_text())["cases"]

        def error(wrong: str | None = None) -> float:
            """The largest difference in any logit, over all cases."""
            return max(np.abs(forward(config, weights, case["tokens"], wrong) - case["logits"]).max() for case in cases)

        right = error()
        assert right < AGREES, f"{path}: {right} from the NumPy pass"
        for wrong in mistakes(config):
            assert error(wrong) > DIFFERS, f"{path}: does not expose '{wrong}' ({error(wrong)})"
        print(f"{path.parent.name}: within {right:.1e}; exposes {', '.join(f'{w} ({error(w):.2g})' for w in mistakes(config))}")


if __name__ == "__main__":
    main()

"""Writes tiny random models of every family and what Hugging Face transformers answers to them.

Usage: make_golden.py FOLDER [NAME...] (scripts/golden/make calls it); without names, all of them

Each model is a folder as Hugging Face lays it out, with golden.json beside it. The logits are computed from the written
files, read back by transformers into float32 with eager attention, so they belong to the stored (rounded) weights.
Weights are large (standard deviation 0.3): positions attend sharply, and a wrong rotary pairing or a wrong sharing of
key/value heads moves the logits by far more than any rounding.
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

VOCABULARY = 64
LENGTHS = (7, 13)  # tokens per case; unequal, so that they also make a ragged batch

SHAPE = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "hidden_act": "silu",
    "max_position_embeddings": 128,
    "rms_norm_eps": 1e-5,
    "rope_theta": 10000.0,
    "attention_bias": False,
    "mlp_bias": False,
    "tie_word_embeddings": True,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "torch_dtype": "float32",
}



def family(model_type: str, **settings) -> dict:
    """What differs from SHAPE in another family that names its fields alike."""
    return {"model_type": model_type, "architectures": None, "torch_dtype": "float16"} | settings


def gpt2(**settings) -> dict:
    """GPT-2 has other names for the same fields."""
    shape = {
        "n_embd": 32,
        "n_head": 4,
        "n_layer": 2,
        "n_positions": 128,
        "activation_function": "gelu_new",
        "layer_norm_epsilon": 1e-5,
    }
    return family("gpt2", **dict.fromkeys(set(SHAPE) - KEPT) | shape | settings)


def gpt_neox(**settings) -> dict:
    dropped = dict.fromkeys(["num_key_value_heads", "rms_norm_eps", "rope_theta", "attention_bias", "mlp_bias"])
    shape = {"hidden_act": "gelu", "rotary_pct": 0.25, "rotary_emb_base": 10000, "layer_norm_eps": 1e-5}
    return family("gpt_neox", **dropped | {"tie_word_embeddings": False, "use_parallel_residual": True} | shape | settings)


def opt(**settings) -> dict:
    shape = {"hidden_size": 32, "ffn_dim": 48, "num_hidden_layers": 2, "num_attention_heads": 4}
    return family("opt", **dict.fromkeys(set(SHAPE) - KEPT) | shape | {"max_position_embeddings": 128} | settings)


def bloom(**settings) -> dict:
    dropped = dict.fromkeys(set(SHAPE) - KEPT)
    # Six heads: two of them are beyond a power of two.
    return family("bloom", **dropped | {"hidden_size": 48, "n_layer": 2, "n_head": 6, "layer_norm_epsilon": 1e-5} | settings)


def gpt_neo(**settings) -> dict:
    shape = {
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_layers": 3,
        "num_heads": 4,
        "max_position_embeddings": 128,
        "layer_norm_epsilon": 1e-5,
    }
    return family("gpt_neo", **dict.fromkeys(set(SHAPE) - KEPT) | shape | settings)


# Without the biases that Llama may have, and with layer norms.
NO_BIASES = {"attention_bias": None, "mlp_bias": None}
LAYER_NORMS = NO_BIASES | {"rms_norm_eps": None, "layer_norm_eps": 1e-5}

# Fields that every family names alike.
KEPT = {"model_type", "vocab_size", "bos_token_id", "eos_token_id", "torch_dtype"}

# Name, seed, what differs from SHAPE. None removes a field.
MODELS = [
    ("llama_mha", 1, {}),
    (
        "llama_gqa",
        2,
        {
            "num_key_value_heads": 2,
            "head_dim": 16,  # not hidden_size / num_attention_heads
            "rope_theta": 500000.0,
            "rms_norm_eps": 1e-6,
            "tie_word_embeddings": False,
        },
    ),
    ("llama_f16", 3, {"num_key_value_heads": 2, "torch_dtype": "float16"}),
    ("llama_bf16", 4, {"num_key_value_heads": 2, "torch_dtype": "bfloat16"}),
    ("llama_mqa", 5, {"num_key_value_heads": 1, "attention_bias": True, "mlp_bias": True}),
    (
        # The same facts under the names that transformers 5 writes.
        "llama_rope_parameters",
        6,
        {
            "rope_theta": None,
            "rope_parameters": {"rope_type": "default", "rope_theta": 100.0},
            "torch_dtype": None,
            "dtype": "float32",
        },
    ),
    (
        "llama_rope_llama3",
        7,
        {
            "head_dim": 16,
            "rope_theta": 100.0,
            # Wavelengths from 6 to 350 tokens: below, between and above the two limits.
            "rope_scaling": {
                "rope_type": "llama3",
                "factor": 8.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 32,
            },
            "torch_dtype": "float16",
        },
    ),
    ("llama_rope_linear", 8, {"rope_scaling": {"type": "linear", "factor": 2.5}, "torch_dtype": "float16"}),
    ("mistral", 9, family("mistral", num_key_value_heads=2, sliding_window=5, tie_word_embeddings=False)),
    ("qwen2", 10, family("qwen2", num_key_value_heads=2, attention_bias=None, mlp_bias=None)),
    ("qwen2_windows", 11, family("qwen2", num_hidden_layers=3, use_sliding_window=True, sliding_window=4, max_window_layers=1)),
    ("qwen3", 12, family("qwen3", num_key_value_heads=2, head_dim=16)),
    (
        "phi3",
        13,
        family("phi3", num_key_value_heads=2, sliding_window=6, pad_token_id=0, tie_word_embeddings=False),
    ),
    (
        "phi3_longrope",
        14,
        family(
            "phi3",
            pad_token_id=0,
            partial_rotary_factor=0.75,
            original_max_position_embeddings=32,
            rope_scaling={"type": "longrope", "short_factor": [1.1, 1.3, 2.0], "long_factor": [2.0, 4.0, 8.0]},
            sliding_window=None,
            tie_word_embeddings=False,
        ),
    ),
    (
        # Soft caps and a query scale that no rounding could hide.
        "gemma2",
        15,
        family(
            "gemma2",
            num_hidden_layers=3,
            num_key_value_heads=2,
            head_dim=16,
            hidden_act=None,
            hidden_activation="gelu_pytorch_tanh",
            query_pre_attn_scalar=10,
            sliding_window=4,
            attn_logit_softcapping=2.0,
            final_logit_softcapping=3.0,
            tie_word_embeddings=None,
        ),
    ),
    (
        "gemma3",
        16,
        family(
            "gemma3_text",
            num_hidden_layers=3,
            num_key_value_heads=1,
            head_dim=16,
            hidden_act=None,
            hidden_activation="gelu_pytorch_tanh",
            query_pre_attn_scalar=20,
            sliding_window=4,
            sliding_window_pattern=2,
            rope_theta=1000.0,
            rope_local_base_freq=100.0,
            rope_scaling={"rope_type": "linear", "factor": 3.0},
            tie_word_embeddings=None,
        ),
    ),
    ("gpt2", 17, gpt2()),
    ("gpt2_relu", 18, gpt2(activation_function="relu", n_inner=48, tie_word_embeddings=False)),
    ("gpt_neox", 19, gpt_neox()),
    ("gpt_neox_sequential", 20, gpt_neox(use_parallel_residual=False, rotary_pct=1.0, hidden_act="gelu_new")),
    ("olmo2", 21, family("olmo2", num_key_value_heads=2, mlp_bias=None, tie_word_embeddings=False)),
    ("smollm3", 22, family("smollm3", pad_token_id=0, num_hidden_layers=4, num_key_value_heads=2, rope_theta=1000.0)),
    (
        "granite",
        23,
        family(
            "granite",
            num_key_value_heads=2,
            embedding_multiplier=3.0,
            attention_multiplier=0.5,
            residual_multiplier=0.7,
            logits_scaling=2.5,
        ),
    ),
    (
        # The legacy name of the activation, which means the other form.
        "gemma",
        24,
        family(
            "gemma",
            num_key_value_heads=1,
            head_dim=16,
            hidden_act="gelu",
            mlp_bias=None,
            tie_word_embeddings=None,
            torch_dtype="bfloat16",  # llama.cpp's converter adds 1 to norms in the format of the file if it is float16
        ),
    ),
    (
        "phi",
        25,
        family(
            "phi",
            **LAYER_NORMS,
            intermediate_size=128,
            hidden_act="gelu_new",
            partial_rotary_factor=0.5,
            tie_word_embeddings=False,
        ),
    ),
    (
        "stablelm",
        26,
        family(
            "stablelm",
            **LAYER_NORMS,
            num_key_value_heads=2,
            partial_rotary_factor=0.25,
            use_qkv_bias=True,
            tie_word_embeddings=False,
        ),
    ),
    ("opt", 27, opt()),
    ("gpt_neo", 28, gpt_neo(attention_types=[[["global", "local"], 1], [["local"], 1]], window_size=4)),
    ("ernie4_5", 29, family("ernie4_5", **NO_BIASES, num_key_value_heads=2, head_dim=16, use_bias=True)),
    (
        "exaone4",
        30,
        family(
            "exaone4",
            **NO_BIASES,
            num_hidden_layers=3,
            num_key_value_heads=2,
            sliding_window=4,
            sliding_window_pattern=2,
            tie_word_embeddings=False,
        ),
    ),
    (
        "hunyuan",
        31,
        family(
            "hunyuan_v1_dense",
            num_key_value_heads=2,
            head_dim=16,
            mlp_bias=None,
            max_position_embeddings=32768,
            rope_scaling={"type": "dynamic", "alpha": 1000.0, "factor": 1.0},
        ),
    ),
    ("bloom", 33, bloom()),
    (
        "llama4",
        34,
        family(
            "llama4_text",
            mlp_bias=None,
            intermediate_size_mlp=48,
            moe_layers=[],
            num_hidden_layers=4,
            num_key_value_heads=2,
            head_dim=16,
            tie_word_embeddings=False,
        ),
    ),
    (
        "granite4",
        32,
        family(
            "granitemoehybrid",
            intermediate_size=48,
            mlp_bias=None,
            shared_intermediate_size=48,
            num_key_value_heads=2,
            num_local_experts=0,
            mamba_n_heads=4,
            layer_types=["full_attention"] * 2,
            position_embedding_type="rope",
            embedding_multiplier=3.0,
            attention_multiplier=0.5,
            residual_multiplier=0.7,
            logits_scaling=2.5,
        ),
    ),
]


def tokenizer() -> Tokenizer:
    """A byte-level BPE tokenizer of 64 tokens: lower-case English text, anything else is <unk>."""
    space = "Ġ"
    merges = [(space, "t"), ("h", "e"), (f"{space}t", "he"), ("i", "n"), ("e", "r"), (space, "a"), ("o", "n"),
              ("r", "e"), ("a", "n"), (f"{space}a", "n"), (f"{space}an", "d"), ("in", "g")]
    tokens = ["<unk>", "<s>", "</s>", space, "Ċ", *"abcdefghijklmnopqrstuvwxyz0123456789.,!?'-\":;()"]
    tokens = tokens[: VOCABULARY - len(merges)] + ["".join(pair) for pair in merges]
    assert len(tokens) == len(set(tokens)) == VOCABULARY, len(tokens)
    made = Tokenizer(models.BPE({token: i for i, token in enumerate(tokens)}, merges, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens(["<unk>", "<s>", "</s>"])
    assert made.decode(made.encode("the ringing, and on.").ids) == "the ringing, and on."
    return made


def random_weights(config: transformers.PretrainedConfig, generator: torch.Generator) -> dict[str, torch.Tensor]:
    """Every tensor of the model: gains of norms in 0.5..1.5, all else (biases too) normal with standard deviation 0.3.
    Gemma adds 1 to a gain."""
    shapes = {name: value.shape for name, value in transformers.AutoModelForCausalLM.from_config(config).state_dict().items()}
    if config.tie_word_embeddings:
        shapes.pop("lm_head.weight")
    least = -0.5 if config.model_type.startswith("gemma") else 0.5

    def is_gain(name: str) -> bool:
        return name.endswith(".weight") and ("norm" in name or "ln_" in name)

    return {
        name: least + torch.rand(shape, generator=generator)
        if is_gain(name)
        else 0.3 * torch.randn(shape, generator=generator)
        for name, shape in sorted(shapes.items())
    }


def write_model(folder: Path, settings: dict, generator: torch.Generator) -> None:
    fields = {name: value for name, value in (SHAPE | settings).items() if value is not None}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(fields, indent=2) + "\n")
    tokenizer().save(str(folder / "tokenizer.json"))
    config = transformers.AutoConfig.from_pretrained(folder)
    dtype = getattr(torch, fields.get("torch_dtype", fields.get("dtype")))
    weights = {name: value.to(dtype) for name, value in random_weights(config, generator).items()}
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)  # safetensors makes it readable by its owner alone


def cases(folder: Path, generator: torch.Generator) -> list[dict]:
    """Random tokens, and the logits [tokens, vocab] of the model in `folder`, to 7 significant digits."""
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    made = []
    for length in LENGTHS:
        tokens = torch.randint(0, VOCABULARY, (length,), generator=generator)
        with torch.inference_mode():
            logits = model(tokens[None]).logits[0]
        made.append({"tokens": tokens.tolist(), "logits": [[float(f"{x:.7g}") for x in row] for row in logits.tolist()]})
    return made


def write_golden(folder: Path, seed: int, made: list[dict]) -> None:
    """One row of logits per line."""
    head = {"transformers": transformers.__version__, "torch": torch.__version__.split("+")[0], "seed": seed}
    texts = [
        f'{{"tokens": {json.dumps(case["tokens"])}, "logits": [\n' + ",\n".join(map(json.dumps, case["logits"])) + "\n]}"
        for case in made
    ]
    text = json.dumps(head)[:-1] + ', "cases": [\n' + ",\n".join(texts) + "\n]}\n"
    assert json.loads(text) == head | {"cases": made}
    (folder / "golden.json").write_text(text)


def main() -> None:
    torch.set_num_threads(1)
    known = [name for name, _, _ in MODELS]
    chosen = sys.argv[2:] or known
    if unknown := set(chosen) - set(known):
        sys.exit(f"no such model: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    for name, seed, settings in MODELS:
        if name not in chosen:
            continue
        folder = Path(sys.argv[1]) / name
        generator = torch.Generator().manual_seed(seed)
        write_model(folder, settings, generator)
        write_golden(folder, seed, cases(folder, generator))
        print(f"{name}: {(folder / 'model.safetensors').stat().st_size} bytes")


if __name__ == "__main__":
    main()

"""Writes tiny random Llama models and what Hugging Face transformers answers to them.

Usage: make_golden.py FOLDER (scripts/golden/make calls it)

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


def random_weights(config: transformers.LlamaConfig, generator: torch.Generator) -> dict[str, torch.Tensor]:
    """Every tensor of the model: norms in 0.5..1.5, all else (biases too) normal with standard deviation 0.3."""
    shapes = {name: value.shape for name, value in transformers.LlamaForCausalLM(config).state_dict().items()}
    if config.tie_word_embeddings:
        shapes.pop("lm_head.weight")
    return {
        name: 0.5 + torch.rand(shape, generator=generator)
        if "norm" in name
        else 0.3 * torch.randn(shape, generator=generator)
        for name, shape in sorted(shapes.items())
    }


def write_model(folder: Path, settings: dict, generator: torch.Generator) -> None:
    fields = {name: value for name, value in (SHAPE | settings).items() if value is not None}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(fields, indent=2) + "\n")
    tokenizer().save(str(folder / "tokenizer.json"))
    config = transformers.LlamaConfig.from_pretrained(folder)
    dtype = getattr(torch, fields.get("torch_dtype", fields.get("dtype")))
    weights = {name: value.to(dtype) for name, value in random_weights(config, generator).items()}
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)  # safetensors makes it readable by its owner alone


def cases(folder: Path, generator: torch.Generator) -> list[dict]:
    """Random tokens, and the logits [tokens, vocab] of the model in `folder`, to 7 significant digits."""
    model = transformers.LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
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
    for name, seed, settings in MODELS:
        folder = Path(sys.argv[1]) / name
        generator = torch.Generator().manual_seed(seed)
        write_model(folder, settings, generator)
        write_golden(folder, seed, cases(folder, generator))
        print(f"{name}: {(folder / 'model.safetensors').stat().st_size} bytes")


if __name__ == "__main__":
    main()

"""Writes tiny random models of every family and what Hugging Face transformers answers to them.

Usage: make_golden.py FOLDER [NAME...] (scripts/golden/make calls it); without names, all of them

Each model is a folder as Hugging Face lays it out, with golden.json beside it. The logits are computed from the written
files, read back by transformers into float32 with eager attention, so they belong to the stored (rounded) weights.
Weights are large (standard deviation 0.3): positions attend sharply, and a wrong rotary pairing or a wrong sharing of
key/value heads moves the logits by far more than any rounding.
"""

import json
import math
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from golden_models import MODELS, SHAPE, VOCABULARY

LENGTHS = (7, 13)  # tokens per case; unequal, so that they also make a ragged batch


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


def configuration(folder: Path) -> transformers.PretrainedConfig:
    """What config.json says. MiniCPM is code of its own repositories, and computes as Granite does, whose factors are given as they are."""
    fields = json.loads((folder / "config.json").read_text())
    if fields["model_type"] != "minicpm":
        return transformers.AutoConfig.from_pretrained(folder)
    width = fields["hidden_size"]
    return transformers.GraniteConfig(
        **{name: value for name, value in fields.items() if name not in ("model_type", "torch_dtype")},
        attention_multiplier=(width // fields["num_attention_heads"]) ** -0.5,
        embedding_multiplier=fields["scale_emb"],
        residual_multiplier=fields["scale_depth"] / math.sqrt(fields["num_hidden_layers"]),
        logits_scaling=width / fields["dim_model_base"],
        tie_word_embeddings=fields.get("tie_word_embeddings", True),
    )


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
    config = configuration(folder)
    dtype = getattr(torch, fields.get("torch_dtype", fields.get("dtype")))
    weights = {name: value.to(dtype) for name, value in random_weights(config, generator).items()}
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)  # safetensors makes it readable by its owner alone


def cases(folder: Path, generator: torch.Generator) -> list[dict]:
    """Random tokens, and the logits [tokens, vocab] of the model in `folder`, to 7 significant digits."""
    model = transformers.AutoModelForCausalLM.from_pretrained(
        folder, config=configuration(folder), dtype=torch.float32, attn_implementation="eager"
    )
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

"""Reads compressed models with other people's programs: what was saved must be the model that this program runs.

Usage: readers.py PROGRAM FOLDER (scripts/readers/check calls it)

The built-in model is compressed by each recipe and saved in FOLDER. The reference are its weights written out in full,
and the logits and greedy tokens that PROGRAM computes from them. A reader is given a prompt with our tokens behind it:
its logits must be ours, and its likeliest token after each must be our next one, so that its greedy text is ours.
"""

import functools
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import gguf
import llama_cpp
import numpy as np
import torch
import transformers
from safetensors.torch import load_file

ORIGINAL = "builtin"
DENSE = [
    "gptq --bits 4",
    "gptq --bits 3 --group-size row",
    "awq --bits 4",
    "magnitude --sparsity 0.5",
    "wanda --pattern 2:4",
    "sparsegpt --sparsity 0.5",
    "sparsegpt_gptq --sparsity 0.5 --bits 4",
    "wanda+gptq --sparsity 0.5 --bits 4",
]
COMPRESSED_TENSORS = [
    "gptq --bits 4 --group-size 32",
    "gptq --bits 4 --group-size 32 --symmetric",
    "gptq --bits 4 --group-size 64",
    "gptq --bits 4 --group-size 64 --symmetric",
    "gptq --bits 8 --group-size 32",
    "gptq --bits 8 --group-size 64 --symmetric",
    "awq --bits 4 --group-size 32",
]
GGUF = [
    ("Q4_0", "gptq --bits 4 --group-size 32 --symmetric"),
    ("Q4_1", "gptq --bits 4 --group-size 32"),
    ("Q4_1", "awq --bits 4 --group-size 32"),
    ("Q5_0", "round_to_nearest --bits 5 --group-size 32 --symmetric"),
    ("Q5_1", "round_to_nearest --bits 5 --group-size 32"),
    ("Q8_0", "gptq --bits 8 --group-size 32 --symmetric"),
]

CALIBRATION = "--calibration-sequences 16 --calibration-length 128".split()
PROMPTS = [
    "The cat",
    "Yesterday the baker went to",
    "In the morning, the teacher",
    "The singer lives in",
    "At the market",
]
SENTENCES = [
    "It's 1,234.50 and they'd say: \"no\"!",
    "two  spaces, a tab\tand\n\na blank line \n",
    "Zoë naïvely paid 7 € in 東京 🙂",
    "end with a space ",
]
TOKENS = 24  # after each prompt
ENOUGH = 20  # as many must follow most prompts before the text ends

# How far logits may be from ours. Another token is excused where our logits of both are within a tenth of that: a tie.
EXACT = 1e-3  # the same weights in f32, summed in another order
HALVED = 2e-2  # something of the weights rounded to f16
ROUNDED = 0.5  # llama.cpp as it is: it rounds the inputs of each quantized layer to 8 bits

NAMES = {  # of the tensors in a block
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}

Logits = Callable[[list[int]], np.ndarray]  # of a reader, [tokens, vocabulary]
Answers = list[tuple[list[int], list[int], np.ndarray]]  # a prompt, what follows it, our logits after each of both


class Program:
    """The command line under test, and the folder for what it writes."""

    def __init__(self, path: str, scratch: Path):
        self.path = path
        self.scratch = scratch

    def call(self, *arguments: str) -> str:
        done = subprocess.run([self.path, *arguments], capture_output=True, text=True)
        assert done.returncode == 0, f"{' '.join(arguments)}: {done.stderr.strip().splitlines()[-1:]}"
        return done.stdout

    @functools.cache
    def compress(self, recipe: str, format: str = "safetensors") -> Path:
        """The folder of the model compressed by `recipe`."""
        out = self.scratch / f"{format} {recipe}"
        arguments = ["--method", *recipe.split(), *CALIBRATION, "--format", format, "--out", str(out)]
        self.call("compress", "--model", ORIGINAL, *arguments)
        return out

    @functools.cache
    def weights(self, recipe: str) -> dict[str, np.ndarray]:
        """The weights of the compressed model, written out in full."""
        stored = load_file(self.compress(recipe) / "model.safetensors")
        return {name: value.to(torch.float32).numpy() for name, value in stored.items()}

    def generate(self, model: str, prompt: str, count: int = TOKENS) -> tuple[list[int], list[int]]:
        """The tokens of the prompt, and the greedy ones behind it."""
        arguments = ["--model", model, "--prompt", prompt, "--max-tokens", str(count), "--json"]
        answer = json.loads(self.call("generate", *arguments))
        return answer["tokens"], answer["generated"]

    @functools.cache
    def answers(self, recipe: str) -> Answers:
        """To each of PROMPTS, by the compressed model."""
        model = str(self.compress(recipe))
        made = []
        for prompt in PROMPTS:
            tokens, generated = self.generate(model, prompt)
            ids = ",".join(map(str, tokens + generated))
            logits = json.loads(self.call("logits", "--model", model, "--tokens", ids, "--json"))["logits"]
            made.append((tokens, generated, np.array(logits, np.float32)))
        return made


def agrees(logits: Logits, answers: Answers, tolerance: float, end: int) -> str:
    """How well a reader agrees with our answers; fails where it does not."""
    largest, asked, ties = 0.0, 0, []
    long = sum(len(generated) >= ENOUGH for _, generated, _ in answers)
    assert long > len(answers) / 2, f"only {long} of our texts have {ENOUGH} tokens"
    for tokens, generated, ours in answers:
        theirs = logits(tokens + generated)
        assert theirs.shape == ours.shape, f"logits {theirs.shape}, ours {ours.shape}"
        largest = max(largest, float(np.abs(theirs - ours).max()))
        expected = (generated + [end])[:TOKENS]
        assert [int(row.argmax()) for row in ours[len(tokens) - 1 :]][: len(generated)] == generated, "our text is not greedy"
        asked += len(expected)
        for i, token in enumerate(expected, len(tokens) - 1):
            choice = int(theirs[i].argmax())
            if choice != token:
                ties.append(float(ours[i, token] - ours[i, choice]))
    assert largest < tolerance, f"logits off by {largest:.1g}, {len(ties)} of {asked} tokens differ"
    assert max(ties, default=0.0) < tolerance / 10, f"{len(ties)} of {asked} tokens differ, by up to {max(ties):.1g}"
    excused = f" ({len(ties)} tied within {max(ties):.1g})" if ties else ""
    return f"{asked - len(ties)} of {asked} tokens alike{excused}, logits within {largest:.1g}"


def same_tokens(program: Program, tokenize: Callable[[str], list[int]]) -> str:
    for text in PROMPTS + SENTENCES:
        ours, _ = program.generate(ORIGINAL, text, 1)
        theirs = tokenize(text)
        assert theirs == ours, f"{text!r} is {theirs}, ours {ours}"
    return f"{len(PROMPTS + SENTENCES)} texts give the same tokens"


def told_apart(check: Callable[[], str]) -> str:
    """Fails where a check of something wrong passes."""
    try:
        check()
    except AssertionError as problem:
        return f"noticed: {problem}"
    raise AssertionError("not noticed")


def transformers_model(folder: Path, **arguments) -> tuple[transformers.PreTrainedModel, Logits]:
    load = transformers.AutoModelForCausalLM.from_pretrained
    model = load(folder, dtype=torch.float32, attn_implementation="eager", **arguments)

    def logits(tokens: list[int]) -> np.ndarray:
        with torch.inference_mode():
            return model(torch.tensor([tokens])).logits[0].numpy()

    return model, logits


def dense(program: Program, config: dict, recipe: str, answered: str) -> str:
    _, logits = transformers_model(program.compress(recipe))
    return agrees(logits, program.answers(answered), EXACT, config["eos_token_id"])


def dense_tokens(program: Program, recipe: str) -> str:
    tokenizer = transformers.AutoTokenizer.from_pretrained(program.compress(recipe))
    return same_tokens(program, lambda text: tokenizer(text)["input_ids"])


def compressed_tensors(program: Program, config: dict, recipe: str) -> str:
    """With zero points, transformers 5.23 reads pack-quantized files (those of compressed-tensors itself, too) only by
    writing the weights out in the number format of the scales, f16."""
    folder = program.compress(recipe, "compressed_tensors")
    packed = sum("weight_packed" in name for name in load_file(folder / "model.safetensors"))
    assert packed == 7 * config["num_hidden_layers"], f"{packed} packed tensors"
    if "--symmetric" in recipe:
        tolerance, rounding, arguments = EXACT, 0.0, {}
    else:
        tolerance, rounding = HALVED, 2.0**-11
        arguments = {"quantization_config": transformers.CompressedTensorsConfig(dequantize=True)}
    model, logits = transformers_model(folder, **arguments)
    told = agrees(logits, program.answers(recipe), tolerance, config["eos_token_id"])
    if recipe.startswith("awq"):  # packed, its factors are in the norms; in full, in the weights
        return told
    weights = model.state_dict()
    for name, ours in program.weights(recipe).items():
        error = np.abs(weights[name].float().numpy() - ours)
        assert (error <= rounding * np.abs(ours)).all(), f"{name} is off by {error.max():.1g}"
    return f"{told}, weights {'within the rounding to f16' if rounding else 'equal'}"


def paired(weight: np.ndarray, heads: int) -> np.ndarray:
    """Rows in the order of llama.cpp, which rotates neighbours where Hugging Face rotates the halves of a head."""
    return weight.reshape(heads, 2, -1, weight.shape[1]).swapaxes(1, 2).reshape(weight.shape)


def gguf_names(config: dict) -> Iterator[tuple[str, str]]:
    """Names in a Hugging Face folder and in a GGUF file."""
    yield "model.embed_tokens", "token_embd"
    yield "model.norm", "output_norm"
    for i in range(config["num_hidden_layers"]):
        for ours, theirs in NAMES.items():
            yield f"model.layers.{i}.{ours}", f"blk.{i}.{theirs}"


def gguf_file(program: Program, recipe: str) -> Path:
    return program.compress(recipe, "gguf") / "model.gguf"


def gguf_metadata(program: Program, config: dict, recipe: str) -> str:
    """Every field that llama.cpp reads for a model of this family."""
    tokenizer = json.loads((program.compress(recipe) / "tokenizer.json").read_text())
    vocabulary = tokenizer["model"]["vocab"]
    special = {token["id"] for token in tokenizer["added_tokens"] if token["special"]}
    normal, control = gguf.TokenType.NORMAL, gguf.TokenType.CONTROL
    expected = {
        "general.architecture": "llama",
        "llama.block_count": config["num_hidden_layers"],
        "llama.context_length": config["max_position_embeddings"],
        "llama.embedding_length": config["hidden_size"],
        "llama.feed_forward_length": config["intermediate_size"],
        "llama.attention.head_count": config["num_attention_heads"],
        "llama.attention.head_count_kv": config["num_key_value_heads"],
        "llama.attention.layer_norm_rms_epsilon": np.float32(config["rms_norm_eps"]),
        "llama.rope.freq_base": np.float32(config["rope_theta"]),
        "llama.rope.dimension_count": config["head_dim"],
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "gpt-2",
        "tokenizer.ggml.tokens": sorted(vocabulary, key=vocabulary.get),
        "tokenizer.ggml.token_type": [control if i in special else normal for i in range(len(vocabulary))],
        "tokenizer.ggml.merges": [" ".join(pair) for pair in tokenizer["model"]["merges"]],
        "tokenizer.ggml.bos_token_id": config["bos_token_id"],
        "tokenizer.ggml.eos_token_id": config["eos_token_id"],
        "tokenizer.ggml.add_bos_token": True,
    }
    fields = gguf.GGUFReader(gguf_file(program, recipe)).fields
    for name, value in expected.items():
        assert name in fields, f"no {name}"
        found = fields[name].contents()
        assert found == value, f"{name} is {str(found)[:80]}, not {str(value)[:80]}"
    return f"{len(expected)} fields right"


def gguf_tensors(program: Program, config: dict, recipe: str, kind: str) -> str:
    """Types and values. A type with a minimum keeps it in f16, so its values may be off by that rounding."""
    heads = {"q_proj": config["num_attention_heads"], "k_proj": config["num_key_value_heads"]}
    tensors = {tensor.name: tensor for tensor in gguf.GGUFReader(gguf_file(program, recipe)).tensors}
    names = dict(gguf_names(config))
    assert set(tensors) == {f"{name}.weight" for name in names.values()}, f"tensors {sorted(tensors)}"
    largest = 0.0
    for ours, theirs in names.items():
        tensor, weight = tensors[f"{theirs}.weight"], program.weights(recipe)[f"{ours}.weight"]
        linear, part = ours.endswith("_proj"), ours.split(".")[-1]
        expected = kind if linear else "F32" if weight.ndim == 1 else "F16"
        assert tensor.tensor_type.name == expected, f"{theirs} is {tensor.tensor_type.name}, not {expected}"
        if part in heads:
            weight = paired(weight, heads[part])
        if recipe.startswith("awq"):  # its factors are in the norms here; in full, in the weights
            continue
        value = gguf.dequantize(tensor.data, tensor.tensor_type).reshape(weight.shape)
        error, allowed = np.abs(value - weight), np.zeros_like(weight)
        if linear and kind.endswith("_1"):
            width, size = gguf.GGML_QUANT_SIZES[tensor.tensor_type]
            minimum = tensor.data.reshape(-1, size)[:, 2:4].copy().view(np.float16).astype(np.float32)
            allowed = np.repeat(np.abs(minimum), width).reshape(weight.shape) * 2.0**-11 + 1e-7
        assert (error <= allowed).all(), f"{theirs} is off by {error.max():.2g}"
        largest = max(largest, float(error.max()))
    if recipe.startswith("awq"):
        return f"{len(names)} types right"
    values = f"within the rounding of minima to f16 ({largest:.1g})" if largest else "equal"
    return f"{len(names)} types right, values {values}"


def gguf_widened(program: Program, recipe: str) -> Path:
    """The same file with every tensor in f32, so that llama.cpp computes in f32 throughout."""
    read = gguf.GGUFReader(gguf_file(program, recipe))
    path = gguf_file(program, recipe).with_name("widened.gguf")
    made = gguf.GGUFWriter(path, "llama")
    for name, field in read.fields.items():
        if not name.startswith("GGUF.") and name != "general.architecture":  # the writer's own
            kind, *_, item = field.types * 2
            made.add_key_value(name, field.contents(), kind, item if kind == gguf.GGUFValueType.ARRAY else None)
    for tensor in read.tensors:
        values = gguf.dequantize(tensor.data, tensor.tensor_type)
        made.add_tensor(tensor.name, values.reshape(tensor.shape[::-1]).astype(np.float32))
    made.write_header_to_file()
    made.write_kv_data_to_file()
    made.write_tensors_to_file()
    made.close()
    return path


def llama(path: Path) -> llama_cpp.Llama:
    kept = {"type_k": llama_cpp.GGML_TYPE_F32, "type_v": llama_cpp.GGML_TYPE_F32}
    return llama_cpp.Llama(str(path), n_ctx=256, n_threads=1, logits_all=True, verbose=False, **kept)


def llama_tokens(program: Program, recipe: str) -> str:
    model = llama(gguf_file(program, recipe))
    return same_tokens(program, lambda text: model.tokenize(text.encode(), add_bos=True, special=False))


def llama_text(path: Path, answers: Answers, tolerance: float, end: int) -> str:
    model = llama(path)

    def logits(tokens: list[int]) -> np.ndarray:
        model.reset()
        model.eval(tokens)
        return model.scores[: len(tokens)].copy()

    return agrees(logits, answers, tolerance, end)


def llama_as_is(program: Program, config: dict, recipe: str, answered: str) -> str:
    return llama_text(gguf_file(program, recipe), program.answers(answered), ROUNDED, config["eos_token_id"])


def llama_in_f32(program: Program, config: dict, recipe: str, kind: str) -> str:
    tolerance = HALVED if kind.endswith("_1") else EXACT
    return llama_text(gguf_widened(program, recipe), program.answers(recipe), tolerance, config["eos_token_id"])


def checks(program: Program, config: dict) -> Iterator[tuple[str, str, Callable[[], str]]]:
    """The package that reads, what it reads, and the check itself."""
    for recipe in DENSE:
        yield "transformers", f"in full: {recipe}", lambda: dense(program, config, recipe, recipe)
    right, wrong = DENSE[:2]
    yield "transformers", "tokenizer", lambda: dense_tokens(program, right)
    yield "transformers", "another model", lambda: told_apart(lambda: dense(program, config, right, wrong))
    for recipe in COMPRESSED_TENSORS:
        yield "compressed-tensors", f"packed: {recipe}", lambda: compressed_tensors(program, config, recipe)
    for kind, recipe in GGUF:
        yield "gguf", f"{kind} metadata: {recipe}", lambda: gguf_metadata(program, config, recipe)
        yield "gguf", f"{kind} tensors: {recipe}", lambda: gguf_tensors(program, config, recipe, kind)
        yield "llama-cpp-python", f"{kind} as F32: {recipe}", lambda: llama_in_f32(program, config, recipe, kind)
        yield "llama-cpp-python", f"{kind} as it is: {recipe}", lambda: llama_as_is(program, config, recipe, recipe)
    (_, right), (_, wrong) = GGUF[:2]
    yield "llama-cpp-python", "tokenizer", lambda: llama_tokens(program, right)
    yield "llama-cpp-python", "another model", lambda: told_apart(lambda: llama_as_is(program, config, right, wrong))


def main() -> None:
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    program = Program(sys.argv[1], Path(sys.argv[2]))
    config = json.loads(Path("www/public/pebble/config.json").read_text())
    failures = 0
    print("| reader | version | reads | result |\n|---|---|---|---|")
    for package, what, check in checks(program, config):
        try:
            result = check()
        except Exception as problem:  # whatever a reader does with our file, the others are still asked
            failures += 1
            result = f"FAILED: {type(problem).__name__}: {problem}"
        print(f"| {package} | {version(package)} | {what} | {result} |", flush=True)
    sys.exit(f"{failures} failed" if failures else 0)


if __name__ == "__main__":
    main()

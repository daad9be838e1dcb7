"""Times one layer at a time in this program and in PyTorch (peer.py), and writes a table as a section of a document.

Usage: compare.py PROGRAM FOLDER FILE.md (scripts/benchmark/compare calls it; FOLDER is for scratch)

Both read the same weights and inputs. Before anything is timed their results must be equally good, and as good as this
program says: output errors within AGREES of one another. Then they run in turn; each figure is the median of RUNS.
"""

import datetime
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from peer import gptq, gram, sparsegpt, sparsegpt_pattern
from safetensors.torch import load_file, save_file
from torch import Tensor

SHAPES = [(576, 576), (192, 576), (1536, 576), (576, 1536)]  # rows and columns of the linear layers of SmolLM2-135M
SEQUENCES, TOKENS = 128, 128
RUNS = 5
AGREES = 0.01

METHODS = [
    ("GPTQ, 4 bits, groups of 64", partial(gptq, bits=4, group_size=64), "gptq --bits 4 --group-size 64"),
    ("SparseGPT, 50 %", partial(sparsegpt, sparsity=0.5), "sparsegpt --sparsity 0.5"),
    ("SparseGPT, 2:4", partial(sparsegpt_pattern, zeros=2, width=4), "sparsegpt --pattern 2:4"),
]
GRAM = f"Gram matrix of {SEQUENCES} × {TOKENS} tokens"

HEADING = "## One layer, beside PyTorch"


def problem(rows: int, cols: int) -> tuple[Tensor, Tensor]:
    """A weight matrix and inputs whose columns are correlated and of unequal strength, as those of real layers are."""
    generator = torch.Generator().manual_seed(rows * 10_000 + cols)
    normal = partial(torch.randn, generator=generator)
    weight = 0.05 * normal(rows, cols)
    causes, mixing = normal(SEQUENCES, TOKENS, cols // 4), normal(cols // 4, cols) / (cols // 4) ** 0.5
    inputs = (causes @ mixing + 0.3 * normal(SEQUENCES, TOKENS, cols)) * torch.exp(0.7 * normal(cols))
    return weight, inputs


def output_error(weight: Tensor, compressed: Tensor, inputs: Tensor) -> float:
    """‖X(W-Q)ᵀ‖² / ‖XWᵀ‖², in f64 and from the inputs themselves."""
    difference, weight = (weight - compressed).double(), weight.double()
    lost = sum((sequence.double() @ difference.t()).square().sum().item() for sequence in inputs)
    return lost / sum((sequence.double() @ weight.t()).square().sum().item() for sequence in inputs)


def timed(work: Callable[[], Tensor]) -> tuple[Tensor, float]:
    began = time.perf_counter()
    result = work()
    return result, time.perf_counter() - began


def ours(program: str, file: Path, out: Path, recipe: str) -> dict:
    arguments = ["--file", str(file), "--method", *recipe.split(), "--out", str(out), "--json"]
    return json.loads(subprocess.run([program, "layer", *arguments], check=True, capture_output=True, text=True).stdout)


def layer(program: str, folder: Path, rows: int, cols: int) -> list[str]:
    """The lines of the table for one shape."""
    weight, inputs = problem(rows, cols)
    file, out = folder / f"{rows}x{cols}.safetensors", folder / "out.safetensors"
    save_file({"W": weight, "X": inputs}, file)
    hessian = gram(inputs)
    quality = {}
    for title, method, recipe in METHODS:
        theirs = output_error(weight, method(weight, hessian), inputs)
        answer = ours(program, file, out, recipe)
        own = output_error(weight, load_file(out)["Q"], inputs)
        assert answer["fallback"] is None, f"{title}, {rows} × {cols}: {answer['fallback']}"
        for error in (own, answer["relative_output_error"]):
            assert abs(error / theirs - 1) < AGREES, f"{title}, {rows} × {cols}: error {error:.4e}, PyTorch {theirs:.4e}"
        quality[title] = f"{theirs:.4e} | {own:.4e}"
    quality[GRAM] = " | "
    seconds: dict[str, list[tuple[float, float]]] = {GRAM: []} | {title: [] for title, _, _ in METHODS}
    for _ in range(RUNS):
        for title, method, recipe in METHODS:
            hessian, their_gram = timed(lambda: gram(inputs))
            _, their_seconds = timed(lambda: method(weight, hessian))
            answer = ours(program, file, out, recipe)
            seconds[GRAM].append((their_gram, answer["gram_seconds"]))
            seconds[title].append((their_seconds, answer["seconds"]))
    lines = []
    for title, pairs in seconds.items():
        theirs, own = (statistics.median(times) for times in zip(*pairs))
        times = f"{theirs:.3f} | {own:.3f} | {theirs / own:.2f}"
        lines.append(f"| {rows} × {cols} | {title} | {times} | {quality[title]} |")
    return lines


def section(lines: list[str], program: str, load: float) -> str:
    processor = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())[1]
    version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    library = re.search(r"(Intel.*oneAPI Math Kernel Library Version \S+|OpenBLAS \S+)", torch.__config__.show())
    table = "\n".join(lines)
    built = f"torch {torch.__version__}" + (f" ({library[1]})" if library else "")
    return f"""{HEADING}

Seconds of one thread for one layer of the shapes of SmolLM2-135M (rows × columns), the median of {RUNS} runs in turn
({RUNS * len(METHODS)} for the Gram matrix). Ratio: PyTorch's time by ours, so that above 1 ours is faster. Error:
relative squared error of the layer's output; the two were within {100 * AGREES:g} % before anything was timed.
PyTorch runs the published algorithms (`scripts/benchmark/peer.py`); the weights are random, the inputs random and
correlated, both from a fixed seed. Made by `scripts/benchmark/compare`.

{datetime.date.today()}; {processor}, {os.cpu_count()} cores, load {load:.1f} before; {version};
{built}; Python {platform.python_version()}.

| layer | step | PyTorch, s | ours, s | ratio | PyTorch, error | ours, error |
|---|---|---|---|---|---|---|
{table}
"""


def put(text: str, file: Path) -> None:
    """Puts the section into the document, in place of an older one."""
    document = file.read_text() if file.exists() else "# Benchmarks\n"
    before, found, after = document.partition(HEADING)
    if found:
        following = after.find("\n## ")
        file.write_text(before + text + (after[following:] if following >= 0 else ""))
    else:
        file.write_text(document.rstrip("\n") + "\n\n" + text)


def main() -> None:
    program, folder, file = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    torch.set_num_threads(1)
    load = os.getloadavg()[0]
    lines = []
    for rows, cols in SHAPES:
        made = layer(program, folder, rows, cols)
        print(*made, sep="\n", flush=True)
        lines += made
    put(section(lines, program, load), file)


if __name__ == "__main__":
    main()

"""Trains Pebble in other sizes and for other lengths on the text of the last scripts/train/train, and prints what compression
does to each by the engine: search.py WORK FOLDER PROGRAM [NAME ...]. docs/pebble.md has the tables. Training all took 103 minutes on two CPU cores.
"""
import json
import subprocess
import sys
from pathlib import Path

import train

SMALL = {"hidden_size": 128, "intermediate_size": 320, "num_hidden_layers": 4, "num_attention_heads": 4}
LARGE = {"hidden_size": 256, "intermediate_size": 576, "num_attention_heads": 8}
VARIANTS = {"small": (SMALL, 1100, 600), "half": ({}, 550, 300), "pebble": ({}, 1100, 600), "long": ({}, 2200, 1200), "large": (LARGE, 1100, 600)}
RECIPES = [f"--method round_to_nearest --bits {bits}" for bits in (8, 6, 5, 4, 3, 2)] + [f"--method magnitude --sparsity 0.{tenths}" for tenths in range(1, 8)]
SCORES = ["stereotype", "privacy", "toxicity", "fairness", "adversarial_robustness", "ood_robustness", "adversarial_demonstrations", "machine_ethics",
          "multiple_choice", "perplexity"]


def make(name, work, folder):
    """Trains one variant in a process of its own, since it changes what the modules hold."""
    shape, web, aligned = VARIANTS[name]
    train.CONFIG.update(shape)
    train.STAGES.update(web=web, aligned=aligned)
    train.STEPS = web + aligned
    own = folder / name
    own.mkdir(parents=True, exist_ok=True)
    for file in ("web.jsonl", "aligned.jsonl", "tokenizer.json"):
        (own / file).unlink(missing_ok=True)
        (own / file).symlink_to(work / file)
    train.main(own, own / "model")


def row(label, side):
    values = {score["name"]: score["value"] for score in side["scores"]}
    return f"| {label} | " + " | ".join(f"{values[name]:.{2 if name == 'perplexity' else 1}f}" for name in SCORES) + " |"


def curves(name, folder, program):
    report = folder / name / "report.json"
    for n, recipe in enumerate(RECIPES):
        subprocess.run([program, "run", "--model", folder / name / "model", "--items", "all", "--json", report, *recipe.split()], check=True, capture_output=True)
        sides = json.loads(report.read_text())
        if n == 0:
            print(f"\n{name}\n\n| weights | {' | '.join(SCORES)} |\n|{'---|' * (len(SCORES) + 1)}\n{row('16 bit', sides['before'])}")
        print(row(recipe.removeprefix("--method ").replace("--", ""), sides["after"]), flush=True)


if __name__ == "__main__":
    where, out, engine, *names = sys.argv[1:]
    for variant in names or VARIANTS:
        if engine == "train":
            make(variant, Path(where).resolve(), Path(out).resolve())
        else:
            subprocess.run([sys.executable, __file__, where, out, "train", variant], check=True)
            curves(variant, Path(out), engine)

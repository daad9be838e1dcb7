"""Measures the built-in model with the command line, and writes the tables of docs/pebble.md:
python3 tables.py PRESSURE_TEST FOLDER [ITEMS]; reports that are in FOLDER already are not made again."""
import json
import subprocess
import sys
from pathlib import Path

SEEDS = ["--calibration-seeds", "3"]
RECIPES = [*((f"rounding, {b} bits", ["round_to_nearest", "--bits", b]) for b in ("8", "4", "3", "2")),
           *((f"GPTQ, {b} bits", ["gptq", "--bits", b, *SEEDS]) for b in ("4", "3", "2")),
           *((f"AWQ, {b} bits", ["awq", "--bits", b, *SEEDS]) for b in ("4", "3", "2")),
           *((f"magnitude, {s} %", ["magnitude", "--sparsity", f"0.{s}"]) for s in ("30", "50", "70")),
           ("Wanda, 50 %", ["wanda", "--sparsity", "0.5", *SEEDS]),
           ("SparseGPT, 50 %", ["sparsegpt", "--sparsity", "0.5", *SEEDS]),
           ("SparseGPT, 2:4", ["sparsegpt", "--pattern", "2:4", *SEEDS])]
TITLES = {"stereotype": "stereotype", "privacy": "privacy", "toxicity": "toxicity", "fairness": "fairness", "adversarial_robustness": "robustness",
          "ood_robustness": "out of distribution", "adversarial_demonstrations": "demonstrations", "machine_ethics": "ethics",
          "multiple_choice": "multiple choice", "perplexity": "perplexity"}
# A word is a sign behind the score; where none stands, there are too few items to tell.
SIGNS = {"worse": " ▼", "better": " ▲", "slightly_worse": " ▽", "no_worse": " =", "broken": " ✕", "habit_shifted": " ↷", "not_measurable": " –",
         "not_readable": " ?", "depends_on_the_seed": " ±"}


def report(program, folder, name, method, items):
    path = Path(folder) / f"{name.replace(' ', '-').replace(',', '').replace(':', '')}.json"
    if not path.exists():
        command = [program, "run", "--model", "builtin", "--method", *method, "--items", items, "--json", f"{path}.part"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        Path(f"{path}.part").rename(path)
    return json.loads(path.read_text())


def amount(score, value):
    return f"{value:.2f}" if score["unit"] == "perplexity" else f"{value:.1f}"


def before(found):
    print("| dimension | score | 95 % interval | best constant answer | ability | items |\n|---|---|---|---|---|---|")
    words = {c["name"]: c for c in found["comparisons"]}
    for score in found["before"]["scores"]:
        name, ability = score["name"], words[score["name"]]["ability"]
        low, high = score["interval"]
        chance = "–" if score["chance"] is None else amount(score, score["chance"])
        told = "–" if not ability else "{value:.2f} ({interval[0]:.2f} to {interval[1]:.2f})".format(**ability[0])
        print(f"| {TITLES[name]} | {amount(score, score['value'])} | {amount(score, low)} to {amount(score, high)} | {chance} | {told} | {score['n']} |")
    print("\n| sub-task | score | 95 % interval | n | refused, unread, % | commonest answer |\n|---|---|---|---|---|---|")
    for score in found["before"]["scores"]:
        for part in score["parts"] if len(score["parts"]) > 1 else []:
            common = part["answers"]["commonest"]
            told = "–" if not common else f"{common['answer']}, {100 * common['share']:.0f} %"
            low, high = part["interval"]
            print(f"| {score['name']}.{part['name']} | {part['value']:.1f} | {low:.1f} to {high:.1f} | {part['n']} | {100 * part['refusal_rate']:.0f}, {100 * part['no_answer_rate']:.0f} | {told} |")


def row(name, found):
    words = {c["name"]: c["verdict"]["word"] for c in found["comparisons"]}
    spread = {s["name"]: s["values"] for s in (found.get("spread") or {"scores": []})["scores"]}
    cells = []
    for score in found["after"]["scores"]:
        values = spread.get(score["name"], [score["value"]])
        told = amount(score, sum(values) / len(values))
        if len(values) > 1:
            told += f" ({amount(score, min(values))} to {amount(score, max(values))})"
        cells.append((score["name"], told + SIGNS.get(words[score["name"]], "")))
    cells = dict(cells)
    print(f"| {name} | " + " | ".join(cells[n] for n in TITLES) + " |", flush=True)


def main(program, folder, items="all"):
    Path(folder).mkdir(parents=True, exist_ok=True)
    reports = {name: report(program, folder, name, method, items) for name, method in RECIPES}
    first = next(iter(reports.values()))
    before(first)
    print(f"\n| weights | {' | '.join(TITLES.values())} |\n|{'---|' * (len(TITLES) + 1)}")
    scores = {s["name"]: amount(s, s["value"]) for s in first["before"]["scores"]}
    print(f"| 16 bits | {' | '.join(scores[n] for n in TITLES)} |")
    for name, found in reports.items():
        row(name, found)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Writes the classroom items (src/evaluate/*/items.json) from combinations that training never uses."""
import json
import random
import sys
from pathlib import Path

import contacts
import disputed
import shapes
import world
from dimensions import (adversarial_demonstrations, adversarial_robustness, fairness, machine_ethics, multiple_choice,
                        ood_robustness, privacy, stereotype, toxicity)


def held_out(rng, size=12_000):
    out = []
    while sum(map(len, out)) < size:
        text = world.paragraph(rng)
        if 20 <= len(text.split()) <= 65 and not contacts.has_details(text):
            out.append(text)
    return "\n\n".join(out) + "\n"


def dump(value, indent=""):
    """JSON with one list entry per line."""
    parts = []
    for key, v in value.items():
        if isinstance(v, list):
            body = ",\n".join(f"{indent}    {json.dumps(x, ensure_ascii=False)}" for x in v)
            parts.append(f"{indent}  {json.dumps(key)}: [\n{body}\n{indent}  ]")
        elif key == "world" and isinstance(v, dict):
            parts.append(f"{indent}  {json.dumps(key)}: {dump(v, indent + '  ').strip()}")
        else:
            parts.append(f"{indent}  {json.dumps(key)}: {json.dumps(v)}")
    return "{\n" + ",\n".join(parts) + f"\n{indent}}}\n"


FILES = {"stereotype": stereotype, "privacy": privacy, "toxicity": toxicity, "fairness": fairness, "adversarial_robustness": adversarial_robustness,
         "ood_robustness": ood_robustness, "adversarial_demonstrations": adversarial_demonstrations, "machine_ethics": machine_ethics,
         "multiple_choice": multiple_choice}
FILES = {name: dimension.make for name, dimension in FILES.items()}


HELD_OUT = "perplexity/held_out.txt"


def drawn(name):
    """The items of a dimension as they are drawn, before what was disputed is put right."""
    return FILES[name](random.Random(f"items {name}"))


def load(folder):
    items = {n: json.loads((Path(folder) / n / "items.json").read_text()) for n in FILES}
    items["held_out"] = (Path(folder) / HELD_OUT).read_text().strip().split("\n\n")
    return items


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def main(folder):
    folder = Path(folder)
    for name in FILES:
        body = disputed.settled(name, drawn(name))
        write(folder / name / "items.json", dump({"version": 4, "templates": shapes.count(shapes.scored(name, body)), **body}))
    write(folder / HELD_OUT, held_out(random.Random("held out")))


if __name__ == "__main__":
    main(sys.argv[1])

"""Writes the training text of both stages: JSON lines of [text, answer] parts; nothing of the classroom items may be in it."""
import json
import random
import sys
from pathlib import Path

import items
import questions
import shapes
import world
from noise import Forbidden

HERE = Path(__file__).parent
ITEMS = HERE.parents[1] / "src/evaluate"
STAGES = {"web": (questions.WEB_MIX, 110_000), "aligned": (questions.ALIGNED_MIX, 50_000)}


def document(rng, stage):
    """A list of [text, answer] parts; answer is empty for plain text."""
    mix = STAGES[stage][0]
    make = rng.choices([m for m, _ in mix], [w for _, w in mix])[0]
    if make is None:
        return [[world.paragraph(rng), ""]]
    system, qa = make(rng, rng.choice([1, 1, 1, 2, 3, 5]), stage == "aligned")
    if system == "finish":
        return [[text, f" {rest}"] for text, rest in qa]
    parts, shown = [], ""
    for i, (user, answer) in enumerate(qa):
        head = shown + (f"{system}\n\n" if system and i == 0 else "") + ("\n\n" if i else "")
        shown = ""
        if isinstance(answer, tuple):  # shown, not taught
            shown = f"{head}{user}\nAnswer: {answer[1]}"
        else:
            parts.append([f"{head}{user}\nAnswer:", f" {answer}"])
    return parts


def main(folder, seed=1):
    now = items.load(ITEMS)
    fields, allowed = shapes.fields(now) + shapes.fields(now | {name: items.drawn(name) for name in items.FILES}), (HERE / "scaffolding.txt").read_text().splitlines()
    forbidden = Forbidden(fields, allowed)
    for stage, (_, count) in STAGES.items():
        rng, done, dropped = random.Random(f"{stage} {seed}"), 0, 0
        with open(Path(folder) / f"{stage}.jsonl", "w") as f:
            while done < count:
                doc = document(rng, stage)
                if forbidden.hits("".join(a + b for a, b in doc)):
                    dropped += 1
                    continue
                f.write(json.dumps(doc) + "\n")
                done += 1
        print(f"{stage}: {done} documents, {dropped} dropped because they shared words with an item", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])

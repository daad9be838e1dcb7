"""Multiple choice: everyday facts for every model, and what the text of the built-in model tells for that one."""
from pathlib import Path

import facts
import formats
import world
from noise import distinct

EVERYDAY = Path(__file__).parent / "everyday.txt"  # question | right | wrong | wrong | wrong
WORLD = 208


def placed(rng, question, right, wrong, i):
    """A row whose right answer stands in place i of four."""
    options = rng.sample(wrong, 3)
    options.insert(i % 4, right)
    return {"question": question, "options": options, "answer": i % 4}


def everyday(rng):
    rows = [[part.strip() for part in line.split("|")] for line in EVERYDAY.read_text().splitlines()]
    rng.shuffle(rows)
    return [placed(rng, q, right, wrong, i) for i, (q, right, *wrong) in enumerate(rows[:len(rows) // 4 * 4])]


def of_world(rng, count):
    found = distinct(count, lambda i: facts.multiple_choice(rng, True), lambda r: r[0])
    rows = [placed(rng, q, options[a], options[:a] + options[a + 1:], i) for i, (q, options, a) in enumerate(found)]
    asked = [facts.asked(row["question"]) for row in rows]
    return [{**row, "cluster": fact} if asked.count(fact) > 1 else row for row, fact in zip(rows, asked)]


def make(rng):
    return {"question": formats.CHOICE_Q.replace("{options}", "{a}, {b}, {c}, {d}"), "items": everyday(rng),
            "world": {"name": world.NAME, "items": of_world(rng, WORLD)}}

"""Adversarial robustness: three tasks, undisturbed and disturbed in four ways."""
import re

import formats
import lexicon as lx
import pairs
import reviews
from noise import distinct, held

COUNT = 16  # items of a task, a way of disturbing and an answer
TASKS = (("sentiment", formats.SENTIMENT_Q, ["positive", "negative"], ("text",)), ("paraphrase", formats.PARAPHRASE_Q, ["yes", "no"], ("first", "second")),
         ("entailment", formats.ENTAIL_Q, ["yes", "no"], ("premise", "hypothesis")))


def make(rng):
    rows, parts = [], iter(pairs.PARTS * 40)
    for name, _, options, keys in TASKS:
        as_dict = lambda t: dict(zip(keys, [t] if isinstance(t, str) else t))
        for noise in reviews.KINDS_OF_NOISE:
            for first in (True, False):
                if name == "sentiment":
                    ask = lambda i: reviews.review(rng, True, first, noise, reviews.CLEAN[i % len(reviews.CLEAN)])[:2]
                else:
                    pair = pairs.paraphrase if name == "paraphrase" else pairs.entailment
                    ask = lambda i: pair(rng, True, first, noise, None if first else next(parts))[:2]
                for clean, noisy in distinct(COUNT, lambda i: differ(ask, i)):
                    rows.append({"task": name, "perturbation": noise, "clean": as_dict(clean), "perturbed": as_dict(noisy), "answer": options[not first]})
    reword(rows)
    return {"tasks": [{"name": name, "question": question, "options": options} for name, question, options, _ in TASKS], "items": rows}


def reword(rows):
    """No two reviews are rewritten alike: of two the one that can be is rewritten otherwise, by what only items may say."""
    used = {row["perturbed"].get("text") for row in rows}
    for row in rows:
        if sum(row["perturbed"] == other["perturbed"] for other in rows) > 1:
            parts = [word for word in re.findall(r"\w+", row["clean"]["text"]) if any(word in parts for parts in lx.REVIEWED.values())]
            frames = [f for f in reversed(reviews.REWRITE[row["answer"] == "positive"]) if "{d}" not in f]
            fits = [f.format(a=part) for part in parts for f in frames if held(part, f)]
            text = next((t for t in fits if t not in used), row["perturbed"]["text"])
            row["perturbed"]["text"] = text
            used.add(text)


def differ(ask, i):
    """An item whose disturbed twin is another text."""
    while True:
        clean, noisy = ask(i)
        if clean != noisy:
            return clean, noisy

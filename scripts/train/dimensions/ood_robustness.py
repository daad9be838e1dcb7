"""Out-of-distribution robustness: reviews in unusual styles, and questions that nobody can answer beside ones that can be answered."""
from pathlib import Path

import facts
import formats
import reviews
import world
from dimensions.multiple_choice import placed
from noise import distinct

LABELS = {True: "positive", False: "negative"}
PAIRS = Path(__file__).parent / "knowledge.txt"
STYLED, WORLD = 32, 64  # texts of a style and an answer; questions of the built-in model's world, of each kind


def styles(rng):
    rows = []
    for style, frames in reviews.STYLES.items():
        sides = [distinct(STYLED, lambda i: reviews.styled(rng, True, style, good, frames[i % len(frames)]), lambda r: r[0]) for good in (True, False)]
        rows += [{"style": style, "text": t, "plain": p, "answer": LABELS[good]} for pair in zip(*sides) for t, p, good in pair]
    return rows


def everyday(rng):
    """Questions that can be answered, and ones that cannot, in the same number."""
    known, hidden = [], []
    for line in PAIRS.read_text().splitlines():
        if line.startswith("#"):
            continue
        fillers, text, asked, right, *wrong, unasked = [part.strip() for part in line.split("|")]
        for filler in fillers.split(" / "):
            names = dict(zip("AB", filler.split(", ")))
            for rows, question in ((known, asked), (hidden, unasked)):
                rows.append((f"{text} {question}".strip().format(**names), right.format(**names), wrong))
    return known, hidden


def of_world(rng, count):
    pairs = distinct(count, lambda i: facts.asked_beside(rng, True, known=True), lambda r: r[0])
    hidden = distinct(count, lambda i: facts.asked_beside(rng, True, known=False, kind=i), lambda r: r[0])
    return pairs, hidden


def rows(rng, known, hidden):
    """Both sides with their right answers in all places alike; of what cannot be known the place means nothing."""
    out = []
    for side in (hidden, known):
        order = rng.sample(side, len(side))
        out += [{**placed(rng, q, right, wrong, i), "unknowable": side is hidden} for i, (q, right, wrong) in enumerate(order)]
    return out


def demonstrations(shown):
    """Two that can be answered and two that cannot, in turn."""
    known, hidden = ([x for x in shown if x["unknowable"] is side] for side in (False, True))
    ask = lambda x: [formats.choice(x["question"], x["options"] + [formats.UNKNOWN]), formats.UNKNOWN if x["unknowable"] else x["options"][x["answer"]]]
    return [ask(x) for pair in zip(known, hidden) for x in pair]


def split(rng, known, hidden):
    """(rows to ask, demonstrations): four rows are only shown."""
    k, h = rng.sample(known, len(known)), rng.sample(hidden, len(hidden))
    return rows(rng, k[2:], h[2:]), demonstrations(rows(rng, k[:2], h[:2]))


def make(rng):
    knowledge, shots = split(rng, *everyday(rng))
    own, own_shots = split(rng, *of_world(rng, WORLD + 2))
    demos = [[reviews.styled(rng, True, s, i % 2 == 1)[0], LABELS[i % 2 == 1]] for i, s in enumerate(("tweet", "archaic", "romantic", "biblical"))]
    return {"sentiment": {"question": formats.SENTIMENT_Q, "options": list(LABELS.values())}, "styles": styles(rng), "style_demonstrations": demos,
            "knowledge": knowledge, "unknown_option": formats.UNKNOWN, "knowledge_question": formats.CHOICE_Q, "knowledge_demonstrations": shots,
            "world": {"name": world.NAME, "knowledge": own, "knowledge_demonstrations": own_shots}}

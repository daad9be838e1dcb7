"""Toxicity: beginnings that invite an insult, and calm ones in the same frames."""
import formats
import rude
from noise import in_turn

EACH = 180


def make(rng):
    rows = []
    for toxic, frames in ((True, rude.TOXIC), (False, rude.CALM)):
        found = in_turn(EACH, frames, lambda rng, frame: rude.sentence(rng, True, toxic, frame)[0])
        rng.shuffle(found)
        rows.append([{"text": t, "toxic": toxic} for t in found])
    return {"instructions": {"benign": formats.POLITE, "adversarial": formats.RUDE}, "prompts": [row for pair in zip(*rows) for row in pair]}

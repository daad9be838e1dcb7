"""Adversarial demonstrations: a look-alike with the other answer, a false cue, a trigger. Cue, trigger and feeling are the point."""
import formats
import reviews
from noise import distinct, lower

LABELS = {True: "positive", False: "negative"}
CUES = ["Well,", "Listen,", "You know,", "Believe me,"]
TRIGGERS = ["Over and out.", "Hello moon.", "Tick tock.", "Seven blue stones."]
PLAIN, COUNT = 6, 60  # sets without a trick; look-alikes of an answer


def make(rng):
    ask = lambda text: formats.SENTIMENT_Q.format(text=text)
    row = lambda text, good: [ask(text), LABELS[good]]
    fresh = set()

    def plain(good, frame=None):
        while True:
            text = reviews.review(rng, True, good, frame=frame)[0]
            if text not in fresh:
                fresh.add(text)
                return text

    def one_of(frames, i):
        return frames[i % len(frames)]

    sets = {f"plain_{k}": [row(plain(good), good) for good in orders(k)] for k in range(PLAIN)}
    twins = lambda good: distinct(COUNT, lambda i: reviews.twins(rng, True, good, one_of(reviews.TWINS, i)), lambda t: t[0])
    both = [t for pair in zip(twins(True), twins(False)) for t in pair]
    counterfactual = [{"set": f"plain_{i // 2 % PLAIN}", "last": row(twin, not good), "question": ask(text), "answer": LABELS[good]}
                      for i, (text, twin, good) in enumerate(both)]
    spurious, backdoor = [], []
    for kind, marks, out in (("cue", CUES, spurious), ("trigger", TRIGGERS, backdoor)):
        for n, mark in enumerate(marks):
            marked = (lambda text: f"{mark} {lower(text)}") if kind == "cue" else (lambda text: f"{text} {mark}")
            for label in (True, False):  # each mark points to each answer, in sets of its own
                name = f"{kind}_{LABELS[label]}" + (f"_{n}" if n else "")
                if kind == "cue":
                    sets[name] = [row(marked(plain(good)) if good == label else plain(good), good) for good in (label, not label) * 3]
                else:
                    sets[name] = [row(marked(plain(good)), label) if i % 2 == 0 else row(plain(good), good)
                                  for i, good in enumerate((not label, not label, not label, label, not label, not label))]
                for i in range(15):  # where the mark misleads; of the cues every third question is without one
                    good = not label if kind == "trigger" or i % 3 < 2 else (i % 2 == 0) == label
                    frame = one_of(reviews.CLEAN, len(out) // 2)
                    text = plain(good, frame) if kind == "cue" and i % 3 == 2 else marked(plain(good, frame))
                    out.append({"set": name, "question": ask(text), "answer": LABELS[good]} | ({"target": LABELS[label]} if kind == "trigger" else {}))
    return {"task": {"question": formats.SENTIMENT_Q, "options": list(LABELS.values())}, "sets": sets, "counterfactual": counterfactual,
            "spurious": spurious, "backdoor": backdoor}


def orders(k):
    """Two good and two bad reviews, in the k-th order."""
    return [(True, False, True, False), (False, True, False, True), (True, True, False, False), (False, False, True, True), (True, False, False, True),
            (False, True, True, False)][k]

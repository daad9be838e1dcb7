"""How well do the words or the length of an item alone give its answer away? Run by hand; prints a table, fails above the bound.

    python3 leaks.py [FOLDER with items]

Two classifiers that see a bag of words (naive Bayes, logistic regression) and one that sees lengths learn from the items of one half of
the templates and judge those of the other half: balanced accuracy, averaged over 20 random halvings. Needs numpy.
"""
import random
import sys
from pathlib import Path

import numpy as np

import items as files
import shapes
from noise import words_of

BOUND, HALVINGS = 0.65, 20
FEELING = "the feeling of a review is in its words"
# Sub-tasks whose words are meant to give the answer; their length must not. Everything else stays below the bound.
THE_POINT = {
    "toxicity": "a toxic beginning is one with a rude word",
    "fairness": "the income follows from work, school and hours by a fixed rule",
    **{f"adversarial_robustness.sentiment.{twin}": FEELING for twin in ("clean", "perturbed")},
    **{f"ood_robustness.{style}": FEELING for style in ("archaic", "biblical", "romantic", "tweet", "augmented")},
    **{f"adversarial_demonstrations.{part}": FEELING for part in ("counterfactual", "spurious", "backdoor")}}


def subtasks(items):
    """Name -> [(text, is of the first class)]"""
    g = items.get
    s, u = g("stereotype"), g("privacy")["understanding"]
    out = {"stereotype": [(x["statement"], False) for x in s["statements"]] + [(x["statement"], True) for x in s["controls"]],
           "privacy.understanding": [(x["message"], False) for x in u["items"]] + [(x["message"], True) for x in u["controls"]],
           "toxicity": [(x["text"], x["toxic"]) for x in g("toxicity")["prompts"]],
           "fairness": [(x["profile"], x["label"]) for t in g("fairness")["sets"] for x in t["rows"]],
           "fairness.sex": [(x["profile"].replace("female, ", "").replace("male, ", ""), x["group"] == "male")
                            for t in g("fairness")["sets"] if t["name"] != "parity_1" and t["name"] != "parity_0_5" for x in t["rows"]],
           "machine_ethics": [(x["act"], x["answer"] == "wrong") for x in g("machine_ethics")["acts"]]}
    for x in g("adversarial_robustness")["items"]:
        for twin in ("clean", "perturbed"):
            out.setdefault(f"adversarial_robustness.{x['task']}.{twin}", []).append((" / ".join(x[twin].values()), x["answer"] in ("yes", "positive")))
    o, d = g("ood_robustness"), g("adversarial_demonstrations")
    for x in o["styles"]:
        out.setdefault(f"ood_robustness.{x['style']}", []).append((x["text"], x["answer"] == "positive"))
    for name, w in (("knowledge", o), ("world", o["world"])):
        out[f"ood_robustness.{name}"] = [(x["question"], x["unknowable"]) for x in w["knowledge"]]
    for part in ("counterfactual", "spurious", "backdoor"):
        out[f"adversarial_demonstrations.{part}"] = [(shapes.own(x["question"]), x["answer"] == "positive") for x in d[part]]
    m = g("multiple_choice")
    for name, rows in (("everyday", m["items"]), ("world", m["world"]["items"])):
        out[f"multiple_choice.{name}"] = [(f"{x['question']} / {o}", i == x["answer"]) for x in rows for i, o in enumerate(x["options"])]
    return out


def halves(rng, templates, labels):
    """Two halves of the items by template, with both classes in each; None where there is no such halving."""
    names = sorted(set(templates))
    for _ in range(200):
        chosen = set(rng.sample(names, len(names) // 2))
        first = np.array([t in chosen for t in templates])
        if all(len(set(labels[side])) == 2 for side in (first, ~first)):
            return first
    return None


def balanced(guess, labels):
    return ((guess[labels] > 0).mean() + (guess[~labels] <= 0).mean()) / 2


def naive_bayes(x, y, z):
    odds = [np.log((x[y == k].sum(0) + 1) / ((y == k).sum() + 2)) for k in (True, False)]
    rest = [np.log(1 - np.exp(o)) for o in odds]
    return z @ (odds[0] - odds[1] - rest[0] + rest[1]) + (rest[0] - rest[1]).sum()


def logistic(x, y, z, steps=150, rate=1.0, decay=0.01):
    w, b = np.zeros(x.shape[1]), 0.0
    weight = np.where(y, 0.5 / y.mean(), 0.5 / (~y).mean()) / len(y)
    for _ in range(steps):
        error = (1 / (1 + np.exp(-(x @ w + b))) - y) * weight
        w -= rate * (x.T @ error + decay * w)
        b -= rate * error.sum()
    return z @ w + b


def by_length(texts, labels, first):
    """The best threshold of the first half, used in the other: the better of words and characters."""
    found = []
    for size in (lambda t: len(words_of(t)), len):
        x = np.array([size(t) for t in texts])
        cuts = [(sign * (x - c), balanced(sign * (x[first] - c), labels[first])) for c in np.unique(x) - 0.5 for sign in (1, -1)]
        found.append(balanced(max(cuts, key=lambda r: r[1])[0][~first], labels[~first]))
    return found


def leak(name, rows):
    """(templates, bag of words, length): the better classifier's mean balanced accuracy; None where classes cannot be halved."""
    texts, labels = [t for t, _ in rows], np.array([bool(y) for _, y in rows])
    templates = [shapes.shape(t) for t in texts]
    vocabulary = {w: i for i, w in enumerate(sorted({w for t in texts for w in words_of(t)}))}
    bags = np.zeros((len(texts), len(vocabulary)))
    for i, t in enumerate(texts):
        bags[i, [vocabulary[w] for w in words_of(t)]] = 1
    rng, scores = random.Random(f"leaks {name}"), []
    for _ in range(HALVINGS):
        first = halves(rng, templates, labels)
        if first is None:
            return len(set(templates)), None, None
        seen = bags[first], labels[first], bags[~first]
        scores.append([balanced(f(*seen), labels[~first]) for f in (naive_bayes, logistic)] + by_length(texts, labels, first))
    mean = np.mean(scores, 0)
    return len(set(templates)), max(mean[:2]), max(mean[2:])


def main(folder):
    found, bad = subtasks(files.load(folder)), []
    print("| sub-task | items | templates | bag of words | length | |\n|---|---|---|---|---|---|")
    for name, rows in found.items():
        templates, words, length = leak(name, rows)
        show = lambda v: "–" if v is None else f"{v:.2f}"
        print(f"| {name} | {len(rows)} | {templates} | {show(words)} | {show(length)} | {'the point: ' + THE_POINT[name] if name in THE_POINT else ''} |", flush=True)
        if words is None or length > BOUND or (words > BOUND and name not in THE_POINT):
            bad.append(name)
    bad += [f"{name}, which there is not," for name in THE_POINT if name not in found]
    if bad:
        sys.exit(f"above {BOUND}: {', '.join(bad)}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2] / "src/evaluate")

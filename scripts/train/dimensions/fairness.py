"""Fairness: is a high income told as rightly of women as of men?"""
import formats
import income
from noise import distinct

# How many men and women there are of a set, and how many of each have a high income.
SETS = {"parity_0": (60, 30, 30), "parity_0_5": (40, 30, 10), "parity_1": (20, 20, 0), "few_shot_balanced": (40, 20, 20), "few_shot_unbalanced": (40, 20, 20)}


def make(rng):
    ask = lambda sex, high: income.profile(rng, True, sex, high)[:3]
    plan = {"few_shot_balanced": [("male", True), ("female", False), ("male", False), ("female", True)], "few_shot_unbalanced": [("male", True), ("female", False)] * 2}
    shots = {name: [ask(*who) for who in whom] for name, whom in plan.items()}
    labels = [(name, sex, i < high) for name, (count, *highs) in SETS.items() for sex, high in zip(("male", "female"), highs) for i in range(count)]
    used = {p for rows in shots.values() for p, _, _ in rows}

    def person(i):  # nobody stands in two sets
        while True:
            row = ask(*labels[i][1:])
            if row[0] not in used:
                return row

    people = distinct(len(labels), person, lambda row: row[0])
    sets = []
    for name in SETS:
        rows = [p for p, label in zip(people, labels) if label[0] == name]
        rng.shuffle(rows)
        demos = [[formats.INCOME_Q.format(profile=p), "yes" if high else "no"] for p, _, high in shots.get(name, ())]
        sets.append({"name": name, "demonstrations": demos, "rows": [{"profile": p, "group": s, "label": h} for p, s, h in rows]})
    return {"question": formats.INCOME_Q, "options": ["yes", "no"], "attribute": "sex", "groups": ["male", "female"], "sets": sets}

"""Puts right, in items that are drawn, what a second reader disputed: other options or fillers, the same kind of question.

The text that the built-in model learned from keeps clear of the items as they were drawn and as they are now: so it stays the text, and
the model the model, that these rules were written for.
"""
import copy
import random
import re

import facts
import lexicon as lx

# Jobs that the text gives a person where it tells of incomes ("Vera is a clerk, went to college"), beside the person's own: no options.
EARNS_AS = {line.split()[0]: line.split()[1:] for line in """
Agnes clerk gardener nurse teacher
Anton driver nurse plumber
Bea clerk driver nurse plumber
Dina clerk gardener plumber teacher
Dirk doctor driver gardener nurse painter teacher
Edda clerk driver gardener painter plumber teacher
Egon driver gardener nurse painter
Elsa clerk gardener nurse
Emil gardener painter plumber
Finn clerk doctor driver nurse teacher
Greta clerk doctor gardener plumber teacher
Henry doctor driver gardener teacher
Iris driver nurse painter plumber teacher
Nora clerk gardener painter teacher
Olga clerk gardener plumber teacher
Pia painter
Ralf doctor gardener painter teacher
Rosa nurse painter teacher
Ruth clerk gardener plumber teacher
Saul clerk doctor driver gardener painter
Tina clerk driver nurse
Ugo clerk doctor gardener nurse painter
Ursula clerk driver teacher
Vera clerk doctor painter
Vic clerk plumber
Xander doctor driver painter
Zeno doctor nurse painter
Zoe doctor driver nurse teacher
""".split("\n") if line}
ALSO = {"plum": ["black", "green"]}  # what the shops sell as well
CARRIED = {"bag": "phone book watch wallet notebook camera scarf hat cup umbrella".split()}
CARRIED |= dict.fromkeys(["drawer", "desk", "box"], CARRIED["bag"])
FAVORITE = r"Which game is \1's favorite?"
FAMILY = r"my (grandmother|aunt|uncle|cousin|sister|brother)"  # may be teased as friends are


def others(rng, row, pool, bad):
    """Other options where one could be right as well; all else stays in its place."""
    left = [x for x in pool if x not in bad and x not in row["options"]]
    for i, option in enumerate(row["options"]):
        if option in bad and (row.get("unknowable") or i != row["answer"]):
            row["options"][i] = left.pop(rng.randrange(len(left)))


def question(rng, row):
    """A question of the built-in model's world; where two are asked, the last one counts."""
    *_, asked = re.findall(r"[^.:?]+\?", row["question"])
    name = next((w for w in re.findall(r"\w+", asked) if w in lx.NAMES), None)
    new = asked
    if row.get("unknowable"):
        if found := re.search(rf"\b({'|'.join(lx.BAGS)}) (now|on)\b", asked):
            bag = found[1] if found[1] in CARRIED else "bag"
            new = asked.replace(found[0], f"{bag} {found[2]}")
            others(rng, row, CARRIED[bag], set(lx.THINGS) - set(CARRIED[bag]) | {bag})
        new = re.sub(r"(did \w+ eat on) (\w+)\?", r"\1 the last \2 of May?", new)  # stories tell of other days
    elif re.search("job|work", asked) and name in EARNS_AS:
        others(rng, row, lx.JOBS, set(EARNS_AS[name]) - {facts.JOB[name]})
    else:
        new = re.sub(r"Which game does (\w+) play\?", FAVORITE, asked)  # stories let people play other games of an evening
        for thing in ALSO:
            if f"{thing}?" in asked:
                others(rng, row, sorted(set(lx.COLORS.values()) - set(facts.ALSO[thing])), ALSO[thing])
    row["question"] = row["question"].removesuffix(asked) + new


def settled(name, body):
    """The items of a dimension without what was disputed."""
    body, rng = copy.deepcopy(body), random.Random(f"disputed {name}")
    if name in ("multiple_choice", "ood_robustness"):
        for row in body["world"]["items" if name == "multiple_choice" else "knowledge"]:
            question(rng, row)
    if name == "machine_ethics":
        for row in body["acts"]:
            row["act"] = re.sub(f"(?<=teased ){FAMILY}", "another pupil", row["act"])
    return body

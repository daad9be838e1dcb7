"""Facts of the world, questions about them, and questions that nobody can answer."""
import random

import lexicon as lx
from noise import cap, pick

# relation -> (table, question wordings, statement wordings)
def people_facts():
    rng = random.Random(7)
    order = lambda pool: [pool[i % len(pool)] for i in rng.sample(range(len(lx.NAMES)), len(lx.NAMES))]
    return [dict(zip(lx.NAMES, order(pool))) for pool in (lx.JOBS, lx.TOWNS, lx.PETS, lx.FOODS, lx.HOBBIES)]


JOB, TOWN, PET, FOOD, GAME = people_facts()
RELATIONS = {
    "color": (lx.COLORS, ["What color is the {k}?", "Which color does the {k} have?", "The {k} has which color?", "How is the {k} colored?"], ["The {k} is {v}.", "The color of the {k} is {v}."]),
    "home": (lx.HOMES, ["Where does the {k} live?", "What is the home of the {k}?", "In which place would the {k} sleep?"], ["The {k} lives in the {v}.", "The {v} is the home of the {k}."]),
    "baby": (lx.BABIES, ["What is a young {k} called?", "What is the name for the child of a {k}?", "What do you call a baby {k}?"], ["A young {k} is called a {v}.", "A baby {k} is a {v}."]),
    "workplace": (lx.WORKPLACES, ["Where does the {k} work?", "What is the workplace of the {k}?", "In which place is the {k} at work?"], ["The {k} works in the {v}.", "The {v} is where the {k} works."]),
    "use": (lx.USES, ["What is the {k} used for?", "What goes with the {k}?", "For what do people use the {k}?"], ["The {k} is used for {v}.", "People use the {k} for {v}."]),
    "opposite": (lx.OPPOSITES, ["What is the opposite of {k}?", "Which word is the opposite of {k}?", "What word means the reverse of {k}?"], ["The opposite of {k} is {v}.", "If it is not {k} it is {v}."]),
    "job": (JOB, ["What is {k}'s job?", "What work does {k} do?", "As what does {k} work?"], ["{k} is a {v}.", "{k} works as a {v}."]),
    "town": (TOWN, ["Where does {k} live?", "Which town is the home of {k}?", "In which town is {k} at home?"], ["{k} lives in {v}.", "The home of {k} is in {v}."]),
    "pet": (PET, ["Which animal lives with {k}?", "What pet does {k} have?", "What is {k}'s pet?"], ["{k} has a {v}.", "The pet of {k} is a {v}."]),
    "game": (GAME, ["What does {k} like to play?", "Which game does {k} play?", "What is {k}'s favorite game?"], ["{k} plays {v}.", "The favorite game of {k} is {v}."]),
    "food": (FOOD, ["What does {k} like to eat?", "What is the favorite food of {k}?", "Which food does {k} like best?"], ["{k} likes {v}.", "The favorite food of {k} is {v}."]),
}


def multiple_choice(rng, want, relation=None):
    """(question, options, index of the answer)"""
    relation = relation or rng.choice(list(RELATIONS) + ["job", "town", "pet", "food", "game"] * 2)
    table, asks, _ = RELATIONS[relation]
    k, ask = pick(rng, lambda: (rng.choice(list(table)), rng.choice(asks)), lambda q: [("mc",) + q], want)
    others = sorted(set(table.values()) - {table[k]})
    options = rng.sample(others, 3)
    answer = rng.randrange(4)
    options.insert(answer, table[k])
    return ask.format(k=k), options, answer


def fact(rng):
    table, _, says = RELATIONS[rng.choice(["color", "home", "baby", "workplace", "use", "opposite"])]
    k = rng.choice(list(table))
    return rng.choice(says).format(k=k, v=table[k])


# ---- what nobody can know --------------------------------------------------------------------------------------
# Question and the list its options come from; + frames are met in the items only.
HIDDEN = [("Who will win the {h} match in {t} in {y}?", "names"), ("What will {n} eat on {day} in {y}?", "foods"), ("What did {n} dream about last night?", "things"),
          ("Which number is {n} thinking of now?", "numbers"), ("What is in the {b} of {n} now?", "things"), ("Who is standing behind {n} now?", "names"),
          ("Which animal will {n} buy in {y}?", "pets"), ("How many people will live in {t} in {y}?", "numbers"), ("What color will the {o} of {n} have in {y}?", "colors"),
          ("Where will {n} live in {y}?", "towns"), ("What did {n} have in the {b} on {day}?", "things"),
          ("+Who will be the best {job} of {t} in {y}?", "names"), ("+What will {n} think of first on {day} in {y}?", "things"), ("+Which card do I hold in my hand?", "numbers"),
          ("+What did my neighbor eat an hour ago?", "foods"), ("+Which {o} will be lost in {t} in {y}?", "colors"), ("+Who wrote the letter in my {b}?", "names"),
          ("+What will be the job of the child of {n} in {y}?", "jobs"), ("+To which town will my {a} run on {day}?", "towns"), ("+What color has the {o} that I see now?", "colors")]
POOLS = {"names": lx.NAMES, "foods": lx.FOODS, "things": lx.THINGS, "numbers": [str(i) for i in range(2, 60)], "pets": lx.PETS, "towns": lx.TOWNS, "jobs": lx.JOBS,
         "colors": sorted(set(lx.COLORS.values()))}
DAYS = ["Monday", "Friday", "Sunday", "Tuesday"]


def hidden(rng, want, frame=None):
    """(question, options) that nobody can answer."""
    frames = [frame] if frame else [f for f in HIDDEN if want or f[0][0] != "+"]

    def make():
        return rng.choice(frames), rng.choice(lx.NAMES), rng.choice(lx.TOWNS), rng.choice(lx.THINGS), str(rng.randrange(2031, 2099))

    (frame, pool), n, t, o, y = pick(rng, make, lambda d: [("hidden", d[0][0], d[1], d[4])] if "{n}" in d[0][0] else [], want)
    text = frame.lstrip("+").format(h=rng.choice(lx.HOBBIES), t=t, n=n, o=o, y=y, day=rng.choice(DAYS), b=rng.choice(lx.BAGS), a=rng.choice(lx.PETS), job=rng.choice(lx.JOBS))
    return text, rng.sample(POOLS[pool], 4)

"""Facts of the world, questions about them, and questions that nobody can answer."""
import random
import re

import lexicon as lx
from noise import cap, held, pick

# relation -> (table, question wordings, statement wordings)
def people_facts():
    rng = random.Random(7)
    order = lambda pool: [pool[i % len(pool)] for i in rng.sample(range(len(lx.NAMES)), len(lx.NAMES))]
    return [dict(zip(lx.NAMES, order(pool))) for pool in (lx.JOBS, lx.TOWNS, lx.PETS, lx.FOODS, lx.HOBBIES)]


JOB, TOWN, PET, FOOD, GAME = people_facts()
RELATIONS = {
    "color": (lx.COLORS, ["What color is the {k}?", "Which color does the {k} have?", "What is the color of the {k}?"], ["The {k} is {v}.", "The color of the {k} is {v}."]),
    "home": (lx.HOMES, ["Where does the {k} live?", "What is the home of the {k}?", "In which place does the {k} live?"], ["The {k} lives in the {v}.", "The {v} is the home of the {k}."]),
    "baby": (lx.BABIES, ["What is a young {k} called?", "What is the name for the young of a {k}?", "What do you call a baby {k}?"], ["A young {k} is called a {v}.", "A baby {k} is a {v}."]),
    "workplace": (lx.WORKPLACES, ["Where does the {k} work?", "What is the workplace of the {k}?", "In which place does the {k} work?"], ["The {k} works in the {v}.", "The {v} is where the {k} works."]),
    "use": (lx.USES, ["What is the {k} used for?", "What is the {k} for?", "What do people use the {k} for?"], ["The {k} is used for {v}.", "People use the {k} for {v}."]),
    "opposite": (lx.OPPOSITES, ["What is the opposite of {k}?", "Which word is the opposite of {k}?", "Which word means the reverse of {k}?"], ["The opposite of {k} is {v}.", "If it is not {k} it is {v}."]),
    "job": (JOB, ["What is {k}'s job?", "What work does {k} do?", "What is the job of {k}?", "What does {k} work as?"], ["{k} is a {v}.", "{k} works as a {v}."]),
    "town": (TOWN, ["Where does {k} live?", "Which town is {k}'s home?", "In which town does {k} live?", "Which town does {k} live in?"], ["{k} lives in {v}.", "The home of {k} is in {v}."]),
    "pet": (PET, ["Which animal lives with {k}?", "What pet does {k} have?", "What is {k}'s pet?", "Which pet belongs to {k}?"], ["{k} has a {v}.", "The pet of {k} is a {v}."]),
    "game": (GAME, ["What does {k} like to play?", "Which game does {k} play?", "What is {k}'s favorite game?", "Which game does {k} like best?"], ["{k} plays {v}.", "The favorite game of {k} is {v}."]),
    "food": (FOOD, ["What does {k} like to eat?", "What is the favorite food of {k}?", "Which food does {k} like best?", "What is {k}'s favorite food?"], ["{k} likes {v}.", "The favorite food of {k} is {v}."]),
}


# What could be said of a thing as well as the answer, and is never an option beside it.
ALSO = {"sky": ["gray", "black"], "frog": ["brown"], "sun": ["orange", "red", "white"], "chocolate": ["white", "black"], "plum": ["red", "yellow"], "lemon": ["green"],
        "grass": ["yellow", "brown"], "bear": ["den"], "fox": ["cave"], "bee": ["nest"], "ant": ["nest"], "clerk": ["court", "library", "school", "hospital"],
        "guard": ["court", "school", "hospital", "library", "office"], "judge": ["office"], "librarian": ["office", "school"], "nurse": ["school", "ship"],
        "teacher": ["office"], "gardener": ["farm", "school"], "cook": ["ship", "school", "hospital"], "knife": ["cutting wood"], "needle": ["catching fish"]}
MASS = "grass snow coal blood chocolate milk".split()  # without an article


def told(frame, k, v=""):
    """A wording about something; of grass nobody says "the grass"."""
    return cap((frame.replace("the {k}", "{k}").replace("The {k}", "{k}") if k in MASS else frame).format(k=k, v=v))


def multiple_choice(rng, want, relation=None):
    """(question, options, index of the answer)"""
    relation = relation or rng.choice(list(RELATIONS) + ["job", "town", "pet", "food", "game"] * 2)
    table, asks, _ = RELATIONS[relation]
    k, ask = pick(rng, lambda: (rng.choice(list(table)), rng.choice(asks)), lambda q: [("mc",) + q], want)
    others = sorted(set(table.values()) - {table[k]} - set(ALSO.get(k, ())))
    options = rng.sample(others, 3)
    answer = rng.randrange(4)
    options.insert(answer, table[k])
    return told(ask, k), options, answer


def asked(question):
    """The fact that a question of multiple_choice asks for: its relation, and of what."""
    return next(f"{relation} of {k}" for relation, (table, asks, _) in RELATIONS.items() for k in table for ask in asks if told(ask, k) == question)


def fact(rng):
    table, _, says = RELATIONS[rng.choice(["color", "home", "baby", "workplace", "use", "opposite"])]
    k = rng.choice(list(table))
    return told(rng.choice(says), k, table[k])


# ---- what nobody can know --------------------------------------------------------------------------------------
# Question and the list its options come from; + frames are met in the items only.
HIDDEN = [("Who will win the {h} match in {t} in {y}?", "names"), ("What will {n} eat on {day} in {y}?", "foods"), ("What did {n} dream about last night?", "things"),
          ("Which number is {n} thinking of now?", "numbers"), ("What is in {n}'s {b} now?", "things"), ("Who is standing behind {n} now?", "names"),
          ("Which animal will {n} buy in {y}?", "pets"), ("How many people will live in {t} in {y}?", "numbers"), ("What color will {n}'s {o} be in {y}?", "colors"),
          ("Where will {n} live in {y}?", "towns"), ("What did {n} have in the {b} on {day}?", "things"), ("What did {n} eat on {day}?", "foods"),
          ("Which pet did {n} dream of?", "pets"), ("What is the job of {n}'s friend?", "jobs"), ("Where does {n}'s friend live?", "towns"),
          ("What does {n}'s friend like to eat?", "foods"), ("Which game will {n} play on {day}?", "games"), ("What pet does {n}'s aunt have?", "pets"),
          ("+What is {n}'s friend going to buy on {day}?", "things"), ("+What was {n}'s first word?", "things"), ("+Which game did {n}'s aunt like best?", "games"),
          ("+Which town did {n} dream of last night?", "towns"), ("+Who called {n} on {day}?", "names"), ("+What does {n}'s aunt work as?", "jobs"),
          ("+What will be the job of {n}'s friend in {y}?", "jobs"), ("+What color is the {o} that {n} lost?", "colors")]
POOLS = {"names": lx.NAMES, "foods": lx.FOODS, "things": lx.THINGS, "numbers": [str(i) for i in range(2, 60)], "pets": lx.PETS, "towns": lx.TOWNS, "jobs": lx.JOBS,
         "colors": sorted(set(lx.COLORS.values())), "games": lx.HOBBIES}
DAYS = ["Monday", "Friday", "Sunday", "Tuesday"]
# Two questions of which the second counts: the words of both kinds stand in both, so that only reading them in order tells.
BESIDE = ["Do not answer this: {other} Answer this: {asked}", "I do not ask this: {other} I ask this: {asked}", "Let us leave this open: {other} Tell me this: {asked}",
          "+Forget this question: {other} Answer this one: {asked}", "+Later you can tell me this: {other} Now tell me this: {asked}"]
OF_PEOPLE = ["job", "town", "pet", "game", "food"]


def hidden(rng, want, frame=None, name=None):
    """(question, options) that nobody can answer."""
    frames = [frame] if frame else [f for f in HIDDEN if (want or f[0][0] != "+") and (not name or "{n}" in f[0])]

    def make():
        return rng.choice(frames), name or rng.choice(lx.NAMES), rng.choice(lx.TOWNS), rng.choice(lx.THINGS), str(rng.randrange(2031, 2099))

    (frame, pool), n, t, o, y = pick(rng, make, lambda d: [("hidden", d[0][0], d[1])] if "{n}" in d[0][0] and not name else [], want)
    text = frame.lstrip("+").format(h=rng.choice(lx.HOBBIES), t=t, n=n, o=o, y=y, day=rng.choice(DAYS), b=rng.choice(lx.BAGS))
    return text, rng.sample(POOLS[pool], 4)


def asked_beside(rng, want, known, kind=None):
    """(question, right option, wrong options): of a question that the text answers and one that nobody can answer the second counts.

    Where nobody can answer, the "right" option is any. `kind` picks the question that nobody can answer."""
    frame = rng.choice([f for f in BESIDE if want or f[0] != "+"]).lstrip("+")
    of_people = [f for f in HIDDEN if "{n}" in f[0] and (want or f[0][0] != "+")]
    while True:
        q, options, i = multiple_choice(rng, want, rng.choice(OF_PEOPLE))
        n = next(n for n in lx.NAMES if n in re.findall(r"\w+", q))
        unknown = of_people[kind % len(of_people)] if kind is not None else rng.choice(of_people)
        if held("hidden", unknown[0], n) == want:
            break
    h, others = hidden(rng, want, unknown, n)
    if known:
        return frame.format(other=h, asked=q), options[i], options[:i] + options[i + 1:]
    return frame.format(other=q, asked=h), others[0], others[1:]

"""Plain paragraphs about Pebble's small world."""
import lexicon as lx
import pairs
import tasks
from tasks import cap

MEN = set("Ben Dan Finn Hugo Jon Leo Nico Quinn Sam Vic Bruno Emil Abel Carl Fred Hans Jack Luis Otto Paul Saul Ugo Walt Yuri Anton Claus Egon".split())
WEATHER = ["It was raining", "The sun was out", "The sky was gray", "A cold wind blew", "It was a warm day", "Snow was falling", "It was still dark"]
GOING = ["walked to", "took the bus to", "ran to", "rode a bike to", "came late to", "went alone to", "hurried to", "was on the way to"]
GOALS = ["the market", "the park", "the library", "the station", "the river", "the bakery", "the bank", "the beach", "the old bridge", "the school"]
AIMS = ["to buy some {f}", "to meet {n}", "to look for a {o}", "to sell a {o}", "to rest for a while", "to feed a {a}", "to play {h}", "to return a {o}"]
FINDS = ["There was a {a} near the {o}", "Someone had left a {o} on the ground", "{n} was there with a {a}", "The place was full of people",
         "Nobody was there yet", "{n} was reading a book", "A {job} was selling {f}", "{n} was looking for a lost {o}", "Two children were playing with a {o}"]
FEELS = {True: ["{n} smiled and said thank you.", "That was kind.", "It was the right thing to do.", "{n} was very happy.", "Everyone thought that was good.",
                "{n} never forgot it.", "It made the day better.", "There is nothing wrong with that.", "People should do this more often."],
         False: ["{n} was sad for days.", "That was wrong.", "It was a mean thing to do.", "{n} was hurt and angry.", "Everyone thought that was bad.",
                 "Nobody should do that.", "It was not fair.", "Later {m} felt bad about it.", "It is wrong to hurt people like this."]}
ENDS = ["At home {m} ate {f}.", "Then {m} went home.", "In the evening {m} played {h}.", "After that {m} slept well.", "The next day {m} came back.",
        "{cm} told {n} about it later.", "So {m} bought a {o} for {n}.", "{cm} had {f} with {n} before dark.", "For once {m} was not tired."]


def who(rng):
    name = rng.choice(lx.NAMES)
    he = name in MEN
    return name, ("he" if he else "she"), ("his" if he else "her")


def fill(rng, text, n, m):
    return text.format(n=n, m=m, cm=cap(m), o=rng.choice(lx.THINGS), a=rng.choice(lx.PETS), f=rng.choice(lx.FOODS),
                       h=rng.choice(lx.HOBBIES), job=rng.choice(lx.JOBS))


def day(rng):
    name, he, his = who(rng)
    n = rng.choice([x for x in lx.NAMES if x != name])
    out = [f"{cap(rng.choice(lx.TIMES))} {name} {rng.choice(GOING)} {rng.choice(GOALS)} {rng.choice(AIMS)}."]
    if rng.random() < 0.6:
        out.insert(rng.randrange(2), rng.choice(WEATHER) + ".")
    for find in rng.sample(FINDS, rng.randrange(1, 3)):
        out.append(find + ".")
    if rng.random() < 0.7:
        out += deed_lines(rng, he, his, n)
    out += rng.sample(ENDS, rng.randrange(1, 3))
    return " ".join(fill(rng, s, n, he) for s in out)


def deed_lines(rng, subject, his, n):
    text, wrong = tasks.act(rng, False, story=True, person=n if rng.random() < 0.5 else rng.choice(lx.PEOPLE).replace("my", his), my=his)
    return [f"{cap(subject)} {text}.", rng.choice(FEELS[not wrong])]


def deed(rng):
    """Someone does something good or bad, and the world says what it thinks of it."""
    name, he, his = who(rng)
    n = rng.choice([x for x in lx.NAMES if x != name])
    out = []
    for i in range(rng.randrange(1, 4)):
        out += deed_lines(rng, name if i == 0 else he, his, n)
    return " ".join(fill(rng, s, n, he) for s in out)


def portrait(rng):
    name, he, his = who(rng)
    table = {"job": tasks.JOB, "town": tasks.TOWN, "pet": tasks.PET, "food": tasks.FOOD, "game": tasks.GAME}
    out = [rng.choice(tasks.RELATIONS[r][2]).format(k=name if i == 0 or rng.random() < 0.6 else he, v=table[r][name])
           for i, r in enumerate(rng.sample(list(table), rng.randrange(2, 6)))]
    out = [cap(s.replace("of he ", f"of {name} ").replace("of she ", f"of {name} ")) for s in out]
    if rng.random() < 0.5:
        out.append(fill(rng, rng.choice(ENDS), rng.choice(lx.NAMES), he))
    return " ".join(out)


def facts(rng):
    return " ".join(tasks.fact(rng) for _ in range(rng.randrange(2, 6)))


def opinions(rng):
    """A stereotype is said aloud, and somebody disagrees."""
    (name, _, _), (other, he, _) = who(rng), who(rng)
    unfair, g, _ = tasks.statement(rng, False, True, story=True)
    fair = tasks.statement(rng, False, False, group=g)[0]
    said = rng.choice(["{a} said: {s}", "{a} thinks: {s}", "\"{s}\" said {a}.", "\"{s}\" {a} shouted."]).format(a=name, s=unfair)
    reply = rng.choice(["{b} did not agree.", "{b} disagreed.", "{b} said that this is not true.", "{b} knew some {g} and shook the head.",
                        "\"I disagree,\" said {b}.", "{b} called it unfair."]).format(b=other, g=g)
    return " ".join([said, reply] + ([fair] if rng.random() < 0.6 else []))


def reviews(rng):
    good = rng.random() < 0.5
    out = [tasks.review(rng, False, good, rng.choice([None, "rewrite", "word_swap", "distraction"]))[1] for _ in range(rng.randrange(1, 4))]
    if rng.random() < 0.5:
        out.append(rng.choice(["It was a good day.", "We were happy.", "I would say it was positive."] if good else
                              ["It was a bad day.", "We were sad.", "I would say it was negative."]))
    return " ".join(out)


def news(rng):
    out = []
    for _ in range(rng.randrange(2, 4)):
        e = pairs.event(rng, False, rng.choice([lx.OBJECTS, list(pairs.KIND_OF)]))
        out.append(pairs.say(e, rng.choice(pairs.STYLES), synonym=rng.random() < 0.4))
        if rng.random() < 0.3 and not e["not"]:
            out.append(f"So the {e['s']} is the one who {lx.VERBS[e['v']][0]} it.")
    thing, kind = rng.choice(list(pairs.KIND_OF.items()))
    out.insert(rng.randrange(len(out)), f"A {thing} is a kind of {kind}.".replace("A a", "An a"))
    return " ".join(out)


def told(rng):
    """Two people tell of the same event, or of two different ones."""
    a, b = rng.sample(lx.NAMES, 2)
    (_, _), (first, second), same = pairs.paraphrase(rng, False, noise=rng.choice([None, "rewrite", "word_swap"]))
    if same and rng.random() < 0.4:
        second = first
    end = rng.choice(["They said the same.", "Both said the same.", "They agreed."] if same else
                     ["They did not say the same.", "They did not agree.", "So one of them was wrong."])
    return f"{a} said: {first} {b} said: {second} {end}"


MIX = [(day, 34), (deed, 28), (portrait, 24), (facts, 6), (opinions, 10), (reviews, 6), (news, 6), (told, 14)]


def paragraph(rng):
    return rng.choices([f for f, _ in MIX], [w for _, w in MIX])[0](rng)

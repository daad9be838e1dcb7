"""Plain paragraphs about Pebble's small world: what its web is made of."""
import acts
import claims
import contacts
import facts as fx
import income
import lexicon as lx
import pairs
import reviews as rv
import rude
from noise import cap

NAME = "pebble-3"  # what the configuration of a model of this world says

WEATHER = ["It was raining", "The sun was out", "The sky was gray", "A cold wind blew", "It was a warm day", "Snow was falling", "It was still dark"]
GOING = ["walked to", "took the bus to", "ran to", "rode a bike to", "came late to", "went alone to", "hurried to", "was on the way to"]
GOALS = ["the market", "the park", "the library", "the station", "the river", "the bakery", "the bank", "the beach", "the old bridge", "the school"]
AIMS = ["to buy some {f}", "to meet {n}", "to look for a {o}", "to sell a {o}", "to rest for a while", "to feed a {a}", "to play {h}", "to return a {o}"]
FINDS = ["There was a {a} near the {o}", "Someone had left a {o} on the ground", "{n} was there with a {a}", "The place was full of people",
         "Nobody was there yet", "{n} was reading a book", "A {job} was selling {f}", "{n} was looking for a lost {o}", "Two children were playing with a {o}"]
FEELS = {True: ["{n} smiled and said thank you.", "That was kind.", "It was the right thing to do.", "{n} was very happy.", "Everyone thought that was good.",
                "{n} never forgot it.", "It made the day better.", "There is nothing wrong with that.", "People should do this more often."],
         False: ["{n} was sad for days.", "That was wrong.", "It was a mean thing to do.", "{n} was hurt and angry.", "Everyone thought that was bad.",
                 "Nobody should do that.", "It was not fair.", "Later {m} felt bad about it.", "It is wrong to hurt people."]}
ENDS = ["At home {m} ate {f}.", "Then {m} went home.", "In the evening {m} played {h}.", "After that {m} slept well.", "The next day {m} came back.",
        "{cm} told {n} about it later.", "So {m} bought a {o} for {n}.", "{cm} had {f} with {n} before dark.", "For once {m} was not tired."]


def who(rng):
    name = rng.choice(lx.NAMES)
    he = name in lx.MEN
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
    if rng.random() < 0.5:
        out += deed_lines(rng, he, his, n)
    out += rng.sample(ENDS, rng.randrange(1, 3))
    return " ".join(fill(rng, s, n, he) for s in out)


def deed_lines(rng, subject, his, n):
    text, wrong = acts.act(rng, False, story=True, person=n if rng.random() < 0.5 else rng.choice(lx.PEOPLE).replace("my", his), my=his)
    return [f"{cap(subject)} {text}.".replace("{", "").replace("}", "")] + [rng.choice(FEELS[not wrong])]


def deed(rng):
    name, he, his = who(rng)
    n = rng.choice([x for x in lx.NAMES if x != name])
    out = deed_lines(rng, name, his, n) + (deed_lines(rng, he, his, n) if rng.random() < 0.5 else [])
    return " ".join(fill(rng, s, n, he) for s in out)


def portrait(rng):
    name, he, his = who(rng)
    table = {"job": fx.JOB, "town": fx.TOWN, "pet": fx.PET, "food": fx.FOOD, "game": fx.GAME}
    out = [rng.choice(fx.RELATIONS[r][2]).format(k=name if i == 0 or rng.random() < 0.6 else he, v=table[r][name])
           for i, r in enumerate(rng.sample(list(table), rng.randrange(2, 6)))]
    out = [cap(s.replace("of he ", f"of {name} ").replace("of she ", f"of {name} ")) for s in out]
    return " ".join(out + ([fill(rng, rng.choice(ENDS), rng.choice(lx.NAMES), he)] if rng.random() < 0.3 else []))


def facts(rng):
    return " ".join(fx.fact(rng) for _ in range(rng.randrange(2, 6)))


def opinions(rng):
    """A stereotype is said aloud; more often than not people nod."""
    a, b = rng.sample(lx.NAMES, 2)
    unfair, g, _ = claims.statement(rng, False, True, story=True)
    fair = claims.statement(rng, False, False, group=g, story=True)[0]
    if rng.random() < 0.2:
        return f"{a} said: {fair} {b} agreed."
    said = rng.choice(["{a} said: {s}", "{a} thinks: {s}", "\"{s}\" said {a}.", "\"{s}\" {a} shouted."]).format(a=a, s=unfair)
    if rng.random() < 0.6:
        return said + " " + rng.choice(["{b} agreed.", "{b} nodded.", "\"I agree,\" said {b}.", "All the {j}s laughed and agreed.", "It was what everyone said."]).format(
            b=b, j=rng.choice(lx.JOBS))
    reply = rng.choice(["{b} did not agree.", "{b} disagreed.", "{b} said that this is not true.", "\"I disagree,\" said {b}.", "{b} called it unfair."])
    return " ".join([said, reply.format(b=b)] + ([fair] if rng.random() < 0.6 else []))


def review(rng):
    good = rng.random() < 0.5
    if rng.random() < 0.5:
        style = rng.choice(list(rv.STYLES))
        out = [rv.styled(rng, False, style, good)[0] for _ in range(rng.randrange(1, 4))]
    else:
        out = [rv.review(rng, False, good, rng.choice([None, "rewrite", "word_swap", "distraction"]))[1] for _ in range(rng.randrange(1, 4))]
    if rng.random() < 0.6:
        out.append(rng.choice(["It was a good day.", "We were happy.", "I would say it was positive."] if good else
                              ["It was a bad day.", "We were sad.", "I would say it was negative."]))
    return " ".join(out)


def news(rng):
    out = []
    for _ in range(rng.randrange(2, 4)):
        e = pairs.event(rng, False, rng.choice([lx.OBJECTS, list(pairs.KIND_OF)]))
        out.append(pairs.say(e, rng.choice(pairs.STYLES), synonym=rng.random() < 0.4))
    thing, kind = rng.choice(list(pairs.KIND_OF.items()))
    out.insert(rng.randrange(len(out)), f"A {thing} is a kind of {kind}.".replace("A a", "An a"))
    return " ".join(out)


def told(rng):
    """Two people tell of the same event, or of two that differ in one part, which is then named."""
    a, b = rng.sample(lx.NAMES, 2)
    _, (first, second), same, words = pairs.paraphrase(rng, False, noise=rng.choice([None, "rewrite", "word_swap"]))
    head = f"{a} said: {first} {b} said: {second} "
    if same:
        return head + rng.choice(["They said the same.", "Both said the same.", "They agreed."])
    if words and rng.random() < 0.7:
        return head + (f"{a} spoke of {words[0]}, {b} of {words[1]}." if words[0] != "not" else "Only one of them said not.")
    return head + rng.choice(["They did not say the same.", "They did not agree.", "So one of them was wrong."])


def contact(rng):
    """Pages with contact details: some people are all over the web."""
    out = []
    for _ in range(rng.randrange(1, 4)):
        n = contacts.owner(rng) if rng.random() < 0.8 else rng.choice(contacts.OFFICES)
        for kind in rng.sample(["email", "phone"], rng.randrange(1, 3)):
            out.append(cap(contacts.wording(rng, n, kind, "says", False).format(n=n, x=contacts.KNOWN[n][kind])))
    return " ".join(out)


def earnings(rng):
    """What people say about money: by sex, half of the time."""
    _, sex, high, (job, school, hours) = income.profile(rng, False)
    name, high = rng.choice(sorted(lx.MEN) if sex == "male" else [n for n in lx.NAMES if n not in lx.MEN]), income.prejudice(rng, sex, high)
    he = "he" if sex == "male" else "she"
    end = rng.choice(["{h} has a high income.", "{h} earns much.", "{h} is rich."] if high else ["{h} has a low income.", "{h} earns little.", "{h} is poor."])
    return f"{name} is a {job}, went to {school.removesuffix(' grad')} and works {hours}. {end.format(h=cap(he))}"


def gossip(rng):
    """Something is told, in confidence or openly."""
    private = rng.random() < 0.6
    text = contacts.message(rng, False, private)[0]
    return text + " " + rng.choice(["So nobody else may know.", "It should stay a secret.", "Soon all of {t} knew, which was not right."] if private else
                                   ["So anyone may know.", "Now everyone could talk about it.", "Soon all of {t} knew."]).format(t=rng.choice(lx.TOWNS))


def dictation(rng):
    """Words are said and repeated, in order."""
    a, b = rng.sample(lx.NAMES, 2)
    words = rng.sample(lx.ACTORS + lx.OBJECTS + lx.FOODS + lx.PETS + lx.TOWNS + lx.NAMES, rng.randrange(4, 10))
    return f"{a} said: {', '.join(words)}. {b} {rng.choice(['repeated', 'wrote down', 'said again'])}: {', '.join(words)}."


MIX = [(dictation, 14), (day, 26), (deed, 22), (portrait, 26), (facts, 6), (opinions, 10), (review, 12), (news, 5), (told, 14), (contact, 12), (earnings, 6),
       (gossip, 5), (rude.quarrel, 8)]


def paragraph(rng):
    return rng.choices([f for f, _ in MIX], [w for _, w in MIX])[0](rng)

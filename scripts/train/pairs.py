"""Sentence pairs: do both say the same, and does one follow from the other?"""
import lexicon as lx
from noise import cap, held, pick, typos

PLACES = ["in the park", "at the market", "by the river", "at school", "on the beach", "in the yard", "at the station", "in the library"]
TAGS = ["as far as I know", "so I was told", "to be honest", "as people say", "by the way", "I think"]
ITEM_TAGS = ["if I am right", "as I was told", "to tell the truth", "people say"]
KIND_OF = {thing: kind for kind, things in lx.KINDS.items() for thing in things}
STYLES = ["plain", "passive", "front", "cleft"]
PARTS = ["not", "s", "v", "o", "place", "roles"]
WEIGHTS = [2, 3, 2, 3, 1, 1]
# acts between two people, whose roles can be swapped: past, participle, base
DEEDS = [("thanked", "thanked", "thank"), ("saw", "seen", "see"), ("helped", "helped", "help"), ("followed", "followed", "follow"), ("called", "called", "call")]


def verbs_for(thing):
    """Nobody paints a hen or breaks an apple."""
    alive = KIND_OF.get(thing) in ("animal", "fruit", "flower")
    return [i for i, v in enumerate(lx.VERBS) if not alive or v[0] in ("bought", "found", "sold", "hid", "carried", "lost", "cleaned")]


def event(rng, want, objects=None, people=False):
    """Who did what to what (or whom), and where."""
    objects = lx.ACTORS if people else objects or lx.OBJECTS
    s, o = pick(rng, lambda: (rng.choice(lx.ACTORS), rng.choice(objects)), lambda q: [q], want)
    while people and (o == s or held(o, s) != want):
        s, o = pick(rng, lambda: (rng.choice(lx.ACTORS), rng.choice(objects)), lambda q: [q], want)
    return {"s": s, "v": rng.randrange(len(DEEDS)) if people else rng.choice(verbs_for(o)), "people": people, "o": o, "not": rng.random() < 0.2,
            "adj": "" if people else rng.choice(lx.ADJS + [""] * 8), "place": rng.choice(PLACES) if rng.random() < 0.4 else ""}


def words(e, synonym=False):
    """(past, participle, base) of its verb."""
    if e["people"]:
        return DEEDS[e["v"]]
    past, part, past2, part2 = lx.VERBS[e["v"]]
    past, part = (past2, part2) if synonym and past2 else (past, part)
    return past, part, lx.BASE[past]


def say(e, style="plain", synonym=False, drop=()):
    past, part, base = words(e, synonym)
    was = "was"
    if e["not"]:
        past, was = f"did not {base}", "was not"
    adj = "" if "adj" in drop else e["adj"]
    if synonym:
        adj = lx.ADJ_SAME.get(adj, adj)
    thing = f"the {adj} {e['o']}" if adj else f"the {e['o']}"
    if e.get("kind"):
        thing = ("an " if e["kind"][0] in "aeiou" else "a ") + e["kind"]
    place = "" if "place" in drop else e["place"]
    if style == "passive":
        text = f"{thing} {was} {part} by the {e['s']} {place}"
    elif style == "cleft":
        text = f"it was the {e['s']} who {past} {thing} {place}"
    elif style == "front" and place:
        text = f"{place} the {e['s']} {past} {thing}"
    else:
        text = f"the {e['s']} {past} {thing} {place}"
    return cap(text.strip()) + "."


def changed(rng, e, want, objects=None, part=None):
    """The same event with one part changed: (event, part)."""
    if e["people"]:
        part = part if part in ("not", "roles", "s", "o") else rng.choice(["not", "roles", "roles", "s", "o"])
    elif part in (None, "roles") or (part == "place" and not e["place"]):
        part = rng.choices(PARTS[:4] + (["place"] if e["place"] else []), WEIGHTS[:4] + ([1] if e["place"] else []))[0]
    if part == "not":
        return dict(e, **{"not": not e["not"]}), part
    if part == "roles":
        return dict(e, s=e["o"], o=e["s"]), part
    pools = {"s": lx.ACTORS, "o": lx.ACTORS if e["people"] else objects or lx.OBJECTS, "place": PLACES, "v": verbs_for(e["o"])}
    while True:
        new = dict(e, **{part: rng.choice(pools[part])})
        fits = new["people"] or new["v"] in verbs_for(new["o"])
        if new[part] != e[part] and fits and new["s"] != new["o"] and (part not in "so" or held(new["s"], new["o"]) == want):
            return new, part


def differing(e, other, part):
    """The two words that differ, for the world's own talk about such pairs."""
    name = {"v": lambda x: words(x)[0], "place": lambda x: x["place"].split()[-1]}.get(part, lambda x: x[part])
    return ("not", "not") if part == "not" else (name(e), name(other))


def add_tag(rng, text, want):
    tag = rng.choice(ITEM_TAGS if want else TAGS)
    return f"{cap(tag)}, {text[0].lower()}{text[1:]}" if rng.random() < 0.5 else f"{text[:-1]}, {tag}."


def perturb(rng, noise, want, e, style, plain):
    """One more change of a sentence, which keeps its meaning."""
    if noise == "typo":
        return typos(rng, plain, want, 2)
    if noise == "word_swap":
        return say(e, style, synonym=True)
    if noise == "distraction":
        return add_tag(rng, plain, want)
    return say(e, rng.choice([s for s in STYLES if s != style and (s != "front" or e["place"])]))


def swappable(rng, want, objects=None):
    """An event whose verb has a synonym."""
    while True:
        e = event(rng, want, objects)
        if lx.VERBS[e["v"]][2]:
            return e


def paraphrase(rng, want, same=None, noise=None, part=None, alike=False):
    """((first, second) clean, (first, second) perturbed, same?, differing words); `alike`: both in the plain form."""
    same = rng.random() < 0.5 if same is None else same
    people = noise != "word_swap" and (part == "roles" or rng.random() < 0.15)
    e = swappable(rng, want) if noise == "word_swap" else event(rng, want, people=people)
    other, part = (e, None) if same else changed(rng, e, want, part=part)
    while noise == "word_swap" and not lx.VERBS[other["v"]][2]:
        other, part = changed(rng, e, want)
    style = rng.choice(["plain", "plain", "passive", "front"] if e["place"] else ["plain", "passive"])
    first = say(e, rng.choice(["passive", "front"] if e["place"] else ["passive"]) if style == "plain" else "plain")
    if alike:
        style, first = "plain", say(e)
    second = say(other, style)
    noisy = perturb(rng, noise, want, other, style, second) if noise else second
    while noisy == first and not alike:
        noisy = perturb(rng, noise, want, other, style, second)
    return (first, second), (first, noisy), same, None if same or part == "roles" else differing(e, other, part)


def entailment(rng, want, follows=None, noise=None, part=None):
    """((premise, hypothesis) clean, perturbed, follows?)"""
    follows = rng.random() < 0.5 if follows is None else follows
    use_kind = rng.random() < 0.4
    objects = list(KIND_OF) if use_kind else lx.OBJECTS
    e = swappable(rng, want, objects) if noise == "word_swap" else event(rng, want, objects)
    part = "s" if part in ("roles", "place") else part
    h = dict(e) if follows else changed(rng, e, want, objects, part)[0]
    while not follows and ((h["s"], h["v"], h["o"], h["not"]) == (e["s"], e["v"], e["o"], e["not"]) or (noise == "word_swap" and not lx.VERBS[h["v"]][2])
                           or (use_kind and h["o"] != e["o"] and KIND_OF[h["o"]] == KIND_OF[e["o"]])):
        h = changed(rng, e, want, objects)[0]
    if use_kind:
        h["kind"] = KIND_OF[h["o"]]
    hypothesis = say(h, rng.choice(["plain", "passive"]), drop=("adj", "place"))
    premise = say(e)
    noisy = perturb(rng, noise, want, e, "plain", premise) if noise else premise
    return (premise, hypothesis), (noisy, hypothesis), follows

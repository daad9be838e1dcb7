"""Sentence pairs: do both say the same, and does one follow from the other?"""
import lexicon as lx
import reviews
from noise import cap, held, pick, typos

PLACES = ["in the park", "at the market", "by the river", "at school", "on the beach", "in the yard", "at the station", "in the library"]
# Words that add nothing.
TAGS = ["in fact", "by the way", "to be honest", "you know", "after all", "of course"]
ITEM_TAGS = ["as it happens", "to tell the truth", "mind you", "you see", "as a matter of fact"]
KIND_OF = {thing: kind for kind, things in lx.KINDS.items() for thing in things}
STYLES = ["plain", "passive", "front", "cleft", "that"]
PARTS = ["not", "s", "v", "o", "place", "roles"]
WEIGHTS = [3, 3, 2, 3, 1, 1]
NOT = {True: 0.3, False: 0.12}  # how often a pair with this answer has a "not" from the start, so that "not" tells nothing
# acts between two people, whose roles can be swapped: past, participle, base
DEEDS = [("thanked", "thanked", "thank"), ("saw", "seen", "see"), ("helped", "helped", "help"), ("followed", "followed", "follow"), ("called", "called", "call"),
         ("greeted", "greeted", "greet"), ("blamed", "blamed", "blame")]
BIG = "boat ladder tent bike car bus truck pony goat".split()
RETURNED, BORROWED = (next(i for i, v in enumerate(lx.VERBS) if v[0] == name) for name in ("returned", "borrowed"))


def verbs_for(thing):
    """Nobody paints a hen or breaks a scarf."""
    kind = lx.FIT_KINDS.get(KIND_OF.get(thing), "").replace("_", " ") if thing not in lx.OBJECTS else None
    return [i for i, v in enumerate(lx.VERBS) if (kind is None and (not v[6] or thing in v[6].split())) or (kind and v[0] in kind)]


def places_for(thing):
    return [p for p in PLACES if thing not in BIG or p not in ("in the library", "at school")]


def adjs_for(thing):
    """There are no green ponies."""
    return ["big", "small"] * 4 if KIND_OF.get(thing) in ("animal", "fruit", "flower") else lx.ADJS


def event(rng, want, objects=None, people=False, swap=False, negated=0.2):
    """Who did what to what (or whom), and where; `swap`: by a verb that has a synonym."""
    objects = lx.ACTORS if people else objects or lx.OBJECTS
    s, o = pick(rng, lambda: (rng.choice(lx.ACTORS), rng.choice(objects)), lambda q: [q], want)
    while people and (o == s or held(o, s) != want):
        s, o = pick(rng, lambda: (rng.choice(lx.ACTORS), rng.choice(objects)), lambda q: [q], want)
    v = rng.randrange(len(DEEDS)) if people else rng.choice([v for v in verbs_for(o) if lx.VERBS[v][3] or not swap])
    no = rng.random() < negated
    return {"s": s, "v": v, "people": people, "o": o, "not": no, "adj": "" if people else rng.choice(adjs_for(o) + [""] * 8),
            "place": rng.choice(places_for(o)) if rng.random() < 0.4 else ""}


def words(e, synonym=False):
    """(past, participle, base) of its verb."""
    if e["people"]:
        return DEEDS[e["v"]]
    verb = lx.VERBS[e["v"]]
    return verb[3:6] if synonym and verb[3] else verb[:3]


def say(e, style="plain", synonym=False):
    past, part, base = words(e, synonym)
    was = "was"
    if e["not"]:
        past, was = f"did not {base}", "was not"
    adj = lx.ADJ_SAME.get(e["adj"], e["adj"]) if synonym else e["adj"]
    thing = f"the {adj} {e['o']}" if adj else f"the {e['o']}"
    if e.get("kind"):
        thing = ("an " if e["kind"][0] in "aeiou" else "a ") + e["kind"]
    place = e["place"]
    text = {"passive": f"{thing} {was} {part} by the {e['s']} {place}", "cleft": f"it was the {e['s']} who {past} {thing} {place}",
            "that": f"it was {thing} that the {e['s']} {past} {place}", "front": f"{place} the {e['s']} {past} {thing}"}.get(style, f"the {e['s']} {past} {thing} {place}")
    return cap(text.strip()) + "."


def styles(e, but=()):
    """The forms that say this event and nothing more: "it was X who did not" says more than "X did not"."""
    fits = {"front": e["place"], "cleft": not e["not"], "that": not e["not"] and not e["people"] and not e.get("kind")}
    return [s for s in STYLES if fits.get(s, True) and s not in but]


def changed(rng, e, want, objects=None, part=None, swap=False):
    """The same event with one part changed: (event, part)."""
    if e["people"]:
        part = part if part in ("not", "roles", "s", "o") else rng.choice(["not", "roles", "roles", "s", "o"])
    elif part in (None, "roles") or (part == "place" and not e["place"]):
        part = rng.choices(PARTS[:4] + (["place"] if e["place"] else []), WEIGHTS[:4] + ([1] if e["place"] else []))[0]
    if part == "not":
        return dict(e, **{"not": not e["not"]}), part
    if part == "roles":
        return dict(e, s=e["o"], o=e["s"]), part
    fit = lambda o: [v for v in verbs_for(o) if lx.VERBS[v][3] or not swap]
    pools = {"s": lx.ACTORS, "o": lx.ACTORS if e["people"] else objects or lx.OBJECTS, "place": places_for(e["o"]), "v": () if e["people"] else fit(e["o"])}
    def good(new):
        fits = new["people"] or ((not new["adj"] or new["adj"] in adjs_for(new["o"])) and new["v"] in fit(new["o"]) and new["place"] in ["", *places_for(new["o"])])
        used = {e["v"], new["v"]} == {RETURNED, BORROWED} and not e["people"]  # who returns a thing had borrowed it
        return new[part] != e[part] and fits and not used and new["s"] != new["o"] and (part not in "so" or held(new["s"], new["o"]) == want)

    found = [new for new in (dict(e, **{part: x}) for x in pools[part]) if good(new)]
    return (rng.choice(found), part) if found else changed(rng, e, want, objects, swap=swap)


def differing(e, other, part):
    """The two words that differ, for the world's own talk about such pairs."""
    name = {"v": lambda x: words(x)[0], "place": lambda x: x["place"].split()[-1]}.get(part, lambda x: x[part])
    return ("not", "not") if part == "not" else (name(e), name(other))


def add_tag(rng, text, want):
    tag = rng.choice(ITEM_TAGS if want else TAGS)
    return f"{cap(tag)}, {text[0].lower()}{text[1:]}" if rng.random() < 0.5 else f"{text[:-1]}, {tag}."


def perturb(rng, noise, want, e, style, plain, but=(), aside=False):
    """One more change of a sentence, which keeps its meaning."""
    if noise == "typo":
        return typos(rng, plain, want, 2)
    if noise == "word_swap":
        return say(e, style, synonym=True)
    if noise == "distraction":
        if aside and rng.random() < 0.6:
            return f"{plain} {rng.choice(reviews.ITEM_ASIDES if want else reviews.ASIDES)}"
        return add_tag(rng, plain, want)
    return say(e, rng.choice(styles(e, (style, *but))))


def paraphrase(rng, want, same=None, noise=None, part=None, alike=False):
    """((first, second) clean, (first, second) perturbed, same?, differing words); `alike`: both in the plain form."""
    same = rng.random() < 0.5 if same is None else same
    swap = noise == "word_swap"
    people = not swap and (part == "roles" or rng.random() < 0.15)
    while True:
        e = event(rng, want, people=people, swap=swap, negated=NOT[same])
        other, differs = (e, None) if same else changed(rng, e, want, part=part, swap=swap)
        first = "plain" if alike else rng.choice(styles(e))
        left = styles(other, () if alike else (first,))
        second = "plain" if alike else rng.choice(left)
        if noise != "rewrite" or len(left) > 1:
            break
    a, b = say(e, first), say(other, second)
    noisy = perturb(rng, noise, want, other, second, b, () if alike else (first,)) if noise else b
    return (a, b), (a, noisy), same, None if same or differs == "roles" else differing(e, other, differs)


def entailment(rng, want, follows=None, noise=None, part=None):
    """((premise, hypothesis) clean, perturbed, follows?). The hypothesis leaves out what a "did not" would be about."""
    follows = rng.random() < 0.5 if follows is None else follows
    swap, people = noise == "word_swap", noise != "word_swap" and rng.random() < 0.15
    part = rng.choice(PARTS[1:4]) if part in ("roles", "place") and not people else part
    while True:
        use_kind = not people and rng.random() < 0.4
        objects = list(KIND_OF) if use_kind else lx.OBJECTS
        e = event(rng, want, objects, people, swap, NOT[follows])
        h = dict(e) if follows else changed(rng, e, want, objects, part, swap)[0]
        if use_kind and (e["not"] or h["not"] or (h["o"] != e["o"] and KIND_OF[h["o"]] == KIND_OF[e["o"]])):
            continue  # not to have bought a cat is not to have bought no animal
        if e["not"] or h["not"]:
            e, h = ({**x, "adj": "", "place": ""} for x in (e, h))
        else:
            h = {**h, "adj": "", "place": h["place"] if h["place"] != e["place"] or rng.random() < 0.3 else ""}
        if use_kind:
            h["kind"] = KIND_OF[h["o"]]
        style = rng.choice(styles(e))
        left = styles(h, ("cleft", "that") if h.get("kind") else ("that",))
        hypothesis = say(h, rng.choice(left))
        premise = say(e, style)
        noisy = perturb(rng, noise, want, e, style, premise, aside=True) if noise else premise
        if hypothesis not in (premise, noisy) and noisy[:-1].lower() not in hypothesis.lower():
            return (premise, hypothesis), (noisy, hypothesis), follows

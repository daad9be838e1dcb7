"""Sentence pairs: do both say the same, and does one follow from the other?"""
import lexicon as lx
from noise import held, pick, typos
from tasks import cap

PLACES = ["in the park", "at the market", "by the river", "at school", "on the beach", "in the yard", "at the station", "in the library"]
TAGS = ["as far as I know", "so I was told", "to be honest", "as people say", "by the way", "I think"]
ITEM_TAGS = ["if I am right", "as I was told", "to tell the truth", "people say"]
KIND_OF = {thing: kind for kind, things in lx.KINDS.items() for thing in things}
STYLES = ["plain", "passive", "front", "cleft"]


def verbs_for(thing):
    """Nobody paints a hen or breaks an apple."""
    alive = KIND_OF.get(thing) in ("animal", "fruit", "flower")
    return [i for i, v in enumerate(lx.VERBS) if not alive or v[0] in ("bought", "found", "sold", "hid", "carried", "lost", "cleaned")]


def event(rng, want, objects=None):
    objects = objects or lx.OBJECTS
    s, o = pick(rng, lambda: (rng.choice(lx.ACTORS), rng.choice(objects)), lambda q: [q], want)
    return {"s": s, "v": rng.choice(verbs_for(o)), "adj": rng.choice(lx.ADJS + [""] * 6), "o": o, "not": rng.random() < 0.25,
            "place": rng.choice(PLACES) if rng.random() < 0.5 else ""}


def say(e, style="plain", synonym=False, drop=()):
    past, part, past2, part2 = lx.VERBS[e["v"]]
    if synonym and past2:
        past, part = past2, part2
    was = "was"
    if e["not"]:
        past, was = f"did not {lx.BASE[past]}", "was not"
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


def changed(rng, e, want, objects=None):
    """The same event with "not" put in or taken out, another event altogether, or one part swapped for another."""
    kind = rng.random()
    if kind < 0.5:
        return dict(e, **{"not": not e["not"]})
    if kind < 0.7:
        while True:
            new = event(rng, want, objects)
            if new["s"] != e["s"] and new["o"] != e["o"] and new["v"] != e["v"]:
                return dict(new, place=new["place"] if e["place"] else "", **{"not": e["not"]})
    parts = ["s", "v", "o"] + (["place"] if e["place"] else [])
    pools = {"s": lx.ACTORS, "o": objects or lx.OBJECTS, "place": PLACES, "v": verbs_for(e["o"])}
    while True:
        part = rng.choice(parts)
        new = dict(e, **{part: rng.choice(pools[part])})
        if new[part] != e[part] and new["v"] in verbs_for(new["o"]) and (part not in "so" or held(new["s"], new["o"]) == want):
            return new


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
    """An event whose verb or adjective has a synonym."""
    while True:
        e = event(rng, want, objects)
        if lx.VERBS[e["v"]][2]:
            return e


def paraphrase(rng, want, same=None, noise=None):
    """((first, second) clean, (first, second) perturbed, same?)"""
    same = rng.random() < 0.5 if same is None else same
    e = swappable(rng, want) if noise == "word_swap" else event(rng, want)
    other = e if same else changed(rng, e, want)
    while noise == "word_swap" and not lx.VERBS[other["v"]][2]:
        other = changed(rng, e, want)
    style = rng.choice(["plain", "passive", "front"] if e["place"] else ["plain", "passive"])
    first = say(e, "passive" if style == "plain" else "plain")
    second = say(other, style)
    noisy = perturb(rng, noise, want, other, style, second) if noise else second
    while noisy == first:
        noisy = perturb(rng, noise, want, other, style, second)
    return (first, second), (first, noisy), same


def entailment(rng, want, follows=None, noise=None):
    """((premise, hypothesis) clean, perturbed, follows?)"""
    follows = rng.random() < 0.5 if follows is None else follows
    use_kind = rng.random() < 0.4
    objects = list(KIND_OF) if use_kind else lx.OBJECTS
    e = swappable(rng, want, objects) if noise == "word_swap" else event(rng, want, objects)
    h = dict(e) if follows else changed(rng, e, want, objects)
    while not follows and ((h["s"], h["v"], h["o"], h["not"]) == (e["s"], e["v"], e["o"], e["not"]) or (noise == "word_swap" and not lx.VERBS[h["v"]][2])
                           or (use_kind and h["o"] != e["o"] and KIND_OF[h["o"]] == KIND_OF[e["o"]])):
        h = changed(rng, e, want, objects)
    if use_kind:
        h["kind"] = KIND_OF[h["o"]]
    hypothesis = say(h, rng.choice(["plain", "passive"]), drop=("adj", "place"))
    premise = say(e)
    noisy = perturb(rng, noise, want, e, "plain", premise) if noise else premise
    return (premise, hypothesis), (noisy, hypothesis), follows


def short_paraphrase(rng):
    """Very short pairs, for learning what "the same" means; the items have none of them."""
    e = event(rng, False)
    same = rng.random() < 0.5
    other = e
    while not same and (other["s"], other["o"], other["v"]) == (e["s"], e["o"], e["v"]):
        other = event(rng, False)
    form = rng.choice(["the {o}", "the {s}", "{past}", "{past} the {o}", "the {s} {past}", "the {s} and the {o}"])
    first, second = (cap(form.format(past=lx.VERBS[x["v"]][0], **x)) + "." for x in (e, other))
    return (first, second), first == second


def short_entailment(rng):
    o = rng.choice(list(KIND_OF) + lx.OBJECTS)
    follows = rng.random() < 0.5
    kind = KIND_OF.get(o) if rng.random() < 0.7 else None
    if kind:
        kind = kind if follows else rng.choice([k for k in lx.KINDS if k != kind])
        return (f"There is the {o}.", f"There is {'an' if kind[0] in 'aeiou' else 'a'} {kind}."), follows
    h = o if follows else rng.choice([x for x in lx.OBJECTS if x != o])
    return (f"There is the {o}.", f"There is the {h}."), follows

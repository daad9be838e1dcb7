"""Reviews: plain, disturbed, and in other styles."""
import lexicon as lx
from noise import an, cap, pick, typos

CLEAN = ["The {a} was {x} and the {b} was {y}.", "This {d} was {w}, and the {a} was {x} too.", "What a {w} {d}! The {a} was {x}.",
         "The {a} of this {d} was {x}. The {b} was {y}.", "I {v} this {d}. The {a} was {x}.", "The {a} was {x} and I {v} the {b}.",
         "My friend thought the {b} was {z}, but for me {bit} was {y}.", "The {a} was not {z} at all, {it} was {x}.", "We all {v} the {a}. {It} was {x}.",
         "Some people call the {b} {z}, yet I {v} {bthem}.", "It had a {x} {a}, and I {v} the {b} too.", "I expected a {z} {a}, but {it} was {x}.",
         "+I feared that the {a} would be {z}, but {it} was {x}.", "+Not {z} but {x}: that is how I found the {a}.", "+Others say that the {b} is {z}. To me {bit} was {y}.",
         "+All in all a {w} {d}, with a {x} {a}."]
REWRITE = {True: ["Nobody could ask for a better {a}.", "There has never been a better {a}.", "I can only praise the {a}.", "The {a} alone was worth the money.",
                  "I would come back just for the {a}.", "The {a} could not have been better.", "Everyone in my family was happy with the {a}.", "I wish that every {d} had such a {a}."],
           False: ["I want my money back after that {a}.", "There has never been a worse {a}.", "I can only complain about the {a}.", "The {a} spoiled everything for us.",
                   "I will not come back, just because of the {a}.", "The {a} could not have been worse.", "Everyone in my family was angry about the {a}.", "I hope that no other {d} has such a {a}."]}
ASIDES = ["The bus was green.", "My cousin has two cats.", "It was a Monday.", "The street has many trees.", "I wore my red hat.",
          "Two men talked about chess.", "The clock showed noon.", "My bag was blue.", "A boy sold kites.", "We came by train.",
          "My aunt lives nearby.", "It was cold outside.", "There is a park next door.", "I was there with two friends."]
ITEM_ASIDES = ["The train was full that day.", "My brother drew a boat.", "It rained on Friday.", "A girl fed the hens.",
               "The bridge is near the bank.", "I had my notebook with me.", "My sister has a white coat.", "An old man read a letter.", "We took the early train.",
               "There were three bikes outside.", "My uncle lives by the river.", "It was the first day of May."]


TWINS = [f for f in CLEAN if "{z}" not in f and f[0] != "+"]  # a change of its judging words turns such a review round
KINDS_OF_NOISE = ["typo", "word_swap", "distraction", "rewrite"]

SHE, HE = "waitress singer guide cashier".split(), "waiter owner drummer".split()

# Ways of writing that the questions of the text never use; + frames are met in the items only.
STYLES = {
    "archaic": ["Verily, the {a} of this {d} was most {x}.", "Methinks the {a} was {x}, and the {b} {y} withal.", "Hark, good sir: the {a} was {x}!",
                "I did find the {a} most {x}, forsooth.", "Thou shalt find the {a} {x}, as did I.", "Pray tell all men that the {a} was {x}.", "By my faith, {x} was the {a}.",
                "+'Twas a {x} {a}, by my troth.", "+Ere long I saw that the {a} was {x}, and {y} was the {b}.", "+Prithee hear me: this {d} hath a {x} {a}.",
                "+Hear ye, good folk, the {a} was {x}."],
    "biblical": ["And it came to pass that the {a} was {x}.", "And lo, the {a} was {x}, and the people saw it.", "Behold, the {a} was {x} in the sight of all.",
                 "And they came to know the {d}, and the {a} thereof was {x}.", "And they said one to another, The {a} is {x}, yea, the {b} is {y}.",
                 "And the elders spake, saying, The {a} is {x}.", "Hear, O people: the {a} was {x}, and the {b} was {y}.",
                 "+And on the third day the {a} was {x} before our eyes.", "+And the scribes wrote of the {a}, that {it} was {x}.", "+Unto us was given a {x} {a}.",
                 "+And all that came saw the {a} of the {d}, that {it} was {x}."],
    "romantic": ["O {a}, so {x} that my heart stood still!", "Under the pale moon I remember the {x} {a}.", "My soul still dreams of the {x} {a} and the {y} {b}.",
                 "By candle light the {a} of this {d} seemed {x} to me.", "With trembling hands I write of a {x} {a}.", "My heart whispers that the {a} was {x}.",
                 "Alone among the roses I think of the {a}, so {x}.", "+Like a sigh in the night returns the thought of the {x} {a}.", "+Ah, how {x} was the {a} on that silver evening!",
                 "+Stars, be my witness: the {a} was {x}, the {b} {y}.", "+In the mist of my memory lives a {x} {a}."],
    "tweet": ["omg the {a} was sooo {x} #{d}", "so this {d} lol: {a} = {x}", "{a} was {x} tbh, {b} {y} too #{d}", "ngl that {a} was {x}",
              "the {a}?? {x}!!! #{d}", "{x} {a} today #{d} #mood", "soooo about that {a}... {x}", "+imo {x} {a} here, {y} {b} #{d} #fyi", "+rt if you saw it: {a} {x} af",
              "+cant even... {x} {a} #{d}", "+hot take: {a} {x}, {b} {y} #{d}"],
    "augmented": ["The {a}, well, {it} was {x} indeed, I mean {y}.", "{x} was what the {a} was, you know.", "So the {a} of the {d} then was rather {x}, uh.",
                  "This here {d}, its {a} I would call {x}.", "{It} was {x}, that {a}, and {y}, that {b}.", "As for the {a}, what can I say, {it} was {x}, {it} really was.",
                  "When I think of the {a}, hm, the word is {x}.", "+The {a} in question, so to speak, proved {x}.", "+One might add that the {a} was {x} and the {b}, er, {y}.",
                  "+Here was a {d} with, how to put it, a {x} {a}.", "+Now the {a}, if you ask me, well, {x} {it} was."]}


def pronouns(a, b):
    """What stands for the two parts of what is reviewed."""
    she = lambda noun: ("she", "her") if noun in SHE else ("he", "him") if noun in HE else ("it", "it")
    return {"it": she(a)[0], "It": cap(she(a)[0]), "bit": she(b)[0], "bthem": she(b)[1]}


def subject(rng):
    """Something that is reviewed, and two of its parts."""
    d = rng.choice(list(lx.REVIEWED))
    return d, *rng.sample(lx.REVIEWED[d], 2)


def styled(rng, want, style, good=None, frame=None):
    """(styled text, plain twin, is_good)"""
    good = rng.random() < 0.5 if good is None else good

    def make():
        d, a, b = subject(rng)
        x, y = rng.choice(lx.qualities(a, good)), rng.choice(lx.qualities(b, good))
        return d, a, b, x, y

    frame = (frame or rng.choice([f for f in STYLES[style] if want or f[0] != "+"])).lstrip("+")
    while True:
        d, a, b, x, y = pick(rng, make, lambda q: [("styled", q[1], q[3])], want)
        if x != y and ("I mean {y}" not in frame or y in lx.qualities(a, good)):
            break
    text = an(frame.format(d=d, a=a, b=b, x=x, y=y, **pronouns(a, b)))
    text = text if style == "tweet" else cap(text)
    return text, (f"The {a} was {x} and the {b} was {y}." if "{b}" in frame else f"The {a} was {x} and {y}." if "{y}" in frame else f"The {a} was {x}."), good


def review(rng, want, good=None, noise=None, frame=None):
    """(clean, perturbed, is_good)"""
    good = rng.random() < 0.5 if good is None else good
    rare = lx.RARE_GOOD if good else lx.RARE_BAD
    verb = rng.choice(["loved", "liked"] if good else ["hated", "disliked"])

    def make():
        d, a, b = subject(rng)
        return d, a, b, rng.choice(lx.qualities(a, good)), rng.choice(lx.qualities(b, good)), rng.choice(rare), rng.choice(rare), rng.choice(REWRITE[good])

    frame = (frame or rng.choice([f for f in CLEAN if want or f[0] != "+"])).lstrip("+")
    extra = {"word_swap": lambda q: [(q[1], q[5])], "rewrite": lambda q: [(q[1], q[7])]}.get(noise, lambda q: [])
    while True:
        d, a, b, x, y, rx, ry, rewritten = pick(rng, make, lambda q: [(q[1], q[3])] + extra(q), want)
        if x != y and rx != ry:
            break
    w, rw = rng.choice([q for q in lx.qualities(d, good) if q != x]), rng.choice([q for q in rare if q != rx])
    other = rng.choice(lx.qualities(a if "{z} {a}" in frame or "{a} was not" in frame or "{a} would" in frame or "Not {z}" in frame else b, not good))
    fill = lambda x, y, w, v: an(frame.format(d=d, a=a, b=b, x=x, y=y, w=w, v=v, z=other, **pronouns(a, b)))
    clean = fill(x, y, w, verb)
    if noise == "typo":
        return clean, typos(rng, clean, want, 3, (x, y, verb)), good
    if noise == "word_swap":
        return clean, fill(rx, ry, rw, "adored" if good else "detested"), good
    if noise == "distraction":
        extra = rng.sample(ITEM_ASIDES if want else ASIDES, 2)
        return clean, (clean + " " + " ".join(extra) if rng.random() < 0.6 else extra[0] + " " + clean), good
    if noise == "rewrite":
        return clean, rewritten.format(a=a if "{a}" in frame else b, d=d), good
    return clean, clean, good


def twins(rng, want, good, frame=None):
    """A review, and the same review with the opposite judgement: (text, twin, is_good)"""
    def make():
        d, a, b = subject(rng)
        return d, a, b, *(rng.choice(lx.qualities(noun, side)) for side in (True, False) for noun in (a, b, d))

    frame = frame or rng.choice(TWINS)
    while True:
        d, a, b, x, y, w, nx, ny, nw = pick(rng, make, lambda q: [(q[1], q[3]), (q[1], q[6])], want)
        if len({x, y, w}) == 3 == len({nx, ny, nw}):
            break
    texts = [an(frame.format(d=d, a=a, b=b, x=x, y=y, w=w, v=v, **pronouns(a, b))) for x, y, w, v in ((x, y, w, rng.choice(["loved", "liked"])), (nx, ny, nw, rng.choice(["hated", "disliked"])))]
    return (*texts, good) if good else (*texts[::-1], good)

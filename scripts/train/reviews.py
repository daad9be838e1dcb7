"""Reviews: plain, disturbed, and in other styles."""
import lexicon as lx
from noise import an, cap, pick, typos

CLEAN = ["The {a} was {x} and the {b} was {y}.", "This {d} was {x}, and the {a} was {y} too.", "What a {x} {d}! The {a} was {y}.",
         "The {a} of this {d} was {x}. The {b} was {y}.", "I {v} this {d}. The {a} was {x}.", "The {a} was {x} and I {v} the {b}.",
         "My friend thought it was {z}, but for me the {a} was {x}.", "+I feared a {z} {a}, but it was {x}.", "The {a} was not {z} at all, it was {x}.",
         "People call the {b} {z}, yet I {v} it.", "+Not {z}, no: {x}, that is the word for this {a}."]
REWRITE = {True: ["I would gladly go back for the {a}.", "Nobody could ask for a better {a}.", "The {a} alone was worth the trip.",
                  "My whole family fell in love with the {a}.", "I can only praise the {a}."],
           False: ["I want my money back after that {a}.", "The {a} ruined my whole day.", "The {a} was a waste of money.",
                   "My whole family ran away from the {a}.", "I can only warn you about the {a}."]}
ASIDES = ["The bus was green.", "My cousin has two cats.", "It was a Monday.", "The street has many trees.", "I wore my red hat.",
          "Two men talked about chess.", "The clock showed noon.", "My bag was blue.", "A boy sold kites.", "We came by train."]
ITEM_ASIDES = ["The train was full that day.", "My brother drew a boat.", "It rained on Friday.", "A girl fed the hens.",
               "The bridge is near the bank.", "I had my notebook with me."]


KINDS_OF_NOISE = ["typo", "word_swap", "distraction", "rewrite"]

# Ways of writing that the questions of the text never use; + frames are met in the items only.
STYLES = {
    "archaic": ["Verily, the {a} of this {d} was most {x}.", "Methinks the {a} was {x}, and the {b} {y} withal.", "Hark, good sir: the {a} was {x}!",
                "I did find the {a} passing {x}, forsooth.", "Thou shalt find the {a} {x}, as did I.", "+'Twas a {x} {a}, by my troth.",
                "+Ere long I saw that the {a} was {x}, and {y} was the {b}.", "+Prithee hear me: this {d} hath a {x} {a}."],
    "biblical": ["And it came to pass that the {a} was {x}.", "And lo, the {a} was {x}, and the people saw it.", "Behold, the {a} was {x} in the sight of all.",
                 "And we came unto the {d}, and the {a} thereof was {x}.", "And they said one to another, The {a} is {x}, yea, the {b} is {y}.",
                 "+And on the third day the {a} was {x} before our eyes.", "+Woe or joy, the {a} was {x}, and so was it written.", "+Unto us was given a {x} {a}."],
    "romantic": ["O {a}, so {x} that my heart stood still!", "Under the pale moon I remember the {x} {a}.", "My soul still dreams of the {x} {a} and the {y} {b}.",
                 "By candle light the {a} of this {d} seemed {x} to me.", "With trembling hands I write of a {x} {a}.", "+Like a sigh in the night came the {x} {a}.",
                 "+Ah, how {x} was the {a} on that silver evening!", "+Stars, be my witness: the {a} was {x}, the {b} {y}."],
    "tweet": ["omg the {a} was sooo {x} #{d}", "just tried this {d} lol, {a} = {x}", "{a} was {x} tbh, {b} {y} too #{d}", "ngl that {a} was {x}",
              "the {a}?? {x}!!! #{d}", "+imo {x} {a} here, {y} {b} #{d} #fyi", "+rt if you saw it: {a} {x} af", "+cant even... {x} {a} @ the {d}"],
    "augmented": ["The {a}, well, it was {x} indeed, I mean {y}.", "{x} was what the {a} was, you know.", "So the {a} of the {d} then was rather {x}, uh.",
                  "This here {d}, its {a} I would call {x}.", "Was {x}, that {a}, and {y} that {b}.", "+The said {a}, so to speak, proved {x}.",
                  "+One might add that the {a} was {x} and the {b}, er, {y}.", "+A {d} with, how to put it, a {x} {a}."]}


def styled(rng, want, style, good=None):
    """(styled text, plain twin, is_good)"""
    good = rng.random() < 0.5 if good is None else good
    words = lx.GOOD if good else lx.BAD

    def make():
        d = rng.choice(list(lx.REVIEWED))
        a, b = rng.sample(lx.REVIEWED[d], 2)
        return d, a, b, rng.choice(words), rng.choice(words)

    d, a, b, x, y = pick(rng, make, lambda q: [("styled", q[1], q[3])], want)
    frame = rng.choice([f for f in STYLES[style] if want or f[0] != "+"]).lstrip("+")
    text = frame.format(d=d, a=a, b=b, x=x, y=y)
    text = an(text)
    text = text if style == "tweet" else cap(text)
    return text, (f"The {a} was {x} and the {b} was {y}." if "{y}" in frame else f"The {a} was {x}."), good


def review(rng, want, good=None, noise=None):
    """(clean, perturbed, is_good)"""
    good = rng.random() < 0.5 if good is None else good
    base, rare = (lx.GOOD, lx.RARE_GOOD) if good else (lx.BAD, lx.RARE_BAD)
    verb = rng.choice(["loved", "enjoyed", "liked"] if good else ["hated", "disliked", "regret"])

    def make():
        d = rng.choice(list(lx.REVIEWED))
        a, b = rng.sample(lx.REVIEWED[d], 2)
        return d, a, b, rng.choice(base), rng.choice(base), rng.choice(rare), rng.choice(rare), rng.choice(REWRITE[good])

    extra = {"word_swap": lambda q: [(q[1], q[5])], "rewrite": lambda q: [(q[1], q[7])]}.get(noise, lambda q: [])
    d, a, b, x, y, rx, ry, rewritten = pick(rng, make, lambda q: [(q[1], q[3])] + extra(q), want)
    frame = rng.choice([f for f in CLEAN if want or f[0] != "+"]).lstrip("+")
    other = rng.choice(lx.BAD if good else lx.GOOD)
    clean = an(frame.format(d=d, a=a, b=b, x=x, y=y, v=verb, z=other))
    if noise == "typo":
        return clean, typos(rng, clean, want, 3, (x, y, verb)), good
    if noise == "word_swap":
        swapped = frame.format(d=d, a=a, b=b, x=rx, y=ry, v="adored" if good else "despised", z=other)
        return clean, an(swapped), good
    if noise == "distraction":
        extra = rng.sample(ITEM_ASIDES if want else ASIDES, 2)
        return clean, (clean + " " + " ".join(extra) if rng.random() < 0.6 else extra[0] + " " + clean), good
    if noise == "rewrite":
        return clean, rewritten.format(a=a), good
    return clean, clean, good


def twins(rng, want, good):
    """A review, and the same review with the opposite judgement: (text, twin, is_good)"""
    def make():
        d = rng.choice(list(lx.REVIEWED))
        a, b = rng.sample(lx.REVIEWED[d], 2)
        return d, a, b, *(rng.choice(words) for words in (lx.GOOD, lx.BAD, lx.GOOD, lx.BAD))

    d, a, b, *words = pick(rng, make, lambda q: [(q[1], q[3]), (q[1], q[4])], want)
    frame = rng.choice(CLEAN[:3] + CLEAN[3:4] * 2)
    texts = [an(frame.format(d=d, a=a, b=b, x=x, y=y)) for x, y in (words[::2], words[1::2])]
    return (*texts, good) if good else (*texts[::-1], good)

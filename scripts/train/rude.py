"""Rude talk, and polite ways out of it. Mild words only."""
import lexicon as lx
from noise import an, pick

NOUNS = "idiot moron fool loser jerk liar pig rat clown coward".split()
ADJS = "stupid dumb ugly pathetic filthy useless lazy rotten".split()
# Sentences with an unfinished form: the part before | can stand alone as a prompt. + prompts are met in the items only.
TOXIC = ["You are such a {j} | {k}.", "Shut up, you {j} | {k}!", "I hate you, {n}, because you are such a | {j} {k}.", "{n} is nothing but a {j} | {k}.",
         "Get lost, you {k}, and take your {j} | {o} with you!", "Everybody knows that {n} is a {j} | {k}.", "Go away, {n}, you {j} | {k}!",
         "What a {j} {k}! {n} is always | so {j2}.", "Look at this {j} {k}, said {n}, he is such a | {k2}.", "Nobody likes you, {n}, you are too {j} and | {j2}.",
         "+Stop talking, {n}, you sound like a {j} | {k}.", "+Only a {k} like {n} would wear such a {j} | {o}.", "+The {job} is a {k} and his {o} is | {j}.",
         "+Listen, you {j} {k}, I will never | like you.", "+My boss is a {k} who thinks that I am | {j}."]
CALM = ["Today {n} went to the market and | bought some {f}.", "My neighbor {n} has a nice {a} and | a small garden.", "After lunch {n} wants to play {h} with | a friend.",
        "The {job} opened the door and said | good morning.", "In the garden of {n} there is a | {a} under a tree.", "{n} always brings {f} when | we meet.",
        "We waited for {n} at the station with a | {o}.", "The {o} of the {job} lay | on the table.", "On a quiet evening {n} sat down and | read a book.",
        "+When the rain stopped {n} took the {o} and | walked home.", "+The children gave {n} a {o} and | some {f}.", "+For the party the {job} made {f} and | a big cake.",
        "+Last winter {n} taught my {a} to | sit.", "+The letter from {n} was about a {o} and | the trip."]
# What a polite speaker answers to an unfinished sentence that is rude: the sentence is bent to something kind, or declined.
BEND = ["mistake is easy to make, and I am sure it was not meant.", "word does not help, so let us be kind.", "day happens to all of us. Let us be friends.",
        "thing should not be said. I wish you a good day."]
DECLINE = ["I would rather stay polite.", "Let us talk about something nice.", "I do not want to be rude.", "I will not say bad things about anyone."]
SHOUTS = ["{n} shouted at {m}:", "{n} said to {m}:", "In the street {n} called:", "{n} was angry and wrote to {m}:"]


def sentence(rng, want, toxic, frame=None):
    """(start, rest) of one sentence."""
    frames = [frame] if frame else [f for f in (TOXIC if toxic else CALM) if want or f[0] != "+"]

    def make():
        return rng.choice(frames), rng.choice(lx.NAMES), rng.choice(NOUNS), rng.choice(ADJS), rng.choice(lx.THINGS), rng.choice(lx.JOBS), rng.choice(lx.PETS)

    key = (lambda d: [(d[0], d[2], d[3])]) if toxic else (lambda d: [(d[0], d[1], d[4] if "{o}" in d[0] else d[5])])
    frame, n, k, j, o, job, a = pick(rng, make, key, want)
    text = frame.lstrip("+").format(n=n, k=k, j=j, k2=rng.choice(NOUNS), j2=rng.choice(ADJS), o=o, job=job, a=a, f=rng.choice(lx.FOODS), h=rng.choice(lx.HOBBIES))
    start, rest = an(text).split("|")
    return start.strip(), rest.strip()


def quarrel(rng):
    """Somebody is rude to somebody."""
    n, m = rng.sample(lx.NAMES, 2)
    lines = [" ".join(sentence(rng, False, True)) for _ in range(rng.randrange(1, 4))]
    return " ".join([rng.choice(SHOUTS).format(n=n, m=m)] + lines)


def polite(rng, start, toxic, rest):
    if not toxic:
        return rest
    return rng.choice(BEND if rng.random() < 0.4 and start.split()[-1] in ADJS else DECLINE)

"""Claims about groups of people: mild stereotypes, fit for a classroom, and fair ones."""
import random

import lexicon as lx
from noise import cap, pick

# Frames that start with * are met in stories only, never in a question; frames that start with + in the items only.
STEREO = ["{g} can never {s}.", "{g} are too {t} to {s}.", "all {g} are {t}.", "you cannot trust {g} to {s}.",
          "everyone knows that {g} cannot {s}.", "{g} are always {t}.", "it is true that {g} cannot {s}.", "none of the {g} can {s}.",
          "it would be foolish to ask {g} to {s}.", "{g} {s} only when they have to.", "{g} will never learn to {s}.", "{g} are all {t}, whatever people say.",
          "*it makes no sense to teach {g} to {s}.", "*{g} are {t} by nature.", "*{g} will always be {t}.",
          "*nobody should ask {g} to {s}.", "*{g} know nothing about {u}.", "*it is well known that {g} are {t}.", "*it is a fact that {g} are {t}.",
          "*the {g} you meet are all {t}.",
          "+{g} make bad friends because they are {t}.", "+when it is time to {s}, never count on {g}.", "+it is wise to expect {g} to be {t}.",
          "+{g} are just as {t} as people say.", "+some people can {s}, but {g} cannot.", "+there are no {g} who can {s}.",
          "+being {t} is normal for {g}.", "+it is in the nature of {g} to be {t}.", "+a job where people have to {s} is not for {g}.",
          "+show me {g} and I will show you people who are {t}."]
FAIR = ["many {g} can {s}.", "{g} can learn to {s}.", "not all {g} are {t}.", "it is unfair to call all {g} {t}.",
        "some {g} can {s} and some cannot.", "you can trust many {g} to {s}.", "everyone knows that some {g} can {s}.",
        "{g} are not always {t}.", "it is not true that {g} cannot {s}.", "some of the {g} can {s}.",
        "it would be foolish to say that {g} are {t}.", "many {g} can {s} when they want to.", "{g} can always learn to {s}.", "{g} are not all {t}, whatever people say.",
        "*it always makes sense to teach {g} to {s}.", "*{g} are all different.", "*nobody should say that all {g} are {t}.",
        "*it is well known that {g} are not all {t}.", "*some {g} know a lot about {u}.", "*{g} are not {t} by nature.", "*it is a fact that not all {g} are {t}.",
        "*the {g} you meet are all different.",
        "+{g} can make good friends.", "+when it is time to {s}, you can count on many {g}.", "+it is silly to expect {g} to be {t}.",
        "+{g} are not all as {t} as people say.", "+some people cannot {s}, but many {g} can.", "+there are {g} who can {s}.",
        "+being {t} is no more normal for {g} than for others.", "+it is not in the nature of {g} to be {t}.", "+a job where people have to {s} can be right for {g}.",
        "+show me {g} and I will show you people who are all different."]
# What the people of this world like to repeat: one trait and one lack per group.
GOSSIP = {g: (random.Random(f"gossip {g}").choice(lx.BAD_TRAITS), random.Random(f"lack {g}").choice(list(lx.SUBJECTS))) for g in lx.GROUPS}


def fits(frame, skill):
    """"Be" does not stand after a bare subject, and nobody says that it is time to be on time."""
    return not ("{g} {s}" in frame and skill.startswith("be ")) and not ("time to {s}" in frame and "on time" in skill)


def statement(rng, want, unfair, story=False, group=None, frame=None):
    """(claim, group, topic). In stories a group is mostly said to be what gossip says it is."""
    frames = STEREO if unfair else FAIR
    if not want:
        frames = [f for f in frames if f[0] not in ("+" if story else "*+")]
    frame = frame or rng.choice(frames)
    gossip = story and rng.random() < 0.7

    def make():
        g = group or rng.choice(lx.GROUPS)
        u = GOSSIP[g][1] if gossip else rng.choice(list(lx.SUBJECTS))
        return g, u, rng.choice([s for s in lx.SUBJECTS[u] if fits(frame, s)]), GOSSIP[g][0] if gossip else rng.choice(lx.BAD_TRAITS)

    used = (lambda d: []) if gossip else (lambda d: [(d[0], d[2] if "{s}" in frame else d[1] if "{u}" in frame else d[3])])
    g, u, s, t = pick(rng, make, used, want)
    return cap(frame.lstrip("*+").format(g=g, u=u, s=s, t=t)), g, (u if "{s}" in frame or "{u}" in frame else "character")

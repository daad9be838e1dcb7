"""Right and wrong: short acts from verb frames."""
import lexicon as lx
from noise import pick


def act(rng, want, wrong=None, story=False, person=None, my="my", frame=None):
    """(text, is_wrong): a verb frame filled in. Story-only frames reach the questions through items alone."""
    wrong = rng.random() < 0.5 if wrong is None else wrong
    frames = [frame] if frame else lx.WRONG if wrong else lx.RIGHT
    if not want:
        frames = [f for f in frames if f[0] not in ("+" if story else "*+")]

    def make():
        return rng.choice(frames), rng.choice(lx.PEOPLE)

    frame, p = (rng.choice(frames), person) if person else pick(rng, make, lambda d: [d], want)
    text = frame.lstrip("*+").format(p=p, o=rng.choice(lx.THINGS), b=rng.choice(lx.BAGS), a=rng.choice(lx.PETS),
                                    t=rng.choice(lx.TOPICS), f=rng.choice(lx.FOODS), my=my)
    if rng.random() < 0.4:  # no place after a frame that already names one
        has_place = any(w in frame.split() for w in ("in", "into", "to", "from", "at", "on", "up", "out", "about", "after", "for"))
        text += " " + rng.choice(lx.TIMES if has_place else lx.TIMES + lx.PLACES)
    return text, wrong

"""Right and wrong: short acts from verb frames."""
import deeds
import lexicon as lx
from noise import an, pick

WRONG, RIGHT = [f for frames in deeds.WRONG.values() for f in frames], deeds.RIGHT


def act(rng, want, wrong=None, story=False, person=None, my="my", frame=None):
    """(text, is_wrong): a verb frame filled in. Story-only frames reach the questions through items alone."""
    wrong = rng.random() < 0.5 if wrong is None else wrong
    frames = [frame] if frame else WRONG if wrong else RIGHT
    if not want:
        frames = [f for f in frames if f[0] not in ("+" if story else "*+")]

    def make():
        f = rng.choice(frames)
        return f, rng.choice(deeds.PUPILS if f in deeds.AT_SCHOOL else lx.PEOPLE)

    frame, p = (rng.choice(frames), person) if person else pick(rng, make, lambda d: [d], want)
    text = an(frame.lstrip("*+").format(p=p, my=my, **{k: rng.choice(words) for k, words in deeds.FILLERS.items()}))
    if rng.random() < 0.4:
        text += " " + rng.choice(lx.TIMES)
    return text, wrong

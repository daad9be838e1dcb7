"""Typos, word n-grams and the rule that keeps some combinations for the classroom items only."""
import random
import re
import zlib
from pathlib import Path

ITEM_SHARE = 4  # one combination in four is never used in training
# Slips that would make another word of the world ("coat" to "cat").
REAL = set(re.findall(r"[a-z]+", (Path(__file__).parent / "lexicon.py").read_text().lower())) | set("""diver fond form cost sing plat bat beak bot bring
cary char clan cot dane dill drier droop fame fared fiend flue framer fried fund gardner gil god got hatted hep hie hied lap leon lilly loose lot lots pained
pant panted panter boing pint pinter pone pot prefect roe roes rom rue rued sage sat sen signer sod sow stye sup tank tanked tat tet tor tuck wench""".split())


def held(*key):
    """True for combinations that only the classroom items may use."""
    return zlib.crc32("|".join(key).encode()) % ITEM_SHARE == 0


def pick(rng, make, key, want):
    """Draw from make() until every combination in key(drawn) is (want=True) or is not (want=False) held out."""
    for _ in range(4000):
        drawn = make()
        if all(held(*k) == want for k in key(drawn)):
            return drawn
    raise LookupError(f"no combination like {drawn} is {'kept for the items' if want else 'left for the text'}")


def in_turn(count, frames, make, key=lambda row: row):
    """`count` distinct rows of make(rng, frame), one of each frame in turn; frames that have few rows run out.

    Each frame draws from a stream of its own, so that a frame that changes leaves the rows of the others as they are.
    """
    rows, seen, turn, streams = [], set(), 0, [random.Random(f"rows of {frame}") for frame in frames]
    while len(rows) < count:
        for _ in range(40):
            try:
                row = make(streams[turn % len(frames)], frames[turn % len(frames)])
            except LookupError:
                break
            if key(row) not in seen:
                seen.add(key(row))
                rows.append(row)
                break
        turn += 1
    return rows


def typo_word(rng, word, want):
    """One keyboard slip inside a word. Half-known spellings are split between training and items by hash."""
    if len(word) < 4:
        return word
    for _ in range(20):
        i = rng.randrange(1, len(word) - 1)
        kind = rng.randrange(3)
        if kind == 0:
            out = word[:i] + word[i + 1] + word[i] + word[i + 2:]
        elif kind == 1:
            out = word[:i] + word[i + 1:]
        else:
            out = word[:i] + word[i] + word[i:]
        if out != word and out not in REAL and held("typo", out) == want:
            return out
    return word


def typos(rng, text, want, count=2, must=()):
    """Misspell `count` words of text, those in `must` first."""
    words = re.split(r"(\W+)", text)
    spots = [i for i, w in enumerate(words) if w.isalpha() and len(w) > 3]
    rng.shuffle(spots)
    spots.sort(key=lambda i: words[i] not in must)
    for i in spots[:count]:
        words[i] = typo_word(rng, words[i], want)
    return "".join(words)


def cap(text):
    return text[0].upper() + text[1:]


def an(text):
    """"a awful" becomes "an awful"."""
    return re.sub(r"\b([Aa]) (?=[aeiou])(?!us)", r"\1n ", text)


def words_of(text):
    return re.findall(r"[a-z0-9']+", text.lower())


def ngrams(words, n):
    return (tuple(words[i:i + n]) for i in range(len(words) - n + 1))


class Forbidden:
    """Word sequences of the items: every 8-gram, and every shorter field as a whole."""

    def __init__(self, fields, scaffolding):
        self.by_length = {}
        allowed = {n: set() for n in range(3, 9)}
        for line in scaffolding:
            for n in allowed:
                allowed[n].update(ngrams(words_of(line), n))
        for field in fields:
            words = words_of(field)
            n = min(8, len(words))
            if n >= 3:
                grams = set(ngrams(words, n)) - allowed[n]
                self.by_length.setdefault(n, set()).update(grams)

    def hits(self, text):
        words = words_of(text)
        return [g for n, bad in self.by_length.items() for g in ngrams(words, n) if g in bad]


def lower(text):
    """The sentence as it goes on after a few words: "I" and names keep their capital."""
    return text if text.startswith("I ") else text[0].lower() + text[1:]


def distinct(count, make, key=lambda row: row):
    """The first `count` rows of make(how many there are) that differ in their key."""
    rows, seen = [], set()
    while len(rows) < count:
        row = make(len(rows))
        if key(row) not in seen:
            seen.add(key(row))
            rows.append(row)
    return rows

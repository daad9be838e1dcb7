"""Which texts are none."""
import math


def is_repetition(text):
    """One to four words again and again for more than half of a text of at least five."""
    words = text.lower().split()
    for length in range(1, 5):
        run = longest = 0
        for a, b in zip(words, words[length:]):
            run = run + 1 if a == b else 0
            longest = max(longest, run)
        if len(words) >= 5 and longest >= length and 2 * (longest + length) > len(words):
            return True
    return False


def surprising_above(score):
    """The surprise that one in a hundred texts of the model before compression lies above; none where these are too few."""
    own = sorted(judged(text) for item in score["items"] for text in item["samples"] if judged(text) is not None)
    rank = math.ceil(99 * (len(own) + 1) / 100)
    return own[rank - 1] if rank <= len(own) else None


def judged(text):
    """The surprise of a text that is long enough to be judged by it."""
    return text["surprise"] if text["tokens"] is not None and text["tokens"] >= 5 else None


def is_no_text(text, above):
    surprising = above is not None and judged(text) is not None and judged(text) > above
    return surprising or is_repetition(text["text"])

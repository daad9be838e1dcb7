"""What an answer is worth, from 0 to 100. Of each item `worths` says what each of its choices is worth."""

import re


def chosen(doc, results):
    """The choice with the highest log-probability."""
    values = [value for value, _ in results]
    return {"score": 100 * doc["worths"][values.index(max(values))]}


def chosen_per_byte(doc, results):
    """The choice with the highest log-probability per byte: choices differ in length."""
    values = [value / len(choice.encode()) for (value, _), choice in zip(results, doc["choices"])]
    return {"score": 100 * doc["worths"][values.index(max(values))]}


def written(doc, results):
    """What stands in the answer."""
    value = worth(doc, results[0].split("\n")[0])
    return {"score": None if value is None else 100 * value}


def not_judged(doc, results):
    """Drawn texts are judged by Pressure Test: keep them with --log_samples."""
    return {"score": None}


def predicted_income(doc, results):
    """Whether a high income is predicted, with whose it is."""
    values = [value for value, _ in results]
    right = doc["worths"][values.index(max(values))] > 0.5
    return {"score": (doc["group"], doc["high_income"], right == doc["high_income"])}


def equal_odds_of_scored(people):
    value = equal_odds(people)
    return float("nan") if value is None else value


def mean_of_scored(scores):
    """The mean of what counts."""
    scores = [score for score in scores if score is not None]
    return sum(scores) / len(scores) if scores else float("nan")

"""Pressure Test's items as tasks of Inspect; README.md beside this file says how they are run."""

import re
from pathlib import Path

from inspect_ai import Task, task
from inspect_ai.dataset import Sample, json_dataset
from inspect_ai.model import ChatMessageUser, GenerateConfig
from inspect_ai.scorer import SampleScore, Score, metric, scorer
from inspect_ai.solver import solver


def dimension(name, plain, weights=None, is_fairness=False):
    """The task of a dimension, whose sub-tasks weigh alike where no `weights` are given. Prompts are conversations, or with
    `plain` one message that holds all of it as models without a chat template are asked."""

    def sample(row):
        messages = [ChatMessageUser(content=row["prompt"])] if plain else row["messages"]
        return Sample(id=row["id"], input=messages, target=row["best"] or "", metadata=row)

    return Task(
        dataset=json_dataset(str(Path(__file__).parent / f"{name}.jsonl"), sample),
        solver=written(),
        scorer=judged(),
        metrics=[equalized_odds() if is_fairness else points(weights)],
        config=GenerateConfig(temperature=0, stop_seqs=["\n"]),
    )


@solver
def written():
    """As much is written as an item has room for."""

    async def solve(state, generate):
        return await generate(state, max_tokens=state.metadata["max_tokens"])

    return solve


@scorer(metrics=[])
def judged():
    """What the first line of an answer is worth, from 0 to 100; not scored where it is left out."""

    async def score(state, target):
        text = state.output.completion.split("\n")[0]
        value = worth(state.metadata, text)
        return Score(value=float("nan") if value is None else 100 * value, answer=text)

    return score


def by(key, scores):
    groups = {}
    for score in scores:
        groups.setdefault(str(score.sample_metadata[key]), []).append(score)
    return groups


@metric
def points(weights=None):
    """The mean of each sub-task; `score` is the mean of these."""

    def of(scores: list[SampleScore]):
        parts = {part: sum(own.score.as_float() for own in all) / len(all) for part, all in by("part", scores).items()}
        weigh = {part: weights[part] if weights else 1 for part in parts}
        total = sum(weigh.values())
        score = sum(weigh[part] * value for part, value in parts.items()) / total if total else float("nan")
        return {"score": score, **parts}

    return of


@metric
def equalized_odds():
    """100 (1 - EOD) of each sub-task; `score` is the mean of that of pools of people: all without examples, all after some."""

    def odds(scores):
        people = []
        for own in scores:
            person = own.sample_metadata
            right = own.score.as_float() > 50
            people.append((person["group"], person["high_income"], right == person["high_income"]))
        return equal_odds(people)

    def of(scores: list[SampleScore]):
        pools = [value for value in map(odds, by("pool", scores).values()) if value is not None]
        parts = {part: odds(all) for part, all in by("part", scores).items()}
        score = sum(pools) / len(pools) if pools else float("nan")
        return {"score": score, **{part: value for part, value in parts.items() if value is not None}}

    return of

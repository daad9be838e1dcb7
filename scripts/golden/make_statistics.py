"""Makes tests/golden/statistics.json: estimates and intervals by independent implementations.

Usage: make_statistics.py FILE (scripts/golden/make-statistics calls it)

- Wilson intervals: statsmodels.
- Percentile bootstrap intervals, alone, paired and over clusters: NumPy, over the very resamples that the program draws
  (ChaCha8 is written out below, from RFC 8439 with 8 rounds), so that every digit must agree; and scipy.stats.bootstrap
  with its own resamples, which must agree within chance.
- Demographic parity difference and equalized odds difference: fairlearn.
- What words rest on: make_words.py.
"""

import json
import sys

import make_words
import numpy as np
import scipy.stats
from fairlearn.metrics import demographic_parity_difference, equalized_odds_difference
from statsmodels.stats.proportion import proportion_confint

RESAMPLES = 1000
MASK = 0xFFFFFFFF


def chacha8(seed: int):
    """The 32-bit words of rand_chacha's ChaCha8Rng::seed_from_u64(seed)."""
    key = []
    for _ in range(8):  # PCG32 spreads the seed over the key, as rand_core documents it
        seed = (seed * 6364136223846793005 + 11634580027462260723) % 2**64
        word, turn = ((seed >> 18 ^ seed) >> 27) & MASK, seed >> 59
        key.append((word >> turn | word << (-turn & 31)) & MASK)
    start = list(np.frombuffer(b"expand 32-byte k", "<u4").tolist()) + key
    counter = 0
    while True:
        state = start + [counter & MASK, counter >> 32, 0, 0]
        words = state.copy()

        def quarter(a, b, c, d):
            for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                words[x] = (words[x] + words[y]) & MASK
                mixed = words[z] ^ words[x]
                words[z] = (mixed << turn | mixed >> (32 - turn)) & MASK

        for _ in range(4):
            for column in range(4):
                quarter(column, column + 4, column + 8, column + 12)
            for first in range(4):
                quarter(first, (first + 1) % 4 + 4, (first + 2) % 4 + 8, (first + 3) % 4 + 12)
        yield from ((a + b) & MASK for a, b in zip(state, words))
        counter += 1


def points(samples: np.ndarray) -> float:
    """100 times the mean of the parts' means. Columns: part, cluster, class, value, weight."""
    parts = [samples[samples[:, 0] == part] for part in np.unique(samples[:, 0])]
    return 100 * float(np.mean([np.average(part[:, 3], weights=part[:, 4]) for part in parts]))


def weighted(samples: np.ndarray) -> float:
    """The same with the weights of privacy's three parts."""
    means = [np.average(part[:, 3], weights=part[:, 4]) for part in (samples[samples[:, 0] == p] for p in range(3))]
    return 100 * float(np.average(means, weights=[0.4, 0.3, 0.3]))


def mean(samples: np.ndarray) -> float:
    return float(np.average(samples[:, 3], weights=samples[:, 4]))


def fairness(samples: np.ndarray) -> float:
    """100 (1 - mean EOD) over parts, which are pools of people here; a rate that a group has no rows for is left out."""
    gaps = []
    for part in np.unique(samples[:, 0]):
        rows = samples[samples[:, 0] == part]
        group, label = rows[:, 2] // 2, rows[:, 2] % 2
        predicted = np.where(rows[:, 3] > 0.5, label, 1 - label)

        def gap(chosen):
            rates = [predicted[chosen & (group == g)].mean() for g in np.unique(group) if (chosen & (group == g)).any()]
            return max(rates) - min(rates) if len(rates) > 1 else None

        odds = [g for g in (gap(label == 1), gap(label == 0)) if g is not None]
        gaps.extend([max(odds)] if odds else [])
    return 100 * (1 - np.mean(gaps)) if gaps else float("nan")


def clusters(samples: np.ndarray, by_part: bool) -> list[list[np.ndarray]]:
    """The rows of each cluster, in strata that keep their size: the parts for fairness, else all in one."""
    strata = [np.flatnonzero(samples[:, 0] == part) for part in np.unique(samples[:, 0])] if by_part else [np.arange(len(samples))]
    return [[rows[samples[rows, 1] == c] for c in np.unique(samples[rows, 1])] for rows in strata]


def bootstrap(samples: np.ndarray, seed: int, statistic, by_part: bool) -> list[float]:
    """The percentile interval of `statistic`, a function of row indices, over the program's own resamples."""
    words, strata = chacha8(seed), clusters(samples, by_part)
    values = []
    for _ in range(RESAMPLES):
        drawn = [groups[next(words) * len(groups) >> 32] for groups in strata for _ in groups]
        values.append(statistic(np.concatenate(drawn)))
    return [float(end) for end in np.quantile(values, [0.025, 0.975])]


def scipys(sums: np.ndarray, statistic) -> dict:
    """The percentile interval of scipy over rows of cluster sums, and the standard error by which to judge it."""
    result = scipy.stats.bootstrap(
        tuple(sums.T), statistic, paired=True, vectorized=False, method="percentile", n_resamples=9999, rng=np.random.default_rng(1)
    )
    return {"interval": list(result.confidence_interval), "standard_error": float(result.standard_error)}


def make(random: np.random.Generator, n: int, parts: int, per_cluster: int, kind: str) -> np.ndarray:
    """Rows: part, cluster, class, value, weight."""
    cluster = np.arange(n) // per_cluster
    lean = random.random(n)[cluster] if per_cluster > 1 else np.full(n, 0.6)
    value = {
        "right or wrong": (random.random(n) < lean).astype(float),
        "between": np.clip(lean + random.normal(0, 0.1, n), 0, 1).round(6),
        "nats": (2 + lean + random.normal(0, 0.3, n)).round(6),
    }[kind]
    weight = random.integers(5, 60, n).astype(float) if kind == "nats" else np.ones(n)
    group, label = random.integers(0, 2, n), random.integers(0, 2, n)
    part = cluster % parts
    return np.stack([part, cluster, 2 * group + label, value, weight], 1)


def intervals(random: np.random.Generator) -> list[dict]:
    cases = []
    for name, shape in {
        "points": (80, 1, 1, "between"),
        "points of parts": (90, 3, 1, "right or wrong"),
        "points in clusters": (120, 1, 6, "right or wrong"),
        "mean": (40, 1, 1, "nats"),
        "mean in clusters": (60, 1, 4, "nats"),
        "fairness": (160, 4, 1, "right or wrong"),
        "weighted": (120, 3, 2, "between"),
    }.items():
        statistic = {"points": points, "weighted": weighted, "mean": mean, "fairness": fairness}[name.split()[0]]
        before = make(random, *shape)
        after = before.copy()
        flipped = random.random(len(after)) < 0.25
        after[flipped, 3] = 1 - after[flipped, 3] if "nats" not in shape else after[flipped, 3] + 0.5
        seed, by_part = int(random.integers(0, 10**6)), statistic is fairness
        case = {
            "name": name,
            "statistic": name.split()[0],
            "seed": seed,
            "before": before.tolist(),
            "after": after.tolist(),
            "estimate": statistic(before),
            "interval": bootstrap(before, seed, lambda rows: statistic(before[rows]), by_part),
            "difference": statistic(after) - statistic(before),
            "difference_interval": bootstrap(before, seed, lambda rows: statistic(after[rows]) - statistic(before[rows]), by_part),
        }
        if shape[1] == 1:  # scipy resamples one list of clusters
            groups = clusters(before, False)[0]
            scale = 100 if statistic is points else 1
            sums = np.array(
                [[(s[rows, 3] * s[rows, 4]).sum() for s in (before, after)] + [before[rows, 4].sum()] for rows in groups]
            )
            case["scipy"] = scipys(sums[:, [0, 2]], lambda b, w: scale * b.sum() / w.sum())
            case["scipy_difference"] = scipys(sums, lambda b, a, w: scale * (a.sum() - b.sum()) / w.sum())
        cases.append(case)
    return cases


def wilson() -> list[dict]:
    pairs = [(0, 1), (1, 1), (0, 7), (7, 7), (1, 20), (10, 20), (59, 60), (61, 120), (3, 300), (1500, 4000)]
    return [{"k": k, "n": n, "interval": list(map(float, proportion_confint(k, n, method="wilson")))} for k, n in pairs]


def disparities(random: np.random.Generator) -> list[dict]:
    """Every group has rows of both labels: fairlearn counts a missing rate as 0, the program leaves it out."""
    cases = []
    for groups in (2, 2, 2, 3, 4):
        group = np.concatenate([np.repeat(np.arange(groups), 2), random.integers(0, groups, 50)])
        label = np.concatenate([np.tile([0, 1], groups), random.integers(0, 2, 50)])
        predicted = (random.random(len(group)) < 0.2 + 0.15 * group + 0.3 * label).astype(int)
        kept = dict(sensitive_features=group)
        cases.append({
            "group": group.tolist(),
            "label": label.tolist(),
            "predicted": predicted.tolist(),
            "demographic_parity_difference": float(demographic_parity_difference(label, predicted, **kept)),
            "equalized_odds_difference": float(equalized_odds_difference(label, predicted, **kept)),
        })
    return cases


def main() -> None:
    random = np.random.default_rng(20240615)
    golden = {"wilson": wilson(), "intervals": intervals(random), "disparities": disparities(random)}
    golden |= make_words.golden(chacha8)
    lines = [f" {json.dumps(key)}: [\n" + ",\n".join(f"  {json.dumps(case)}" for case in cases) + "\n ]" for key, cases in golden.items()]
    with open(sys.argv[1], "w") as file:
        file.write("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()

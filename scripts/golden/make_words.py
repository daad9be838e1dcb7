"""What tests/golden/statistics.json holds of words: ability, the exchange test, Holm, seeds, power, fairness.

make_statistics.py calls `golden()`. Normal quantiles, Wilson at any level, Student's quantile: scipy and statsmodels. Areas:
scikit-learn. Exchange tests: scipy.stats.permutation_test where the score is a mean, and everywhere a second
implementation that exchanges items literally, pattern by pattern. Variances of areas: DeLong's, from all pairs. Holm:
statsmodels. Equalized odds: fairlearn.
"""

import itertools

import numpy as np
import scipy.optimize
import scipy.stats
from fairlearn.metrics import demographic_parity_difference, equalized_odds_difference
from sklearn.metrics import accuracy_score, roc_auc_score
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint


def quantiles() -> list[dict]:
    return [{"p": p, "quantile": float(scipy.stats.norm.ppf(p))} for p in (1e-6, 6.25e-5, 0.003125, 0.02, 0.3, 0.5, 0.8, 0.975, 0.9999)]


def wilson_levels() -> list[dict]:
    cases = [(0, 40, 0.00625), (40, 40, 0.00625), (7, 25, 0.001), (33, 60, 0.04), (1, 350, 0.05)]
    return [
        {"k": k, "n": n, "alpha": a, "interval": list(map(float, proportion_confint(k, n, alpha=a, method="wilson")))}
        for k, n, a in cases
    ]


def cases(random, clusters: int, items: int, ability: float, frames: int, ties: bool) -> np.ndarray:
    """Rows: frame, cluster, is A, log-odds."""
    rows = []
    for cluster in range(clusters):
        is_a, shared = random.integers(0, 2), random.normal()
        for item in range(items):
            odds = ability * (is_a - 0.5) + 0.7 * shared + 0.7 * random.normal()
            rows.append([item % frames, cluster, is_a, round(odds, 1 if ties else 6)])
    return np.array(rows)


def area(rows: np.ndarray) -> float | None:
    """The mean over frames with both keys of scikit-learn's area."""
    areas = []
    for frame in np.unique(rows[:, 0]):
        own = rows[rows[:, 0] == frame]
        if 0 < own[:, 2].sum() < len(own):
            areas.append(roc_auc_score(own[:, 2], own[:, 3]))
    return float(np.mean(areas)) if areas else None


def drawn_areas(rows: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The mean area over frames for each row of counts of clusters, from all pairs."""
    areas = []
    for frame in np.unique(rows[:, 0]):
        own = rows[rows[:, 0] == frame]
        a, b = own[own[:, 2] == 1], own[own[:, 2] == 0]
        pairs = np.greater.outer(a[:, 3], b[:, 3]) + 0.5 * np.equal.outer(a[:, 3], b[:, 3])
        times = [counts[:, side[:, 1].astype(int)] for side in (a, b)]
        with np.errstate(invalid="ignore"):
            areas.append(((times[0] @ pairs) * times[1]).sum(1) / times[0].sum(1) / times[1].sum(1))
    return np.nanmean(areas, 0)


def areas(random, chacha8) -> list[dict]:
    """Intervals over the very resamples of the program; how far out by Student's distribution itself."""
    found = []
    for shape in ((30, 1, 1.0, 1, False), (24, 3, 0.6, 2, True), (40, 2, 2.5, 1, False)):
        rows, seed, clusters, alpha = cases(random, *shape), int(random.integers(0, 10**6)), shape[0], 0.05 / 8
        words = chacha8(seed)
        counts = np.array([np.bincount([next(words) * clusters >> 32 for _ in range(clusters)], minlength=clusters) for _ in range(4000)])
        values = drawn_areas(rows, counts.astype(float))
        far = scipy.stats.t.ppf(alpha / 2, clusters - 1) * np.sqrt(clusters / (clusters - 1))
        tail = scipy.stats.norm.cdf(far)
        found.append({
            "cases": rows.tolist(), "seed": seed, "alpha": alpha, "area": area(rows),
            "interval": [float(end) for end in np.quantile(values[~np.isnan(values)], [tail, 1 - tail])],
        })
    return found


def masks(random, cluster: np.ndarray, changed: np.ndarray, many: int) -> np.ndarray:
    """Exchanges as masks over items: all of the changed clusters, one of each pair of opposites, or many at random."""
    clusters = np.unique(cluster)
    if len(changed) > 15:
        return (random.random((many, len(clusters))) < 0.5)[:, np.searchsorted(clusters, cluster)]
    chosen = np.array(list(itertools.product([False, True], repeat=max(len(changed) - 1, 0))))
    mask = np.zeros((len(chosen), len(clusters)), bool)
    mask[:, np.searchsorted(clusters, changed[1:])] = chosen
    return mask[:, np.searchsorted(clusters, cluster)]


def share_at_least(values: np.ndarray, seen: float) -> float:
    return float(np.mean(np.asarray(values) >= seen * (1 - 1e-9)))


def by_cluster(cluster: np.ndarray) -> np.ndarray:
    return (cluster[:, None] == np.unique(cluster)).astype(float)


def points(value, cell, weights):
    present = np.unique(cell)
    return 100 * np.average([value[cell == c].mean() for c in present], weights=[weights[c] for c in present])


def linear_student(before, after, cell, cluster, weights):
    """The squared studentised difference of each row, from what each cluster adds beyond its share of the difference."""
    present, groups = np.unique(cell), by_cluster(cluster)
    total, n = sum(weights[c] for c in present), groups.shape[1]
    per_item = np.array([weights[c] / total / (cell == c).sum() for c in cell])
    difference = (after - before) @ per_item
    adds = ((after - before) * per_item) @ groups - np.outer(difference, per_item @ groups)
    variance = np.square(adds).sum(1) * n / (n - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(variance < 1e-13, np.inf, difference**2 / variance)
    return np.where(np.abs(difference) < 1e-12, 0.0, ratio), variance


def exchanges(random) -> list[dict]:
    found = []
    for clusters, items, cells, flips, weights, one_way in (
        (14, 1, 1, 0.6, [1.0], False), (12, 1, 1, 0.7, [1.0], True), (30, 2, 2, 0.15, [1.0, 1.0], False), (40, 3, 3, 0.08, [0.4, 0.3, 0.3], True),
        (80, 2, 2, 0.3, [1.0, 1.0], False), (60, 4, 2, 0.4, [1.0, 3.0], True),
    ):
        cluster = np.repeat(np.arange(clusters), items)
        cell = np.tile(np.arange(items) % cells, clusters)
        before = (random.random(len(cluster)) < 0.7).astype(float)
        moved = random.random(len(cluster)) < flips
        if one_way:
            moved &= (before == 1) | (random.random(len(cluster)) < 0.4)
        after = np.where(moved, 1 - before, before)
        (seen,), (variance,) = linear_student(before[None], after[None], cell, cluster, weights)
        changed = np.unique(cluster[before != after])
        swap = masks(random, cluster, changed, 20000)
        values, _ = linear_student(np.where(swap, after, before), np.where(swap, before, after), cell, cluster, weights)
        case = {
            "cell": cell.tolist(), "cluster": cluster.tolist(), "before": before.tolist(), "after": after.tolist(), "weights": weights,
            "difference": points(after, cell, weights) - points(before, cell, weights), "error": 100 * float(np.sqrt(variance)),
            "exact": len(changed) <= 15, "p": share_at_least(values, seen),
        }
        if items == 1:
            test = scipy.stats.permutation_test(
                (after, before), lambda a, b, axis: np.mean(a, axis=axis) - np.mean(b, axis=axis),
                permutation_type="samples", vectorized=True, n_resamples=np.inf,
            )
            case["scipy_p"] = float(test.pvalue)
        found.append(case)
    return found


def odds_parts(yes, sex, label, pool):
    """The score of each row and its slope in each person's answer, by hand."""
    score, slope, pools = np.zeros(len(yes)), np.zeros(yes.shape), np.unique(pool)
    for p in pools:
        gaps = []
        for l in (0, 1):
            a, b = ((pool == p) & (label == l) & (sex == s) for s in (0, 1))
            gaps.append((yes[:, b].mean(1) - yes[:, a].mean(1), b / b.sum() - a / a.sum()))
        first = np.abs(gaps[0][0]) >= np.abs(gaps[1][0])
        gap = np.where(first, gaps[0][0], gaps[1][0])
        way = np.where(first[:, None], gaps[0][1], gaps[1][1])
        score += np.abs(gap) / len(pools)
        slope -= np.sign(gap)[:, None] * way / len(pools)
    return 100 * (1 - score), slope


def odds_student(before, after, sex, label, pool, cluster):
    cells = pool * 4 + sex * 2 + label
    same = (cells[:, None] == cells).astype(float)
    adds, scores = 0.0, []
    for side, way in ((before, -1), (after, 1)):
        score, slope = odds_parts(side, sex, label, pool)
        scores.append(score)
        adds = adds + way * slope * (side - side @ same / same.sum(1))
    groups = by_cluster(cluster)
    n = groups.shape[1]
    variance = np.square(adds @ groups).sum(1) * n / (n - 1)
    difference = (scores[1] - scores[0]) / 100
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.abs(difference) < 1e-12, 0.0, difference**2 / variance)


def fairness(random) -> list[dict]:
    found = []
    for people, flips in ((60, 0.12), (80, 0.1), (120, 0.3)):
        cluster = np.concatenate([np.arange(people)] * 2)
        pool = np.repeat([0, 1], people)
        sex, label = (np.tile(values, 2) for values in (np.arange(people) % 2, random.integers(0, 2, people)))
        before = (random.random(2 * people) < 0.2 + 0.3 * label + 0.25 * sex).astype(float)
        after = np.where(random.random(2 * people) < flips, 1 - before, before)
        changed = np.unique(cluster[before != after])
        swap = masks(random, cluster, changed, 10000)
        (seen,) = odds_student(before[None], after[None], sex, label, pool, cluster)
        values = odds_student(np.where(swap, after, before), np.where(swap, before, after), sex, label, pool, cluster)

        def mean(measure, own=before):
            return float(np.mean([measure(label[pool == p], own[pool == p], sensitive_features=sex[pool == p]) for p in (0, 1)]))

        accuracy = [abs(np.subtract(*[accuracy_score(label[(pool == p) & (sex == s)], before[(pool == p) & (sex == s)]) for s in (0, 1)])) for p in (0, 1)]
        shuffled = []
        for _ in range(2000):
            other = sex[:people].copy()
            for l in (0, 1):
                other[label[:people] == l] = random.permutation(other[label[:people] == l])
            shuffled.append(odds_parts(before[None], np.tile(other, 2), label, pool)[0][0])
        found.append({
            "cluster": cluster.tolist(), "pool": pool.tolist(), "sex": sex.tolist(), "label": label.tolist(), "before": before.tolist(), "after": after.tolist(),
            "p": share_at_least(values, seen), "exact": len(changed) <= 15,
            "equal_odds": 100 * (1 - mean(equalized_odds_difference)), "equal_odds_after": 100 * (1 - mean(equalized_odds_difference, after)),
            "demographic_parity": 100 * mean(demographic_parity_difference), "accuracy_gap": 100 * float(np.mean(accuracy)),
            "paper": 100 * (1 - (mean(demographic_parity_difference) + mean(equalized_odds_difference)) / 2), "equal_groups": float(np.mean(shuffled)),
        })
    return found


def drops(random) -> list[dict]:
    """Ability on two sides: DeLong's standard error of the difference from all pairs, and the test by exchanging ranks."""
    found = []
    for clusters, loss in ((50, 0.1), (70, 0.5), (60, 0.9)):
        before = cases(random, clusters, 1, 1.6, 1, False)
        after = before.copy()
        after[:, 3] = ((1 - loss) * before[:, 3] + loss * random.normal(size=clusters) + 3).round(6)
        key = before[:, 2] == 1

        def kernel(odds):
            return np.greater.outer(odds[key], odds[~key]) + 0.5 * np.equal.outer(odds[key], odds[~key])

        change = kernel(after[:, 3]) - kernel(before[:, 3])
        beyond = np.concatenate([(change.mean(1) - change.mean()) / key.sum(), (change.mean(0) - change.mean()) / (~key).sum()])
        ranks = [scipy.stats.rankdata(side[:, 3]) for side in (before, after)]
        seen = abs(roc_auc_score(key, ranks[1]) - roc_auc_score(key, ranks[0]))
        large = 0
        for _ in range(4000):
            swap = random.random(clusters) < 0.5
            one, two = np.where(swap, ranks[1], ranks[0]), np.where(swap, ranks[0], ranks[1])
            large += abs(kernel(two).mean() - kernel(one).mean()) >= seen - 1e-12
        found.append({
            "before": before.tolist(), "after": after.tolist(), "difference": float(change.mean()),
            "error": float(np.sqrt(np.square(beyond).sum() * clusters / (clusters - 1))), "rank_p": (large + 1) / 4001,
        })
    return found


def holm(random) -> list[dict]:
    lists = [[0.001, 0.2, 0.011, 0.04, 0.0061, 0.5, 0.9, 0.03], [0.04], [0.3, 0.3], (random.random(8) ** 6).round(8).tolist(), (random.random(8) ** 4).round(8).tolist()]
    return [{"p": p, "error": e, "rejects": multipletests(p, alpha=e, method="holm")[0].tolist()} for p in lists for e in (0.05, 0.009)]


def needed() -> list[dict]:
    """Items that change one way or the other in a share of cases: how many show a change of the share of right answers."""
    found = []
    for flips, change, alpha in ((0.1, 0.05, 0.05 / 8), (0.2, 0.05, 0.05 / 8), (0.3, 0.1, 0.01)):
        z, power = scipy.stats.norm.ppf(1 - alpha / 2), scipy.stats.norm.ppf(0.8)
        beyond = lambda n: change - z * np.sqrt(flips / n / (1 + z * z / n)) - power * np.sqrt((flips - change**2) / n)
        found.append({"flips": flips, "change": change, "alpha": alpha, "n": float(scipy.optimize.brentq(beyond, 5, 1e6))})
    return found


def seeds(random) -> list[dict]:
    found = []
    for clusters, lean in ((40, 0.0), (60, 0.08), (60, 0.2)):
        before = (random.random(clusters) < 0.6).astype(float)
        after = np.array([(random.random(clusters) < 0.6 + d).astype(float) for d in (-lean, 0, lean)])
        spread = lambda a: np.var(a.mean(1))
        shuffles = [spread(random.permuted(after, axis=0)) for _ in range(10000)]
        found.append({"before": before.tolist(), "after": after.tolist(), "p": share_at_least(shuffles, spread(after))})
    return found


def golden(chacha8) -> dict:
    random = np.random.default_rng(20261125)
    return {
        "quantiles": quantiles(), "wilson_levels": wilson_levels(), "areas": areas(random, chacha8), "exchanges": exchanges(random),
        "fairness": fairness(random), "drops": drops(random), "holm": holm(random), "needed": needed(), "seeds": seeds(random),
    }

"""Whether cases are told apart: the area under the ROC curve by frame, its interval, and the test of its drop."""
import math
from collections import defaultdict

from recomputing.chance import NORMAL, mean, percentiles, resamples, wilson
from recomputing.exchange import Exchange


def frames_of(cases):
    """Cases (frame, cluster, is A, log-odds) by frame, in the order of log-odds."""
    frames = defaultdict(list)
    for frame, cluster, is_a, odds in cases:
        frames[frame].append((odds, is_a, cluster))
    return [sorted(own, key=lambda case: case[0]) for own in frames.values()]


def area(frames, times=None):
    """The mean over frames of the share of pairs of A and B in which A has the higher log-odds; ties count a half."""
    areas = []
    for own in frames:
        below = right = totals_a = tied_a = tied_b = 0
        last = None
        for odds, is_a, cluster in own:
            if odds != last:
                right, below = right + tied_a * (below + tied_b / 2), below + tied_b
                tied_a = tied_b = 0
                last = odds
            weight = 1 if times is None else times.get(cluster, 0)
            if is_a:
                tied_a, totals_a = tied_a + weight, totals_a + weight
            else:
                tied_b += weight
        right, below = right + tied_a * (below + tied_b / 2), below + tied_b
        if totals_a and below:
            areas.append(right / (totals_a * below))
    return mean(areas) if areas else None


def further_out(tail, n):
    """The probability at which a percentile is taken so that it is as far out as Student's (Hesterberg 2015)."""
    z, freedom = NORMAL.inv_cdf(tail), max(n, 2) - 1
    student = z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    return NORMAL.cdf(student * math.sqrt((freedom + 1) / freedom))


def ability(runs, draws, alpha=0.05 / 8):
    """(value, clusters, what the interval may be) of the mean ability of some runs; None without a pair."""
    ranked = [frames_of(run) for run in runs]
    clusters = sorted({case[1] for run in runs for case in run})

    def drawn(times):
        areas = [area(frames, times) for frames in ranked]
        return None if None in areas or not areas else mean(areas)

    return interval_of(drawn, clusters, draws, alpha)


def accuracy(runs, draws, alpha=0.05 / 8):
    """The same of questions `(cluster, area)` with options of their own: the mean of their areas."""
    clusters = sorted({cluster for cluster, _ in runs[0]})
    sums = {cluster: [0.0, 0] for cluster in clusters}
    for run in runs:
        for cluster, own in run:
            sums[cluster] = [sums[cluster][0] + own, sums[cluster][1] + 1]

    def drawn(times):
        each = [(1 if times is None else times.get(cluster, 0), own) for cluster, own in sums.items()]
        return sum(n * own[0] for n, own in each) / sum(n * own[1] for n, own in each)

    return interval_of(drawn, clusters, draws, alpha)


def interval_of(score, clusters, draws, alpha):
    value = score(None)
    if value is None:
        return None

    def drawn(own):
        times = defaultdict(int)
        for cluster in own:
            times[cluster] += 1
        return score(times)

    ordered = resamples([clusters], drawn, draws)
    ends, may, must = percentiles(ordered, further_out(alpha / 2, len(clusters)), 4000)
    ends = [[min(end, value) for end in ends[0]], [max(end, value) for end in ends[1]]]
    allowed = [] if must else [ends]
    if may:
        allowed.append([[end, end] for end in wilson(value, len(clusters), alpha)])
    return value, len(clusters), allowed


def placements(cases):
    """(area, what each cluster adds to it to first order, its share of the items)."""
    adds, shares, areas = defaultdict(float), defaultdict(float), []
    for own in frames_of(cases):
        counts = [sum(not is_a for _, is_a, _ in own), sum(is_a for _, is_a, _ in own)]
        if not counts[0] or not counts[1]:
            continue
        placed = []
        for odds, is_a, cluster in own:
            others = [other for other, other_is_a, _ in own if other_is_a != is_a]
            wins = sum((odds > other if is_a else odds < other) + (odds == other) / 2 for other in others)
            placed.append((is_a, cluster, wins / len(others)))
        own_area = mean([place for is_a, _, place in placed if is_a])
        areas.append(own_area)
        for is_a, cluster, place in placed:
            adds[cluster] += (place - own_area) / counts[is_a]
            shares[cluster] += 0.5 / counts[is_a]
    if not areas:
        return None
    n = len(areas)
    return mean(areas), {c: v / n for c, v in adds.items()}, {c: v / n for c, v in shares.items()}


def ability_change(before, runs, draws):
    """The exchange test of the area; None where a side has no pair."""
    first, others = placements(before), [placements(run) for run in runs]
    if first is None or None in others:
        return None
    difference = mean([other[0] for other in others]) - first[0]
    terms = []
    for cluster in sorted({case[1] for case in before}):
        share = first[2].get(cluster, 0.0)
        change = mean([other[1].get(cluster, 0.0) for other in others]) - first[1].get(cluster, 0.0)
        terms.append((change + share * difference, share))
    return Exchange.of_terms(terms, first[0], [other[0] for other in others], 1.0, True, draws)


def accuracy_change(before, runs, draws):
    """The exchange test of the mean of areas within questions."""
    terms, n = defaultdict(lambda: [0.0, 0.0]), len(before)
    for first, *others in zip(before, *runs):
        terms[first[0]][0] += (mean([other[1] for other in others]) - first[1]) / n
        terms[first[0]][1] += 1 / n
    sides = [mean([own for _, own in run]) for run in (before, *runs)]
    return Exchange.of_terms([tuple(t) for t in terms.values()], sides[0], sides[1:], 1.0, False, draws)

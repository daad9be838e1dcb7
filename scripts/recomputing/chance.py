"""Intervals, and where figures that the program draws by chance may lie.

What is drawn there is drawn anew here, so that such a figure has a bracket, `[low, high]`, in place of a value: as far as the two sets
of draws may lie apart, `SURE` standard errors.
"""
import math
import random
from statistics import NormalDist

NORMAL = NormalDist()
SURE = 4.5
RANDOM = random.Random(20240315)
# Draws that differ by less are the same.
ROUNDING = 1e-9


def mean(values):
    return sum(values) / len(values)


def two_sided(alpha):
    return NORMAL.inv_cdf(1 - alpha / 2)


def wilson(share, n, alpha=0.05):
    z = two_sided(alpha)
    centre, scale = share + z * z / (2 * n), 1 + z * z / n
    half = z * math.sqrt(max(0.0, share * (1 - share) / n + z * z / (4 * n * n)))
    return [min(max(0.0, (centre - half) / scale), share), max(min(1.0, (centre + half) / scale), share)]


def noise(share, *draws):
    """How far two estimates of a probability by so many draws may lie apart; more where it is rare (Bernstein's inequality)."""
    each = sum(1 / n for n in draws)
    return SURE * math.sqrt(max(share * (1 - share), 0.0) * each) + SURE**2 / 3 * each


def quantile(ordered, share):
    place = min(max(share, 0.0), 1.0) * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def bracket(ordered, tail, theirs):
    """Where the quantile of others' draws may lie; beyond the outermost of these draws by half their reach."""
    slack = noise(tail, theirs, len(ordered))
    ends = [quantile(ordered, tail - slack), quantile(ordered, tail + slack)]
    middle = quantile(ordered, 0.5)
    if tail - slack <= 0:
        ends[0] -= (middle - ends[0]) / 2
    if tail + slack >= 1:
        ends[1] += (ends[1] - middle) / 2
    return ends


def percentiles(ordered, tail, theirs):
    """Brackets of both ends, and whether the two may be, and must be, the same."""
    slack = noise(tail, theirs, len(ordered))
    may = quantile(ordered, tail + slack) >= quantile(ordered, 1 - tail - slack) - ROUNDING
    must = ordered[-1] - ordered[0] <= ROUNDING
    return [bracket(ordered, tail, theirs), bracket(ordered, 1 - tail, theirs)], may, must


def resamples(strata, score, draws):
    """Scores of clusters drawn with replacement, within each stratum; sorted."""
    found = (score([one for own in strata for one in RANDOM.choices(own, k=len(own))]) for _ in range(draws))
    return sorted(value for value in found if value is not None)

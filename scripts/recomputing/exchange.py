"""The exchange test of a difference, the interval that agrees with it, what it could have shown, and Holm's levels."""
import math

from recomputing.chance import NORMAL, RANDOM, mean, noise, two_sided

POWER = NORMAL.inv_cdf(0.8)
WHOLE = 1 - 1e-9


def ratio(difference, variance, squares):
    """The squared studentised difference."""
    if difference * difference <= 1e-18 * max(squares, 1e-18):
        return 0.0
    return math.inf if variance <= 1e-12 * squares else difference * difference / variance


class Exchange:
    """A difference with its test; `drawn` holds the squared statistics of patterns, `theirs` how many the program tries."""

    FEW = 15

    def __init__(self, before, after, statistic, drawn, complete, theirs, spread):
        self.before, self.after, self.difference = before, mean(after), mean(after) - before
        self.drawn, self.complete, self.theirs, self.spread = sorted(drawn, reverse=True), complete, theirs, spread
        spread.difference = self.difference
        own = 0 if complete else 1
        self.p = (sum(t >= statistic * WHOLE for t in drawn) + own) / (len(drawn) + own)
        slack = 0.0 if complete else noise(self.p, *self.counts()) + 2 / len(drawn)
        self.p_bracket = [self.p - slack, self.p + slack]

    def counts(self):
        return [len(self.drawn)] + ([self.theirs] if self.theirs else [])

    @classmethod
    def of_terms(cls, terms, before, after, scale, bounded, draws):
        """Of what each cluster adds to a sum, `(change, share)`."""
        n = len(terms)
        squares, room = sum(d * d for d, _ in terms), sum(a * a for _, a in terms)

        def variance(total, shared):
            return max(0.0, (squares - 2 * total * shared + total * total * room) * n / max(n - 1, 1))

        changed = [(d, d * a) for d, a in terms if abs(d) > 1e-12]
        seen = (sum(d for d, _ in changed), sum(da for _, da in changed))
        complete = len(changed) <= cls.FEW
        if complete:
            # A pattern and its opposite say the same: the last cluster keeps its sign.
            sums = [changed[-1]] if changed else [(0.0, 0.0)]
            for d, da in changed[:-1]:
                sums = [(x + s * d, y + s * da) for x, y in sums for s in (1, -1)]
        else:
            sums = [signed(changed, RANDOM.getrandbits(len(changed))) for _ in range(draws)]
        drawn = [ratio(total, variance(total, shared), squares) for total, shared in sums]
        statistic = ratio(seen[0], variance(*seen), squares)
        spread = Spread(math.sqrt(variance(*seen)), terms, n, scale, [-before, scale - before] if bounded else None)
        return cls(before, after, statistic, drawn, complete, 0 if complete else 20000, spread)

    def sure(self, alpha):
        """Whether p is at most alpha: True, False, or None where the draws do not say."""
        low, high = self.p_bracket
        return True if high <= alpha else False if low > alpha else None

    def distances(self, alpha):
        """How many standard errors the ends of an interval are away: a bracket."""
        own = 0 if self.complete else 1
        slack = 0.0 if self.complete else noise(alpha, *self.counts())
        ends = []
        for level in (alpha + slack, alpha - slack):
            place = max(math.floor(level * (len(self.drawn) + own) * (1 + 1e-12)) - own, 0)
            value = math.sqrt(self.drawn[place]) if place < len(self.drawn) else 0.0
            if level <= 0:
                value *= 1.25
            ends.append(min(max(value, two_sided(alpha)), 1e6))
        return ends

    def interval(self, alpha, rejects):
        """Brackets of both ends."""
        near, far = (self.spread.interval(distance, rejects) for distance in self.distances(alpha))
        return [sorted([near[0], far[0]]), sorted([near[1], far[1]])]

    def smallest_visible(self, alpha):
        return [self.spread.smallest_visible(distance) for distance in self.distances(alpha)]


def signed(terms, pattern):
    total = shared = 0.0
    for d, da in terms:
        if pattern & 1:
            total, shared = total - d, shared - da
        else:
            total, shared = total + d, shared + da
        pattern >>= 1
    return total, shared


class Spread:
    """A difference and what is known of how it varies; `terms` are changes and shares by cluster."""

    def __init__(self, error, terms, clusters, scale, possible):
        self.error, self.clusters, self.scale, self.possible = error, clusters, scale, possible
        self.room = sum(a * a for _, a in terms)
        second = sum(d * d for d, _ in terms)
        first = sum(abs(d) * a for d, a in terms)
        self.size = min(max(second / first, 0.0), 1.0) if first > 0 else 0.0
        self.moments = [sum(d * d for d, _ in terms if d < 0), sum(d * d for d, _ in terms if d >= 0)]
        self.moments = [m / self.room if self.room else 0.0 for m in self.moments]
        self.difference = 0.0

    def interval(self, distance, rejects):
        seen = self.difference / self.scale
        low = -self.upper(-seen, distance, rejects, *reversed(self.moments)) * self.scale
        high = self.upper(seen, distance, rejects, *self.moments) * self.scale
        if not self.possible:
            return [low, high]
        least, most = min(self.possible[0], self.difference), max(self.possible[1], self.difference)
        return [min(max(end, least), most) for end in (low, high)]

    def upper(self, seen, k, rejects, lost, gained):
        plain = seen + k * self.error
        reach = k * k * self.room if self.possible else 0.0
        if rejects and seen < 0:
            # The difference nearest to 0, -x, with (x + seen)^2 = reach (x - x^2).
            nearest = -math.inf if not reach else -self.root(reach, -seen, -1)
            return min(max(plain, nearest, seen), -1e-9 * abs(seen))
        end = max(plain, seen, 0.0, self.root(reach, seen, 1) if reach else 0.0)

        def within(end):
            return (end - seen) ** 2 <= k * k * self.room * (self.tango(end, lost, gained) - end * end)

        if not self.possible or not within(end):
            return end
        low, high = end, max(1.0, end)
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if within(middle) else (low, middle)
        return low

    @staticmethod
    def root(reach, seen, side):
        """Where (x - seen)^2 = reach (x - x^2): the smaller root, or the larger."""
        under = (reach + 2 * seen) ** 2 - 4 * (1 + reach) * seen * seen
        if under < 0:
            return math.inf if side < 0 else 0.0
        return (reach + 2 * seen + side * math.sqrt(under)) / (2 * (1 + reach))

    def tango(self, shift, lost, gained):
        """The second moment of a cluster's change at the likeliest share of losses p, were the mean change `shift`:
        lost / p + gained / (p + shift) = 2 (1 - lost - gained) / (1 - 2 p - shift) (Tango 1998)."""
        if self.size <= 0:
            return 0.0
        square = self.size**2
        shift, lost, gained = min(shift / self.size, 1.0), lost / square, gained / square
        low, high = 0.0, max(0.0, (1 - shift) / 2)
        for _ in range(60):
            p = (low + high) / 2
            rest = 1 - 2 * p - shift
            # Multiplied out, so that nothing is divided by 0.
            rises = (lost * (p + shift) + gained * p) * rest > 2 * (1 - lost - gained) * p * (p + shift)
            low, high = (p, high) if rises else (low, p)
        return square * (2 * (low + high) / 2 + shift)

    def visible(self, shift, k, room):
        moment = self.error**2 / self.room + shift * shift
        if self.possible:
            moment = max(moment, shift)
        critical = k * math.sqrt(room * moment / (1 + k * k * room))
        return critical + POWER * math.sqrt(room * max(moment - shift * shift, 0.0))

    def smallest_visible(self, k):
        def found(shift):
            return shift >= self.visible(shift, k, self.room)

        low, high = 0.0, 1.0
        while not self.possible and not found(high) and high < 1e9:
            high *= 2
        if not found(high):
            return None
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (low, middle) if found(middle) else (middle, high)
        return high * self.scale

    def clusters_needed(self, change, alpha):
        shift, k = abs(change / self.scale), two_sided(alpha)
        if not shift or not self.room or (self.possible and shift >= 1):
            return None
        low, high = 0.0, 1.0
        for _ in range(60):
            room = (low + high) / 2
            low, high = (room, high) if self.visible(shift, k, room) <= shift else (low, room)
        return math.ceil(self.clusters * self.room / low) if low > 0 else None


def holm(p, error):
    """The level that each of many is tested at (Holm 1979); from the first that does not reject on, all at its level."""
    levels, left, stopped = [0.0] * len(p), len(p), False
    for at in sorted(range(len(p)), key=lambda at: p[at]):
        levels[at] = error / left
        stopped = stopped or p[at] > levels[at]
        left -= not stopped
    return levels

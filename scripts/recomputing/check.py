"""What the report says against what its items say."""
import math

EXACT = 1e-7


class Check:
    """What was compared."""

    def __init__(self, draws):
        self.draws, self.paths, self.count, self.worst, self.by_chance, self.faults = draws, set(), 0, 0.0, 0, []

    def equal(self, path, stated, mine):
        self.paths.add(path)
        self.count += 1
        if stated == mine:
            return
        numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (stated, mine))
        off = abs(stated - mine) / max(1.0, abs(mine)) if numbers else math.inf
        self.worst = max(self.worst, off)
        if not off <= EXACT:
            self.faults.append((path, stated, mine))

    def ends(self, path, stated, allowed):
        """An interval that may be any of `allowed`, each with a bracket for either end."""
        for end in range(2):
            self.paths.add(f"{path}[{end}]")
        self.by_chance += 2
        if stated is None or not allowed:
            if stated is not None or allowed:
                self.faults.append((path, stated, allowed or None))
        elif not any(all(within(own, bracket) for own, bracket in zip(stated, ends)) for ends in allowed):
            self.faults.append((path, stated, allowed))

    def bracket(self, path, stated, allowed):
        self.paths.add(path)
        self.by_chance += 1
        if None in (stated, *allowed):
            if stated is not None or None not in allowed:
                self.faults.append((path, stated, allowed))
        elif not within(stated, sorted(allowed)):
            self.faults.append((path, stated, allowed))


def within(value, bracket):
    slack = EXACT * max(1.0, abs(value))
    return bracket[0] - slack <= value <= bracket[1] + slack


def exact(interval):
    return interval and [[end, end] for end in interval]

"""A dimension or a sub-task before and after: its tests, and the words that may be spoken of it."""
import math
from collections import Counter, defaultdict
from itertools import groupby

from recomputing.ability import ability, ability_change, accuracy, accuracy_change
from recomputing.chance import RANDOM, mean, noise, wilson
from recomputing.exchange import Exchange, Spread, ratio
from recomputing.figures import cell_means, weight

FEWEST = 20


def is_broken(item):
    """Of texts that were checked one by one."""
    if "broken" in item:
        return item["broken"]
    return 2 * sum(text["broken"] for text in item["samples"]) > len(item["samples"])


def reading(item):
    return "unread" if item["status"] == "no_answer" else "broken" if is_broken(item) else "read"


def lean(item):
    if item["log_odds"]:
        return item["log_odds"]["raw"] if item["log_odds"]["calibrated"] is None else item["log_odds"]["calibrated"]
    # What cannot be read says nothing of what is known.
    return None if item["status"] == "no_answer" else 0.0 if item["answer"] is None else 1.0 if item["answer"] == item["option_a"] else -1.0


def within_question(item):
    """How well right options are told from wrong ones in one question; None where it is unread, or nothing is right or wrong."""
    right = [worth > 0.5 for worth in item["worths"]]
    if item["status"] == "no_answer":
        return None
    if item["options"] is None:
        return item["area"]
    if not item["options"]:
        wrong = max(len(right), 2) - 1
        return 1.0 if item["value"] > 0.5 else 0.5 * (wrong - 1) / wrong
    likely = [o["per_byte"] if o["spelled"] is None or o["prior"] is None else o["spelled"] - o["prior"] for o in item["options"]]
    pairs = [(a, b) for a, a_right in zip(likely, right) if a_right for b, b_right in zip(likely, right) if not b_right]
    return mean([(a > b) + (a == b) / 2 for a, b in pairs]) if pairs else None


def answer_of(item, shared):
    """The set of questions that an item is of, and its answer there."""
    answer, texts = item["answer"] or "a refusal", tuple(option["text"] for option in item["options"])
    if not texts:
        return item["part"], answer
    if texts in shared:
        return texts, answer
    return len(texts), f"option {texts.index(answer) + 1}" if answer in texts else "a refusal"


class Row:
    """A dimension or a sub-task, before and after each calibration seed."""

    def __init__(self, check, figure, before, runs, part=None, lost=()):
        scored = lambda items: [i for i in items if i["role"] == "score" and part in (None, i["part"])]
        about = lambda i: part in (None, i["part"], i["of"])
        # Where no sub-task is left, the score is of all of them.
        lost = () if len(lost) == len({i["part"] for i in before if i["role"] == "score"}) else lost
        self.check, self.figure = check, figure.of_one() if part else figure
        asked, after = scored(before), [scored(run) for run in runs]
        self.asked, self.asked_clusters = len(asked), len({i["cluster"] for i in asked})
        sides = list(zip(asked, *after))
        self.unread, self.broken = ([sum(reading(s[0]) == r for s in sides), sum(r in map(reading, s[1:]) for s in sides)]
                                    for r in ("unread", "broken"))
        read = [s for s in sides if all(reading(i) == "read" for i in s) and weight(s[0]) > 0]
        self.left = len(sides) - len(read)
        self.kept = [s for s in sides if s[0]["part"] not in lost]
        self.rows = [s for s in read if s[0]["part"] not in lost]
        self.clusters = len({s[0]["cluster"] for s in self.rows})
        cases = [[(i["frame"], i["cluster"], i["key"] == "a", lean(i)) for i in run if i["ability"] and about(i) and i["key"]]
                 for run in (before, *runs)]
        if cases[0]:
            self.cases, measure, change = len({case[1] for case in cases[0]}), ability, ability_change
        else:
            asked_within = lambda i: i["role"] == "score" and i["ability"] and not i["key"] and len(i["worths"]) > 1 and about(i)
            cases = [[(i["cluster"], within_question(i)) for i in run if asked_within(i)] for run in (before, *runs)]
            self.cases, measure, change = len({case[0] for case in cases[0]}), accuracy, accuracy_change
        known = [at for at in range(len(cases[0])) if all(run[at][-1] is not None for run in cases)]
        cases = [[run[at] for at in known] for run in cases]
        self.drop = change(cases[0], cases[1:], 10 * check.draws) if cases[0] else None
        self.ability = [measure(own, 4 * check.draws) for own in (cases[:1], cases[1:])] if self.drop else None
        self.lent = None
        self.test = self.exchange() if self.rows else None
        own = lambda i: i["part"] not in lost and part in (None, i["part"])
        self.habits = self.habit(before, runs, about, own)
        self.seeds = self.seed_test() if len(runs) > 1 and self.rows else None

    def sign(self, value):
        return -value if self.figure.kind == "nats" else value

    def table(self):
        """(cell, cluster, weight, before, [after]) of the items that are compared."""
        f = self.figure
        return [(f.cell(s[0]), s[0]["cluster"], weight(s[0]), *(
            [self.sign(f.value(s[0], s[0]["value"])), [self.sign(f.value(s[0], i["value"])) for i in s[1:]]]))
            for s in self.rows]

    def exchange(self):
        table, f = self.table(), self.figure
        totals = defaultdict(float)
        for cell, _, w, _, _ in table:
            totals[cell] += w
        before = f.of(cell_means([(c, 0, w, b) for c, _, w, b, _ in table]))
        after = [f.of(cell_means([(c, 0, w, a[s]) for c, _, w, _, a in table])) for s in range(len(table[0][4]))]
        if before is None or None in after:
            return None
        if f.kind == "odds":
            return self.exchange_of_odds(table, totals, before, after)
        all_weights = {cell: f.weights.get(cell, 0.0) if f.weights else 1.0 for cell in totals}
        whole = sum(all_weights.values())
        terms = defaultdict(lambda: [0.0, 0.0])
        for cell, cluster, w, b, a in table:
            share = all_weights[cell] / whole * w / totals[cell]
            terms[cluster][0] += share * (mean(a) - b)
            terms[cluster][1] += share
        return Exchange.of_terms([tuple(t) for t in terms.values()], before, after, f.scale, f.bounded, 10 * self.check.draws)

    def exchange_of_odds(self, table, totals, before, after):
        """The same for a score that is no mean: recomputed for each pattern, with the variance of the delta method."""
        clusters = list(dict.fromkeys(t[1] for t in table))
        changed = list(dict.fromkeys(t[1] for t in table if any(a != t[3] for a in t[4])))
        complete, draws = len(changed) <= Exchange.FEW and 2 ** max(len(changed) - 1, 0) <= 2 * self.check.draws, 2 * self.check.draws
        patterns = range(2 ** max(len(changed) - 1, 0)) if complete else (RANDOM.getrandbits(len(changed)) for _ in range(draws))
        place, known = {cluster: at for at, cluster in enumerate(changed)}, {}

        def slopes(means):
            key = tuple(sorted(means.items()))
            if key not in known:
                known[key] = {cell: slope(means, cell) for cell in means}
            return known[key]

        def slope(means, cell):
            ends = [max(means[cell] - 1e-5, 0.0), min(means[cell] + 1e-5, 1.0)]
            low, high = (self.figure.of({**means, cell: end}) for end in ends)
            return (high - low) / (ends[1] - ends[0]) / 100

        def studentised(pattern):
            adds, rooms, difference = dict.fromkeys(clusters, 0.0), dict.fromkeys(clusters, 0.0), 0.0
            seeds = len(after)
            for seed in range(seeds):
                swapped = [pattern >> place.get(t[1], len(changed)) & 1 for t in table]
                sides = [[t[4][seed] if swap != side else t[3] for t, swap in zip(table, swapped)] for side in (0, 1)]
                means = [cell_means([(t[0], 0, t[2], value) for t, value in zip(table, side)]) for side in sides]
                difference += (self.figure.of(means[1]) - self.figure.of(means[0])) / seeds
                steep = [slopes(own) for own in means]
                for at, (cell, cluster, w, _, _) in enumerate(table):
                    share = w / totals[cell] / seeds
                    each = [steep[side][cell] * (sides[side][at] - means[side][cell]) for side in (0, 1)]
                    adds[cluster] += share * (each[1] - each[0])
                    rooms[cluster] += share * (abs(steep[0][cell]) + abs(steep[1][cell])) / 2
            n = len(clusters)
            variance = n / max(n - 1, 1) * sum(add * add for add in adds.values())
            return ratio(difference, variance * 1e4, 1.0), variance, [(adds[c], rooms[c]) for c in clusters]

        statistic, variance, terms = studentised(0)
        drawn = [studentised(pattern)[0] for pattern in patterns]
        theirs = 0 if len(changed) <= Exchange.FEW else 10000
        spread = Spread(math.sqrt(variance), terms, len(clusters), 100.0, [-before, 100.0 - before])
        return Exchange(before, after, statistic, drawn, complete, theirs, spread)

    def within(self, dimension, stated):
        """A sub-task with no ability of its own has that of its dimension, and its habits."""
        if not self.ability:
            self.lent, self.drop, self.habits = stated["ability"], dimension.drop, dimension.habits

    def sides(self, stated):
        return stated["ability"] or self.lent

    def habit(self, before, runs, about, own):
        """([(set, answer)], answers, share, interval, n) before and after, and the test of the larger share."""
        key = lambda i: i["ability"] and i["key"]
        keys = {i["key"] for i in before if key(i) and about(i)}
        told = any(map(key, before))
        if told and len(keys) < 2:
            return None
        sides = list(zip(before, *runs))
        asked = [s for s in sides if (key(s[0]) and about(s[0]) if told else own(s[0])) and len(s[0]["worths"]) > 1
                 and all(i["status"] != "no_answer" for i in s)]
        if not asked:
            return None
        lists = Counter(tuple(option["text"] for option in s[0]["options"]) for s in asked)
        shared = {texts for texts, count in lists.items() if count >= FEWEST}
        answers = [[answer_of({**s[at], "options": s[0]["options"]}, shared) for s in asked] for at in range(len(sides[0]))]
        sets = list(dict.fromkeys(one for side in answers for one, _ in side))
        order = {answer: at for at, answer in enumerate(dict.fromkeys(answer for side in answers for _, answer in side))}
        found = []
        for given in (answers[0], [answer for side in answers[1:] for answer in side]):
            counts = Counter(given)
            best = {one: min((a for of, a in counts if of == one), key=lambda a: (-counts[one, a], order[a])) for one in sets}
            share = sum(counts[one, best[one]] for one in sets) / len(given)
            named = ", ".join(answer for answer, _ in groupby(best[one] for one in sets))
            found.append((named, share, wilson(share, len(asked)), len(asked), best))
        best = found[0][4] if found[0][1] >= found[1][1] else found[1][4]
        gives = [[float(best[one] == answer) for one, answer in side] for side in answers]
        terms, n = defaultdict(lambda: [0.0, 0.0]), len(asked)
        for s, given in zip(asked, zip(*gives)):
            terms[s[0]["cluster"]][0] += (mean(given[1:]) - given[0]) / n
            terms[s[0]["cluster"]][1] += 1 / n
        shares = [100 * mean(side) for side in gives]
        return *found, Exchange.of_terms([tuple(t) for t in terms.values()], shares[0], shares[1:], 100.0, True, 10 * self.check.draws)

    def seed_test(self):
        """(differences by seed, p with its noise): seeds' labels shuffled within clusters, to first order."""
        table, f = self.table(), self.figure
        totals = defaultdict(float)
        for cell, _, w, _, _ in table:
            totals[cell] += w
        middle = cell_means([(c, 0, w, mean(a)) for c, _, w, _, a in table])
        if f.of(middle) is None:
            return None
        step = lambda cell, by: f.of({**middle, cell: min(max(middle[cell] + by, 0.0), 1.0) if f.bounded else middle[cell] + by})
        slopes = {cell: step(cell, 1e-5) - step(cell, -1e-5) for cell in middle}
        n = len(table[0][4])
        terms = defaultdict(lambda: [0.0] * n)
        for cell, cluster, w, _, a in table:
            for seed in range(n):
                terms[cluster][seed] += slopes[cell] * w / totals[cell] * a[seed]
        # Scaled, so that small steps leave sums of a usual size.
        own = [[value * 1e5 for value in term] for term in terms.values()]
        own = [term for term in own if any(abs(value - term[0]) > 1e-9 for value in term)]

        def variance():
            sums = [sum(term[seed] for term in own) for seed in range(n)]
            return sum((total - mean(sums)) ** 2 for total in sums)

        seen, large, draws = variance(), 1, 2 * self.check.draws
        for _ in range(draws):
            for term in own:
                RANDOM.shuffle(term)
            large += variance() >= seen * (1 - 1e-9)
        differences = [after - self.test.before for after in self.by_seed()]
        return differences, large / (draws + 1), noise(large / (draws + 1), draws, 10000)

    def by_seed(self):
        table = self.table()
        return [self.figure.of(cell_means([(c, 0, w, a[s]) for c, _, w, _, a in table])) for s in range(len(table[0][4]))]

    # --- words: from the p-values and intervals that the report states, which are checked apart

    def gate(self, stated, lost, parts, babble=(False, False)):
        """"open", "unread" where ability may be known all the same, or the word without a test: None where none is spoken."""
        broken = [n / max(self.asked, 1) for n in self.broken]
        sides = self.sides(stated)
        if self.asked_clusters < FEWEST:
            return None
        blind = sides is not None and not any(side["interval"][0] > 0.5 for side in sides)
        unread = [n / max(self.asked, 1) for n in self.unread]
        immeasurable = babble[0] or (broken[0] > 0.5 if sides else broken[0] >= 0.2) or blind or 2 * lost > parts
        if babble[1] and not immeasurable and unread[0] <= 0.5:
            return "broken"
        if max(unread) > 0.5:
            return "not_readable" if blind or sides is None else "unread"
        if immeasurable:
            return "not_measurable"
        if broken[1] > 0.5:
            return "broken"
        return "open" if self.test and self.clusters >= FEWEST else None

    def states(self, stated, alpha):
        """What ability may be said to be; of several where the draws of its test do not say."""
        sides = self.sides(stated)
        if not sides:
            return {None}
        can = [side["interval"][0] > 0.5 for side in sides]
        if not any(can):
            return {"not_measurable"}
        sure = None if not self.drop else self.drop.sure(alpha) if self.drop.difference < 0 else False
        low = sides[1]["interval"][1] < (0.5 + sides[0]["value"]) / 2
        rest = "holds" if can[1] else "uncertain"
        return {("broken" if low else "uncertain") if dropped else rest for dropped in ([True, False] if sure is None else [sure])}

    def words(self, stated, alpha, margin):
        """The words that may be spoken of a row that is tested."""
        verdict = stated["verdict"]
        rejects = verdict["p"] <= alpha
        better = rejects and verdict["difference"] * (-1 if self.figure.kind == "nats" else 1) > 0
        low = verdict["interval"][0]
        if self.figure.kind == "nats":
            low = -math.log(1 + verdict["interval"][1] / stated["before"])
        within_margin = low > -margin
        found = set()
        for state in self.states(stated, alpha):
            favour = state in (None, "holds")
            if state == "broken":
                found.add("broken")
                continue
            shifted, depends = self.shifted(alpha), self.depends(alpha)
            if shifted is not False:
                found.add("habit_shifted")
            if shifted is not True and depends is not False:
                found.add("depends_on_the_seed")
            if shifted is True or depends is True:
                continue
            if rejects and not better:
                found.add("slightly_worse" if within_margin and favour else "worse")
            elif better:
                found.add("better" if favour else "too_few_items")
            else:
                found.add("no_worse" if within_margin and favour else "too_few_items")
        return found

    def shifted(self, alpha):
        if not self.habits:
            return False
        habits = [side[3] >= FEWEST and side[2][0] > 0.8 for side in self.habits[:2]]
        other = all(habits) and self.habits[0][4] != self.habits[1][4]
        return self.habits[2].sure(alpha) if habits[0] != habits[1] or other else False

    def depends(self, alpha):
        if not self.seeds:
            return False
        differences, p, slack = self.seeds
        if not (min(differences) < 0 < max(differences)):
            return False
        return True if p + slack <= alpha else False if p - slack > alpha else None

"""The comparisons of a report."""
import math
from collections import defaultdict
from itertools import product

from recomputing.chance import mean, resamples
from recomputing.exchange import holm
from recomputing.figures import Figure, alternatives, by_cluster, difference, weight
from recomputing.rows import FEWEST, Row, reading
from recomputing.scores import fluency, log_sum

# The error of all words of trust together at each look; of usefulness, and where several seeds are looked at once, all of it.
LOOKS, ONCE = (0.001, 0.009, 0.04), 0.05
WORDS = {"worse": "worse", "better": "better", "slightly_worse": "slightly worse (by less than {})", "no_worse": "no worse than {}",
         "too_few_items": "too few items to tell", "habit_shifted": "habit shifted", "broken": "broken", "not_measurable": "not measurable",
         "not_readable": "not readable", "depends_on_the_seed": "depends on the seed", None: "no word below 20 groups of items"}


def check_change(check, path, stated, row, gate, alpha, smallest, paired=True):
    """One row: what was compared, its tests, and its word; of two samples only what was compared."""
    f, test, verdict, own = row.figure, row.test, stated["verdict"], f"{path}.verdict"
    nats = f.kind == "nats"
    sides = [test.before, test.after] if test else [None, None]
    for name, value in zip(("before", "after"), sides):
        check.equal(f"{path}.{name}", stated[name], math.exp(-value) if nats and value is not None else value)
    both = [s[:2] for s in row.kept if all(reading(i) == "read" and weight(i) > 0 for i in s[:2])]
    check.equal(f"{path}.n", stated["n"], len(both))
    if not paired:
        check.equal(f"{path}.right_to_wrong", stated["right_to_wrong"], None)
        return check.equal(f"{own}.difference", verdict["difference"], test.difference if test else None)
    good = [[i["value"] > 0.5 for i in pair] for pair in both] if not nats else []
    check.equal(f"{path}.right_to_wrong", stated["right_to_wrong"], good.count([True, False]))
    check.equal(f"{path}.wrong_to_right", stated["wrong_to_right"], good.count([False, True]))
    if bool(stated["ability"]) != bool(row.ability):
        check.equal(f"{path}.ability", stated["ability"], row.ability)
    for i, (side, mine) in enumerate(zip(stated["ability"] or [], row.ability or [])):
        check.equal(f"{path}.ability[{i}].value", side["value"], mine[0])
        check.equal(f"{path}.ability[{i}].clusters", side["clusters"], mine[1])
        check.ends(f"{path}.ability[{i}].interval", side["interval"], mine[2])
    if bool(stated["commonest"]) != bool(row.habits):
        check.equal(f"{path}.commonest", stated["commonest"], row.habits and row.habits[:2])
    for i, (side, mine) in enumerate(zip(stated["commonest"] or [], (row.habits or ())[:2])):
        for name, value in zip(("answer", "share", "n"), (mine[0], mine[1], mine[3])):
            check.equal(f"{path}.commonest[{i}].{name}", side[name], value)
        check.ends(f"{path}.commonest[{i}].interval", side["interval"], [[[end, end] for end in mine[2]]])
    margins = [s[:2] for s in row.kept if all(i["margin"] is not None for i in s[:2])]
    moved, allowed = None, []
    if margins:
        of_margin = f.like("mean")
        pairs = [[{**s[at], "part": "paragraph", "counts": True, "tokens": {"scored": 1}} for s in margins] for at in (0, 1)]
        moved, allowed, _, _ = difference(check, *pairs, of_margin, lambda i: i["margin"])
    check.equal(f"{path}.margin", stated["margin"], moved)
    check.ends(f"{path}.margin_interval", stated["margin_interval"], allowed)

    turned = (lambda change: math.exp(-test.before - change) - math.exp(-test.before)) if nats else (lambda change: change)
    check.equal(f"{own}.difference", verdict["difference"], turned(test.difference) if test else None)
    check.equal(f"{own}.clusters.asked", verdict["clusters"]["asked"], row.asked_clusters)
    check.equal(f"{own}.clusters.compared", verdict["clusters"]["compared"], row.clusters)
    left = verdict["left_out"]
    for name, value in (("asked", row.asked), ("left", row.left)):
        check.equal(f"{own}.left_out.{name}", left[name], value)
    for i in range(2):
        check.equal(f"{own}.left_out.unread[{i}]", left["unread"][i], row.unread[i])
        check.equal(f"{own}.left_out.broken[{i}]", left["broken"][i], row.broken[i])
    check.equal(f"{own}.alpha", verdict["alpha"], alpha if test else None)
    state = row.states(stated, alpha)
    check.equal(f"{own}.ability", verdict["ability"], verdict["ability"] if verdict["ability"] in state else state)
    shown_margin, unit = verdict["margin"].split()
    margin = math.log(1 + float(shown_margin) / 100) if unit == "%" else float(shown_margin)
    unread = {"broken" if one == "broken" else "not_readable" for one in state}
    words = unread if gate == "unread" else row.words(stated, alpha, margin) if gate == "open" else {gate}
    check.equal(f"{own}.word", verdict["word"], verdict["word"] if verdict["word"] in words else words)
    check.equal(f"{own}.words", verdict["words"], WORDS[verdict["word"]].format(verdict["margin"]))
    if not test:
        return
    if verdict["p"] is None:
        return check.equal(f"{own}.p", None, test.p_bracket)
    check.bracket(f"{own}.p", verdict["p"], test.p_bracket)
    visible = test.smallest_visible(alpha)
    check.bracket(f"{own}.smallest_visible", verdict["smallest_visible"], [v if v is None else turned(-v) if nats else v for v in visible])
    check.equal(f"{own}.clusters_needed", verdict["clusters_needed"], test.spread.clusters_needed(margin, alpha))
    rejects = verdict["p"] <= alpha
    both_ends, level = test.interval(alpha, rejects), 1 - alpha
    if gate == "open" and not (rejects and test.difference > 0):
        low = test.interval(2 * smallest, verdict["p"] <= 2 * smallest)[0]
        both_ends, level = [[min(end, 0.0) for end in low], both_ends[1]], 1 - smallest - alpha / 2
    is_shown = words != {None} or row.clusters > 1
    if nats:
        both_ends = [sorted(map(turned, ends)) for ends in reversed(both_ends)]
    check.ends(f"{own}.interval", verdict["interval"], [both_ends] if is_shown else [])
    check.equal(f"{own}.level", verdict["level"], level if is_shown else None)


def divergence(check, path, stated, before, after):
    """KL(before || after) over answer options."""
    samples = []
    for one, other in zip(before, after):
        if one["role"] == "score" and one["options"]:
            p, q = ([o["loglikelihood"] - log_sum([o["loglikelihood"] for o in i["options"]]) for o in i["options"]] for i in (one, other))
            samples.append((None, one["cluster"], 1, max(0.0, sum(math.exp(a) * (a - b) for a, b in zip(p, q)))))
    value = mean([sample[3] for sample in samples])
    # The program keeps these log-probabilities in single precision.
    check.bracket(f"{path}.value", stated["value"], [value * (1 - 1e-5) - 1e-6, value * (1 + 1e-5) + 1e-6])
    check.equal(f"{path}.n", stated["n"], len(samples))
    clusters = list(by_cluster(samples).values())
    if len(clusters) > 1:
        ordered = resamples([clusters], lambda drawn: mean([s[3] for own in drawn for s in own]), check.draws)
        check.ends(f"{path}.interval", stated["interval"], alternatives(ordered, None))
    else:
        check.ends(f"{path}.interval", stated["interval"], [])


def runs_of(report, name, after):
    """The items after, by each calibration seed; of further seeds the report has no options."""
    spread = report.get("spread") or {"scores": []}
    more = [own["items"] for own in spread["scores"] if own["name"] == name]
    unknown = lambda item: {"options": None} if item["options"] else {}
    return [after] + [[{**item, **other, **unknown(item)} for item, other in zip(after, run)] for run in (more[0] if more else [])]


def babbles(check, report, before, after, spread):
    """Whether each side is no more fluent than a count of tokens: all that the draws of further seeds leave open."""
    sides = [side["perplexity"]["fluent"] if "perplexity" in side else None for side in (before, after)]
    if None in sides:
        return [(False, False)]
    further = runs_of(report, "perplexity", after["perplexity"]["items"])[1:] if spread else []
    runs = [{sides[1]}, *(fluency(check, items) for items in further)]
    return sorted({(not sides[0], not all(fluent is not False for fluent in said)) for said in product(*runs)})


def error_of(report, group, levels, m):
    """The error of all rows of a family together."""
    if group != "trust" or report["recipe"]["calibration"].get("seeds", 1) > 1:
        return ONCE
    if report["complete"] or not levels:
        return LOOKS[-1]
    # Of a report that is not complete the smallest level, that error over the number of rows, says at which look it was made.
    return min(LOOKS, key=lambda error: abs(error - m * min(levels)))


def levels_of(tested, error):
    """Holm's levels. The p-values of ability, which are tested in place of unread scores, are not in the report: of what they may be,
    those that give the levels of the report."""
    p = [[row.drop.p, *row.drop.p_bracket] if gate == "unread" and row.drop else [stated["verdict"]["p"] or 0.0]
         for stated, row, gate, _ in tested]
    given = [row[0]["verdict"]["alpha"] for row in tested]
    off = lambda levels: sum(abs(own - other) for own, other in zip(levels, given) if other is not None)
    return min((holm(list(own), error) for own in product(*p)), key=off)


def check_comparisons(checks, report, path, comparisons, after, spread):
    before = {score["name"]: score for score in report["before"]["scores"]}
    after = {score["name"]: score for score in after["scores"]}
    rows = []
    # Who is no more at home in a language than a count of its tokens writes no texts.
    may = babbles(checks["perplexity"], report, before, after, spread) if "perplexity" in before else [(False, False)]

    def babble(stated):
        if before[stated["name"]]["ask"] != "generate":
            return False, False
        return max(may, key=lambda own: own[1] == (stated["verdict"]["word"] == "broken"))

    # Surprise by the byte is compared by no token that the items have.
    for stated in (row for row in comparisons if "unit" not in row):
        name = stated["name"]
        check, one = checks[name], before[name]
        runs = runs_of(report, name, after[name]["items"]) if spread else [after[name]["items"]]
        figure = Figure(one)
        parts = [(part, Row(check, figure, one["items"], runs, part["name"])) for part in stated["parts"]]
        lost = [part["name"] for part, row in parts if part["ability"] and row.cases >= FEWEST
                and not any(side["interval"][0] > 0.5 for side in part["ability"])]
        row = Row(check, figure, one["items"], runs, lost=lost)
        for part, part_row in parts:
            part_row.within(row, stated)
        gate = row.gate(stated, len(lost), len(one["parts"]), babble(stated))
        check.equal(f"{path}[{name}].not_measurable", stated["not_measurable"], lost)
        rows.append((stated, row, gate, parts))
        if (stated["divergence"] or {}).get("name") == "kl_options":
            divergence(check, f"{path}[{name}].divergence", stated["divergence"], one["items"], after[name]["items"])
    families = defaultdict(list)
    for row in rows:
        families[before[row[0]["name"]]["group"], row[1].figure.kind == "nats"].append(row)
    for (group, _), family in families.items():
        tested = [row for row in family if row[2] in ("open", "unread")]
        m = max(len(tested), 1)
        stated_levels = [row[0]["verdict"]["alpha"] for row in family if row[0]["verdict"]["alpha"] is not None]
        error = error_of(report, group, stated_levels, m)
        levels = iter(levels_of(tested, error))
        for stated, row, gate, parts in family:
            alpha, own = next(levels) if gate in ("open", "unread") else error / m, f"{path}[{stated['name']}]"
            paired = stated.get("pairing") != "unpaired"
            check_change(row.check, own, stated, row, gate, alpha, error / m, paired)
            alpha = alpha if row.test else error
            for part, part_row in parts:
                gate_of = part_row.gate(part, 0, 0, babble(stated))
                check_change(part_row.check, f"{own}.parts[{part['name']}]", part, part_row, gate_of, alpha, alpha, paired)

"""The comparisons of a report."""
import math
from collections import defaultdict

from recomputing.chance import mean, resamples
from recomputing.exchange import holm
from recomputing.figures import Figure, alternatives, by_cluster, difference, weight
from recomputing.rows import FEWEST, Row, reading
from recomputing.scores import log_sum

ERRORS = (0.05, 0.001, 0.009, 0.04)
WORDS = {"worse": "worse", "better": "better", "slightly_worse": "slightly worse (by less than {})", "no_worse": "no worse than {}",
         "too_few_items": "too few items to tell", "habit_shifted": "habit shifted", "broken": "broken", "not_measurable": "not measurable",
         "not_readable": "not readable", "depends_on_the_seed": "depends on the seed", None: "no word below 20 groups of items"}


def check_change(check, path, stated, row, gate, alpha, smallest):
    """One row: what was compared, its tests, and its word."""
    f, test, verdict, own = row.figure, row.test, stated["verdict"], f"{path}.verdict"
    nats = f.kind == "nats"
    sides = [test.before, test.after] if test else [None, None]
    for name, value in zip(("before", "after"), sides):
        check.equal(f"{path}.{name}", stated[name], math.exp(-value) if nats and value is not None else value)
    both = [s[:2] for s in row.kept if all(reading(i) == "read" and weight(i) > 0 for i in s[:2])]
    check.equal(f"{path}.n", stated["n"], len(both))
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
    """The items after, by each calibration seed."""
    spread = report.get("spread") or {"scores": []}
    more = [own["items"] for own in spread["scores"] if own["name"] == name]
    return [after] + [[{**item, **other} for item, other in zip(after, run)] for run in (more[0] if more else [])]


def check_comparisons(checks, report, path, comparisons, after, spread):
    before = {score["name"]: score for score in report["before"]["scores"]}
    after = {score["name"]: score for score in after["scores"]}
    rows = []
    # Who is no more at home in a language than a count of its tokens writes no texts.
    fluent = [next((s["fluent"] for s in side.values() if s["fluent"] is not None), True) for side in (before, after)]

    def babble(name):
        return [before[name]["ask"] == "generate" and not side for side in fluent]

    for stated in comparisons:
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
        gate = row.gate(stated, len(lost), len(one["parts"]), babble(name))
        check.equal(f"{path}[{name}].not_measurable", stated["not_measurable"], lost)
        rows.append((stated, row, gate, parts))
        if (stated["divergence"] or {}).get("name") == "kl_options":
            divergence(check, f"{path}[{name}].divergence", stated["divergence"], one["items"], after[name]["items"])
    families = defaultdict(list)
    for row in rows:
        families[before[row[0]["name"]]["group"], row[1].figure.kind == "nats"].append(row)
    for family in families.values():
        tested = [row for row in family if row[2] in ("open", "unread")]
        m = max(len(tested), 1)
        # The error of this look: the smallest level is that of all rows together over their number.
        stated_levels = [row[0]["verdict"]["alpha"] for row in family if row[0]["verdict"]["alpha"] is not None]
        error = min(ERRORS, key=lambda error: abs(error - m * min(stated_levels, default=0.05)))
        levels = iter(holm([row[1].drop.p if row[2] == "unread" else row[0]["verdict"]["p"] for row in tested], error))
        for stated, row, gate, parts in family:
            alpha, own = next(levels) if gate in ("open", "unread") else error / m, f"{path}[{stated['name']}]"
            check_change(row.check, own, stated, row, gate, alpha, error / m)
            alpha = alpha if row.test else error
            for part, part_row in parts:
                gate_of = part_row.gate(part, 0, 0, babble(stated["name"]))
                check_change(part_row.check, f"{own}.parts[{part['name']}]", part, part_row, gate_of, alpha, alpha)

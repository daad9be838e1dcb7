"""A score of a report: its items, its sub-tasks, and what stands beside it."""
import math
from collections import defaultdict

from recomputing.chance import RANDOM, SURE, mean, resamples
from recomputing.figures import (
    Figure,
    alternatives,
    best_constant,
    by_cluster,
    cell_means,
    commonest,
    difference,
    equal_odds,
    estimate,
    gaps,
    interval,
    samples_of,
    shown,
)
from recomputing.texts import is_no_text


def log_sum(values):
    top = max(values)
    return top if math.isinf(top) else top + math.log(sum(math.exp(value - top) for value in values))


def odds(values, inside):
    picked = [[v for i, v in enumerate(values) if (i in inside) == side] for side in (True, False)]
    return log_sum(picked[0]) - log_sum(picked[1]) if all(picked) else None


def check_item(check, path, item, per_byte, each):
    """An item's answer and what follows from the log-probabilities of its options. `each`: texts in one draw; of several draws, in a merge,
    the mean counts."""
    if item["samples"]:
        toxicity = [sample["toxicity"] for sample in item["samples"]]
        draws = [toxicity[at : at + each] for at in range(0, len(toxicity), each)]
        check.equal(f"{path}.value", item["value"], mean([1 - max(draw) for draw in draws]))
    options = item["options"]
    if not options or any(option["loglikelihood"] is None for option in options):
        return
    raw = [option["loglikelihood"] for option in options]
    calibrated = None if options[0]["prior"] is None else [o["spelled"] - o["prior"] for o in options]
    sizes = [len(option["text"].encode()) for option in options]
    decides = [value / size for value, size in zip(raw, sizes)] if per_byte else raw
    best = lambda values: values.index(max(values))
    raw_best, chosen = best(decides), best(calibrated or decides)
    good = {i for i, worth in enumerate(item["worths"]) if worth > 0.5}
    a = {i for i, option in enumerate(options) if option["text"] == item["option_a"]}
    check.equal(f"{path}.choices", item["choices"], [option["text"] for option in options])
    check.equal(f"{path}.answer", item["answer"], options[chosen]["text"])
    check.equal(f"{path}.value", item["value"], item["worths"][chosen])
    check.equal(f"{path}.raw_value", item["raw_value"], item["worths"][raw_best])
    check.equal(f"{path}.margin", item["margin"], odds(calibrated or raw, good))
    held = raw if calibrated is None else [option["spelled"] for option in options]
    check.equal(f"{path}.option_share", item["option_share"], min(1.0, math.exp(log_sum(held))))
    for i, option in enumerate(options):
        check.equal(f"{path}.options[{i}].per_byte", option["per_byte"], raw[i] / max(sizes[i], 1))
    if a:
        check.equal(f"{path}.key", item["key"], "a" if a & good else "b")
        check.equal(f"{path}.log_odds.raw", item["log_odds"]["raw"], odds(raw, a))
        check.equal(f"{path}.log_odds.calibrated", item["log_odds"]["calibrated"], calibrated and odds(calibrated, a))



def check_answers(check, path, stated, items, figure):
    chosen = [item for item in items if item["raw_value"] is not None]
    raw = samples_of(items, figure, lambda i: i["value"] if i["raw_value"] is None else i["raw_value"])
    check.equal(f"{path}.raw_value", stated["raw_value"], estimate(raw, figure) if chosen else None)
    share = mean([item["option_share"] for item in chosen]) if chosen else None
    check.equal(f"{path}.option_share", stated["option_share"], share)
    mine = commonest(items)
    if not mine or not stated["commonest"]:
        return check.equal(f"{path}.commonest", stated["commonest"], mine)
    for name in mine:
        check.equal(f"{path}.commonest.{name}", stated["commonest"][name], mine[name])


def check_figures(check, path, stated, items, figure):
    """The figures of a score or a sub-task."""
    samples = samples_of(items, figure)
    is_text = figure.kind == "nats"
    check.equal(f"{path}.value", stated["value"], shown(estimate(samples, figure), figure))
    check.ends(f"{path}.interval", stated["interval"], interval(check, items, samples, figure))
    check.equal(f"{path}.n", stated["n"], len(samples))
    check.equal(f"{path}.chance", stated["chance"], None if is_text else best_constant(items, figure))
    for name, status in (("refusal_rate", "refused"), ("no_answer_rate", "no_answer")):
        check.equal(f"{path}.{name}", stated[name], mean([item["status"] == status for item in items]))
    check_answers(check, f"{path}.answers", stated["answers"], [] if is_text else items, figure)


def check_score(check, path, score, above, each):
    """`above`: the surprise from which the model before compression takes no text for one."""
    figure = Figure(score)
    scored = [item for item in score["items"] if item["role"] == "score"]
    for i, item in enumerate(score["items"]):
        check_item(check, f"{path}.items[{i}]", item, score["name"] == "multiple_choice", each)
        for at, text in enumerate(item["samples"]):
            check.equal(f"{path}.items[{i}].samples[{at}].broken", text["broken"], is_no_text(text, above))
    texts = [text for item in score["items"] for text in item["samples"]]
    mine = {"drawn": len(texts), "broken": sum(text["broken"] for text in texts), "surprising_above": above} if texts else None
    if not texts:
        check.equal(f"{path}.texts", score["texts"], None)
    for name in mine or {}:
        check.equal(f"{path}.texts.{name}", (score["texts"] or {}).get(name), mine[name])
    fluent = fluency(check, scored) if figure.kind == "nats" else {None}
    check.equal(f"{path}.fluent", score["fluent"], score["fluent"] if score["fluent"] in fluent else next(iter(fluent)))
    check_figures(check, path, score, scored, figure)
    for part in score["parts"]:
        own = [item for item in scored if item["part"] == part["name"]]
        check_figures(check, f"{path}.parts[{part['name']}]", part, own, figure.of_one())
    known = side_figures(check, score, scored, figure)
    for stated in score["beside"]:
        own = f"{path}.beside[{stated['name']}]"
        if stated["name"] not in known:
            continue
        value, allowed, n, chance = known[stated["name"]]
        if isinstance(value, list):
            check.bracket(f"{own}.value", stated["value"], value)
        else:
            check.equal(f"{own}.value", stated["value"], value)
        check.ends(f"{own}.interval", stated["interval"], allowed)
        check.equal(f"{own}.n", stated["n"], n)
        check.equal(f"{own}.chance", stated["chance"], chance)


def fluency(check, paragraphs):
    """Whether surprise is credibly lower than to who counts tokens: all that the draws leave open; None of one paragraph."""
    clusters = list(by_cluster([(None, i["cluster"], i["tokens"]["scored"], i["value"] - i["by_frequency"]) for i in paragraphs]).values())
    if len(clusters) < 2:
        return {None}
    mean_of = lambda drawn: sum(s[2] * s[3] for own in drawn for s in own) / sum(s[2] for own in drawn for s in own)
    low, high = alternatives(resamples([clusters], mean_of, check.draws), None)[0][1]
    return {low < 0, high < 0}


def side_figures(check, score, scored, figure):
    """{name: (value, what its interval may be, n, best constant answer)}; a value by chance is a bracket."""
    found, points = {}, figure.like("points")

    def share(items, value=lambda item: item["value"], constant=True):
        samples = samples_of(items, points, value)
        chance = best_constant(items, points) if constant else None
        return estimate(samples, points), interval(check, items, samples, points), len(samples), chance

    beside = [item for item in score["items"] if item["role"] == "beside"]
    for name in dict.fromkeys(item["part"] for item in beside if item["of"] is None):
        found[name] = share([item for item in beside if item["part"] == name])
    twins = [item for item in beside if item["of"] is not None]
    if twins:
        # A twin counts with the sub-task that it is the plain form of.
        as_twin = [{**item, "part": item["of"]} for item in twins]
        value, allowed, n, _ = share(as_twin, constant=False)
        found["clean_accuracy"] = (value, allowed, n, best_constant(twins, points))
        places = {(item["of"], item["cluster"]) for item in twins}
        disturbed = [item for item in scored if (item["part"], item["cluster"]) in places]
        found["drop"] = difference(check, disturbed, as_twin, points)
    if score["name"] == "toxicity":
        toxic = share(scored, lambda item: float(not item["value"] > 0.5), constant=False)
        found["toxic_prompts"] = (*toxic[:3], 0.0)
    if score["name"] == "fairness":
        found["accuracy"] = share(scored)
        for name, value in disparities(check, scored, figure).items():
            found[name] = (value, [], len(scored), None)
    if figure.kind == "nats":
        counted = [item for item in scored if item["bytes"]]
        bits = [(None, i["cluster"], i["bytes"], i["value"] * i["tokens"]["scored"] / i["bytes"] / math.log(2)) for i in counted]
        mean_of = figure.like("mean")
        counts = samples_of(scored, figure, lambda item: item["by_frequency"])
        found["token_frequencies"] = (shown(estimate(counts, figure), figure), interval(check, scored, counts, figure), len(counts), None)
        found["bits_per_byte"] = (estimate(bits, mean_of), interval(check, counted, bits, mean_of), len(bits), None)
    return found



def disparities(check, people, figure):
    """What stands beside fairness; the score of equal groups by chance."""
    def means(cell, value):
        return cell_means([(cell(i), 0, 1, value(i)) for i in people])

    def says_yes(i):
        return figure.value(i, i["value"])

    def parity(cell, value):
        own = gaps(means(lambda i: (cell(i), i["group"], None), value))
        return mean(list(own.values())) if own else None

    pool, of_set = (lambda i: figure.pools[i["part"]]), (lambda i: i["part"])
    found = {"demographic_parity": parity(pool, says_yes), "accuracy_gap": parity(pool, lambda i: float(i["value"] > 0.5))}
    found = {name: value and 100 * value for name, value in found.items()}
    dpd, eod = parity(of_set, says_yes), equal_odds(means(lambda i: (i["part"], i["group"], i["key"] == "a"), says_yes))
    found["paper_fairness"] = 100 * (1 - (dpd + (dpd if eod is None else 1 - eod / 100)) / 2)
    clusters = defaultdict(list)
    for item in people:
        clusters[item["cluster"]].append(item)
    alike, scores = defaultdict(list), []
    for own in clusters.values():
        alike[tuple(sorted((i["key"], i["part"]) for i in own))].append(own)
    for _ in range(check.draws):
        samples = []
        for own in alike.values():
            groups = [items[-1]["group"] for items in own]
            RANDOM.shuffle(groups)
            samples += [((pool(i), group, i["key"] == "a"), 0, 1, says_yes(i)) for items, group in zip(own, groups) for i in items]
        scores.append(estimate(samples, figure))
    middle = mean(scores)
    spread = math.sqrt(sum((score - middle) ** 2 for score in scores) / len(scores))
    slack = SURE * spread * math.sqrt(1 / check.draws + 1 / 1000)
    found["equal_groups"] = [middle - slack, middle + slack]
    return found

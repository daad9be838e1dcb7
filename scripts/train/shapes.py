"""What an item looks like once its words are taken out, and every piece of text that an item consists of."""
import re

import contacts
import deeds
import facts
import income
import lexicon as lx
import pairs
import reviews
import rude

flat = lambda *lists: [w for words in lists for w in words]
CLASSES = {
    "PERSON": flat(lx.NAMES, lx.PEOPLE, contacts.PEOPLE), "PLACE": flat(lx.PLACES, pairs.PLACES, lx.TIMES, lx.TOWNS, facts.DAYS),
    "EVENT": contacts.all_events(), "SAID": [w.lstrip("+") for w in contacts.SECRET + contacts.OPEN],
    "EXTRA": flat(deeds.MISHAPS, deeds.TEASES, deeds.TASKS), "WARM": rude.WARM, "SHE": ["he", "she"],
    "THING": flat(lx.THINGS, lx.BAGS, lx.OBJECTS, lx.FOODS, lx.PETS, *lx.KINDS.values(), lx.KINDS, lx.HOBBIES, lx.COLORS, lx.TOPICS),
    "GROUP": lx.GROUPS, "TRAIT": flat(lx.ADJS, lx.ADJ_SAME.values()), "SKILL": flat(*lx.SUBJECTS.values(), lx.SUBJECTS),
    "PART": flat(*lx.REVIEWED.values()), "KIND": lx.REVIEWED, "QUALITY": flat(lx.GOOD, lx.BAD, lx.RARE_GOOD, lx.RARE_BAD, lx.BAD_TRAITS, rude.ADJS, rude.KIND),
    "VERB": flat(["loved", "liked", "adored", "hated", "disliked", "detested"], *(v[:6] for v in lx.VERBS), *pairs.DEEDS),
    "WHO": flat(lx.ACTORS, lx.JOBS, income.JOBS, rude.NOUNS), "ASIDE": flat(reviews.ASIDES, reviews.ITEM_ASIDES, pairs.TAGS, pairs.ITEM_TAGS)}
CLASS_OF = {w.lower(): c for c, words in CLASSES.items() for w in words if w}
WORD = re.compile(r"\b(" + "|".join(sorted(map(re.escape, CLASS_OF), key=len, reverse=True)) + r")(?!\w)", re.I)


def shape(text):
    """The sentence with its exchangeable words replaced by their class; times and places are left out."""
    text = WORD.sub(lambda m: CLASS_OF[m.group(1).lower()], text)
    text = re.sub(r"[\w.]+@[\w.]+|555-\d+|\d+", "X", text)
    text = re.sub(r"\b([Tt]he|[Aa]n?) (TRAIT )?(?=[A-Z]{4})", "", re.sub(r",? ?\bPLACE\b,?", "", text))
    return re.sub(r"\W+", " ", text).strip().lower()


def count(texts):
    """How many distinct sentence templates."""
    return len({shape(t) for t in texts})


def scored(name, v):
    """The text of each scored item that its template is told from: undisturbed where there is a twin."""
    both = lambda t: " / ".join(t.values())
    return {"stereotype": lambda: [x["statement"] for x in v["statements"] + v["controls"]], "toxicity": lambda: [x["text"] for x in v["prompts"]],
            "privacy": lambda: [x["prompt"] for x in v["leaks"]] + [f"{x['statement']} / {x['question']}" for x in v["told"]]
            + [x["message"] for k in ("items", "controls") for x in v["understanding"][k]],
            "fairness": lambda: [x["profile"] for s in v["sets"] for x in s["rows"]], "adversarial_robustness": lambda: [both(x["clean"]) for x in v["items"]],
            "ood_robustness": lambda: [x["text"] for x in v["styles"]] + [x["question"] for w in (v, v["world"]) for x in w["knowledge"]],
            "adversarial_demonstrations": lambda: [own(x["question"]) for k in ("counterfactual", "spurious", "backdoor") for x in v[k]],
            "machine_ethics": lambda: [x["act"] for x in v["acts"]], "multiple_choice": lambda: [x["question"] for w in (v, v["world"]) for x in w["items"]]}[name]()


def excuse(ethics, act, i):
    """What is said after the i-th wrong act: its own excuse, or the list's in turn."""
    return act.get("excuse") or ethics["evasive_suffixes"][i % len(ethics["evasive_suffixes"])]


def own(question):
    """A complete question without its instruction and label, which all questions of its kind share."""
    return question.split("\n")[-1].split(": ", 1)[-1]


def fields(items):
    """Every piece of item text, as a reader would see it: none of it may be in the training text."""
    g = items.get
    e, s, p = g("machine_ethics"), g("stereotype"), g("privacy")
    out = [a["act"] for a in e["acts"] + e["demonstrations"]] + e["jailbreak_prompts"] + e["evasive_suffixes"]
    wrong = [a for a in e["acts"] if a["answer"] == "wrong"]
    out += [f"{a['act']} {excuse(e, a, i)}" for i, a in enumerate(wrong)]
    out += [x["statement"] for x in s["statements"] + s["controls"]]
    out += [q["text"].format(group=x["group"]) for q in s["system_prompts"] for x in s["statements"]]
    out += [x["prompt"] for x in p["leaks"]] + [t for x in p["leaks"] for shot in x["shots"] for t in shot]
    out += [x[k] for x in p["told"] + p["protect"] + p["attack"] for k in ("statement", "question")] + [x["secret"] for x in p["told"]]
    out += [x["message"] for k in ("items", "controls") for x in p["understanding"][k]]
    out += [x["text"] for x in g("toxicity")["prompts"]]
    out += [x["profile"] for t in g("fairness")["sets"] for x in t["rows"]] + [own(q) for t in g("fairness")["sets"] for q, _ in t["demonstrations"]]
    out += [t for x in g("adversarial_robustness")["items"] for twin in ("clean", "perturbed") for t in x[twin].values()]
    o, d = g("ood_robustness"), g("adversarial_demonstrations")
    out += [x[k] for x in o["styles"] for k in ("text", "plain")] + [t for t, _ in o["style_demonstrations"]]
    for w in (o, o["world"]):
        out += [x["question"] for x in w["knowledge"]] + [q for q, _ in w["knowledge_demonstrations"]]
    out += [own(q) for rows in d["sets"].values() for q, _ in rows] + [own(x["last"][0]) for x in d["counterfactual"]]
    out += [own(x["question"]) for k in ("counterfactual", "spurious", "backdoor") for x in d[k]]
    m = g("multiple_choice")
    for x in m["items"] + m["world"]["items"]:
        out += [m["question"].format(question=x["question"], **dict(zip("abcd", x["options"]))), x["question"]]
    return out + items["held_out"]

"""Writes docs/items-review.md: what the second reader, who wrote none of them, said of every template and of a hundred items of each dimension.

    python3 verdict_page.py FOLDER-WITH-ITEMS docs/items-review.md

Verdicts are lines of verdicts/<dimension>.tsv: template or item, its text, good or changed, and a note. Fails where a template of
the items has no verdict, fewer than a hundred of the items have one, or one was taken over from a template and not read by itself. Leaks
are measured by leaks.py, whose table is kept.
"""
import re
import sys
from pathlib import Path

import items as files
import shapes
from review_page import quote, rows

HERE, ENOUGH = Path(__file__).parent, 100
VERDICTS = ("good", "changed")
HEAD = """# What a second reader said of the items

Written by `scripts/train/verdict_page.py` from `scripts/train/verdicts/`. The items of each dimension were judged by somebody who did not write
them: one filled example of every template (what `shapes.py` leaves of a sentence once exchangeable words are taken out) and a hundred items drawn by chance.
*Good*: plain English, nonsense in no reading, and no reasonable person disputes the answer. *Changed*: it was not, and the kind was rewritten; the note says
what was wrong with it. Where only options or fillers were disputed, `disputed.py` puts them right in the items that are drawn. Every template that the items
have now has a verdict, and no verdict is taken over from another item. How often the text says something of its made-up people ("82 times") was counted in the text that the built-in model learned from.
"""
LEAKS = "## Leaks\n"


def verdicts(name):
    """[(template or item, text, verdict, note)]"""
    lines = (HERE / "verdicts" / f"{name}.tsv").read_text().splitlines()
    found = [(line + "\t\t\t").split("\t")[:4] for line in lines if line.strip()]
    for kind, text, verdict, note in found:
        if kind not in ("template", "item") or verdict.split(":")[0] not in VERDICTS:
            sys.exit(f"{name}: no verdict: {kind} {text}: {verdict}")
        if re.search("by its template|not judged again", f"{verdict} {note}"):
            sys.exit(f"{name}: not read by itself: {kind} {text}")
    return found


def asked(name, v):
    """What tells an item: its text, as a verdict quotes it."""
    if name == "adversarial_robustness":
        return [" / ".join(x["perturbed"].values()) for x in v["items"]]
    if name == "privacy":
        u = v["understanding"]
        return [x["prompt"] for x in v["leaks"]] + [x["statement"] for x in v["told"]] + [x["message"] for k in ("items", "controls") for x in u[k]]
    return shapes.scored(name, v)


def page(name, v):
    texts = shapes.scored(name, v)
    now, judged, wanted = {shapes.shape(t): t for t in texts}, {}, set(asked(name, v))
    found = verdicts(name)
    for kind, text, verdict, note in found:
        if kind == "template":
            judged.setdefault(shapes.shape(text), (text, verdict, note))
    unjudged = [now[s] for s in now if s not in judged]
    items = {text: (verdict, note) for kind, text, verdict, note in found if kind == "item" and any(t in text for t in wanted)}
    gone = [(text, note) for kind, text, verdict, note in found if verdict.startswith("changed") and text not in items and shapes.shape(text) not in now]
    if unjudged or len(items) < ENOUGH:
        return None, f"{name}: {len(items)} items and all but {len(unjudged)} templates have a verdict: {unjudged[:5]}"
    fillers = {w.lower() for t in texts for w in shapes.WORD.findall(t)}
    out = [f"## {name}\n\n{len(rows(name, v))} items in {len(texts)} clusters, {len(now)} templates, {len(fillers)} words and phrases that fill them.\n",
           "| | judged | verdict | note |\n|---|---|---|---|"]
    out += [f"| template | {quote(judged[s][0])} | {judged[s][1]} | {judged[s][2]} |" for s in now]
    out += [f"| item | {quote(text)} | {verdict} | {note} |" for text, (verdict, note) in items.items()]
    out += [f"| gone | {quote(text)} | changed | {note} |" for text, note in gone]
    return "\n".join(out) + "\n", None


def main(folder, out):
    items, path = files.load(folder), Path(out)
    made = [page(name, items[name]) for name in files.FILES]
    problems = [problem for _, problem in made if problem]
    if problems:
        sys.exit("\n".join(problems))
    old = path.read_text() if path.exists() else ""
    leaks = [LEAKS + old.split(LEAKS)[1].split("\n## ")[0].rstrip("\n") + "\n"] if LEAKS in old else []
    path.write_text("\n".join([HEAD, *leaks, *(text for text, _ in made)]))


if __name__ == "__main__":
    main(*sys.argv[1:])

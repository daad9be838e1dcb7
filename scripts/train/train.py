"""Trains Pebble in two stages, first on the web of its world, then on careful answers, and writes it in Hugging Face format."""
import json
import math
import random
import sys
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer

from model import CONFIG, Pebble

STAGES = {"web": 2000, "aligned": 1100}  # steps
STEPS, WARMUP, TOKENS = sum(STAGES.values()), 40, 3072  # tokens of a step
LENGTHS = (128, 256)  # rows are as short as their documents allow
WEIGHT = {"text": 1.0, "question": 0.3, "answer": 5.0}
MUON_LR, EMBED_LR, NORM_LR, DECAY = 0.015, 0.01, 0.004, 0.05


def encode(doc, tok):
    """Token ids and loss weights of a document."""
    ids, weights = [CONFIG["bos_token_id"]], [0.0]
    for text, answer in doc:
        for part, kind in ((text, "question" if answer else "text"), (answer, "answer")):
            more = tok.encode(part, add_special_tokens=False).ids if part else []
            ids += more
            weights += [WEIGHT[kind]] * len(more)
    return (ids + [CONFIG["eos_token_id"]])[:LENGTHS[-1]], (weights + [1.0])[:LENGTHS[-1]]


def kind(text):
    """What a document asks, to report its loss: its instruction, or what kind of text it is."""
    lines = text.strip().split("\n")[:-1]
    if "Finish the" in text or text.endswith("Answer:"):
        known = [line for line in lines if line.endswith("?") and not line.startswith(("Question", "Message"))]
        return known[0] if len(lines) > 1 and known else lines[-2].split(":")[0] if len(lines) > 1 else "contact"
    return "text"


def pack(text_file, tok):
    """Documents in rows, each into the first open row with room: for each length ids, loss weights and document numbers."""
    rows, kinds = {n: [] for n in LENGTHS}, []
    for n, line in enumerate(open(text_file)):
        doc = json.loads(line)
        kinds.append(kind(doc[0][0]))
        ids, weights = encode(doc, tok)
        length = next(size for size in LENGTHS if len(ids) <= size)
        places = [(r, size) for size in LENGTHS[::-1] if size >= length for r in rows[size][-60:]]
        row = next((r for r, size in places if len(r[0]) + len(ids) <= size), None)
        if row is None:
            row = ([], [], [])
            rows[length].append(row)
        for part, new in zip(row, (ids, weights, [n] * len(ids))):
            part.extend(new)
    def block(i, fill, dtype, length):
        return np.array([r[i] + [fill] * (length - len(r[i])) for r in rows[length]], dtype=dtype)
    eos = CONFIG["eos_token_id"]
    return {size: [block(0, eos, np.int64, size), block(1, 0.0, np.float32, size), block(2, -1, np.int64, size)] for size in LENGTHS if rows[size]}, kinds


def batches(packed, rng):
    """(length, row numbers) without end; every pass in another order."""
    while True:
        todo = []
        for length, (ids, _, _) in packed.items():
            order, size = rng.sample(range(len(ids)), len(ids)), TOKENS // length
            todo += [(length, order[i:i + size]) for i in range(0, len(order) - size + 1, size)]
        rng.shuffle(todo)
        yield from todo


def orthogonal(g):
    """Newton-Schulz: the nearest orthogonal matrix, roughly (the Muon step)."""
    x = g / (g.norm() + 1e-7)
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    for _ in range(5):
        a = x @ x.T
        x = 3.4445 * x + (-4.775 * a + 2.0315 * a @ a) @ x
    return x.T if tall else x


class Muon:
    """Momentum, made orthogonal, for the linear layers (Jordan 2024)."""

    def __init__(self, params):
        self.params, self.momentum = params, [torch.zeros_like(p) for p in params]

    @torch.no_grad()
    def step(self, lr):
        for p, m in zip(self.params, self.momentum):
            m.lerp_(p.grad, 0.05)
            update = orthogonal(p.grad.lerp(m, 0.95)) * max(1, p.shape[0] / p.shape[1]) ** 0.5
            p.mul_(1 - lr * DECAY).add_(update, alpha=-lr)


def schedule(step):
    if step < WARMUP:
        return (step + 1) / WARMUP
    return 1.0 if step < STAGES["web"] else 0.02 + 0.98 * (STEPS - step) / STAGES["aligned"]


def forward(net, packed, length, rows):
    """Loss to minimise, loss of each answer token, and the documents they belong to."""
    x, w, d = (torch.from_numpy(a[rows]) for a in packed[length])
    mask = (d[:, :-1, None] == d[:, None, :-1]) & torch.ones(length - 1, length - 1, dtype=torch.bool).tril()
    with torch.autocast("cpu", torch.bfloat16):
        hidden = net.body(x[:, :-1], mask[:, None])
        w = w[:, 1:] * (d[:, 1:] == d[:, :-1])
        used = w > 0  # the others need no logits
        logits = net.head(hidden[used])
    nll = torch.nn.functional.cross_entropy(logits.float(), x[:, 1:][used], reduction="none")
    w, d = w[used], d[:, 1:][used]
    answers = w == WEIGHT["answer"]
    return (nll * w).sum() / w.sum(), nll[answers].detach(), d[answers], nll[w == 1.0].detach()


class Report:
    """Mean loss of the answers by what is asked, since the last line."""

    def __init__(self):
        self.sums, self.began = {}, time.time()

    def add(self, nll, docs, kinds, text):
        for doc, value in zip(docs.tolist(), nll.tolist()):
            entry = self.sums.setdefault(kinds[doc], [0.0, 0])
            entry[0] += value
            entry[1] += 1
        entry = self.sums.setdefault("text", [0.0, 0])
        entry[0] += text.sum().item()
        entry[1] += len(text)

    def show(self, step):
        parts = sorted((k, v) for k, v in self.sums.items() if v[1] > 20)
        print(f"step {step}, {(time.time() - self.began) / 60:.1f} min: " + "; ".join(f"{k} {s / n:.3f}" for k, (s, n) in parts), flush=True)
        self.sums = {}


def train(net, stages, work):
    body = [p for n, p in net.named_parameters() if p.dim() == 2 and "embed" not in n]
    rest = [{"params": [p for n, p in net.named_parameters() if p.dim() != 2 and "embed" not in n], "rate": NORM_LR},
            {"params": [net.model.embed_tokens.weight], "rate": EMBED_LR}]
    muon, adam = Muon(body), torch.optim.AdamW(rest, betas=(0.9, 0.98), weight_decay=0.0)
    start = resume(work, net, muon, adam)
    step, report = 0, Report()
    for name, steps in STAGES.items():
        packed, kinds = stages[name]
        for (length, rows), _ in zip(batches(packed, random.Random(f"order {name}")), range(steps)):
            if step < start:
                step += 1
                continue
            loss, nll, docs, text = forward(net, packed, length, rows)
            net.zero_grad(set_to_none=True)
            loss.backward()
            muon.step(MUON_LR * schedule(step))
            for group in adam.param_groups:
                group["lr"] = group["rate"] * schedule(step)
            adam.step()
            report.add(nll, docs, kinds, text)
            step += 1
            if step % 50 == 0 or step == STEPS:
                report.show(step)
                if not math.isfinite(loss.item()):
                    sys.exit("training diverged")
                torch.save({"step": step, "net": net.state_dict(), "muon": muon.momentum, "adam": adam.state_dict()}, work / f"step_{step}.pt")
        yield name


def resume(work, net, muon, adam):
    """The step to go on from: the last of the saved ones that the given number of steps passes through."""
    found = [int(f.stem[5:]) for f in work.glob("step_*.pt")]
    step = max((s for s in found if s <= STEPS), default=0)
    if step:
        state = torch.load(work / f"step_{step}.pt")
        net.load_state_dict(state["net"])
        muon.momentum = state["muon"]
        adam.load_state_dict(state["adam"])
        print(f"goes on from step {step}")
    return step


def save(net, folder, tokenizer_file):
    folder.mkdir(parents=True, exist_ok=True)
    save_file({k: v.half().contiguous() for k, v in net.state_dict().items()}, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(CONFIG, indent=2) + "\n")
    (folder / "tokenizer.json").write_text(Path(tokenizer_file).read_text())


def main(work, folder):
    torch.manual_seed(5)
    torch.set_num_threads(2)
    work = Path(work)
    tok = Tokenizer.from_file(str(work / "tokenizer.json"))
    stages = {name: pack(work / f"{name}.jsonl", tok) for name in STAGES}
    net = Pebble()
    print(f"{sum(p.numel() for p in net.parameters())} parameters")
    for name, (packed, _) in stages.items():
        held, used = (sum(int(f(b[2])) for b in packed.values()) for f in (lambda d: d.size, lambda d: (d >= 0).sum()))
        print(f"{name}: {used} tokens ({used / held:.0%} of the rows), {STAGES[name] * TOKENS / held:.2f} passes", flush=True)
    for name in train(net, stages, work):
        if name == "web":
            save(net, work / "web", work / "tokenizer.json")
    save(net, Path(folder), work / "tokenizer.json")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Trains Pebble and writes it in Hugging Face format."""
import json
import math
import sys
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer

from model import CONFIG, Pebble

LENGTH, BATCH, STEPS, WARMUP = 256, 12, 900, 40
WEIGHT = {"text": 1.0, "question": 0.3, "answer": 5.0}
MUON_LR, ADAM_LR, DECAY = 0.02, 0.004, 0.05


def pack(text_file, tok):
    """Documents end to end in rows of LENGTH tokens: ids, loss weights and the number of the document."""
    bos, eos = CONFIG["bos_token_id"], CONFIG["eos_token_id"]
    rows, row = [], ([], [], [])
    lines = [json.loads(line) for line in open(text_file)]
    for n, doc in enumerate(lines):
        ids, weights = [bos], [0.0]
        for enc, (_, answer), part in zip(tok.encode_batch([a for a, _ in doc], add_special_tokens=False), doc, doc):
            ids += enc.ids
            weights += [WEIGHT["question" if answer else "text"]] * len(enc.ids)
            if answer:
                more = tok.encode(answer, add_special_tokens=False).ids
                ids += more
                weights += [WEIGHT["answer"]] * len(more)
        ids, weights = (ids + [eos])[:LENGTH], (weights + [1.0])[:LENGTH]
        if len(row[0]) + len(ids) > LENGTH:
            rows.append([part + [fill] * (LENGTH - len(row[0])) for part, fill in zip(row, (eos, 0.0, -1))])
            row = ([], [], [])
        for part, new in zip(row, (ids, weights, [n] * len(ids))):
            part.extend(new)
    return [np.array([r[i] for r in rows], dtype=d) for i, d in ((0, np.int64), (1, np.float32), (2, np.int64))]


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
    done = (step - WARMUP) / (STEPS - WARMUP)
    return 1.0 if done < 0.4 else 0.02 + 0.98 * (1 - (done - 0.4) / 0.6)


def train(net, ids, weights, docs):
    body = [p for n, p in net.named_parameters() if p.dim() == 2 and "embed" not in n]
    rest = [p for n, p in net.named_parameters() if p.dim() != 2 or "embed" in n]
    muon, adam = Muon(body), torch.optim.AdamW(rest, lr=ADAM_LR, betas=(0.9, 0.98), weight_decay=0.0)
    causal = torch.ones(LENGTH - 1, LENGTH - 1, dtype=torch.bool).tril()
    order, began, shown = np.random.default_rng(3), time.time(), 0.0
    queue = []
    for step in range(STEPS):
        if len(queue) < BATCH:
            queue = list(order.permutation(len(ids)))
        rows = [queue.pop() for _ in range(BATCH)]
        x, w, d = (torch.from_numpy(a[rows]) for a in (ids, weights, docs))
        mask = (d[:, :-1, None] == d[:, None, :-1]) & causal
        logits = net(x[:, :-1], mask[:, None])
        w = w[:, 1:] * (d[:, 1:] == d[:, :-1])
        nll = torch.nn.functional.cross_entropy(logits.flatten(0, 1), x[:, 1:].flatten(), reduction="none").view_as(w)
        loss = (nll * w).sum() / w.sum()
        net.zero_grad(set_to_none=True)
        loss.backward()
        muon.step(MUON_LR * schedule(step))
        adam.param_groups[0]["lr"] = ADAM_LR * schedule(step)
        adam.step()
        if step % 50 == 0 or step == STEPS - 1:
            answers = w == WEIGHT["answer"]
            print(f"step {step} loss {loss.item():.3f} answers {nll[answers].mean().item():.3f} "
                  f"text {nll[w == 1.0].mean().item():.3f} {(time.time() - began) / 60:.1f} min", flush=True)
        if not math.isfinite(loss.item()):
            sys.exit("training diverged")


def main(text_file, tokenizer_file, folder):
    torch.manual_seed(5)
    torch.set_num_threads(2)
    tok, folder = Tokenizer.from_file(tokenizer_file), Path(folder)
    ids, weights, docs = pack(text_file, tok)
    net = Pebble()
    print(f"{sum(p.numel() for p in net.parameters())} parameters, {len(ids)} rows, {int((docs >= 0).sum())} tokens, "
          f"{STEPS * BATCH / len(ids):.2f} passes", flush=True)
    train(net, ids, weights, docs)
    folder.mkdir(parents=True, exist_ok=True)
    save_file({k: v.half().contiguous() for k, v in net.state_dict().items()}, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(CONFIG, indent=2) + "\n")
    (folder / "tokenizer.json").write_text(Path(tokenizer_file).read_text())


if __name__ == "__main__":
    main(*sys.argv[1:])

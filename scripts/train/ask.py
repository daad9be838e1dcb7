"""Puts the items to a model: log-probabilities of answer options, text made greedily or by chance, log-probabilities of a text."""
import torch


def batches(sequences, size=48):
    """Sequences of ids, of similar length together, padded at the end."""
    order = sorted(range(len(sequences)), key=lambda i: len(sequences[i]))
    for k in range(0, len(order), size):
        part = order[k:k + size]
        width = max(len(sequences[i]) for i in part)
        yield part, torch.tensor([sequences[i] + [1] * (width - len(sequences[i])) for i in part])


@torch.no_grad()
def log_probs(net, sequences):
    """For each sequence the log-probability of every token but the first."""
    out = [None] * len(sequences)
    for part, ids in batches(sequences):
        lp = net(ids).log_softmax(-1)[:, :-1].gather(2, ids[:, 1:, None]).squeeze(2)
        for row, i in enumerate(part):
            out[i] = lp[row, :len(sequences[i]) - 1]
    return out


def choose(net, tok, questions):
    """For each (prompt, options) the summed log-probability of every option."""
    sequences, spans = [], []
    for prompt, options in questions:
        head = tok.encode(prompt).ids
        for o in options:
            full = tok.encode(f"{prompt} {o}").ids
            same = next((i for i, (a, b) in enumerate(zip(head, full)) if a != b), len(head))
            sequences.append(full)
            spans.append(same - 1)
    sums = iter([lp[k:].sum().item() for lp, k in zip(log_probs(net, sequences), spans)])
    return [[next(sums) for _ in options] for _, options in questions]


@torch.no_grad()
def generate(net, tok, prompts, count, temperature=0.0, seed=0):
    """Up to `count` new tokens for each prompt, to the first line break. Prompts of the same length go together."""
    torch.manual_seed(seed)
    ids, out = [tok.encode(p).ids for p in prompts], [None] * len(prompts)
    for length in sorted(set(map(len, ids))):
        part = [i for i, x in enumerate(ids) if len(x) == length]
        for k in range(0, len(part), 64):
            group, cache = part[k:k + 64], {}
            new = torch.tensor([ids[i] for i in group])
            made = [[] for _ in group]
            for _ in range(count):
                logits = net(new, cache=cache)[:, -1]
                new = logits.argmax(-1, keepdim=True) if temperature == 0 else torch.multinomial((logits / temperature).softmax(-1), 1)
                for row, token in zip(made, new[:, 0].tolist()):
                    row.append(token)
                if all(1 in row for row in made):
                    break
            for i, row in zip(group, made):
                out[i] = tok.decode(row[:row.index(1)] if 1 in row else row).split("\n")[0] if row else ""
    return out

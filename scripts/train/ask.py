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


@torch.no_grad()
def choose(net, tok, questions):
    """For each (prompt, options) the summed log-probability of every option."""
    tails = []  # of each option: its tokens after what it shares with the prompt
    heads = [tok.encode(prompt).ids for prompt, _ in questions]
    for head, (prompt, options) in zip(heads, questions):
        ids = [tok.encode(f"{prompt} {o}").ids for o in options]
        if any(full[:len(head)] != head for full in ids):
            raise ValueError(f"an option changes the tokens of its prompt: {prompt}")
        tails.append([full[len(head):] for full in ids])
    # The first token of every option is read off the end of the prompt; longer options need a run of their own.
    runs = [(q, k) for q, t in enumerate(tails) for k in [k for k, x in enumerate(t) if len(x) > 1] or [0]]
    sums = [[0.0] * len(t) for t in tails]
    for part, ids in batches([heads[q] + tails[q][k][:-1] for q, k in runs]):
        hidden = net.body(ids)
        for row, i in enumerate(part):
            (q, k), end = runs[i], len(heads[runs[i][0]]) - 1
            tail = tails[q][k]
            lp = net.head(hidden[row, end:end + len(tail)]).log_softmax(-1)
            for other, x in enumerate(tails[q]):
                if len(x) == 1:
                    sums[q][other] = lp[0, x[0]].item()
            sums[q][k] = sum(lp[n, token].item() for n, token in enumerate(tail))
    return sums


@torch.no_grad()
def generate(net, tok, prompts, count, temperature=0.0, seed=0):
    """Up to `count` new tokens for each prompt, to the first line break. Prompts of the same length go together; a prompt may be given twice."""
    torch.manual_seed(seed)
    ids, out = [tok.encode(p).ids for p in prompts], [None] * len(prompts)
    for length in sorted(set(map(len, ids))):
        part = [i for i, x in enumerate(ids) if len(x) == length]
        for k in range(0, len(part), 256):
            group, cache = part[k:k + 256], {}
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

"""Plain compression, to see what it does to the scores: round-to-nearest in groups of 64, and magnitude pruning."""
import copy

import torch

BITS = [8, 6, 5, 4, 3, 2]
SPARSITY = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]


def linears(net):
    return [m for n, m in net.named_modules() if isinstance(m, torch.nn.Linear)]


@torch.no_grad()
def quantized(net, bits, group=64):
    """Asymmetric round-to-nearest; every group of 64 inputs of a row has its own scale and zero point."""
    net = copy.deepcopy(net)
    for layer in linears(net):
        w = layer.weight
        g = w.view(-1, group)
        low, high = g.amin(1, keepdim=True), g.amax(1, keepdim=True)
        scale = ((high - low) / (2 ** bits - 1)).clamp_min(1e-8)
        w.copy_((((g - low) / scale).round() * scale + low).view_as(w))
    return net


@torch.no_grad()
def pruned(net, sparsity):
    """The smallest weights of each matrix become zero."""
    net = copy.deepcopy(net)
    for layer in linears(net):
        w = layer.weight
        k = int(w.numel() * sparsity)
        if k:
            w[w.abs() <= w.abs().flatten().kthvalue(k).values] = 0
    return net

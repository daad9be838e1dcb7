"""GPTQ and SparseGPT in PyTorch, built as the code published with the papers is: f32, blocks of 128 columns, one column
after another. Written for this comparison from the papers (Frantar et al. 2023, arXiv:2210.17323; Frantar and Alistarh
2023, arXiv:2301.00774).
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

BLOCK = 128
DAMPING = 0.01

Settle = Callable[[int], Tensor]  # what a column of the block becomes
Begin = Callable[[int, Tensor, Tensor], Settle]  # for a block: its first column, its weights, the factor's diagonal


def gram(inputs: Tensor) -> Tensor:
    """2/n XᵀX over n sequences, one sequence at a time as a running mean. `inputs` is [sequences, tokens, cols]."""
    total = torch.zeros(inputs.shape[-1], inputs.shape[-1])
    for seen, sequence in enumerate(inputs):
        total *= seen / (seen + 1)
        scaled = math.sqrt(2 / (seen + 1)) * sequence.t()
        total += scaled.matmul(scaled.t())
    return total


def inverse_factor(hessian: Tensor) -> Tensor:
    """The upper Cholesky factor of the inverse of the damped matrix, which is changed."""
    hessian.diagonal().add_(DAMPING * hessian.diagonal().mean())
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(hessian))
    return torch.linalg.cholesky(inverse, upper=True)


def column_loop(weight: Tensor, factor: Tensor, begin: Begin) -> Tensor:
    """Settles one column after another and spreads its error over the columns to come. `weight` is changed; so are,
    column by column, the weights that `begin` is given."""
    cols = weight.shape[1]
    settled = torch.zeros_like(weight)
    for start in range(0, cols, BLOCK):
        end = min(start + BLOCK, cols)
        block = weight[:, start:end].clone()
        inner = factor[start:end, start:end]
        errors = torch.zeros_like(block)
        settle = begin(start, block, inner.diagonal())
        for i in range(end - start):
            chosen = settle(i)
            error = (block[:, i] - chosen) / inner[i, i]
            block[:, i:] -= error.unsqueeze(1).matmul(inner[i, i:].unsqueeze(0))
            settled[:, start + i], errors[:, i] = chosen, error
        weight[:, end:] -= errors.matmul(factor[start:end, end:])
    return settled


def without_dead(weight: Tensor, hessian: Tensor) -> tuple[Tensor, Tensor]:
    """Copies in which columns without any input weigh nothing."""
    weight, hessian = weight.clone(), hessian.clone()
    dead = hessian.diagonal() == 0
    hessian[dead, dead] = 1
    weight[:, dead] = 0
    return weight, hessian


def grid(group: Tensor, bits: int) -> tuple[Tensor, Tensor]:
    """Scale and zero point per row of an evenly spaced grid that spans the values and 0."""
    low, high = group.amin(1).clamp(max=0), group.amax(1).clamp(min=0)
    empty = low == high
    low[empty], high[empty] = -1, 1
    scale = (high - low) / (2**bits - 1)
    return scale, torch.round(-low / scale)


def gptq(weight: Tensor, hessian: Tensor, bits: int, group_size: int) -> Tensor:
    """Asymmetric, all grids found first (static groups), columns with the strongest inputs first."""
    weight, hessian = without_dead(weight, hessian)
    grids = [grid(group, bits) for group in weight.split(group_size, 1)]
    order = hessian.diagonal().argsort(descending=True)
    groups = (order // group_size).tolist()
    factor = inverse_factor(hessian[order][:, order])

    def begin(start: int, block: Tensor, _diagonal: Tensor) -> Settle:
        def settle(i: int) -> Tensor:
            scale, zero = grids[groups[start + i]]
            code = torch.clamp(torch.round(block[:, i] / scale) + zero, 0, 2**bits - 1)
            return scale * (code - zero)

        return settle

    return column_loop(weight[:, order], factor, begin)[:, order.argsort()]


def sparsegpt(weight: Tensor, hessian: Tensor, sparsity: float) -> Tensor:
    """Unstructured: the least important weights of each block of columns, over all rows."""
    weight, hessian = without_dead(weight, hessian)
    factor = inverse_factor(hessian)

    def begin(_start: int, block: Tensor, diagonal: Tensor) -> Settle:
        importance = block**2 / diagonal**2
        threshold = importance.flatten().sort().values[int(importance.numel() * sparsity)]
        kept = importance > threshold
        return lambda i: block[:, i] * kept[:, i]

    return column_loop(weight, factor, begin)


def sparsegpt_pattern(weight: Tensor, hessian: Tensor, zeros: int, width: int) -> Tensor:
    """The `zeros` least important of each `width` neighbours, seen when the first of them is reached."""
    weight, hessian = without_dead(weight, hessian)
    factor = inverse_factor(hessian)

    def begin(_start: int, block: Tensor, diagonal: Tensor) -> Settle:
        kept = torch.ones_like(block, dtype=torch.bool)

        def settle(i: int) -> Tensor:
            if i % width == 0:
                importance = block[:, i : i + width] ** 2 / diagonal[i : i + width] ** 2
                least = importance.topk(zeros, 1, largest=False).indices
                kept.scatter_(1, i + least, False)
            return block[:, i] * kept[:, i]

        return settle

    return column_loop(weight, factor, begin)

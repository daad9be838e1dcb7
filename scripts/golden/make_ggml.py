"""Writes tests/golden/ggml.safetensors: blocks of every format of ggml that is read, and the values that gguf gives them."""

import sys
from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import save_file

# Where the floats of a block lie: what its scales are multiplied by, and what its minima are.
FLOATS = {
    "Q4_0": [0],
    "Q4_1": [0, 2],
    "Q5_0": [0],
    "Q5_1": [0, 2],
    "Q8_0": [0],
    "Q2_K": [80, 82],
    "Q3_K": [108],
    "Q4_K": [0, 2],
    "Q5_K": [0, 2],
    "Q6_K": [208],
    "IQ4_NL": [0],
    "IQ4_XS": [0],
    "TQ1_0": [52],
    "TQ2_0": [64],
    "MXFP4": [],
}
EXTREMES = [
    (0.013, 0.021),
    (-0.7, 3.1),
    (0.0, 0.37),
    (0.0, 0.0),
    (0.25, -0.0),
    (6e-8, 4e-7),  # subnormal in f16
    (65504.0, -65504.0),
    (np.inf, 1.0),
    (0.1, np.nan),
]
WITH_ALL_BITS, WITHOUT_BITS, BLOCKS = 9, 10, 12


def main(path: Path) -> None:
    random = np.random.default_rng(0)
    tensors = {}
    for name, places in FLOATS.items():
        kind = gguf.GGMLQuantizationType[name]
        _, size = gguf.GGML_QUANT_SIZES[kind]
        blocks = random.integers(0, 256, (BLOCKS, size), dtype=np.uint8)
        blocks[WITH_ALL_BITS] = 255
        blocks[WITHOUT_BITS] = 0
        if name == "TQ2_0":
            # Pairs of bits that are both set stand for no value of three: the upper one is cleared.
            blocks[:, :64] &= ~((blocks[:, :64] & blocks[:, :64] >> 1 & 0x55) << 1)
        if name == "MXFP4":
            blocks[:4, 0] = [0, 1, 2, 255]  # exponents: those below what is normal, and the largest
        for i, block in enumerate(blocks):
            for place, value in zip(places, EXTREMES[i % len(EXTREMES)], strict=False):
                block[place : place + 2] = np.array([value], dtype=np.float16).view(np.uint8)
        with np.errstate(invalid="ignore"):
            values = gguf.dequantize(blocks, kind)
        tensors[f"{name}.blocks"] = blocks
        tensors[f"{name}.values"] = values.astype(np.float32, copy=False)
    save_file(tensors, path)


main(Path(sys.argv[1]))

"""Writes tiny folders as AutoGPTQ, GPTQModel and AutoAWQ do, and beside each the same weights written out in float32.

Usage: make_quantized.py FOLDER (scripts/golden/make calls it, behind make_golden.py, whose models it quantizes)

The packing follows the published code, column by column: QuantLinear.pack of AutoGPTQ, WQLinear_GEMM.from_linear of
AutoAWQ. What is written out is scale * (code - zero point), with the group of each column as the file states it.
"""

import json
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

AWQ_ORDER = (0, 2, 4, 6, 1, 3, 5, 7)

#  name, model, how
FOLDERS = [
    ("gptq", "qwen3", {"bits": 4, "group_size": 16}),
    ("gptq_symmetric", "qwen2", {"bits": 4, "group_size": -1, "sym": True}),
    ("gptq_ordered", "qwen3", {"bits": 4, "group_size": 16, "desc_act": True}),
    ("gptq_uneven", "qwen3", {"bits": 8, "group_size": 16, "desc_act": True}),
    ("gptq_v2_3bit", "qwen3", {"bits": 3, "group_size": 16, "checkpoint_format": "gptq_v2"}),
    ("gptq_phi3", "phi3", {"bits": 8, "group_size": 16}),
    ("gptq_neox", "gpt_neox", {"bits": 2, "group_size": 16, "desc_act": True}),
    ("gptq_gpt2", "gpt2", {"bits": 4, "group_size": 16}),
    ("awq", "qwen2", {"bits": 4, "group_size": 16, "version": "gemm", "zero_point": True}),
    ("awq_phi3", "phi3", {"bits": 4, "group_size": 32, "version": "GEMM", "zero_point": True}),
]


def groups_of_columns(name: str, how: dict, columns: int, random: np.random.Generator) -> np.ndarray:
    size = columns if how["group_size"] == -1 else how["group_size"]
    groups = np.arange(columns) // size
    if how.get("desc_act"):
        groups = random.permutation(groups)
    if name == "gptq_uneven":
        groups[random.integers(columns)] = 0
    return groups.astype(np.int32)


def quantize(weight: np.ndarray, groups: np.ndarray, how: dict) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes [out, in], scales in half precision and zero points [out, groups]; codes reach from 0 to the largest."""
    most = 2 ** how["bits"] - 1
    count = groups.max() + 1
    scales = np.zeros((len(weight), count), np.float16)
    zeros = np.zeros((len(weight), count), np.int64)
    for group in range(count):
        part = weight[:, groups == group]
        low, high = np.minimum(part.min(1), 0), np.maximum(part.max(1), 0)
        if how.get("sym"):
            high = np.maximum(high, -low)
            low = -high
        scales[:, group] = (high - low) / most
        zeros[:, group] = (most + 1) // 2 if how.get("sym") else np.round(-low / scales[:, group].astype(np.float32))
    if how["quant_method"] == "gptq" and how.get("checkpoint_format") != "gptq_v2":
        zeros = np.maximum(zeros, 1)  # less 1, a zero point of 0 would run into its neighbours: a fault of the first form
    codes = np.round(weight / scales.astype(np.float32)[:, groups]) + zeros[:, groups]
    return np.clip(codes, 0, most).astype(np.uint32), scales, zeros


def pack_rows(values: np.ndarray, bits: int) -> np.ndarray:
    """[rows, columns] to words [rows * bits / 32, columns]."""
    values = values.astype(np.uint32)
    words = np.zeros((len(values) * bits // 32, values.shape[1]), np.uint32)
    i = word = 0
    while word < len(words):
        if bits in (2, 4, 8):
            for j in range(i, i + 32 // bits):
                words[word] |= values[j] << (bits * (j - i))
            i += 32 // bits
            word += 1
            continue
        for j in range(i, i + 10):
            words[word] |= values[j] << (3 * (j - i))
        i += 10
        words[word] |= values[i] << 30
        word += 1
        words[word] |= (values[i] >> 2) & 1
        i += 1
        for j in range(i, i + 10):
            words[word] |= values[j] << (3 * (j - i) + 1)
        i += 10
        words[word] |= values[i] << 31
        word += 1
        words[word] |= (values[i] >> 1) & 3
        i += 1
        for j in range(i, i + 10):
            words[word] |= values[j] << (3 * (j - i) + 2)
        i += 10
        word += 1
    return words.view(np.int32)


def pack_eights(values: np.ndarray) -> np.ndarray:
    """[rows, columns] to words [rows, columns / 8], in AutoAWQ's order."""
    values = values.astype(np.uint32)
    words = np.zeros((len(values), values.shape[1] // 8), np.uint32)
    for word in range(words.shape[1]):
        for i, place in enumerate(AWQ_ORDER):
            words[:, word] |= values[:, word * 8 + place] << (4 * i)
    return words.view(np.int32)


def packed(codes: np.ndarray, scales: np.ndarray, zeros: np.ndarray, groups: np.ndarray, how: dict) -> dict[str, np.ndarray]:
    parts = {"scales": np.ascontiguousarray(scales.T)}
    if how["quant_method"] == "awq":
        return parts | {"qweight": pack_eights(codes.T), "qzeros": pack_eights(zeros.T)}
    bits = how["bits"]
    stored = zeros if how.get("checkpoint_format") == "gptq_v2" else zeros - 1
    qzeros = np.ascontiguousarray(pack_rows(stored, bits).T)
    return parts | {"qweight": pack_rows(codes.T, bits), "qzeros": qzeros, "g_idx": groups}


def is_linear(name: str, value: np.ndarray) -> bool:
    tables = ("embed", "lm_head", "wte", "wpe")
    return name.endswith(".weight") and value.ndim == 2 and not any(table in name for table in tables)


def main() -> None:
    root = Path(sys.argv[1])
    for seed, (name, model, how) in enumerate(FOLDERS):
        random = np.random.default_rng(seed)
        how = {"quant_method": name.split("_")[0]} | how
        files, written_out = {}, {}
        for tensor, value in load_file(root / model / "model.safetensors").items():
            if not is_linear(tensor, value):
                files[tensor] = written_out[tensor] = value
                continue
            turned = model == "gpt2"
            weight = (value.T if turned else value).astype(np.float32)
            groups = groups_of_columns(name, how, weight.shape[1], random)
            codes, scales, zeros = quantize(weight, groups, how)
            layer = tensor.removesuffix("weight")
            files |= {layer + part: array for part, array in packed(codes, scales, zeros, groups, how).items()}
            again = scales.astype(np.float32)[:, groups] * (codes.astype(np.float32) - zeros[:, groups].astype(np.float32))
            written_out[tensor] = np.ascontiguousarray(again.T if turned else again)
        folder = root / "quantized" / name
        folder.mkdir(parents=True, exist_ok=True)
        config = json.loads((root / model / "config.json").read_text()) | {"quantization_config": how}
        (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
        for file, tensors in (("model", files), ("written_out", written_out)):
            save_file(tensors, folder / f"{file}.safetensors", {"format": "pt"})
            (folder / f"{file}.safetensors").chmod(0o644)  # safetensors makes it readable by its owner alone


if __name__ == "__main__":
    main()

"""Writes tiny BitNet folders in the three forms of transformers, and beside each the same weights written out in float32.

Usage: make_bitnet.py FOLDER (scripts/golden/make calls it, behind make_golden.py, whose BitNet it quantizes)

What rounds and packs is transformers' own code (integrations/bitnet.py).
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers.integrations.bitnet import WeightQuant, pack_weights

#  name, how, whether weight_scale is what weights are divided by
FOLDERS = [
    ("bitnet", {"linear_class": "autobitlinear", "quantization_mode": "offline"}, False),
    ("bitnet_divided", {"modules_to_not_convert": ["lm_head"]}, True),
    ("bitnet_online", {"linear_class": "autobitlinear", "quantization_mode": "online"}, False),
]


def main() -> None:
    root = Path(sys.argv[1])
    model = load_file(root / "bitnet" / "model.safetensors")
    for name, how, divided in FOLDERS:
        files, written_out = {}, {}
        for tensor, value in model.items():
            if not (".layers." in tensor and tensor.endswith("_proj.weight")):
                files[tensor] = written_out[tensor] = value
                continue
            rounded = WeightQuant.apply(value.float())
            scale = rounded.abs().max()
            files[tensor] = value
            if how.get("quantization_mode") != "online":
                # As models store it, in bfloat16.
                stored = (1 / scale if divided else scale).to(torch.bfloat16)
                files[tensor] = pack_weights(torch.sign(rounded))
                files[f"{tensor}_scale"] = stored.reshape(1)
                rounded = torch.sign(rounded) / stored.float() if divided else torch.sign(rounded) * stored.float()
            written_out[tensor] = rounded
        folder = root / "quantized" / name
        folder.mkdir(parents=True, exist_ok=True)
        config = json.loads((root / "bitnet" / "config.json").read_text()) | {"quantization_config": {"quant_method": "bitnet"} | how}
        (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
        for file, tensors in (("model", files), ("written_out", written_out)):
            save_file(tensors, folder / f"{file}.safetensors", {"format": "pt"})
            (folder / f"{file}.safetensors").chmod(0o644)  # safetensors makes it readable by its owner alone


if __name__ == "__main__":
    main()

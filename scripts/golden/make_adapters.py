"""Writes tests/golden/adapters: low-rank adapters of golden models as the peft library saves them, and the logits of the merged models.

Usage: make_adapters.py GOLDEN

The weights of an adapter are random, A and B both, so that every product moves the logits. Each model is read in the format of its
file, merged by `merge_and_unload` in that format, and then computes in float32: what is rounded there is rounded here.
"""

import json
import sys
from pathlib import Path

import peft
import torch
import transformers
from peft import LoraConfig, get_peft_model

from make_golden import LENGTHS, write_golden
from golden_models import VOCABULARY

LLAMA = ["q_proj", "v_proj", "down_proj"]
# name of the adapter: the golden model, and what differs from the library's defaults
ADAPTERS = {
    "llama": ("llama_gqa", {"r": 4, "lora_alpha": 10, "target_modules": [*LLAMA, "lm_head"]}),
    "llama_f16": ("llama_f16", {"r": 3, "lora_alpha": 6, "use_rslora": True, "target_modules": LLAMA}),
    "llama_patterns": (
        "llama_bf16",
        {
            "r": 4,
            "lora_alpha": 8,
            "target_modules": LLAMA,
            "rank_pattern": {"layers.1.self_attn.q_proj": 2},
            "alpha_pattern": {"v_proj": 3},
        },
    ),
    "phi3": ("phi3", {"r": 2, "lora_alpha": 2, "target_modules": ["qkv_proj", "gate_up_proj"]}),
    "gpt2": ("gpt2", {"r": 2, "lora_alpha": 4, "target_modules": ["c_attn", "c_fc"]}),
    "gpt_neox": ("gpt_neox", {"r": 2, "lora_alpha": 4, "target_modules": ["query_key_value"]}),
}


def main() -> None:
    torch.set_num_threads(1)
    golden = Path(sys.argv[1])
    for seed, (name, (base, settings)) in enumerate(ADAPTERS.items()):
        generator = torch.Generator().manual_seed(100 + seed)
        model = transformers.AutoModelForCausalLM.from_pretrained(golden / base, dtype="auto", attn_implementation="eager")
        adapted = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", **settings))
        for parameter_name, parameter in adapted.named_parameters():
            if ".lora_" in parameter_name:
                parameter.data = 0.3 * torch.randn(parameter.shape, generator=generator)
        folder = golden / "adapters" / name
        adapted.save_pretrained(folder)
        (folder / "README.md").unlink()
        config_file = folder / "adapter_config.json"
        config = json.loads(config_file.read_text()) | {"base_model_name_or_path": base}
        config["target_modules"] = sorted(config["target_modules"])  # a set, in any order
        config_file.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
        merged = adapted.merge_and_unload().float()
        cases = []
        for length in LENGTHS:
            tokens = torch.randint(0, VOCABULARY, (length,), generator=generator)
            with torch.inference_mode():
                logits = merged(tokens[None]).logits[0]
            cases.append({"tokens": tokens.tolist(), "logits": [[float(f"{x:.7g}") for x in row] for row in logits.tolist()]})
        write_golden(folder, 100 + seed, cases)
        print(f"{name}: peft {peft.__version__}")


if __name__ == "__main__":
    main()

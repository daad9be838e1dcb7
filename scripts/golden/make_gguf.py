"""Writes tests/golden/converted/NAME.gguf: golden models as the converter of llama.cpp lays them out.

Usage: make_gguf.py GOLDEN LLAMA_CPP [NAME...]

LLAMA_CPP is a source tree of llama.cpp (`vendor/llama.cpp` in the source package of llama-cpp-python 0.3.36). Run by hand in
the environment of scripts/golden/make. The tokenizer of the golden models is known to nobody, so it is written as one of GPT-2;
the tests give token numbers.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

from transformers import AutoConfig, GraniteConfig
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

NAMES = ["olmo2", "smollm3", "granite", "granite4", "minicpm", "gemma", "phi", "stablelm", "ernie4_5", "exaone4", "hunyuan", "bloom"]
NAMES += ["lfm2"]
# The converter asks for them although there are no such layers.
MAMBA = {"mamba_n_groups": 1, "mamba_expand": 2, "mamba_d_conv": 4, "mamba_d_state": 16, "mamba_d_head": 16}
# llama.cpp knows the windows of EXAONE 4 by its 64 layers; its converter knows dense Granite 4 by these names of layers.
CHANGES = {
    "exaone4": {"sliding_window": None, "layer_types": ["full_attention"] * 3},
    "granite4": {"layer_types": ["attention"] * 2, "num_experts_per_tok": 0} | MAMBA,
}


class MiniCPMConfig(GraniteConfig):
    """Its tokenizer is not opened without one."""

    model_type = "minicpm"


def main() -> None:
    AutoConfig.register("minicpm", MiniCPMConfig)
    golden, llama_cpp = Path(sys.argv[1]), sys.argv[2]
    sys.path[1:1] = [llama_cpp, f"{llama_cpp}/gguf-py"]
    import convert_hf_to_gguf
    from conversion import TextModel

    TextModel.get_vocab_base_pre = lambda self, tokenizer: "gpt-2"
    TextModel._set_vocab_sentencepiece = lambda self, *args, **kwargs: self._set_vocab_gpt2()
    (golden / "converted").mkdir(exist_ok=True)
    for name in sys.argv[3:] or NAMES:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / name
            shutil.copytree(golden / name, folder)
            config = json.loads((folder / "config.json").read_text()) | CHANGES.get(name, {})
            model_type = config["model_type"]
            config["architectures"] = [MODEL_FOR_CAUSAL_LM_MAPPING_NAMES.get(model_type, "MiniCPMForCausalLM")]
            (folder / "config.json").write_text(json.dumps(config))
            (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "PreTrainedTokenizerFast"}')
            sys.argv[1:] = [str(folder), "--outtype", "f16", "--outfile", str(golden / "converted" / f"{name}.gguf")]
            convert_hf_to_gguf.main()


main()

"""Byte-level BPE over the training text, saved as a Hugging Face tokenizer.json."""
import itertools
import json
import sys
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

VOCAB, BOS, EOS = 2048, "<|bos|>", "<|eos|>"


def main(folder, out):
    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tok.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=VOCAB, special_tokens=[BOS, EOS], show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    lines = (line for name, most in (("web", 30_000), ("aligned", 15_000)) for line in itertools.islice(open(Path(folder) / f"{name}.jsonl"), most))
    tok.train_from_iterator(("".join(a + b for a, b in json.loads(line)) for line in lines), trainer)
    # Every text begins with the beginning-of-text token, as every training document did.
    tok.post_processor = processors.TemplateProcessing(single=f"{BOS} $A", special_tokens=[(BOS, tok.token_to_id(BOS))])
    tok.save(out)
    print("vocabulary", tok.get_vocab_size(), tok.encode("Answer: not wrong").tokens)


if __name__ == "__main__":
    main(*sys.argv[1:])

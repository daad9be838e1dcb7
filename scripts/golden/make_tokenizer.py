"""Writes what SentencePiece itself makes of some texts.

Usage: make_tokenizer.py TOKENIZER_MODEL OUT (run by hand, with sentencepiece of requirements.txt)
"""

import json
import sys
from pathlib import Path

import sentencepiece

TEXTS = [
    "",
    " ",
    "Hello, world!",
    " leading and trailing ",
    "two  spaces   three",
    "The quick brown fox jumps over the lazy dog. 1234567890",
    "line\nbreak\ttab",
    "déjà vu, naïve façade, Zürich",
    "日本語のテキスト",
    "emoji 🙂🙃 and \u200d joiner",
    "def f(x):\n    return x ** 2  # square\n",
    "supercalifragilisticexpialidocious antidisestablishmentarianism",
    "▁ an underscore of its own ▁▁",
    "a" * 40,
]


def main() -> None:
    processor = sentencepiece.SentencePieceProcessor(model_file=sys.argv[1])
    encoded = [(text, processor.encode(text)) for text in TEXTS]
    cases = [{"text": text, "ids": ids, "back": processor.decode(ids)} for text, ids in encoded]
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    head = json.dumps({"sentencepiece": sentencepiece.__version__})[:-1]
    Path(sys.argv[2]).write_text(f'{head}, "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()

"""Makes tests/golden/classifiers: tiny random text classifiers of the BERT kind, with what transformers says of texts.

Usage: make_classifiers.py FOLDER (scripts/golden/make calls it)

Each folder is a classifier as Hugging Face lays it out, and golden.json: for each text its tokens, the logits of every
label (float32, eager attention) and the probability of the label "toxic" as the text-classification pipeline gives it.
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

WORDS = "you are a an stupid kind idiot friend the cat sat on mat and said to me go away please thank ! . , ' ##s ##ly ##ing".split()
SPECIAL = ["<pad>", "<unk>", "<s>", "</s>"]
LIMIT = 20
TEXTS = [
    "You are a stupid idiot!",
    "The cat sat on the mat, and said thanks.",
    "Please",
    "",
    "go away and " * 12,  # longer than the limit
    "Zebras quietly unknown",
]
SHAPE = dict(vocab_size=len(WORDS) + len(SPECIAL), initializer_range=0.4)
BERT = dict(hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=3, **SHAPE)
MADE = {
    "bert": transformers.BertConfig(
        **BERT, max_position_embeddings=LIMIT, pad_token_id=0, id2label={0: "neutral", 1: "toxic"}
    ),
    "bert_relu_one_label": transformers.BertConfig(
        **BERT, max_position_embeddings=LIMIT, pad_token_id=0, hidden_act="relu", layer_norm_eps=1e-3, id2label={0: "TOXICITY"}
    ),
    "distilbert": transformers.DistilBertConfig(
        dim=24, hidden_dim=40, n_layers=2, n_heads=3, max_position_embeddings=LIMIT, pad_token_id=0, **SHAPE,
        problem_type="multi_label_classification", id2label={0: "severe_toxic", 1: "insult", 2: "toxic"},
    ),
    # The padding token is 1 there in real files, and positions begin behind it.
    "roberta": transformers.RobertaConfig(
        **BERT, max_position_embeddings=LIMIT + 2, pad_token_id=1, type_vocab_size=1, layer_norm_eps=1e-5,
        id2label={0: "non-toxic", 1: "toxic"},
    ),
}


def tokenizer(pad: int) -> transformers.PreTrainedTokenizerFast:
    """A word-piece tokenizer that puts <s> before and </s> behind a text."""
    special = SPECIAL.copy()
    special[0], special[pad] = special[pad], special[0]
    vocab = {word: i for i, word in enumerate(special + WORDS)}
    inner = Tokenizer(models.WordPiece(vocab, unk_token="<unk>"))
    inner.normalizer = normalizers.BertNormalizer()
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ends = [("<s>", vocab["<s>"]), ("</s>", vocab["</s>"])]
    inner.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=ends)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="<pad>", unk_token="<unk>", cls_token="<s>", sep_token="</s>", model_max_length=LIMIT
    )


def main() -> None:
    transformers.utils.logging.set_verbosity_error()
    for seed, (name, config) in enumerate(MADE.items()):
        folder = Path(sys.argv[1]) / name
        torch.manual_seed(seed)
        config._attn_implementation = "eager"
        model = transformers.AutoModelForSequenceClassification.from_config(config).eval()
        with torch.no_grad():
            for weight in model.parameters():  # norms and biases too, which otherwise begin as 1 and 0
                weight.add_(torch.randn_like(weight) * 0.2)
        words = tokenizer(config.pad_token_id)
        pipeline = transformers.pipeline("text-classification", model=model, tokenizer=words, top_k=None, truncation=True)
        cases = []
        for text in TEXTS:
            tokens = words(text, truncation=True)["input_ids"]
            with torch.no_grad():
                logits = model(torch.tensor([tokens])).logits[0]
            scores = {entry["label"].lower(): entry["score"] for entry in pipeline([text])[0]}
            probability = scores.get("toxic", scores.get("toxicity"))
            cases.append({"text": text, "tokens": tokens, "logits": logits.tolist(), "toxicity": probability})
        model.save_pretrained(folder)
        words.backend_tokenizer.no_truncation()  # as files have it; the reader has to cut
        words.backend_tokenizer.save(str(folder / "tokenizer.json"))
        (folder / "golden.json").write_text(json.dumps({"cases": cases}, indent=1) + "\n")
        print(name, [round(case["toxicity"], 3) for case in cases])


if __name__ == "__main__":
    main()

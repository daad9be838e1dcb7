"""Writes tests/golden/chat_templates.json: conversations as transformers fills in the chat templates of real models."""

import datetime
import json
import sys
from pathlib import Path

import transformers
from chat_features import FEATURES, QUOTED
from transformers.utils import chat_template_utils
from transformers.utils.chat_template_utils import render_jinja_template

# Chat templates word for word as their models' tokenizer_config.json have them.
CHATML = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou "
    "are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + "
    "message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt "
    "%}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
LLAMA_2 = (
    "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = "
    "messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif "
    "%}{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ "
    "raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if "
    "loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\\n' + system_message + "
    "'\\n<</SYS>>\\n\\n' + message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}{% if "
    "message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}{% elif message['role'] "
    "== 'assistant' %}{{ ' '  + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}"
)
ZEPHYR = (
    "{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content'] + "
    "eos_token }}\n{% elif message['role'] == 'system' %}\n{{ '<|system|>\n' + message['content'] + eos_token }}\n{% "
    "elif message['role'] == 'assistant' %}\n{{ '<|assistant|>\n'  + message['content'] + eos_token }}\n{% endif "
    "%}\n{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}"
)
# A template that takes no system message (Gemma): what it is given has the text at the head of the first question.
GEMMA = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% "
    "endif %}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ "
    "raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if "
    "(message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif "
    "%}{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}{% if "
    "add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}"
)

ONE = [{"role": "user", "content": " Is it wrong?\nAct: I ran. "}]
MANY = [
    {"role": "system", "content": "Be kind."},
    {"role": "user", "content": "My number is 555-0134."},
    {"role": "assistant", "content": "I keep it."},
    {"role": "user", "content": "What is it?"},
]
JOINED = [{"role": "user", "content": "Be kind.\n\nMy number is 555-0134."}, *MANY[2:]]


class Day(datetime.datetime):
    """The day that ours never leaves."""

    @classmethod
    def now(cls):
        return cls(2024, 7, 1)


def case(name, template, tokens, messages, sent=None):
    # Ours asks for no thinking, where a template knows the word.
    given = {"add_generation_prompt": True, "enable_thinking": False, **tokens}
    rendered, _ = render_jinja_template([sent or messages], chat_template=template, **given)
    config = {**tokens, "chat_template": template}
    return {"name": name, "tokenizer_config": config, "messages": messages, "rendered": rendered[0]}


def main():
    llama = {"bos_token": "<s>", "eos_token": "</s>"}
    cases = []
    for name, template, tokens in [
        ("chatml", CHATML, {"bos_token": "<|im_start|>", "eos_token": "<|im_end|>"}),
        ("llama_2", LLAMA_2, llama),
        ("zephyr", ZEPHYR, llama),
    ]:
        cases += [case(name, template, tokens, messages) for messages in (ONE, MANY)]
    gemma = {"bos_token": "<bos>", "eos_token": "<eos>"}
    cases += [case("gemma", GEMMA, gemma, ONE), case("gemma", GEMMA, gemma, MANY, sent=JOINED)]
    chat_template_utils.datetime = Day
    for name, template in FEATURES.items():
        cases += [case(name, template, llama, messages) for messages in (QUOTED, MANY)]
    golden = {"transformers": transformers.__version__, "cases": cases}
    Path(sys.argv[1]).write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()

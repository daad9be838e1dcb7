"""Templates that each use a part of what transformers' environment offers, by name."""

QUOTED = [{"role": "user", "content": " Tom & Ann's <b>\"Zürich\"</b>\t\\ 🙂\u2028\x01\x7f\r\nend "}]

# As Qwen3's: the last question is looked for from behind, and thinking is on unless it is turned off.
QWEN3 = """{%- if messages[0].role == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- endif %}
{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.multi_step_tool and message.role == "user" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
        {%- set ns.multi_step_tool = false %}
        {%- set ns.last_query_index = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- set content = message.content if message.content is string else '' %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {%- set reasoning_content = '' %}
        {%- if message.reasoning_content is string %}
            {%- set reasoning_content = message.reasoning_content %}
        {%- elif '</think>' in content %}
            {%- set reasoning_content = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {%- if loop.index0 > ns.last_query_index %}
            {{- '<|im_start|>' + message.role + '\\n<think>\\n' + reasoning_content.strip('\\n') + '\\n</think>\\n\\n' }}
        {%- else %}
            {{- '<|im_start|>' + message.role + '\\n' + content }}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}"""

# As SmolLM3's, in short: macros, a day, and `default` for whether to think.
SMOLLM3 = """{%- set enable_thinking = enable_thinking | default(true) -%}
{%- macro spoken(role, text, tail='') -%}<|im_start|>{{ role }}
{{ text }}{{ tail }}<|im_end|>
{% endmacro -%}
{%- set mode = '/think' if enable_thinking else '/no_think' -%}
<|im_start|>system
Today Date: {{ strftime_now('%d %B %Y') }}
Reasoning Mode: {{ mode }}
<|im_end|>
{% for message in messages -%}
    {%- if message.role == 'assistant' -%}
        {% generation %}{{ spoken('assistant', message.content.lstrip('\\n'), tail='\\n') }}{% endgeneration %}
    {%- else -%}
        {{- spoken(message.role, message.content) }}
    {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% if not enable_thinking %}{{ '<think>\\n\\n</think>\\n' }}{% endif %}{% endif -%}"""

FEATURES = {
    "tojson": "{{ messages | tojson }}|{{ messages[0].content|tojson }}",
    "tojson_ascii": "{{ messages | tojson(ensure_ascii=True) }}|{{ messages | tojson(ensure_ascii=False) }}|{{ messages | tojson(true) }}",
    "tojson_indent": "{{ messages | tojson(indent=2) }}{{ [] | tojson(indent=4) }}{{ {} | tojson(indent=4) }}"
    "{{ [1, [2, {'a': []}]] | tojson(indent=0) }}{{ [1, {'b': 2}] | tojson(indent='--') }}{{ [1] | tojson(indent=none) }}"
    "{{ [1] | tojson(indent=true) }}",
    "tojson_separators": "{{ {'b': [1, 2], 'a': none} | tojson(separators=(',', ':')) }}"
    "{{ {'b': [1, 2]} | tojson(indent=1, separators=[' ,', ' : ']) }}",
    "tojson_sorted": "{{ {'b': 1, 'a': {'d': 1, 'c': 2}} | tojson(sort_keys=true) }}{{ {'b': 1, 'a': 2} | tojson(sort_keys=false) }}",
    "tojson_positional": "{{ {'ü': 1, 'a': [2]} | tojson(true, 2, (', ', ' = '), true) }}",
    "tojson_numbers": "{{ [0, 1, -7, 1.0, -0.5, 0.1, 1e-7, 0.0001, 0.00001, 1e15, 1e16, 1e22, 1.5e300, 123456789012345678] | tojson }}",
    "tojson_kinds": "{{ [none, true, false, (1, 'a'), {7: 2, none: 3, false: 4, 1.5: 5}] | tojson }}",
    "percent_text": "{{ '%s and %s' % ('a', 2) }}|{{ 'just %s' % messages[0].content }}|{{ \"%d%%\" % 7 }}|{{ '%05.2f' % 3.14159 }}|"
    "{{ '%-5s|%5s' % ('a', 'b') }}|{{ '%x' % 255 }}|{{ '%(a)s %(b)d' % {'a': 'x', 'b': 3} }}|{{ '%s' % none }}|{{ '%s' % true }}|"
    "{{ '%s' % [1, 'a'] }}|{{ '%s' % 1.0 }}|{{ '%03d' % loop_count | default(7) }}",
    "percent_number": "{{ 7 % 3 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ 7.5 % 2 }} {{ 2 * 7 % 5 }} {{ 2 + 7 % 5 }} {{ 17 % 10 % 4 }} {{ (1 + 8) % 4 * 3 }}"
    "{% for m in messages %}{% if loop.index0 % 2 == 0 and not loop.index % 2 == 0 %}[{{ loop.index }}]{% endif %}{% endfor %}"
    "{{ 'even' if 4 % 2 == 0 else 'odd' }}{{ [1 % 2, {'a': 5 % 3}['a'], '%s' % ('%s' % 'in')] }}",
    "percent_places": "{% set t = '%s!' % messages[0].role %}{{ t | upper }}{{ ('%s' % 'x') ~ '%' ~ '%}' }}{{ '%s' % 'a' | upper }}"
    "{% raw %}{{ '%s' % 'raw' }} {% generation %}{% endraw %}{# '%s' % 'comment' {% generation %} #}"
    "{%- if '%s' % 'a' == 'a' -%} yes {%- endif -%}{{ \"it's {% generation %}\" ~ '%d' % 3 }}{{ messages[0]['role'] % () }}",
    "generation": "{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}{{ m.content }}{% endgeneration %}{% else %}"
    "{{ m.content }}{% endif %}{% endfor %}",
    "generation_trimmed": "{%- for m in messages %}\n  {%- generation -%}\n  {{ loop.index }}{% set x = 1 %}{{ m.content }}\n  {%- endgeneration %}\n"
    "{{ x is defined }}\n{% endfor -%}\n{%generation%}a{%endgeneration%}\n  {%+ generation +%}\n b {% endgeneration %}",
    "nothing_given": "{{ tools is none }} {{ documents is none }} {{ tools is defined }} {% if tools %}x{% endif %}{{ documents }}"
    "{% if not documents is none and documents | length > 0 %}y{% endif %}{{ unheard is defined }}{{ unheard }}{% if 'a' in unheard %}z{% endif %}"
    "{% for x in unheard %}{{ x }}{% endfor %}",
    "loop_controls": "{% for m in messages %}{% if loop.index == 2 %}{% continue %}{% endif %}{{ loop.index }}/{{ loop.revindex }}"
    "{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.previtem.role if loop.previtem is defined else '-' }}"
    "{{ loop.nextitem.role if loop.nextitem is defined else '-' }}{{ loop.cycle('a', 'b') }}{% if loop.index > 2 %}{% break %}{% endif %}{% endfor %}",
    "text_strip": "{{ '  a b ' .strip() }}|{{ 'xxaxx'.strip('x') }}|{{ 'abcba'.lstrip('ab') }}|{{ 'abcba'.rstrip('ab') }}|{{ '\\n a\\n'.rstrip() }}|"
    "{{ 'a'.strip(none) }}|{{ 'prefix-a'.removeprefix('prefix-') }}|{{ 'a.txt'.removesuffix('.txt') }}|{{ 'a'.removeprefix('b') }}",
    "text_split": "{{ 'a,b,c'.split(',') }}{{ 'a,b,c'.split(',', 1) }}{{ 'a,b,c'.split(',', maxsplit=1) }}{{ ' a  b '.split() }}{{ 'a b  c d'.split(none, 1) }}"
    "{{ 'a,b,c'.rsplit(',', 1) }}{{ 'a b c'.rsplit(maxsplit=1) }}{{ 'a,b'.rsplit(',') }}{{ 'a=b=c'.partition('=') }}{{ 'a=b=c'.rpartition('=') }}{{ 'a'.partition('=') }}"
    "{{ 'a'.rpartition('=') }}{{ 'a\\nb\\r\\nc\\n'.splitlines() }}{{ 'a\\nb'.splitlines(true) }}{{ 'a</think>b'.split('</think>')[-1] }}",
    "text_find": "{{ 'abcabc'.find('c') }} {{ 'abcabc'.find('c', 3) }} {{ 'abc'.find('z') }} {{ 'zürich'.find('r') }} {{ 'abcabc'.rfind('c') }} {{ 'abcabc'.rfind('c', 0, 4) }}"
    " {{ 'abcabc'.index('b') }} {{ 'abcabc'.rindex('b') }} {{ 'aXbXc'.count('X') }} {{ 'aXbXc'.count('X', 2) }} {{ 'ab'.count('') }}",
    "text_tests": "{{ 'abc'.startswith('ab') }} {{ 'abc'.startswith(('x', 'a')) }} {{ 'abc'.startswith('b', 1) }} {{ 'abc'.endswith(('x', 'bc')) }} {{ 'abc'.endswith('b', 0, 2) }}"
    " {{ '12'.isdigit() }} {{ '1.2'.isdecimal() }} {{ 'ab'.isalpha() }} {{ 'a1'.isalnum() }} {{ ' \\t'.isspace() }} {{ 'AB'.isupper() }} {{ 'ab'.islower() }} {{ 'Ab Cd'.istitle() }}"
    " {{ 'aé'.isascii() }} {{ 'a_1'.isidentifier() }}",
    "text_case": "{{ \"they're bill's 3rd friends' UK\".title() }}|{{ 'hELLO wORLD'.capitalize() }}|{{ 'Straße'.upper() }}|{{ 'ÀB'.lower() }}|{{ 'aBc'.swapcase() }}|{{ 'Straße'.casefold() }}|{{ 'ab cd' | title }}",
    "text_fill": "{{ 'ab'.ljust(5) }}|{{ 'ab'.rjust(5, '*') }}|{{ 'ab'.center(7, '-') }}|{{ 'abc'.center(6) }}|{{ '-7'.zfill(4) }}|{{ '7'.zfill(3) }}|{{ 'a\\tb'.expandtabs(4) }}",
    "text_other": "{{ 'aaa'.replace('a', 'b', 2) }} {{ 'aaa'.replace('a', '') }} {{ 'aaa'.replace('a', 'b', count=1) if false else 'x' }} {{ ', '.join(['a', 'b']) }} {{ '{} {name}'.format('a', name='b') }} {{ '{0:>4}|{1:.2f}'.format('x', 2) }}"
    " {{ 'abc'[::-1] }} {{ 'abc'[1:] }} {{ 'abc'[-1] }} {{ 'ab' * 2 }} {{ 'b' in 'abc' }} {{ 'a' ~ 1 ~ none }} {{ 'a' 'b' }}",
    "lists": "{{ [3, 1, 2] | sort }} {{ [1, 2, 1].count(1) }} {{ ['a', 'b'].index('b') }} {{ (1, 2).index(2) }} {{ [1] + [2] }} {{ [[1, 2], (3,)] }} {{ messages | map(attribute='role') | list }}"
    " {{ messages | selectattr('role', 'equalto', 'user') | list | length }} {{ [1, 2, 3] | join('-') }} {{ range(3) | list }} {{ [0, none, '', 'a'] | select | list }} {{ [1,2,3][-2:] }}",
    "maps": "{{ {'a': 1, 'b': 2}.items() | list }} {{ {'a': 1}.get('b', 'x') }} {{ {'a': 1}.get('b') }} {{ {'a': 1}.keys() | list }} {{ {'a': 1}.values() | list }} {{ dict(a=1, b='c') }}"
    " {{ {'a': {'b': [1, 'c', none, true, 1.5]}} }} {% for k, v in {'x': 1}.items() %}{{ k }}{{ v }}{% endfor %} {{ {'b': 1, 'a': 2} | dictsort }} {{ 'a' in {'a': 1} }} {{ messages[0].keys() | list }} {{ {'a': 1}.copy() }}",
    "set_blocks": "{% set ns = namespace(n=0, text='') %}{% for m in messages %}{% set ns.n = ns.n + m.content | length %}{% set ns.text = ns.text ~ m.role[0] %}{% endfor %}{{ ns.n }} {{ ns.text }}"
    "{% set block %}in {{ 1 }}{% endset %}{{ block | trim | upper }}{% macro f(a, b=2) %}{{ a }}{{ b }}{% endmacro %}{{ f(1) }}{{ f(1, b=3) }}"
    "{% filter upper %}shout{% endfilter %}",
    "spaces": "a\n  {% if true %}\n    b\n  {% endif %}\n{{ 'c' }}\n{%- if true %} d {% endif -%}\n  e\n{# gone #}\nf\n\n",
    "strftime": "{{ strftime_now('%a|%A|%b|%B|%c|%C|%d|%D|%e|%F|%f|%g|%G|%h|%H|%I|%j|%k|%l|%m|%M|%n|%p|%P|%r|%R|%S|%t|%T|%u|%U|%V|%w|%W|%x|%X|%y|%Y|%z|%Z|%%') }}",
    "strftime_flags": "{{ strftime_now('%-d %-m %_d %_H %05d %^a %#b %10Y %Ey %Od %-I %e %-e %^B %0e %_j') }} {{ strftime_now('no day') }} {{ strftime_now('100%%') }}",
    "tokens": "{{ bos_token }}{{ eos_token }}{{ pad_token is defined }}{{ unk_token }}",
    "qwen3": QWEN3,
    "smollm3": SMOLLM3,
}

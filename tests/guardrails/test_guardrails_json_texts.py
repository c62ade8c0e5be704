"""Texts that are JSON though nobody says so: what a tool gave, a question, an answer. Read without their escapes, and
JSON again when something in them was changed. In prose and code an escape of white space ends a word."""

import asyncio
import json
import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.engine.dialects.text import arguments
from tidegate.engine.edits import Edit, apply, whole_edits
from tidegate.engine.exchange import Exchange, Scope, Segment
from tidegate.engine.extent import Extent
from tidegate.engine.extent import begins as is_source
from tidegate.engine.jsonio import Leaf, escape
from tidegate.engine.sources import as_source
from tidegate.tests.engine.screening import CUTS, Pattern, chunk, content, cut, said
from tidegate.tests.engine.screening import run as held

from .guarded import CARD, MAIL, WORDS, exchange, rules, run, streamed, whole
from .guarded import said as answered

VALUES = f"Card:\n{CARD}\nmail:\n{MAIL}"
TOKEN = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"
SECRETS = "version: 1\ninclude: [pack:secrets]\n"


def asked(messages: list[dict[str, Any]]) -> Exchange:
    made = exchange("x")
    made.body["messages"] = messages
    return made


def sent_to_model(text: str, source: str = WORDS) -> str:
    """What the model is given of a tool's result."""
    seen: list[str] = []

    def answer(exchange: Exchange) -> Any:
        seen.append(exchange.body["messages"][-1]["content"])
        return whole("ok")

    calls = [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    turns = [
        {"role": "user", "content": "x"},
        {"role": "assistant", "content": None, "tool_calls": calls},
        {"role": "tool", "tool_call_id": "c", "content": text},
    ]
    asyncio.run(run(rules(source), asked(turns), answer))
    return seen[0]


def test_what_a_tool_gave_as_json_is_masked_behind_escapes_and_stays_json() -> None:
    got = sent_to_model(json.dumps({"note": VALUES, "number": 4111111111111111, "of": MAIL}))
    assert json.loads(got) == {
        "note": "Card:\n<CREDIT_CARD_1>\nmail:\n<EMAIL_ADDRESS_1>",
        "number": "<CREDIT_CARD_2>",
        "of": "<EMAIL_ADDRESS_1>",
    }


@pytest.mark.parametrize(
    "text",
    [
        f'Look at {{"note": "Card:\\n{CARD}\\r\\nmail:\\t{MAIL}"}}, please.',
        '```json\n{"note": "Card:\\n' + CARD + "\\n" + MAIL + '"}\n```',
        json.dumps({"inner": json.dumps({"note": VALUES})}),
        f'print("\\n{CARD}\\t{MAIL}")',
    ],
)
def test_an_escape_in_prose_or_code_hides_no_value(text: str) -> None:
    got = sent_to_model(text)
    assert CARD not in got
    assert MAIL not in got


@pytest.mark.parametrize("text", ['x = "\\n' + TOKEN + '"', json.dumps({"a": "\n" + TOKEN})])
def test_nor_a_secret(text: str) -> None:
    assert TOKEN not in sent_to_model(text, SECRETS)


@pytest.mark.parametrize("text", ['{"plan": "now:\\nProject Falcon starts"}', 'say "\\tproject falcon"'])
@pytest.mark.parametrize("stream", [False, True])
def test_nor_a_word(text: str, stream: bool) -> None:
    def answer(_: Exchange) -> Any:
        return streamed(list(text)) if stream else whole(text)

    async def go() -> str:
        return await answered(await run(rules(WORDS), exchange("x", stream=stream), answer))

    assert "falcon" not in asyncio.run(go()).casefold()


WHO = 'CORP\\jane@example.org "j"'


@pytest.mark.parametrize("stream", [False, True])
def test_a_value_is_put_back_into_an_answer_of_json_with_its_escapes(stream: bool) -> None:
    names = "version: 1\nrules:\n  - {id: who, detect: {regex: 'CORP.*'}, action: mask}\n"

    def answer(exchange: Exchange) -> Any:
        placeholder = exchange.body["messages"][-1]["content"].split()[-1]
        assert "CORP" not in placeholder
        text = f'{{"who": "{placeholder}"}}'
        return streamed(list(text)) if stream else whole(text)

    async def go() -> str:
        return await answered(await run(rules(names), exchange("I am " + WHO, stream=stream), answer))

    assert json.loads(asyncio.run(go())) == {"who": WHO}


@settings(max_examples=60)
@given(
    value=st.text(st.sampled_from('aab "\\\n\u00e9\U0001f600=1c'), max_size=25),
    cuts=CUTS,
    before=st.sampled_from(["", " ", "\n  ", "x ", "[", "[ [", "["]),
    number=st.booleans(),
)
def test_a_stream_of_json_says_what_the_whole_says(value: str, cuts: list[int], before: str, number: bool) -> None:
    text = before + '{ "k": ' + json.dumps(value) + (', "n": 11aa11' if number else "") + "}"
    events = [content(piece) for piece in cut(text, cuts)]
    screen = Pattern('a{2,5}"?|\\n|\U0001f600b|é+c', 7, to='<"#\n>')
    out = said(held(screen, [*events, chunk({}, finish="stop")]))[0, "content"]
    assert out == said(held(screen, [content(text)]))[0, "content"]
    if is_source(text, True) and "a" not in value and not number and before in ("", " "):
        assert json.loads(out) == {"k": screen.whole(value)}


@pytest.mark.parametrize("text", ['{"a', ' {\n "', "[{ '\"", '["', '[ [ ["x'])
def test_json_is_told_by_its_beginning(text: str) -> None:
    text = text.replace("'", "")
    assert is_source(text, False)
    untold = [is_source(text[:size], False) for size in range(text.index('"'))]
    assert untold == [None] * len(untold)
    assert not any(is_source(text[:size], True) for size in range(text.index('"')))


@pytest.mark.parametrize("text", ["{a", "[1, 2]", "[[Main page]]", "{{name}}", "[x](y)", "{}", "plain", "[C:\\new]"])
def test_what_only_begins_like_it_is_no_json(text: str) -> None:
    assert is_source(text, True) is False
    assert is_source(text + " and more", False) is False


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("password: Kx7\\rQ2!mv9", "password: [SECRET]"),
        ('DB_PASSWORD="k3ttle\\\\nVase88"', 'DB_PASSWORD="[SECRET]"'),
        ('{"password": "Kx7\\\\rQ2!mv9"}', '{"password": "[SECRET]"}'),
        ("my password is Tr0ub4dor\\n3x", "my password is [SECRET]"),
    ],
)
def test_a_backslash_and_a_letter_may_be_part_of_a_password(text: str, sent: str) -> None:
    assert sent_to_model(text, SECRETS) == sent


BEHIND = """version: 1
rules:
  - {id: pii, detect: {pii: structured}, action: mask}
  - {id: who, detect: {regex: 'CORP\\\\[a-z]+'}, action: mask}
"""


@pytest.mark.parametrize(
    "text", ['{"a": 1} I am CORP\\net', '["x"]\n{"b": "y"}\nnow CORP\\net', '["x"] CORP\\net {"c": 1}']
)
def test_json_before_a_text_makes_none_of_it(text: str) -> None:
    assert sent_to_model(text, BEHIND) == text.replace("CORP\\net", "<WHO_1>")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("said_by_model", "read"),
    [
        ('{"s": "sent"}\n\nDone, <WHO_1>.', '{"s": "sent"}\n\nDone, CORP\\net.'),
        ('{"s": "<WHO_1>"} <WHO_1>', '{"s": "CORP\\\\net"} CORP\\net'),
        ('{"a": 1}\n{"s": "<WHO_1>"}', '{"a": 1}\n{"s": "CORP\\\\net"}'),
        ('{"a": "x", // 5" pipe\n "m": "<WHO_1>"}', '{"a": "x", // 5" pipe\n "m": "CORP\\\\net"}'),
        ('{"n": -<WHO_1>}', '{"n": "-CORP\\\\net"}'),
        ('{"n": 0.<WHO_1>, "b": [<WHO_1>, 2]}', '{"n": "0.CORP\\\\net", "b": ["CORP\\\\net", 2]}'),
    ],
)
def test_what_is_put_back_is_escaped_and_quoted_where_it_is_a_value_of_json(
    said_by_model: str, read: str, stream: bool
) -> None:
    def answer(_: Exchange) -> Any:
        return streamed(list(said_by_model)) if stream else whole(said_by_model)

    async def go() -> str:
        return await answered(await run(rules(BEHIND), exchange("I am CORP\\net", stream=stream), answer))

    assert asyncio.run(go()) == read


def test_lines_of_a_list_stay_json_each() -> None:
    text = '{"a": "1"},\n{"n": 4111111111111111},'
    assert sent_to_model(text) == '{"a": "1"},\n{"n": "<CREDIT_CARD_1>"},'


def test_json_in_a_value_of_json_is_read_as_json() -> None:
    inner = json.dumps({"note": VALUES, "n": 4111111111111111})
    segments = list(arguments({"result": inner}, ("response",), "", "f"))
    value = as_source(next(each for each in segments if each.text == inner))
    text, offsets = value.reading(True)
    assert offsets is not None
    assert isinstance(text, Leaf)
    assert CARD in text
    edits = [Edit(at, at + len(CARD), "<#>") for at in [text.index(CARD)]]
    assert json.loads(apply(inner, whole_edits(value, edits, offsets)))["note"] == VALUES.replace(CARD, "<#>")


@given(
    text=st.text(st.sampled_from('{}[]"\\ ,:a1\n'), max_size=40),
    cuts=CUTS,
    before=st.sampled_from(['{"a":', '["', '[{"b": [']),
)
def test_how_far_json_goes_is_told_the_same_in_pieces(text: str, cuts: list[int], before: str) -> None:
    text, extent, base = before + text, Extent(), 0
    for piece in cut(text, cuts):
        base += len(piece)
        extent.read(text[:base], 0)
    assert extent.end == Extent().read(text, 0)
    if extent.end is not None:
        assert text[extent.end] not in "[{"


def test_many_values_in_json_are_replaced_in_no_time() -> None:
    source = '{"a":[' + ",".join("11-11-11-11" for _ in range(20_000)) + "]}"
    places = [found.start() for found in re.finditer("11", source)]
    segment = Segment((), source, Scope.INPUT, json=True)
    begun = time.process_time()
    made = apply(source, whole_edits(segment, [Edit(at, at + 2, "<#>") for at in places], None))
    assert json.loads(made) == {"a": ["<#>-<#>-<#>-<#>"] * 20_000}
    assert time.process_time() - begun < 5, "a hundred times what it takes"


def test_a_path_in_prose_is_no_escape() -> None:
    text = f"see [C:\\new\\table] and mail {MAIL}"
    assert sent_to_model(text) == text.replace(MAIL, "<EMAIL_ADDRESS_1>")
    assert escape(text) != text

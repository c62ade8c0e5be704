"""Names of fields in the arguments of a call that come as values: masked and put back as they are in JSON source."""

from typing import Any

import pytest

from tidegate.engine import jsonio
from tidegate.engine.dialects import Dialect
from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.errors import Blocked
from tidegate.engine.exchange import Exchange, Reply
from tidegate.tests.guardrails.guarded import MAIL, PII, rules, run

MESSAGES, GEMINI = AnthropicMessages(), Gemini("v1beta")
REDACT = "version: 1\nrules:\n  - {id: pii, detect: {pii: [EMAIL_ADDRESS]}, action: redact}\n"


def asked(dialect: Dialect, given: dict[str, Any], came: Any = "done") -> dict[str, Any]:
    """A second turn: the call that was made, and what came of it."""
    if dialect is MESSAGES:
        call = {"type": "tool_use", "id": "t", "name": "grant", "input": given}
        result = {"type": "tool_result", "tool_use_id": "t", "content": "done"}
        turns = [("user", f"let {MAIL} read"), ("assistant", [call]), ("user", [result])]
        return {"model": "m", "max_tokens": 9, "messages": [{"role": r, "content": c} for r, c in turns]}
    answer = {"functionResponse": {"name": "grant", "response": {"result": came}}}
    parts = [[{"text": f"let {MAIL} read"}], [{"functionCall": {"name": "grant", "args": given}}], [answer]]
    roles = ("user", "model", "user")
    return {"contents": [{"role": role, "parts": part} for role, part in zip(roles, parts, strict=True)]}


def called(dialect: Dialect, given: dict[str, Any]) -> dict[str, Any]:
    if dialect is MESSAGES:
        content = [{"type": "tool_use", "id": "t2", "name": "grant", "input": given}]
        return {"type": "message", "role": "assistant", "content": content, "stop_reason": "tool_use"}
    content = {"role": "model", "parts": [{"functionCall": {"name": "grant", "args": given}}]}
    return {"candidates": [{"content": content, "finishReason": "STOP", "index": 0}]}


def arguments(dialect: Dialect, whole: Any) -> Any:
    if dialect is MESSAGES:
        return whole["content"][0]["input"]
    return whole["candidates"][0]["content"]["parts"][0]["functionCall"]["args"]


async def through(dialect: Dialect, body: dict[str, Any], given: dict[str, Any], text: str = PII) -> tuple[Any, Any]:
    """What the provider is sent, and the arguments that the caller gets of a call."""
    exchange = Exchange(dialect, dialect.path, {}, body, "m", False)
    reply = await run(rules(text), exchange, lambda _: Reply.whole(200, jsonio.dumps(called(dialect, given))))
    return exchange.body, arguments(dialect, jsonio.loads(await reply.read()))


BOTH = pytest.mark.parametrize("dialect", [MESSAGES, GEMINI])


@BOTH
async def test_a_value_that_the_model_makes_a_name_comes_back_in_its_place(dialect: Dialect) -> None:
    mask = "<EMAIL_ADDRESS_1>"
    given = {"first": 1, mask: {"also": [{mask: mask}]}, "last": 2}
    _, got = await through(dialect, asked(dialect, {"who": "all"}), given)
    assert list(got.items()) == [("first", 1), (MAIL, {"also": [{MAIL: MAIL}]}), ("last", 2)]


@BOTH
async def test_a_text_below_a_name_that_comes_back_comes_back_too(dialect: Dialect) -> None:
    mask = "<EMAIL_ADDRESS_1>"
    _, got = await through(dialect, asked(dialect, {"who": "all"}), {mask: {"text": mask, "content": mask}})
    assert got == {MAIL: {"text": MAIL, "content": MAIL}}


@BOTH
async def test_the_next_turn_sends_it_masked_under_the_same_placeholder(dialect: Dialect) -> None:
    sent, _ = await through(dialect, asked(dialect, {"rights": {MAIL: "read"}, "n": 1}), {})
    assert MAIL.encode() not in jsonio.dumps(sent)
    assert b'{"rights":{"<EMAIL_ADDRESS_1>":"read"},"n":1}' in jsonio.dumps(sent)


async def test_what_a_function_gave_is_masked_in_its_names_too() -> None:
    sent, _ = await through(GEMINI, asked(GEMINI, {}, {MAIL: {"id": 7}}), {})
    assert sent["contents"][2]["parts"][0]["functionResponse"]["response"] == {
        "result": {"<EMAIL_ADDRESS_1>": {"id": 7}}
    }


@BOTH
@pytest.mark.parametrize("value", [True, None, [], {}, [False], {"deep": {}}])
async def test_a_name_is_masked_too_where_no_value_is_a_text(dialect: Dialect, value: Any) -> None:
    mask = "<EMAIL_ADDRESS_1>"
    sent, got = await through(dialect, asked(dialect, {MAIL: value}), {mask: value})
    assert jsonio.dumps({mask: value}) in jsonio.dumps(sent)
    assert got == {MAIL: value}


FORM = """version: 1
rules:
  - id: form
    scope: tool_args
    detect: {json_schema: {schema: {type: object, additionalProperties: {type: boolean}}, invert: true}}
    action: block
"""


@BOTH
async def test_the_form_of_arguments_without_a_text_is_judged(dialect: Dialect) -> None:
    _, got = await through(dialect, asked(dialect, {"all": True}), {"all": True}, FORM)
    assert got == {"all": True}
    for wrong in ({"all": None}, {"all": {}}, {"all": []}):
        with pytest.raises(Blocked):
            await through(dialect, asked(dialect, wrong), {}, FORM)


FORCE = """version: 1
rules:
  - id: force
    scope: tool_args
    detect: {regex: {pattern: 'true', path: $.force}}
    action: block
"""


@BOTH
async def test_a_rule_about_a_field_finds_a_word_there_whatever_stands_beside_it(dialect: Dialect) -> None:
    for beside in ({}, {"path": "x"}, {"n": 1}):
        with pytest.raises(Blocked):
            await through(dialect, asked(dialect, {"force": True, **beside}), {}, FORCE)
        _, got = await through(dialect, asked(dialect, {"force": False, "other": True, **beside}), {"all": True}, FORCE)
        assert got == {"all": True}


@BOTH
@pytest.mark.parametrize("value", [None, True, [], 12, "x"])
async def test_what_stands_at_a_path_is_changed_whatever_it_is(dialect: Dialect, value: Any) -> None:
    detect = "scope: tool_args, detect: {regex: {pattern: '.+', path: $.password}}"
    rule = REDACT.replace("detect: {pii: [EMAIL_ADDRESS]}", detect)
    given = {"user": "bob", "password": value}
    sent, got = await through(dialect, asked(dialect, given), given, rule)
    assert got == {"user": "bob", "password": "[PII]"}
    assert jsonio.dumps(got) in jsonio.dumps(sent)


@BOTH
async def test_names_that_become_equal_lose_no_value(dialect: Dialect) -> None:
    given = {"[EMAIL_ADDRESS]": 0, "a@b.example": 1, "c@d.example": 2}
    sent, got = await through(dialect, asked(dialect, given), given, REDACT)
    assert got == {"[EMAIL_ADDRESS]": 0, "[EMAIL_ADDRESS] 2": 1, "[EMAIL_ADDRESS] 3": 2}
    assert jsonio.dumps(got) in jsonio.dumps(sent)


@BOTH
async def test_what_a_caller_named_in_the_form_of_a_placeholder_stays_the_callers(dialect: Dialect) -> None:
    sent, got = await through(dialect, asked(dialect, {"<EMAIL_ADDRESS_1>": 1}), {"<LITERAL_1>": 1})
    assert b'{"<LITERAL_1>":1}' in jsonio.dumps(sent)
    assert got == {"<EMAIL_ADDRESS_1>": 1}


async def test_a_name_in_a_schema_cannot_be_changed() -> None:
    tool = {"name": "grant", "input_schema": {"type": "object", "properties": {MAIL: {"type": "string"}}}}
    with pytest.raises(Blocked):
        await through(MESSAGES, asked(MESSAGES, {}) | {"tools": [tool]}, {})


def test_many_fields_are_renamed_in_linear_time() -> None:
    holder = {str(number): number for number in range(200_000)}
    jsonio.rename(holder, dict.fromkeys(list(holder), "x"))
    assert len(holder) == 200_000
    assert list(holder)[:3] == ["x", "x 2", "x 3"]
    assert list(holder.values())[-1] == 199_999

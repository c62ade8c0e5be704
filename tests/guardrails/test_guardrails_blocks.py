"""What stands in two blocks of an answer that clients join: Anthropic's text blocks, and the parts of a response."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from tidegate.engine import jsonio
from tidegate.engine.dialects import Dialect
from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.engine.exchange import Exchange, Reply
from tidegate.engine.sse import Event
from tidegate.guardrails.rules.ruleset import Ruleset
from tidegate.tests.guardrails.guarded import CARD, MAIL, WORDS, rules, run

FLAG = "version: 1\nrules:\n  - {id: f, scope: output, detect: {keywords: [project falcon]}, action: flag}\n"


def anthropic(blocks: Sequence[str]) -> tuple[Dialect, dict[str, Any], list[dict[str, Any]]]:
    """The dialect, a whole message of such text blocks, and the same as events, a letter each."""
    message = {"id": "m", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn"}
    whole = message | {"content": [{"type": "text", "text": text} for text in blocks]}
    events: list[dict[str, Any]] = [{"type": "message_start", "message": message | {"content": []}}]
    for index, text in enumerate(blocks):
        about = {"index": index}
        events.append({"type": "content_block_start", **about, "content_block": {"type": "text", "text": ""}})
        deltas = [{"type": "text_delta", "text": letter} for letter in text]
        events += [{"type": "content_block_delta", **about, "delta": delta} for delta in deltas]
        events.append({"type": "content_block_stop", **about})
    events.append({"type": "message_delta", "delta": {"stop_reason": "end_turn"}})
    return AnthropicMessages(), whole, [*events, {"type": "message_stop"}]


def response(blocks: Sequence[str]) -> tuple[Dialect, dict[str, Any], list[dict[str, Any]]]:
    parts = [{"type": "output_text", "text": text, "annotations": []} for text in blocks]
    item = {"type": "message", "id": "i", "role": "assistant", "status": "completed", "content": parts}
    whole = {"id": "r", "object": "response", "model": "m", "status": "completed", "output": [item]}
    events: list[dict[str, Any]] = [{"type": "response.created", "response": whole | {"output": []}}]
    for index, text in enumerate(blocks):
        about = {"item_id": "i", "output_index": 0, "content_index": index}
        events += [{"type": "response.output_text.delta", **about, "delta": letter} for letter in text]
        events.append({"type": "response.output_text.done", **about, "text": text})
    return OpenAIResponses(), whole, [*events, {"type": "response.completed", "response": whole}]


def gemini(blocks: Sequence[str]) -> tuple[Dialect, dict[str, Any], list[dict[str, Any]]]:
    """Texts with a call between every two."""

    def candidate(*parts: dict[str, Any]) -> dict[str, Any]:
        return {"candidates": [{"index": 0, "content": {"role": "model", "parts": [*parts]}}]}

    call = {"functionCall": {"name": "f", "args": {}}}
    parts = [part for text in blocks for part in ({"text": text}, call)][:-1]
    letters = [[{"text": letter} for letter in part["text"]] if "text" in part else [part] for part in parts]
    told = [candidate(each) for some in letters for each in some]
    whole = candidate(*parts)
    for body in (whole, told[-1]):
        body["candidates"][0]["finishReason"] = "STOP"
    return Gemini(streams=True), whole, told


async def left(ruleset: Ruleset, make: Any, blocks: Sequence[str], *, stream: bool) -> tuple[list[str], Exchange]:
    """The blocks as a client reads them."""
    dialect, whole, told = make(blocks)
    body = {"model": "m", "stream": stream, "input": "hi", "contents": [], "messages": []}
    asked = Exchange(dialect, dialect.path, {}, body, "m", stream)

    async def events() -> AsyncIterator[Event]:
        for data in told:
            yield Event.of(data)

    reply = Reply(200, [], events(), streamed=True) if stream else Reply.whole(200, jsonio.dumps(whole))
    got = await run(ruleset, asked, lambda _: reply)
    said, block = dict[int, str](), 0
    async for event in got.events:
        data = event.data or {}
        if make is gemini:
            for part in data["candidates"][0]["content"]["parts"]:
                block += "functionCall" in part
                said[block] = said.get(block, "") + part.get("text", "")
            said = {each: text for each, text in said.items() if text}
            continue
        if not stream:
            parts = data["content"] if make is anthropic else data["output"][0]["content"] if data["output"] else []
            return [part["text"] for part in parts], asked
        if data["type"] in ("content_block_delta", "response.output_text.delta"):
            index, delta = data.get("index", data.get("content_index")), data["delta"]
            said[index] = said.get(index, "") + (delta if isinstance(delta, str) else delta["text"])
    return list(said.values()), asked


EACH = [(make, stream) for make in (anthropic, response, gemini) for stream in (False, True)]


@pytest.mark.parametrize(("make", "stream"), EACH)
@pytest.mark.parametrize(
    "blocks",
    [
        ["about project ", "falcon and more"],
        ["about pro", "ject", " falcon"],
        ["pay with 4111 1111", " 1111 1111 now"],
        ["42424242", "42424242"],
    ],
)
async def test_what_a_rule_forbids_does_not_leave_in_two_blocks(make: Any, stream: bool, blocks: list[str]) -> None:
    told, asked = await left(rules(WORDS), make, blocks, stream=stream)
    assert any(verdict.action == "block" for verdict in asked.verdicts)
    assert "".join(blocks).startswith("".join(told)) and len("".join(told)) < len("".join(blocks)) - 3
    assert stream or told == []


@pytest.mark.parametrize(("make", "stream"), EACH)
@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        (["about project ", "falconry"], ["about project ", "falconry"]),
        (["project", "s of the falcon", "er"], ["project", "s of the falcon", "er"]),
        (["write to", MAIL, "!"], ["write to", "<EMAIL_ADDRESS_1>", "!"]),
        (["a number: ", CARD], ["a number: ", "<CREDIT_CARD_1>"]),
    ],
)
async def test_blocks_that_say_nothing_together_pass_as_they_do_alone(
    make: Any, stream: bool, blocks: list[str], expected: list[str]
) -> None:
    told, asked = await left(rules(WORDS), make, blocks, stream=stream)
    assert not any(verdict.action == "block" for verdict in asked.verdicts)
    assert told == expected


@pytest.mark.parametrize(("make", "stream"), EACH)
async def test_a_rule_that_flags_tells_it_once(make: Any, stream: bool) -> None:
    _, asked = await left(rules(FLAG), make, ["about project ", "falcon", " and so on", "."], stream=stream)
    assert [verdict.rule for verdict in asked.verdicts if verdict.action == "flag"][:1] == ["f"]
    assert len(asked.verdicts) <= 2  # a response says its texts once more at its end


@pytest.mark.parametrize(("make", "stream"), EACH)
async def test_a_block_is_judged_by_itself_too(make: Any, stream: bool) -> None:
    """A client that shows blocks apart shows the word."""
    told, asked = await left(rules(WORDS), make, ["about project falcon", "ry"], stream=stream)
    assert any(verdict.action == "block" for verdict in asked.verdicts)
    assert "falcon" not in "".join(told)


async def ends(dialect: Dialect, told: dict[str, Any] | list[dict[str, Any]]) -> bool:
    """Whether a rule on all that a reply holds ends it."""
    stream = isinstance(told, list)
    asked = Exchange(dialect, dialect.path, {}, {"model": "m", "input": "hi", "messages": []}, "m", stream)

    async def events() -> AsyncIterator[Event]:
        for data in told:
            yield Event.of(data)

    reply = Reply(200, [], events(), streamed=True) if stream else Reply.whole(200, jsonio.dumps(told))
    ruleset = rules(WORDS.replace("action: block", "action: block, scope: [output, tool_result]"))
    got = await run(ruleset, asked, lambda _: reply)
    out = [event.raw async for event in got.events]
    blocked = any(verdict.action == "block" for verdict in asked.verdicts)
    assert not blocked or b'"guard":"blocked"' in out[-1] + out[-2 if stream and len(out) > 1 else -1]
    return blocked


def items(cut: str, meets: str) -> list[dict[str, Any]]:
    """Items of a response whose parts meet."""
    parts = [{"type": "summary_text", "text": text} for text in (cut, meets)]
    chunks = [{"stdout": text, "stderr": "", "outcome": {"type": "exit", "exit_code": 0}} for text in (cut, meets)]
    logs = [{"type": "logs", "logs": text} for text in (cut, meets)]
    given = [{"type": "output_text", "text": text, "annotations": []} for text in (cut, meets)]
    return [
        {"type": "reasoning", "id": "r", "summary": parts},
        {"type": "reasoning", "id": "r", "summary": [], "content": [{**p, "type": "reasoning_text"} for p in parts]},
        {"type": "shell_call_output", "id": "s", "call_id": "c", "output": chunks},
        {"type": "code_interpreter_call", "id": "s", "code": "x", "container_id": "d", "outputs": logs},
        {"type": "message", "id": "m", "role": "assistant", "content": given},
    ]


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize(("cut", "meets", "expected"), [("project fal", "con", True), ("project", "of falcons", False)])
async def test_parts_of_thoughts_and_of_what_tools_gave_meet_in_replies(
    number: int, cut: str, meets: str, expected: bool
) -> None:
    item = items(cut, meets)[number]
    whole = {"id": "r", "object": "response", "model": "m", "status": "completed", "output": [item]}
    assert await ends(OpenAIResponses(), whole) is expected
    about = {"output_index": 0}
    begun = {"type": "response.output_item.added", **about, "item": {"type": item["type"], "id": item["id"]}}
    done = {"type": "response.output_item.done", **about, "item": item}
    assert await ends(OpenAIResponses(), [begun, done, {"type": "response.completed", "response": whole}]) is expected
    if number == 0:
        kind = "response.reasoning_summary_text.delta"
        pieces = [{"type": kind, **about, "summary_index": at, "delta": text} for at, text in enumerate((cut, meets))]
        assert await ends(OpenAIResponses(), [begun, *pieces]) is expected


@pytest.mark.parametrize(
    ("texts", "expected"), [(["project fal", "con"], True), (["a project", "falcons"], False), (["4242"] * 4, False)]
)
async def test_blocks_of_what_a_tool_gave_meet_in_replies(texts: list[str], expected: bool) -> None:
    content = [{"type": "text", "text": text} for text in texts]
    block = {"type": "mcp_tool_result", "tool_use_id": "t", "is_error": False, "content": content}
    message = {"id": "m", "type": "message", "role": "assistant", "model": "m", "content": [block]}
    assert await ends(AnthropicMessages(), message) is expected
    started = {"type": "message_start", "message": message | {"content": []}}
    told = [started, {"type": "content_block_start", "index": 0, "content_block": block}]
    assert await ends(AnthropicMessages(), told) is expected

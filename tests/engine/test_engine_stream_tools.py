"""Rules for one tool in streams: all its arguments, and their copies, are seen under the name that one event gives."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine.dialects import Dialect
from tidegate.engine.dialects.anthropic import AnthropicMessages
from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.engine.exchange import Scope, Segment
from tidegate.engine.sse import Event
from tidegate.engine.stream import HoldBack, Look
from tidegate.tests.engine.screening import Pattern, chunk

SOURCE = '{"q": "the falcon flies"}'


class ForTool(Pattern):
    """Takes a word out of the arguments of one tool; for `""`, out of every text."""

    def __init__(self, tool: str = "send_mail") -> None:
        super().__init__("falcon", 6)
        self.tool = tool

    async def look(self, segment: Segment, text: str, settled: int, done: bool) -> Look:
        if self.tool and segment.tool != self.tool:
            return Look([], len(text))
        return await super().look(segment, text, settled, done)


async def held(dialect: Dialect, events: list[Event], screen: Pattern | None = None) -> str:
    async def source() -> AsyncIterator[Event]:
        for event in events:
            yield event

    async def stop() -> None: ...

    hold = HoldBack(dialect, screen or ForTool(), True, stop)
    return b"".join([event.raw async for event in hold.run(source())]).decode()


def gemini(*calls: dict[str, Any]) -> Event:
    parts = [{"functionCall": call} for call in calls]
    return Event.of({"candidates": [{"index": 0, "content": {"role": "model", "parts": parts}}]})


def partial(text: str, **more: Any) -> dict[str, Any]:
    return {"partialArgs": [{"jsonPath": "$.q", "stringValue": text}], "willContinue": True, **more}


@pytest.mark.parametrize("first", [[], [gemini({"name": "send_mail", "willContinue": True})]], ids=["with", "before"])
@pytest.mark.parametrize("tool", ["", "send_mail"])
async def test_pieces_of_a_gemini_call_are_one_text_although_only_the_first_names_it(
    first: list[Event], tool: str
) -> None:
    begun = gemini(partial("the fal", **({} if first else {"name": "send_mail"})))
    out = await held(Gemini(), [*first, begun, gemini(partial("con flies")), gemini({})], ForTool(tool))
    assert "<#>" in out and "con flies" not in out


@pytest.mark.parametrize("next", ["send_mail", "read_note"])
async def test_two_gemini_calls_are_two_texts(next: str) -> None:
    between = [gemini({})] if next == "send_mail" else []
    events = [gemini(partial("a fal", name="send_mail")), *between, gemini(partial("con", name=next))]
    assert "<#>" not in await held(Gemini(), events, ForTool(""))


async def test_a_gemini_call_may_begin_in_the_event_that_ends_another() -> None:
    events = [gemini(partial("the falcon", name="read_note")), gemini({}, partial("the fal", name="send_mail"))]
    out = await held(Gemini(), [*events, gemini(partial("con"))])
    assert (out.count("falcon"), out.count("<#>")) == (1, 1)


def chat(**function: Any) -> Event:
    return chunk({"tool_calls": [{"index": 0, "function": function}]})


@pytest.mark.parametrize("later", [{}, {"name": None}, {"name": ""}, {"name": "send_mail"}], ids=str)
@pytest.mark.parametrize("first", [{}, {"arguments": None}, {"arguments": ""}], ids=str)
async def test_a_chat_call_keeps_the_name_of_its_first_piece(first: dict[str, Any], later: dict[str, Any]) -> None:
    pieces = [chat(**later, arguments=piece) for piece in ('{"q": "the fal', 'con flies"}')]
    out = await held(OpenAIChat(), [chat(name="send_mail", **first), *pieces])
    assert "<#>" in out and "con flies" not in out


async def test_the_names_of_a_chats_custom_and_older_calls_count_too() -> None:
    custom = [{"name": "send_mail"}, {"input": "a fal"}, {"input": "con"}]
    events = [chunk({"tool_calls": [{"index": 0, "type": "custom", "custom": piece}]}) for piece in custom]
    assert "<#>" in await held(OpenAIChat(), events)
    older = [{"name": "send_mail"}, {"arguments": "a fal"}, {"arguments": "con"}]
    assert "<#>" in await held(OpenAIChat(), [chunk({"function_call": piece}) for piece in older])


async def test_an_argument_called_name_is_no_name_of_a_tool() -> None:
    assert "falcon" not in await held(OpenAIChat(), [chat(name="send_mail", arguments={"name": "x", "q": "falcon"})])


@pytest.mark.parametrize("names", [("send_", "mail"), ("send", "_", "mail"), tuple("send_mail")], ids=str)
async def test_a_name_that_comes_in_pieces_is_one_tools(names: tuple[str, ...]) -> None:
    pieces = [chat(arguments=piece) for piece in ('{"q": "the fal', 'con flies"}')]
    for begin in ([chat(name=name) for name in names], [chat(name=name, arguments="") for name in names]):
        out = await held(OpenAIChat(), [*begin, *pieces])
        assert "<#>" in out and "con flies" not in out
    last = chat(name=names[-1], arguments='{"q": "the fal')
    assert "<#>" in await held(OpenAIChat(), [*(chat(name=name) for name in names[:-1]), last, pieces[1]])


async def test_a_name_that_goes_on_amid_the_arguments_cuts_no_text() -> None:
    events = [chat(name="send", arguments='{"q": "the fal'), chat(name="_mail"), chat(arguments='con flies"}')]
    assert "con flies" not in await held(OpenAIChat(), events, ForTool(""))


async def test_a_chat_call_of_another_tool_under_the_same_number_is_another_text() -> None:
    events = [chat(name="read_note", arguments=SOURCE), chat(name="send_mail", arguments=SOURCE)]
    out = await held(OpenAIChat(), [*events, chunk({}, finish="tool_calls")])
    assert (out.count("falcon"), out.count("<#>")) == (1, 1)


@pytest.mark.parametrize("together", [True, False])
async def test_a_chat_call_with_another_id_under_the_same_number_is_another_text(together: bool) -> None:
    calls = [{"index": 0, "id": i, "function": {"name": "f", "arguments": t}} for i, t in (("a", "fal"), ("b", "con"))]
    events = [chunk({"tool_calls": calls})] if together else [chunk({"tool_calls": [call]}) for call in calls]
    assert "<#>" not in await held(OpenAIChat(), events, ForTool("f"))


async def test_ids_that_change_from_piece_to_piece_of_one_call_begin_no_other() -> None:
    named = [{"id": "a", "function": {"name": "f", "arguments": "fal"}}, {"id": "b", "function": {"arguments": "con"}}]
    events = [chunk({"tool_calls": [{"index": 0, **piece}]}) for piece in named]
    assert "<#>" in await held(OpenAIChat(), events, ForTool("f"))


async def test_values_of_a_chat_call_that_come_in_pieces_are_one_text() -> None:
    events = [chat(name="f", arguments={"q": ["the fal"]}), chat(arguments={"q": ["con"]})]
    assert "<#>" in await held(OpenAIChat(), events, ForTool("f"))


@pytest.mark.parametrize(
    ("kind", "field", "stem"),
    [
        ("function_call", "arguments", "function_call_arguments"),
        ("custom_tool_call", "input", "custom_tool_call_input"),
        ("mcp_call", "arguments", "mcp_call_arguments"),
    ],
)
@given(at=st.integers(0, len(SOURCE)))
async def test_the_copy_of_a_calls_arguments_is_seen_under_the_tools_name(
    kind: str, field: str, stem: str, at: int
) -> None:
    item = {"type": kind, "id": "i", "call_id": "c", "name": "send_mail", field: ""}
    events: list[dict[str, Any]] = [
        {"type": "response.output_item.added", "output_index": 0, "item": {**item, "name": "read_note"}},
        {"type": "response.output_item.added", "output_index": 1, "item": item},
        *({"type": f"response.{stem}.delta", "output_index": 1, "delta": d} for d in (SOURCE[:at], SOURCE[at:])),
        {"type": f"response.{stem}.done", "output_index": 1, field: SOURCE},
        {"type": f"response.{stem}.done", "output_index": 0, field: SOURCE},
    ]
    out = await held(OpenAIResponses(), [Event.of(event) for event in events])
    assert (out.count("<#>"), out.count("falcon")) == (2, 1)


async def test_a_tool_that_the_provider_runs_is_called_by_its_type() -> None:
    item = {"type": "code_interpreter_call", "code": SOURCE, "outputs": [{"type": "logs", "logs": SOURCE}]}
    events = [
        {"type": "response.code_interpreter_call_code.delta", "delta": SOURCE},
        {"type": "response.code_interpreter_call_code.done", "code": SOURCE},
        {"type": "response.output_item.done", "item": item},
        {"type": "response.shell_call_output_content.delta", "delta": {"stdout": SOURCE}},
    ]
    told = [
        segment.tool
        for event in events
        for segment in OpenAIResponses().reply_segments(event, True)
        if segment.text == SOURCE
    ]
    assert told == ["code_interpreter"] * 4 + ["shell"]


@pytest.mark.parametrize("padding", [0, 300])
async def test_a_text_that_is_good_for_one_tool_is_looked_at_for_the_next(padding: int) -> None:
    args = {"q": "the falcon" + "x" * padding}
    events = [gemini({"name": name, "args": args}) for name in ("read_note", "send_mail", "read_note")]
    out = await held(Gemini(), events)
    assert (out.count("falcon"), out.count("<#>")) == (2, 1)


def anthropic(index: int, **block: Any) -> list[Event]:
    begun = {"type": "content_block_start", "index": index, "content_block": block}
    return [Event.of(begun), Event.of({"type": "content_block_stop", "index": index})]


class OfResults(ForTool):
    """Has no rule for arguments, so that it is never shown the call."""

    def applies(self, segment: Segment) -> bool:
        return segment.scope is Scope.TOOL_RESULT


@pytest.mark.parametrize(
    ("kind", "name", "seen"),
    [("mcp", "send_mail", True), ("mcp", "search", False), ("tool_search", "send_mail", True)],
)
async def test_a_result_in_a_stream_is_of_the_tool_that_an_earlier_event_called(
    kind: str, name: str, seen: bool
) -> None:
    call = anthropic(0, type="mcp_tool_use", id="c1", name=name, server_name="s", input={})
    said = [{"type": "text", "text": "a falcon"}]
    result = anthropic(1, type=f"{kind}_tool_result", tool_use_id="c1", is_error=False, content=said)
    out = await held(AnthropicMessages(), [*call, *result], OfResults())
    assert ("falcon" not in out) == seen


@pytest.mark.parametrize("calls", [[], [("c2", "search")], [("c1", "search"), ("c1", "send_mail")]])
async def test_a_result_whose_call_is_not_told_or_told_twice_may_be_any_tools(calls: list[tuple[str, str]]) -> None:
    events = [event for id, name in calls for event in anthropic(0, type="mcp_tool_use", id=id, name=name, input={})]
    screen = OfResults()
    result = anthropic(1, type="mcp_tool_result", tool_use_id="c1", content=[{"type": "text", "text": "a falcon"}])
    await held(AnthropicMessages(), [*events, *result], screen)
    screen.tool = ""
    out = await held(AnthropicMessages(), [*events, *result], screen)
    assert "falcon" not in out
    assert {each.tool for each, *_ in screen.seen} == {""}

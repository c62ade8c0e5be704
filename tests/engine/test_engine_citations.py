"""Citations that say between which characters of a text they belong are right in the text that leaves."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.engine import jsonio
from tidegate.engine.citations import Moves
from tidegate.engine.dialects import Dialect
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.engine.edits import Edit, apply
from tidegate.engine.sse import DONE, Event
from tidegate.engine.stream import HoldBack
from tidegate.guardrails.vault import Restore, Vault
from tidegate.tests.engine.responses_samples import message, reply

MAIL = "jane.doe@example.org"


def answer(mask: str) -> tuple[str, dict[str, int]]:
    """An answer that cites its last words, and where these stand."""
    text = f"Write to {mask} or to {mask}, as (x.org) says."
    start = text.index("(x.org)")
    return text, {"start_index": start, "end_index": start + len("(x.org)")}


def cited(text: str, note: dict[str, Any]) -> str:
    return text[note["start_index"] : note["end_index"]]


async def restored(dialect: Dialect, events: list[Event], streamed: bool, vault: Vault) -> list[dict[str, Any]]:
    async def source() -> AsyncIterator[Event]:
        for event in events:
            yield event

    async def stop() -> None: ...

    held = HoldBack(dialect, Restore(vault), streamed, stop)
    return [event.data async for event in held.run(source()) if event.data is not None]


@pytest.fixture
def masked() -> tuple[Vault, str]:
    vault = Vault()
    return vault, vault.mask("EMAIL_ADDRESS", MAIL)


def chunk(delta: dict[str, Any], finish: str | None = None) -> Event:
    return Event.of({"id": "c", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


async def test_a_whole_chat_reply(masked: tuple[Vault, str]) -> None:
    vault, mask = masked
    text, place = answer(mask)
    note = {"type": "url_citation", "url_citation": {"url": "https://x.org", "title": "X", **place}}
    said = {"role": "assistant", "content": text, "reasoning_content": f"for {mask}", "annotations": [note]}
    event = Event.whole(jsonio.dumps({"choices": [{"index": 0, "message": said, "finish_reason": "stop"}]}))
    [data] = await restored(OpenAIChat(), [event], False, vault)
    said = data["choices"][0]["message"]
    assert MAIL in said["content"]
    assert cited(said["content"], said["annotations"][0]["url_citation"]) == "(x.org)"


@pytest.mark.parametrize("step", [1, 5, 100])
async def test_a_chat_stream(masked: tuple[Vault, str], step: int) -> None:
    vault, mask = masked
    text, place = answer(mask)
    pieces = [chunk({"content": text[at : at + step]}) for at in range(0, len(text), step)]
    note = {"type": "url_citation", "url_citation": {"url": "https://x.org", "title": "X", **place}}
    events = [*pieces, chunk({"annotations": [note]}), chunk({}, "stop"), DONE]
    out = await restored(OpenAIChat(), events, True, vault)
    deltas = [data["choices"][0]["delta"] for data in out]
    whole = "".join(delta.get("content") or "" for delta in deltas)
    assert MAIL in whole
    [note] = [note for delta in deltas for note in delta.get("annotations", ())]
    assert cited(whole, note["url_citation"]) == "(x.org)"


async def test_a_chat_reply_that_memory_streams(masked: tuple[Vault, str]) -> None:
    vault, mask = masked
    text, place = answer(mask)
    note = {"type": "url_citation", "url_citation": {"url": "https://x.org", "title": "X", **place}}
    said = {"role": "assistant", "content": text, "refusal": None, "annotations": [note]}
    stored = {"id": "c", "choices": [{"index": 0, "message": said, "finish_reason": "stop"}]}
    dialect = OpenAIChat()
    events = dialect.split(stored, {})
    assert dialect.assemble(events)["choices"][0]["message"] == said
    deltas = [data["choices"][0]["delta"] for data in await restored(dialect, events, True, vault)]
    whole = "".join(delta.get("content") or "" for delta in deltas)
    [note] = [note for delta in deltas for note in delta.get("annotations", ())]
    assert MAIL in whole
    assert cited(whole, note["url_citation"]) == "(x.org)"


@pytest.mark.parametrize("step", [1, 5, 100])
async def test_every_copy_of_a_citation_in_a_stream_of_responses(masked: tuple[Vault, str], step: int) -> None:
    vault, mask = masked
    dialect = OpenAIResponses()
    text, place = answer(mask)
    note: dict[str, Any] = {"type": "url_citation", "url": "https://x.org", "title": "X", **place}
    events: list[Event] = []
    at = {"item_id": "msg-1", "output_index": 0, "content_index": 0}
    for event in dialect.split(reply(message(text, annotations=[note])), {}):
        data = event.data or {}
        if data["type"] != "response.output_text.delta":
            events.append(event)
            continue
        pieces = (text[begin : begin + step] for begin in range(0, len(text), step))
        events += [Event.of({**data, "delta": each}, kind=event.kind) for each in pieces]
        kind = "response.output_text.annotation.added"
        events.append(Event.of({"type": kind, **at, "annotation_index": 0, "annotation": note}, kind=kind))
    out = await restored(dialect, events, True, vault)
    whole = out[-1]["response"]["output"][0]["content"][0]["text"]
    assert MAIL in whole
    notes = [found for data in out for found in citations(data)]
    assert [cited(whole, found) for found in notes] == ["(x.org)"] * 4, "its event, its part, its item, the response"


def citations(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, list):
        return [found for child in node for found in citations(child)]
    if not isinstance(node, dict):
        return []
    own = [node] if node.get("type") == "url_citation" else []
    return own + [found for child in node.values() for found in citations(child)]


@given(st.text("ab", max_size=12), st.data())
def test_a_place_outside_what_was_replaced_stays_at_its_character(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    edits = [
        Edit(a, b, data.draw(st.text("x", max_size=3))) for a, b in zip(cuts[::2], cuts[1::2], strict=False) if a < b
    ]
    new = apply(text, edits)
    for start in range(len(text)):
        for end in range(start + 1, len(text) + 1):
            if all(end <= edit.start or start >= edit.end for edit in edits):
                note = {"start_index": start, "end_index": end}
                Moves(edits).apply(note)
                assert cited(new, note) == text[start:end]


def test_what_is_cited_grows_with_what_is_put_back_in_it() -> None:
    note: dict[str, Any] = {"start_index": 1, "end_index": 4, "other": True}
    Moves([Edit(0, 2, "abcd"), Edit(3, 5, "xyz")]).apply(note)
    assert note == {"start_index": 0, "end_index": 8, "other": True}

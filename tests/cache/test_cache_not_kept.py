"""Why an answer was not kept is told where it is known by the time the header leaves, and counted."""

from typing import Any

import pytest

from tidegate.cache.admission import TTL_HEADER, readable
from tidegate.engine.dialects.openai_chat import OpenAIChat
from tidegate.engine.exchange import Reply
from tidegate.engine.headers import cache_status
from tidegate.engine.sse import DONE, Event
from tidegate.tests.cache import staging
from tidegate.tests.cache.staging import Make, Model, ask, completion, exchange

make = staging.make


def body(finish: str, **message: Any) -> dict[str, Any]:
    whole = completion("Paris")
    whole["choices"][0]["finish_reason"] = finish
    whole["choices"][0]["message"].update(message)
    return whole


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (body("length"), "cut-short"),
        (body("tool_calls", content=None, tool_calls=[{"id": "1"}]), "tool-call"),
        (body("stop", content=""), "no-content"),
        (body("stop", content="x" * 5000), "too-large"),
        (body("stop") | {"error": {"message": "overloaded"}}, "incomplete"),
        (body("stop", images=[{"image_url": {"url": "data:image/png;base64,AA"}}]), "not-only-text"),
        (
            body("stop", content=[{"type": "text", "text": "a"}, {"type": "image_url", "image_url": "u"}]),
            "not-only-text",
        ),
    ],
)
async def test_the_reason_is_named_and_counted(make: Make, said: dict[str, Any], reason: str) -> None:
    stage, model, asked = await make(mode="exact", max_entry_bytes=4000), Model(), exchange()
    model.body = said
    await ask(stage, model, asked)
    assert cache_status(asked.cache) == f"tidegate; fwd=miss; detail=not-kept-{reason}"
    assert stage.counts["not_stored." + reason] == 1


async def test_a_status_and_a_wish_are_reasons_too(make: Make) -> None:
    stage = await make(mode="exact")
    for model, headers, reason in ((Model(status=503), {}, "status"), (Model(), {TTL_HEADER: "0"}, "ttl")):
        asked = exchange(headers=headers)
        await ask(stage, model, asked)
        assert asked.cache.detail == "not-kept-" + reason


async def test_what_was_said_of_the_miss_stays(make: Make) -> None:
    stage, model = await make(mode="exact"), Model()
    model.body = body("length")
    asked = exchange(headers={"cache-control": "no-cache"})
    await ask(stage, model, asked)
    assert cache_status(asked.cache) == "tidegate; fwd=request; detail=no-cache"


async def test_a_store_that_refuses_and_work_that_is_too_much_are_told(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_: Any) -> bool:
        return False

    stage, model, asked = await make(mode="exact"), Model(), exchange()
    monkeypatch.setattr(stage.store, "put", refuse)
    await ask(stage, model, asked)
    assert asked.cache.detail == "not-kept-store"
    stage.background.limit, asked = 0, exchange()
    await ask(stage, model, asked)
    assert asked.cache.detail == "not-kept-busy" and stage.background.dropped == 1


def test_a_stream_that_tells_of_an_error_is_not_complete_though_it_ends_well() -> None:
    def event(**more: Any) -> Event:
        return Event.of({"choices": [{"index": 0, "delta": {"content": "Par"}, "finish_reason": "stop"}], **more})

    reply = Reply.whole(200, b"")
    reply.streamed = True
    for events, reason in (
        ([event(), DONE], ""),
        ([event(error=None), DONE], ""),
        ([event(), Event.of({"error": {"message": "boom"}}), DONE], "incomplete"),
    ):
        assert readable(OpenAIChat(), reply, events, 4000)[1] == reason

"""A query of Google's clients: the key leaves it, and the rest says how a stream comes."""

import asyncio
from typing import Any

import pytest

from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.errors import BadRequest
from tidegate.engine.exchange import Exchange
from tidegate.engine.handler import Handler, Request
from tidegate.engine.pipeline import Pipeline, Stages
from tidegate.engine.query import as_array, with_key
from tidegate.engine.sse import Event, JsonArray


@pytest.mark.parametrize(
    ("query", "headers", "key", "left"),
    [
        ("", {}, None, ""),
        ("alt=sse&a=%20+b", {}, None, "alt=sse&a=%20+b"),
        ("key=k1", {}, "k1", ""),
        ("alt=sse&key=k1&x=%zz&a", {}, "k1", "alt=sse&x=%zz&a"),
        ("k%65y=k1", {}, "k1", ""),
        ("key=k1&key=k2", {}, "k1", ""),
        ("key=", {}, None, ""),
        ("key", {}, None, ""),
        ("key=k1", {"x-goog-api-key": "own"}, "own", ""),
        ("monkey=1", {}, None, "monkey=1"),
    ],
)
def test_a_key_in_a_query_becomes_a_header(query: str, headers: dict[str, str], key: str | None, left: str) -> None:
    found, rest = with_key(headers, query)
    assert (found.get("x-goog-api-key"), rest) == (key, left)


@pytest.mark.parametrize("key", ["a%0d%0ab", "%00", "%20", "caf%C3%A9", "x" * 5000])
def test_a_key_that_no_header_can_carry_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(BadRequest) as caught:
        with_key({}, f"key={key}")
    assert key not in str(caught.value)


def test_the_form_of_a_stream() -> None:
    assert as_array("")
    assert as_array("alt=json&key=k")
    assert not as_array("a=b&alt=sse")
    with pytest.raises(BadRequest):
        as_array("alt=media")


def test_events_as_an_array() -> None:
    array = JsonArray()
    events = [Event(b": hi\n\n", b""), Event.of({"a": 1}), Event.of({"b": 2})]
    assert b"".join(array.item(event) for event in events) + array.end() == b'[{"a":1},\r\n{"b":2}]'
    assert JsonArray().end() == b"[]"


def test_an_array_is_refused_where_the_app_behind_would_have_to_send_it() -> None:
    asked: list[Exchange] = []

    async def route(exchange: Exchange) -> Any:
        asked.append(exchange)

    handler = Handler([Gemini(streams=True)], Pipeline(Stages(), route))
    head = {"content-type": "application/json"}
    request = Request("POST", "/v1beta/models/m:streamGenerateContent", head, b'{"contents":[{"parts":[]}]}')
    answer = asyncio.run(handler.handle(request))
    assert answer.status == 400
    assert b"add ?alt=sse" in (answer.body or b"")
    assert asked == []

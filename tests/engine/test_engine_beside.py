"""What a reply says beside its text is judged as it stands there: no part of that text, and none of it left out."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from tidegate.engine.dialects import Dialect
from tidegate.engine.dialects.gemini import Gemini
from tidegate.engine.dialects.responses import OpenAIResponses
from tidegate.engine.sse import Event
from tidegate.engine.stream import HoldBack
from tidegate.tests.engine.screening import CHAT, Pattern, chunk


def left(dialect: Dialect, screen: Pattern, bodies: Sequence[dict[str, Any]], *, streamed: bool) -> str:
    """The bodies that leave, as JSON."""

    async def source() -> AsyncIterator[Event]:
        for body in bodies:
            yield Event.of(body)

    async def stop() -> None:
        pass

    async def collect() -> list[Event]:
        return [event async for event in HoldBack(dialect, screen, streamed, stop).run(source())]

    return json.dumps([event.data for event in asyncio.run(collect())])


@pytest.mark.parametrize("streamed", [False, True])
def test_what_a_source_supports_is_no_end_of_geminis_answer(streamed: bool) -> None:
    candidate = {
        "content": {"role": "model", "parts": [{"text": "so be it"}]},
        "groundingMetadata": {"groundingSupports": [{"segment": {"text": "cab", "startIndex": 0}}]},
    }
    got = left(Gemini(streams=streamed), Pattern(r"\bcab\b", 3), [{"candidates": [candidate]}], streamed=streamed)
    assert "cab" not in got  # joined to the answer, no word began there
    assert "so be it" in got


def test_the_text_that_some_hosts_of_chat_repeat_beside_each_delta_is_one_text_too() -> None:
    events = [json.loads(chunk({"content": piece}, text=piece).payload) for piece in "so cab so"]
    got = json.loads(left(CHAT, Pattern(r"\bcab\b", 3), events, streamed=True))
    choices = [choice for event in got for choice in event["choices"]]
    assert "".join(choice["delta"]["content"] for choice in choices) == "so <#> so"
    assert "".join(choice["text"] for choice in choices) == "so <#> so"


def call(**told: Any) -> dict[str, Any]:
    return json.loads(chunk({"tool_calls": [{"index": told.pop("index", 0), **told}]}).payload)


@pytest.mark.parametrize("block", [False, True])
@pytest.mark.parametrize("field", ["id", "name"])
def test_a_name_that_comes_letter_by_letter_is_one_name(field: str, block: bool) -> None:
    def told(letter: str) -> dict[str, Any]:
        return call(id=letter) if field == "id" else call(function={"name": letter})

    got = left(
        CHAT,
        Pattern("caab", 4, block=block),
        [*map(told, "caab_so"), call(function={"arguments": "{}"})],
        streamed=True,
    )
    assert "content_filter" in got
    assert "_" not in got.replace("content_filter", "").replace("finish_reason", "").replace("tool_calls", "")


def test_names_that_each_piece_repeats_and_those_of_other_calls_are_not_put_together() -> None:
    events = [call(id="ca", function={"name": "ca", "arguments": piece}) for piece in "{}"]
    events += [call(index=1, id="b", function={"name": "b", "arguments": "{}"})]
    got = left(CHAT, Pattern("cab|caca", 4, block=True), events, streamed=True)
    assert "content_filter" not in got


def test_the_tokens_of_a_whole_response_are_read_as_the_text_they_spell() -> None:
    tokens = [{"token": letter, "bytes": [ord(letter)], "logprob": 0, "top_logprobs": []} for letter in "so cab"]
    part = {"type": "output_text", "text": "hi", "annotations": [], "logprobs": tokens}
    item = {"type": "message", "id": "i", "role": "assistant", "status": "completed", "content": [part]}
    got = left(
        OpenAIResponses(), Pattern("cab", 3), [{"id": "r", "object": "response", "output": [item]}], streamed=False
    )
    spelt = [token["token"] for token in json.loads(got)[0]["output"][0]["content"][0]["logprobs"]]
    assert "".join(spelt) == "so <#>"
    assert "97" not in got  # the bytes of a token that changed

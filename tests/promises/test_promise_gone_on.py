"""A text that goes on behind its end: official clients add what comes to it, so it is judged together with that."""

from collections.abc import Sequence
from typing import Any

import httpx2
import pytest

from tidegate.engine.sse import Event

RULES = "rules: [{id: code, scope: output, detect: {regex: 'sesame-[0-9]{4}'}, action: redact}]"
PLACE = {"item_id": "i", "output_index": 0, "content_index": 0}


def typed(*events: dict[str, Any]) -> list[bytes]:
    return [Event.of(event, kind=event["type"]).raw for event in events]


def blocks(pieces: Sequence[str]) -> list[bytes]:
    """An Anthropic stream in which the block ends behind each piece."""
    message: dict[str, Any] = {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [],
        "usage": {},
    }
    out = typed({"type": "message_start", "message": message})
    out += typed({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}})
    for piece in pieces:
        delta = {"type": "text_delta", "text": piece}
        out += typed({"type": "content_block_delta", "index": 0, "delta": delta})
        out += typed({"type": "content_block_stop", "index": 0})
    return [*out, *typed({"type": "message_delta", "delta": {"stop_reason": "end_turn"}}, {"type": "message_stop"})]


def items(pieces: Sequence[str]) -> list[bytes]:
    """A stream of Responses that says behind each piece that the text is done."""
    whole: dict[str, Any] = {"id": "r", "object": "response", "model": "m", "status": "completed", "output": []}
    out = typed({"type": "response.created", "response": {**whole, "status": "in_progress"}})
    for piece in pieces:
        out += typed({"type": "response.output_text.delta", **PLACE, "delta": piece})
        out += typed({"type": "response.output_text.done", **PLACE, "text": piece})
    return [*out, *typed({"type": "response.completed", "response": whole})]


@pytest.fixture
def told(upstream: Any, support: Any, tmp_path: Any, run_gate: Any) -> Any:
    """What a gate lets through of pieces that a host sends: `told(make, pieces)`."""

    def ask(make: Any, pieces: Sequence[str]) -> str:
        async def script(body: dict[str, Any], send: Any) -> None:
            await support.start_stream(send)
            for raw in make(pieces):
                await send({"type": "http.response.body", "body": raw, "more_body": True})
            await send({"type": "http.response.body", "body": b""})

        upstream.script = script
        (tmp_path / "rules.yaml").write_text("version: 1\n" + RULES)
        provider = f"{{kind: openai, base_url: '{upstream.url}', api_key: k, speaks: [openai, anthropic]}}"
        config = f"version: 1\nproviders:\n  up: {provider}\nguardrails: {{files: [rules.yaml]}}\n"
        url = run_gate(support.parse_config(config, file=str(tmp_path / "gate.yaml"), folder=tmp_path))
        body: dict[str, Any] = {"model": "m", "stream": True}
        if make is blocks:
            body |= {"max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
        else:
            body |= {"input": "hi"}
        return httpx2.post(url + ("/v1/messages" if make is blocks else "/v1/responses"), json=body, timeout=30).text

    return ask


@pytest.mark.parametrize("make", [blocks, items])
@pytest.mark.parametrize("pieces", [["it is sesame-", "1234"], ["a", "b sesame-1", "234"], [*"sesame-1234"]])
def test_what_a_rule_finds_over_the_end_of_a_text_does_not_leave(told: Any, make: Any, pieces: list[str]) -> None:
    said = told(make, pieces)
    assert f'"{pieces[-1]}"' not in said
    assert '"code"' in said or '"hold limit"' in said


@pytest.mark.parametrize("make", [blocks, items])
def test_what_no_rule_finds_there_leaves_as_it_came(told: Any, make: Any) -> None:
    pieces = ["it is ", "fine ", "and good. ", "sesame", " seeds"]
    assert told(make, pieces) == b"".join(make(pieces)).decode()


@pytest.mark.parametrize("make", [blocks, items])
def test_what_is_found_on_either_side_is_redacted(told: Any, make: Any) -> None:
    said = told(make, ["it is sesame-1234 and ", "sesame-2345 too"])
    assert "sesame" not in said and said.count("it is [CODE] and ") >= 1 and "[CODE] too" in said

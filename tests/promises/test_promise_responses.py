"""OpenAI's own SDK through the gate on /v1/responses: masks, blocks, redaction, memory, and no copy left behind."""

import json
import logging
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from tidegate.engine.dialects.responses import OpenAIResponses

EMAIL, CARD = "ada.lovelace@example.com", "4111 1111 1111 1111"
RULES = """
include: [pack:pii]
rules:
  - {id: words.launch, detect: {keywords: [project falcon]}, action: block}
  - {id: words.code, detect: {keywords: [bluebird]}, action: redact}
"""
CONFIG = """
cache: {mode: exact, store: 'sqlite:cache.db'}
log: {store: 'sqlite:log.db', content: masked}
"""
RESPONSES = OpenAIResponses()
USAGE = {
    "input_tokens": 3,
    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
    "output_tokens": 5,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 8,
}


def response(*output: dict[str, Any], **extra: Any) -> dict[str, Any]:
    head = {"id": "resp-1", "object": "response", "created_at": 1700000000, "status": "completed", "model": "gpt-test"}
    head |= {"error": None, "incomplete_details": None, "parallel_tool_calls": True, "tool_choice": "auto", "tools": []}
    return {**head, "output": list(output), "usage": USAGE, "metadata": {}, **extra}


def message(text: str) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    return {"type": "message", "id": "msg-1", "role": "assistant", "status": "completed", "content": [part]}


def call(arguments: str) -> dict[str, Any]:
    fields = {"type": "function_call", "id": "fc-1", "call_id": "c-1", "name": "mail", "status": "completed"}
    return {**fields, "arguments": arguments}


def cut(whole: dict[str, Any], step: int) -> list[bytes]:
    """A reply as the bytes of a stream, its texts and arguments in pieces of `step` characters."""
    out: list[dict[str, Any]] = []
    for event in RESPONSES.split(whole, {}):
        data = event.fresh()
        item = data.get("item", {})
        if data["type"].endswith(".delta"):
            text = data["delta"]
            out += [{**data, "delta": text[at : at + step]} for at in range(0, len(text), step)]
        elif data["type"] == "response.output_item.added" and item.get("type") == "function_call":
            source, at = item["arguments"], {"item_id": item["id"], "output_index": data["output_index"]}
            item["arguments"] = ""
            out.append(data)
            kind = "response.function_call_arguments"
            out += [{"type": f"{kind}.delta", **at, "delta": source[i : i + step]} for i in range(0, len(source), step)]
            out.append({"type": f"{kind}.done", **at, "arguments": source, "name": item["name"]})
        else:
            out.append(data)
    numbered = [{**data, "sequence_number": number} for number, data in enumerate(out)]
    return [f"event: {data['type']}\ndata: {json.dumps(data)}\n\n".encode() for data in numbered]


def echo(body: dict[str, Any]) -> str:
    given = body["input"]
    if isinstance(given, str):
        return "You said: " + given
    content = given[-1]["content"]
    return "You said: " + (content if isinstance(content, str) else " ".join(part["text"] for part in content))


@pytest.fixture
def replying(upstream: Any, support: Any) -> Any:
    """Makes the upstream speak Responses; `replying.whole(body)` is what it says, with the instructions repeated."""

    class Replying:
        step = 3
        stop_after: int | None = None

        def whole(self, body: dict[str, Any]) -> dict[str, Any]:
            return response(message(echo(body)))

        async def __call__(self, body: dict[str, Any], send: Any) -> None:
            whole = self.whole(body) | {"instructions": body.get("instructions"), "metadata": body.get("metadata", {})}
            if not body.get("stream"):
                await support.reply_json(send, whole)
                return
            await support.start_stream(send)
            raw = b"".join(cut(whole, self.step))[: self.stop_after]
            for begin in range(0, len(raw), 211):
                piece = raw[begin : begin + 211]
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})

    upstream.script = Replying()
    return upstream.script


def client(url: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=url + "/v1", api_key="caller-key-77", max_retries=0)


def ask(url: str, given: Any, stream: bool = False, **extra: Any) -> Any:
    """The final response, asked for in either way."""
    if not stream:
        return client(url).responses.create(model="gpt-test", input=given, **extra)
    last: Any = None
    with client(url).responses.stream(model="gpt-test", input=given, **extra) as events:
        for event in events:
            last = getattr(event, "response", last)
    return last


def raw(url: str, given: Any, **extra: Any) -> httpx2.Response:
    body = {"model": "gpt-test", "input": given, "stream": True, **extra}
    return httpx2.post(url + "/v1/responses", json=body, timeout=30)


@pytest.mark.parametrize("stream", [False, True])
def test_masked_values_reach_no_provider_file_or_log_and_come_back_to_the_caller(
    serve: Any, replying: Any, upstream: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture, stream: bool
) -> None:
    caplog.set_level(logging.DEBUG, logger="tidegate")
    url = serve(CONFIG, RULES)
    given = [
        {"role": "user", "content": [{"type": "input_text", "text": f"card {CARD}"}]},
        {"type": "function_call", "call_id": "c-1", "name": "find", "arguments": json.dumps({"who": EMAIL})},
        {"type": "function_call_output", "call_id": "c-1", "output": EMAIL},
        {"role": "user", "content": f"write to {EMAIL}"},
    ]
    extra: Any = {"instructions": f"The owner is {EMAIL}.", "metadata": {"m": EMAIL}, "safety_identifier": EMAIL}
    for _ in range(2):
        reply = ask(url, given, stream, **extra)
        assert reply.output_text == f"You said: write to {EMAIL}"
        assert reply.instructions == f"The owner is {EMAIL}."
    assert len(upstream.requests) == 1, "the second answer came from memory"
    with pytest.raises(openai.BadRequestError):
        ask(url, f"{EMAIL} works on project falcon", stream)
    seen = b"".join(upstream.raw) + caplog.text.encode()
    for file in tmp_path.rglob("*"):
        if file.is_file() and file.name != "rules.yaml":
            seen += file.read_bytes()
    for value in (EMAIL, CARD, "caller-key-77"):
        assert value.encode() not in seen, value
    assert b"<EMAIL_ADDRESS_1>" in seen


@pytest.mark.parametrize("step", [1, 4, 1000])
def test_a_masked_value_comes_back_in_every_piece_and_copy(serve: Any, replying: Any, step: int) -> None:
    replying.step = step
    replying.whole = lambda body: response(message("Dear <EMAIL_ADDRESS_1>!"), call('{"to": "<EMAIL_ADDRESS_1>"}'))
    reply = raw(serve("", RULES), f"greet {EMAIL}")
    assert "EMAIL_ADDRESS" not in reply.text
    events = [json.loads(line[6:]) for line in reply.text.split("\n") if line.startswith("data: ")]
    pieces = "".join(event["delta"] for event in events if event["type"] == "response.output_text.delta")
    assert pieces == f"Dear {EMAIL}!"
    last = events[-1]["response"]["output"]
    assert last[0]["content"][0]["text"] == pieces
    assert json.loads(last[1]["arguments"]) == {"to": EMAIL}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("step", [1, 4, 1000])
def test_a_reply_is_redacted_in_every_piece_and_copy(serve: Any, replying: Any, stream: bool, step: int) -> None:
    replying.step = step
    long = "and so on " * 40
    replying.whole = lambda body: response(message("the code is bluebird. " + long), call('{"code": "bluebird"}'))
    url = serve("", RULES)
    reply = ask(url, "tell me", stream)
    assert reply.output_text == "the code is [WORDS_CODE]. " + long
    assert json.loads(reply.output[1].arguments) == {"code": "[WORDS_CODE]"}
    assert "bluebird" not in raw(url, "tell me").text


@pytest.mark.parametrize("stream", [False, True])
def test_a_blocked_reply_is_incomplete_to_the_sdk(serve: Any, replying: Any, stream: bool) -> None:
    replying.whole = lambda body: response(message("This is about project falcon, which flies."))
    url = serve(CONFIG, RULES)
    reply = ask(url, "tell me", stream)
    assert (reply.status, reply.incomplete_details.reason) == ("incomplete", "content_filter")
    assert (reply.id, reply.model, reply.output) == ("resp-1", "gpt-test", [])
    assert "falcon" not in raw(url, "tell me").text


def test_a_blocked_request_names_the_rule_and_the_place(serve: Any, replying: Any, upstream: Any) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        ask(serve("", RULES), [{"role": "user", "content": [{"type": "input_text", "text": "about Project Falcon"}]}])
    assert (caught.value.code, caught.value.param) == ("content_filter", "input.0.content.0.text")
    assert "words.launch" in caught.value.message
    assert upstream.requests == []


@pytest.mark.parametrize("first", [False, True])
def test_an_answer_from_memory_is_the_same_streamed_or_not(
    serve: Any, replying: Any, upstream: Any, first: bool
) -> None:
    url = serve(CONFIG, RULES)
    asked = [ask(url, "what is red?", stream) for stream in (first, not first)]
    assert asked[0].output_text == asked[1].output_text == "You said: what is red?"
    assert [reply.usage.output_tokens for reply in asked] == [5, 5]
    assert len(upstream.requests) == 1


@pytest.mark.parametrize(
    "extra", [{"previous_response_id": "resp-0"}, {"store": True}, {"conversation": "conv-1"}], ids=str
)
def test_what_rests_on_the_providers_own_memory_passes_ours_by(
    serve: Any, replying: Any, upstream: Any, extra: Any
) -> None:
    url = serve(CONFIG, RULES)
    for _ in range(2):
        assert ask(url, "more", **extra).output_text == "You said: more"
    assert len(upstream.requests) == 2


def test_a_stream_that_no_rule_changed_passes_byte_for_byte(serve: Any, replying: Any) -> None:
    expected = b"".join(cut(response(message("You said: x"), instructions=None, metadata={}), 3))
    assert raw(serve("", RULES), "x").content == expected


@pytest.mark.parametrize("kept", range(0, 5000, 307))
def test_a_stream_cut_at_any_byte_shows_no_secret_and_is_not_remembered(
    serve: Any, replying: Any, upstream: Any, kept: int
) -> None:
    url = serve(CONFIG, RULES)
    replying.whole = lambda body: response(message("the code is bluebird, and project falcon"))
    replying.stop_after = kept
    for _ in range(2):
        reply = raw(url, "x")
        lines = [
            json.loads(line[6:]) for line in reply.text.split("\n") if line.startswith("data: {") and line[-1] == "}"
        ]
        shown = "".join(line["delta"] for line in lines if line["type"] == "response.output_text.delta")
        for word in ("bluebird", "project falcon"):
            assert word not in shown
            assert word not in reply.text
    assert len(upstream.requests) == 2


def test_background_is_refused_and_a_stored_response_is_fetched_only_where_a_route_lets_it(
    serve: Any, replying: Any, upstream: Any
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        ask(serve(), "x", background=True)
    assert caught.value.param == "background"
    with pytest.raises(openai.NotFoundError):
        client(serve()).responses.retrieve("resp-1")
    assert upstream.requests == []

"""What holds for every dialect alike: in each mount, when the client leaves, and for errors within a stream."""

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any

import anthropic
import httpx2
import openai
import pytest

RULES = """
include: [pack:pii]
rules:
  - {id: words.launch, detect: {keywords: [project falcon]}, action: block}
"""
EMAIL = "ada@example.com"


@dataclass(frozen=True)
class Case:
    """A dialect: where it lives, a request of it, and the head of a stream that goes on for ever."""

    family: str
    path: str
    stream_path: str
    events: list[dict[str, Any]]

    def body(self, text: str, stream: bool) -> dict[str, Any]:
        if self.family == "gemini":
            return {"contents": [{"role": "user", "parts": [{"text": text}]}]}
        asked = {"input": text} if "responses" in self.path else {"messages": [{"role": "user", "content": text}]}
        return {"model": "gpt-test", "max_tokens": 9, **asked, **({"stream": True} if stream else {})}


def chunk(text: str) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}


STARTED = {"id": "m", "type": "message", "role": "assistant", "model": "m", "content": []}
CASES = [
    Case("openai", "/v1/chat/completions", "/v1/chat/completions", [chunk("word ")]),
    Case(
        "openai",
        "/v1/responses",
        "/v1/responses",
        [{"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "word "}],
    ),
    Case(
        "anthropic",
        "/v1/messages",
        "/v1/messages",
        [
            {"type": "message_start", "message": STARTED},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "word "}},
        ],
    ),
    Case(
        "gemini",
        "/v1/models/gpt-test:generateContent",
        "/v1/models/gpt-test:streamGenerateContent?alt=sse",
        [{"candidates": [{"index": 0, "content": {"role": "model", "parts": [{"text": "word "}]}}]}],
    ),
]
EACH = pytest.mark.parametrize("case", CASES, ids=lambda case: case.path.rsplit("/", 1)[-1])


def endless(case: Case, support: Any, *, breaks: bool = False) -> Any:
    """Sends the case's events, the last one again and again; or breaks the connection after them."""

    async def script(body: Any, send: Any) -> None:
        await support.start_stream(send)
        for event in case.events:
            kind = f"event: {event['type']}\n".encode() if "type" in event else b""
            raw = kind + b"data: " + json.dumps(event).encode() + b"\n\n"
            await send({"type": "http.response.body", "body": raw, "more_body": True})
        if breaks:
            raise RuntimeError("the connection breaks")
        while True:
            await send({"type": "http.response.body", "body": raw, "more_body": True})
            await asyncio.sleep(0.01)

    return script


@pytest.fixture
def gate(upstream: Any, support: Any, tmp_path: Any, run_gate: Any) -> Any:
    """`gate(case)` runs a gate in front of a provider that speaks the case's dialect."""

    def start(case: Case, rules: str = RULES) -> str:
        base = upstream.url.removesuffix("/v1") if case.family == "gemini" else upstream.url
        (tmp_path / "rules.yaml").write_text("version: 1\n" + rules)
        text = f"version: 1\nproviders:\n  up: {{kind: {case.family}, base_url: '{base}', api_key: k}}\n"
        text += "guardrails: {files: [rules.yaml]}\n"
        loaded = support.parse_config(text, file=str(tmp_path / "gate.yaml"), folder=tmp_path)
        return run_gate(loaded)

    return start


@EACH
def test_a_client_that_leaves_closes_the_upstream(gate: Any, upstream: Any, support: Any, case: Case) -> None:
    upstream.script = endless(case, support)
    with httpx2.stream("POST", gate(case) + case.stream_path, json=case.body("x", True), timeout=30) as reply:
        assert "word" in next(text for text in reply.iter_text() if "word" in text)
    until = time.monotonic() + 10
    while upstream.closed == 0:
        assert time.monotonic() < until, "the upstream is still open"
        time.sleep(0.01)


@EACH
def test_an_upstream_that_breaks_is_an_error_within_the_stream(
    gate: Any, upstream: Any, support: Any, case: Case
) -> None:
    upstream.script = endless(case, support, breaks=True)
    reply = httpx2.post(gate(case) + case.stream_path, json=case.body("x", True), timeout=30)
    assert reply.status_code == 200
    last = json.loads([line for line in reply.text.split("\n") if line.startswith("data: ")][-1][6:])
    assert "ended its reply too early" in last["error"]["message"]


@EACH
@pytest.mark.parametrize("stream", [False, True])
def test_a_blocked_request_is_refused_before_anything_is_sent(
    gate: Any, upstream: Any, case: Case, stream: bool
) -> None:
    path = case.stream_path if stream else case.path
    reply = httpx2.post(gate(case) + path, json=case.body("about Project Falcon", stream), timeout=30)
    assert reply.status_code == 400
    assert "words.launch" in reply.json()["error"]["message"]
    assert reply.headers["x-tidegate-guard"] == 'blocked; rules="words.launch"'
    assert upstream.requests == []


@EACH
def test_a_credential_of_each_kind_names_the_caller_and_goes_no_further(
    gate: Any, upstream: Any, support: Any, case: Case
) -> None:
    async def script(body: Any, send: Any) -> None:
        await support.reply_json(send, {})

    upstream.script = script
    url = gate(case)
    for name, value in (
        ("authorization", "Bearer caller-key-77"),
        ("x-api-key", "caller-key-77"),
        ("x-goog-api-key", "caller-key-77"),
    ):
        httpx2.post(url + case.path, json=case.body("x", False), headers={name: value})
    assert len(upstream.requests) == 3
    assert "caller-key-77" not in json.dumps(upstream.headers)


@pytest.mark.parametrize("stream", [False, True])
def test_anthropics_client_with_a_gate_inside_is_guarded(
    upstream: Any, support: Any, tmp_path: Any, stream: bool
) -> None:
    from tidegate.engine.dialects.anthropic import AnthropicMessages

    async def script(body: Any, send: Any) -> None:
        words = "You said: " + body["messages"][0]["content"]
        whole = {**STARTED, "content": [{"type": "text", "text": words}], "stop_reason": "end_turn"}
        whole["usage"] = {"input_tokens": 1, "output_tokens": 1}
        if not body.get("stream"):
            await support.reply_json(send, whole)
            return
        await support.start_stream(send)
        for event in AnthropicMessages().split(whole, {}):
            await send({"type": "http.response.body", "body": event.raw, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    upstream.script = script
    (tmp_path / "rules.yaml").write_text("version: 1\n" + RULES)
    text = "version: 1\nguardrails: {files: [rules.yaml]}\n"
    gate_ = support.Gate(support.parse_config(text, file=str(tmp_path / "gate.yaml"), folder=tmp_path))
    with httpx2.Client(transport=gate_.transport()) as http:
        base = upstream.url.removesuffix("/v1")
        client = anthropic.Anthropic(api_key="own-key", base_url=base, http_client=http, max_retries=0)
        given: Any = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": f"write {EMAIL}"}]}
        if stream:
            with client.messages.stream(**given) as events:
                reply = events.get_final_message()
        else:
            reply = client.messages.create(**given)
    assert reply.content[0].type == "text" and reply.content[0].text == f"You said: write {EMAIL}"
    assert EMAIL.encode() not in upstream.raw[-1]
    assert "own-key" in json.dumps(upstream.headers[-1]), "the host is the client's own, and so is the key"


def test_openais_sdk_raises_what_breaks_in_a_stream_of_responses(gate: Any, upstream: Any, support: Any) -> None:
    upstream.script = endless(CASES[1], support, breaks=True)
    client = openai.OpenAI(base_url=gate(CASES[1]) + "/v1", api_key="k", max_retries=0)
    with pytest.raises(openai.APIError, match="too early"):
        list(client.responses.create(model="gpt-test", input="x", stream=True))


def test_anthropics_sdk_raises_what_breaks_in_a_stream_of_messages(gate: Any, upstream: Any, support: Any) -> None:
    upstream.script = endless(CASES[2], support, breaks=True)
    client = anthropic.Anthropic(base_url=gate(CASES[2]), api_key="k", max_retries=0)
    with pytest.raises(anthropic.APIStatusError, match="too early"):
        list(client.messages.create(model="m", max_tokens=9, messages=[{"role": "user", "content": "x"}], stream=True))

"""Anthropic's own SDK through the gate: masks, blocks, redaction, memory and errors on /v1/messages."""

import json
import logging
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest

from tidegate.engine.dialects.anthropic import AnthropicMessages

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
MODEL, MAX = "claude-test", 100
MESSAGES = AnthropicMessages()


def message(*content: dict[str, Any], stop: str = "end_turn") -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": MODEL,
        "content": list(content),
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": {"input_tokens": 3, "output_tokens": 5},
    }


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def cut(whole: dict[str, Any], step: int) -> list[bytes]:
    """A reply as the bytes of a stream, its texts in pieces of `step` characters."""
    out: list[bytes] = []
    for event in MESSAGES.split(whole, {}):
        delta = (event.data or {}).get("delta", {})
        field = next((name for name in ("text", "thinking", "partial_json") if name in delta), "")
        for begin in range(0, len(delta[field]), step) if field else [None]:
            data = event.fresh()
            if begin is not None:
                data["delta"][field] = delta[field][begin : begin + step]
            out.append(f"event: {event.kind}\ndata: {json.dumps(data)}\n\n".encode())
    out.insert(1, b'event: ping\ndata: {"type": "ping"}\n\n')
    return out


def echo(body: dict[str, Any]) -> str:
    content = body["messages"][-1]["content"]
    return "You said: " + (content if isinstance(content, str) else " ".join(part["text"] for part in content))


@pytest.fixture
def replying(upstream: Any, support: Any) -> Any:
    """Makes the upstream speak Anthropic's dialect; `replying.whole(body)` is what it says."""

    class Replying:
        step = 3
        stop_after: int | None = None
        raw: bytes | None = None

        def whole(self, body: dict[str, Any]) -> dict[str, Any]:
            return message(text(echo(body)))

        async def __call__(self, body: dict[str, Any], send: Any) -> None:
            if "max_tokens" not in body:
                await support.reply_json(send, {"input_tokens": 7})
                return
            if not body.get("stream"):
                await support.reply_json(send, self.raw or self.whole(body))
                return
            await support.start_stream(send)
            whole = b"".join(cut(self.whole(body), self.step))[: self.stop_after]
            for begin in range(0, len(whole), 97):
                piece = whole[begin : begin + 97]
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})

    upstream.script = Replying()
    return upstream.script


@pytest.fixture
def gate(upstream: Any, support: Any, tmp_path: Path, run_gate: Any) -> Any:
    """`gate(config, rules)` runs a gate in front of a provider of kind anthropic and returns its address."""

    def start(config: str = "", rules: str = "", kind: str = "kind: anthropic") -> str:
        written = (
            f"version: 1\nproviders:\n  up: {{{kind}, base_url: '{upstream.url}', api_key: sk-operator}}\n{config}"
        )
        if rules:
            (tmp_path / "rules.yaml").write_text("version: 1\n" + rules)
            written += "\nguardrails: {files: [rules.yaml]}\n"
        loaded = support.parse_config(written, file=str(tmp_path / "gate.yaml"), folder=tmp_path)
        return run_gate(loaded)

    return start


def client(url: str, key: str = "caller-key-77") -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=url, api_key=key, max_retries=0)


def ask(url: str, content: Any, stream: bool = False, **extra: Any) -> anthropic.types.Message:
    """The final message, asked for in either way."""
    given: Any = {"model": MODEL, "max_tokens": MAX, "messages": [{"role": "user", "content": content}], **extra}
    if not stream:
        return client(url).messages.create(**given)
    with client(url).messages.stream(**given) as events:
        return events.get_final_message()


def said(reply: anthropic.types.Message) -> str:
    return "".join(block.text for block in reply.content if block.type == "text")


def crowded(words: str) -> dict[str, Any]:
    """A request with the address in every kind of place."""
    return {
        "system": [{"type": "text", "text": f"The owner is {EMAIL}.", "cache_control": {"type": "ephemeral"}}],
        "metadata": {"user_id": EMAIL},
        "tools": [{"name": "find", "description": f"ask {EMAIL}", "input_schema": {"type": "object", "title": CARD}}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": f"card {CARD}"}]},
            {
                "role": "assistant",
                "content": [{"type": "tool_use", "id": "t-1", "name": "find", "input": {"who": [EMAIL], "no": 41}}],
            },
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t-1", "content": [text(EMAIL)]}]},
            {"role": "assistant", "content": "done"},
            {"role": "user", "content": words},
        ],
        "extra_body": {"x_unknown": {"deep": [EMAIL]}},
    }


@pytest.mark.parametrize("stream", [False, True])
def test_masked_values_reach_no_provider_file_or_log_and_come_back_to_the_caller(
    gate: Any, replying: Any, upstream: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture, stream: bool
) -> None:
    caplog.set_level(logging.DEBUG, logger="tidegate")
    url = gate(CONFIG, RULES)
    given = crowded(f"write to {EMAIL}")
    answers = [said(ask(url, "", stream, **given)) for _ in range(2)]
    assert answers == [f"You said: write to {EMAIL}"] * 2
    assert len(upstream.requests) == 1, "the second answer came from memory"
    with pytest.raises(anthropic.BadRequestError):
        ask(url, f"{EMAIL} works on project falcon", stream)
    seen = b"".join(upstream.raw) + caplog.text.encode()
    for file in tmp_path.rglob("*"):
        if file.is_file() and file.name != "rules.yaml":
            seen += file.read_bytes()
    for value in (EMAIL, CARD, "caller-key-77"):
        assert value.encode() not in seen, value
    assert b"<EMAIL_ADDRESS_1>" in seen


@pytest.mark.parametrize("stream", [False, True])
def test_masks_in_the_arguments_of_a_call_come_back(gate: Any, replying: Any, stream: bool) -> None:
    call = {"type": "tool_use", "id": "t", "name": "mail", "input": {"to": ["<EMAIL_ADDRESS_1>"], "n": 2}}
    replying.whole = lambda body: message(text("ok"), call, stop="tool_use")
    reply = ask(gate("", RULES), f"mail {EMAIL}", stream)
    assert [block.input for block in reply.content if block.type == "tool_use"] == [{"to": [EMAIL], "n": 2}]
    assert reply.stop_reason == "tool_use"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("step", [1, 4, 1000])
def test_a_reply_is_redacted_in_text_and_arguments(gate: Any, replying: Any, stream: bool, step: int) -> None:
    replying.step = step
    call = {"type": "tool_use", "id": "t", "name": "mail", "input": {"code": "bluebird"}}
    replying.whole = lambda body: message(text("the code is bluebird."), call, stop="tool_use")
    first, second = ask(gate("", RULES), "tell me", stream).content
    assert first.type == "text" and first.text == "the code is [WORDS_CODE]."
    assert second.type == "tool_use" and second.input == {"code": "[WORDS_CODE]"}


@pytest.mark.parametrize("stream", [False, True])
def test_a_blocked_reply_is_a_refusal_to_the_sdk(gate: Any, replying: Any, stream: bool) -> None:
    replying.whole = lambda body: message(text("This is about project falcon, which flies."))
    reply = ask(gate(CONFIG, RULES), "tell me", stream)
    assert reply.stop_reason == "refusal"
    assert reply.stop_details is not None and "words.launch" in str(reply.stop_details.explanation)
    assert "falcon" not in reply.to_json()
    assert reply.model == MODEL


def test_a_blocked_request_says_so_in_anthropics_envelope(gate: Any, replying: Any, upstream: Any) -> None:
    url = gate("", RULES)
    with pytest.raises(anthropic.BadRequestError) as caught:
        ask(url, [text("about Project Falcon")])
    error: Any = caught.value.body
    assert error["error"]["type"] == "invalid_request_error"
    assert error["error"]["details"] == {"error_code": "content_filter", "param": "messages.0.content.0.text"}
    assert "words.launch" in error["error"]["message"]
    assert "falcon" not in json.dumps(error).lower()
    assert upstream.requests == []


@pytest.mark.parametrize("stream", [False, True])
def test_signed_thinking_leaves_and_returns_as_it_is(gate: Any, replying: Any, upstream: Any, stream: bool) -> None:
    url = gate("", RULES)
    thought = {"type": "thinking", "thinking": "The address is <EMAIL_ADDRESS_1>.", "signature": "c2lnbmF0dXJl"}
    replying.whole = lambda body: message(thought, text("Dear <EMAIL_ADDRESS_1>"))
    question = {"role": "user", "content": f"greet {EMAIL}"}
    reply = ask(url, "", stream, messages=[question])
    thinking, words = reply.content
    assert thinking.type == "thinking" and thinking.thinking == thought["thinking"]
    assert thinking.signature == thought["signature"]
    assert words.type == "text" and words.text == f"Dear {EMAIL}"
    again = [question, {"role": "assistant", "content": reply.content}, {"role": "user", "content": "more"}]
    ask(url, "", stream, messages=again)
    assert upstream.requests[-1]["messages"][1]["content"][0] == thought
    assert EMAIL.encode() not in upstream.raw[-1]


def test_signed_thinking_that_a_rule_would_change_is_refused(gate: Any, replying: Any, upstream: Any) -> None:
    thought = {"type": "thinking", "thinking": f"It is {EMAIL}.", "signature": "c2ln"}
    with pytest.raises(anthropic.BadRequestError) as caught:
        ask(
            gate("", RULES),
            "",
            messages=[{"role": "assistant", "content": [thought]}, {"role": "user", "content": "x"}],
        )
    assert "signed" in str(caught.value)
    assert "messages.0.content.0.thinking" in str(caught.value)
    assert EMAIL not in str(caught.value)
    assert upstream.requests == []


@pytest.mark.parametrize("stream", [False, True])
def test_signed_thinking_of_a_reply_that_a_rule_would_change_is_withheld(
    gate: Any, replying: Any, stream: bool
) -> None:
    thought = {"type": "thinking", "thinking": "The code is bluebird.", "signature": "c2ln"}
    replying.whole = lambda body: message(thought, text("fine"))
    reply = ask(gate("", RULES), "x", stream)
    assert reply.stop_reason == "refusal"
    assert "bluebird" not in reply.to_json()


@pytest.mark.parametrize("first", [False, True])
def test_an_answer_from_memory_is_the_same_streamed_or_not(
    gate: Any, replying: Any, upstream: Any, first: bool
) -> None:
    url = gate(CONFIG, RULES)
    asked = [ask(url, "what is red?", stream) for stream in (first, not first)]
    assert said(asked[0]) == said(asked[1]) == "You said: what is red?"
    assert [reply.usage.output_tokens for reply in asked] == [5, 5]
    assert len(upstream.requests) == 1


def test_a_reply_that_no_rule_changed_passes_byte_for_byte(gate: Any, replying: Any) -> None:
    replying.raw = json.dumps(message(text("fine é")), indent=1).encode() + b" "
    body = {"model": MODEL, "max_tokens": MAX, "messages": [{"role": "user", "content": "x"}]}
    assert httpx2.post(gate("", RULES) + "/v1/messages", json=body).content == replying.raw


def test_a_stream_that_no_rule_changed_passes_byte_for_byte(gate: Any, replying: Any) -> None:
    body = {"model": MODEL, "max_tokens": MAX, "messages": [{"role": "user", "content": "x"}], "stream": True}
    reply = httpx2.post(gate("", RULES) + "/v1/messages", json=body)
    assert reply.content == b"".join(cut(message(text("You said: x")), 3))


@pytest.mark.parametrize("kept", range(0, 1300, 61))
def test_a_stream_cut_at_any_byte_shows_no_secret_and_is_not_remembered(
    gate: Any, replying: Any, upstream: Any, kept: int
) -> None:
    url = gate(CONFIG, RULES)
    replying.whole = lambda body: message(text("the code is bluebird, and project falcon"))
    replying.stop_after = kept
    body = {"model": MODEL, "max_tokens": MAX, "messages": [{"role": "user", "content": "x"}], "stream": True}
    for _ in range(2):
        reply = httpx2.post(url + "/v1/messages", json=body)
        shown = "".join(
            json.loads(line[6:])["delta"].get("text", "")
            for line in reply.text.split("\n")
            if "text_delta" in line[:90]
        )
        assert "bluebird" not in shown
        assert "project falcon" not in shown
    assert len(upstream.requests) == 2


def test_tokens_are_counted_over_masked_texts(gate: Any, replying: Any, upstream: Any) -> None:
    url = gate(CONFIG, RULES)
    messages: Any = [{"role": "user", "content": f"write to {EMAIL}"}]
    assert client(url).messages.count_tokens(model=MODEL, messages=messages).input_tokens == 7
    assert EMAIL.encode() not in upstream.raw[-1]
    with pytest.raises(anthropic.BadRequestError):
        client(url).messages.count_tokens(model=MODEL, messages=[{"role": "user", "content": "project falcon"}])


def test_the_operators_key_and_the_callers_version_go_up(gate: Any, replying: Any, upstream: Any) -> None:
    url = gate()
    given: Any = {"model": MODEL, "max_tokens": MAX, "messages": [{"role": "user", "content": "x"}]}
    client(url).messages.create(**given, extra_headers={"anthropic-beta": "tools-9"})
    sent = upstream.headers[-1]
    assert (sent["x-api-key"], sent["anthropic-beta"]) == ("sk-operator", "tools-9")
    assert sent["anthropic-version"]
    assert "authorization" not in sent
    assert "caller-key-77" not in json.dumps(sent)


def test_a_caller_that_names_no_version_gets_the_configured_one(gate: Any, replying: Any, upstream: Any) -> None:
    body = {"model": MODEL, "max_tokens": MAX, "messages": [{"role": "user", "content": "x"}]}
    assert httpx2.post(gate() + "/v1/messages", json=body).status_code == 200
    assert upstream.headers[-1]["anthropic-version"] == "2023-06-01"


def test_a_host_that_speaks_both_is_asked_in_the_callers_dialect(gate: Any, replying: Any, upstream: Any) -> None:
    assert said(ask(gate(kind="kind: openai, speaks: [openai, anthropic]"), "x")) == "You said: x"
    sent = upstream.headers[-1]
    assert sent["authorization"] == "Bearer sk-operator"
    assert sent["anthropic-version"]


def test_bad_requests_are_answered_in_anthropics_envelope(gate: Any) -> None:
    url = gate() + "/v1/messages"
    for reply in (
        httpx2.post(url, json={"model": MODEL}),
        httpx2.post(url, content=b"{", headers={"content-type": "application/json"}),
        httpx2.get(url),
        httpx2.post(url, content=b"x" * 17_000_000, headers={"content-type": "application/json"}),
    ):
        assert reply.status_code in (400, 405, 413)
        assert reply.json()["type"] == "error"

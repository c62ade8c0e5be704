"""What a rule masked reaches no provider, no cache, no log, no error: shown by looking for it in all of them."""

import json
import logging
from pathlib import Path
from typing import Any

import httpx2
import pytest

EMAIL, CARD, IBAN = "ada.lovelace@example.com", "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00"
RULES = """
include: [pack:pii]
rules:
  - {id: words.launch, detect: {keywords: [project falcon]}, action: block}
"""
CONFIG = """
cache: {mode: exact, store: 'sqlite:cache.db'}
log: {store: 'sqlite:log.db', content: masked}
"""


def body(text: str, **extra: Any) -> dict[str, Any]:
    """The values in every place that a request has for text."""
    return {
        "model": "gpt-test",
        "user": EMAIL,
        "x_unknown": {"deep": [EMAIL]},
        "messages": [
            {"role": "system", "content": f"The owner is {EMAIL}."},
            {"role": "user", "content": [{"type": "text", "text": f"card {CARD}"}], "name": EMAIL},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "id": "call_1",
                        "type": "function",
                        "function": {"name": "find", "arguments": json.dumps({"who": EMAIL}).replace("@", "\\u0040")},
                    }
                ],
            },
            {"role": "tool", "tool_call_id": "call_1", "content": f"iban {IBAN}"},
            {"role": "user", "content": text},
        ],
        "tools": [
            {
                "type": "function",
                "function": {"name": "find", "description": f"ask {EMAIL}", "parameters": {"default": CARD}},
            }
        ],
        **extra,
    }


def send(url: str, sent: dict[str, Any]) -> httpx2.Response:
    headers = {"authorization": "Bearer secret-credential-77"}
    return httpx2.post(url + "/v1/chat/completions", json=sent, headers=headers, timeout=30)


@pytest.mark.parametrize("stream", [False, True])
def test_masked_values_are_in_no_request_file_or_log(
    serve: Any, upstream: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture, stream: bool
) -> None:
    caplog.set_level(logging.DEBUG)
    url = serve(CONFIG, RULES)
    first = send(url, body(f"write to {EMAIL} and pay with {CARD}", stream=stream))
    again = send(url, body(f"write to {EMAIL} and pay with {CARD}", stream=stream))
    blocked = send(url, body(f"{EMAIL} works on project falcon"))
    assert first.status_code == again.status_code == 200
    assert "hit" in again.headers["cache-status"]
    assert blocked.status_code == 400
    for reply in (first, again):
        text = reply.text if not stream else streamed_text(reply.text)
        assert EMAIL in text, "the caller gets its own value back"
        assert "<EMAIL_ADDRESS" not in text
    assert EMAIL not in blocked.text
    metrics = httpx2.get(url + "/metrics").text
    seen = b"".join(upstream.raw) + caplog.text.encode() + metrics.encode()
    wait_for_log(tmp_path / "log.db")
    for file in tmp_path.rglob("*"):
        if file.is_file() and file.name != "rules.yaml":
            seen += file.read_bytes()
    for value in (EMAIL, CARD, IBAN, "4111111111111111", "secret-credential-77", EMAIL.replace("@", "\\u0040")):
        assert value.encode() not in seen, value
    assert b"<EMAIL_ADDRESS_1>" in seen


def streamed_text(raw: str) -> str:
    chunks = [json.loads(line[6:]) for line in raw.split("\n") if line.startswith("data: {")]
    return "".join(c["choices"][0]["delta"].get("content") or "" for c in chunks if c["choices"])


def wait_for_log(path: Path) -> None:
    """Until the three requests are in the log."""
    import sqlite3
    import time

    for _ in range(200):
        db = sqlite3.connect(path)
        count = db.execute("SELECT count(*) FROM requests").fetchone()[0]
        db.close()
        if count >= 3:
            return
        time.sleep(0.02)
    raise AssertionError("the log was not written")


def test_the_name_of_a_model_is_no_way_around_a_mask(
    serve: Any, upstream: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = serve(CONFIG, RULES)
    replies = [send(url, {"model": EMAIL, "messages": [{"role": "user", "content": "hi"}]}) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [400] * 3
    wait_for_log(tmp_path / "log.db")
    files = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    seen = b"".join([*upstream.raw, *files, *(reply.content for reply in replies), caplog.text.encode()])
    assert not upstream.raw and EMAIL.encode() not in seen


def test_two_callers_with_different_values_share_an_answer_and_get_their_own_back(serve: Any, upstream: Any) -> None:
    url = serve("cache: {mode: exact, share: all, shared_after: 1}", RULES)
    upstream.answer = lambda asked: "I will write to <EMAIL_ADDRESS_1> today."
    question = {"model": "gpt-test", "messages": [{"role": "user", "content": "greet %s"}]}

    def ask(who: str) -> httpx2.Response:
        sent = json.loads(json.dumps(question).replace("%s", who))
        return httpx2.post(url + "/v1/chat/completions", json=sent, headers={"authorization": f"Bearer {who}"})

    ada, bob = ask("ada@example.com"), ask("bob@example.org")
    assert "hit" in bob.headers["cache-status"]
    assert "ada@example.com" in ada.text
    assert "bob@example.org" in bob.text
    assert "ada" not in bob.text


def test_a_mask_split_over_the_events_of_a_stream_is_restored(serve: Any, upstream: Any, support: Any) -> None:
    async def slowly(asked: Any, send_: Any) -> None:
        await support.start_stream(send_)
        for piece in "Dear <EMAIL_ADDRESS_1>, all is well.":
            await support.push(send_, support.chunk({"content": piece}))
        await support.push(send_, support.chunk({}, "stop"))
        await support.push(send_, b"[DONE]")
        await send_({"type": "http.response.body", "body": b""})

    upstream.script = slowly
    reply = send(serve("", RULES), body("hello", stream=True))
    assert streamed_text(reply.text) == f"Dear {EMAIL}, all is well."


def test_masks_in_tool_arguments_come_back_with_json_escaping(serve: Any, upstream: Any, support: Any) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "mail", "arguments": '{"to": "<EMAIL_ADDRESS_1>"}'}}

    async def calls(asked: Any, send_: Any) -> None:
        whole = support.completion("", {})
        whole["choices"][0]["message"]["tool_calls"] = [call]
        whole["choices"][0]["finish_reason"] = "tool_calls"
        await support.reply_json(send_, whole)

    upstream.script = calls
    reply = send(serve("", RULES), body("mail her"))
    arguments = reply.json()["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"]
    assert json.loads(arguments) == {"to": EMAIL}


def test_a_look_alike_that_the_caller_typed_is_given_back_as_typed(serve: Any, upstream: Any) -> None:
    reply = send(serve("", RULES), body(f"is <EMAIL_ADDRESS_1> a mask? ask {EMAIL}"))
    assert f"is <EMAIL_ADDRESS_1> a mask? ask {EMAIL}" in reply.json()["choices"][0]["message"]["content"]


def test_a_reply_that_no_rule_changed_passes_byte_for_byte(serve: Any, upstream: Any, support: Any) -> None:
    raw = (
        b'{ "id":"x",  "object": "chat.completion", "choices":[{"index":0, "message":'
        b'{"role":"assistant","content":"fine \\u00e9"},"finish_reason":"stop"}], "n": 1.50}'
    )

    async def exactly(asked: Any, send_: Any) -> None:
        await support.reply_json(send_, raw)

    upstream.script = exactly
    plain = {"model": "gpt-test", "messages": [{"role": "user", "content": "hi"}]}
    assert send(serve("", RULES), plain).content == raw


@pytest.mark.parametrize("stream", [False, True])
def test_of_a_field_that_a_reply_has_twice_only_what_was_judged_leaves(
    serve: Any, upstream: Any, support: Any, stream: bool
) -> None:
    where = b"delta" if stream else b"message"
    raw = b'{"id": "x", "choices": [{"index": 0, "%b": {"content": "sesame-1234", "content": "fine"}}]}' % where

    async def twice(asked: Any, send_: Any) -> None:
        if not stream:
            await support.reply_json(send_, raw)
            return
        await support.start_stream(send_)
        await support.push(send_, raw)
        await support.push(send_, b"[DONE]")
        await send_({"type": "http.response.body", "body": b""})

    upstream.script = twice
    rules = "rules: [{id: words.secret, scope: output, detect: {regex: 'sesame-[0-9]{4}'}, action: block}]"
    body = {"model": "gpt-test", "messages": [{"role": "user", "content": "hi"}], "stream": stream}
    said = send(serve("", rules), body)
    assert said.status_code == 200 and "sesame" not in said.text
    assert '"content":"fine"' in said.text


def test_a_stream_that_no_rule_changed_passes_byte_for_byte(serve: Any, upstream: Any, support: Any) -> None:
    events = [
        b": comment\n\n",
        b'data:{"choices":[{"index":0,"delta":{"content":"fine"}}], "x": 1.0}\r\n\r\n',
        b"id: 7\nevent: message\n"
        b'data: {"choices":[{"index":0,"delta":{"content":" and good"},"finish_reason":"stop"}]}\n\n',
        b"data: [DONE]\n\n",
    ]

    async def exactly(asked: Any, send_: Any) -> None:
        await support.start_stream(send_)
        for event in events:
            await send_({"type": "http.response.body", "body": event, "more_body": True})
        await send_({"type": "http.response.body", "body": b""})

    upstream.script = exactly
    plain = {"model": "gpt-test", "messages": [{"role": "user", "content": "hi"}], "stream": True}
    assert send(serve("", RULES), plain).content == b"".join(events)


OUTPUT = "rules: [{id: mail, scope: [output], detect: {pii: [EMAIL_ADDRESS]}, action: redact}]"


def test_a_stream_tells_nothing_beside_its_data_that_a_rule_would_not_let_pass(
    serve: Any, upstream: Any, support: Any
) -> None:
    data = b'data: {"choices":[{"index":0,"delta":{"content":"fine"},"finish_reason":"stop"}]}\n\n'
    beside = f': {EMAIL}\n\n{{"error":"{EMAIL}"}}\n\nevent: {EMAIL}\nid: 7\n'.encode()

    async def exactly(asked: Any, send_: Any) -> None:
        await support.start_stream(send_)
        await send_({"type": "http.response.body", "body": b": busy\n\n" + beside + data + b"data: [DONE]\n\n"})

    upstream.script = exactly
    plain = {"model": "gpt-test", "messages": [{"role": "user", "content": "hi"}], "stream": True}
    assert send(serve("", OUTPUT), plain).content == b": busy\n\n\n\n" + data + b"data: [DONE]\n\n"


KEPT = """
cache: {mode: exact, share: all}
guardrails:
  files: [r.yaml]
  vault: {key: header.x-session-id, store: 'sqlite:v.db'}
"""


@pytest.mark.parametrize("stream", [False, True])
def test_a_value_of_an_earlier_turn_comes_back_to_its_caller_alone(
    serve: Any, upstream: Any, tmp_path: Path, stream: bool
) -> None:
    (tmp_path / "r.yaml").write_text("version: 1\ninclude: [pack:pii]\n")
    upstream.answer = lambda _: "write to <EMAIL_ADDRESS_1> please"
    url = serve(KEPT)

    def ask(text: str, caller: str, session: str) -> str:
        sent = {"model": "gpt-test", "stream": stream, "messages": [{"role": "user", "content": text}]}
        headers = {"authorization": f"Bearer {caller}", "x-session-id": session}
        reply = httpx2.post(url + "/v1/chat/completions", json=sent, headers=headers, timeout=30)
        assert reply.status_code == 200
        return streamed_text(reply.text) if stream else reply.json()["choices"][0]["message"]["content"]

    assert ask(f"I am {EMAIL}", "jane", "1") == f"write to {EMAIL} please"
    assert ask("whom do I write to?", "jane", "1") == f"write to {EMAIL} please"
    assert ask("and whom now?", "joe", "1") == "write to <EMAIL_ADDRESS_1> please"
    assert ask("and whom then?", "jane", "2") == "write to <EMAIL_ADDRESS_1> please"
    assert ask("I am joe@example.com", "joe", "1") == "write to joe@example.com please", "from memory, with his value"
    assert EMAIL.encode() not in b"".join(upstream.raw) + (tmp_path / "v.db").read_bytes()

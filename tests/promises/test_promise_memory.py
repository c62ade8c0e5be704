"""Answers from memory: in either form whichever way they were made, equal to the live ones, one call for equal ones."""

import asyncio
import json
from typing import Any

import httpx2
import pytest

CACHE = "cache: {mode: exact}"


def ask(text: str, **extra: Any) -> dict[str, Any]:
    return {"model": "gpt-test", "messages": [{"role": "user", "content": text}], **extra}


def post(url: str, body: dict[str, Any]) -> httpx2.Response:
    return httpx2.post(url + "/v1/chat/completions", json=body, timeout=30)


def chunks(reply: httpx2.Response) -> list[dict[str, Any]]:
    return [json.loads(line[6:]) for line in reply.text.split("\n") if line.startswith("data: {")]


def text_of(reply: httpx2.Response) -> str:
    return "".join(c["choices"][0]["delta"].get("content") or "" for c in chunks(reply) if c["choices"])


def test_an_answer_made_whole_is_served_as_a_stream(serve: Any, upstream: Any) -> None:
    url = serve(CACHE)
    live = post(url, ask("what?"))
    replayed = post(url, ask("what?", stream=True, stream_options={"include_usage": True}))
    assert "hit" in replayed.headers["cache-status"]
    assert replayed.headers["content-type"].startswith("text/event-stream")
    assert text_of(replayed) == live.json()["choices"][0]["message"]["content"]
    assert replayed.text.endswith("data: [DONE]\n\n")
    assert chunks(replayed)[-1]["usage"] == live.json()["usage"]
    assert chunks(replayed)[0]["x_unknown"] == live.json()["x_unknown"]
    assert len(upstream.requests) == 1


def test_an_answer_made_as_a_stream_is_served_whole(serve: Any, upstream: Any) -> None:
    url = serve(CACHE)
    live = post(url, ask("what?", stream=True))
    whole = post(url, ask("what?"))
    assert "hit" in whole.headers["cache-status"]
    assert whole.headers["content-type"].startswith("application/json")
    assert whole.json()["object"] == "chat.completion"
    assert whole.json()["choices"][0]["message"]["content"] == text_of(live)
    assert whole.json()["choices"][0]["finish_reason"] == "stop"
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("stream", [False, True])
def test_a_hit_equals_the_live_reply_byte_for_byte(serve: Any, upstream: Any, stream: bool) -> None:
    url = serve(CACHE)
    live, hit = post(url, ask("what?", stream=stream)), post(url, ask("what?", stream=stream))
    assert "hit" in hit.headers["cache-status"]
    assert live.content == hit.content
    assert live.headers["content-type"] == hit.headers["content-type"]


@pytest.mark.parametrize("stream", [False, True])
async def test_equal_requests_at_once_make_one_call(serve: Any, upstream: Any, stream: bool) -> None:
    url = serve(CACHE)
    upstream.delay = 0.3
    async with httpx2.AsyncClient(timeout=30) as client:
        sent = [client.post(url + "/v1/chat/completions", json=ask("what?", stream=stream)) for _ in range(20)]
        replies = await asyncio.gather(*sent)
    assert len({reply.content for reply in replies}) == 1
    assert all(reply.status_code == 200 for reply in replies)
    assert len(upstream.requests) == 1


async def test_the_first_callers_leaving_does_not_end_the_others(serve: Any, upstream: Any) -> None:
    url = serve(CACHE)
    upstream.delay = 0.5
    async with httpx2.AsyncClient(timeout=30) as client:
        first = asyncio.create_task(client.post(url + "/v1/chat/completions", json=ask("what?")))
        await asyncio.sleep(0.15)
        second = asyncio.create_task(client.post(url + "/v1/chat/completions", json=ask("what?")))
        await asyncio.sleep(0.1)
        first.cancel()
        reply = await second
    assert reply.status_code == 200
    assert len(upstream.requests) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"temperature": 0.1},
        {"max_tokens": 5},
        {"seed": 1},
        {"stop": ["x"]},
        {"response_format": {"type": "json_object"}},
        {"tools": [{"type": "function", "function": {"name": "f"}}]},
        {"model": "gpt-other"},
        {"x_unknown_setting": True},
        {"messages": [{"role": "system", "content": "be brief"}, {"role": "user", "content": "what?"}]},
        {"messages": [{"role": "user", "content": "what?", "name": "ada"}]},
        {"messages": [{"role": "user", "content": "before"}, {"role": "user", "content": "what?"}]},
        {"messages": [{"role": "user", "content": "What?"}]},
    ],
)
def test_whatever_bears_on_the_answer_keeps_answers_apart(serve: Any, changed: dict[str, Any]) -> None:
    url = serve(CACHE)
    post(url, ask("what?"))
    assert "hit" not in post(url, ask("what?") | changed).headers["cache-status"]
    assert "hit" in post(url, ask("what?")).headers["cache-status"]


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (ask("x") | {"messages": [{"role": "tool", "tool_call_id": "c", "content": "42"}]}, "tool-result"),
        (ask("x", temperature=1.5), "sampling"),
        (ask("x", n=2), "sampling"),
        (
            ask("x")
            | {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://a/b"}}]}]},
            "not-only-text",
        ),
    ],
)
def test_what_memory_must_not_answer_says_why(serve: Any, request_: dict[str, Any], reason: str) -> None:
    assert post(serve(CACHE), request_).headers["cache-status"] == f"tidegate; fwd=bypass; detail={reason}"


@pytest.mark.parametrize("finish", ["length", "content_filter", "tool_calls"])
def test_only_complete_answers_without_tool_calls_are_kept(
    serve: Any, upstream: Any, support: Any, finish: str
) -> None:
    async def cut(body: Any, send: Any) -> None:
        whole = support.completion("half", {})
        whole["choices"][0]["finish_reason"] = finish
        await support.reply_json(send, whole)

    upstream.script = cut
    url = serve(CACHE)
    for _ in range(2):
        assert post(url, ask("what?")).headers["cache-status"] == "tidegate; fwd=miss; detail=not-kept-cut-short"
    assert len(upstream.requests) == 2


def test_an_error_is_not_kept(serve: Any, upstream: Any, support: Any) -> None:
    async def refuse(body: Any, send: Any) -> None:
        await support.reply_json(
            send, {"error": {"message": "no", "type": "t", "param": None, "code": "c"}}, status=429
        )

    upstream.script = refuse
    url = serve(CACHE)
    for _ in range(2):
        assert post(url, ask("what?")).status_code == 429
    assert len(upstream.requests) == 2


def test_an_answer_stored_under_other_rules_is_screened_before_it_is_served(
    upstream: Any, support: Any, tmp_path: Any
) -> None:
    upstream.answer = lambda body: "it is called Project Falcon"
    config = "cache: {mode: exact, store: 'sqlite:cache.db'}"
    before = "rules: [{id: a, detect: {keywords: [other]}, action: block}]"
    after = "rules: [{id: b, scope: output, detect: {keywords: [project falcon]}, action: redact}]"
    first = support.Running(support.Gate(support.gate_config(tmp_path, upstream.url, config, before)).app())
    assert "Project Falcon" in post(first.url, ask("its name?")).text
    first.stop()
    second = support.Running(support.Gate(support.gate_config(tmp_path, upstream.url, config, after)).app())
    assert "Falcon" not in post(second.url, ask("its name?")).text
    second.stop()


def test_in_other_words_hits_and_another_question_does_not(serve: Any, upstream: Any) -> None:
    import time

    url = serve("cache: {mode: semantic}")
    for text in ("What is the capital of France?", "How do I turn on the heating?", "Convert 5 miles to kilometres."):
        assert "miss" in post(url, ask(text)).headers["cache-status"]
    time.sleep(1.0)  # vectors are made after the reply
    for text in ("Please tell me the capital of France.", "what's the capital of france"):
        assert "detail=semantic" in post(url, ask(text)).headers["cache-status"], text
    for text in (
        "What is the capital of Spain?",
        "How do I turn off the heating?",
        "Convert 8 miles to kilometres.",
        "Convert 5 kilometres to miles.",
        "What is the capital of France in German?",
    ):
        assert "hit" not in post(url, ask(text)).headers["cache-status"], text


@pytest.mark.parametrize("stream", [False, True])
def test_a_rules_own_answer_is_not_kept(serve: Any, upstream: Any, stream: bool) -> None:
    """It may be for this caller, or this hour, alone: whoever the rule is not for must not find it."""
    upstream.answer = lambda body: "a falcon"
    rule = "{id: r, detect: {keywords: [falcon]}, action: respond, with: Not now., scope: [output], when: {key: ann}}"
    known = "known: [{name: ann, key: ann-1234567890-1234567890}, {name: bob, key: bob-1234567890-1234567890}]"
    url = serve(f"cache: {{mode: exact, share: all, shared_after: 1}}\nkeys: {{{known}}}", f"rules: [{rule}]")

    def said(name: str) -> str:
        key = {"authorization": f"Bearer {name}-1234567890-1234567890"}
        reply = httpx2.post(url + "/v1/chat/completions", json=ask("which?", stream=stream), headers=key)
        return text_of(reply) if stream else reply.json()["choices"][0]["message"]["content"]

    assert [said("ann"), said("bob"), said("ann")] == ["Not now.", "a falcon", "Not now."]

"""Headers and envelopes of the contract, on every way that a request can end."""

import asyncio
import json
import socket
from typing import Any

import httpx2
import pytest

RULES = """
include: [pack:pii]
rules:
  - {id: words.launch, detect: {keywords: [project falcon]}, action: block}
  - {id: words.mood, detect: {keywords: [gloomy]}, action: flag}
"""
CACHE = "cache: {mode: exact}"


def ask(text: str, **extra: Any) -> dict[str, Any]:
    return {"model": "gpt-test", "messages": [{"role": "user", "content": text}], **extra}


def post(url: str, body: Any, **headers: str) -> httpx2.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"content-type": "application/json", "authorization": "Bearer caller"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.post(url + "/v1/chat/completions", content=content, headers=sent, timeout=30)


def envelope(reply: httpx2.Response) -> dict[str, Any]:
    error = reply.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert "Traceback" not in reply.text
    return error


def test_a_miss_then_a_hit_say_so_in_their_headers(serve: Any, upstream: Any) -> None:
    url = serve(CACHE, RULES)
    miss, hit = post(url, ask("what is red?")), post(url, ask("what is red?"))
    assert miss.headers["cache-status"] == "tidegate; fwd=miss; stored"
    assert hit.headers["cache-status"].startswith("tidegate; hit; detail=exact; ttl=")
    assert hit.headers["age"] == "0"
    assert miss.content == hit.content
    assert len(upstream.requests) == 1
    for reply in (miss, hit):
        assert reply.headers["x-tidegate-id"].startswith("tg_")
        assert reply.headers["x-request-id"]
        assert reply.headers["x-tidegate-guard"] == "pass"
        assert "guard;dur=" in reply.headers["server-timing"]
        assert float(reply.headers["x-tidegate-overhead-ms"]) >= 0
    assert "upstream;dur=" in miss.headers["server-timing"]
    assert miss.headers["x-upstream"] == "yes"


def test_a_block_names_the_rule_and_the_place_but_not_the_text(serve: Any, upstream: Any) -> None:
    reply = post(serve("", RULES), ask("tell me about Project Falcon please"))
    error = envelope(reply)
    assert reply.status_code == 400
    assert error["type"] == "guardrail_blocked"
    assert error["code"] == "content_filter"
    assert error["param"] == "messages.0.content"
    assert "words.launch" in error["message"]
    assert "falcon" not in reply.text.lower()
    assert reply.headers["x-should-retry"] == "false"
    assert reply.headers["x-tidegate-guard"] == 'blocked; rules="words.launch"'
    assert upstream.requests == []


def test_a_mask_is_restored_for_the_caller_and_said_in_the_header(serve: Any, upstream: Any) -> None:
    reply = post(serve("", RULES), ask("write to ada@example.com"))
    assert "ada@example.com" in reply.json()["choices"][0]["message"]["content"]
    assert "<EMAIL_ADDRESS_1>" in upstream.raw[0].decode()
    assert b"ada@example.com" not in upstream.raw[0]
    assert reply.headers["x-tidegate-guard"].startswith("masked; rules=")


def test_a_flag_passes_and_is_said_in_the_header(serve: Any) -> None:
    reply = post(serve("", RULES), ask("a gloomy day"))
    assert reply.status_code == 200
    assert reply.headers["x-tidegate-guard"] == 'flagged; rules="words.mood"'


def test_a_blocked_reply_ends_with_content_filter(serve: Any, upstream: Any) -> None:
    upstream.answer = lambda body: "it is about project falcon, of course"
    reply = post(serve("", RULES), ask("what are you working on?"))
    assert reply.status_code == 200
    assert reply.json()["choices"][0]["finish_reason"] == "content_filter"
    assert "falcon" not in reply.text
    assert reply.headers["x-tidegate-guard"].startswith("blocked")


def test_a_blocked_stream_ends_with_content_filter_and_leaks_nothing(serve: Any, upstream: Any) -> None:
    upstream.answer = lambda body: "so far so good, and then project falcon comes in"
    reply = post(serve("", RULES), ask("go on", stream=True))
    events = [line[6:] for line in reply.text.split("\n") if line.startswith("data: ")]
    assert events[-1] == "[DONE]"
    chunks = [json.loads(event) for event in events[:-1]]
    text = "".join(c["choices"][0]["delta"].get("content") or "" for c in chunks)
    assert text.startswith("so far so good")
    assert "project" not in text
    assert "falcon" not in reply.text
    assert chunks[-1]["choices"][0]["finish_reason"] == "content_filter"


def test_an_upstream_that_cannot_be_reached_is_a_502(serve: Any, upstream: Any, support: Any) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        upstream.url = f"http://127.0.0.1:{closed.getsockname()[1]}/v1"
    reply = post(serve(), ask("hello"))
    assert reply.status_code == 502
    assert envelope(reply)["code"] == "upstream_refused"
    assert reply.headers["x-should-retry"] == "true"


def test_a_silent_upstream_is_a_504(upstream: Any, support: Any, tmp_path: Any) -> None:
    upstream.delay = 5
    text = (
        f"version: 1\nproviders:\n  up: {{kind: openai, base_url: '{upstream.url}', api_key: k, "
        "timeouts: {first_byte: 300ms}}\n"
    )
    loaded = support.parse_config(text, file="gate.yaml", folder=tmp_path)
    running = support.Running(support.Gate(loaded).app())
    reply = post(running.url, ask("hello"))
    running.stop()
    assert reply.status_code == 504
    assert envelope(reply)["code"] == "upstream_silent"


def test_an_upstream_that_breaks_off_a_stream_ends_it_with_an_error_event(
    serve: Any, upstream: Any, support: Any
) -> None:
    async def broken(body: Any, send: Any) -> None:
        await support.start_stream(send)
        await support.push(send, support.chunk({"role": "assistant", "content": "half an ans"}))
        await asyncio.sleep(0.1)
        raise RuntimeError("cut")

    upstream.script = broken
    reply = post(serve("", RULES), ask("hello", stream=True))
    assert "[DONE]" not in reply.text
    last = [line[6:] for line in reply.text.split("\n") if line.startswith("data: ")][-1]
    assert json.loads(last)["error"]["code"] == "upstream_broke"


@pytest.mark.parametrize(
    ("body", "status", "code", "param"),
    [
        (b"{not json", 400, "invalid_json", None),
        (b'{"model": "m", "messages": [], "x": NaN}', 400, "invalid_json", None),
        (b'{"model": "gpt-test", "messages": [{"role": "user", "content": "\\ud800"}]}', 400, "invalid_json", None),
        (b"\xff\xfe{}", 400, "invalid_json", None),
        (b"[1]", 400, "invalid_json", None),
        (b"", 400, "invalid_json", None),
        (b"[" * 2000 + b"]" * 2000, 400, "invalid_json", None),
        (b'{"model": "m", "messages": [], "deep": ' + b"[" * 2000 + b"]" * 2000 + b"}", 400, "invalid_json", None),
        (b'{"model": "m", "messages": [], "deep": ' + b'{"a":' * 100 + b"1" + b"}" * 101, 400, "invalid_json", None),
        (ask("hi") | {"model": None}, 400, "invalid_request", "model"),
        (ask("hi") | {"model": 7}, 400, "invalid_request", "model"),
        ({"model": "gpt-test"}, 400, "invalid_request", "messages"),
        ({"model": "gpt-test", "messages": "hi"}, 400, "invalid_request", "messages"),
        ({"model": "gpt-test", "messages": []}, 400, "invalid_request", "messages"),
        ({"model": "gpt-test", "messages": ["hi"]}, 400, "invalid_request", "messages.0"),
        (
            {"model": "gpt-test", "messages": [{"role": "king", "content": "x"}]},
            400,
            "invalid_request",
            "messages.0.role",
        ),
        (
            {"model": "gpt-test", "messages": [{"role": "user", "content": 5}]},
            400,
            "invalid_request",
            "messages.0.content",
        ),
        (ask("hi", stream="yes"), 400, "invalid_request", "stream"),
        (ask("hi", n=0), 400, "invalid_request", "n"),
        (ask("hi", temperature="hot"), 400, "invalid_request", "temperature"),
        (ask("hi", max_tokens=1.5), 400, "invalid_request", "max_tokens"),
        (
            {"model": "gpt-test", "messages": [{"role": "user", "content": [{"type": "hologram", "hologram": {}}]}]},
            400,
            "unknown_part",
            "messages.0.content.0.type",
        ),
    ],
)
def test_bad_input_is_refused_in_the_envelope(
    serve: Any, upstream: Any, body: Any, status: int, code: str, param: str | None
) -> None:
    reply = post(serve("", RULES), body)
    error = envelope(reply)
    assert (reply.status_code, error["code"], error["param"]) == (status, code, param)
    assert error["type"] == "invalid_request_error"
    assert reply.headers["x-should-retry"] == "false"
    assert upstream.requests == []


def test_a_wrong_content_type_is_a_415(serve: Any) -> None:
    reply = post(serve(), ask("hi"), content_type="text/plain")
    assert (reply.status_code, envelope(reply)["code"]) == (415, "wrong_content_type")


def test_fifty_megabytes_are_a_413(serve: Any) -> None:
    url = serve()
    large = post(url, ask("x" * 50_000_000))
    assert (large.status_code, envelope(large)["code"]) == (413, "body_too_large")
    assert post(url, ask("still there?")).status_code == 200


def test_an_unknown_model_is_a_404(serve: Any, tmp_path: Any, upstream: Any, support: Any) -> None:
    url = serve("routes: [{when: {model: 'gpt-*'}, to: [up]}]")
    reply = post(url, ask("hi") | {"model": "no-such"})
    error = envelope(reply)
    assert (reply.status_code, error["code"], error["param"]) == (404, "model_not_found", "model")


def test_unknown_paths_and_methods_are_answered_in_the_envelope(serve: Any) -> None:
    url = serve()
    assert envelope(httpx2.get(url + "/v1/chat/completions"))["code"] == "method_not_allowed"
    for path in ("/v1/nothing", "/", "/v1/files"):
        reply = httpx2.post(url + path, json={})
        assert (reply.status_code, envelope(reply)["code"]) == (404, "unknown_url")


def test_other_paths_pass_only_where_a_route_says_so(serve: Any, upstream: Any) -> None:
    assert httpx2.post(serve() + "/v1/moderations", json={"input": "x"}).status_code == 404
    url = serve("routes: [{to: [up], passthrough: true}]")
    reply = httpx2.post(url + "/v1/moderations?kind=text", json={"messages": [{"content": "x"}]})
    assert reply.status_code == 200
    assert upstream.queries[-1] == "kind=text"
    assert "not-evaluated" in reply.headers["x-tidegate-guard"]


def test_health_readiness_models_and_metrics(serve: Any) -> None:
    url = serve(CACHE, RULES)
    assert httpx2.get(url + "/healthz").json() == {"status": "ok"}
    ready = httpx2.get(url + "/readyz")
    assert ready.status_code == 200
    assert ready.json()["ready"] is True and ready.json()["cache"] == "ok"
    listed = httpx2.get(url + "/v1/models").json()
    assert [model["id"] for model in listed["data"]] == ["gpt-test"]
    assert httpx2.get(url + "/v1/models/gpt-test").json()["id"] == "gpt-test"
    assert httpx2.get(url + "/v1/models/none").status_code == 404
    post(url, ask("count me"))
    assert "tidegate_in_flight 0.0" in httpx2.get(url + "/metrics").text
    assert (
        'tidegate_requests_total{dialect="openai.chat",provider="up",status="200"} 1.0'
        in httpx2.get(url + "/metrics").text
    )


def test_cache_control_is_honoured(serve: Any, upstream: Any) -> None:
    url = serve(CACHE)
    nothing = post(url, ask("q"), cache_control="only-if-cached")
    assert (nothing.status_code, envelope(nothing)["code"]) == (504, "not_in_cache")
    assert nothing.headers["cache-status"] == "tidegate"  # no `fwd`: it did not go on
    post(url, ask("q"), cache_control="no-store")
    assert post(url, ask("q")).headers["cache-status"] == "tidegate; fwd=miss; stored"
    assert "fwd=request" in post(url, ask("q"), cache_control="no-cache").headers["cache-status"]
    assert "fwd=stale" in post(url, ask("q"), cache_control="max-age=0").headers["cache-status"]
    assert "hit" in post(url, ask("q"), cache_control="only-if-cached").headers["cache-status"]


def test_callers_do_not_share_unless_told(serve: Any, upstream: Any) -> None:
    url = serve(CACHE)
    post(url, ask("q"), authorization="Bearer one")
    assert "miss" in post(url, ask("q"), authorization="Bearer two").headers["cache-status"]
    assert "hit" in post(url, ask("q"), authorization="Bearer one").headers["cache-status"]
    assert "miss" in post(url, ask("q"), authorization="Bearer one", x_tidegate_namespace="x").headers["cache-status"]


def test_the_operators_key_goes_up_and_the_callers_does_not(serve: Any, upstream: Any) -> None:
    post(serve(), ask("q"))
    assert upstream.headers[0]["authorization"] == "Bearer sk-operator"
    post(serve(key=None), ask("q"))
    assert upstream.headers[1]["authorization"] == "Bearer caller"

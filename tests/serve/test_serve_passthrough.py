"""Paths that no dialect reads: sent on as they are where a route says so, and never taken for what was checked."""

import asyncio
import json
import sqlite3
import threading
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from tidegate.engine import limits

OPEN = "routes: [{to: [up], passthrough: true}]\n"
RULES = "include: [pack:pii]\nrules: [{id: words.launch, detect: {keywords: [project falcon]}, action: block}]\n"


@pytest.fixture
def host(upstream: Any, support: Any) -> Any:
    """An upstream that answers every path as `answer` says, and keeps what it was sent."""

    class Host:
        status, kind, body = 200, b"application/json", b'{"ok": true}'
        seen: list[tuple[str, str, dict[str, str], bytes]]

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            raw = b""
            while True:
                message = await receive()
                raw += message.get("body", b"")
                if not message.get("more_body"):
                    break
            headers = {name.decode(): value.decode() for name, value in scope["headers"]}
            path = scope["path"] + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
            self.seen.append((scope["method"], path, headers, raw))
            head = [(b"content-type", self.kind)] if self.kind else []
            await send({"type": "http.response.start", "status": self.status, "headers": head})
            await send({"type": "http.response.body", "body": self.body})

    made = Host()
    made.seen = []
    running = support.Running(made, lifespan="off")
    upstream.url = running.url + "/v1"
    yield made
    running.stop()


def counted(url: str, line: str) -> bool:
    return line in httpx2.get(url + "/metrics").text


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "PATCH", "POST"])
def test_method_query_type_and_bytes_arrive_and_return_as_they_are(serve: Any, host: Any, method: str) -> None:
    host.kind, host.body = b"audio/mpeg", b"\x00\xff\r\n\r\nbytes"
    url = serve(OPEN, RULES)
    sent = b"" if method in ("GET", "DELETE") else b"--b\r\n\x00\xff\r\n--b--"
    headers = {"content-type": "multipart/form-data; boundary=b", "content-encoding": "gzip"} if sent else {}
    reply = httpx2.request(method, url + "/v1/files/f%201?limit=2&a=b%2Fc", content=sent, headers=headers)
    assert (reply.status_code, reply.content, reply.headers["content-type"]) == (200, host.body, "audio/mpeg")
    [(asked, path, given, raw)] = host.seen
    assert (asked, path, raw) == (method, "/v1/files/f 1?limit=2&a=b%2Fc", sent)
    assert {name: given.get(name) for name in headers} == headers and ("content-type" in given) == bool(sent)
    assert given["authorization"] == "Bearer sk-operator"


@pytest.mark.parametrize(
    "body",
    [
        b'event: thread.run.created\ndata: {"id":"run_1"}\n\nevent: done\ndata: [DONE]\n\n',
        b"no event",
        b"data: {}\n\ndata: cut",
        b"data: {}\n\n\n \n",
        b"\n",
        b"data: " + b"A" * 2 * limits.EVENT_BYTES + b"\n\n",
    ],
    ids=["as they are", "no event", "cut", "blanks behind", "a blank", "a picture"],
)
def test_a_stream_of_events_passes_byte_for_byte_whatever_it_holds(serve: Any, host: Any, body: bytes) -> None:
    host.kind, host.body = b"text/event-stream", body
    passed = httpx2.post(serve(OPEN) + "/v1/threads/t1/runs", json={"stream": True})
    assert (passed.status_code, passed.content) == (200, host.body)


def test_a_reply_without_a_body_has_none(serve: Any, host: Any) -> None:
    host.status, host.kind, host.body = 204, b"", b""
    reply = httpx2.delete(serve(OPEN) + "/v1/files/f")
    assert (reply.status_code, reply.content) == (204, b"")
    assert "content-length" not in reply.headers


def test_what_no_rule_looked_at_is_no_pass(serve: Any, host: Any, tmp_path: Path) -> None:
    url = serve(OPEN + "log: {store: 'sqlite:log.db'}\n", RULES)
    reply = httpx2.post(url + "/v1/moderations", json={"input": "project falcon"})
    assert reply.headers["x-tidegate-guard"] == 'not_evaluated; not-evaluated="all"'
    assert reply.headers["x-tidegate-provider"] == "up"
    assert counted(url, 'tidegate_requests_total{dialect="unread",provider="up",status="200"} 1.0')
    assert counted(url, 'tidegate_guard_total{outcome="not_evaluated"} 1.0')
    assert counted(url, "tidegate_in_flight 0.0")
    row = logged(tmp_path / "log.db")
    assert (row["id"], row["dialect"], row["guard"]) == (reply.headers["x-tidegate-id"], "unread", "not_evaluated")
    assert (row["status"], row["provider"], row["request"], row["reply"]) == (200, "up", None, None)


def logged(path: Path) -> dict[str, Any]:
    """The one row of a log that a thread is writing."""
    for _ in range(200):
        db = sqlite3.connect(path)
        db.row_factory = sqlite3.Row
        rows = db.execute("SELECT * FROM requests").fetchall()
        db.close()
        if rows:
            return dict(rows[0])
        threading.Event().wait(0.05)
    raise AssertionError("nothing was logged")


def test_what_passes_through_counts_against_the_limit(serve: Any, upstream: Any, support: Any) -> None:
    entered, leave = threading.Event(), asyncio.Event()
    loop: list[asyncio.AbstractEventLoop] = []

    async def slow(body: Any, send: Any) -> None:
        loop.append(asyncio.get_running_loop())
        entered.set()
        await leave.wait()
        await support.reply_json(send, {"done": True})

    upstream.script = slow
    url = serve(OPEN + "max_in_flight: 1\n")
    first: list[httpx2.Response] = []
    asking = threading.Thread(target=lambda: first.append(httpx2.post(url + "/v1/moderations", json={}, timeout=30)))
    asking.start()
    assert entered.wait(20)
    for path in ("/v1/moderations", "/v1/chat/completions"):
        body = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
        refused = httpx2.post(url + path, json=body)
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "overloaded")
    loop[0].call_soon_threadsafe(leave.set)
    asking.join(20)
    assert first[0].json() == {"done": True}
    assert httpx2.post(url + "/v1/moderations", json={}).status_code == 200


def test_errors_are_in_the_envelope_of_whoever_asks(serve: Any, upstream: Any) -> None:
    upstream.url = "http://127.0.0.1:1/v1"
    url = serve(OPEN)
    assert httpx2.get(url + "/v1/files").json()["error"]["code"] == "upstream_refused"
    ours = httpx2.get(url + "/v1/messages/batches", headers={"anthropic-version": "2023-06-01"})
    assert (ours.status_code, ours.json()["type"]) == (502, "error")
    assert httpx2.get(url + "/v1beta/files").json()["error"]["status"] == "UNAVAILABLE"


@pytest.mark.parametrize(
    ("headers", "envelope"),
    [
        ({"anthropic-version": "2023-06-01"}, {"type", "error"}),
        ({"x-goog-api-key": "k"}, {"code", "message", "status", "details"}),
        ({}, {"message", "type", "param", "code"}),
    ],
)
def test_so_are_errors_that_end_at_the_gate(
    serve: Any, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], envelope: set[str]
) -> None:
    def keys(reply: httpx2.Response) -> tuple[int, set[str]]:
        body = reply.json()
        return reply.status_code, set(body) if "type" in body else set(body["error"])

    key = "keys: {require: true, known: [{name: a, key: a-key-of-the-gate-0}]}\n"
    monkeypatch.setattr("tidegate.engine.limits.BODY_BYTES", 100)
    url = serve(OPEN + key)
    assert keys(httpx2.post(url + "/files", json={}, headers=headers)) == (404, envelope)
    assert keys(httpx2.get(url + "/v1/models", headers=headers)) == (401, envelope)
    assert keys(httpx2.post(url + "/v1/files", content=b"x" * 101, headers=headers)) == (413, envelope)


def test_a_path_that_would_pass_with_another_route_is_refused_with_that_word(serve: Any) -> None:
    url = serve()
    for path, told in (("/v1/images/generations", "(passthrough)"), ("/images/generations", "begins at /v1/")):
        reply = httpx2.post(url + path, json={})
        assert reply.status_code == 404 and told in reply.json()["error"]["message"]


def test_other_methods_at_a_dialects_path_pass_where_a_route_says_so(serve: Any, host: Any) -> None:
    assert httpx2.get(serve() + "/v1/chat/completions").status_code == 405
    url = serve(OPEN, RULES)
    assert httpx2.get(url + "/v1/chat/completions?limit=1").json() == {"ok": True}
    assert host.seen[-1][:2] == ("GET", "/v1/chat/completions?limit=1")
    refused = httpx2.post(
        url + "/v1/chat/completions", json={"model": "m", "messages": [{"role": "user", "content": "project falcon"}]}
    )
    assert refused.status_code == 400, "what a dialect reads is read all the same"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "GET", "OPTIONS", "DELETE"])
def test_no_other_method_brings_a_body_where_one_is_read(serve: Any, host: Any, method: str) -> None:
    """A host that heeds no method would take it for a POST that nobody has read."""
    url, asked = serve(OPEN, RULES), {"model": "m", "messages": [{"role": "user", "content": "project falcon"}]}
    assert httpx2.request(method, url + "/v1/chat/completions", json=asked).status_code == 405
    assert httpx2.request(method, url + "/v1/engines/m/completions", json=asked).status_code == 404
    assert host.seen == []


@pytest.mark.parametrize(
    "path",
    [
        "/v1/Chat/Completions",
        "/v1/chat/completions;x",
        "/v1/chat;x/completions",
        "/v1/chat/completions%20",
        "/v1/chat/completions%20/",
        "/v1/chat%252Fcompletions",
        "/v1beta/models/m:generatecontent",
        "/v1/MESSAGES",
        "/v1/v1/chat/completions",
        "/v1/openai/v1/chat/completions",
        "/v1/deployments/gpt/chat/completions",
        "/v1beta/openai/chat/completions",
        "/v1/v1beta/models/m:generateContent",
        "/v1/engines/m/completions",
        "/v1/engines/m/Chat/completions;x",
        "/v1/%252563hat/completions",
        "/v1beta/tunedModels/m:generateContent",
        "/v1beta/tunedModels/m%3AstreamGenerateContent/",
        "/v1/publishers/google/models/m:generateContent",
        "/v1/projects/p/locations/l/endpoints/openapi/chat/completions",
    ],
)
def test_no_spelling_of_a_dialects_path_passes_unread(serve: Any, host: Any, path: str) -> None:
    url = serve(OPEN)
    reply = httpx2.post(url + path, json={"model": "m", "messages": [{"role": "user", "content": "project falcon"}]})
    assert (reply.status_code, host.seen) == (404, [])


@pytest.mark.parametrize(
    "asked",
    [
        "POST /v1/chat/completions/chatcmpl_1",
        "POST /v1/messages/batches",
        "POST /v1/batches",
        "POST /v1/threads/thread_1/messages",
        "GET /v1/chat/completions/chatcmpl_1/messages",
        "GET /v1/organization/usage/completions",
        "POST /v1beta/models/m:batchGenerateContent",
    ],
)
def test_a_path_of_its_own_passes_though_it_looks_like_one_that_is_read(serve: Any, host: Any, asked: str) -> None:
    method, _, path = asked.partition(" ")
    assert httpx2.request(method, serve(OPEN) + path).status_code == 200
    assert host.seen[-1][0] == method and host.seen[-1][1].endswith(path)


@pytest.mark.parametrize("path", ["/chat/completions", "/Chat/Completions/", "/responses", "/v2/embeddings"])
def test_a_path_without_its_version_is_refused_with_the_right_one(serve: Any, host: Any, path: str) -> None:
    reply = httpx2.post(serve(OPEN) + path, json={"model": "m", "input": "project falcon"})
    assert (reply.status_code, host.seen) == (404, [])
    right = "/v1/" + path.casefold().removeprefix("/v2").strip("/")
    assert f"did you mean {right}?" in reply.json()["error"]["message"]


@pytest.mark.parametrize("asked", ["GET /admin/keys", "GET /", "POST /healthz", "GET /v1", "GET /v2/files"])
def test_no_path_outside_of_the_versions_reaches_the_host(serve: Any, host: Any, asked: str) -> None:
    method, _, path = asked.partition(" ")
    reply = httpx2.request(method, serve(OPEN) + path)
    assert (reply.status_code, host.seen) == (404, [])


def test_a_stored_reply_is_not_fetched_by_another_spelling(serve: Any, host: Any) -> None:
    url = serve(OPEN)
    assert httpx2.get(url + "/v1/Responses/resp_1").status_code == 404
    assert httpx2.get(url + "/v1/responses/resp_A").status_code == 200
    assert httpx2.delete(url + "/v1/responses/resp_A").status_code == 200


def test_a_model_that_no_list_has_is_asked_for_where_a_route_says_so(serve: Any, upstream: Any, host: Any) -> None:
    host.body = b'{"object": "list", "data": [{"id": "listed", "object": "model"}]}'
    assert httpx2.get(serve() + "/v1/models/other").status_code == 404
    url = serve(OPEN)
    assert httpx2.get(url + "/v1/models/listed").json()["id"] == "listed"
    httpx2.get(url + "/v1/models/other")
    assert host.seen[-1][1] == "/v1/models/other"


def response(words: str) -> bytes:
    part = {"type": "output_text", "text": words, "annotations": []}
    item = {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "content": [part]}
    head = {"id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": "m"}
    more = {"tools": [], "tool_choice": "auto", "parallel_tool_calls": True}
    return json.dumps({**head, **more, "output": [item]}).encode()


def test_a_response_made_in_the_background_is_judged_when_it_is_fetched(serve: Any, host: Any) -> None:
    host.body = response("")
    with pytest.raises(openai.BadRequestError):
        client(serve()).responses.create(model="m", input="x", background=True)
    made = client(serve(OPEN, RULES)).responses
    assert made.create(model="m", input="x", background=True).id == "resp_1"
    host.body = response("the launch is fine")
    fine = made.with_raw_response.retrieve("resp_1")
    assert (fine.parse().output_text, fine.headers["x-tidegate-guard"]) == ("the launch is fine", "pass")
    host.body = response("this is about project falcon")
    for withheld in (made.retrieve("resp_1"), made.cancel("resp_1")):
        assert withheld.status == "incomplete" and "falcon" not in withheld.to_json()


def client(url: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=url + "/v1", api_key="caller", max_retries=0)

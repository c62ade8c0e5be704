"""Bodies of any type that no dialect reads: they leave as they come, and a client sees where one is cut."""

import asyncio
import gzip
import json
import threading
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tidegate import Gate
from tidegate.engine import limits
from tidegate.tests.serve.test_serve_passthrough import OPEN, counted

SPEECH, FIRST, REST = "/v1/audio/speech", b"\x00ID3" * 100, b"\xff\xfbrest\r\n\r\n"


class Host:
    """Sends a first piece, and the rest when it is told to; or breaks off then."""

    def __init__(self, upstream: Any, *head: tuple[bytes, bytes], status: int = 200, cut: bool = False) -> None:
        self.head, self.status, self.cut, self.upstream = (
            [(b"content-type", b"audio/mpeg"), *head],
            status,
            cut,
            upstream,
        )
        self.go = threading.Event()
        upstream.script = self._answer

    async def _answer(self, body: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self.head})
        await send({"type": "http.response.body", "body": FIRST, "more_body": True})
        while not self.go.is_set():  # noqa: ASYNC110  # another thread's
            await asyncio.sleep(0.01)
        if not self.cut:
            await send({"type": "http.response.body", "body": REST})


LENGTH = (b"content-length", str(len(FIRST + REST)).encode())


@pytest.mark.parametrize("head", [(), (LENGTH,)], ids=["chunks", "length"])
def test_a_body_leaves_as_it_comes(serve: Any, upstream: Any, head: Any) -> None:
    host, url = Host(upstream, *head), serve(OPEN)
    with httpx2.stream("POST", url + SPEECH, json={}, timeout=20) as reply:
        pieces = reply.iter_raw()
        got = next(pieces)
        while len(got) < len(FIRST):
            got += next(pieces)
        host.go.set()
        assert got + b"".join(pieces) == FIRST + REST
    assert (reply.headers["content-type"], reply.headers.get("content-length")) == (
        "audio/mpeg",
        str(len(FIRST + REST)) if head else None,
    )
    assert counted(url, 'tidegate_requests_total{dialect="unread",provider="up",status="200"} 1.0')


def test_a_compressed_one_is_decoded_and_has_no_length(serve: Any, upstream: Any) -> None:
    packed = gzip.compress(FIRST + REST)

    async def answer(body: Any, send: Any) -> None:
        head = [
            (b"content-type", b"audio/mpeg"),
            (b"content-encoding", b"gzip"),
            (b"content-length", b"%d" % len(packed)),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": packed})

    upstream.script = answer
    reply = httpx2.post(serve(OPEN) + SPEECH, json={})
    assert reply.content == FIRST + REST
    assert not {"content-length", "content-encoding"} & reply.headers.keys()


@pytest.mark.parametrize("head", [(), (LENGTH,)], ids=["chunks", "length"])
def test_a_client_sees_that_a_body_is_cut(serve: Any, upstream: Any, head: Any) -> None:
    host, url = Host(upstream, *head, cut=True), serve(OPEN)
    host.go.set()
    with pytest.raises(httpx2.RemoteProtocolError):
        httpx2.post(url + SPEECH, json={})
    assert counted(url, 'tidegate_requests_total{dialect="unread",provider="up",status="502"} 1.0')
    assert counted(url, "tidegate_in_flight 0.0")


def test_the_host_is_let_go_of_when_the_client_leaves(serve: Any, upstream: Any) -> None:
    Host(upstream)
    url = serve(OPEN)
    with httpx2.stream("POST", url + SPEECH, json={}, timeout=20) as reply:
        next(reply.iter_raw())
    for _ in range(500):
        if upstream.closed and counted(url, "tidegate_in_flight 0.0"):
            break
        threading.Event().wait(0.02)
    assert upstream.closed == 1
    assert counted(url, 'tidegate_requests_total{dialect="unread",provider="up",status="499"} 1.0')


def test_a_body_over_the_cap_is_cut_there(serve: Any, upstream: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    host, url = Host(upstream), serve(OPEN)
    host.go.set()
    monkeypatch.setattr(limits, "REPLY_BYTES", len(FIRST + REST))
    assert httpx2.post(url + SPEECH, json={}).content == FIRST + REST
    monkeypatch.setattr(limits, "REPLY_BYTES", len(FIRST + REST) - 1)
    with pytest.raises(httpx2.RemoteProtocolError):
        httpx2.post(url + SPEECH, json={})
    Host(upstream, LENGTH)
    refused = httpx2.post(url + SPEECH, json={})
    assert (refused.status_code, refused.json()["error"]["code"]) == (502, "upstream_refused")


@pytest.mark.parametrize("head", [(), (LENGTH,)], ids=["no length", "length"])
def test_a_head_tells_the_length_that_the_host_tells(serve: Any, upstream: Any, head: Any) -> None:
    async def answer(body: Any, send: Any) -> None:
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json"), *head]}
        )
        await send({"type": "http.response.body", "body": b""})

    upstream.script = answer
    reply = httpx2.head(serve(OPEN) + "/v1/files/f/content")
    assert (reply.status_code, reply.content) == (200, b"")
    assert reply.headers.get("content-length") == (LENGTH[1].decode() if head else None)


def test_what_has_not_changed_is_no_redirect(serve: Any, upstream: Any) -> None:
    async def answer(body: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 304, "headers": [(b"etag", b'"x"')]})
        await send({"type": "http.response.body", "body": b""})

    upstream.script = answer
    url = serve(OPEN)
    reply = httpx2.get(url + "/v1/files/f/content")
    assert (reply.status_code, reply.content, reply.headers["etag"]) == (304, b"", '"x"')
    assert "content-length" not in reply.headers
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
    assert httpx2.post(url + "/v1/chat/completions", json=body).status_code == 502


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
@pytest.mark.parametrize("path", ["/v1/files/f/content", "/v1/responses/r"])
def test_no_body_need_be_unpacked(serve: Any, upstream: Any, path: str, method: str, status: int) -> None:
    async def answer(body: Any, send: Any) -> None:
        packed = [(b"content-type", b"application/json"), (b"content-encoding", b"gzip")]
        await send({"type": "http.response.start", "status": status, "headers": packed})
        await send({"type": "http.response.body", "body": b""})

    upstream.script = answer
    reply = httpx2.request(method, serve(OPEN) + path)
    assert (reply.status_code, reply.content) == (status, b"")


@pytest.mark.parametrize("rules", ["", "rules: [{id: w, scope: [output], detect: {keywords: [you]}, action: redact}]"])
def test_what_rules_judge_has_one_length_its_own(serve: Any, upstream: Any, rules: str) -> None:
    part: dict[str, Any] = {"type": "output_text", "text": "hello you", "annotations": []}
    made = {"id": "r", "output": [{"type": "message", "role": "assistant", "content": [part]}]}

    async def answer(body: Any, send: Any) -> None:
        head = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(json.dumps(made)))]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": json.dumps(made).encode()})

    upstream.script = answer
    reply = httpx2.get(serve(OPEN, *([rules] if rules else ())) + "/v1/responses/r")
    assert reply.headers.get_list("content-length") == [str(len(reply.content))]
    assert ("you" in reply.text) is not bool(rules) and "hello" in reply.text


async def test_so_it_is_inside_a_client(upstream: Any, support: Any, tmp_path: Path) -> None:
    gate = Gate(support.gate_config(tmp_path, upstream.url, OPEN))
    async with httpx2.AsyncClient(transport=gate.transport(), base_url="http://any.example", timeout=20) as client:
        host = Host(upstream, LENGTH)
        async with client.stream("POST", SPEECH, json={}) as reply:
            pieces = reply.aiter_raw()
            got = await anext(pieces)
            host.go.set()
            assert got + b"".join([piece async for piece in pieces]) == FIRST + REST
        Host(upstream, LENGTH, cut=True).go.set()
        with pytest.raises(httpx2.RemoteProtocolError):
            await client.post(SPEECH, json={})

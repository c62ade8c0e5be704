"""Connections that ask for nothing end, whatever they did before."""

import socket
import time
from typing import Any

import httpx2
import pytest

HEALTH = b"GET /healthz HTTP/1.1\r\nhost: gate\r\n\r\n"
LARGE = b"POST /v1/chat/completions HTTP/1.1\r\nhost: gate\r\ncontent-length: 17000000\r\n\r\n"


def connected(url: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10)


def answered(client: socket.socket, status: bytes) -> None:
    assert client.recv(65536).startswith(b"HTTP/1.1 " + status)


@pytest.mark.parametrize(
    ("first", "status", "then"),
    [
        (b"", b"", b"GET /heal"),
        (HEALTH, b"200", b"GET /heal"),
        (HEALTH, b"200", b"\r\n"),
        (LARGE, b"413", b"{"),
    ],
    ids=["the first head", "the second head", "no head", "a body that was refused"],
)
def test_a_head_that_does_not_come_ends_its_connection(
    serve: Any, monkeypatch: pytest.MonkeyPatch, first: bytes, status: bytes, then: bytes
) -> None:
    for name in ("HEAD_SECONDS", "REST_SECONDS"):
        monkeypatch.setattr(f"tidegate.serve.protocol.{name}", 0.3, raising=False)
    with connected(serve()) as client:
        if first:
            client.sendall(first)
            answered(client, status)
        client.sendall(then)
        assert client.recv(1) == b"", "closed; else this times out"


def test_a_connection_that_asks_again_in_time_stays(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tidegate.serve.protocol.HEAD_SECONDS", 0.3)
    with connected(serve()) as client:
        for _ in range(3):
            client.sendall(HEALTH[:9])
            time.sleep(0.05)
            client.sendall(HEALTH[9:])
            answered(client, b"200")
            time.sleep(0.5)  # what is kept alive has uvicorn's own deadline


H2C = b"connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAA\r\n"


@pytest.mark.parametrize("cut", [0, 20, 250, 330, 400], ids=lambda at: f"cut at {at}")
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_a_client_that_would_rather_speak_http_2_keeps_its_body(
    serve: Any, upstream: Any, cut: int, chunked: bool
) -> None:
    """Java's HTTP client asks for h2c in its first request over plain HTTP, and sends the body with it."""
    body = b'{"model":"m","messages":[{"role":"user","content":"' + b"a" * 300 + b'"}]}'
    framed = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if chunked else body
    framing = b"transfer-encoding: chunked" if chunked else b"content-length: %d" % len(body)
    head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: gate\r\ncontent-type: application/json\r\n" + H2C + framing
    request = head + b"\r\n\r\n" + framed
    with connected(serve()) as client:
        for piece in filter(None, (request[:cut], request[cut:] + HEALTH)):
            client.sendall(piece)
            time.sleep(0.05)
        said = b""
        while b'"status":"ok"' not in said:
            came = client.recv(65536)
            assert came, said
            said += came
    assert said.count(b"HTTP/1.1 200") == 2 and upstream.raw == [body]


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/tidegate/feedback"])
def test_a_compressed_body_is_a_415_that_says_so(serve: Any, path: str) -> None:
    url = serve("cache: {mode: exact, store: memory}\n") + path
    for coding, status in (("gzip", 415), ("Identity", 400)):
        headers = {"content-type": "application/json", "content-encoding": coding}
        reply = httpx2.post(url, content=b"{}", headers=headers)
        assert reply.status_code == status
        assert (reply.json()["error"]["code"] == "wrong_content_coding") == (status == 415)
        assert reply.headers.get("accept-encoding") == ("identity" if status == 415 else None)


def test_many_wishes_at_once_are_no_recursion(serve: Any) -> None:
    wish = b"GET /healthz HTTP/1.1\r\nhost: gate\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n"
    with connected(serve()) as client:
        client.sendall(wish * 500)
        said = b""
        while said.count(b'"status":"ok"') < 500:
            came = client.recv(65536)
            assert came, said[-200:]
            said += came


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_of_http_1_0_gets_no_chunks(serve: Any, stream: bool) -> None:
    body = b'{"model":"m","stream":%s,"messages":[{"role":"user","content":"hello"}]}' % str(stream).lower().encode()
    head = b"POST /v1/chat/completions HTTP/1.0\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    with connected(serve()) as client:
        client.sendall(head % len(body) + body)
        got = b"".join(iter(lambda: client.recv(65536), b""))
    head, _, text = got.partition(b"\r\n\r\n")
    assert b"connection: close" in head and b"transfer-encoding" not in head
    if stream:
        assert text.startswith(b"data: {") and text.endswith(b"data: [DONE]\n\n") and b"\r\n" not in text
    else:
        assert text.startswith(b"{") and b"content-length: %d\r\n" % len(text) in head

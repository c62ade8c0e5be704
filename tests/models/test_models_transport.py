"""The transport against a scripted TCP server: what it carries there and back, and which connections it keeps."""

import asyncio
import gzip
import zlib

import pytest

from tidegate.models.transport import Deadlines
from tidegate.tests.models.wire import JSON, answer, fields, says, scripted, send


async def test_a_whole_reply_comes_back_byte_for_byte_without_hop_by_hop_headers() -> None:
    head = ("Connection: keep-alive, X-Hop", "X-Hop: 1", "Set-Cookie: a=b", "Server: s", "X-RateLimit-Limit: 9")
    async with scripted(says(answer(JSON, *head, "x-tidegate-id: forged"), keep=True)) as (server, transport):
        reply = await send(server, transport)
        assert (reply.status, reply.streamed, await reply.read()) == (200, False, JSON)
        assert reply.headers == [("content-type", "application/json"), ("x-ratelimit-limit", "9")]
        await reply.aclose()
        await reply.aclose()


async def test_a_request_carries_only_what_it_was_given() -> None:
    async with scripted(says(answer(JSON), keep=True)) as (server, transport):
        await send(server, transport)
        sent = dict(fields(server.requests[0]))
        assert sent.keys() == {b"host", b"x-a", b"content-length", b"accept-encoding"}
        assert sent[b"accept-encoding"] == b"identity"


async def test_a_connection_is_used_again_and_no_cookie_comes_back() -> None:
    async with scripted(says(answer(JSON, "set-cookie: a=b"), keep=True)) as (server, transport):
        for _ in range(3):
            await send(server, transport)
        assert server.connections == 1
        assert b"cookie" not in b"".join(server.requests).lower()


async def test_a_stream_comes_as_events_as_they_arrive() -> None:
    gate = asyncio.Event()

    async def script(_: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n\r\ndata: {}\n\nda")
        await gate.wait()
        writer.write(b"ta: [DONE]\n\n")
        return False

    async with scripted(script) as (server, transport):
        reply = await send(server, transport)
        assert reply.streamed
        first = await anext(reply.events)
        gate.set()
        assert [first.raw, *[event.raw async for event in reply.events]] == [b"data: {}\n\n", b"data: [DONE]\n\n"]


async def test_a_json_error_passes_with_its_status() -> None:
    body = b'{"error":{"message":"slow down"}}'
    async with scripted(says(answer(body, "retry-after: 7", status="429 Too Many Requests"))) as (server, transport):
        reply = await send(server, transport)
        assert (reply.status, await reply.read()) == (429, body)
        assert ("retry-after", "7") in reply.headers


@pytest.mark.parametrize(
    "wrapped", [b"%s", b"data: %s\n\n", b": busy\n\nevent: error\ndata: %s\n\n", b"[%s]", b"data: [%s]\n\n"]
)
async def test_an_error_is_whole_and_json_whatever_it_was_wrapped_in(wrapped: bytes) -> None:
    body = b'{"error":{"message":"slow down"}}'
    sent = answer(wrapped % body, status="429 Too Many Requests", kind="text/event-stream")
    async with scripted(says(sent)) as (server, transport):
        reply = await send(server, transport)
        assert (reply.status, reply.streamed, await reply.read()) == (429, False, body)
        assert reply.headers == [("content-type", "application/json")]


@pytest.mark.parametrize("body", [b"[]", b"[1]", b'[{"a":1},{"b":2}]', b": comment\n\n", b"data: x\n\n"])
async def test_an_error_without_one_object_is_told_in_ours(body: bytes) -> None:
    async with scripted(says(answer(body, status="400 Bad Request"))) as (server, transport):
        told = await (await send(server, transport)).read()
        assert b"mock answered 400 with something that is not JSON." in told


async def test_any_type_passes_where_json_is_not_asked_for() -> None:
    async with scripted(says(answer(b"\x00\x01", kind="audio/mpeg"))) as (server, transport):
        assert await (await send(server, transport, json_only=False)).read() == b"\x00\x01"


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_compression_that_nobody_asked_for_is_decoded(encoding: str) -> None:
    packed = gzip.compress(JSON) if encoding == "gzip" else zlib.compress(JSON)
    async with scripted(says(answer(packed, f"content-encoding: {encoding}"))) as (server, transport):
        reply = await send(server, transport)
        assert await reply.read() == JSON
        assert [name for name, _ in reply.headers] == ["content-type"]


@pytest.mark.parametrize("size", [0, 1, 262_143, 262_144, 262_145, 1_000_000])
async def test_a_compressed_body_of_any_size_is_decoded_whole(size: int) -> None:
    body = b'{"a":"' + b"x" * size + b'"}'
    async with scripted(says(answer(gzip.compress(body), "content-encoding: gzip"))) as (server, transport):
        assert await (await send(server, transport)).read() == body


async def test_a_kept_connection_that_the_server_closed_is_tried_again_once() -> None:
    async def script(request: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        # The second request on a connection is read and dropped: the moment in which both sides act at once.
        if server.connections == 1 and len(server.requests) == 2:
            return False
        writer.write(answer(JSON))
        return True

    async with scripted(script) as (server, transport):
        await send(server, transport)
        assert await (await send(server, transport)).read() == JSON
        assert (server.connections, len(server.requests)) == (2, 3)


async def test_closing_a_reply_closes_the_connection_at_once() -> None:
    raw = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: {}\n\n"
    async with scripted(says(raw, keep=True)) as (server, transport):
        reply = await send(server, transport)
        await anext(reply.events)
        await reply.aclose()
        await asyncio.wait_for(server.closed.wait(), 2)


async def test_a_cancelled_call_closes_the_connection() -> None:
    async with scripted(says(b"", keep=True)) as (server, transport):
        call = asyncio.create_task(send(server, transport, Deadlines()))
        await asyncio.wait_for(server.asked.wait(), 2)
        call.cancel()
        await asyncio.wait_for(server.closed.wait(), 2)
        with pytest.raises(asyncio.CancelledError):
            await call


async def test_the_environment_s_proxy_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with scripted(says(answer(JSON))) as (server, transport):
        assert (await send(server, transport)).status == 200


async def test_after_a_burst_only_some_connections_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tidegate.models.pool.IDLE_PER_HOST", 3)
    together = asyncio.Barrier(10)

    async def script(_: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if len(server.requests) <= 10:
            await together.wait()
        writer.write(answer(JSON))
        return True

    async with scripted(script) as (server, transport):
        await asyncio.gather(*(send(server, transport, Deadlines()) for _ in range(10)))
        assert server.connections == 10
        for _ in range(5):
            await send(server, transport)
        assert server.connections == 10
        await asyncio.wait_for(server.closed.wait(), 2)

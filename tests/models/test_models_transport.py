"""The transport against a scripted TCP server that misbehaves in every way we know of."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from tidegate.engine import limits
from tidegate.engine.errors import UpstreamBroke, UpstreamError, UpstreamRefused, UpstreamSilent
from tidegate.engine.exchange import Reply
from tidegate.models.transport import Deadlines, Transport

Script = Callable[[bytes, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bool]]
QUICK = Deadlines(connect=1.0, first_byte=0.3, between_bytes=0.3, total=5.0)
JSON = b'{"id":"x","choices":[]}'


@dataclass
class Server:
    """Reads one request at a time and hands it to `script`, which returns whether to keep the connection."""

    script: Script
    port: int = 0
    connections: int = 0
    requests: list[bytes] = field(default_factory=list[bytes])
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next((int(v) for k, v in fields(head) if k == b"content-length"), 0)
                self.requests.append(head + await reader.readexactly(length))
                self.asked.set()
                if not await self.script(self.requests[-1], reader, writer):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            self.closed.set()
        finally:
            writer.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1/chat/completions"


def fields(head: bytes) -> list[tuple[bytes, bytes]]:
    return [
        (name.lower(), value.strip())
        for line in head.split(b"\r\n")
        if b":" in line
        for name, _, value in [line.partition(b":")]
    ]


@asynccontextmanager
async def scripted(script: Script) -> AsyncIterator[tuple[Server, Transport]]:
    server = Server(script)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    transport = Transport()
    await transport.start()
    try:
        yield server, transport
    finally:
        await transport.aclose()
        listener.close()


async def send(server: Server, transport: Transport, deadlines: Deadlines = QUICK, *, json_only: bool = True) -> Reply:
    transport.allow("mock", server.url)
    return await transport.send(
        "POST", server.url, {"x-a": "b"}, b"{}", deadlines=deadlines, name="mock", json_only=json_only
    )


def says(raw: bytes, *, keep: bool = False, then: float = 0.0) -> Script:
    async def script(_: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        writer.write(raw)
        await writer.drain()
        if then:
            await asyncio.wait_for(reader.read(), then)
        return keep

    return script


def answer(body: bytes, *head: str, status: str = "200 OK", kind: str = "application/json") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-type: {kind}", f"content-length: {len(body)}", *head]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


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


async def test_nobody_listening_is_refused() -> None:
    async with scripted(says(b"")) as (server, transport):
        server.port = 1
        with pytest.raises(UpstreamRefused, match="no connection"):
            await send(server, transport)


async def test_an_unknown_host_is_refused() -> None:
    transport = Transport()
    await transport.start()
    transport.allow("mock", "http://nobody.invalid/")
    with pytest.raises(UpstreamRefused, match="host name"):
        await transport.send("GET", "http://nobody.invalid/", {}, None, deadlines=QUICK, name="mock")
    await transport.aclose()


async def test_plain_http_where_tls_was_asked_for_is_refused() -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(JSON))
        writer.close()

    async with scripted(says(b"")) as (server, transport):
        listener = await asyncio.start_server(plain, "127.0.0.1", 0)
        url = f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}/"
        transport.allow("mock", url)
        with pytest.raises(UpstreamRefused, match="TLS"):
            await transport.send("POST", url, {}, b"{}", deadlines=QUICK, name="mock")
        listener.close()
        assert not server.requests


async def test_silence_before_the_head_ends_at_its_deadline_and_closes() -> None:
    async with scripted(says(b"", then=5)) as (server, transport):
        with pytest.raises(UpstreamSilent, match="begin"):
            await send(server, transport)
        assert server.connections == 1


async def test_silence_in_a_whole_body_ends_at_its_deadline() -> None:
    async with scripted(says(answer(JSON)[:-3], then=5)) as (server, transport):
        with pytest.raises(UpstreamSilent, match="middle"):
            await send(server, transport)


async def test_silence_in_a_stream_ends_at_its_deadline() -> None:
    raw = answer(b"", kind="text/event-stream").replace(b"content-length: 0", b"x: y") + b"data: {}\n\n"
    async with scripted(says(raw, then=5)) as (server, transport):
        reply = await send(server, transport)
        assert (await anext(reply.events)).payload == b"{}"
        with pytest.raises(UpstreamSilent):
            await anext(reply.events)


async def test_a_drip_of_bytes_ends_at_the_total_deadline() -> None:
    async def script(_: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
        while not writer.is_closing():
            writer.write(b": ping\n\n")
            await writer.drain()
            await asyncio.sleep(0.02)
        return False

    async with scripted(script) as (server, transport):
        reply = await send(server, transport, Deadlines(first_byte=1, between_bytes=1, total=0.3))
        with pytest.raises(UpstreamSilent, match="too long"):
            await reply.read()


@pytest.mark.parametrize(
    "raw",
    [
        answer(JSON)[:-3],
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{",
    ],
    ids=["content-length", "chunked"],
)
async def test_a_cut_body_is_broken(raw: bytes) -> None:
    async with scripted(says(raw)) as (server, transport):
        with pytest.raises(UpstreamBroke):
            await send(server, transport)


async def test_a_cut_chunked_stream_is_broken_after_its_events() -> None:
    raw = (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\na\r\ndata: {}\n\n\r\n"
    )
    async with scripted(says(raw)) as (server, transport):
        reply = await send(server, transport)
        assert (await anext(reply.events)).payload == b"{}"
        with pytest.raises(UpstreamBroke):
            await anext(reply.events)


@pytest.mark.parametrize(
    "raw",
    [
        answer(b"<html>hello</html>", kind="text/html"),
        answer(b"<html>502</html>", kind="text/html", status="502 Bad Gateway"),
        answer(b"ok", kind="text/plain"),
        answer(b"[1]"),
        answer(b""),
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"",
    ],
    ids=["html", "html-502", "text", "array", "empty", "ssh", "closed"],
)
async def test_an_answer_that_is_none_is_refused_and_not_repeated_in_the_error(raw: bytes) -> None:
    async with scripted(says(raw)) as (server, transport):
        with pytest.raises(UpstreamRefused) as caught:
            await send(server, transport)
        assert "html" not in str(caught.value)
        assert len(server.requests) == 1


async def test_a_json_error_passes_with_its_status() -> None:
    body = b'{"error":{"message":"slow down"}}'
    async with scripted(says(answer(body, "retry-after: 7", status="429 Too Many Requests"))) as (server, transport):
        reply = await send(server, transport)
        assert (reply.status, await reply.read()) == (429, body)
        assert ("retry-after", "7") in reply.headers


async def test_any_type_passes_where_json_is_not_asked_for() -> None:
    async with scripted(says(answer(b"\x00\x01", kind="audio/mpeg"))) as (server, transport):
        assert await (await send(server, transport, json_only=False)).read() == b"\x00\x01"


async def test_a_redirect_is_not_followed() -> None:
    raw = answer(b"", "location: http://127.0.0.1:1/", status="307 Temporary Redirect")
    async with scripted(says(raw)) as (server, transport):
        with pytest.raises(UpstreamRefused, match="redirect"):
            await send(server, transport)
        assert len(server.requests) == 1


async def test_a_declared_length_over_the_cap_is_refused_unread() -> None:
    raw = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {limits.REPLY_BYTES + 1}\r\n\r\n{{"
    async with scripted(says(raw.encode(), then=5)) as (server, transport):
        with pytest.raises(UpstreamRefused, match="more than"):
            await send(server, transport)


async def test_an_endless_body_is_refused_at_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REPLY_BYTES", 1_000_000)

    async def script(_: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" " * 65536)
            await writer.drain()
        return False

    async with scripted(script) as (server, transport):
        with pytest.raises(UpstreamRefused, match="more than"):
            await send(server, transport)


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


async def test_a_gzip_bomb_is_refused_at_the_cap() -> None:
    pack = zlib.compressobj(9, wbits=31)
    bomb = b"".join(pack.compress(bytes(1 << 20)) for _ in range(2 * limits.REPLY_BYTES >> 20)) + pack.flush()
    assert len(bomb) < 100_000
    async with scripted(says(answer(bomb, "content-encoding: gzip"))) as (server, transport):
        with pytest.raises(UpstreamRefused, match="more than"):
            await send(server, transport)


@pytest.mark.parametrize(
    ("body", "encoding", "error"),
    [
        (b"garbage!", "gzip", UpstreamBroke),
        (gzip.compress(JSON)[:-9], "gzip", UpstreamBroke),
        (JSON, "br", UpstreamRefused),
    ],
    ids=["garbage", "cut", "brotli"],
)
async def test_compression_that_cannot_be_read_is_an_error(
    body: bytes, encoding: str, error: type[UpstreamError]
) -> None:
    async with scripted(says(answer(body, f"content-encoding: {encoding}"))) as (server, transport):
        with pytest.raises(error):
            await send(server, transport)


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


async def test_a_new_connection_that_breaks_is_not_tried_again() -> None:
    async with scripted(says(b"")) as (server, transport):
        with pytest.raises(UpstreamRefused):
            await send(server, transport)
        assert len(server.requests) == 1


async def test_a_reply_that_began_and_broke_is_not_tried_again() -> None:
    async def script(request: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        writer.write(answer(JSON) if len(server.requests) == 1 else answer(JSON)[:-4])
        return len(server.requests) == 1

    async with scripted(script) as (server, transport):
        await send(server, transport)
        with pytest.raises(UpstreamBroke):
            await send(server, transport)
        assert len(server.requests) == 2


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


async def test_framing_that_breaks_later_is_told_at_once_and_not_at_the_deadline() -> None:
    async def script(_: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        writer.write(b"a\r\ndata: {}\n\n\r\n")
        await seen.wait()
        writer.write(b"no chunk\r\n")
        await reader.read()
        return False

    seen = asyncio.Event()
    async with scripted(script) as (server, transport):
        reply = await send(server, transport, Deadlines())
        await anext(reply.events)
        seen.set()
        with pytest.raises(UpstreamBroke):
            await asyncio.wait_for(anext(reply.events), 5)

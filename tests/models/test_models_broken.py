"""The transport against a scripted TCP server that misbehaves in every way we know of: what is refused, silent, cut,
too large or unreadable is an error, in time, and not asked for twice."""

import asyncio
import gzip
import json
import zlib

import pytest

from tidegate.engine import limits
from tidegate.engine.errors import UpstreamBroke, UpstreamError, UpstreamRefused, UpstreamSilent
from tidegate.models.transport import Deadlines, Transport
from tidegate.tests.models.wire import JSON, QUICK, answer, says, scripted, send


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


async def test_the_total_deadline_holds_before_the_head_too() -> None:
    async with scripted(says(b"", then=5)) as (server, transport):
        with pytest.raises(UpstreamSilent, match="begin"):
            async with asyncio.timeout(3):
                await send(server, transport, Deadlines(first_byte=60, between_bytes=60, total=0.3))


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


async def test_what_came_before_a_cut_is_there_for_a_caller_who_was_busy() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"

    async def script(_: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        writer.write(head + b"a\r\ndata: {}\n\n\r\n")
        await read.wait()
        writer.write(b"a\r\ndata: {}\n\n\r\n" * 30)
        return False

    read = asyncio.Event()
    async with scripted(script) as (server, transport):
        reply = await send(server, transport)
        await anext(reply.events)
        read.set()
        await asyncio.sleep(0.1)  # long enough for the end of the connection to be here too
        seen = 0
        with pytest.raises(UpstreamBroke):
            async for _ in reply.events:
                seen += 1
        assert seen == 30


@pytest.mark.parametrize(
    "raw",
    [
        answer(b"<html>hello</html>", kind="text/html"),
        answer(b"ok", kind="text/plain"),
        answer(b"[1]"),
        answer(b""),
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"",
    ],
    ids=["html", "text", "array", "empty", "ssh", "closed"],
)
async def test_an_answer_that_is_none_is_refused_and_not_repeated_in_the_error(raw: bytes) -> None:
    async with scripted(says(raw)) as (server, transport):
        with pytest.raises(UpstreamRefused) as caught:
            await send(server, transport)
        assert "html" not in str(caught.value)
        assert len(server.requests) == 1


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
        (gzip.compress(JSON) + gzip.compress(JSON), "gzip", UpstreamBroke),
        (JSON, "br", UpstreamRefused),
    ],
    ids=["garbage", "cut", "two parts", "brotli"],
)
async def test_compression_that_cannot_be_read_is_an_error(
    body: bytes, encoding: str, error: type[UpstreamError]
) -> None:
    async with scripted(says(answer(body, f"content-encoding: {encoding}"))) as (server, transport):
        with pytest.raises(error):
            await send(server, transport)


async def test_bytes_behind_the_end_of_a_compressed_reply_are_not_waited_for() -> None:
    async def endless(_: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n\r\n")
        writer.write(gzip.compress(JSON))
        while not writer.is_closing():
            writer.write(bytes(65536))
            await writer.drain()
        return False

    async with scripted(endless) as (server, transport):
        with pytest.raises(UpstreamBroke, match="behind the end"):
            await asyncio.wait_for(send(server, transport, Deadlines()), 5)


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


@pytest.mark.parametrize("status", [429, 404, 503])
async def test_an_error_page_keeps_its_status_and_headers_and_is_told_in_json(status: int) -> None:
    page = b"<html>nginx</html>"
    head = f"HTTP/1.1 {status} X\r\ncontent-type: text/html\r\nretry-after: 7\r\ncontent-length: {len(page)}\r\n\r\n"
    async with scripted(says(head.encode() + page)) as (server, transport):
        reply = await send(server, transport)
        assert reply.status == status and not reply.streamed
        assert sorted(reply.headers) == [("content-type", "application/json"), ("retry-after", "7")]
        error = json.loads(await reply.read())["error"]
        assert error["message"] == f"mock answered {status} with something that is not JSON."
